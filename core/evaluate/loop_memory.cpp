// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/evaluate/loop_memory.h"

#include "core/base/available_memory.h"

#include <algorithm>

namespace winnow {

namespace {

std::uint64_t laneBytes(const LayerInfo& layer, int slots, int width)
{
    return std::uint64_t{2} * static_cast<std::uint64_t>(slots) * static_cast<std::uint64_t>(layer.headDim * width);
}

/// One policy's.
LoopMemory policyMemory(const TraceInfo& info, const ReplayPlan& plan, const PolicyPlan& policy, int width)
{
    LoopMemory need;
    const Recipe& recipe = policy.recipe;
    const auto prompt = static_cast<std::uint64_t>(plan.prompt);
    for (std::size_t layer = 0; layer < plan.layers.size(); ++layer) {
        const LayerInfo& at = info.layerInfo[layer];
        const int seen = at.window > 0 ? std::min(plan.tokens, at.window) : plan.tokens;
        for (int lane = 0; lane < policy.lanes; ++lane) {
            const int slots = policy.slotsOf(static_cast<int>(layer), lane / policy.lanesPerUnit());
            const int later = recipe.acts == Acts::EndOfPrompt ? plan.tokens - plan.prompt : recipe.every;
            need.caches += laneBytes(at, recipe.acts == Acts::Never ? seen : std::min(slots + later, seen), width);
        }
        need.prompt = std::max(need.prompt, static_cast<std::uint64_t>(policy.lanes) * laneBytes(at, plan.prompt, width));
        if (recipe.promptScorer) {
            const auto heads = static_cast<std::uint64_t>(at.queryHeads + 2 * at.keyHeads);
            const std::uint64_t rows = 2 * sizeof(float) * prompt * heads * static_cast<std::uint64_t>(at.headDim);
            const std::uint64_t scores =
                2 * sizeof(double) * prompt * static_cast<std::uint64_t>(policy.units) * plan.layers.size();
            need.prompt = std::max(need.prompt, rows + scores);
        }
    }
    const std::uint64_t numbers = 4 + (recipe.scorer || recipe.promptScorer ? 2 : 0);
    need.results = (numbers * static_cast<std::uint64_t>(policy.lanes) + 1) * sizeof(float) * plan.layers.size() *
                   static_cast<std::uint64_t>(plan.tokens); // and the error of the hidden states
    return need;
}

/// Everything; without the full cache, no more than the prompt runs in chunks.
MemoryNeed needOf(const LoopToPlan& loop, const LoopMemory& beside, const LoadedModel& model, bool full)
{
    MemoryNeed all =
        memoryNeed(model.config(), std::max(1, full ? loop.policies.tokens : loop.policies.prompt), loop.dtype, loop.chunk);
    if (!full)
        all.cache = 0;
    if (model.isLoaded())
        all.weights = 0;
    all.work += beside.total();
    return all;
}

} // namespace

LoopMemory loopMemory(const LoopToPlan& loop, int hidden)
{
    LoopMemory need;
    const int width = dtypeBytes(loop.dtype);
    for (const PolicyPlan& policy : loop.policies.policies) {
        const LoopMemory one = policyMemory(loop.info, loop.policies, policy, width);
        need.caches = loop.together ? need.caches + one.caches : std::max(need.caches, one.caches);
        need.results += one.results;
        need.prompt = std::max(need.prompt, one.prompt);
    }
    need.results *= static_cast<std::uint64_t>(loop.copies);
    need.prompt += static_cast<std::uint64_t>(loop.policies.prompt) * static_cast<std::uint64_t>(hidden * width);
    return need;
}

Result<std::optional<std::uint64_t>> planLoopMemory(const LoopToPlan& loop, LoadedModel& model, RunPlan& plan)
{
    const LoopMemory beside = loopMemory(loop, model.config().hidden);
    auto available = loop.available ? loop.available : availableMemory();
    if (!model.isOnHost())
        available.reset();
    const auto need = [&](bool full) { return needOf(loop, beside, model, full); };
    const auto fits = [&](bool full) { return !available || need(full).total() <= *available; };
    if (plan.full && !loop.needsFull && !fits(true) && fits(false)) {
        plan.full = false;
        plan.warnings.push_back(fmt::format("memory holds no full cache of {} tokens beside the rest ({} of {} that can be had): "
                                            "the policies run without it, and "
                                            "there is no mass, error, KL and agreement",
                                            loop.policies.tokens, sizeText(need(true).total()), sizeText(*available)));
    }
    const bool full = plan.full || loop.needsFull;
    const MemoryNeed all = need(full);
    if (!fits(full) && all.total() - all.weights > *available)
        return fail(ErrorCode::OutOfMemory,
                    "the run takes about {} of memory, {} of it caches under policies and {} results, and {} can be had; run {}a "
                    "shorter text, or give smaller budgets",
                    sizeText(all.total()), sizeText(beside.caches), sizeText(beside.results), sizeText(*available),
                    loop.policies.policies.size() > 1 ? "fewer policies at once or " : "");
    const auto left = available ? std::optional(*available - std::min(*available, beside.total())) : available;
    WINNOW_TRY_VOID(model.chooseMemory(full ? std::max(1, loop.policies.tokens) : 1, loop.chunk, left, plan.warnings));
    plan.memory = fmt::format("{}; {} of caches under policies, {} of results", memoryText(all), sizeText(beside.caches),
                              sizeText(beside.results));
    return available ? std::optional(*available - std::min(*available, all.total())) : available;
}

} // namespace winnow
