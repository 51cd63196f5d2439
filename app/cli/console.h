// The terminal as the commands see it: results on standard output, progress and sentences on standard error, Ctrl+C as a
// stop request. No Qt, no Torch.
#pragma once

#include "core/base/job_context.h"

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

namespace winnow::cli {

/// Turns SIGINT and SIGTERM into a stop request: the first asks the work to stop and clean up, a second one ends the program.
/// Make it before any other thread starts (the signals are blocked in threads that start later). One per program.
class StopSignals {
public:
    StopSignals();
    ~StopSignals();
    StopSignals(const StopSignals&) = delete;
    StopSignals& operator=(const StopSignals&) = delete;
    std::stop_token token() const;

private:
    struct Impl;
    std::unique_ptr<Impl> m_impl;
};

/// What a command talks to. Thread-safe where a JobContext needs it.
class Console {
public:
    explicit Console(std::stop_token stop);
    ~Console();
    Console(const Console&) = delete;
    Console& operator=(const Console&) = delete;

    /// Stops on Ctrl+C; draws one progress line (stage, per cent, time left) if standard error is a terminal.
    JobContext job();
    /// The same for one part of a command's work: progress 0…1 is mapped to `from`…`to`.
    JobContext job(double from, double to);
    bool stopRequested() const;

    /// A line of the result, on standard output.
    void say(std::string_view line);
    /// "winnow: warning: …" on standard error.
    void warn(std::string_view sentence);

private:
    struct Impl;
    std::shared_ptr<Impl> m_impl;
};

/// "4 s", "3 min", "2 h 5 min".
std::string readableDuration(double seconds);
/// "2,048".
std::string grouped(std::int64_t number);

/// The bytes of a text file, or of standard input for "-".
Result<std::string> readText(const std::string& pathOrDash);
/// The extension in lower case, without its dot: "npz".
std::string extensionOf(const std::filesystem::path& path);

} // namespace winnow::cli
