// SPDX-License-Identifier: GPL-3.0-or-later
// Answers a brush over the wavelet bands at once: what part of each band lies in a range of tokens, and which tokens carry a
// band. Free of Torch.
#pragma once

#include "core/analysis/wavelet/contribution.h"
#include "core/analysis/wavelet/scalogram.h"

#include <memory>
#include <optional>

namespace winnow {

/// Running sums over the positions of one contribution, made once. Does not change; any thread.
class BandBrush {
public:
    explicit BandBrush(std::shared_ptr<const Contribution> contribution);

    struct Range {
        int begin = 0, end = 0;    ///< positions in the text, half-open, no further than the contribution reaches
        std::vector<double> share; ///< [levels + 1] of each band's power summed over positions, 0…1; approximation last
        std::vector<double> level; ///< [levels + 1] each band's part of the power inside the range
        double signal = 0;         ///< share of sum |s[i]|
    };
    /// A few subtractions, whatever the length. `begin` and `end` are positions of the text (with several steps: columns).
    Range range(int begin, int end) const;

    /// The fewest tokens inside [begin, end) that together hold `share` of a band's power there, ascending. `band` = levels: the
    /// approximation; −1: the signal. Under 2 ms for 8,192 positions.
    std::vector<int> carriers(int band, int begin, int end, double share) const;

    const Contribution& contribution() const { return *m_contribution; }

private:
    std::shared_ptr<const Contribution> m_contribution;
    std::vector<double> m_sums; ///< [levels + 2, positions + 1]; row 0 the signal
};

/// The fewest of the positions [begin, end) that hold `share` of the sum of `power` there, ascending; of equals the earlier.
/// power[0] stands at position `first`.
std::vector<int> heaviestTokens(std::span<const double> power, int first, int begin, int end, double share);

/// Mean power of every scale over those of the tokens [begin, end) that are in the picture and inside the cone of influence
/// there: [scales], 0 where the cone holds none; empty where none is in the picture.
std::vector<double> powerInRange(const TokenScalogram& scalogram, int begin, int end);
/// The fewest neighboring scales that hold `share` of `power` [scales]: their shortest and longest period. Nothing without power.
std::optional<std::pair<double, double>> strongestPeriods(const TokenScalogram& scalogram, std::span<const double> power,
                                                          double share);

/// The positions of the text of a rectangle in a scalogram that hold `share` of its power, ascending. Periods in tokens per
/// cycle.
std::vector<int> carriers(const TokenScalogram& scalogram, double shortestPeriod, double longestPeriod, int begin, int end,
                          double share);

} // namespace winnow
