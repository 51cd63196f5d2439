// SPDX-License-Identifier: GPL-3.0-or-later
// The threads that background work runs on, and the object that reports failures which no job can deliver as its answer. GUI
// thread, unless said otherwise.
#pragma once

#include "core/base/result.h"

#include <QObject>
#include <QString>

#include <functional>
#include <string_view>

class QThreadPool;

namespace winnow::views {

/// Threads of pictures: maps, cards, everything that one waits for while looking. As many as the machine has cores.
QThreadPool& picturePool();
/// Threads of charts that follow the maps. As many as the machine has cores; the system gives them what the window and the
/// pictures leave.
QThreadPool& chartPool();
/// Threads of the engine and of files: recording, opening, replaying, saving. A replay never takes a picture's thread, on one
/// core too: the system divides the core between the two.
QThreadPool& enginePool();
/// Runs `task` on a thread of `pool`. Of tasks that wait for one, that of higher priority begins first.
void startOn(QThreadPool& pool, std::function<void()> task, int priority);
/// Until no work runs any more. Answers still have to be delivered by the event loop.
void waitForJobs();

/// Reports exceptions that were thrown while an answer was being shown.
class JobFailures : public QObject {
    Q_OBJECT
public:
    static JobFailures& instance();

signals:
    void failed(const QString& sentence);
};

/// The error for the exception that is being handled; `doing` as in libraryError().
Error thrownError(std::string_view doing);

/// Calls `function`. If it throws, JobFailures reports the exception in a sentence and the result is false. For functions that
/// the event loop calls, where an exception would end the program.
template <class Function>
bool guarded(Function&& function)
{
    try {
        function();
        return true;
    } catch (...) {
        emit JobFailures::instance().failed(QString::fromStdString(thrownError("showing a result").message));
        return false;
    }
}

} // namespace winnow::views
