// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/policy/presets/mix.h"

#include "core/policy/named_scorers.h"
#include "core/policy/parts/budget/adaptive_budget.h"
#include "core/policy/parts/budget/budgets.h"
#include "core/policy/parts/budget/cascading_budget.h"
#include "core/policy/parts/budget/dynamic_budget.h"
#include "core/policy/parts/budget/head_budget.h"
#include "core/policy/parts/prompt/chunk_scores.h"
#include "core/policy/parts/step/attention_sums.h"
#include "core/policy/parts/step/decayed_attention.h"
#include "core/policy/parts/step/key_steps.h"
#include "core/policy/parts/step/last_row.h"
#include "core/policy/parts/step/low_counts.h"
#include "core/policy/parts/step/selectors.h"
#include "core/policy/parts/step/tree_blocks.h"
#include "core/policy/parts/step/tree_scope.h"
#include "core/policy/presets/cake.h"
#include "core/policy/recipe_options.h"

namespace winnow {

namespace {

ParameterSpec budgetsParameter()
{
    return choiceParameter(
        "budgets", "Budgets",
        "uniform; pyramid: fewer slots from layer to layer, pyramid-code: the integers of PyramidKV's code; dynamic: layers "
        "divide the slots by their scores at the prompt's end (DynamicKV), cascade: by entropy and variance of their attention "
        "(CAKE); adaptive: the heads of a layer divide its slots (AdaKV, exact totals), heads: all heads do by a file of head "
        "scores (HeadKV; protected slots come on top).",
        {"uniform", "pyramid", "pyramid-code", "dynamic", "cascade", "adaptive", "heads"});
}

std::shared_ptr<const BudgetRule> budgetOf(const PolicySpec& spec)
{
    const auto name = spec.value("budgets");
    if (name.starts_with("pyramid"))
        return pyramidBudget(name == "pyramid" ? PyramidFormula::Paper : PyramidFormula::Code, spec.real("beta"));
    if (name == "cascade")
        return cascadingBudget();
    if (name == "heads")
        return headBudget(1.01);
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
    if (name == "blocks")
        return treeBlocks(spec.whole("chunk"));
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

ParameterSpec headsParameter()
{
    return {
        .id = "heads",
        .title = "Head scores",
        .help =
            "For budgets=heads: a JSON file, an object with a list of scores for each \"layer-head\", as HeadKV publishes them.",
        .kind = ParameterKind::File,
        .initial = "none"};
}

std::shared_ptr<const Scorer> stepScorerOf(const PolicySpec& spec)
{
    const auto name = spec.value("score");
    return name == "accumulated" ? accumulatedAttention()
           : name == "mean"      ? meanAttention()
           : name == "decayed"   ? decayedAttention({.decay = 0.98})
           : name == "counts"    ? lowCounts(400)
           : name == "last"      ? lastRow()
           : name == "knorm"     ? keyNormSteps()
                                 : keyDifferenceSteps();
}

/// One scorer's scores with CAKE's preference for a layer.
class WithPreference final : public PromptScorer {
public:
    WithPreference(std::shared_ptr<const PromptScorer> scores, int voters)
        : m_scores(std::move(scores)), m_preference(cakeScores(voters, 200, 1, 1))
    {
    }
    at::Tensor scores(PromptLayer& layer, const PromptUnits& units, const BudgetQuestion& question) const override
    {
        return m_scores->scores(layer, units, question);
    }
    at::Tensor preference(PromptLayer& layer) const override { return m_preference->preference(layer); }

private:
    std::shared_ptr<const PromptScorer> m_scores, m_preference;
};

/// What `budgets` needs of a spec beside the rule.
void share(Recipe& recipe, const PolicySpec& spec, int voters)
{
    recipe.budget = budgetOf(spec);
    if (spec.value("budgets") == "heads")
        recipe.headScores = std::string(spec.value("heads"));
    if (spec.value("budgets") == "cascade")
        recipe.promptScorer = std::make_shared<WithPreference>(std::move(recipe.promptScorer), voters);
}

/// Of mix-prompt: voters stay where they vote.
Protection promptProtection(const PolicySpec& spec)
{
    Protection protection{.sinks = spec.whole("sinks"), .recent = spec.whole("recent")};
    if (spec.choice("score").name == "window")
        protection.window = std::max(0, spec.whole("window") - protection.recent);
    return protection;
}

} // namespace

std::string headsAreMissing(const PolicySpec& spec, int)
{
    return spec.value("budgets") == "heads" && spec.value("heads") == "none"
               ? "budgets=heads follow a table of head scores; give it with heads=FILE"
               : "";
}

PolicyInfo stepMixInfo(PolicyInfo info, ParameterSpec score)
{
    info.parameters = {
        shared_parameters::budget(),
        std::move(score),
        choiceParameter("select", "Choice", "lowest: the lowest score goes; tree: of two neighbors, walking on; oldest; random.",
                        {"lowest", "tree", "oldest", "random"}),
        budgetsParameter(),
        shared_parameters::sinks("0"),
        recentParameter("1"),
        shared_parameters::every(),
        wholeParameter("voters", "Voters",
                       "Last queries of the prompt whose attention budgets=dynamic, cascade and adaptive use.", 2, 1e6, "32"),
        shared_parameters::beta(),
        floorParameter(),
        headsParameter(),
        seedParameter(),
        shared_parameters::positions("keep"),
        shared_parameters::group(),
        shared_parameters::granularity("kv")};
    info.ties = "of equal scores the older token stays; under select=tree the older of two neighbors goes";
    return info;
}

Recipe stepMix(const PolicySpec& spec, std::shared_ptr<const Scorer> scorer)
{
    Recipe recipe = recipeWithShared(spec, Acts::EveryStep);
    recipe.every = spec.whole("every");
    recipe.protection.sinks = spec.whole("sinks");
    recipe.protection.recent = spec.whole("recent");
    recipe.scorer = std::move(scorer);
    recipe.selector = selectorOf(spec);
    if (budgetOf(spec)->looksAtPrompt()) {
        recipe.promptScorer = observationWindow({.window = spec.whole("voters")});
        recipe.promptChooses = false;
    }
    share(recipe, spec, spec.whole("voters"));
    return recipe;
}

const Preset& mixPreset()
{
    static const Preset preset{
        .info = stepMixInfo(
            {.name = "mix",
             .title = "Mix",
             .summary = "A recipe of your own: any score, selection, budget and protection, at every step."},
            choiceParameter("score", "Score",
                            "accumulated: attention received so far (H2O); mean: the same per query that has seen the token "
                            "(TreeKV); last: of the newest query (TOVA); knorm: keys with a small L2 norm; keydiff: keys unlike "
                            "the mean key; decayed: attention received, each step weighted by 0.98 per step of age (ZeroMerge); "
                            "counts: in how few of the last 400 rows it was below an even share (Scissorhands).",
                            {"accumulated", "mean", "last", "knorm", "keydiff", "decayed", "counts"})),
        .recipe = [](const PolicySpec& spec) { return stepMix(spec, stepScorerOf(spec)); },
        .contradiction = headsAreMissing,
    };
    return preset;
}

const Preset& mixPromptPreset()
{
    static const Preset preset{
        .info =
            {.name = "mix-prompt",
             .title = "Mix at the prompt's end",
             .summary = "A recipe of your own: any score, selection, budget and protection, once at the end of the prompt.",
             .acts = Acts::EndOfPrompt,
             .parameters =
                 {shared_parameters::budget(), scorerParameter("score", "Score"),
                  choiceParameter("select", "Choice",
                                  "lowest: the lowest scores go; tree: of two neighbors, walking on; blocks: whole blocks, "
                                  "of two neighbors; chunks: whole ones by "
                                  "their mean; oldest; random.",
                                  {"lowest", "tree", "blocks", "chunks", "oldest", "random"}),
                  budgetsParameter(), shared_parameters::sinks("0"), recentParameter("0"), shared_parameters::window("32"),
                  shared_parameters::kernel("7"), shared_parameters::pool("max"), shared_parameters::reduce(),
                  wholeParameter("chunk", "Chunk", "Tokens of a chunk or block, for select=chunks and blocks.", 1, 1e6, "20"),
                  shared_parameters::beta(), floorParameter(), headsParameter(), seedParameter(),
                  shared_parameters::positions("keep"), shared_parameters::group(), shared_parameters::granularity("kv")},
             .ties =
                 "of equal scores the older token stays; under select=tree and select=blocks the older of two neighbors goes"},
        .recipe =
            [](const PolicySpec& spec) {
                Recipe recipe = recipeWithShared(spec, Acts::EndOfPrompt);
                recipe.protection = promptProtection(spec);
                recipe.promptScorer = scorerNamed("score", spec);
                if (spec.value("select") == "chunks")
                    recipe.promptScorer = chunkScores(std::move(recipe.promptScorer), spec.whole("chunk"));
                recipe.selector = selectorOf(spec);
                share(recipe, spec, std::max(2, spec.whole("window")));
                return recipe;
            },
        .contradiction =
            [](const PolicySpec& spec, int slots) {
                std::string missing = headsAreMissing(spec, slots);
                const Protection protection = promptProtection(spec);
                const int room = std::max(0, slots - protection.slots());
                return missing.empty() && spec.value("select") == "chunks" && spec.whole("chunk") > std::max(1, room)
                           ? fmt::format("a budget of {} holds no chunk of {} beside the {} tokens that may not leave; give a "
                                         "chunk from 1 to {}",
                                         slots, spec.whole("chunk"), protection.slots(), std::max(1, room))
                           : missing;
            },
    };
    return preset;
}

} // namespace winnow
