// SPDX-License-Identifier: GPL-3.0-or-later
// What a replay shows the decider of one lane: vectors of the recording, and slots as they are once some were merged.
#pragma once

#include "core/policy/lane_parts.h"
#include "core/replay/attention_block.h"
#include "core/replay/merged_rows.h"

namespace winnow {

/// Vectors of the step that was shown last. Keys and values stay as long as the layer's; queries until the next block is loaded.
class RecordedVectors final : public LaneVectors {
public:
    /// Heads of the unit from `firstHead` and `firstKeyHead` on; `foreseen` must outlive this.
    RecordedVectors(const LaneInModel& ofLane, int firstHead, int firstKeyHead, int heads, int keyHeadCount,
                    std::span<const double> foreseen)
        : m_firstHead(firstHead), m_firstKeyHead(firstKeyHead), m_foreseen(foreseen)
    {
        lane = ofLane;
        queryHeads = heads;
        keyHeads = keyHeadCount;
    }
    void show(const LayerKeys& keys, const QueryBlock& block, int step)
    {
        m_keys = &keys;
        m_block = &block;
        m_step = step;
        headDim = keys.info.headDim;
        softcap = keys.info.softcap;
    }

    const float* key(int keyHead, std::int32_t token) const override { return m_keys->key(m_firstKeyHead + keyHead, token); }
    const float* value(int keyHead, std::int32_t token) const override
    {
        return m_keys->valueHead(m_firstKeyHead + keyHead) + static_cast<std::size_t>(token) * static_cast<std::size_t>(headDim);
    }
    const float* query(int queryHead) const override
    {
        return &m_block->queries[m_block->row(m_firstHead + queryHead, m_step) * static_cast<std::size_t>(headDim)];
    }
    std::span<const double> foreseen() const override { return m_foreseen; }

private:
    int m_firstHead, m_firstKeyHead;
    std::span<const double> m_foreseen;
    const LayerKeys* m_keys = nullptr;
    const QueryBlock* m_block = nullptr;
    int m_step = 0;
};

/// The slots of a lane; `merged`: what they hold once some were merged, else null. Valid until the cache changes.
class RecordedSlots final : public LaneSlots {
public:
    RecordedSlots(const LaneVectors& vectors, const LaneCache& cache, const MergedRows* merged)
        : m_vectors(vectors), m_cache(cache), m_merged(merged)
    {
        headDim = vectors.headDim;
        keyHeads = vectors.keyHeads;
    }
    const float* key(int keyHead, int slot) const override
    {
        return m_merged ? m_merged->key(keyHead, slot) : m_vectors.key(keyHead, m_cache.token(slot));
    }
    int tokens(int slot) const override { return m_cache.tokensIn(slot); }

private:
    const LaneVectors& m_vectors;
    const LaneCache& m_cache;
    const MergedRows* m_merged;
};

} // namespace winnow
