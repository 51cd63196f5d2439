// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/policy/named_scorers.h"

#include "core/base/check.h"
#include "core/policy/parts/prompt/key_scores.h"
#include "core/policy/parts/step/received_attention.h"
#include "core/policy/recipe_options.h"

#include <algorithm>

namespace winnow {

namespace {

/// A scorer whose first `sinks` and last `newest` tokens are lifted above all others.
class LiftedScorer final : public PromptScorer {
public:
    LiftedScorer(std::shared_ptr<const PromptScorer> base, int sinks, int newest)
        : m_base(std::move(base)), m_sinks(sinks), m_newest(newest)
    {
    }
    at::Tensor scores(PromptLayer& layer, const PromptUnits& units, const BudgetQuestion& question) const override
    {
        auto scores = m_base->scores(layer, units, question);
        const int sinks = std::clamp(m_sinks - layer.first, 0, layer.tokens),
                  newest = std::clamp(m_newest, 0, layer.tokens - sinks);
        const auto others = scores.slice(1, sinks, layer.tokens - newest);
        const auto top = others.numel() > 0 ? others.max() + 1 : at::ones({}, scores.options());
        scores = scores.clone();
        scores.slice(1, 0, sinks).fill_(top);
        scores.slice(1, layer.tokens - newest).fill_(top);
        return scores;
    }

private:
    std::shared_ptr<const PromptScorer> m_base;
    int m_sinks, m_newest;
};

struct NamedScorer {
    std::string_view name, help;
    std::vector<ParameterSpec> own;
    std::shared_ptr<const PromptScorer> (*make)(const PolicySpec& own, const PolicySpec& policy) = nullptr;
};

std::vector<ParameterSpec> nonCausalParameters()
{
    return {wholeParameter("chunk", "Chunk", "Tokens of a chunk, which attend to each other.", 1, 1e6, "256"),
            choiceParameter("padding", "Padding", "Whether the padding of a short last chunk counts, as in kvpress, or not.",
                            {"press", "none"})};
}

std::vector<ParameterSpec> leverageParameters()
{
    return {
        wholeParameter("sketch", "Sketch", "Dimensions of the random projection of the keys; 0 = none, exact.", 0, 4096, "48"),
        wholeParameter("seed", "Seed", "The same seed draws the same projection.", 0, 2147483647, "0")};
}

LeverageScores sketchOf(const PolicySpec& spec)
{
    return {.sketch = spec.whole("sketch"), .seed = static_cast<std::uint64_t>(spec.whole("seed"))};
}

std::vector<ParameterSpec> compactorParameters()
{
    std::vector<ParameterSpec> all = nonCausalParameters();
    for (ParameterSpec& parameter : leverageParameters())
        all.push_back(parameter);
    all.push_back(
        realParameter("blend", "Blend", "Weight of the leverage; negative: the share of the prompt that leaves.", -1, 1e6, "-1"));
    all.push_back(shared_parameters::sinks("8"));
    all.push_back(wholeParameter("recent", "Recent", "Newest tokens that may not leave.", 0, 1e6, "4"));
    return all;
}

template <ReceivedAttention What>
std::shared_ptr<const PromptScorer> received(const PolicySpec&, const PolicySpec&)
{
    return receivedAttention(What);
}

const std::vector<NamedScorer>& scorers()
{
    static const std::vector<NamedScorer> table{
        {"window",
         "attention of the prompt's last queries, by the policy's own window, kernel, pool and reduce",
         {},
         [](const PolicySpec&, const PolicySpec& policy) -> std::shared_ptr<const PromptScorer> {
             ObservationWindow options = observationOf(policy);
             options.mean = true;
             return std::make_shared<LiftedScorer>(observationWindow(options), 0, options.window);
         }},
        {"received", "attention received from all queries of the prompt", {}, received<ReceivedAttention::Sum>},
        {"observed", "the same, as a mean over the queries that could see the token", {}, received<ReceivedAttention::Mean>},
        {"last", "attention of the newest query, head by head", {}, received<ReceivedAttention::LastRow>},
        {"tova",
         "attention of the newest query, mean over all heads of the layer; the newest token stays",
         {},
         [](const PolicySpec&, const PolicySpec&) -> std::shared_ptr<const PromptScorer> {
             return std::make_shared<LiftedScorer>(receivedAttention(ReceivedAttention::LastRowOfLayer), 0, 1);
         }},
        {"knorm", "keys with a small L2 norm", {}, [](const PolicySpec&, const PolicySpec&) { return keyNorm(); }},
        {"keydiff", "keys unlike the mean key", {}, [](const PolicySpec&, const PolicySpec&) { return keyDifference(); }},
        {"lagkv",
         "keys and values unlike those that follow",
         {shared_parameters::sinks("4"),
          wholeParameter("lag", "Lag", "Tokens of a lag, which are compared with those of the next lag.", 2, 1e6, "128"),
          choiceParameter("scores", "Scores", "ranks within each lag, or cross: the spreads themselves, comparable between lags.",
                          {"ranks", "cross"})},
         [](const PolicySpec& own, const PolicySpec&) {
             return lagRelative(own.whole("sinks"), own.whole("lag"), own.value("scores") == "cross");
         }},
        {"qfilter",
         "projection of keys on the queries' main direction",
         {},
         [](const PolicySpec&, const PolicySpec&) { return queryFilter(); }},
        {"cur",
         "norms of key and value",
         {shared_parameters::sinks("4"),
          choiceParameter("leverage", "Leverage", "product or mean of the key's and the value's share, or one of them alone.",
                          {"product", "mean", "key", "value"}),
          wholeParameter("local", "Local", "Neighboring tokens over which norms are normalized; 0 = not normalized.", 0, 1e6,
                         "16")},
         [](const PolicySpec& own, const PolicySpec&) { return curLeverage(leverageOf(own)); }},
        {"expected",
         "attention expected from future queries",
         {wholeParameter("future", "Future", "Positions ahead that are averaged over.", 1, 1e6, "512"),
          shared_parameters::sinks("4"),
          choiceParameter("covariance", "Covariance", "Whether the covariance of the queries is used, or their mean alone.",
                          {"yes", "no"}),
          choiceParameter("vnorm", "Value norm", "Whether scores are multiplied by the L2 norm of the value.", {"yes", "no"}),
          realParameter("epsilon", "Epsilon", "Added to the expected attention before it is multiplied.", 0, 1e6, "0")},
         [](const PolicySpec& own, const PolicySpec&) -> std::shared_ptr<const PromptScorer> {
             const ExpectedAttention options = expectationOf(own);
             return std::make_shared<LiftedScorer>(expectedAttention(options), options.sinks, 0);
         }},
        {"noncausal", "attention inside chunks, in both directions", nonCausalParameters(),
         [](const PolicySpec& own, const PolicySpec&) { return nonCausalAttention(nonCausalOf(own)); }},
        {"leverage", "keys that the others cannot reproduce", leverageParameters(),
         [](const PolicySpec& own, const PolicySpec&) { return leverageScores(sketchOf(own)); }},
        {"compactor", "these two together", compactorParameters(),
         [](const PolicySpec& own, const PolicySpec&) { return compactorScores(compactorOf(own)); }},
    };
    return table;
}

const NamedScorer& scorer(std::string_view name)
{
    const auto found =
        std::find_if(scorers().begin(), scorers().end(), [&](const NamedScorer& known) { return known.name == name; });
    WINNOW_CHECK(found != scorers().end(), "no scorer '{}'", name);
    return *found;
}

ObservationWindow::Numbers numbersOf(std::string_view name)
{
    using Numbers = ObservationWindow::Numbers;
    return name == "model"      ? Numbers::Model
           : name == "float16"  ? Numbers::Float16
           : name == "bfloat16" ? Numbers::Bfloat16
                                : Numbers::Float32;
}

} // namespace

Recipe observedRecipe(const PolicySpec& spec, std::shared_ptr<const BudgetRule> budget)
{
    Recipe recipe = promptRecipe(spec, observationWindow(observationOf(spec)), std::move(budget));
    recipe.protection.window = spec.whole("window");
    return recipe;
}

ObservationWindow observationOf(const PolicySpec& spec)
{
    return {.window = spec.whole("window"),
            .kernel = spec.whole("kernel"),
            .pooling = spec.value("pool") == "max" ? Pooling::Max : Pooling::Average,
            .reduceFirst = spec.value("reduce") != "after",
            .numbers = numbersOf(spec.value("scores"))};
}

ExpectedAttention expectationOf(const PolicySpec& spec)
{
    return {.future = spec.whole("future"),
            .sinks = spec.whole("sinks"),
            .covariance = spec.value("covariance") == "yes",
            .valueNorm = spec.value("vnorm") == "yes",
            .epsilon = spec.real("epsilon")};
}

CurLeverage leverageOf(const PolicySpec& spec)
{
    using Of = CurLeverage::Of;
    const auto leverage = spec.value("leverage");
    return {.of = leverage == "product" ? Of::Product
                  : leverage == "mean"  ? Of::Mean
                  : leverage == "key"   ? Of::Key
                                        : Of::Value,
            .local = spec.whole("local"),
            .sinks = spec.whole("sinks")};
}

NonCausalAttention nonCausalOf(const PolicySpec& spec)
{
    return {.chunk = spec.whole("chunk"), .paddingCounts = spec.value("padding") == "press"};
}

CompactorScores compactorOf(const PolicySpec& spec)
{
    return {.attention = nonCausalOf(spec),
            .leverage = sketchOf(spec),
            .sinks = spec.whole("sinks"),
            .recent = spec.whole("recent"),
            .blend = spec.real("blend")};
}

std::span<const ParameterSpec> scorerParameters(std::string_view name) { return scorer(name).own; }

std::shared_ptr<const PromptScorer> scorerNamed(std::string_view key, const PolicySpec& spec)
{
    const PolicySpec own = spec.choice(key);
    return scorer(own.name).make(own, spec);
}

ParameterSpec scorerParameter(std::string_view id, std::string_view title)
{
    static const std::string help = [] {
        std::string text;
        for (const NamedScorer& known : scorers())
            text += fmt::format("{}{}: {}", text.empty() ? "" : "; ", known.name, known.help);
        return text + ". What a scorer takes of its own stands in braces behind it, as in expected{vnorm=no}.";
    }();
    std::vector<std::string_view> names;
    for (const NamedScorer& known : scorers())
        names.push_back(known.name);
    ParameterSpec parameter = choiceParameter(id, title, help, std::move(names));
    parameter.own = scorerParameters;
    return parameter;
}

} // namespace winnow
