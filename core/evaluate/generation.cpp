// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/evaluate/generation.h"

#include "core/evaluate/closed_loop.h"
#include "core/evaluate/prompt_pass.h"
#include "core/evaluate/prompt_tape.h"
#include "core/model/run/device.h"
#include "core/model/run/last_logits.h"
#include "core/trace/torch_work.h"

#include <algorithm>
#include <chrono>
#include <cmath>

namespace winnow {

namespace {

/// Passes the rows of a prompt on where somebody takes them, and keeps the logits of its last token.
class PromptEnd final : public ForwardObserver {
public:
    explicit PromptEnd(PromptChoices* choices) : m_choices(choices) {}
    Result<void> layerRows(Layer layer, Position begin, const LayerRows& rows) override
    {
        return m_choices->take(layer, begin, rows);
    }
    Result<void> logits(Position begin, const at::Tensor& logits) override { return m_last.logits(begin, logits); }
    bool wantsLayerRows() const override { return m_choices != nullptr; }
    bool wantsAllLogits() const override { return false; }

    std::span<const float> row() const { return m_last.row(); }

private:
    PromptChoices* m_choices;
    LastLogits m_last;
};

class Asking {
public:
    Asking(const Transformer& model, const TraceInfo& info, ReplayPlan plan, const AnswerOptions& options, const JobContext& job)
        : m_model(model), m_info(info), m_plan(std::move(plan)), m_options(options), m_job(job), m_tables(m_plan.tokens)
    {
    }

    /// The model reads the prompt, and what is decided at its end is decided.
    Result<void> read()
    {
        PromptChoices choices(m_model, m_info, m_plan, m_job);
        if (m_options.keepPrompt || choices.areWanted()) {
            PromptEnd end(choices.areWanted() ? &choices : nullptr);
            std::unique_ptr<LayerCache> cache;
            if (m_options.keepPrompt) {
                auto tape = std::make_unique<PromptTape>(m_plan.prompt);
                m_tape = tape.get();
                cache = std::move(tape);
            } else {
                cache = passingCache(m_plan.prompt);
            }
            WINNOW_TRY(m_reading, m_model.begin(m_plan.tokens, std::move(cache)));
            WINNOW_TRY_VOID(m_reading->advanceByLayer(prompt(), m_options.chunk, end, m_job));
            m_first.assign(end.row().begin(), end.row().end());
            if (m_tape != nullptr)
                m_tape->finish();
            else
                m_reading.reset();
        }
        if (choices.areWanted())
            choices.decide();
        m_empty = emptyResults(m_plan);
        return {};
    }

    std::size_t policies() const { return m_plan.policies.size(); }

    Result<PolicyAnswer> answer(std::size_t policy, const TokenQuestion& question)
    {
        PolicyAnswer answer{.spec = m_plan.policies[policy].spec, .kept = m_empty[policy]};
        auto cache = std::make_unique<EvictingCache>(EvictingPlace{.plan = m_plan,
                                                                   .policy = m_plan.policies[policy],
                                                                   .result = answer.kept,
                                                                   .layers = m_info.layerInfo,
                                                                   .tables = m_tables,
                                                                   .full = nullptr});
        EvictingCache& running = *cache; // belongs to the text from now on
        WINNOW_TRY(const auto text, m_model.begin(m_plan.tokens, std::move(cache)));
        LastLogits last;
        if (m_tape != nullptr) {
            m_tape->fill(running);
            text->standAt(m_plan.prompt);
        } else {
            WINNOW_TRY_VOID(text->advanceByLayer(prompt(), m_options.chunk, last, m_job));
        }
        if (!question.tokens.empty())
            WINNOW_TRY_VOID(text->advance(question.tokens, 1, last, m_job));
        const bool first = m_tape != nullptr && question.tokens.empty();
        WINNOW_TRY_VOID(say(*text, first ? std::span<const float>(m_first) : last.row(), last, question, answer));
        answer.kept.stepsDone = text->length();
        answer.kept.choosesFrom = running.firstEviction();
        answer.bytes = running.cost().bytesInUse;
        return answer;
    }

private:
    std::span<const std::int32_t> prompt() const
    {
        return std::span(m_info.tokens).first(static_cast<std::size_t>(m_plan.prompt));
    }

