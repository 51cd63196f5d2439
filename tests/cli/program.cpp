// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/cli/program.h"

#include <gtest/gtest.h>

#include <chrono>
#include <csignal>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <stdexcept>
#include <thread>

#include <fcntl.h>
#include <poll.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

namespace winnow::test {

namespace fs = std::filesystem;

namespace {

/// In the child: what `options` say about its output.
void redirect(const RunOptions& options)
{
    if (options.output == "closed") {
        close(STDOUT_FILENO);
    } else if (options.output == "head") {
        int deaf[2];
        if (pipe(deaf) == 0) {
            close(deaf[0]);
            dup2(deaf[1], STDOUT_FILENO);
        }
    } else if (!options.output.empty()) {
        dup2(open(options.output.c_str(), O_WRONLY | O_CREAT, 0600), STDOUT_FILENO);
    }
    if (options.mostFileBytes > 0) {
        const rlimit limit{options.mostFileBytes, options.mostFileBytes};
        setrlimit(RLIMIT_FSIZE, &limit);
    }
}

} // namespace

Outcome program(const std::vector<std::string>& arguments, const RunOptions& options)
{
    std::signal(SIGPIPE, SIG_IGN); // a program that does not read its input ends the pipe early
    int in[2], out[2], err[2];
    if (pipe2(in, O_CLOEXEC) != 0 || pipe2(out, O_CLOEXEC) != 0 || pipe2(err, O_CLOEXEC) != 0)
        throw std::runtime_error("no pipes left");
    std::vector<char*> words;
    for (const std::string& word : options.launcher)
        words.push_back(const_cast<char*>(word.c_str()));
    words.push_back(const_cast<char*>(WINNOW_PROGRAM));
    for (const std::string& argument : arguments)
        words.push_back(const_cast<char*>(argument.c_str()));
    words.push_back(nullptr);
    const pid_t child = fork();
    if (child == 0) {
        std::signal(SIGPIPE, SIG_DFL);
        dup2(in[0], STDIN_FILENO);
        dup2(out[1], STDOUT_FILENO);
        dup2(err[1], STDERR_FILENO);
        redirect(options);
        for (const char* display : {"DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"})
            unsetenv(display);
        for (const auto& [name, value] : options.environment)
            setenv(name.c_str(), value.c_str(), 1);
        execv(words.front(), words.data());
        _exit(127);
    }
    close(in[0]);
    close(out[1]);
    close(err[1]);
    std::thread feeder([&] {
        const ssize_t written = write(in[1], options.input.data(), options.input.size());
        static_cast<void>(written); // may be short, see above
        close(in[1]);
    });

    Outcome run;
    bool interrupted = options.interruptAfterMs == 0;
    if (!interrupted && options.interruptWhen.empty()) {
        std::this_thread::sleep_for(std::chrono::milliseconds(options.interruptAfterMs));
        kill(child, options.signal);
        interrupted = true;
    }
    pollfd ends[2] = {{out[0], POLLIN, 0}, {err[0], POLLIN, 0}};
    while (ends[0].fd >= 0 || ends[1].fd >= 0) {
        poll(ends, 2, -1);
        for (pollfd& end : ends) {
            if (end.fd < 0 || end.revents == 0)
                continue;
            char bytes[4096];
            const ssize_t count = read(end.fd, bytes, sizeof bytes);
            if (count <= 0) {
                end.fd = -1;
                continue;
            }
            (&end == ends ? run.out : run.err).append(bytes, static_cast<std::size_t>(count));
        }
        if (!interrupted && run.out.find(options.interruptWhen) != std::string::npos) {
            std::this_thread::sleep_for(std::chrono::milliseconds(options.interruptAfterMs));
            kill(child, options.signal);
            interrupted = true;
        }
    }
    feeder.join();
    close(out[0]);
    close(err[0]);
    int status = 0;
    waitpid(child, &status, 0);
    run.code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    return run;
}

ScratchFolder::ScratchFolder()
{
    std::string name = (fs::temp_directory_path() / "winnow-cli-XXXXXX").string();
    if (!mkdtemp(name.data()))
        throw std::runtime_error("no temporary folder");
    m_path = name;
}

ScratchFolder::~ScratchFolder()
{
    std::error_code error;
    fs::remove_all(m_path, error);
}

void writeText(const fs::path& path, const std::string& text) { std::ofstream(path, std::ios::binary) << text; }

std::string readFile(const fs::path& path)
{
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
}

std::string prose(int words)
{
    static const char* const kWords[] = {"the", "old", "house", "stood", "by", "a",   "river", "and",     "nobody", "knew",
                                         "who", "had", "built", "it",    "or", "why", "his",   "lantern", "burned", "there"};
    std::string text;
    unsigned state = 7;
    for (int i = 0; i < words; ++i) {
        state = state * 1664525u + 1013904223u;
        text += std::string(i == 0 ? "" : i % 12 == 0 ? ".\n" : " ") + kWords[(state >> 16) % std::size(kWords)];
    }
    return text + ".\n";
}

std::string demoFolder() { return std::string(WINNOW_RESOURCES) + "/models/demo"; }

const fs::path& demoTrace()
{
    static const ScratchFolder folder;
    static const fs::path trace = [] {
        writeText(folder / "prose.txt", prose(300));
        const fs::path out = folder / "demo.h5";
        const Outcome run = program({"record", "--model", demoFolder(), "--text", (folder / "prose.txt").string(), "--tokens",
                                     "200", "--out", out.string()});
        EXPECT_EQ(run.code, 0) << run.err;
        return out;
    }();
    return trace;
}

} // namespace winnow::test
