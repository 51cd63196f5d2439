// SPDX-License-Identifier: GPL-3.0-or-later
#include "views/state/job_pools.h"

#include "core/base/library_error.h"

#include <QCoreApplication>
#include <QThread>
#include <QThreadPool>

#include <sys/resource.h>

#include <algorithm>
#include <utility>

namespace winnow::views {

namespace {

/// The application waits for the work before it ends: what it reads goes afterwards.
QThreadPool& madePool(int threads)
{
    auto* pool = new QThreadPool; // never deleted: a job may end later than everything else
    pool->setMaxThreadCount(threads);
    qAddPostRoutine(waitForJobs);
    return *pool;
}

/// The thread that calls it, and those that it starts, get less of a core that others want, too.
void stepBack()
{
    constexpr int kStep = 10;
    thread_local const int once = // 0: on Linux this thread, not the process
        ::setpriority(PRIO_PROCESS, 0, std::min(19, ::getpriority(PRIO_PROCESS, 0) + kStep));
    static_cast<void>(once);
}

} // namespace

QThreadPool& picturePool()
{
    static QThreadPool& pool = madePool(std::max(1, QThread::idealThreadCount()));
    return pool;
}

QThreadPool& chartPool()
{
    static QThreadPool& pool = madePool(std::max(1, QThread::idealThreadCount()));
    return pool;
}

QThreadPool& enginePool()
{
    // One of each kind at once, and those that were asked to stop and have not heard it yet: an engine job brings its own
    // threads.
    constexpr int kThreads = 8;
    static QThreadPool& pool = madePool(kThreads);
    return pool;
}

void startOn(QThreadPool& pool, std::function<void()> task, int priority)
{
    if (&pool == &chartPool())
        task = [task = std::move(task)] {
            stepBack();
            task();
        };
    pool.start(std::move(task), priority);
}

void waitForJobs()
{
    picturePool().waitForDone();
    chartPool().waitForDone();
    enginePool().waitForDone();
}

JobFailures& JobFailures::instance()
{
    static auto* const failures = new JobFailures; // outlives every job
    return *failures;
}

Error thrownError(std::string_view doing)
{
    try {
        throw;
    } catch (const std::bad_alloc&) {
        return {ErrorCode::OutOfMemory, "memory ran out; close other recordings or choose fewer layers"};
    } catch (const std::exception& error) {
        return libraryError(doing, error.what());
    } catch (...) {
        return libraryError(doing, "");
    }
}

} // namespace winnow::views
