// SPDX-License-Identifier: GPL-3.0-or-later
// Keys and values of a layer's lanes as the row operations read them: single precision, on the host, at their rotary positions.
#pragma once

#include "core/cache/lane_cache.h"
#include "core/evaluate/slot_store.h"
#include "core/trace/rotary.h"

#include <span>
#include <vector>

namespace winnow {

/// Reads the store itself where it holds just that, else copies of it: one copy of one layer's lanes at a time, made when it is
/// asked for. Layers may share one, one after the other. Pointers are valid until the store changes. Not thread-safe.
class HeldRows {
public:
    /// The layer at hand. `turned`: the store holds keys with their rotary embedding, which stays; else without it. All of it
    /// must stay until the next call.
    void look(const LayerInfo& info, const RotaryTable& table, const SlotStore& store, bool turned);
    /// The slots of `lane` are others than before, or lie elsewhere.
    void changed(int lane);

    /// [slots, d], at the positions that `cache` says.
    const float* keys(int lane, const LaneCache& cache);
    /// [slots, d], at the positions that their tokens have in the text.
    const float* ownKeys(int lane, const LaneCache& cache);
    /// [slots, d]
    const float* values(int lane);

private:
    struct Copy {
        std::vector<float> rows;
        bool there = false;
    };
    struct Copies {
        Copy keys, ownKeys, values;
    };

    const float* read(const at::Tensor& rows, Copy& copy) const;
    template <class PositionOf>
    const float* rotatedKeys(int lane, Copy& copy, const PositionOf& positionOf);

    const LayerInfo* m_info = nullptr;
    const RotaryTable* m_table = nullptr;
    const SlotStore* m_store = nullptr;
    bool m_turned = true;
    std::vector<Copies> m_lanes;
};

} // namespace winnow
