// SPDX-License-Identifier: GPL-3.0-or-later
// Lets long score computations ask whether to go on.
#pragma once

#include <cstddef>
#include <functional>
#include <utility>

namespace winnow::tasks {

/// One for every score that is computed; not shared between threads. Default-constructed it never stops.
class Watch {
public:
    using Ask = std::function<bool(double fraction)>; ///< how much is done, 0 to 1; false: stop

    Watch() = default;
    explicit Watch(Ask ask) : m_ask(std::move(ask)) {}

    /// A watch that never stops, for callers that do not need one.
    static Watch& none()
    {
        thread_local Watch silent;
        return silent;
    }

    /// How much of the score is done.
    void at(double fraction) { m_fraction = fraction; }
    /// Adds `steps`, each about a nanosecond of work, and asks after every few million. Once it returns true it always does, and
    /// the score must not be used.
    bool stopped(std::size_t steps)
    {
        constexpr std::size_t kBetween = std::size_t{1} << 22;
        m_steps += steps;
        if (m_steps >= kBetween && !m_stopped && m_ask) {
            m_steps = 0;
            m_stopped = !m_ask(m_fraction);
        }
        return m_stopped;
    }

private:
    Ask m_ask;
    double m_fraction = 0;
    std::size_t m_steps = 0;
    bool m_stopped = false;
};

} // namespace winnow::tasks
