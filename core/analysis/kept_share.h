// What a policy still stores after one step: the numbers behind the deck, the text's shading and the hover card.
// Pure, any thread, free of Torch and Qt.
#pragma once

#include "core/analysis/retention.h"

#include <cstdint>
#include <optional>
#include <span>
#include <utility>
#include <vector>

namespace winnow {

/// One KV head of one replayed layer (`layer` counts the replayed layers from 0).
struct ChosenLane {
    int layer = 0, head = 0;
};

/// The chosen KV lanes as indices into the policy's [layers, lanes]; where the policy has query-head lanes (lanes = group ×
/// kvHeads), all query heads of a chosen KV head. Empty `chosen` = all lanes. Lanes that the policy lacks are left out.
/// `windows`: sliding window per replayed layer, 0 = none; may be empty.
LaneChoice chooseLanes(const PolicyReplay& policy, std::span<const ChosenLane> chosen, int kvHeads, std::span<const int> windows = {});

/// kept[i − begin] = number of chosen lanes that store token i after `step`, for begin ≤ i < begin + kept.size(); tokens not read
/// yet give 0. Of selections, from which nothing leaves, lanes that attend to it at `step`; so also below. One pass over lanes × tokens int32, memory-bound: 8,192 × 192 in about 0.4 ms.
void countKept(const PolicyReplay& policy, std::span<const int> lanes, int step, int begin, std::span<std::uint16_t> kept);

/// The same as plane bytes (share by choice, not read, share by rule, out of reach; see retention.h).
void keptBytes(const PolicyReplay& policy, const LaneChoice& choice, int step, int begin, std::span<std::uint8_t> bytes);

/// The byte of `bytes` that a place for several tokens shows: the largest share; of equal ones, kept by choice; not read yet
/// only if nothing else is there.
std::uint8_t strongestByte(std::span<const std::uint8_t> bytes);

/// Steps at which token i left the chosen lanes, ascending, one entry per lane that lost it.
std::vector<int> leftAt(const PolicyReplay& policy, std::span<const int> lanes, int token);

/// Kept share against distance from now.
struct DistanceCurve {
    std::vector<double> distance; ///< mean distance t − i of the bin, in tokens
    std::vector<double> share;    ///< 0…1, mean over steps, tokens of the bin and chosen lanes
};

/// Mean over the steps [first, last) of the share of chosen lanes that store the token `distance` before now, in bins of a
/// quarter octave: bin b holds the distances with floor(4 · log2(1 + distance / unit)) = b; bins without a token are left out.
/// Exact, from lifetimes alone: lanes × tokens reads and as many additions again over distances.
DistanceCurve keptAgainstDistance(const PolicyReplay& policy, std::span<const int> lanes, int first, int last, double unit);
/// The unit that all distance axes share: the power of two nearest to half the largest budget, at least 16.
double distanceUnit(int largestBudget);

/// Of the tokens [begin, end) that were read by `step`, the mean share of chosen lanes that store them; nothing if none was read.
std::optional<double> keptInRange(const PolicyReplay& policy, std::span<const int> lanes, int step, int begin, int end);

} // namespace winnow
