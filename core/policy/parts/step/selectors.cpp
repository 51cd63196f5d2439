// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/policy/parts/step/selectors.h"

#include "core/base/check.h"
#include "core/policy/lane_parts.h"
#include "core/policy/seeded_hash.h"
#include "core/policy/tensor_parts.h"

#include <algorithm>
#include <limits>
#include <numeric>

namespace winnow {

namespace {

// --- lowest ---------------------------------------------------------------------------------------------------------------

class LaneLowest final : public LaneSelector {
public:
    void choose(const SlotChoice& choice, std::vector<int>& victims) override
    {
        const auto& scores = choice.scores;
        victims.clear();
        if (choice.count == 1) {
            int lowest = choice.begin;
            for (int slot = choice.begin + 1; slot < choice.end; ++slot)
                if (scores[static_cast<std::size_t>(slot)] <= scores[static_cast<std::size_t>(lowest)])
                    lowest = slot;
            victims.push_back(lowest);
            return;
        }
        // The highest score that goes; of those that have it the newest go, as many as are wanted beside the lower ones.
        const auto candidates =
            scores.subspan(static_cast<std::size_t>(choice.begin), static_cast<std::size_t>(choice.end - choice.begin));
        m_order.assign(candidates.begin(), candidates.end());
        const auto last = m_order.begin() + choice.count - 1;
        std::nth_element(m_order.begin(), last, m_order.end());
        const double bound = *last;
        auto equals = choice.count - std::count_if(m_order.begin(), last, [&](double score) { return score < bound; });
        victims.resize(static_cast<std::size_t>(choice.count));
        auto victim = victims.rbegin();
        for (int slot = choice.end - 1; slot >= choice.begin && victim != victims.rend(); --slot) {
            const double score = scores[static_cast<std::size_t>(slot)];
            if (score < bound || (score == bound && equals-- > 0))
                *victim++ = slot;
        }
        WINNOW_CHECK(victim == victims.rend(), "scores of candidates are not numbers");
    }

private:
    std::vector<double> m_order;
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

class LowestScore final : public Selector {
public:
    std::unique_ptr<LaneSelector> lane(const LaneInModel&, int) const override { return std::make_unique<LaneLowest>(); }
    std::unique_ptr<TensorSelector> tensors(const std::vector<LaneInModel>&, const std::vector<int>&) const override
    {
        return std::make_unique<TensorLowest>();
    }
};

// --- oldest ---------------------------------------------------------------------------------------------------------------

class LaneOldest final : public LaneSelector {
public:
    void choose(const SlotChoice& choice, std::vector<int>& victims) override
    {
        victims.resize(static_cast<std::size_t>(choice.count));
        std::iota(victims.begin(), victims.end(), choice.begin);
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

class Oldest final : public Selector {
public:
    bool evictsOldest() const override { return true; }
    std::unique_ptr<LaneSelector> lane(const LaneInModel&, int) const override { return std::make_unique<LaneOldest>(); }
    std::unique_ptr<TensorSelector> tensors(const std::vector<LaneInModel>&, const std::vector<int>&) const override
    {
        return std::make_unique<TensorOldest>();
    }
};

// --- seeded random --------------------------------------------------------------------------------------------------------

/// Which of `count` candidates goes at this step and round.
int drawn(std::uint64_t laneSeed, int step, int round, int count)
{
    const auto hash = mixed(mixed(laneSeed, static_cast<std::uint64_t>(step)), static_cast<std::uint64_t>(round));
    return static_cast<int>(hash % static_cast<std::uint64_t>(count));
}

class LaneRandom final : public LaneSelector {
public:
    explicit LaneRandom(std::uint64_t seed) : m_seed(seed) {}
    void choose(const SlotChoice& choice, std::vector<int>& victims) override
    {
        std::vector<int> left(static_cast<std::size_t>(choice.end - choice.begin));
        std::iota(left.begin(), left.end(), choice.begin);
        victims.clear();
        for (int round = 0; round < choice.count; ++round) {
            const int at = drawn(m_seed, choice.step, round, static_cast<int>(left.size()));
            victims.push_back(left[static_cast<std::size_t>(at)]);
            left.erase(left.begin() + at);
        }
        std::sort(victims.begin(), victims.end());
    }

private:
    std::uint64_t m_seed;
};

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

class SeededRandom final : public Selector {
public:
    explicit SeededRandom(std::uint64_t seed) : m_seed(seed) {}
    std::unique_ptr<LaneSelector> lane(const LaneInModel& lane, int) const override
    {
        return std::make_unique<LaneRandom>(laneSeed(m_seed, lane));
    }
    std::unique_ptr<TensorSelector> tensors(const std::vector<LaneInModel>& lanes, const std::vector<int>&) const override
    {
        return std::make_unique<TensorRandom>(m_seed, lanes);
    }

private:
    std::uint64_t m_seed;
};

} // namespace

std::shared_ptr<const Selector> lowestScore() { return std::make_shared<LowestScore>(); }
std::shared_ptr<const Selector> oldest() { return std::make_shared<Oldest>(); }
std::shared_ptr<const Selector> seededRandom(std::uint64_t seed) { return std::make_shared<SeededRandom>(seed); }

} // namespace winnow
