// SPDX-License-Identifier: GPL-3.0-or-later
// The pass of a run over its prompt: the observer of the model, and the rows from which the choices at the prompt's end are made.
#pragma once

#include "core/evaluate/full_steps.h"
#include "core/evaluate/next_token.h"
#include "core/evaluate/prompt_rows.h"
#include "core/replay/prompt_stage.h"

#include <chrono>
#include <memory>
#include <optional>
#include <utility>

namespace winnow {

/// The choices at the end of a prompt that is read layer by layer: each layer is scored when its rows are whole, and they are
/// freed. Memory: PromptRows of one layer, and the scores of all. One thread.
class PromptChoices {
public:
    /// All of it must outlive this.
    PromptChoices(const Transformer& model, const TraceInfo& info, ReplayPlan& plan, const JobContext& job);

    bool areWanted() const { return m_rows.has_value(); } ///< whether some policy makes one
    /// As ForwardObserver::layerRows; layers come in order, each with all its chunks.
    Result<void> take(Layer layer, Position begin, const LayerRows& rows);
    /// After the last layer: fills the plan, as decidePrompts does.
    Result<void> decide();

private:
    int m_prompt;
    const JobContext& m_job;
    PromptStage m_stage;
    std::optional<PromptRows> m_rows;
};

/// The observer of a run: keeps the logits of the last chunk, scores the predictions of a prompt's tokens, passes rows on to
/// `choices` unless that is null, and compares hidden states.
class Listener final : public ForwardObserver {
public:
    Listener(std::span<const std::int32_t> tokens, NextTokenScores& scores, PromptChoices* choices = nullptr)
        : m_tokens(tokens), m_scores(scores), m_choices(choices)
    {
    }
    Result<void> layerRows(Layer layer, Position begin, const LayerRows& rows) override
    {
        return m_choices->take(layer, begin, rows);
    }
    Result<void> logits(Position begin, const at::Tensor& logits) override
    {
        m_last = logits;
        m_lastBegin = raw(begin);
        if (logits.size(0) > 1 || !m_keepsSingle)
            judge({});
        return {};
    }
    /// Of single tokens behind the prompt.
    Result<void> hiddenState(Layer layer, Position step, const at::Tensor& rows) override;
    bool wantsLayerRows() const override { return m_choices != nullptr; }

    /// From now on hidden states are written to `full`, one a layer, which outlives this.
    void keepHidden(FullSteps& full) { m_keeps = &full; }
    /// From now on hidden states are compared with `full` of the same step; `errors` [layers, T] receives ‖h_S − h‖ / ‖h‖. Both
    /// outlive this.
    void compareHidden(const FullSteps& full, std::vector<float>& errors)
    {
        m_full = &full;
        m_errors = &errors;
    }
    /// That the comparison took since this was asked last.
    std::chrono::steady_clock::duration measuring() { return std::exchange(m_measuring, {}); }

    /// From now on single tokens are judged when somebody calls `judge`.
    void keepSingle() { m_keepsSingle = true; }
    void judge(const at::Tensor& full) { scoreRows(m_tokens, m_lastBegin, m_last, full, m_scores); }
    const at::Tensor& last() const { return m_last; }

private:
    std::span<const std::int32_t> m_tokens;
    NextTokenScores& m_scores;
    PromptChoices* m_choices;
    at::Tensor m_last;
    int m_lastBegin = 0;
    bool m_keepsSingle = false;
    FullSteps* m_keeps = nullptr;
    const FullSteps* m_full = nullptr;
    std::vector<float>* m_errors = nullptr;
    std::vector<float> m_hidden;
    std::chrono::steady_clock::duration m_measuring{};
};

/// Holds the keys and values of the layer at hand only: the cache of a prompt of `tokens` that is read layer by layer, and that
/// nothing follows.
std::unique_ptr<LayerCache> passingCache(int tokens);

/// Reads the prompt of `plan`, layer by layer and `chunk` tokens at a time, and makes the choices at its end. `full`: a running
/// text at its beginning, which is advanced to the prompt's end; null: the prompt is read by itself if some policy needs it.
/// `scores`: receives the scores of the prompt's tokens. Memory: PromptChoices, and of a prompt that is read by itself one
/// layer's keys and values.
Result<void> readPrompt(const Transformer& model, const TraceInfo& info, int chunk, RunningText* full, ReplayPlan& plan,
                        NextTokenScores& scores, const JobContext& job);

} // namespace winnow
