// SPDX-License-Identifier: GPL-3.0-or-later
// Holds a working thread at a place where nothing is half done, until it may go on.
#pragma once

#include "core/base/job_context.h"

#include <chrono>
#include <condition_variable>
#include <mutex>

namespace winnow::app {

/// Asked by one thread, obeyed by another. Thread-safe.
class Pause {
public:
    void ask()
    {
        const std::lock_guard lock(m_mutex);
        m_asked = true;
        ++m_times;
    }
    void goOn()
    {
        {
            const std::lock_guard lock(m_mutex);
            m_asked = false;
        }
        m_changed.notify_all();
    }
    /// Called by the working thread between two pieces: waits while a pause is asked for, and calls `held` before it waits, once
    /// for every time that it was asked. Comes back when it may go on, or when the job is asked to stop.
    template <class Held>
    void obey(const JobContext& job, Held held)
    {
        std::unique_lock lock(m_mutex);
        while (m_asked && !job.stopRequested()) {
            const int time = m_times; // it may go on and be asked again before this thread wakes
            lock.unlock();
            held();
            lock.lock();
            while (m_asked && m_times == time && !job.stopRequested())
                m_changed.wait_for(lock, kLook);
        }
    }

private:
    static constexpr std::chrono::milliseconds kLook{20}; ///< a stop is heard so soon
    std::mutex m_mutex;
    std::condition_variable m_changed;
    bool m_asked = false;
    int m_times = 0; ///< that it was asked
};

} // namespace winnow::app
