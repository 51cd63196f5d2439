// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/policy/presets/future_mass.h"

#include "core/policy/lane_parts.h"
#include "core/policy/parts/budget/budgets.h"
#include "core/policy/parts/step/selectors.h"
#include "core/policy/recipe_options.h"

namespace winnow {

namespace {

constexpr double kNothing = 1e-6;

class LaneFuture final : public LaneScorer {
public:
    void attach(const LaneVectors& vectors) override { m_vectors = &vectors; }
    bool wantsRow(bool, int) const override { return true; }
    bool wantsShares() const override { return true; }
    void observe(int, std::span<const std::int32_t>, std::span<const float> row) override
    {
        m_received.resize(row.size(), 0.0);
        for (std::size_t i = 0; i < row.size(); ++i)
            m_received[i] += static_cast<double>(row[i]);
    }
    std::span<const double> scores(int, std::span<const std::int32_t> positions) override
    {
        const auto all = m_vectors->foreseen();
        m_scores.resize(positions.size());
        for (std::size_t i = 0; i < positions.size(); ++i) {
            const double left = all[static_cast<std::size_t>(positions[i])] - m_received[i];
            m_scores[i] = left < kNothing ? 0 : left;
        }
        return m_scores;
    }
    void erased(std::span<const int> victims) override { eraseSlots(m_received, victims); }

private:
    const LaneVectors* m_vectors = nullptr;
    std::vector<double> m_received, m_scores;
};

class FutureMass final : public Scorer {
public:
    std::unique_ptr<LaneScorer> lane(int) const override { return std::make_unique<LaneFuture>(); }
};

} // namespace

std::shared_ptr<const Scorer> futureMass() { return std::make_shared<FutureMass>(); }

const Preset& futurePreset()
{
    static const Preset preset{
        .info = {.name = "future",
                 .title = "Future mass (oracle)",
                 .summary =
                     "An oracle that knows the text to come: it evicts the token that receives the least attention from now on.",
                 .parameters = {shared_parameters::budget(), shared_parameters::sinks("0"),
                                wholeParameter("recent", "Recent", "Newest tokens that may not leave.", 0, 1e6, "0"),
                                shared_parameters::granularity("kv")},
                 .deviations =
                     "An oracle, not a policy: it reads the future of the recording. It is greedy, so a better choice may exist.",
                 .oracle = true},
        .recipe =
            [](const PolicySpec& spec) {
                Recipe recipe = recipeWithShared(spec, Acts::EveryStep);
                recipe.protection.sinks = spec.whole("sinks");
                recipe.protection.recent = spec.whole("recent");
                recipe.scorer = futureMass();
                recipe.selector = lowestScore();
                recipe.budget = uniformBudget();
                recipe.foresees = true;
                return recipe;
            },
    };
    return preset;
}

} // namespace winnow
