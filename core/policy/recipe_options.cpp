// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/policy/recipe_options.h"

#include "core/policy/parts/step/selectors.h"

#include <algorithm>

namespace winnow {

Recipe recipeWithShared(const PolicySpec& spec, Acts acts)
{
    Recipe recipe;
    recipe.acts = acts;
    const auto granularity = spec.value("granularity");
    recipe.granularity = granularity == "query"   ? Granularity::Query
                         : granularity == "layer" ? Granularity::Layer
                                                  : Granularity::Kv;
    const auto group = spec.value("group");
    recipe.group = group == "max" ? GroupReduction::Max : group == "sum" ? GroupReduction::Sum : GroupReduction::Mean;
    const auto positions = spec.value("positions");
    recipe.positions = positions == "reassign" ? PositionMode::Reassign
                       : positions == "once"   ? PositionMode::Once
                                               : PositionMode::Keep;
    return recipe;
}

Recipe promptRecipe(const PolicySpec& spec, std::shared_ptr<const PromptScorer> scorer, std::shared_ptr<const BudgetRule> budget)
{
    Recipe recipe = recipeWithShared(spec, Acts::EndOfPrompt);
    recipe.promptScorer = std::move(scorer);
    recipe.selector = lowestScore();
    recipe.budget = std::move(budget);
    return recipe;
}

ParameterSpec wholeParameter(std::string_view id, std::string_view title, std::string_view help, double least, double most,
                             std::string_view initial)
{
    return {
        .id = id, .title = title, .help = help, .kind = ParameterKind::Whole, .least = least, .most = most, .initial = initial};
}

ParameterSpec realParameter(std::string_view id, std::string_view title, std::string_view help, double least, double most,
                            std::string_view initial)
{
    return {
        .id = id, .title = title, .help = help, .kind = ParameterKind::Real, .least = least, .most = most, .initial = initial};
}

ParameterSpec choiceParameter(std::string_view id, std::string_view title, std::string_view help,
                              std::vector<std::string_view> choices)
{
    const std::string_view initial = choices.front();
    return {
        .id = id, .title = title, .help = help, .kind = ParameterKind::Choice, .initial = initial, .choices = std::move(choices)};
}

std::vector<ParameterSpec> withOwn(std::span<const ParameterSpec> own)
{
    std::vector<ParameterSpec> all{shared_parameters::budget()};
    all.insert(all.end(), own.begin(), own.end());
    all.push_back(shared_parameters::positions("keep"));
    all.push_back(shared_parameters::group());
    all.push_back(shared_parameters::granularity("kv"));
    return all;
}

namespace shared_parameters {

namespace {

/// The same choice, another default.
ParameterSpec startingWith(ParameterSpec parameter, std::string_view initial)
{
    parameter.initial = initial;
    return parameter;
}

} // namespace

ParameterSpec budget()
{
    return {.id = "budget",
            .title = "Budget",
            .help = "Slots that a lane may keep after a step: a number of tokens, or a share of the text such as 25%, rounded "
                    "down to whole slots. The compression ratio of kvpress is the share of the prompt that leaves; each press "
                    "rounds it in its own way, so the numbers may differ by one or two.",
            .kind = ParameterKind::Budget,
            .least = 1,
            .most = 1e9,
            .initial = "128"};
}

ParameterSpec positions(std::string_view initial)
{
    return startingWith(
        choiceParameter("positions", "Positions",
                        "Rotary positions after an eviction: keep the original ones, reassign them by slot at every step, or "
                        "renumber them by slot once, at the end of the prompt.",
                        {"keep", "reassign", "once"}),
        initial);
}

ParameterSpec keptPositions()
{
    return choiceParameter("positions", "Positions", "Rotary positions stay as recorded.", {"keep"});
}

ParameterSpec group()
{
    return choiceParameter("group", "Group", "How the attention rows of the query heads that decide together are reduced to one.",
                           {"mean", "max", "sum"});
}

ParameterSpec granularity(std::string_view initial)
{
    return startingWith(
        choiceParameter("granularity", "Granularity",
                        "Who decides together: each query head alone, the query heads of a KV head, or all heads of a layer.",
                        {"query", "kv", "layer"}),
        initial);
}

ParameterSpec sinks(std::string_view initial)
{
    return wholeParameter("sinks", "Sinks", "First tokens that never leave.", 0, 1e6, initial);
}

ParameterSpec every()
{
    return wholeParameter("every", "Every", "Steps between two choices; the cache grows in between.", 1, 1e6, "1");
}
ParameterSpec window(std::string_view initial)
{
    return wholeParameter("window", "Window",
                          "Last queries of the prompt, whose attention counts and whose tokens stay; part of the budget.", 1, 1e6,
                          initial);
}

ParameterSpec kernel(std::string_view initial)
{
    return wholeParameter("kernel", "Kernel", "Neighbors pooled together so that whole phrases stay; odd, 1 = no pooling.", 1,
                          1001, initial);
}

ParameterSpec pool(std::string_view initial)
{
    return startingWith(
        choiceParameter("pool", "Pooling",
                        "How neighbors are pooled: the largest score, or their mean, zeros beyond the ends counted.",
                        {"max", "avg"}),
        initial);
}

ParameterSpec reduce()
{
    return choiceParameter("reduce", "Reduce",
                           "Whether the query heads that decide together are reduced before the pooling or after it.",
                           {"before", "after"});
}

ParameterSpec scoreNumbers()
{
    return choiceParameter(
        "scores", "Scores",
        "Number type in which scores are computed and summed: float32, the type that the model ran in (model), or another, to "
        "reproduce a run of the reference code in half precision, which has many more ties.",
        {"float32", "model", "float16", "bfloat16"});
}

ParameterSpec beta()
{
    return realParameter("beta", "Beta", "Steepness: the top layer gets the mean divided by this, window aside.", 1, 1e6, "20");
}

ParameterSpec pyramidBudgets()
{
    return choiceParameter("budgets", "Budgets",
                           "paper: the line of the paper, rounded; code: the integers of KVCache-Factory, which together "
                           "exceed the budget when it is small and are all the same for prompts below twice the budget; "
                           "adakv: those integers for short prompts too, as FFY0/AdaKV has them; press: as in NVIDIA's "
                           "kvpress, the window inside the line. A prompt below the budget stays whole.",
                           {"paper", "code", "adakv", "press"});
}

} // namespace shared_parameters

} // namespace winnow