    /// `row`: the logits behind prompt and question.
    Result<void> say(RunningText& text, std::span<const float> row, LastLogits& last, const TokenQuestion& question,
                     PolicyAnswer& answer)
    {
        Sampler sampler(m_options.sampling);
        const auto begun = std::chrono::steady_clock::now();
        while (static_cast<int>(answer.ids.size()) < question.answer && !answer.ended) {
            WINNOW_TRY_VOID(m_job.check("generating"));
            m_job.report("generating", static_cast<double>(answer.ids.size()) / question.answer);
            if (!std::any_of(row.begin(), row.end(), [](float logit) { return std::isfinite(logit); }))
                return fail(ErrorCode::BadInput, "generating was stopped: under '{}' the logits after {} tokens are not numbers",
                            answer.spec.name, text.length());
            const std::int32_t id = sampler.next(row);
            answer.ids.push_back(id);
            answer.ended = std::find(m_options.ends.begin(), m_options.ends.end(), id) != m_options.ends.end() ||
                           (question.said && question.said(answer.ids));
            if (!answer.ended && static_cast<int>(answer.ids.size()) < question.answer) {
                WINNOW_TRY_VOID(text.advance(std::span(&id, 1), 1, last, m_job));
                row = last.row();
            }
        }
        const std::chrono::duration<double, std::milli> took = std::chrono::steady_clock::now() - begun;
        answer.milliseconds = took.count() / static_cast<double>(std::max<std::size_t>(1, answer.ids.size()));
        return {};
    }

    const Transformer& m_model;
    const TraceInfo& m_info;
    ReplayPlan m_plan;
    const AnswerOptions& m_options;
    const JobContext& m_job;
    RotaryTables m_tables;
    std::unique_ptr<RunningText> m_reading; ///< owns the tape
    PromptTape* m_tape = nullptr;
    std::vector<float> m_first; ///< logits behind the prompt
    std::vector<PolicyReplay> m_empty;
};

} // namespace

int roomFor(std::size_t prompt, std::span<const TokenQuestion> questions)
{
    std::size_t longest = 0;
    for (const TokenQuestion& question : questions)
        longest = std::max(longest, question.tokens.size() + static_cast<std::size_t>(question.answer));
    return static_cast<int>(prompt + longest);
}

Result<std::vector<std::vector<PolicyAnswer>>> askUnder(const Transformer& model, std::span<const std::int32_t> prompt,
                                                        std::span<const TokenQuestion> questions, int room,
                                                        std::span<const PolicySpec> specs, const AnswerOptions& options,
                                                        const JobContext& job)
{
    try {
        const TorchWork torch;
        std::vector<std::int32_t> tokens(prompt.begin(), prompt.end());
        tokens.resize(static_cast<std::size_t>(room), 0); // what will be said is not known
        const TraceInfo info = runInfo(model.config(), std::move(tokens));
        WINNOW_TRY(ReplayPlan plan, planRun(info, specs, {.prompt = static_cast<int>(prompt.size()), .mayNotFill = true}));
        Asking asking(model, info, std::move(plan), options, job);
        WINNOW_TRY_VOID(asking.read());
        std::vector<std::vector<PolicyAnswer>> answers(asking.policies());
        for (std::size_t policy = 0; policy < answers.size(); ++policy)
            for (const TokenQuestion& question : questions) {
                WINNOW_TRY(PolicyAnswer answer, asking.answer(policy, question));
                answers[policy].push_back(std::move(answer));
            }
        return answers;
    } catch (...) {
        return fail(currentTorchError("generating"));
    }
}

Result<std::vector<PolicyAnswer>> answerUnder(const Transformer& model, std::span<const std::int32_t> prompt,
                                              std::span<const PolicySpec> specs, const AnswerOptions& options,
                                              const JobContext& job)
{
    const TokenQuestion itself{.tokens = {}, .answer = options.tokens};
    WINNOW_TRY(auto all, askUnder(model, prompt, std::span(&itself, 1), roomFor(prompt.size(), std::span(&itself, 1)), specs,
                                  options, job));
    std::vector<PolicyAnswer> answers;
    for (std::vector<PolicyAnswer>& one : all)
        answers.push_back(std::move(one.front()));
    return answers;
}

std::optional<std::size_t> firstDifference(std::span<const std::int32_t> a, std::span<const std::int32_t> b)
{
    const auto [left, right] = std::mismatch(a.begin(), a.end(), b.begin(), b.end());
    if (left == a.end() || right == b.end())
        return std::nullopt;
    return static_cast<std::size_t>(left - a.begin());
}

} // namespace winnow
