// SPDX-License-Identifier: GPL-3.0-or-later
// Examples of tasks as commands put them to a model: made here, or read from a file, by a profile.
#pragma once

#include "app/cli/console.h"
#include "app/cli/task_examples.h"
#include "core/evaluate/ask.h"

#include <string>
#include <vector>

namespace winnow::cli {

struct ExampleSource {
    std::string model;
    std::string data;               ///< a file of examples, or "-"; "": they are made here
    std::string profile;            ///< "": that of those who made the task
    std::vector<std::string> tasks; ///< or "demo"; with `data` the one of lines that name none
    ExampleLine examples;
};

/// All of them, each with an id of its own. Errors with the code Usage are about names. Bad lines of a file are told and passed
/// over.
Result<std::vector<tasks::AskedExample>> askedExamples(const ExampleSource& source, Console& console);

/// Groups of questions about one context, tokenized.
Result<std::vector<AskedTurns>> preparedTurns(const AskSession& session, const std::vector<tasks::AskedExample>& examples);

} // namespace winnow::cli
