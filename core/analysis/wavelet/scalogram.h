// SPDX-License-Identifier: GPL-3.0-or-later
// Power over scale and position by the continuous wavelet transform, of one head or as a mean over several, with its cone of
// influence, its significance against noise, and its ridges. After Torrence and Compo (Bull. Amer. Meteor. Soc. 79, 1998).
// Free of Torch.
#pragma once

#include "core/analysis/wavelet/detrend.h"
#include "core/analysis/wavelet/lane_signal.h"

#include <cstdint>
#include <optional>
#include <string>

namespace winnow {

/// What power is held against.
enum class NoiseKind {
    None,
    White,    ///< noise of each signal's variance
    Red,      ///< noise of each signal's variance and lag-1 autocorrelation
    Shuffled, ///< the same with the tokens in another order, see SignalRequest::shuffle: for variances that change with the
              ///< position
};
/// "none", "white", "red", "shuffled", in the order of the enumerators.
std::span<const std::string_view> noiseNames();
std::string_view noiseName(NoiseKind kind);
Result<NoiseKind> findNoise(std::string_view name);

struct ScalogramOptions {
    std::vector<QueryHead> heads; ///< empty = all; the power is their mean, and over channels
    std::optional<int> step;      ///< the last one if not set
    SignalKind signal = SignalKind::Contribution;
    int window = 0;                  ///< only the latest positions; 0 = all
    int trimFirst = 0, trimLast = 0; ///< positions left out of the transform at both ends, e.g. sinks and the newest tokens
    std::string wavelet = "morlet6"; ///< of continuousWavelets(); "morlet8" is omega0 = 8
    double perOctave = 8;            ///< scales in an octave, 1…64
    double shortestPeriod = 0, longestPeriod = 0; ///< tokens per cycle; 0 = two tokens, and about the length
    NoiseKind noise = NoiseKind::Red;
    double confidence = 0.95;
    int shuffles = 19;   ///< of NoiseKind::Shuffled; each costs as much as the scalogram
    bool ridges = false; ///< crests of the root of the power
    Detrend detrend = Detrend::Mean;
    std::optional<unsigned> shuffle; ///< the seed of another order of the tokens
};

/// A crest of the power.
struct PowerRidge {
    int begin = 0;               ///< column of its first position
    std::vector<double> periods; ///< tokens per cycle, one per position
    std::vector<double> power;
};

struct TokenScalogram {
    int scales = 0, positions = 0, firstPosition = 0, step = 0;
    std::vector<double> power;  ///< [scales, positions], |W|² of the L2 normalization, mean over channels and heads
    std::vector<double> scale;  ///< [scales] in tokens, ascending
    std::vector<double> period; ///< [scales] tokens per cycle
    std::vector<double> cone;   ///< [positions] the longest period that the ends do not reach
    std::vector<double> global; ///< [scales] mean power over the positions inside the cone of influence; NaN if none is
    std::vector<double> signal; ///< [positions] mean |s[i]|
    /// [scales] Power that the noise stays below with `confidence`; empty without noise. The mean over channels and heads has as
    /// many degrees of freedom as `independent` signals. Of Shuffled it is the mean over the positions of `cellThreshold`.
    std::vector<double> threshold;
    std::vector<double> cellThreshold;   ///< [scales, positions] of Shuffled, else empty: `threshold` holds everywhere
    std::vector<double> globalThreshold; ///< [scales] the same for `global`; NaN beyond the cone, and where the wavelet has no
                                         ///< decorrelation factors (all but morlet6, paul4, dog2, dog6), but for Shuffled
    double independent = 1;              ///< how many independent signals the mean is worth, see independent_signals.h
    std::vector<PowerRidge> ridges;      ///< longest first, at most 32
    std::string wavelet;
    NoiseKind noise = NoiseKind::None;
    double confidence = 0.95, lagOne = 0; ///< lagOne: mean over the signals
    SignalKind signalKind = SignalKind::Contribution;
    Detrend detrend = Detrend::Mean;
    std::optional<unsigned> shuffle;
    int heads = 0;
    std::string note;
    std::map<std::string, std::string> manifest;

    double at(int scaleIndex, int column) const { return power[static_cast<std::size_t>(scaleIndex) * positions + column]; }
    bool significant(int scaleIndex, int column) const
    {
        return !threshold.empty() && at(scaleIndex, column) > thresholdAt(scaleIndex, column);
    }
    double thresholdAt(int scaleIndex, int column) const ///< not without noise
    {
        return cellThreshold.empty() ? threshold[static_cast<std::size_t>(scaleIndex)]
                                     : cellThreshold[static_cast<std::size_t>(scaleIndex) * positions + column];
    }
    bool insideCone(int scaleIndex, int column) const
    {
        return period[static_cast<std::size_t>(scaleIndex)] <= cone[static_cast<std::size_t>(column)];
    }
};

/// Cost: one transform of twice the positions per scale and channel: for 8,192 positions and 64 scales about 15 ms per channel
/// and core; as much again for each shuffle. Errors: as contribution; periods or counts out of range; more than 16 million cells.
Result<TokenScalogram> scalogram(const Trace& trace, const ScalogramOptions& options, const JobContext& job);

/// a − b, cell by cell; cropped to the shorter, aligned at the newest. An error unless scales and wavelet are the same. Without
/// threshold and ridges.
Result<TokenScalogram> differenceOf(const TokenScalogram& a, const TokenScalogram& b);

} // namespace winnow
