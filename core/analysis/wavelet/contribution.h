// SPDX-License-Identifier: GPL-3.0-or-later
// How much every position contributes to a step's output, at several scales: a signal along the positions (contribution
// s[i] = a_t[i] · v[i] unless another is chosen), its wavelet bands, and the mean magnitude of each band's reconstruction.
// Source: TreeKV (arXiv 2501.04987), section 3.3 and figure 2. Free of Torch.
#pragma once

#include "core/analysis/wavelet/detrend.h"
#include "core/analysis/wavelet/lane_signal.h"
#include "core/analysis/wavelet/wavelet_catalog.h"

#include <cstdint>
#include <optional>
#include <string>

namespace winnow {

struct ContributionOptions {
    std::vector<QueryHead> heads;   ///< empty = every query head of every recorded layer
    std::vector<int> steps;         ///< empty = the last step; several are averaged, aligned at the newest position
    int window = 0;                 ///< only the latest `window` positions of each step are transformed; 0 = all, 0…t
    std::string wavelet = "haar";   ///< of wavelet_catalog.h
    std::string mode = "symmetric"; ///< not read by MaximalOverlap, which is periodic
    int levels = 5;                 ///< 1…24; more than the length allows is computed all the same
    SignalKind signal = SignalKind::Contribution;
    BandTransform transform = BandTransform::Decimated; ///< Decimated, Stationary or MaximalOverlap
    Detrend detrend = Detrend::None;                    ///< what is removed from every channel before the transform
    std::optional<unsigned> shuffle = {};               ///< the seed of another order of the tokens, see SignalRequest
};

/// Magnitudes are means over channels, heads, layers and steps. `positions` columns; the last column is the newest position.
/// With one step the first column is position `firstPosition`; with several it is the distance positions − 1 before each step.
struct Contribution {
    int levels = 0, positions = 0, firstPosition = 0;
    std::vector<double> bands;         ///< [levels, positions], finest first
    std::vector<double> approximation; ///< [positions]
    std::vector<double> signal;        ///< [positions], mean |s[i]| itself
    std::vector<double> power; ///< [levels + 1, positions], mean square of every band's reconstruction, approximation last
    /// [levels + 1] The energy of each band, finest first, approximation last: the products of signal and band, summed over
    /// positions and channels, mean over heads, layers and steps. Under every transform and boundary mode they add up to the
    /// energy of what was transformed. Of MaximalOverlap, and of Decimated with Periodization, they are the sums of the squared
    /// coefficients (orthogonal wavelets). Under other boundary modes a band may have a small negative one.
    std::vector<double> energy;
    std::vector<double>
        edge; ///< [levels + 1] the part of `energy` at positions where the band depends on what is beyond the ends
    std::string wavelet, mode;
    Detrend detrend = Detrend::None;
    std::optional<unsigned> shuffle;
    int filterLength = 0; ///< of the wavelet; a coefficient of level l spans about 2^l · (filterLength − 1) positions
    SignalKind signalKind = SignalKind::Contribution;
    BandTransform transform = BandTransform::Decimated;
    std::vector<int> steps;
    int heads = 0;                               ///< query heads averaged, over all layers
    int recordings = 1;                          ///< averaged
    std::string note;                            ///< one sentence where something differs from what was asked, else empty
    std::map<std::string, std::string> manifest; ///< of the trace

    std::span<const double> band(int level) const ///< `level` from 0 = finest
    {
        return {bands.data() + static_cast<std::size_t>(level) * positions, static_cast<std::size_t>(positions)};
    }
    std::span<const double> powerOf(int band) const ///< `band` = levels: the approximation
    {
        return {power.data() + static_cast<std::size_t>(band) * positions, static_cast<std::size_t>(positions)};
    }
};

/// Reads the keys and values of each layer once; heads and steps run side by side; the numbers do not depend on how many threads
/// there are. Errors: no such head or step, an unknown wavelet or mode (the nearest right name is given), samples that are not
/// finite (the first is named), cancelled, and what reading the trace says.
Result<Contribution> contribution(const Trace& trace, const ContributionOptions& options, const JobContext& job);

/// The same with the heads kept apart: one per query head, ordered by layer and head.
struct HeadContribution {
    QueryHead head;
    Contribution contribution; ///< without manifest
};
/// `take` is called on the calling thread as soon as the head's layer is done, so that no more than a layer is held.
Result<void> forEachHead(const Trace& trace, const ContributionOptions& options, const JobContext& job,
                         const std::function<void(const HeadContribution&)>& take);

/// TreeKV's figure 2: Haar, five levels, 512 positions. Without `steps` it is step 511, or the last step of a shorter trace,
/// and `note` of the result says so; with `steps` the latest 512 positions before each.
Result<Contribution> treekvFigure2(const Trace& trace, const ContributionOptions& options, const JobContext& job);
inline constexpr int kFigure2Positions = 512;

/// The mean of contributions of equal transform (several recordings), one by one; positions are cropped to the shortest so far,
/// aligned at the newest.
class ContributionMean {
public:
    /// Stops the program when levels, wavelet, mode, signal or transform differ from the first.
    void add(const Contribution& one);
    int count() const { return m_count; }
    /// At least one was added.
    Contribution mean() const;

private:
    Contribution m_sum;
    int m_count = 0;
};

/// a − b, aligned at the newest position and cropped to the shorter; magnitudes and powers may be negative. Signal kind, levels
/// and transform are a's; an error where the levels differ.
Result<Contribution> differenceOf(const Contribution& a, const Contribution& b);

} // namespace winnow
