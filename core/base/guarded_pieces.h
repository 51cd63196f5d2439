// SPDX-License-Identifier: GPL-3.0-or-later
// Pieces of work that threads take one after the other, and the first exception that one of them throws.
#pragma once

#include <atomic>
#include <cstddef>
#include <exception>
#include <functional>

namespace winnow {

/// Every thread calls `takeAll`; the thread that waits for them calls `rethrow` afterwards. `work` must outlive this.
class GuardedPieces {
public:
    GuardedPieces(std::size_t count, const std::function<void(std::size_t)>& work) : m_count(count), m_work(work) {}

    /// Takes pieces until none is left, or until one has thrown. Never throws itself.
    void takeAll() noexcept
    {
        for (std::size_t i = m_next++; i < m_count && !m_failed; i = m_next++) {
            try {
                m_work(i);
            } catch (...) {
                if (!m_failed.exchange(true))
                    m_error = std::current_exception();
            }
        }
    }
    /// Throws again what was thrown first, if anything was. Call it when no thread takes pieces any more.
    void rethrow() const
    {
        if (m_error)
            std::rethrow_exception(m_error);
    }

private:
    std::size_t m_count;
    const std::function<void(std::size_t)>& m_work;
    std::atomic<std::size_t> m_next = 0;
    std::atomic<bool> m_failed = false;
    std::exception_ptr m_error;
};

} // namespace winnow
