// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/replay/replay_plan.h"

#include "core/io/json.h"
#include "core/replay/given_lifetimes.h"
#include "core/replay/head_scores.h"
#include "core/replay/most_lanes.h"

#include <algorithm>
#include <limits>

namespace winnow {

namespace {

constexpr std::int64_t kMostLayers = 65536; ///< as in traces

/// Layers of the model, recorded or not: PyramidKV's line runs over all of them.
int modelLayers(const TraceInfo& info)
{
    int layers = info.layers.empty() ? 0 : raw(info.layers.back()) + 1;
    if (const auto config = parseJson(info.config, "the trace's config"); config && config->is_object()) {
        const auto* text = config->contains("text_config") ? &(*config)["text_config"] : &*config;
        if (const auto found = text->find("num_hidden_layers"); found != text->end() && found->is_number_integer())
            layers = static_cast<int>(std::clamp<std::int64_t>(found->get<std::int64_t>(), layers, kMostLayers));
    }
    return layers;
}

Result<PolicyPlan> planPolicy(const PolicySpec& given, const ReplayPlan& plan, const TraceInfo& info)
{
    WINNOW_TRY_VOID(checkSpec(given, plan.tokens, plan.prompt));
    PolicySpec spec = given;
    const bool rotary = std::all_of(plan.layerIndices.begin(), plan.layerIndices.end(),
                                    [&](int index) { return !info.layerInfo[static_cast<std::size_t>(index)].invFreq.empty(); });
    if (!rotary && spec.value("positions") != "" && spec.value("positions") != "keep") {
        if (std::find(spec.typed.begin(), spec.typed.end(), "positions") != spec.typed.end())
            return fail(ErrorCode::BadInput,
                        "policy '{}': positions={} moves rotary positions, and this model has no rotary "
                        "embedding; use positions=keep",
                        spec.name, spec.value("positions"));
        for (auto& [key, value] : spec.values)
            if (key == "positions")
                value = "keep";
    }
    const auto lacks = std::find_if(plan.layerIndices.begin(), plan.layerIndices.end(), [&](int index) {
        return !info.layerInfo[static_cast<std::size_t>(index)].hasValueOutputNorm;
    });
    if (findPolicy(spec.name)->needsValueOutputNorm && lacks != plan.layerIndices.end())
        return fail(ErrorCode::BadInput,
                    "policy '{}' needs the length of values behind the output projection, and layer {} of the trace has no "
                    "vo_norm; record it again with this Winnow",
                    spec.name, raw(info.layers[static_cast<std::size_t>(*lacks)]));
    PolicyPlan policy{.spec = resolved(spec, plan.tokens)};
    policy.recipe = recipeOf(policy.spec);
    if (!policy.recipe.lifetimes.empty()) {
        WINNOW_TRY(GivenLifetimes given, readGiven(policy.recipe.lifetimes, plan, info));
        policy.given = std::move(given.evictStep);
        policy.recipe.granularity = given.lanes == plan.keyHeads ? Granularity::Kv : Granularity::Query;
    }
    const Recipe& recipe = policy.recipe;
    policy.lanes = recipe.granularity == Granularity::Query ? plan.queryHeads : plan.keyHeads;
    policy.units = recipe.granularity == Granularity::Layer ? 1 : policy.lanes;
    policy.headsPerUnit = plan.queryHeads / policy.units;
    policy.headsPerLane = plan.queryHeads / policy.lanes;
    const bool atPromptEnd = recipe.acts == Acts::EndOfPrompt;
    if (recipe.acts == Acts::Never) {
        policy.slots.assign(plan.layers.size() * static_cast<std::size_t>(policy.units), plan.tokens);
        policy.question = {.slots = budgetOf(policy.spec, plan.tokens), .modelLayers = plan.modelLayers, .tokens = plan.tokens};
        policy.byRule = keptByRule(policy.spec, plan.tokens, plan.prompt);
        return policy;
    }
    policy.question = {.slots = policy.spec.budget().slotCount(plan.tokens),
                       .modelLayers = plan.modelLayers,
                       .tokens = atPromptEnd || recipe.promptScorer ? plan.prompt : plan.tokens,
                       .window = recipe.atPromptEnd().window};
    if (!recipe.headScores.empty()) {
        WINNOW_TRY(policy.question.headScores, readHeadScores(recipe.headScores, plan.modelLayers, plan.queryHeads));
    }
    if (recipe.budget->looksAtPrompt() && plan.prompt == 0 && !recipe.promptChooses)
        return fail(ErrorCode::BadInput,
                    "policy '{}': budgets={} follow the scores of the prompt, and there is none; give its length with "
                    "--prompt N",
                    spec.name, spec.value("budgets"));
    auto perLayer = recipe.budget->slots(policy.question);
    for (int& slots : perLayer) // what is protected has its place in every layer
        slots = std::max({slots, recipe.protection.slots(), recipe.atPromptEnd().slots()});
    for (const Layer layer : plan.layers)
        policy.slots.insert(policy.slots.end(), static_cast<std::size_t>(policy.units),
                            perLayer[static_cast<std::size_t>(raw(layer))]);
    if (!recipe.budget->uniform())
        for (const Layer layer : plan.layers)
            policy.budgets.push_back(perLayer[static_cast<std::size_t>(raw(layer))]);
    policy.byRule = keptByRule(policy.spec, policy.slots.front(), plan.prompt);
    return policy;
}

} // namespace

int budgetOf(const PolicySpec& spec, int tokens)
{
    const PolicyInfo* info = findPolicy(spec.name);
    return info && info->acts == Acts::Never && !info->selects ? tokens : spec.budget().slotCount(tokens);
}

KeptByRule keptByRule(const PolicySpec& spec, int slots, int prompt)
{
    const Recipe recipe = recipeOf(spec);
    if (recipe.acts == Acts::Never)
        return {.everything = recipe.reader == nullptr};
    KeptByRule rule{.sinks = recipe.protection.sinks, .recent = recipe.protection.recent};
    if (recipe.promptProtection) { // what the choice at the prompt's end leaves of it
        rule.sinks = std::min(rule.sinks, recipe.promptProtection->sinks);
        rule.recent = std::min(rule.recent, recipe.promptProtection->recent + recipe.promptProtection->window);
    }
    if (recipe.acts == Acts::EveryStep && recipe.selector && recipe.selector->evictsOldest() && recipe.budget->uniform() &&
        !recipe.budget->looksAtPrompt())
        rule.recent = slots - rule.sinks; // the newest slots, as many as every lane has
    if (recipe.acts == Acts::EndOfPrompt)
        rule.from = std::max(0, prompt - recipe.protection.window);
    return rule;
}

Result<ReplayPlan> planReplay(const TraceInfo& info, std::span<const PolicySpec> specs, const ReplayOptions& options)
{
    ReplayPlan plan{.tokens = static_cast<int>(info.tokens.size()), .prompt = options.prompt};
    if (plan.tokens == 0)
        return fail(ErrorCode::BadInput, "the trace holds no tokens; record it again");
    if (options.prompt < 0 || options.prompt > plan.tokens)
        return fail(ErrorCode::Usage, "a prompt of {} tokens does not fit a trace of {}; give 0 to {}", options.prompt,
                    plan.tokens, plan.tokens);
    const int lowest = info.layers.empty() ? 0 : raw(info.layers.front()),
              highest = info.layers.empty() ? 0 : raw(info.layers.back());
    const auto wanted = options.layers.value_or(std::pair{lowest, highest});
    if (wanted.first < lowest || wanted.second > highest || wanted.first > wanted.second)
        return fail(ErrorCode::Usage, "the layers {} to {} were asked for; the trace holds {} to {}", wanted.first, wanted.second,
                    lowest, highest);
    for (std::size_t index = 0; index < info.layers.size(); ++index) {
        const int layer = raw(info.layers[index]);
        if (layer < wanted.first || layer > wanted.second)
            continue;
        plan.layerIndices.push_back(static_cast<int>(index));
        plan.layers.push_back(info.layers[index]);
    }
    if (plan.layers.empty())
        return fail(ErrorCode::Usage, "the trace has no layer from {} to {}; it holds {} of the layers {} to {}", wanted.first,
                    wanted.second, info.layers.size(), lowest, highest);
    const LayerInfo& first = info.layerInfo[static_cast<std::size_t>(plan.layerIndices.front())];
    plan.queryHeads = first.queryHeads;
    plan.keyHeads = first.keyHeads;
    for (const int index : plan.layerIndices) {
        const LayerInfo& layer = info.layerInfo[static_cast<std::size_t>(index)];
        if (layer.queryHeads != first.queryHeads || layer.keyHeads != first.keyHeads)
            return fail(ErrorCode::BadInput,
                        "layer {} has {} query heads and {} KV heads, layer {} has {} and {}; a result holds layers of one "
                        "shape: choose them with 'winnow replay --layers'",
                        raw(info.layers[static_cast<std::size_t>(index)]), layer.queryHeads, layer.keyHeads,
                        raw(plan.layers.front()), first.queryHeads, first.keyHeads);
    }
    plan.modelLayers = modelLayers(info);
    for (const PolicySpec& spec : specs) {
        WINNOW_TRY(PolicyPlan policy, planPolicy(spec, plan, info));
        if (static_cast<std::int64_t>(policy.lanes) * static_cast<std::int64_t>(plan.layers.size()) >= kMostLanes)
            return fail(ErrorCode::BadInput,
                        "policy '{}': {} layers of {} lanes are too many at once; replay fewer than {} lanes, with --layers",
                        spec.name, plan.layers.size(), policy.lanes, kMostLanes);
        plan.policies.push_back(std::move(policy));
    }
    return plan;
}

void markRead(PolicyReplay& result, int layer, int lane, int step, std::span<const int> pages)
{
    std::uint8_t* row = result.read.data() + result.index(layer, lane, step) * static_cast<std::size_t>(result.pageBytes());
    for (const int page : pages)
        row[page / 8] |= static_cast<std::uint8_t>(0x80U >> (page % 8));
}

std::vector<PolicyReplay> emptyResults(const ReplayPlan& plan, ResultPlace place)
{
    constexpr float kNone = std::numeric_limits<float>::quiet_NaN();
    std::vector<PolicyReplay> results;
    for (const PolicyPlan& policy : plan.policies) {
        PolicyReplay result{.spec = policy.spec,
                            .layers = static_cast<int>(plan.layers.size()),
                            .lanes = policy.lanes,
                            .tokens = plan.tokens,
                            .budget = budgetOf(policy.spec, plan.tokens),
                            .byRule = policy.byRule};
        const std::size_t cells = static_cast<std::size_t>(result.layers) * policy.lanes * plan.tokens;
        result.evictStep.assign(cells, -1, place);
        result.mass.assign(cells, kNone, place);
        result.error.assign(cells, kNone, place);
        result.occupancy.assign(cells, -1, place);
        if (policy.recipe.scorer || policy.decision) {
            result.scoreAtEviction.assign(cells, kNone, place);
            result.lowestKept.assign(cells, kNone, place);
        }
        if (policy.recipe.merges)
            result.mergedInto.assign(cells, -1, place);
        if (policy.recipe.reader) {
            result.pageTokens = policy.recipe.reader->pageTokens();
            result.read.assign(cells * static_cast<std::size_t>(result.pageBytes()), 0, place);
        }
        result.budgets = policy.budgets;
        results.push_back(std::move(result));
    }
    return results;
}

} // namespace winnow
