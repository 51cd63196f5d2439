// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/idle_threads.h"

#include <csignal>
#include <cstdlib>
#include <dlfcn.h>
#include <exception>
#include <fstream>
#include <locale>
#include <mutex>
#include <sstream>
#include <string>
#include <thread>
#include <unistd.h>

namespace winnow {
namespace {

/// Of libgomp's public interface: calls `function(data)` from each of `threads` threads.
using Parallel = void (*)(void (*function)(void*), void* data, unsigned threads, unsigned flags);

void addSleepingTeam()
{
    const auto parallel = reinterpret_cast<Parallel>(dlsym(RTLD_DEFAULT, "GOMP_parallel"));
    if (parallel == nullptr)
        return;
    try {
        std::thread([parallel] {
            sigset_t all;
            sigfillset(&all);
            pthread_sigmask(SIG_BLOCK, &all, nullptr); // signals are for threads that do something
            parallel([](void*) {}, nullptr, 2, 0);
            while (true) // a team lasts as long as the thread that began it
                pause();
        }).detach();
    } catch (const std::exception&) { // no thread to be had: what follows is only slower
    }
}

} // namespace

bool isBusy(std::string_view load, unsigned cores)
{
    std::istringstream words{std::string(load)};
    words.imbue(std::locale::classic());
    double lastMinute = 0, five = 0, fifteen = 0;
    unsigned running = 0;
    return words >> lastMinute >> five >> fifteen >> running && (lastMinute > cores + 1 || running > cores + 1);
}

void spareBusyMachine()
{
    if (std::getenv("OMP_WAIT_POLICY") != nullptr || std::getenv("GOMP_SPINCOUNT") != nullptr)
        return;
    std::string line;
    std::getline(std::ifstream("/proc/loadavg"), line);
    static std::once_flag done;
    if (isBusy(line, std::thread::hardware_concurrency()))
        std::call_once(done, addSleepingTeam);
}

} // namespace winnow
