// SPDX-License-Identifier: GPL-3.0-or-later
// A scorer that adds up the rows which a policy's own scorer is shown, and passes them on.
#pragma once

#include "core/policy/lane_parts.h"

#include <memory>
#include <mutex>
#include <numeric>
#include <vector>

namespace winnow::testing_support {

class ProbingLaneScorer final : public LaneScorer {
public:
    ProbingLaneScorer(std::unique_ptr<LaneScorer> scorer, std::vector<double>* sums) : m_scorer(std::move(scorer)), m_sums(sums)
    {
    }
    void attach(const LaneVectors& vectors) override { m_scorer->attach(vectors); }
    bool wantsQuery(int promptLeft) const override { return m_scorer->wantsQuery(promptLeft); }
    void look(int step) override { m_scorer->look(step); }
    bool wantsRow(bool mayEvict, int promptLeft) const override { return m_scorer->wantsRow(mayEvict, promptLeft); }
    void observe(int step, std::span<const std::int32_t> positions, std::span<const float> row) override
    {
        {
            static std::mutex mutex; // lanes are walked side by side
            const std::lock_guard lock(mutex);
            m_sums->push_back(std::accumulate(row.begin(), row.end(), 0.0));
        }
        m_scorer->observe(step, positions, row);
    }
    std::span<const double> scores(int step, std::span<const std::int32_t> positions) override
    {
        return m_scorer->scores(step, positions);
    }
    void erased(std::span<const int> victims) override { m_scorer->erased(victims); }

private:
    std::unique_ptr<LaneScorer> m_scorer;
    std::vector<double>* m_sums;
};

class ProbingScorer final : public Scorer {
public:
    ProbingScorer(std::shared_ptr<const Scorer> scorer, std::vector<double>* sums) : m_scorer(std::move(scorer)), m_sums(sums) {}
    std::unique_ptr<LaneScorer> lane(int prompt) const override
    {
        return std::make_unique<ProbingLaneScorer>(m_scorer->lane(prompt), m_sums);
    }

private:
    std::shared_ptr<const Scorer> m_scorer;
    std::vector<double>* m_sums;
};

} // namespace winnow::testing_support
