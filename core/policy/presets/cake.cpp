// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/policy/presets/cake.h"

#include "core/policy/lane_parts.h"
#include "core/policy/parts/budget/cascading_budget.h"
#include "core/policy/parts/step/last_row.h"
#include "core/policy/parts/step/score_order.h"
#include "core/policy/parts/step/selectors.h"
#include "core/policy/recipe_options.h"

#include <algorithm>
#include <limits>

namespace winnow {

namespace {

constexpr int kKernel = 5;

class CakeScorer final : public PromptScorer {
public:
    CakeScorer(int window, double gamma, double tau1, double tau2)
        : m_indicator(observationWindow(
              {.window = window, .kernel = kKernel, .pooling = Pooling::Average, .reduceFirst = false, .varianceWeight = gamma})),
          m_window(window), m_tau1(tau1), m_tau2(tau2)
    {
    }
    at::Tensor scores(PromptLayer& layer, const PromptUnits& units, const BudgetQuestion& question) const override
    {
        return m_indicator->scores(layer, units, question);
    }
    at::Tensor preference(PromptLayer& layer) const override
    {
        if (layer.tokens <= m_window)
            return {};
        const auto [entropy, variance] = dispersion(layer.rows(m_window).slice(2, 0, layer.tokens - m_window));
        return entropy.pow(1 / m_tau1) * variance.pow(1 / m_tau2);
    }

private:
    std::shared_ptr<const PromptScorer> m_indicator;
    int m_window;
    double m_tau1, m_tau2;
};

/// The newest rows, pooled over neighbors in the order of a cache that is gathered by score.
class LaneInScoreOrder final : public LaneScorer {
public:
    LaneInScoreOrder(std::unique_ptr<LaneScorer> rows, int window) : m_rows(std::move(rows)), m_window(window) {}
    bool wantsRow(bool mayEvict, int promptLeft) const override { return m_rows->wantsRow(mayEvict, promptLeft); }
    void observe(int step, std::span<const std::int32_t> positions, std::span<const float> row) override
    {
        m_rows->observe(step, positions, row);
    }
    std::span<const double> scores(int step, std::span<const std::int32_t> positions) override
    {
        const std::span<const double> row = m_rows->scores(step, positions);
        const std::span<const int> order = m_order.of(row.size());
        const int old = std::max(0, static_cast<int>(row.size()) - m_window), reach = kKernel / 2;
        m_scores.assign(row.size(), std::numeric_limits<double>::quiet_NaN());
        for (int i = 0; i < old; ++i) {
            double sum = 0;
            for (int j = std::max(0, i - reach); j < std::min(old, i + reach + 1); ++j)
                sum += row[static_cast<std::size_t>(order[static_cast<std::size_t>(j)])];
            m_scores[static_cast<std::size_t>(order[static_cast<std::size_t>(i)])] = sum / kKernel;
        }
        m_chose = true;
        return m_scores;
    }
    void chosenBeforehand(std::span<const double> scores) override
    {
        m_scores.assign(scores.begin(), scores.end());
        m_chose = true;
    }
    void erased(std::span<const int> victims) override
    {
        m_rows->erased(victims);
        if (m_chose)
            m_order.choose(victims, m_scores, m_window);
        else
            m_order.erase(victims);
        m_chose = false;
    }

private:
    std::unique_ptr<LaneScorer> m_rows;
    int m_window;
    ScoreOrder m_order;
    std::vector<double> m_scores;
    bool m_chose = false; ///< by m_scores, and the victims have not left yet
};

class InScoreOrder final : public Scorer {
public:
    InScoreOrder(int window, int together) : m_rows(lastRow({.kernel = 1, .window = window, .rows = together})), m_window(window)
    {
    }
    std::unique_ptr<LaneScorer> lane(int prompt) const override
    {
        return std::make_unique<LaneInScoreOrder>(m_rows->lane(prompt), m_window);
    }

private:
    std::shared_ptr<const Scorer> m_rows;
    int m_window;
};

} // namespace

std::pair<at::Tensor, at::Tensor> dispersion(const at::Tensor& rows)
{
    const auto p = rows.to(at::kDouble);
    return {-(p * (p + 1e-10).log()).sum(), p.var(1, true).sum()};
}

std::shared_ptr<const PromptScorer> cakeScores(int window, double gamma, double tau1, double tau2)
{
    return std::make_shared<CakeScorer>(window, gamma, tau1, tau2);
}

const Preset& cakePreset()
{
    static const Preset preset{
        .info =
            {.name = "cake",
             .title = "CAKE",
             .summary = "Layers divide the budget by the entropy and the variance of their attention; at the prompt's end tokens "
                        "stay by mean and variance of the last queries' attention, later by the newest row.",
             .citation = "Qin et al.: CAKE: Cascading and Adaptive KV Cache Eviction with Layer Preferences. ICLR 2025, arXiv "
                         "2503.12491.",
             .reference = "antgroup/cakekv",
             .parameters =
                 {shared_parameters::budget(),
                  wholeParameter(
                      "window", "Window",
                      "Last queries, whose attention counts at the end of the prompt; as many newest tokens never leave.", 2, 1e6,
                      "32"),
                  realParameter("gamma", "Gamma", "Weight of the variance of the attention beside its mean.", 0, 1e6, "200"),
                  realParameter("tau1", "Tau 1", "The larger, the less the entropy of a layer's attention counts.", 1e-3, 1e3,
                                "1"),
                  realParameter("tau2", "Tau 2", "The larger, the less its variance counts.", 1e-3, 1e3, "1"),
                  wholeParameter("together", "Together",
                                 "Tokens that are decoded together: a choice after each such group, by the mean of its rows; the "
                                 "cache grows in between.",
                                 1, 1e6, "1"),
                  choiceParameter("cascading", "Cascading",
                                  "yes: layers are trimmed while the prompt passes through them; no: once, after the last layer, "
                                  "which is the default of the authors' script.",
                                  {"yes", "no"}),
                  choiceParameter("order", "Order",
                                  "Order of the slots for pooling at a step: that of the text, or that of the authors' cache, "
                                  "which is sorted by score.",
                                  {"text", "score"}),
                  shared_parameters::positions("keep"), shared_parameters::group(), shared_parameters::granularity("kv")},
             .deviations =
                 "The reference tunes tau1 and tau2 for each model and budget; 1 and 1 are its fallback. Without a prompt every "
                 "layer gets the same. As there, a prompt that exceeds the budget by no more than the window stays whole until "
                 "the first step after it."},
        .recipe =
            [](const PolicySpec& spec) {
                Recipe recipe = recipeWithShared(spec, Acts::EveryStep);
                const int window = spec.whole("window");
                recipe.protection.recent = window;
                recipe.promptScorer = cakeScores(window, spec.real("gamma"), spec.real("tau1"), spec.real("tau2"));
                if (spec.value("order") == "text")
                    recipe.scorer = lastRow({.kernel = kKernel, .window = window, .rows = spec.whole("together")});
                else
                    recipe.scorer = std::make_shared<InScoreOrder>(window, spec.whole("together"));
                recipe.every = spec.whole("together");
                recipe.selector = lowestScore();
                recipe.budget = cascadingBudget(spec.value("cascading") == "yes");
                return recipe;
            },
    };
    return preset;
}

} // namespace winnow
