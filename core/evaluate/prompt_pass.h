// SPDX-License-Identifier: GPL-3.0-or-later
// The pass of a run over its prompt: the observer of the model, and the rows from which the choices at the prompt's end are made.
#pragma once

#include "core/evaluate/next_token.h"
#include "core/evaluate/prompt_rows.h"
#include "core/replay/replay_plan.h"

#include <memory>

namespace winnow {

/// The observer of a run: keeps the logits of the last chunk, scores the predictions of a prompt's tokens, and passes rows on to
/// `rows` unless that is null.
class Listener final : public ForwardObserver {
public:
    Listener(std::span<const std::int32_t> tokens, NextTokenScores& scores, PromptRows* rows = nullptr)
        : m_tokens(tokens), m_scores(scores), m_rows(rows)
    {
    }
    Result<void> layerRows(Layer layer, Position begin, const LayerRows& rows) override
    {
        return m_rows->take(layer, raw(begin), rows);
    }
    Result<void> logits(Position begin, const at::Tensor& logits) override
    {
        m_last = logits;
        m_lastBegin = raw(begin);
        if (logits.size(0) > 1 || !m_keepsSingle)
            judge({});
        return {};
    }
    bool wantsLayerRows() const override { return m_rows != nullptr; }

    /// From now on single tokens are judged when somebody calls `judge`.
    void keepSingle() { m_keepsSingle = true; }
    void judge(const at::Tensor& full) { scoreRows(m_tokens, m_lastBegin, m_last, full, m_scores); }
    const at::Tensor& last() const { return m_last; }

private:
    std::span<const std::int32_t> m_tokens;
    NextTokenScores& m_scores;
    PromptRows* m_rows;
    at::Tensor m_last;
    int m_lastBegin = 0;
    bool m_keepsSingle = false;
};

/// What the choices at the end of the prompt of `plan` are made from; null where no policy makes one.
std::unique_ptr<PromptRows> rowsToDecide(const Transformer& model, const TraceInfo& info, const ReplayPlan& plan);

/// Reads the prompt of `plan` with the full cache, `chunk` tokens at a time, and makes the choices at its end. `full`: a running
/// text at its beginning, which is advanced to the prompt's end; null: one is made if some policy needs it. `scores`: receives
/// the scores of the prompt's tokens. Memory: PromptRows, where some policy chooses at the prompt's end.
Result<void> readPrompt(const Transformer& model, const TraceInfo& info, int chunk, RunningText* full, ReplayPlan& plan,
                        NextTokenScores& scores, const JobContext& job);

} // namespace winnow
