// SPDX-License-Identifier: GPL-3.0-or-later
// Runs the built program as a user does: words in, exit code, standard output and standard error out. No display is offered.
#pragma once

#include <csignal>
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace winnow::test {

struct Outcome {
    int code = -1; ///< exit code; 128 + signal if one ended it
    std::string out, err;
};

struct RunOptions {
    std::string input; ///< on standard input
    int interruptAfterMs =
        0; ///< sends `signal` that long after `interruptWhen` was seen on standard output ("": after its start); 0 = never
    std::string interruptWhen;
    int signal = SIGINT;
    std::string output; ///< a file that standard output goes to; "closed": it is closed; "head": nobody reads it
    std::vector<std::pair<std::string, std::string>> environment; ///< variables for the program, besides the test's own
    std::vector<std::string> launcher; ///< a program, with its words, that starts Winnow's, which follow
    std::uint64_t mostFileBytes = 0;   ///< no file may grow beyond (RLIMIT_FSIZE), as on a disk that is full then; 0 = no limit
};

Outcome program(const std::vector<std::string>& arguments, const RunOptions& options = {});

/// A folder that is removed with everything in it.
class ScratchFolder {
public:
    ScratchFolder();
    ~ScratchFolder();
    ScratchFolder(const ScratchFolder&) = delete;
    ScratchFolder& operator=(const ScratchFolder&) = delete;
    std::filesystem::path operator/(const std::string& name) const { return m_path / name; }
    const std::filesystem::path& path() const { return m_path; }

private:
    std::filesystem::path m_path;
};

void writeText(const std::filesystem::path& path, const std::string& text);
std::string readFile(const std::filesystem::path& path);

/// Plain prose of about `words` words, always the same.
std::string prose(int words);

/// The demo model's folder in the source tree.
std::string demoFolder();

/// A trace of 200 tokens of the demo model, recorded by the program once per test program.
const std::filesystem::path& demoTrace();

} // namespace winnow::test
