// SPDX-License-Identifier: GPL-3.0-or-later
// Two policies against each other, token by token: what only this one stores, only the reference, both, and neither. The numbers
// behind Difference in maps, deck, text and cards. Pure, any thread, free of Torch and Qt.
#pragma once

#include "core/analysis/retention.h"
#include "core/base/indices.h"

#include <algorithm>
#include <cstdint>
#include <span>
#include <vector>

namespace winnow {

/// Lanes of two policies that hold the same KV head. Where one has a lane for every query head and the other one for every KV
/// head, the latter stands in several pairs.
struct LanePairs {
    std::vector<int> first, second; ///< indices into [layers × lanes] of each policy; as many
    std::vector<int> windows;       ///< sliding window of each pair in tokens, 0 = none; empty = none has one
    std::size_t size() const { return first.size(); }
    friend bool operator==(const LanePairs&, const LanePairs&) = default;
};

/// The pairs of the chosen lanes; arguments as those of chooseLanes (kept_share.h). Both policies have the same layers and
/// tokens.
LanePairs pairLanes(const PolicyReplay& first, const PolicyReplay& second, std::span<const Lane> chosen, int kvHeads,
                    std::span<const int> windows = {});

/// What one place shows of two policies. The numbers are ordered: of several tokens a place shows the largest, which is the one
/// that the two disagree most about, and of equals the one that more lanes of both store. 0: not read yet. 1: out of reach of
/// every chosen lane.
using DifferenceCell = std::uint16_t;
inline constexpr DifferenceCell kDifferenceUnborn = 0, kDifferenceOutOfReach = 1;

/// Shares of the chosen lanes in fifteenths: 0 iff none, 15 iff all, rounded in between.
struct DifferenceShares {
    int thisOnly = 0, referenceOnly = 0, both = 0;
    friend bool operator==(const DifferenceShares&, const DifferenceShares&) = default;
};
inline constexpr int kDifferenceSteps = 15;
/// One more than the largest cell.
inline constexpr std::size_t kDifferenceCells = 2 + 31 * 256;

inline DifferenceCell differenceCell(const DifferenceShares& shares)
{
    return static_cast<DifferenceCell>(2 + 256 * (shares.thisOnly + shares.referenceOnly) + 16 * shares.both + shares.thisOnly);
}
/// Of a cell that is read and in reach.
inline DifferenceShares differenceShares(DifferenceCell cell)
{
    const int number = cell - 2;
    return {number % 16, number / 256 - number % 16, number / 16 % 16};
}
/// `count` of `lanes` lanes as 0…15.
int fifteenths(int count, int lanes);

struct DifferencePlane {
    RetentionRaster raster;
    std::vector<DifferenceCell> cells; ///< [rows, columns]
};

/// Fills the plane: every token of a pixel at the row's first step, or at its own where it is read inside the row, and of these
/// the largest cell. Lanes whose sliding window has passed the token do not count. Of selections, what is attended to at the
/// step. Cost: twice retentionPlane; with a selection pairs × visible tokens × rows queries. Asks `job` once per 128 tokens
/// or per row; a plane that was stopped has no cells.
DifferencePlane differencePlane(const PolicyReplay& policy, const PolicyReplay& reference, const LanePairs& pairs,
                                const RetentionRaster& raster, const JobContext& job = {});

/// How many of the pairs store a token in the first policy only, in the second only, in both.
struct DifferenceCounts {
    std::vector<std::uint16_t> thisOnly, referenceOnly, both; ///< [tokens asked for]
};
/// After `step`, for the tokens begin … begin + size − 1. Cost: one pass over both policies' pairs × tokens int32.
DifferenceCounts countDifference(const PolicyReplay& policy, const PolicyReplay& reference, const LanePairs& pairs, int step,
                                 int begin, int size);
/// The same as cells.
std::vector<DifferenceCell> differenceCells(const PolicyReplay& policy, const PolicyReplay& reference, const LanePairs& pairs,
                                            int step, int begin, int size);

/// What one place shows for several tokens; not read yet where there is none.
inline DifferenceCell strongestCell(std::span<const DifferenceCell> cells)
{
    return cells.empty() ? kDifferenceUnborn : *std::max_element(cells.begin(), cells.end());
}

} // namespace winnow
