// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/policy/parts/step/drawn_selector.h"

#include "core/policy/lane_parts.h"
#include "core/policy/seeded_hash.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace winnow {

namespace {

class LaneDrawn final : public LaneSelector {
public:
    LaneDrawn(int drawn, double temperature, std::uint64_t seed) : m_drawn(drawn), m_temperature(temperature), m_seed(seed) {}
    void choose(const SlotChoice& choice, std::vector<int>& victims) override
    {
        const auto score = [&](int slot) { return choice.scores[static_cast<std::size_t>(slot)]; };
        std::vector<int> order(static_cast<std::size_t>(choice.end - choice.begin));
        std::iota(order.begin(), order.end(), choice.begin);
        std::stable_sort(order.begin(), order.end(), [&](int a, int b) { return score(a) > score(b); });
        const auto stay = order.size() - static_cast<std::size_t>(choice.count);
        const auto best = stay - std::min(stay, static_cast<std::size_t>(m_drawn));
        std::vector<double> lots(static_cast<std::size_t>(choice.end));
        for (std::size_t i = best; i < order.size(); ++i) {
            const double uniform =
                (static_cast<double>(
                     mixed(m_seed, static_cast<std::uint64_t>(choice.positions[static_cast<std::size_t>(order[i])])) >> 11) +
                 .5) *
                0x1p-53;
            lots[static_cast<std::size_t>(order[i])] = score(order[i]) / m_temperature - std::log(-std::log(uniform));
        }
        std::sort(order.begin() + static_cast<std::ptrdiff_t>(best), order.end(),
                  [&](int a, int b) { return lots[static_cast<std::size_t>(a)] > lots[static_cast<std::size_t>(b)]; });
        victims.assign(order.begin() + static_cast<std::ptrdiff_t>(stay), order.end());
        std::sort(victims.begin(), victims.end());
    }

private:
    int m_drawn;
    double m_temperature;
    std::uint64_t m_seed;
};

class DrawnByScore final : public Selector {
public:
    DrawnByScore(int drawn, double temperature, std::uint64_t seed) : m_drawn(drawn), m_temperature(temperature), m_seed(seed) {}
    std::unique_ptr<LaneSelector> lane(const LaneInModel& lane, int) const override
    {
        return std::make_unique<LaneDrawn>(m_drawn, m_temperature, laneSeed(m_seed, lane));
    }

private:
    int m_drawn;
    double m_temperature;
    std::uint64_t m_seed;
};

} // namespace

std::shared_ptr<const Selector> drawnByScore(int drawn, double temperature, std::uint64_t seed)
{
    return std::make_shared<DrawnByScore>(drawn, temperature, seed);
}

} // namespace winnow
