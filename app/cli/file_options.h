// SPDX-License-Identifier: GPL-3.0-or-later
// The options that name files. run() compares every output with all inputs before the work, for all commands alike.
#pragma once

#include "core/io/output_file.h"

#include <filesystem>
#include <functional>
#include <string>
#include <utility>
#include <vector>

namespace CLI {
class App;
class Option;
} // namespace CLI

namespace winnow::cli {

/// The files that a model is read from, given as `--model` takes it; a folder stands for all files in it.
std::vector<std::filesystem::path> modelInputs(const std::filesystem::path& typed);

class FileOptions {
public:
    /// Extensions that a command writes, and what it then is.
    using Kinds = std::vector<std::pair<std::string, WrittenKind>>;

    /// The option names files that are read, or "-". Returns it.
    CLI::Option* reads(CLI::Option* option);
    /// The option names models that are read. Returns it.
    CLI::Option* readsModel(CLI::Option* option);
    /// The option names policies, whose parameters may be files that are read. Returns it.
    CLI::Option* readsPolicies(CLI::Option* option);
    /// The option names files to write, with one of these extensions; another is a wrong command line. Returns it.
    CLI::Option* writes(CLI::Option* option, Kinds kinds);

    /// After parsing: a sentence for the first output that may not be written (checkOutput), or is named twice.
    Result<void> check() const;

private:
    using Paths = std::vector<std::filesystem::path>;
    struct Input {
        const CLI::Option* option;
        std::function<Paths(const std::string& typed)> paths;
    };
    struct Output {
        const CLI::Option* option;
        Kinds kinds;
    };
    std::vector<Input> m_inputs;
    std::vector<Output> m_outputs;
};

} // namespace winnow::cli
