// SPDX-License-Identifier: GPL-3.0-or-later
// The terminal as the commands see it: results on standard output, progress and sentences on standard error, Ctrl+C as a
// stop request. No Qt, no Torch.
#pragma once

#include "app/cli/text_input.h"
#include "core/base/grouped.h"
#include "core/base/job_context.h"

#include <memory>
#include <string>

namespace winnow::cli {

/// Before anything else in main(): a standard stream that is closed must not become the next file that is opened, and a closed
/// pipe or a file that may not grow further is an error of the writing call, not the end of the program (SIGPIPE, SIGXFSZ).
void prepareStreams();

/// "winnow replay: …" on standard error: a sentence, shortened, with nothing in it that moves the cursor.
void complain(std::string_view where, std::string_view sentence);

/// A result that is text itself, on standard output; as it is, but on a terminal without what moves the cursor.
void putText(std::string_view text);

/// After the last line of results: an error where standard output could not take them all. A closed pipe (`| head`) is none.
Result<void> finishOutput();

/// Turns SIGINT, SIGTERM, SIGHUP (but for nohup) and SIGXCPU into a stop request: the first asks the work to stop and clean up, a
/// second one ends the program. Make it before any other thread starts (the signals are blocked in threads that start later). One
/// per program.
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

    /// A line of the result, on standard output; what would move the cursor is written out (see printable).
    void say(std::string_view line);
    /// putText() and the end of its line.
    void sayText(std::string_view text);
    /// "winnow: warning: …" on standard error.
    void warn(std::string_view sentence);
    /// No warnings from now on: another process tells them.
    void silence();

private:
    struct Impl;
    std::shared_ptr<Impl> m_impl;
};

/// "4 s", "3 min", "2 h 5 min".
std::string readableDuration(double seconds);

} // namespace winnow::cli
