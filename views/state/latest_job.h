// SPDX-License-Identifier: GPL-3.0-or-later
// The only bridge from the window to background work. Starting cancels the older job; an older answer is never delivered;
// work captures values only; anything that it throws becomes an Error. Answers and progress arrive on the GUI thread. Where
// showing an answer throws, the error is delivered in its place; where that throws too, JobFailures tells it.
#pragma once

#include "core/base/job_context.h"
#include "views/state/job_pools.h"

#include <QCoreApplication>
#include <QObject>
#include <QString>

#include <functional>
#include <memory>

namespace winnow::views {

/// One running job at a time, the newest. Owned by the object that shows its answers; destroying it stops the job and does
/// not wait (the work holds its own references).
template <class T>
class LatestJob {
public:
    using Work = std::function<Result<T>(const JobContext&)>;
    using Done = std::function<void(Result<T>)>;
    using Progress = std::function<void(QString stage, double fraction)>;

    explicit LatestJob(Done done, Progress progress = {}, QThreadPool& pool = picturePool())
        : m_pool(pool), m_shared(std::make_shared<Shared>())
    {
        m_shared->done = std::move(done);
        m_shared->progress = std::move(progress);
    }
    ~LatestJob()
    {
        stop();
        m_shared->done = {};
        m_shared->progress = {};
    }
    LatestJob(const LatestJob&) = delete;
    LatestJob& operator=(const LatestJob&) = delete;

    void start(Work work)
    {
        stop();
        m_stop = std::stop_source();
        m_shared->running = true;
        const auto ticket = ++m_shared->ticket;
        auto task = [shared = m_shared, ticket, stop = m_stop.get_token(), work = std::move(work)] {
            const JobContext job(stop, [shared, ticket](std::string_view stage, double fraction) {
                post([shared, ticket, stage = QString::fromUtf8(stage), fraction] {
                    if (const Progress progress = shared->progress; progress && shared->ticket == ticket)
                        progress(stage, fraction);
                });
            });
            auto answer = std::make_shared<Result<T>>(run(work, job));
            post([shared, ticket, answer] {
                if (shared->ticket != ticket)
                    return;
                shared->running = false;
                if (const Done done = shared->done) // a copy: the answer may end this LatestJob
                    deliver(done, *answer);
            });
        };
        startOn(m_pool, std::move(task), m_priority);
    }
    /// Of work that waits for a thread, that of higher priority begins first; 0 unless said.
    void setPriority(int priority) { m_priority = priority; }

    /// Asks the running job to stop; its answer, even "cancelled", is not delivered any more.
    void stop()
    {
        m_stop.request_stop();
        ++m_shared->ticket;
        m_shared->running = false;
    }
    /// Asks it to stop and lets its answer (an Error of code Cancelled, most likely) be delivered.
    void cancel() { m_stop.request_stop(); }
    bool isRunning() const { return m_shared->running; }

private:
    struct Shared {
        Done done;
        Progress progress;
        quint64 ticket = 0; ///< read and written on the GUI thread only
        bool running = false;
    };
    static Result<T> run(const Work& work, const JobContext& job)
    {
        try {
            return work(job);
        } catch (...) {
            return fail(thrownError("this work"));
        }
    }
    static void deliver(const Done& done, Result<T>& answer)
    {
        const bool good = answer.has_value();
        guarded([&] {
            try {
                done(std::move(answer));
            } catch (...) {
                if (!good)
                    throw;
                done(fail(thrownError("showing a result")));
            }
        });
    }
    /// Runs `function` on the GUI thread, after everything posted before it.
    static void post(std::function<void()> function)
    {
        if (auto* application = QCoreApplication::instance())
            QMetaObject::invokeMethod(
                application, [function = std::move(function)] { guarded(function); }, Qt::QueuedConnection);
    }

    QThreadPool& m_pool;
    std::shared_ptr<Shared> m_shared;
    std::stop_source m_stop;
    int m_priority = 0;
};

} // namespace winnow::views
