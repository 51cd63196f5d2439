// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/policy/parts/step/selectors.h"

#include "core/base/check.h"
#include "core/policy/kernels/drawn.h"
#include "core/policy/parts/step/step_workers.h"
#include "core/policy/seeded_hash.h"
#include "core/policy/tensor_parts.h"

#include <algorithm>
#include <limits>

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

class TensorLowest final : public TensorSelector {
public:
    at::Tensor choose(const TensorStep& step, const at::Tensor& scores, const at::Tensor& candidates, const at::Tensor&,
                      int) override
    {
        const auto known = at::where(candidates, scores, std::numeric_limits<double>::infinity());
        const auto isLowest = candidates.logical_and(known == std::get<0>(known.min(1, true)));
        const auto slot = at::arange(step.positions.size(1), step.positions.options()).unsqueeze(0);
        return std::get<0>(at::where(isLowest, slot, -1).max(1));
    }
};

class LowestScore final : public Selector, public KernelSelector {
public:
    explicit LowestScore(int atOnce) : m_state{.atOnce = atOnce} {}
    std::unique_ptr<LaneSelector> lane(const LaneInModel&, int) const override { return std::make_unique<LaneLowest>(m_state); }
    KernelPart kernel(const LaneInModel&, int) const override
    {
        return kernelPart("core/policy/kernels/lowest.h", "LowestGoes", m_state);
    }
    std::unique_ptr<TensorSelector> tensors(const std::vector<LaneInModel>& lanes, const std::vector<int>& regions) const override
    {
        if (m_state.atOnce > 1)
            return Selector::tensors(lanes, regions);
        return std::make_unique<TensorLowest>();
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

class TensorOldest final : public TensorSelector {
public:
    at::Tensor choose(const TensorStep& step, const at::Tensor&, const at::Tensor& candidates, const at::Tensor&, int) override
    {
        const auto slots = step.positions.size(1);
        const auto slot = at::arange(slots, step.positions.options()).unsqueeze(0);
        return std::get<0>(at::where(candidates, slot, slots).min(1));
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
    std::unique_ptr<TensorSelector> tensors(const std::vector<LaneInModel>&, const std::vector<int>&) const override
    {
        return std::make_unique<TensorOldest>();
    }
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

/// Which of `count` candidates goes at this step and round.
int drawn(std::uint64_t laneSeed, int step, int round, int count)
{
    const auto hash = mixed(mixed(laneSeed, static_cast<std::uint64_t>(step)), static_cast<std::uint64_t>(round));
    return static_cast<int>(hash % static_cast<std::uint64_t>(count));
}

class TensorRandom final : public TensorSelector {
public:
    TensorRandom(std::uint64_t seed, const std::vector<LaneInModel>& lanes)
    {
        for (const LaneInModel& lane : lanes)
            m_seeds.push_back(laneSeed(seed, lane));
    }
    at::Tensor choose(const TensorStep& step, const at::Tensor&, const at::Tensor& candidates, const at::Tensor& active,
                      int round) override
    {
        const auto counts = candidates.sum(1).to(at::kCPU);
        const auto isActive = active.to(at::kCPU);
        auto ranks = at::zeros({counts.size(0)}, at::kLong);
        for (std::int64_t unit = 0; unit < counts.size(0); ++unit)
            if (isActive.data_ptr<bool>()[unit])
                ranks.data_ptr<std::int64_t>()[unit] = drawn(m_seeds[static_cast<std::size_t>(unit)], step.step, round,
                                                             static_cast<int>(counts.data_ptr<std::int64_t>()[unit]));
        // The slot whose rank among the candidates is the drawn one.
        const auto rank = candidates.to(at::kLong).cumsum(1) - 1;
        const auto hit = candidates.logical_and(rank == ranks.to(candidates.device()).unsqueeze(1));
        return hit.to(at::kLong).argmax(1);
    }

private:
    std::vector<std::uint64_t> m_seeds;
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
    std::unique_ptr<TensorSelector> tensors(const std::vector<LaneInModel>& lanes, const std::vector<int>&) const override
    {
        return std::make_unique<TensorRandom>(m_seed, lanes);
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
