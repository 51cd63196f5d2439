// SPDX-License-Identifier: GPL-3.0-or-later
// What a policy still stores after one step: the numbers behind the deck, the text's shading and the hover card.
// Pure, any thread, free of Torch and Qt.
#pragma once

#include "core/analysis/retention.h"
#include "core/base/indices.h"

#include <cstdint>
#include <optional>
#include <span>
#include <utility>
#include <vector>

namespace winnow {

/// The indices of the chosen lanes in the policy's [layers, lanes]. `chosen` are KV heads of replayed layers, counted from 0.
/// Where the policy has a lane for every query head (lanes = group × kvHeads), a chosen KV head stands for all query heads of its
/// group. Lanes that the policy lacks are left out. Empty `chosen` = all lanes. `windows`: sliding window of every replayed
/// layer, 0 = none; may be empty.
LaneChoice chooseLanes(const PolicyReplay& policy, std::span<const Lane> chosen, int kvHeads, std::span<const int> windows = {});

/// Writes to kept[i − begin] how many of the lanes store token i after `step`, for begin ≤ i < begin + kept.size(). A token that
/// is not read yet gives 0. For policies that select pages, from which nothing leaves, it is how many lanes attend to the token
/// at `step`; so it is for all functions below. Cost: one pass over lanes × tokens int32, bound by memory: 8,192 × 192 in about
/// 0.4 ms.
void countKept(const PolicyReplay& policy, std::span<const int> lanes, int step, int begin, std::span<std::uint16_t> kept);

/// The same as bytes of a plane: see retention.h.
void keptBytes(const PolicyReplay& policy, const LaneChoice& choice, int step, int begin, std::span<std::uint8_t> bytes);

/// The byte that one place shows for several tokens: the largest share among them. Of equal shares, kept by choice comes before
/// kept by rule. "Not read yet" is shown only where nothing else is there.
std::uint8_t strongestByte(std::span<const std::uint8_t> bytes);

/// The steps at which the token left the lanes, ascending, one for every lane that lost it.
std::vector<int> leftAt(const PolicyReplay& policy, std::span<const int> lanes, int token);

/// Kept share against distance from now.
struct DistanceCurve {
    std::vector<double> distance; ///< mean distance t − i of the bin, in tokens
    std::vector<double> share;    ///< 0…1, mean over steps, tokens of the bin and chosen lanes
};

/// The share of lanes that store the token at a distance from now, mean over the steps [first, last). Distances are gathered in
/// bins of a quarter octave: bin b holds those with floor(4 · log2(1 + distance / unit)) = b. Bins without a token are left out.
/// The means are exact and come from lifetimes alone. Cost: lanes × tokens reads and as many additions over distances.
DistanceCurve keptAgainstDistance(const PolicyReplay& policy, std::span<const int> lanes, int first, int last, double unit);
/// The unit that all distance axes share: the power of two nearest to half the largest budget, at least 16.
double distanceUnit(int largestBudget);

/// The share of lanes that store a token after `step`, mean over those of the tokens [begin, end) that are read by then. Nothing
/// where none is.
std::optional<double> keptInRange(const PolicyReplay& policy, std::span<const int> lanes, int step, int begin, int end);

} // namespace winnow
