// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/evaluate/generate_under.h"

#include "core/evaluate/closed_loop.h"
#include "core/evaluate/generation.h"
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

Result<TextAnswers> answerNow(const GenerateOptions& options, std::span<const PolicySpec> specs, const JobContext& job)
{
    WINNOW_TRY(LoadedModel model, LoadedModel::open(options.model, options.dtype, options.device));
    WINNOW_TRY(const auto tokenizer, Tokenizer::load(model.place()));
    WINNOW_TRY(const Encoding prompt, tokenizer->encode(options.prompt, options.marks));
    if (prompt.ids.empty())
        return fail(ErrorCode::BadInput,
                    "the prompt is empty, and this tokenizer begins no text by itself; give it a word or two");
    const std::int64_t room = static_cast<std::int64_t>(prompt.ids.size()) + options.tokens;
    if (room > std::numeric_limits<int>::max())
        return fail(ErrorCode::BadInput, "{} tokens are more than can be generated", options.tokens);
    WINNOW_TRY_VOID(checkFit(*tokenizer, model.config()));
    WINNOW_TRY_VOID(model.config().checkLength(static_cast<int>(room)));
    TextAnswers result{.promptTokens = static_cast<int>(prompt.ids.size())};
    std::vector<std::int32_t> tokens = prompt.ids;
    tokens.resize(static_cast<std::size_t>(room), 0);
    WINNOW_TRY_VOID(planRun(runInfo(model.config(), std::move(tokens)), specs, {.prompt = result.promptTokens}));
    if (model.config().maxPositions > 0 && room > model.config().maxPositions)
        result.warnings.push_back(fmt::format(
            "prompt and answer may have {} tokens together and the model was made for {}; what comes after is less reliable",
            room, model.config().maxPositions));
    WINNOW_TRY_VOID(model.chooseMemory(static_cast<int>(room), options.chunk, std::nullopt, result.warnings));
    WINNOW_TRY_VOID(model.load(job));
    const AnswerOptions answering{
        .tokens = options.tokens, .chunk = options.chunk, .sampling = options.sampling, .ends = endTokens(model.place())};
    WINNOW_TRY(const std::vector<PolicyAnswer> answers, answerUnder(model.transformer(), prompt.ids, specs, answering, job));
    for (const PolicyAnswer& answer : answers) {
        TextAnswer said{.spec = answer.spec,
                        .text = tokenizer->decode(answer.ids, true),
                        .ids = answer.ids,
                        .ended = answer.ended,
                        .stored = meanOccupancy(answer.kept)};
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

Result<TextAnswers> generateUnder(const GenerateOptions& options, std::span<const PolicySpec> specs, const JobContext& job)
{
    try {
        return answerNow(options, specs, job);
    } catch (...) {
        return fail(currentTorchError("generating"));
    }
}

} // namespace winnow
