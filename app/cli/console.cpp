// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/console.h"

#include "core/base/printable.h"

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <mutex>
#include <thread>

#include <fcntl.h>
#include <pthread.h>
#include <unistd.h>

namespace winnow::cli {

using Clock = std::chrono::steady_clock;

// --- streams

namespace {

constexpr std::string_view kKept = "\n\t"; ///< of a line of results: what the program itself lays it out with

/// fmt::print throws where the stream is full, and there is nobody left to tell.
void put(FILE* stream, std::string_view text)
{
    if (!text.empty())
        std::fwrite(text.data(), 1, text.size(), stream);
    std::fflush(stream);
}

/// Why standard output took no more, 0 while it does. Kept, for the next call may fail for another reason.
int outputError = 0;

void putResult(std::string_view text)
{
    if (outputError != 0)
        return;
    errno = 0;
    put(stdout, text);
    if (std::ferror(stdout) != 0)
        outputError = errno != 0 ? errno : EIO;
}

} // namespace

void prepareStreams()
{
    for (const int stream : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO})
        if (fcntl(stream, F_GETFD) < 0)
            static_cast<void>(open("/dev/null", stream == STDIN_FILENO ? O_WRONLY : O_RDONLY)); // so that using it fails
    std::signal(SIGPIPE, SIG_IGN);
    std::signal(SIGXFSZ, SIG_IGN);
}

void complain(std::string_view where, std::string_view sentence)
{
    put(stderr, fmt::format("{}: {}\n", where, shortPrintable(sentence)));
}

void putText(std::string_view text) { putResult(isatty(STDOUT_FILENO) == 1 ? printable(text, kKept) : std::string(text)); }

Result<void> finishOutput()
{
    putResult({}); // what others left in the stream
    if (outputError == 0 || outputError == EPIPE)
        return {};
    return fail(ErrorCode::Io, "standard output did not take all results: {}; send them elsewhere", std::strerror(outputError));
}

// --- Ctrl+C

struct StopSignals::Impl {
    std::stop_source stop;
    std::jthread waiter;
};

StopSignals::StopSignals() : m_impl(std::make_unique<Impl>())
{
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGINT);
    sigaddset(&set, SIGTERM);
    sigaddset(&set, SIGXCPU);
    struct sigaction hangUp {};
    if (sigaction(SIGHUP, nullptr, &hangUp) != 0 || hangUp.sa_handler != SIG_IGN) // nohup ignores it
        sigaddset(&set, SIGHUP);
    pthread_sigmask(SIG_BLOCK, &set, nullptr);
    m_impl->waiter = std::jthread([set, stop = m_impl->stop](std::stop_token ending) mutable {
        const timespec patience{0, 100'000'000};
        while (!ending.stop_requested()) {
            if (sigtimedwait(&set, nullptr, &patience) < 0)
                continue;
            if (stop.stop_requested())
                _exit(130);
            stop.request_stop();
        }
    });
}

StopSignals::~StopSignals() = default;

std::stop_token StopSignals::token() const { return m_impl->stop.get_token(); }

// --- progress

struct Console::Impl {
    std::mutex mutex;
    std::stop_token stop;
    bool terminal = isatty(STDERR_FILENO) == 1;
    bool lineShown = false, silent = false;
    Clock::time_point begun = Clock::now(), shownAt{};

    void clearLine() // the mutex is held
    {
        if (lineShown)
            put(stderr, "\r\033[K");
        lineShown = false;
    }

    void show(std::string_view stage, double fraction)
    {
        if (!terminal)
            return;
        const std::lock_guard lock(mutex);
        const auto now = Clock::now();
        if (now - shownAt < std::chrono::milliseconds(100) && fraction < 1)
            return;
        shownAt = now;
        const double elapsed = std::chrono::duration<double>(now - begun).count();
        std::string line = fmt::format("{} {:3.0f} %", stage, 100 * std::clamp(fraction, 0.0, 1.0));
        if (fraction > 0.02 && fraction < 1 && elapsed > 1)
            line += fmt::format("  {} left", readableDuration(elapsed * (1 - fraction) / fraction));
        put(stderr, fmt::format("\r\033[K{}", line));
        lineShown = true;
    }
};

Console::Console(std::stop_token stop) : m_impl(std::make_shared<Impl>()) { m_impl->stop = std::move(stop); }

Console::~Console()
{
    const std::lock_guard lock(m_impl->mutex);
    m_impl->clearLine();
}

JobContext Console::job() { return job(0, 1); }

JobContext Console::job(double from, double to)
{
    return JobContext(m_impl->stop, [impl = m_impl, from, to](std::string_view stage, double fraction) {
        impl->show(stage, from + (to - from) * fraction);
    });
}

bool Console::stopRequested() const { return m_impl->stop.stop_requested(); }

void Console::say(std::string_view line)
{
    const std::lock_guard lock(m_impl->mutex);
    m_impl->clearLine();
    putResult(printable(line, kKept) + "\n");
}

void Console::sayText(std::string_view text)
{
    const std::lock_guard lock(m_impl->mutex);
    m_impl->clearLine();
    putText(std::string(text) + "\n");
}

void Console::warn(std::string_view sentence)
{
    const std::lock_guard lock(m_impl->mutex);
    m_impl->clearLine();
    if (!m_impl->silent)
        complain("winnow: warning", sentence);
}

void Console::silence()
{
    const std::lock_guard lock(m_impl->mutex);
    m_impl->silent = true;
    m_impl->terminal = false; // no progress line, either
}

// --- words and numbers

std::string readableDuration(double seconds)
{
    if (seconds < 90)
        return fmt::format("{:.0f} s", std::max(1.0, seconds));
    const auto minutes = static_cast<long>(seconds / 60 + 0.5);
    return minutes < 90 ? fmt::format("{} min", minutes) : fmt::format("{} h {} min", minutes / 60, minutes % 60);
}

} // namespace winnow::cli
