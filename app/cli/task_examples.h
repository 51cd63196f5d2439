// SPDX-License-Identifier: GPL-3.0-or-later
// The options of commands that make examples of tasks, and the making itself.
#pragma once

#include "app/cli/file_options.h"
#include "core/base/job_context.h"
#include "core/tasks/generators/example.h"

#include <filesystem>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

namespace winnow {
class Tokenizer;
}

namespace winnow::cli {

struct ExampleLine {
    std::string hay, words, question, answer;
    std::vector<std::size_t> lengths{1024};
    std::size_t samples = 1, depths = 0, hidden = 1, turns = 1;
    std::uint64_t seed = 42;
    std::vector<std::string> needles;
    std::vector<std::string> given; ///< the options that were typed
};

/// Adds --length, --samples, --seed, --depths, --hay, --needle, --needles, --turns, --question, --answer and --words. `each` sees
/// every option.
void addExampleOptions(CLI::App& command, FileOptions& files, ExampleLine& line, const std::function<void(CLI::Option&)>& each);

/// An error with the code Usage for an option that was typed and that none of the tasks reads.
Result<void> checkRead(const ExampleLine& line, std::span<const std::string> tasks);

/// Of the task of that name, whose tokens the tokenizer of `model` counts. An error with the code Usage for a task that is not
/// made here.
Result<std::vector<tasks::Example>> makeExamples(const std::string& task, const ExampleLine& line,
                                                 const std::filesystem::path& model, const JobContext& job);

/// Where the tokens of a text end, without special ones. Tokens that share a character end together.
tasks::TokenEnds endsBy(std::shared_ptr<const Tokenizer> tokenizer);

} // namespace winnow::cli
