// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/task_examples.h"

#include "app/cli/number_checks.h"
#include "app/cli/resources.h"
#include "app/cli/text_input.h"
#include "core/base/printable.h"
#include "core/model/config/model_folder.h"
#include "core/model/tokenizer/tokenizer.h"
#include "core/tasks/generators/hay.h"
#include "core/tasks/generators/ruler.h"
#include "core/tasks/task_catalog.h"

#include <CLI/CLI.hpp>
#include <fmt/ranges.h>

#include <algorithm>
#include <sstream>

namespace winnow::cli {

using namespace tasks;

namespace {

/// The options that not every task reads.
struct ReadBy {
    std::string_view option;
    std::vector<std::string_view> tasks;
};
const ReadBy kReadBy[] = {{"--depths", {"needle", "facts", "lists"}},
                          {"--hay", {"needle", "facts", "lists", "passages"}},
                          {"--needle", {"needle"}},
                          {"--needles", {"needle"}},
                          {"--question", {"needle"}},
                          {"--answer", {"needle"}},
                          {"--turns", {"lists"}},
                          {"--words", {"cwe"}}};

Result<std::vector<Example>> makeRulers(const std::string& task, const ExampleLine& line, const TokenEnds& ends,
                                        const JobContext& job)
{
    RulerOptions options{.samples = line.samples, .seed = line.seed};
    if (!line.words.empty()) {
        WINNOW_TRY(const std::string words, readText(line.words, {}, job));
        std::istringstream each(words);
        for (std::string word; each >> word;)
            if (std::ranges::find(options.words, word) == options.words.end())
                options.words.push_back(word);
    }
    const TokenCount count = [&](std::string_view text) -> Result<std::size_t> {
        WINNOW_TRY(const auto found, ends(text));
        return found.size();
    };
    std::vector<Example> all;
    for (const std::size_t length : line.lengths) {
        options.length = length;
        WINNOW_TRY(auto examples, makeRuler(task, options, count, job));
        for (Example& example : examples) {
            example.index = all.size();
            all.push_back(std::move(example));
        }
    }
    return all;
}

Result<std::vector<Example>> makeHiddens(const std::string& task, const ExampleLine& line, const TokenEnds& ends,
                                         const JobContext& job)
{
    HayOptions options{.lengths = line.lengths,
                       .depths = evenDepths(line.depths),
                       .samples = line.samples,
                       .seed = line.seed,
                       .needles = line.needles,
                       .question = line.question,
                       .answer = line.answer,
                       .turns = line.turns,
                       .hidden = line.hidden};
    std::string hay = line.hay;
    if (hay.empty()) {
        WINNOW_TRY(const auto texts, sampleTexts());
        hay = texts.front().string();
    }
    WINNOW_TRY(options.hay, readText(hay, {}, job));
    return makeHidden(task, options, ends, job);
}

} // namespace

TokenEnds endsBy(std::shared_ptr<const Tokenizer> tokenizer)
{
    return [tokenizer = std::move(tokenizer)](std::string_view text) -> Result<std::vector<std::size_t>> {
        WINNOW_TRY(const Encoding encoding, tokenizer->encode(text, false));
        std::vector<std::size_t> ends;
        ends.reserve(encoding.offsets.size());
        for (const auto& [begin, end] : encoding.offsets)
            ends.push_back(std::max(ends.empty() ? 0 : ends.back(), static_cast<std::size_t>(end)));
        return ends;
    };
}

void addExampleOptions(CLI::App& command, FileOptions& files, ExampleLine& line, const std::function<void(CLI::Option&)>& each)
{
    const auto seen = [&](CLI::Option* option) {
        each(*option);
        return option->each([&line, word = option->get_name()](const std::string&) { line.given.push_back(word); });
    };
    seen(command.add_option("--length", line.lengths, "tokens that prompt and answer may have together; may be repeated (1024)"))
        ->check(CLI::Range(std::size_t{64}, std::size_t{999'999}))
        ->type_name("N")
        ->delimiter(',')
        ->allow_extra_args(false);
    seen(command.add_option("--samples", line.samples,
                            fmt::format("examples of each length, and depth where --depths is given ({})", line.samples)))
        ->check(CLI::Range(std::size_t{1}, std::size_t{99'999}))
        ->type_name("K");
    seen(command.add_option("--seed", line.seed, "seed of the examples (42)"))->check(wholeFromZero)->type_name("S");
    seen(command.add_option("--depths", line.depths,
                            "number of depths, evenly from 0 to 100 per cent, at which sentences are hidden in prose"))
        ->check(CLI::Range(std::size_t{1}, std::size_t{1001}))
        ->type_name("D");
    seen(files.reads(command.add_option("--hay", line.hay, "the prose, any text (a sample text)")))->type_name("FILE");
    seen(command.add_option("--needle", line.needles, "a sentence to hide; the first is asked for, may be repeated"))
        ->type_name("TEXT")
        ->allow_extra_args(false);
    seen(command.add_option("--needles", line.hidden, "how many of the usual sentences are hidden (1)"))
        ->check(CLI::Range(std::size_t{1}, std::size_t{8}))
        ->type_name("N");
    seen(command.add_option("--turns", line.turns, "lists: how many questions about each context (1)"))
        ->check(CLI::Range(std::size_t{1}, std::size_t{8}))
        ->type_name("N");
    seen(command.add_option("--question", line.question, "what is asked about --needle"))->type_name("TEXT");
    seen(command.add_option("--answer", line.answer, "what answers --question"))->type_name("TEXT");
    seen(files.reads(command.add_option("--words", line.words, "words for cwe, one a line")))->type_name("FILE");
}

Result<void> checkRead(const ExampleLine& line, std::span<const std::string> tasks)
{
    for (const ReadBy& each : kReadBy)
        if (std::ranges::find(line.given, each.option) != line.given.end() &&
            std::ranges::none_of(tasks, [&](const std::string& task) { return std::ranges::count(each.tasks, task) > 0; }))
            return fail(ErrorCode::Usage, "{} is read by {} only, not by {}; leave it out", each.option,
                        fmt::join(each.tasks, ", "), shortPrintable(fmt::format("{}", fmt::join(tasks, ", ")), 80));
    return {};
}

Result<std::vector<Example>> makeExamples(const std::string& name, const ExampleLine& line, const std::filesystem::path& model,
                                          const JobContext& job)
{
    const TaskInfo* const task = findTask(name);
    if (task == nullptr || !task->generated)
        return fail(ErrorCode::Usage, "'{}' is not made here; `winnow tasks` lists those that are", shortPrintable(name, 80));
    WINNOW_TRY(const std::filesystem::path place, resolveModel(model));
    WINNOW_TRY(auto tokenizer, Tokenizer::load(place));
    const TokenEnds ends = endsBy(std::move(tokenizer));
    return task->family == TaskFamily::Ruler ? makeRulers(name, line, ends, job) : makeHiddens(name, line, ends, job);
}

} // namespace winnow::cli
