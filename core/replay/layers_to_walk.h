// SPDX-License-Identifier: GPL-3.0-or-later
// Which layers of a replay are still to be walked: GPUs take theirs from here, and give back what they cannot finish. Any thread.
#pragma once

#include <condition_variable>
#include <functional>
#include <mutex>
#include <optional>
#include <utility>
#include <vector>

namespace winnow {

class LayersToWalk {
public:
    /// Layers [first, last) that somebody has taken. They are given back when it goes, unless they are done.
    class Taken {
    public:
        int first, last;

        Taken(Taken&& other) noexcept : first(other.first), last(other.last), m_from(std::exchange(other.m_from, nullptr)) {}
        Taken& operator=(Taken&& other) noexcept
        {
            std::swap(first, other.first);
            std::swap(last, other.last);
            std::swap(m_from, other.m_from);
            return *this;
        }
        ~Taken()
        {
            if (m_from)
                m_from->end(*this, false);
        }
        void done() { std::exchange(m_from, nullptr)->end(*this, true); }

    private:
        friend LayersToWalk;
        Taken(LayersToWalk* from, int first_, int last_) : first(first_), last(last_), m_from(from) {}
        LayersToWalk* m_from;
    };

    explicit LayersToWalk(int layers) : m_waiting{{0, layers}}, m_walked(static_cast<std::size_t>(layers)) {}

    /// The next ones, up to endOf(first, end) of those that wait from `first` to `end`. Where none wait: nothing, but with
    /// `waits` only once nobody can give any back. Who holds layers must not wait.
    std::optional<Taken> take(const std::function<int(int first, int end)>& endOf, bool waits)
    {
        std::unique_lock lock(m_mutex);
        if (waits)
            m_changed.wait(lock, [&] { return !m_waiting.empty() || m_taken == 0; });
        if (m_waiting.empty())
            return std::nullopt;
        auto& [first, end] = m_waiting.back();
        const int begin = std::exchange(first, endOf(first, end));
        ++m_taken;
        Taken taken(this, begin, first);
        if (first == end)
            m_waiting.pop_back();
        return taken;
    }
    /// Of each layer whether it is done.
    std::vector<bool> walked() const
    {
        const std::lock_guard lock(m_mutex);
        return m_walked;
    }

private:
    void end(const Taken& taken, bool done)
    {
        const std::lock_guard lock(m_mutex);
        --m_taken;
        if (!done)
            m_waiting.emplace_back(taken.first, taken.last);
        for (int layer = taken.first; done && layer < taken.last; ++layer)
            m_walked[static_cast<std::size_t>(layer)] = true;
        m_changed.notify_all();
    }

    mutable std::mutex m_mutex;
    std::condition_variable m_changed;
    std::vector<std::pair<int, int>> m_waiting; ///< [first, end); the last is taken next
    int m_taken = 0;
    std::vector<bool> m_walked;
};

} // namespace winnow
