// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/evaluate/held_rows.h"

#include <algorithm>

namespace winnow {

void HeldRows::look(const LayerInfo& info, const RotaryTable& table, const SlotStore& store, bool turned)
{
    m_info = &info;
    m_table = &table;
    m_store = &store;
    m_turned = turned;
    m_lanes.resize(std::max(m_lanes.size(), static_cast<std::size_t>(store.lanes())));
    for (int lane = 0; lane < store.lanes(); ++lane)
        changed(lane);
}

void HeldRows::changed(int lane)
{
    Copies& copies = m_lanes[static_cast<std::size_t>(lane)];
    copies.keys.there = copies.ownKeys.there = copies.values.there = false;
}

const float* HeldRows::read(const at::Tensor& rows, Copy& copy) const
{
    if (rows.device().is_cpu() && rows.scalar_type() == at::kFloat)
        return rows.const_data_ptr<float>();
    if (!copy.there) {
        const at::Tensor floats = rows.to(at::kCPU, at::kFloat).contiguous();
        copy.rows.assign(floats.const_data_ptr<float>(), floats.const_data_ptr<float>() + floats.numel());
        copy.there = true;
    }
    return copy.rows.data();
}

template <class PositionOf>
const float* HeldRows::rotatedKeys(int lane, Copy& copy, const PositionOf& positionOf)
{
    if (m_turned)
        return read(m_store->keys(lane), m_lanes[static_cast<std::size_t>(lane)].keys);
    if (!copy.there) {
        const at::Tensor floats = m_store->keys(lane).to(at::kCPU, at::kFloat).contiguous();
        copy.rows.assign(floats.const_data_ptr<float>(), floats.const_data_ptr<float>() + floats.numel());
        const auto d = static_cast<std::size_t>(m_info->headDim);
        for (std::size_t slot = 0; slot * d < copy.rows.size() && m_table->pairs > 0; ++slot)
            rotateRow(m_info->layout, *m_table, positionOf(static_cast<int>(slot)), &copy.rows[slot * d]);
        copy.there = true;
    }
    return copy.rows.data();
}

const float* HeldRows::keys(int lane, const LaneCache& cache)
{
    // Of a chunk, the store knows tokens that the lane cache is still to be told of: they follow on its last.
    const int known = static_cast<int>(cache.size());
    return rotatedKeys(lane, m_lanes[static_cast<std::size_t>(lane)].keys, [&](int slot) {
        return slot < known ? cache.position(slot) : cache.position(known - 1) + slot - known + 1;
    });
}

const float* HeldRows::ownKeys(int lane, const LaneCache& cache)
{
    if (!cache.moved())
        return keys(lane, cache);
    return rotatedKeys(lane, m_lanes[static_cast<std::size_t>(lane)].ownKeys, [&](int slot) { return cache.token(slot); });
}

const float* HeldRows::values(int lane) { return read(m_store->values(lane), m_lanes[static_cast<std::size_t>(lane)].values); }

} // namespace winnow
