// SPDX-License-Identifier: GPL-3.0-or-later
// Runs commands of winnow, each in a process of its own that is forked from this one: the libraries, which take longer to load
// than most commands to run, are loaded once. mutate_files.py starts it.
//
// A line of standard input is one command, its words apart by tabs: bytes of address space (0 = any number), seconds, the file
// for what it says to standard error, the words of the command. The answer is a line of two numbers: the exit code (256: too
// many seconds; below 0: minus the signal that ended it), and the bytes of address space that were seen, where no limit was set.
#include "app/cli/command_line.h"

#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <fcntl.h>
#include <fstream>
#include <iostream>
#include <sstream>
#include <sys/resource.h>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>

namespace {

constexpr int kHung = 256;

struct Ended {
    int code = kHung;
    long long bytes = 0;
};

long long addressSpaceOf(pid_t child)
{
    std::ifstream status("/proc/" + std::to_string(child) + "/status");
    for (std::string line; std::getline(status, line);)
        if (line.starts_with("VmPeak:"))
            return std::atoll(line.c_str() + 7) * 1024;
    return 0;
}

[[noreturn]] void runHere(const std::vector<std::string>& command, long long most, const std::string& errors)
{
    const rlimit none{0, 0}, space{static_cast<rlim_t>(most), static_cast<rlim_t>(most)};
    setrlimit(RLIMIT_CORE, &none);
    if (most > 0)
        setrlimit(RLIMIT_AS, &space);
    const int in = open("/dev/null", O_RDONLY), out = open("/dev/null", O_WRONLY),
              said = open(errors.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600);
    if (in < 0 || out < 0 || said < 0 || dup2(in, 0) < 0 || dup2(out, 1) < 0 || dup2(said, 2) < 0)
        std::abort();
    int code = 1;
    try {
        code = winnow::cli::run(command, {});
    } catch (const std::bad_alloc&) { // as main of winnow does
        std::fputs("winnow: memory ran out\n", stderr);
    }
    std::fflush(nullptr);
    _exit(code); // what the libraries clean up takes longer than most commands
}

Ended waitFor(pid_t child, int seconds, bool measures)
{
    Ended ended;
    const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(seconds);
    for (int status = 0;;) {
        if (measures)
            ended.bytes = std::max(ended.bytes, addressSpaceOf(child));
        if (waitpid(child, &status, WNOHANG) == child) {
            ended.code = WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
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

} // namespace

int main()
{
    for (std::string line; std::getline(std::cin, line);) {
        std::istringstream words(line);
        std::string most, seconds, errors, word;
        std::vector<std::string> command;
        std::getline(words, most, '\t');
        std::getline(words, seconds, '\t');
        std::getline(words, errors, '\t');
        while (std::getline(words, word, '\t'))
            command.push_back(word);
        const pid_t child = fork();
        if (child < 0) {
            std::perror("forked_commands: no process");
            return 1;
        }
        if (child == 0)
            runHere(command, std::atoll(most.c_str()), errors);
        const Ended ended = waitFor(child, std::atoi(seconds.c_str()), most == "0");
        std::cout << ended.code << ' ' << ended.bytes << std::endl;
    }
    return 0;
}
