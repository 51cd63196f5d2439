#include "core/replay/replay_plan.h"

#include "core/io/json.h"

#include <algorithm>
#include <limits>

namespace winnow {

namespace {

/// Layers of the model, recorded or not: PyramidKV's line runs over all of them.
int modelLayers(const TraceInfo& info)
{
    int layers = info.layers.empty() ? 0 : raw(info.layers.back()) + 1;
    if (const auto config = parseJson(info.config, "the trace's config"); config && config->is_object()) {
        const auto* text = config->contains("text_config") ? &(*config)["text_config"] : &*config;
        if (const auto found = text->find("num_hidden_layers"); found != text->end() && found->is_number_integer())
            layers = std::max(layers, found->get<int>());
    }
    return layers;
}

Result<PolicyPlan> planPolicy(const PolicySpec& given, const ReplayPlan& plan, const TraceInfo& info, int layersOfModel)
{
    WINNOW_TRY_VOID(checkSpec(given, plan.tokens, plan.prompt));
    PolicySpec spec = given;
    const bool rotary = std::all_of(plan.layerIndices.begin(), plan.layerIndices.end(), [&](int index) {
        return !info.layerInfo[static_cast<std::size_t>(index)].invFreq.empty();
    });
    if (!rotary && spec.value("positions") == "reassign") {
        if (std::find(spec.typed.begin(), spec.typed.end(), "positions") != spec.typed.end())
            return fail(ErrorCode::BadInput, "policy '{}': positions=reassign moves rotary positions, and this model has no rotary "
                        "embedding; use positions=keep", spec.name);
        for (auto& [key, value] : spec.values)
            if (key == "positions")
                value = "keep";
    }
    PolicyPlan policy{.spec = resolved(spec, plan.tokens)};
    policy.recipe = recipeOf(policy.spec);
    const Recipe& recipe = policy.recipe;
    policy.lanes = recipe.granularity == Granularity::Query ? plan.queryHeads : plan.keyHeads;
    policy.units = recipe.granularity == Granularity::Layer ? 1 : policy.lanes;
    policy.headsPerUnit = plan.queryHeads / policy.units;
    policy.headsPerLane = plan.queryHeads / policy.lanes;
    const bool atPromptEnd = recipe.acts == Acts::EndOfPrompt;
    if (recipe.acts == Acts::Never) {
        policy.slots.assign(plan.layers.size(), plan.tokens);
        policy.byRule.everything = true;
        return policy;
    }
    const auto perLayer = recipe.budget->slots({.slots = policy.spec.budget().slotCount(plan.tokens),
                                                .modelLayers = layersOfModel,
                                                .tokens = atPromptEnd ? plan.prompt : plan.tokens,
                                                .window = recipe.protection.window});
    for (const Layer layer : plan.layers)
        policy.slots.push_back(perLayer[static_cast<std::size_t>(raw(layer))]);
    policy.byRule.sinks = recipe.protection.sinks;
    policy.byRule.recent = recipe.protection.recent;
    if (spec.name == "window" || spec.name == "streaming")
        policy.byRule.recent = policy.slots.front() - recipe.protection.sinks; // what is not a sink is the window
    if (atPromptEnd)
        policy.byRule.from = std::max(0, plan.prompt - recipe.protection.window);
    return policy;
}

} // namespace

Result<ReplayPlan> planReplay(const TraceInfo& info, std::span<const PolicySpec> specs, const ReplayOptions& options)
{
    ReplayPlan plan{.tokens = static_cast<int>(info.tokens.size()), .prompt = options.prompt};
    if (plan.tokens == 0)
        return fail(ErrorCode::BadInput, "the trace holds no tokens; record it again");
    if (options.prompt < 0 || options.prompt > plan.tokens)
        return fail(ErrorCode::BadInput, "a prompt of {} tokens does not fit a trace of {}; give 0 to {}", options.prompt, plan.tokens,
                    plan.tokens);
    const auto wanted = options.layers.value_or(std::pair{0, std::numeric_limits<int>::max()});
    for (std::size_t index = 0; index < info.layers.size(); ++index) {
        const int layer = raw(info.layers[index]);
        if (layer < wanted.first || layer > wanted.second)
            continue;
        plan.layerIndices.push_back(static_cast<int>(index));
        plan.layers.push_back(info.layers[index]);
    }
    if (plan.layers.empty())
        return fail(ErrorCode::BadInput, "the trace has no layer from {} to {}; it holds {} layers, {} to {}", wanted.first, wanted.second,
                    info.layers.size(), info.layers.empty() ? 0 : raw(info.layers.front()),
                    info.layers.empty() ? 0 : raw(info.layers.back()));
    const LayerInfo& first = info.layerInfo[static_cast<std::size_t>(plan.layerIndices.front())];
    plan.queryHeads = first.queryHeads;
    plan.keyHeads = first.keyHeads;
    plan.headDim = first.headDim;
    for (const int index : plan.layerIndices) {
        const LayerInfo& layer = info.layerInfo[static_cast<std::size_t>(index)];
        if (layer.queryHeads != first.queryHeads || layer.keyHeads != first.keyHeads)
            return fail(ErrorCode::BadInput, "layer {} has {} query heads and {} KV heads, layer {} has {} and {}; replay layers of one "
                        "shape together, with --layers", raw(info.layers[static_cast<std::size_t>(index)]), layer.queryHeads,
                        layer.keyHeads, raw(plan.layers.front()), first.queryHeads, first.keyHeads);
    }
    const int layersOfModel = modelLayers(info);
    for (const PolicySpec& spec : specs) {
        WINNOW_TRY(PolicyPlan policy, planPolicy(spec, plan, info, layersOfModel));
        plan.policies.push_back(std::move(policy));
    }
    return plan;
}

std::vector<PolicyReplay> emptyResults(const ReplayPlan& plan)
{
    constexpr float kNone = std::numeric_limits<float>::quiet_NaN();
    std::vector<PolicyReplay> results;
    for (const PolicyPlan& policy : plan.policies) {
        PolicyReplay result{.spec = policy.spec,
                            .layers = static_cast<int>(plan.layers.size()),
                            .lanes = policy.lanes,
                            .tokens = plan.tokens,
                            .budget = policy.recipe.acts == Acts::Never ? plan.tokens : policy.spec.budget().slotCount(plan.tokens),
                            .byRule = policy.byRule};
        const std::size_t cells = static_cast<std::size_t>(result.layers) * policy.lanes * plan.tokens;
        result.evictStep.assign(cells, -1);
        result.mass.assign(cells, kNone);
        result.error.assign(cells, kNone);
        result.occupancy.assign(cells, -1);
        if (policy.recipe.scorer) {
            result.scoreAtEviction.assign(cells, kNone);
            result.lowestKept.assign(cells, kNone);
        }
        if (policy.recipe.budget && !policy.recipe.budget->uniform())
            result.budgets.assign(policy.slots.begin(), policy.slots.end());
        results.push_back(std::move(result));
    }
    return results;
}

} // namespace winnow
