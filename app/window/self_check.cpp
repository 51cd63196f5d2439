// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/window/self_check.h"

#include "views/state/job_pools.h"

namespace winnow::app {

SelfCheck::SelfCheck(Workspace* workspace, QObject* parent)
    : QObject(parent), m_workspace(workspace),
      m_job(
          [this](Result<TraceVerdict> answer) {
              if (answer)
                  emit changed(answer->sound ? tr("checked: sound") : tr("checked: wrong"),
                               QString::fromStdString(answer->sentence), answer->sound);
              else if (answer.error().code != ErrorCode::Cancelled)
                  emit changed(tr("not checked"), QString::fromStdString(answer.error().message), false);
          },
          {}, views::enginePool())
{
    connect(workspace, &Workspace::dataChanged, this, &SelfCheck::look);
    connect(workspace, &Workspace::settled, this, &SelfCheck::start);
}

void SelfCheck::look()
{
    if (m_workspace->data().trace == m_trace)
        return;
    m_job.stop();
    m_trace = m_workspace->data().trace;
    m_begun = false;
    emit changed({}, {}, {});
}

void SelfCheck::start()
{
    if (!m_trace || m_begun || m_workspace->isWorking())
        return;
    m_begun = true;
    emit changed(tr("checking"), tr("The attention is rebuilt from what was recorded, and compared with the recorded output"),
                 {});
    m_job.start([path = m_trace->path()](const JobContext& job) -> Result<TraceVerdict> {
        WINNOW_TRY(const std::shared_ptr<const Trace> trace, Trace::openUnchecked(path)); // wrong rows are judged, not refused
        WINNOW_TRY(const std::vector<LayerCheck> checks, checkTrace(*trace, {.steps = kSteps, .oneThread = true}, job));
        return verdictOf(checks, path.filename().string());
    });
}

} // namespace winnow::app
