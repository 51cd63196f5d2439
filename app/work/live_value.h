// SPDX-License-Identifier: GPL-3.0-or-later
// Values that a working thread shows while it goes on: the newest one waiting is delivered on the GUI thread, older ones are
// dropped, so a slow window never queues up work. What showing one throws is told by JobFailures.
#pragma once

#include "views/state/job_pools.h"

#include <QCoreApplication>
#include <QMetaObject>

#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <utility>

namespace winnow::app {

/// Owned on the GUI thread by whoever shows the values. `feeder()` gives the function for the working thread; feeders made
/// before the latest reset() deliver nothing any more.
template <class T>
class LiveValue {
public:
    explicit LiveValue(std::function<void(T)> deliver) : m_deliver(std::make_shared<std::function<void(T)>>(std::move(deliver)))
    {
    }
    LiveValue(const LiveValue&) = delete;
    LiveValue& operator=(const LiveValue&) = delete;
    ~LiveValue() { reset(); }

    void reset() { m_channel.reset(); }

    std::function<void(T)> feeder()
    {
        m_channel = std::make_shared<Channel>();
        return
            [channel = std::weak_ptr<Channel>(m_channel), deliver = std::weak_ptr<std::function<void(T)>>(m_deliver)](T value) {
                const auto open = channel.lock();
                auto* application = QCoreApplication::instance();
                if (!open || !application || !open->put(std::move(value)))
                    return;
                // Weak: a channel that was reset or whose owner is gone when the event arrives delivers nothing.
                QMetaObject::invokeMethod(
                    application,
                    [channel, deliver] {
                        const auto still = channel.lock();
                        const auto function = deliver.lock();
                        if (still && function)
                            views::guarded([&] { (*function)(still->take()); });
                    },
                    Qt::QueuedConnection);
            };
    }

private:
    struct Channel {
        std::mutex mutex;
        std::optional<T> waiting;
        /// True if nobody was told yet.
        bool put(T value)
        {
            const std::lock_guard lock(mutex);
            const bool first = !waiting;
            waiting = std::move(value);
            return first;
        }
        T take()
        {
            const std::lock_guard lock(mutex);
            return *std::exchange(waiting, std::nullopt);
        }
    };
    std::shared_ptr<Channel> m_channel; ///< the GUI thread holds the only lasting reference
    std::shared_ptr<std::function<void(T)>> m_deliver;
};

} // namespace winnow::app
