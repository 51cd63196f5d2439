// SPDX-License-Identifier: GPL-3.0-or-later
// Seeded draws that are the same on every machine: SplitMix64 (G. Steele and others, "Fast splittable pseudorandom number
// generators", 2014).
#pragma once

#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

namespace winnow {

/// A value; copies go on alone.
class Draws {
public:
    explicit Draws(std::uint64_t seed, std::uint64_t stream = 0) : m_state(seed)
    {
        m_state = next() ^ (stream * 0xD1B54A32D192ED03);
    }

    std::uint64_t next()
    {
        std::uint64_t mixed = m_state += 0x9E3779B97F4A7C15;
        mixed = (mixed ^ (mixed >> 30)) * 0xBF58476D1CE4E5B9;
        mixed = (mixed ^ (mixed >> 27)) * 0x94D049BB133111EB;
        return mixed ^ (mixed >> 31);
    }

    /// 0 … bound − 1; bound below 2³², so that no number is likelier by more than 2⁻³².
    std::size_t below(std::size_t bound) { return static_cast<std::size_t>(((next() >> 32) * bound) >> 32); }

    template <class Item>
    void shuffle(std::vector<Item>& items)
    {
        for (std::size_t left = items.size(); left > 1; --left)
            std::swap(items[left - 1], items[below(left)]);
    }

    /// `count` different ones of 0 … bound − 1, in the order in which they were drawn.
    std::vector<std::size_t> sample(std::size_t count, std::size_t bound)
    {
        std::vector<std::size_t> all(bound);
        for (std::size_t i = 0; i < bound; ++i)
            all[i] = i;
        for (std::size_t i = 0; i < count; ++i)
            std::swap(all[i], all[i + below(bound - i)]);
        all.resize(count);
        return all;
    }

private:
    std::uint64_t m_state;
};

} // namespace winnow
