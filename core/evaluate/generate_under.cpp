// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/evaluate/generate_under.h"

#include "core/evaluate/closed_loop.h"
#include "core/evaluate/generation.h"
#include "core/evaluate/loop_memory.h"
#include "core/evaluate/prompt_tape.h"
#include "core/model/run/device.h"
#include "core/model/session/loaded_model.h"
#include "core/model/tokenizer/tokenizer_fit.h"

#include <limits>

namespace winnow {

namespace {

double meanOccupancy(const PolicyReplay& kept)
{
    double sum = 0;
    for (int layer = 0; layer < kept.layers; ++layer)
        for (int lane = 0; lane < kept.lanes; ++lane)
            sum += kept.occupancy[kept.index(layer, lane, kept.stepsDone - 1)];
    return sum / (static_cast<double>(kept.layers) * kept.lanes);
}

std::vector<std::vector<std::vector<std::int32_t>>> heldInTheEnd(const PolicyReplay& kept)
{
    std::vector<std::vector<std::vector<std::int32_t>>> held(static_cast<std::size_t>(kept.layers));
    for (int layer = 0; layer < kept.layers; ++layer)
        for (int lane = 0; lane < kept.lanes; ++lane) {
            auto& tokens = held[static_cast<std::size_t>(layer)].emplace_back();
            for (int token = 0; token < kept.stepsDone; ++token)
                if (kept.keeps(layer, lane, token, kept.stepsDone - 1))
                    tokens.push_back(token);
        }
    return held;
}

/// The tokens that are answered.
Result<std::vector<std::int32_t>> promptOf(const GenerateOptions& options, const Tokenizer& tokenizer, const ModelConfig& config,
                                           std::span<const std::int32_t> given)
{
    if (given.empty()) {
        WINNOW_TRY(Encoding prompt, tokenizer.encode(options.prompt, options.marks));
        return std::move(prompt.ids);
    }
    for (const std::int32_t token : given)
        if (token < 0 || token >= config.vocabulary)
            return fail(ErrorCode::BadInput, "the prompt has a token {}, and the model in '{}' knows 0 to {}", token,
                        options.model.string(), config.vocabulary - 1);
    return std::vector<std::int32_t>(given.begin(), given.end());
}

Result<TextAnswers> answerNow(const GenerateOptions& options, std::span<const PolicySpec> specs, const JobContext& job,
                              std::span<const std::int32_t> given, const RunHooks& hooks)
{
    WINNOW_TRY(LoadedModel model, LoadedModel::open(options.model, options.dtype, options.device));
    WINNOW_TRY(const auto tokenizer, Tokenizer::load(model.place()));
    WINNOW_TRY(const std::vector<std::int32_t> prompt, promptOf(options, *tokenizer, model.config(), given));
    if (prompt.empty())
        return fail(ErrorCode::BadInput,
                    "the prompt is empty, and this tokenizer begins no text by itself; give it a word or two");
    const std::int64_t room = static_cast<std::int64_t>(prompt.size()) + options.tokens;
    if (room > std::numeric_limits<int>::max())
        return fail(ErrorCode::BadInput, "{} tokens are more than can be generated", options.tokens);
    WINNOW_TRY_VOID(checkFit(*tokenizer, model.config()));
    WINNOW_TRY_VOID(model.config().checkLength(static_cast<int>(room)));
    TextAnswers result{.promptTokens = static_cast<int>(prompt.size())};
    std::vector<std::int32_t> tokens = prompt;
    tokens.resize(static_cast<std::size_t>(room), 0);
    const TraceInfo info = runInfo(model.config(), std::move(tokens));
    WINNOW_TRY(const ReplayPlan policies, planRun(info, specs, {.prompt = result.promptTokens}));
    RunPlan plan{.tokens = static_cast<int>(room), .full = false, .memory = {}};
    if (model.config().maxPositions > 0 && room > model.config().maxPositions)
        plan.warnings.push_back(fmt::format(
            "prompt and answer may have {} tokens together and the model was made for {}; what comes after is less reliable",
            room, model.config().maxPositions));
    WINNOW_TRY(const auto spare, planLoopMemory({.info = info,
                                                 .policies = policies,
                                                 .dtype = options.dtype,
                                                 .chunk = options.chunk,
                                                 .together = false,
                                                 .available = hooks.memory},
                                                model, plan));
    result.warnings = plan.warnings;
    if (hooks.planned)
        hooks.planned(plan);
    WINNOW_TRY_VOID(model.load(job));
    const auto tape = PromptTape::bytesOf(info.layerInfo, result.promptTokens, dtypeBytes(options.dtype));
    const AnswerOptions answering{.tokens = options.tokens,
                                  .chunk = options.chunk,
                                  .sampling = options.sampling,
                                  .ends = endTokens(model.place()),
                                  .keepPrompt = !spare || 2 * tape <= *spare}; // beside its full cache while it is read
    WINNOW_TRY(const std::vector<PolicyAnswer> answers, answerUnder(model.transformer(), prompt, specs, answering, job));
    for (const PolicyAnswer& answer : answers) {
        TextAnswer said{.spec = answer.spec,
                        .text = tokenizer->decode(answer.ids, true),
                        .ids = answer.ids,
                        .ended = answer.ended,
                        .stored = meanOccupancy(answer.kept),
                        .kept = heldInTheEnd(answer.kept)};
        if (const auto token = firstDifference(answers.front().ids, answer.ids)) {
            const std::vector<std::int32_t> same(answer.ids.begin(), answer.ids.begin() + static_cast<std::ptrdiff_t>(*token));
            const std::string before = tokenizer->decode(same, true);
            said.difference = {
                .token = *token, .same = before, .own = said.text.substr(std::min(before.size(), said.text.size()))};
        }
        result.answers.push_back(std::move(said));
    }
    return result;
}

} // namespace

Result<TextAnswers> generateUnder(const GenerateOptions& options, std::span<const PolicySpec> specs, const JobContext& job,
                                  std::span<const std::int32_t> given, const RunHooks& hooks)
{
    try {
        return answerNow(options, specs, job, given, hooks);
    } catch (...) {
        return fail(currentTorchError("generating"));
    }
}

} // namespace winnow
