// SPDX-License-Identifier: GPL-3.0-or-later
// What the Wavelet tab shows at once: which numbers were asked for, the numbers, and the rows that they make. Values only, made
// in the background, never changed afterwards; any thread.
#pragma once

#include "core/analysis/wavelet/band_brush.h"
#include "core/analysis/wavelet/lost_bands.h"
#include "core/analysis/wavelet/packet_bands.h"
#include "core/analysis/wavelet/scale_matrix.h"

#include <QString>

#include <memory>
#include <optional>
#include <vector>

namespace winnow::views {

/// What one picture is about. Two equal choices give equal numbers.
struct WaveletChoice {
    SignalKind signal = SignalKind::Contribution;
    BandTransform transform = BandTransform::Decimated;
    std::string wavelet = "haar";       ///< of the discrete transforms
    std::string continuous = "morlet6"; ///< of the continuous one
    std::string mode = "symmetric";
    int levels = 5;
    bool paper = false; ///< TreeKV's figure 2: step, window, wavelet and levels are the paper's
    int step = 0;
    std::vector<QueryHead> heads; ///< empty = all
    int policy = -1;              ///< number in the replay: what it has lost is told beside; −1 = none
    friend bool operator==(const WaveletChoice&, const WaveletChoice&) = default;

    bool hasLevels() const { return paper || transform <= BandTransform::MaximalOverlap; }
};

/// One of `bands`, `packets` and `scalogram` is there; `lost` beside `bands` where a policy was asked for.
struct WaveletPicture {
    WaveletChoice choice;
    std::shared_ptr<const Contribution> bands;
    std::shared_ptr<const PacketBands> packets;
    std::shared_ptr<const TokenScalogram> scalogram;
    std::shared_ptr<const LostBands> lost;
    std::optional<BandBrush> brush; ///< of `bands`
    ScaleMatrix matrix;             ///< of `bands`

    int firstPosition() const;
    int positions() const;
    int step() const;                       ///< the newest position
    std::span<const double> signal() const; ///< [positions]
    const LostBands::Policy* lostBy() const { return lost ? &lost->policies.front() : nullptr; }
};

using WaveletPicturePtr = std::shared_ptr<const WaveletPicture>;

/// Computes the numbers of a choice. `replay` may be null where no policy is asked for. With `like`, packets are split as those
/// are. The cost is that of contribution, packetBands, scalogram or lostBands.
Result<WaveletPicturePtr> computeWavelet(const Trace& trace, const ReplayResult* replay, const WaveletChoice& choice,
                                         const JobContext& job, const PacketBands* like = nullptr);
/// Positions that a scalogram leaves out at both ends: sinks and newest tokens outshine the rest.
int scalogramTrim(const WaveletChoice& choice);

/// A row of the stack: the signal, a level or a node of packets, or the rest, finest first. Borrows from the picture.
struct BandRow {
    QString name;                   ///< "signal", "3", "rest"
    QString scale;                  ///< tokens per cycle: "8–16"; "" for the signal
    std::span<const double> values; ///< [positions] mean magnitude
    std::span<const double> lost;   ///< [positions] of what the policy lost; or empty
    std::optional<double> energy;   ///< share of all bands' energy, 0…1
    int band = -1;                  ///< of BandBrush: −1 the signal, 0 the finest, levels the rest
};
std::vector<BandRow> bandRows(const WaveletPicture& picture);

/// How much of every row the tokens [begin, end) hold: the band's part of the power inside the range, 0…1; NaN for the signal.
/// Cost: a subtraction per row (packets: a sum over the range). Empty where none of them is in the picture.
std::vector<double> energyInRange(const WaveletPicture& picture, const std::vector<BandRow>& rows, int begin, int end);

/// Tokens at the distances edges[octave] … edges[octave + 1] − 1 before the picture's newest position, half-open, cut at 0.
std::pair<int, int> tokensOfOctave(const ScaleMatrix& matrix, int octave, int step);

} // namespace winnow::views
