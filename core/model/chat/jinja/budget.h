// SPDX-License-Identifier: GPL-3.0-or-later
// What a running template may use up, and what stops it.
#pragma once

#include <fmt/format.h>

#include <cstddef>
#include <limits>
#include <string>
#include <utility>

namespace winnow::jinja {

/// Why a template stopped. Thrown inside this room only, and caught at its door (Program), where it becomes an Error.
struct Fault {
    static constexpr std::size_t kNowhere = std::numeric_limits<std::size_t>::max();
    std::string message;
    std::size_t at = kNowhere; ///< a byte of the template's source; kNowhere: where the template is being run
};

template <class... Args>
[[noreturn]] void stop(fmt::format_string<Args...> format, Args&&... args)
{
    throw Fault{fmt::format(format, std::forward<Args>(args)...)};
}

template <class... Args>
[[noreturn]] void stopAt(std::size_t at, fmt::format_string<Args...> format, Args&&... args)
{
    throw Fault{fmt::format(format, std::forward<Args>(args)...), at};
}

struct Limits {
    std::size_t steps = 20'000'000;           ///< parts of the template evaluated, and pieces of 64 bytes read or made
    std::size_t bytes = std::size_t{1} << 30; ///< of all values made, those dropped again included
    std::size_t output = std::size_t{64} << 20;
    int depth = 1000; ///< of statements, expressions and macro calls inside each other
};

/// Counts down. One thread.
class Budget {
public:
    explicit Budget(const Limits& limits) : m_limits(limits), m_steps(limits.steps), m_bytes(limits.bytes) {}

    const Limits& limits() const { return m_limits; }

    void step(std::size_t count = 1)
    {
        if (count > m_steps)
            stop("the template takes more than {} steps", m_limits.steps);
        m_steps -= count;
    }
    /// For bytes that are only read.
    void read(std::size_t bytes) { step(bytes / 64); }
    /// Before bytes are made.
    void make(std::size_t bytes)
    {
        if (bytes > m_bytes)
            stop("the template makes values of more than {} bytes", m_limits.bytes);
        m_bytes -= bytes;
        step(bytes / 64);
    }

private:
    Limits m_limits;
    std::size_t m_steps, m_bytes;
};

} // namespace winnow::jinja
