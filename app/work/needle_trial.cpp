// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/work/needle_trial.h"

#include "app/cli/resources.h"
#include "app/cli/task_examples.h"
#include "app/cli/text_input.h"
#include "core/base/grouped.h"
#include "core/model/config/model_folder.h"
#include "core/model/tokenizer/tokenizer.h"
#include "core/tasks/generators/hay.h"
#include "core/tasks/needle_grid.h"

#include <charconv>
#include <cmath>

namespace winnow::app {

using namespace tasks;

namespace {

/// What keeps the prompt from being made again, as the end of a sentence; empty = nothing.
std::string obstacle(const Answer& answer)
{
    if (answer.task != "needle" && answer.task != "facts" && answer.task != "lists")
        return fmt::format("examples of '{}' are not hidden in prose by a seed", answer.task);
    if (!answer.seed || !answer.depth || !answer.contextLength)
        return "it does not say its seed, its depth and its length, as `winnow ask` writes them";
    if (answer.turn != 0)
        return "it is a further question about a context";
    if (answer.chatTemplate.value_or(false))
        return "its prompt stood in a chat template";
    if (!answer.cut.empty() && answer.cut != "none")
        return fmt::format("its prompt was cut ({})", answer.cut);
    return {};
}

} // namespace

std::pair<std::size_t, std::size_t> sentenceAround(std::string_view text, std::size_t begin, std::size_t end)
{
    while (begin > 0 && text[begin - 1] != '\n' && !(begin > 1 && text[begin - 1] == ' ' && text[begin - 2] == '.'))
        --begin;
    while (end < text.size() && text[end] != '\n' && text[end - 1] != '.')
        ++end;
    return {begin, end};
}

Result<NeedleTrial> needleTrial(const Answer& answer, const std::filesystem::path& model, const JobContext& job)
{
    const auto refuse = [&](std::string_view why) {
        return fail(ErrorCode::BadInput, "the prompt of {} {} cannot be made again: {}", answer.task, answer.id, why);
    };
    if (const std::string why = obstacle(answer); !why.empty())
        return refuse(why);
    std::size_t index = 0;
    if (std::from_chars(answer.id.data(), answer.id.data() + answer.id.size(), index).ec != std::errc())
        return refuse("its id is no number");
    job.report("making the prompt again", 0);
    WINNOW_TRY(const std::filesystem::path place, resolveModel(model));
    WINNOW_TRY(const std::shared_ptr<const Tokenizer> tokenizer, Tokenizer::load(place));
    WINNOW_TRY(const auto hays, sampleTexts());
    HayOptions options{.seed = static_cast<std::uint64_t>(*answer.seed)};
    WINNOW_TRY(options.hay, cli::readText(hays.front().string(), {}, job));
    WINNOW_TRY(const std::vector<Example> examples,
               makeOneHidden(answer.task, options, static_cast<std::size_t>(*answer.contextLength), *answer.depth, index,
                             cli::endsBy(tokenizer)));
    const Example& example = examples.front();
    const std::string prompt = example.prompt();
    WINNOW_TRY(const Encoding encoding, tokenizer->encode(prompt));
    const auto tokens = static_cast<std::int64_t>(encoding.ids.size());
    if (example.references != answer.references || (answer.promptTokens && *answer.promptTokens != tokens))
        return refuse(fmt::format("it came out with {} tokens and the answer '{}', not {} and '{}'; it was made with a --hay or "
                                  "--needle of its own, or with other lengths before it",
                                  tokens, example.references.front(), answer.promptTokens.value_or(0),
                                  answer.references.empty() ? "" : answer.references.front()));
    NeedleTrial trial{.text = prompt + answer.prediction,
                      .promptTokens = static_cast<int>(tokens),
                      .needle = {},
                      .name = fmt::format("{} {}, {} tokens, depth {} %", answer.task, answer.id, grouped(*answer.contextLength),
                                          std::lround(*answer.depth))};
    if (const auto hidden = hiddenPlace(prompt, answer))
        trial.needle = sentenceAround(prompt, hidden->first, hidden->second);
    return trial;
}

} // namespace winnow::app
