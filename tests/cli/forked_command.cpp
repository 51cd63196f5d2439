// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/cli/forked_command.h"

#include "app/cli/command_line.h"
#include "app/cli/memory_end.h"

#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <dlfcn.h>
#include <fcntl.h>
#include <fstream>
#include <new>
#include <sys/resource.h>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>

namespace winnow::test {

namespace {

long long addressSpaceOf(pid_t child)
{
    std::ifstream status("/proc/" + std::to_string(child) + "/status");
    for (std::string line; std::getline(status, line);)
        if (line.starts_with("VmPeak:"))
            return std::atoll(line.c_str() + 7) * 1024;
    return 0;
}

/// Calls a function of tests/faults/preload.cpp, where that is loaded.
void tellFaults(const char* function)
{
    if (void* found = dlsym(RTLD_DEFAULT, function))
        reinterpret_cast<void (*)()>(found)();
}

[[noreturn]] void runHere(const std::vector<std::string>& words, const ForkOptions& options)
{
    const rlimit none{0, 0}, space{static_cast<rlim_t>(options.mostBytes), static_cast<rlim_t>(options.mostBytes)};
    setrlimit(RLIMIT_CORE, &none);
    if (options.mostBytes > 0)
        setrlimit(RLIMIT_AS, &space);
    const int in = open("/dev/null", O_RDONLY), out = open("/dev/null", O_WRONLY),
              said = open(options.errors.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600);
    if (in < 0 || out < 0 || said < 0 || dup2(in, 0) < 0 || dup2(out, 1) < 0 || dup2(said, 2) < 0)
        std::abort();
    for (const auto& [name, value] : options.environment)
        setenv(name.c_str(), value.c_str(), 1);
    tellFaults("winnowFaultsBegin");
    cli::endWithSentence();
    int code = 1;
    try {
        code = cli::run(words, {});
    } catch (const std::bad_alloc&) { // as main of winnow does
        cli::sayMemoryRanOut();
    }
    tellFaults("winnowFaultsEnd");
    std::fflush(nullptr);
    _exit(code); // what the libraries clean up takes longer than most commands
}

} // namespace

Forked forkedCommand(const std::vector<std::string>& words, const ForkOptions& options)
{
    const pid_t child = fork();
    if (child == 0)
        runHere(words, options);
    Forked ended;
    if (child < 0) {
        std::perror("no process");
        return ended;
    }
    const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(options.seconds);
    for (int status = 0;;) {
        if (options.mostBytes == 0)
            ended.bytes = std::max(ended.bytes, addressSpaceOf(child));
        if (waitpid(child, &status, WNOHANG) == child) {
            ended.code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
            return ended;
        }
        if (std::chrono::steady_clock::now() > until) {
            kill(child, SIGKILL);
            waitpid(child, &status, 0);
            return ended;
        }
        std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
}

} // namespace winnow::test
