// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/policy/parts/step/drawn_selector.h"

#include "core/base/check.h"
#include "core/policy/kernels/drawn.h"
#include "core/policy/parts/step/step_workers.h"
#include "core/policy/seeded_hash.h"

namespace winnow {

namespace {

class LaneDrawn final : public LaneSelector {
public:
    explicit LaneDrawn(const kernel::DrawnByScore& state) : m_state(state) {}
    void choose(const SlotChoice& choice, std::vector<int>& victims) override
    {
        const int candidates = choice.end - choice.begin;
        const auto room = static_cast<std::size_t>(candidates);
        m_state.lots = roomFor(m_lots, room);
        m_state.others = roomFor(m_others, room);
        m_state.scratch = m_scratch.lowest(candidates);
        victims.resize(room); // for all while they are looked for
        const int count = kernel::choose(kHostTeam, m_state, kernelChoice(choice), victims.data());
        WINNOW_CHECK(count == choice.count, "scores of candidates are not numbers");
        victims.resize(static_cast<std::size_t>(count));
    }

private:
    kernel::DrawnByScore m_state;
    ChoiceScratch m_scratch;
    std::vector<double> m_lots;
    std::vector<int> m_others;
};

class DrawnByScore final : public Selector, public KernelSelector {
public:
    DrawnByScore(int drawn, double temperature, std::uint64_t seed) : m_drawn(drawn), m_temperature(temperature), m_seed(seed) {}
    std::unique_ptr<LaneSelector> lane(const LaneInModel& lane, int) const override
    {
        return std::make_unique<LaneDrawn>(stateOf(lane));
    }
    KernelPart kernel(const LaneInModel& lane, int) const override
    {
        return kernelPart("core/policy/kernels/drawn.h", "DrawnByScore", stateOf(lane));
    }

private:
    kernel::DrawnByScore stateOf(const LaneInModel& lane) const
    {
        return {.drawn = m_drawn, .temperature = m_temperature, .seed = laneSeed(m_seed, lane)};
    }

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
