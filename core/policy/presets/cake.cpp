// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/policy/presets/cake.h"

#include "core/policy/parts/budget/cascading_budget.h"
#include "core/policy/parts/step/last_row.h"
#include "core/policy/parts/step/selectors.h"
#include "core/policy/recipe_options.h"

#include <cmath>

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
    double preference(PromptLayer& layer) const override
    {
        if (layer.tokens <= m_window)
            return 1;
        const auto [entropy, variance] = dispersion(layer.rows(m_window).slice(2, 0, layer.tokens - m_window));
        return std::pow(entropy, 1 / m_tau1) * std::pow(variance, 1 / m_tau2);
    }

private:
    std::shared_ptr<const PromptScorer> m_indicator;
    int m_window;
    double m_tau1, m_tau2;
};

} // namespace

std::pair<double, double> dispersion(const at::Tensor& rows)
{
    const auto p = rows.to(at::kDouble);
    return {-(p * (p + 1e-10).log()).sum().item<double>(), p.var(1, true).sum().item<double>()};
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
             .summary = "Layers share the memory by how scattered and how changing their attention is; tokens stay by mean and "
                        "variance of "
                        "the votes for them, and then by the newest row.",
             .citation = "Qin et al.: CAKE: Cascading and Adaptive KV Cache Eviction with Layer Preferences. ICLR 2025, arXiv "
                         "2503.12491.",
             .reference = "antgroup/cakekv",
             .parameters =
                 {shared_parameters::budget(),
                  wholeParameter("window", "Window",
                                 "Last queries, which vote at the end of the prompt; so many newest tokens never leave.", 2, 1e6,
                                 "32"),
                  realParameter("gamma", "Gamma", "Weight of the variance of the votes beside their mean.", 0, 1e6, "200"),
                  realParameter("tau1", "Tau 1", "The larger, the less the entropy of a layer's attention counts.", 1e-3, 1e3,
                                "1"),
                  realParameter("tau2", "Tau 2", "The larger, the less its variance counts.", 1e-3, 1e3, "1"),
                  wholeParameter("together", "Together",
                                 "Tokens that are decoded together: a choice after each such group, by the mean of its rows; the "
                                 "cache grows in between.",
                                 1, 1e6, "1"),
                  shared_parameters::positions("keep"), shared_parameters::group(), shared_parameters::granularity("kv")},
             .deviations =
                 "The reference tunes tau1 and tau2 for each model and budget; 1 and 1 are its fallback. Without a prompt every "
                 "layer gets the same."},
        .recipe =
            [](const PolicySpec& spec) {
                Recipe recipe = recipeWithShared(spec, Acts::EveryStep);
                const int window = spec.whole("window");
                recipe.protection.recent = window;
                recipe.promptScorer = cakeScores(window, spec.real("gamma"), spec.real("tau1"), spec.real("tau2"));
                recipe.scorer = lastRow({.kernel = kKernel, .window = window, .rows = spec.whole("together")});
                recipe.every = spec.whole("together");
                recipe.selector = lowestScore();
                recipe.budget = cascadingBudget();
                return recipe;
            },
    };
    return preset;
}

} // namespace winnow
