// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/evaluate/slot_store.h"

#include "core/base/check.h"

#include <algorithm>

namespace winnow {

namespace {

constexpr std::int64_t kSpareShare = 16; ///< a lane takes this share of its length in advance

} // namespace

SlotStore::SlotStore(const std::vector<int>& most, std::int64_t headDim, const at::TensorOptions& options, BufferBytes& bytes)
    : m_headDim(headDim), m_keys(headDim, options, bytes), m_values(headDim, options, bytes)
{
    for (const int slots : most)
        m_lanes.push_back({.most = slots});
}

std::int64_t SlotStore::wanted(const Place& lane, std::int64_t more) const
{
    const std::int64_t needed = lane.slots + more;
    return std::max(needed, std::min(needed + std::max<std::int64_t>(1, needed / kSpareShare), lane.most));
}

template <class RoomOf>
void SlotStore::arrange(const RoomOf& roomOf)
{
    std::vector<Place> packed = m_lanes, places = m_lanes;
    std::int64_t used = 0, total = 0;
    for (std::size_t lane = 0; lane < places.size(); ++lane) {
        packed[lane].offset = used;
        places[lane].offset = total;
        packed[lane].begin = places[lane].begin = 0;
        places[lane].room = roomOf(places[lane]);
        used += places[lane].slots;
        total += places[lane].room;
    }
    moveLanes(std::move(packed));
    for (RowBuffer* rows : buffers())
        rows->resize(total);
    moveLanes(std::move(places));
}

void SlotStore::moveLanes(std::vector<Place> places)
{
    const auto move = [&](std::size_t lane) {
        const Place &from = m_lanes[lane], &to = places[lane];
        for (RowBuffer* rows : buffers())
            rows->move(from.offset + from.begin, to.offset + to.begin, to.slots);
    };
    // Downward from the first lane on, upward from the last one on, so that none is written over; a call does one of the two.
    for (std::size_t lane = 0; lane < places.size(); ++lane)
        if (places[lane].offset + places[lane].begin < m_lanes[lane].offset + m_lanes[lane].begin)
            move(lane);
    for (std::size_t lane = places.size(); lane-- > 0;)
        if (places[lane].offset + places[lane].begin > m_lanes[lane].offset + m_lanes[lane].begin)
            move(lane);
    m_lanes = std::move(places);
}

void SlotStore::reserve(std::int64_t slots)
{
    arrange([&](const Place& lane) { return std::max(lane.room, slots); });
}

void SlotStore::makeRoom(std::int64_t more)
{
    const auto ends = [&](const Place& lane) { return lane.begin + lane.slots + more > lane.room; };
    const auto lacks = [&](const Place& lane) { return lane.slots + more > lane.room; };
    if (std::ranges::any_of(m_lanes, lacks))
        arrange([&](const Place& lane) { return lacks(lane) ? wanted(lane, more) : lane.room; });
    else if (std::ranges::any_of(m_lanes, ends)) {
        std::vector<Place> places = m_lanes; // all of them to the front, so that lanes that are alike stay so
        for (Place& lane : places)
            lane.begin = 0;
        moveLanes(std::move(places));
    }
}

void SlotStore::append(const at::Tensor& keys, const at::Tensor& values)
{
    const std::int64_t n = keys.size(1);
    WINNOW_CHECK(keys.size(0) == lanes(), "{} heads for {} lanes", keys.size(0), lanes());
    makeRoom(n);
    const auto first = m_lanes.front();
    const bool alike = std::ranges::all_of(m_lanes, [&](const Place& lane) {
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
    add(m_keys.rows(), keys);
    add(m_values.rows(), values);
    for (Place& lane : m_lanes)
        lane.slots += n;
}

void SlotStore::erase(int lane, std::span<const int> victims)
{
    if (victims.empty())
        return;
    Place& place = m_lanes[static_cast<std::size_t>(lane)];
    const auto count = static_cast<std::int64_t>(victims.size());
    const std::int64_t base = place.offset + place.begin;
    const auto move = [&](std::int64_t from, std::int64_t to, std::int64_t slots) {
        for (RowBuffer* rows : buffers())
            rows->move(base + from, base + to, slots);
    };
    const std::int64_t before = victims.back() + 1 - count, behind = place.slots - victims.front() - count;
    if (before <= behind) { // what lies before a victim moves up
        std::int64_t end = victims.back() + 1;
        for (std::size_t i = victims.size(); i-- > 0;) {
            const std::int64_t begin = i > 0 ? victims[i - 1] + 1 : 0, between = victims[i] - begin;
            end -= between;
            move(begin, end, between);
        }
        place.begin += count;
    } else { // what lies behind one moves down
        std::int64_t end = victims.front();
        for (std::size_t i = 0; i < victims.size(); ++i) {
            const std::int64_t begin = victims[i] + 1;
            const std::int64_t between = (i + 1 < victims.size() ? victims[i + 1] : place.slots) - begin;
            move(begin, end, between);
            end += between;
        }
    }
    place.slots -= count;
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
        arrange([&](const Place& lane) { return wanted(lane, 1); });
}

at::Tensor SlotStore::part(const RowBuffer& rows, int lane) const
{
    const Place& place = m_lanes[static_cast<std::size_t>(lane)];
    return rows.rows().slice(0, place.offset + place.begin, place.offset + place.begin + place.slots);
}

at::Tensor SlotStore::all(const RowBuffer& rows) const
{
    const Place& first = m_lanes.front();
    for (const Place& lane : m_lanes)
        WINNOW_CHECK(lane.slots == first.slots && lane.begin == first.begin && lane.room == first.room,
                     "lanes of {} and {} slots are not one array", first.slots, lane.slots);
    return rows.rows().view({lanes(), first.room, m_headDim}).slice(1, first.begin, first.begin + first.slots);
}

std::uint64_t SlotStore::bytesInUse() const
{
    std::uint64_t slots = 0;
    for (const Place& lane : m_lanes)
        slots += static_cast<std::uint64_t>(lane.slots);
    return 2 * slots * static_cast<std::uint64_t>(m_headDim) * m_keys.rows().element_size();
}

} // namespace winnow
