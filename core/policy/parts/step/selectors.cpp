// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/policy/parts/step/selectors.h"

#include "core/base/check.h"
#include "core/policy/kernels/drawn.h"
#include "core/policy/parts/step/step_workers.h"
#include "core/policy/seeded_hash.h"

namespace winnow {

namespace {

// --- lowest ---------------------------------------------------------------------------------------------------------------

class LaneLowest final : public LaneSelector {
public:
    explicit LaneLowest(const kernel::LowestGoes& state) : m_state(state) {}
    void choose(const SlotChoice& choice, std::vector<int>& victims) override
    {
        const int candidates = choice.end - choice.begin;
        m_state.scratch = m_scratch.lowest(candidates);
        victims.resize(static_cast<std::size_t>(candidates)); // room for all while they are looked for
        const int count = kernel::choose(kHostTeam, m_state, kernelChoice(choice), victims.data());
        WINNOW_CHECK(count >= choice.count, "scores of candidates are not numbers");
        victims.resize(static_cast<std::size_t>(count));
    }

private:
    kernel::LowestGoes m_state;
    ChoiceScratch m_scratch;
};

class LowestScore final : public Selector, public KernelSelector {
public:
    explicit LowestScore(int atOnce) : m_state{.atOnce = atOnce} {}
    std::unique_ptr<LaneSelector> lane(const LaneInModel&, int) const override { return std::make_unique<LaneLowest>(m_state); }
    KernelPart kernel(const LaneInModel&, int) const override
    {
        return kernelPart("core/policy/kernels/lowest.h", "LowestGoes", m_state);
    }

private:
    kernel::LowestGoes m_state;
};

// --- oldest ---------------------------------------------------------------------------------------------------------------

class LaneOldest final : public LaneSelector {
public:
    void choose(const SlotChoice& choice, std::vector<int>& victims) override
    {
        victims.resize(static_cast<std::size_t>(choice.count));
        kernel::choose(kHostTeam, kernel::OldestGoes(), kernelChoice(choice), victims.data());
    }
};

class Oldest final : public Selector, public KernelSelector {
public:
    KernelPart kernel(const LaneInModel&, int) const override
    {
        return kernelPart("core/policy/kernels/lowest.h", "OldestGoes", kernel::OldestGoes());
    }
    bool evictsOldest() const override { return true; }
    std::unique_ptr<LaneSelector> lane(const LaneInModel&, int) const override { return std::make_unique<LaneOldest>(); }
};

// --- seeded random --------------------------------------------------------------------------------------------------------

class LaneRandom final : public LaneSelector {
public:
    explicit LaneRandom(const kernel::RandomGoes& state) : m_state(state) {}
    void choose(const SlotChoice& choice, std::vector<int>& victims) override
    {
        m_state.scratch = m_scratch.left(choice.end - choice.begin);
        victims.resize(static_cast<std::size_t>(choice.count));
        kernel::choose(kHostTeam, m_state, kernelChoice(choice), victims.data());
    }

private:
    kernel::RandomGoes m_state;
    ChoiceScratch m_scratch;
};

class SeededRandom final : public Selector, public KernelSelector {
public:
    explicit SeededRandom(std::uint64_t seed) : m_seed(seed) {}
    std::unique_ptr<LaneSelector> lane(const LaneInModel& lane, int) const override
    {
        return std::make_unique<LaneRandom>(stateOf(lane));
    }
    KernelPart kernel(const LaneInModel& lane, int) const override
    {
        return kernelPart("core/policy/kernels/drawn.h", "RandomGoes", stateOf(lane));
    }

private:
    kernel::RandomGoes stateOf(const LaneInModel& lane) const { return {.seed = laneSeed(m_seed, lane)}; }

    std::uint64_t m_seed;
};

} // namespace

std::shared_ptr<const Selector> lowestScore() { return std::make_shared<LowestScore>(1); }
std::shared_ptr<const Selector> lowestInBulk(int drop) { return std::make_shared<LowestScore>(drop); }
std::shared_ptr<const Selector> oldest() { return std::make_shared<Oldest>(); }
std::shared_ptr<const Selector> seededRandom(std::uint64_t seed) { return std::make_shared<SeededRandom>(seed); }

} // namespace winnow
