// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/replay/merged_rows.h"

#include "core/base/check.h"
#include "core/cache/erase_slots.h"

namespace winnow {

namespace {

void blend(std::vector<float>& rows, std::size_t from, std::size_t into, std::size_t d, float stays, float comes)
{
    if (stays == 1 && comes == 0)
        return;
    for (std::size_t c = 0; c < d; ++c)
        rows[into * d + c] = stays * rows[into * d + c] + comes * rows[from * d + c];
}

} // namespace

MergedRows::MergedRows(int keyHeads, int headDim, std::size_t capacity)
    : m_d(static_cast<std::size_t>(headDim)), m_keys(static_cast<std::size_t>(keyHeads)), m_values(m_keys.size())
{
    for (auto* rows : {&m_keys, &m_values})
        for (auto& head : *rows)
            head.reserve(capacity * m_d);
}

void MergedRows::append(const std::function<const float*(int)>& key, const std::function<const float*(int)>& value)
{
    for (std::size_t head = 0; head < m_keys.size(); ++head) {
        const float *k = key(static_cast<int>(head)), *v = value(static_cast<int>(head));
        m_keys[head].insert(m_keys[head].end(), k, k + m_d);
        m_values[head].insert(m_values[head].end(), v, v + m_d);
    }
    ++m_slots;
}

void MergedRows::apply(const Merge& merge)
{
    WINNOW_CHECK(merge.from >= 0 && merge.into >= 0 && merge.count > 0 && static_cast<std::size_t>(merge.from) < m_slots &&
                     static_cast<std::size_t>(merge.into + merge.count) <= m_slots,
                 "slot {} cannot go into {} slots from {} of {}", merge.from, merge.count, merge.into, m_slots);
    const auto from = static_cast<std::size_t>(merge.from);
    for (auto slot = static_cast<std::size_t>(merge.into); slot < static_cast<std::size_t>(merge.into + merge.count); ++slot) {
        for (std::size_t head = 0; head < m_keys.size(); ++head) {
            blend(m_keys[head], from, slot, m_d, merge.keyStays, merge.keyComes);
            blend(m_values[head], from, slot, m_d, merge.valueStays, merge.valueComes);
        }
    }
}

void MergedRows::erase(std::span<const int> victims)
{
    for (auto* rows : {&m_keys, &m_values}) {
        for (auto& head : *rows) {
            eraseSlots(head, victims, m_d);
            if (head.size() < head.capacity() / 2)
                head.shrink_to_fit();
        }
    }
    m_slots -= victims.size();
}

} // namespace winnow
