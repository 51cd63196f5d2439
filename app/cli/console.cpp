#include "app/cli/console.h"

#include <algorithm>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <fstream>
#include <iostream>
#include <iterator>
#include <mutex>
#include <thread>

#include <pthread.h>
#include <unistd.h>

namespace winnow::cli {

namespace fs = std::filesystem;
using Clock = std::chrono::steady_clock;

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
    bool lineShown = false;
    Clock::time_point begun = Clock::now(), shownAt{};

    void clearLine() // the mutex is held
    {
        if (lineShown)
            std::fputs("\r\033[K", stderr);
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
        fmt::print(stderr, "\r\033[K{}", line);
        std::fflush(stderr);
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
    fmt::print("{}\n", line);
    std::fflush(stdout);
}

void Console::warn(std::string_view sentence)
{
    const std::lock_guard lock(m_impl->mutex);
    m_impl->clearLine();
    fmt::print(stderr, "winnow: warning: {}\n", sentence);
}

// --- words and numbers

std::string readableDuration(double seconds)
{
    if (seconds < 90)
        return fmt::format("{:.0f} s", std::max(1.0, seconds));
    const auto minutes = static_cast<long>(seconds / 60 + 0.5);
    return minutes < 90 ? fmt::format("{} min", minutes) : fmt::format("{} h {} min", minutes / 60, minutes % 60);
}

std::string grouped(std::int64_t number)
{
    std::string digits = std::to_string(number < 0 ? -number : number);
    for (auto at = static_cast<std::ptrdiff_t>(digits.size()) - 3; at > 0; at -= 3)
        digits.insert(static_cast<std::size_t>(at), ",");
    return number < 0 ? "-" + digits : digits;
}

std::string extensionOf(const fs::path& path)
{
    std::string extension = path.extension().string();
    if (!extension.empty())
        extension.erase(0, 1);
    std::transform(extension.begin(), extension.end(), extension.begin(),
                   [](unsigned char c) { return static_cast<char>(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c); });
    return extension;
}

// --- files

Result<std::string> readText(const std::string& pathOrDash)
{
    if (pathOrDash == "-")
        return std::string(std::istreambuf_iterator<char>(std::cin), {});
    std::error_code error;
    const fs::path path(pathOrDash);
    if (!fs::exists(path, error))
        return fail(ErrorCode::NotFound, "text '{}' does not exist; give a UTF-8 text file, or - for standard input", pathOrDash);
    if (fs::is_directory(path, error))
        return fail(ErrorCode::BadInput, "text '{}' is a folder; give a UTF-8 text file, or - for standard input", pathOrDash);
    std::ifstream file(path, std::ios::binary);
    std::string bytes(std::istreambuf_iterator<char>(file), {});
    if (!file && !file.eof())
        return fail(ErrorCode::Io, "text '{}' cannot be read; check its permissions", pathOrDash);
    return bytes;
}

} // namespace winnow::cli
