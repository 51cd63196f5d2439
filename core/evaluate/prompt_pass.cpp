// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/evaluate/prompt_pass.h"

#include "core/replay/prompt_stage.h"

#include <algorithm>

namespace winnow {

Result<void> readPrompt(const Transformer& model, const TraceInfo& info, int chunk, RunningText* full, ReplayPlan& plan,
                        NextTokenScores& scores, const JobContext& job)
{
    const bool decides = std::any_of(plan.policies.begin(), plan.policies.end(),
                                     [](const PolicyPlan& policy) { return policy.recipe.promptScorer != nullptr; });
    const bool norms = std::any_of(plan.policies.begin(), plan.policies.end(),
                                   [](const PolicyPlan& policy) { return findPolicy(policy.spec.name)->needsValueOutputNorm; });
    if (plan.prompt == 0 || (full == nullptr && !decides))
        return {};
    PromptRows rows(info, plan.prompt, norms ? &model : nullptr);
    Listener listener(info.tokens, scores, decides ? &rows : nullptr);
    std::unique_ptr<RunningText> alone;
    if (full == nullptr) {
        WINNOW_TRY(alone, model.begin(plan.tokens, fullCache(plan.prompt)));
        full = alone.get();
    }
    WINNOW_TRY_VOID(full->advance(std::span(info.tokens).first(static_cast<std::size_t>(plan.prompt)), chunk, listener, job));
    return decidePrompts(rows, plan, "cpu", job);
}

} // namespace winnow
