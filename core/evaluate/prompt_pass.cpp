// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/evaluate/prompt_pass.h"

#include "core/base/check.h"
#include "core/replay/lane_rows.h"

#include <algorithm>

namespace winnow {

namespace {

class PassingCache final : public LayerCache {
public:
    explicit PassingCache(int tokens) : m_tokens(tokens), m_held(tokens) {}
    void append(int layer, const CacheRows& rows) override
    {
        if (layer != m_layer)
            m_held = FullCache(m_tokens);
        m_layer = layer;
        m_held.append(0, rows);
    }
    AttentionResult attend(int, const CacheRows& rows, const AttentionRule& rule, bool wantLse) override
    {
        return m_held.attend(0, rows, rule, wantLse);
    }
    void settle(int) override {}

private:
    int m_tokens, m_layer = 0;
    FullCache m_held;
};

} // namespace

std::unique_ptr<LayerCache> passingCache(int tokens) { return std::make_unique<PassingCache>(tokens); }

PromptChoices::PromptChoices(const Transformer& model, const TraceInfo& info, ReplayPlan& plan, const JobContext& job)
    : m_prompt(plan.prompt), m_job(job), m_stage(plan, {})
{
    const bool norms = std::any_of(plan.policies.begin(), plan.policies.end(), [](const PolicyPlan& policy) {
        return policy.recipe.promptScorer && findPolicy(policy.spec.name)->needsValueOutputNorm;
    });
    if (m_stage.isWanted())
        m_rows.emplace(info, plan.prompt, norms ? &model : nullptr);
}

Result<void> PromptChoices::take(Layer layer, Position begin, const LayerRows& rows)
{
    WINNOW_TRY_VOID(m_rows->take(layer, raw(begin), rows));
    if (raw(begin) + rows.q.size(1) < m_prompt)
        return {};
    WINNOW_TRY_VOID(m_stage.score(*m_rows, m_job));
    m_rows->drop(layer);
    return {};
}

Result<void> PromptChoices::decide()
{
    m_rows.reset();
    return m_stage.decide();
}

Result<void> Listener::hiddenState(Layer layer, Position step, const at::Tensor& rows)
{
    const auto at = static_cast<std::size_t>(raw(layer));
    if (rows.size(0) != 1)
        return {};
    if (m_keeps != nullptr)
        copyFloats(rows, (*m_keeps)[at].hidden);
    if (m_full == nullptr)
        return {};
    const auto begun = std::chrono::steady_clock::now();
    const FullStep& full = (*m_full)[at];
    WINNOW_CHECK(full.step == raw(step), "the full cache is at step {}, this one at {}", full.step, raw(step));
    copyFloats(rows, m_hidden);
    (*m_errors)[at * m_tokens.size() + static_cast<std::size_t>(full.step)] =
        outputError(m_hidden.data(), full.hidden.data(), m_hidden.size());
    m_measuring += std::chrono::steady_clock::now() - begun;
    return {};
}

Result<void> readPrompt(const Transformer& model, const TraceInfo& info, int chunk, RunningText* full, ReplayPlan& plan,
                        NextTokenScores& scores, const JobContext& job)
{
    if (plan.prompt == 0)
        return {};
    PromptChoices choices(model, info, plan, job);
    if (full == nullptr && !choices.areWanted())
        return {};
    Listener listener(info.tokens, scores, choices.areWanted() ? &choices : nullptr);
    std::unique_ptr<RunningText> alone;
    if (full == nullptr) {
        WINNOW_TRY(alone, model.begin(plan.tokens, passingCache(plan.prompt)));
        full = alone.get();
    }
    WINNOW_TRY_VOID(
        full->advanceByLayer(std::span(info.tokens).first(static_cast<std::size_t>(plan.prompt)), chunk, listener, job));
    if (choices.areWanted())
        return choices.decide();
    return {};
}

} // namespace winnow
