// Keys and values of one unit's slots, once some of them stand for several tokens. The engine owns them: policies only name what
// goes into what (Merge).
#pragma once

#include "core/policy/lane_parts.h"

#include <vector>

namespace winnow {

/// Guards: as many keys and values in every KV head as slots, in the order of the slots. Not thread-safe.
class MergedSlots final : public LaneSlots {
public:
    MergedSlots(int keyHeads, int headDim);

    std::size_t size() const { return m_tokens.size(); }
    /// Room for so many slots.
    void reserve(std::size_t slots);
    /// A new slot at the end that stands for one token; `vectors` names it.
    void append(const LaneVectors& vectors, std::int32_t token);
    void apply(const Merge& merge);
    /// `victims` ascending. Gives memory back where most of it is no longer needed.
    void erase(std::span<const int> victims);

    const float* key(int keyHead, int slot) const override { return keys(keyHead) + offset(slot); }
    int tokens(int slot) const override { return m_tokens[static_cast<std::size_t>(slot)]; }
    const float* keys(int keyHead) const { return m_keys[static_cast<std::size_t>(keyHead)].data(); }     ///< [slots, d]
    const float* values(int keyHead) const { return m_values[static_cast<std::size_t>(keyHead)].data(); } ///< [slots, d]

private:
    std::size_t offset(int slot) const { return static_cast<std::size_t>(slot) * static_cast<std::size_t>(headDim); }

    std::vector<std::vector<float>> m_keys, m_values; ///< [KV heads][slots · d]
    std::vector<int> m_tokens;
};

/// For every victim (ascending slots) the slot that its tokens are counted with from now on: the first one that stays among those
/// that it went into; −1 = none.
std::vector<int> mergeTargets(std::span<const Merge> merges, std::span<const int> victims);

} // namespace winnow
