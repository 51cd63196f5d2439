// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/evaluate/slot_store.h"

#include "core/base/check.h"

#include <algorithm>
#include <cstring>

namespace winnow {

namespace {

constexpr std::int64_t kSpareShare = 16; ///< a lane takes this share of its length in advance

/// Rows [from, from + count) of `rows` to `to` < `from`, in place.
void moveDown(const at::Tensor& rows, std::int64_t from, std::int64_t to, std::int64_t count)
{
    if (rows.device().is_cpu()) {
        const std::size_t bytes = static_cast<std::size_t>(rows.size(1)) * rows.element_size();
        auto* data = static_cast<std::byte*>(rows.data_ptr());
        std::memmove(data + static_cast<std::size_t>(to) * bytes, data + static_cast<std::size_t>(from) * bytes,
                     static_cast<std::size_t>(count) * bytes);
    } else {
        rows.slice(0, to, to + count).copy_(rows.slice(0, from, from + count).clone());
    }
}

} // namespace

SlotStore::SlotStore(std::vector<int> most, std::int64_t headDim, const at::TensorOptions& options)
    : m_headDim(headDim), m_keys(at::empty({0, headDim}, options)), m_values(at::empty({0, headDim}, options))
{
    for (const int slots : most)
        m_lanes.push_back({.most = slots});
}

std::int64_t SlotStore::wanted(const Place& lane, std::int64_t more) const
{
    const std::int64_t needed = lane.slots + more;
    return std::max(needed, std::min(needed + std::max<std::int64_t>(1, needed / kSpareShare), lane.most));
}

void SlotStore::arrange(std::int64_t more)
{
    std::vector<Place> places = m_lanes;
    std::int64_t total = 0;
    for (Place& lane : places) {
        lane.offset = total;
        lane.room = wanted(lane, more);
        lane.begin = 0;
        total += lane.room;
    }
    for (at::Tensor* rows : {&m_keys, &m_values}) {
        const at::Tensor arranged = at::empty({total, m_headDim}, rows->options());
        for (std::size_t i = 0; i < places.size(); ++i)
            arranged.slice(0, places[i].offset, places[i].offset + places[i].slots).copy_(part(*rows, static_cast<int>(i)));
        *rows = arranged;
    }
    m_lanes = std::move(places);
}

void SlotStore::append(const at::Tensor& keys, const at::Tensor& values)
{
    const std::int64_t n = keys.size(1);
    WINNOW_CHECK(keys.size(0) == lanes(), "{} heads for {} lanes", keys.size(0), lanes());
    if (std::any_of(m_lanes.begin(), m_lanes.end(), [&](const Place& lane) { return lane.begin + lane.slots + n > lane.room; }))
        arrange(n);
    const auto first = m_lanes.front();
    const bool alike = std::all_of(m_lanes.begin(), m_lanes.end(), [&](const Place& lane) {
        return lane.room == first.room && lane.begin == first.begin && lane.slots == first.slots;
    });
    const auto add = [&](const at::Tensor& rows, const at::Tensor& from) {
        if (alike) {
            rows.view({lanes(), first.room, m_headDim})
                .slice(1, first.begin + first.slots, first.begin + first.slots + n)
                .copy_(from);
            return;
        }
        for (int lane = 0; lane < lanes(); ++lane) {
            const Place& place = m_lanes[static_cast<std::size_t>(lane)];
            const std::int64_t end = place.offset + place.begin + place.slots;
            rows.slice(0, end, end + n).copy_(from[lane]);
        }
    };
    add(m_keys, keys);
    add(m_values, values);
    for (Place& lane : m_lanes)
        lane.slots += n;
}

void SlotStore::erase(int lane, std::span<const int> victims)
{
    Place& place = m_lanes[static_cast<std::size_t>(lane)];
    std::size_t front = 0; // victims that are the lane's first slots
    while (front < victims.size() && victims[front] == static_cast<int>(front))
        ++front;
    const std::int64_t base = place.offset + place.begin;
    std::int64_t kept = front < victims.size() ? victims[front] : 0;
    for (std::size_t i = front; i < victims.size(); ++i) { // what lies between two victims stays
        const std::int64_t begin = victims[i] + 1, end = i + 1 < victims.size() ? victims[i + 1] : place.slots;
        if (end > begin) {
            moveDown(m_keys, base + begin, base + kept, end - begin);
            moveDown(m_values, base + begin, base + kept, end - begin);
        }
        kept += end - begin;
    }
    place.begin += static_cast<std::int64_t>(front);
    place.slots -= static_cast<std::int64_t>(victims.size());
}

void SlotStore::merge(int lane, const Merge& merge)
{
    const auto blend = [&](const at::Tensor& rows, double stays, double comes) {
        if (stays == 1 && comes == 0)
            return;
        const at::Tensor from = rows[merge.from].clone();
        rows.slice(0, merge.into, merge.into + merge.count).mul_(stays).add_(from, comes);
    };
    blend(keys(lane), merge.keyStays, merge.keyComes);
    blend(values(lane), merge.valueStays, merge.valueComes);
}

void SlotStore::fit()
{
    std::int64_t room = 0, needed = 0;
    for (const Place& lane : m_lanes) {
        room += lane.room;
        needed += wanted(lane, 1);
    }
    if (needed < room - room / kSpareShare)
        arrange(1);
}

at::Tensor SlotStore::part(const at::Tensor& rows, int lane) const
{
    const Place& place = m_lanes[static_cast<std::size_t>(lane)];
    return rows.slice(0, place.offset + place.begin, place.offset + place.begin + place.slots);
}

at::Tensor SlotStore::all(const at::Tensor& rows) const
{
    const Place& first = m_lanes.front();
    for (const Place& lane : m_lanes)
        WINNOW_CHECK(lane.slots == first.slots && lane.begin == first.begin && lane.room == first.room,
                     "lanes of {} and {} slots are not one array", first.slots, lane.slots);
    return rows.view({lanes(), first.room, m_headDim}).slice(1, first.begin, first.begin + first.slots);
}

std::uint64_t SlotStore::bytes() const { return 2 * static_cast<std::uint64_t>(m_keys.numel()) * m_keys.element_size(); }

std::uint64_t SlotStore::bytesInUse() const
{
    std::uint64_t slots = 0;
    for (const Place& lane : m_lanes)
        slots += static_cast<std::uint64_t>(lane.slots);
    return 2 * slots * static_cast<std::uint64_t>(m_headDim) * m_keys.element_size();
}

} // namespace winnow
