#include "core/replay/merged_slots.h"

#include "core/base/check.h"

#include <algorithm>

namespace winnow {

namespace {

void blend(std::vector<float>& rows, std::size_t from, std::size_t into, int d, float stays, float comes)
{
    if (stays == 1 && comes == 0)
        return;
    for (int c = 0; c < d; ++c)
        rows[into + static_cast<std::size_t>(c)] = stays * rows[into + static_cast<std::size_t>(c)] + comes * rows[from + static_cast<std::size_t>(c)];
}

/// Removes the rows of `victims` (ascending) from [slots, d].
void eraseRows(std::vector<float>& rows, std::span<const int> victims, std::size_t d)
{
    const std::size_t slots = rows.size() / d;
    std::size_t next = 0;
    auto to = static_cast<std::size_t>(victims.front());
    for (std::size_t from = to; from < slots; ++from) {
        if (next < victims.size() && from == static_cast<std::size_t>(victims[next])) {
            ++next;
            continue;
        }
        std::copy_n(rows.begin() + static_cast<std::ptrdiff_t>(from * d), d, rows.begin() + static_cast<std::ptrdiff_t>(to * d));
        ++to;
    }
    rows.resize(to * d);
    if (rows.size() < rows.capacity() / 2)
        rows.shrink_to_fit();
}

} // namespace

MergedSlots::MergedSlots(int heads, int d) : m_keys(static_cast<std::size_t>(heads)), m_values(m_keys.size())
{
    keyHeads = heads;
    headDim = d;
}

void MergedSlots::reserve(std::size_t slots)
{
    for (auto* rows : {&m_keys, &m_values})
        for (auto& head : *rows)
            head.reserve(slots * static_cast<std::size_t>(headDim));
}

void MergedSlots::append(const LaneVectors& vectors, std::int32_t token)
{
    for (int head = 0; head < keyHeads; ++head) {
        const float *key = vectors.key(head, token), *value = vectors.value(head, token);
        m_keys[static_cast<std::size_t>(head)].insert(m_keys[static_cast<std::size_t>(head)].end(), key, key + headDim);
        m_values[static_cast<std::size_t>(head)].insert(m_values[static_cast<std::size_t>(head)].end(), value, value + headDim);
    }
    m_tokens.push_back(1);
}

void MergedSlots::apply(const Merge& merge)
{
    WINNOW_CHECK(merge.from >= 0 && merge.into >= 0 && merge.count > 0 && static_cast<std::size_t>(merge.from) < size() &&
                     static_cast<std::size_t>(merge.into + merge.count) <= size(),
                 "slot {} cannot go into {} slots from {} of {}", merge.from, merge.count, merge.into, size());
    for (int slot = merge.into; slot < merge.into + merge.count; ++slot) {
        for (std::size_t head = 0; head < m_keys.size(); ++head) {
            blend(m_keys[head], offset(merge.from), offset(slot), headDim, merge.keyStays, merge.keyComes);
            blend(m_values[head], offset(merge.from), offset(slot), headDim, merge.valueStays, merge.valueComes);
        }
    }
    if (merge.keyComes != 0) // values alone do not make a slot stand for more
        m_tokens[static_cast<std::size_t>(merge.into)] += m_tokens[static_cast<std::size_t>(merge.from)];
}

void MergedSlots::erase(std::span<const int> victims)
{
    if (victims.empty())
        return;
    for (auto* rows : {&m_keys, &m_values})
        for (auto& head : *rows)
            eraseRows(head, victims, static_cast<std::size_t>(headDim));
    eraseSlots(m_tokens, victims);
}

std::vector<int> mergeTargets(std::span<const Merge> merges, std::span<const int> victims)
{
    std::vector<int> targets(victims.size(), -1);
    for (const Merge& merge : merges) {
        const auto victim = std::lower_bound(victims.begin(), victims.end(), merge.from);
        if (victim == victims.end() || *victim != merge.from)
            continue;
        int& target = targets[static_cast<std::size_t>(victim - victims.begin())];
        for (int slot = merge.into; target < 0 && slot < merge.into + merge.count; ++slot)
            if (!std::binary_search(victims.begin(), victims.end(), slot))
                target = slot;
    }
    return targets;
}

} // namespace winnow
