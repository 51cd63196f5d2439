#include "core/policy/presets/mix.h"

#include "core/policy/parts/adaptive_budget.h"
#include "core/policy/parts/attention_sums.h"
#include "core/policy/parts/budgets.h"
#include "core/policy/parts/chunk_scores.h"
#include "core/policy/parts/dynamic_budget.h"
#include "core/policy/parts/key_steps.h"
#include "core/policy/parts/last_row.h"
#include "core/policy/parts/named_scorers.h"
#include "core/policy/parts/selectors.h"
#include "core/policy/parts/tree_scope.h"
#include "core/policy/recipe_options.h"

namespace winnow {

namespace {

ParameterSpec budgetsParameter()
{
    return choiceParameter(
        "budgets", "Budgets",
        "uniform; pyramid: fewer slots from layer to layer; dynamic: layers share by the votes at the prompt's end (DynamicKV); "
        "adaptive: heads of a layer do (AdaKV, exact totals).",
        {"uniform", "pyramid", "dynamic", "adaptive"});
}

std::shared_ptr<const BudgetRule> budgetOf(const PolicySpec& spec)
{
    const auto name = spec.value("budgets");
    if (name == "pyramid")
        return pyramidBudget(PyramidFormula::Paper, spec.real("beta"));
    if (name == "dynamic")
        return dynamicBudget({});
    if (name == "adaptive")
        return adaptiveBudget({.form = AdaptiveBudget::Form::Safeguard, .floor = spec.real("floor")}, uniformBudget());
    return uniformBudget();
}

std::shared_ptr<const Selector> selectorOf(const PolicySpec& spec)
{
    const auto name = spec.value("select");
    if (name == "tree")
        return treeScope(TreeNext::Unit, TreeKeep::Score);
    if (name == "oldest")
        return oldest();
    if (name == "random")
        return seededRandom(static_cast<std::uint64_t>(spec.whole("seed")));
    if (name == "chunks")
        return wholeChunks(spec.whole("chunk"));
    return lowestScore();
}

ParameterSpec recentParameter(std::string_view initial)
{
    return wholeParameter("recent", "Recent", "Newest tokens that may not leave.", 0, 1e6, initial);
}
ParameterSpec seedParameter() { return wholeParameter("seed", "Seed", "For select=random.", 0, 2147483647, "0"); }
ParameterSpec floorParameter()
{
    return realParameter("floor", "Floor", "Share of the mean budget that every head gets under budgets=adaptive.", 0, 1, "0.2");
}

} // namespace

const Preset& mixPreset()
{
    static const Preset preset{
        .info =
            {.name = "mix",
             .title = "Mix",
             .summary = "A recipe of your own: any score, choice, budget and protection, at every step.",
             .parameters =
                 {shared_parameters::budget(),
                  choiceParameter(
                      "score", "Score",
                      "accumulated: attention received so far (H2O); mean: per query that looked (TreeKV); last: of the newest "
                      "query (TOVA); knorm: short keys; keydiff: keys unlike the others.",
                      {"accumulated", "mean", "last", "knorm", "keydiff"}),
                  choiceParameter("select", "Choice",
                                  "lowest: the lowest score goes; tree: of two neighbors, walking on; oldest; random.",
                                  {"lowest", "tree", "oldest", "random"}),
                  budgetsParameter(), shared_parameters::sinks("0"), recentParameter("1"),
                  wholeParameter("every", "Every", "Steps between two choices; the cache grows in between.", 1, 1e6, "1"),
                  wholeParameter("voters", "Voters", "Last queries of the prompt that budgets=dynamic and adaptive ask.", 1, 1e6,
                                 "32"),
                  shared_parameters::beta(), floorParameter(), seedParameter(), shared_parameters::positions("keep"),
                  shared_parameters::group(), shared_parameters::granularity("kv")}},
        .recipe =
            [](const PolicySpec& spec) {
                Recipe recipe = recipeWithShared(spec, Acts::EveryStep);
                recipe.every = spec.whole("every");
                recipe.protection.sinks = spec.whole("sinks");
                recipe.protection.recent = spec.whole("recent");
                const auto score = spec.value("score");
                recipe.scorer = score == "accumulated" ? accumulatedAttention()
                                : score == "mean"      ? meanAttention()
                                : score == "last"      ? lastRow()
                                : score == "knorm"     ? keyNormSteps()
                                                       : keyDifferenceSteps();
                recipe.selector = selectorOf(spec);
                recipe.budget = budgetOf(spec);
                if (recipe.budget->looksAtPrompt()) {
                    recipe.promptScorer = observationWindow({.window = spec.whole("voters")});
                    recipe.promptChooses = false;
                }
                return recipe;
            },
    };
    return preset;
}

const Preset& mixPromptPreset()
{
    static const Preset preset{
        .info = {.name = "mix-prompt",
                 .title = "Mix at the prompt's end",
                 .summary = "A recipe of your own: any score, choice, budget and protection, once at the end of the prompt.",
                 .acts = Acts::EndOfPrompt,
                 .parameters =
                     {shared_parameters::budget(), scorerParameter("score", "Score"),
                      choiceParameter(
                          "select", "Choice",
                          "lowest: the lowest scores go; tree: of two neighbors, walking on; chunks: whole ones by their mean; "
                          "random.",
                          {"lowest", "tree", "chunks", "random"}),
                      budgetsParameter(), shared_parameters::sinks("0"), recentParameter("0"), shared_parameters::window("32"),
                      shared_parameters::kernel("7"), shared_parameters::pool("max"), shared_parameters::reduce(),
                      wholeParameter("chunk", "Chunk", "For select=chunks.", 1, 1e6, "20"), shared_parameters::beta(),
                      floorParameter(), seedParameter(), shared_parameters::positions("keep"), shared_parameters::group(),
                      shared_parameters::granularity("kv")}},
        .recipe =
            [](const PolicySpec& spec) {
                Recipe recipe = recipeWithShared(spec, Acts::EndOfPrompt);
                recipe.protection.sinks = spec.whole("sinks");
                recipe.protection.recent = spec.whole("recent");
                if (spec.value("score") == "window")
                    recipe.protection.window = std::max(0, spec.whole("window") - recipe.protection.recent);
                recipe.promptScorer = scorerNamed(spec.value("score"), spec);
                if (spec.value("select") == "chunks")
                    recipe.promptScorer = chunkScores(std::move(recipe.promptScorer), spec.whole("chunk"));
                recipe.selector = selectorOf(spec);
                recipe.budget = budgetOf(spec);
                return recipe;
            },
    };
    return preset;
}

} // namespace winnow
