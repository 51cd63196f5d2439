// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/evaluate/prompt_pass.h"

#include "core/replay/prompt_stage.h"

#include <algorithm>

namespace winnow {

std::unique_ptr<PromptRows> rowsToDecide(const Transformer& model, const TraceInfo& info, const ReplayPlan& plan)
{
    const auto any = [&](auto is) { return std::any_of(plan.policies.begin(), plan.policies.end(), is); };
    if (!any([](const PolicyPlan& policy) { return policy.recipe.promptScorer != nullptr; }))
        return nullptr;
    const bool norms = any([](const PolicyPlan& policy) { return findPolicy(policy.spec.name)->needsValueOutputNorm; });
    return std::make_unique<PromptRows>(info, plan.prompt, norms ? &model : nullptr);
}

Result<void> readPrompt(const Transformer& model, const TraceInfo& info, int chunk, RunningText* full, ReplayPlan& plan,
                        NextTokenScores& scores, const JobContext& job)
{
    if (plan.prompt == 0)
        return {};
    const std::unique_ptr<PromptRows> rows = rowsToDecide(model, info, plan);
    if (full == nullptr && !rows)
        return {};
    Listener listener(info.tokens, scores, rows.get());
    std::unique_ptr<RunningText> alone;
    if (full == nullptr) {
        WINNOW_TRY(alone, model.begin(plan.tokens, fullCache(plan.prompt)));
        full = alone.get();
    }
    WINNOW_TRY_VOID(full->advance(std::span(info.tokens).first(static_cast<std::size_t>(plan.prompt)), chunk, listener, job));
    return rows ? decidePrompts(*rows, plan, "cpu", job) : Result<void>();
}

} // namespace winnow
