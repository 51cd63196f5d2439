// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/evaluate/generation.h"

#include "core/evaluate/closed_loop.h"
#include "core/evaluate/evicting_cache.h"
#include "core/evaluate/prompt_pass.h"
#include "core/model/run/device.h"
#include "core/model/run/last_logits.h"

#include <c10/core/InferenceMode.h>

#include <algorithm>
#include <cmath>

namespace winnow {

namespace {

Result<PolicyAnswer> answerOf(const Transformer& model, const TraceInfo& info, const ReplayPlan& plan, std::size_t number,
                              PolicyReplay result, const AnswerOptions& options, RotaryTables& tables, const JobContext& job)
{
    PolicyAnswer answer{.spec = plan.policies[number].spec};
    auto cache = std::make_unique<EvictingCache>(EvictingPlace{.plan = plan,
                                                               .policy = plan.policies[number],
                                                               .result = result,
                                                               .layers = info.layerInfo,
                                                               .tables = tables,
                                                               .full = nullptr});
    const EvictingCache& running = *cache; // belongs to the text from now on
    WINNOW_TRY(const auto text, model.begin(plan.tokens, std::move(cache)));
    LastLogits last;
    const std::span<const std::int32_t> tokens(info.tokens);
    WINNOW_TRY_VOID(text->advance(tokens.first(static_cast<std::size_t>(plan.prompt)), options.chunk, last, job));
    Sampler sampler(options.sampling);
    while (static_cast<int>(answer.ids.size()) < options.tokens && !answer.ended) {
        WINNOW_TRY_VOID(job.check("generating"));
        job.report("generating", static_cast<double>(answer.ids.size()) / options.tokens);
        const std::span<const float> row = last.row();
        if (!std::any_of(row.begin(), row.end(), [](float logit) { return std::isfinite(logit); }))
            return fail(ErrorCode::BadInput, "generating was stopped: under '{}' the logits after {} tokens are not numbers",
                        answer.spec.name, text->length());
        const std::int32_t id = sampler.next(row);
        answer.ids.push_back(id);
        answer.ended = std::find(options.ends.begin(), options.ends.end(), id) != options.ends.end();
        if (!answer.ended && static_cast<int>(answer.ids.size()) < options.tokens)
            WINNOW_TRY_VOID(text->advance(std::span(&id, 1), 1, last, job));
    }
    result.stepsDone = text->length();
    result.choosesFrom = running.firstEviction();
    answer.kept = std::move(result);
    return answer;
}

} // namespace

Result<std::vector<PolicyAnswer>> answerUnder(const Transformer& model, std::span<const std::int32_t> prompt,
                                              std::span<const PolicySpec> specs, const AnswerOptions& options,
                                              const JobContext& job)
{
    try {
        const c10::InferenceMode inference;
        std::vector<std::int32_t> tokens(prompt.begin(), prompt.end());
        tokens.resize(prompt.size() + static_cast<std::size_t>(options.tokens), 0); // what will be said is not known
        const TraceInfo info = runInfo(model.config(), std::move(tokens));
        WINNOW_TRY(ReplayPlan plan, planRun(info, specs, {.prompt = static_cast<int>(prompt.size())}));
        NextTokenScores scores = emptyScores(plan.tokens);
        WINNOW_TRY_VOID(readPrompt(model, info, options.chunk, nullptr, plan, scores, job));
        RotaryTables tables(plan.tokens);
        std::vector<PolicyReplay> results = emptyResults(plan);
        std::vector<PolicyAnswer> answers;
        for (std::size_t p = 0; p < results.size(); ++p) {
            WINNOW_TRY(PolicyAnswer answer, answerOf(model, info, plan, p, std::move(results[p]), options, tables, job));
            answers.push_back(std::move(answer));
        }
        return answers;
    } catch (...) {
        return fail(currentTorchError("generating"));
    }
}

std::optional<std::size_t> firstDifference(std::span<const std::int32_t> a, std::span<const std::int32_t> b)
{
    const auto [left, right] = std::mismatch(a.begin(), a.end(), b.begin(), b.end());
    if (left == a.end() || right == b.end())
        return std::nullopt;
    return static_cast<std::size_t>(left - a.begin());
}

} // namespace winnow
