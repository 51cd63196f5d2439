// SPDX-License-Identifier: GPL-3.0-or-later
// Runs a command of winnow in a process that is forked from this one: the libraries, which take longer to load than most commands
// to run, are loaded once. For campaigns of many thousands of commands. Figures are not drawn.
#pragma once

#include <filesystem>
#include <string>
#include <utility>
#include <vector>

namespace winnow::test {

struct ForkOptions {
    long long mostBytes = 0; ///< of address space; 0 = any number
    int seconds = 60;
    std::filesystem::path errors; ///< what standard error goes to
    /// Variables for the command alone. Where tests/faults is loaded, it counts from here on, by them.
    std::vector<std::pair<std::string, std::string>> environment{};
};

struct Forked {
    static constexpr int kHung = 256;
    int code = kHung;    ///< exit code; 128 + signal if one ended it
    long long bytes = 0; ///< of address space that were seen, where `mostBytes` is 0
};

/// The caller must have no threads.
Forked forkedCommand(const std::vector<std::string>& words, const ForkOptions& options);

} // namespace winnow::test
