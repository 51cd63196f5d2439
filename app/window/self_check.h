// SPDX-License-Identifier: GPL-3.0-or-later
// Whether the rows of the open recording belong together, as `winnow check` finds it: looked at in the background once a
// recording is open and nothing else runs.
#pragma once

#include "app/work/workspace.h"
#include "core/trace/trace_check.h"
#include "views/state/latest_job.h"

#include <QObject>

#include <memory>
#include <optional>

namespace winnow::app {

/// GUI thread.
class SelfCheck : public QObject {
    Q_OBJECT
public:
    /// `workspace` outlives this object.
    explicit SelfCheck(Workspace* workspace, QObject* parent = nullptr);

    static constexpr int kSteps = 64; ///< that are looked at in every layer, spread over the text: seconds, not minutes
    bool isRunning() const { return m_job.isRunning(); }

signals:
    /// "" = no recording is open; `sound` unset = not judged yet.
    void changed(const QString& words, const QString& sentence, std::optional<bool> sound);

private:
    void look();  ///< another recording may be open
    void start(); ///< where it is not judged yet

    Workspace* m_workspace;
    std::shared_ptr<const Trace> m_trace; ///< that is judged, or is being
    bool m_begun = false;
    views::LatestJob<TraceVerdict> m_job;
};

} // namespace winnow::app
