// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/window/sweep_dialog.h"

#include "app/window/dialog_fit.h"
#include "app/window/lasting_paths.h"
#include "app/work/budget_work.h"
#include "views/state/lane_choice.h"
#include "views/style/dock_style.h"
#include "views/sweep/sweep_panel.h"

#include <QClipboard>
#include <QGuiApplication>
#include <QVBoxLayout>

#include <algorithm>

namespace winnow::app {

using views::SelectionState;

SweepDialog::SweepDialog(Workspace* workspace, views::Selection* selection, Exporter* exporter, TakeSpecs take, QWidget* window)
    : QDialog(window), m_workspace(workspace), m_selection(selection), m_exporter(exporter), m_take(std::move(take)),
      m_panel(new views::SweepPanel),
      m_sweepJob(
          [this](Result<ReplayPtr> swept) {
              m_partial.reset();
              if (swept)
                  draw(*swept);
              ended(swept ? nullptr : &swept.error());
          },
          [this](const QString&, double fraction) { m_panel->setRunning(fraction); }, views::enginePool()),
      m_matchJob(
          [this](Result<std::vector<PolicySpec>> specs) {
              if (specs) {
                  m_take(*specs);
                  m_panel->say(
                      tr("Every policy stores as many bytes as the focus now, on average; Ctrl+Z brings the budgets back."));
              }
              m_panel->setRunning(-1);
              if (!specs)
                  ended(&specs.error());
          },
          [this](const QString&, double fraction) { m_panel->setRunning(fraction); }, views::enginePool()),
      m_partial([this](const ReplayPtr& swept) { draw(swept); })
{
    setObjectName(QStringLiteral("sweep-dialog"));
    setAttribute(Qt::WA_DeleteOnClose);
    setWindowTitle(tr("Budget sweep"));
    auto* column = new QVBoxLayout(this);
    column->addWidget(new ScrollBody(m_panel), 1);
    connect(m_panel, &views::SweepPanel::sweepWanted, this, &SweepDialog::sweep);
    connect(m_panel, &views::SweepPanel::matchWanted, this, &SweepDialog::match);
    connect(m_panel, &views::SweepPanel::exportWanted, this, &SweepDialog::exportFigure);
    connect(m_panel, &views::SweepPanel::copyWanted, this, &SweepDialog::copyCommand);
    connect(m_panel, &views::SweepPanel::stopWanted, this, [this] {
        m_sweepJob.cancel();
        m_matchJob.cancel();
    });
    connect(selection, &views::Selection::left, this, &QDialog::reject);
    connect(workspace, &Workspace::settled, this, [this] {
        if (!isRunning() && m_drawn)
            draw(nullptr);
    });
    m_panel->proposeBudgets(selection->tokenCount());
    draw(nullptr);
    resize(sizeHint().expandedTo({views::scaled(720), views::scaled(380)}));
}

void SweepDialog::setTheme(const views::Theme& theme) { m_panel->setTheme(theme); }

void SweepDialog::sweep(const QString& typed)
{
    const auto& trace = m_workspace->data().trace;
    const auto& specs = m_workspace->specs();
    const auto focus = static_cast<std::size_t>(m_selection->state().focus);
    if (!trace)
        return m_panel->say(tr("A sweep replays the focused policy over the recording; open its trace first."));
    if (focus >= specs.size())
        return m_panel->say(tr("The focus is a run, and a sweep replays; press 1 to 9 for a policy that is replayed."));
    if (specs[focus].value("budget").empty())
        return m_panel->say(tr("The focused policy has no budget; press 1 to 9 for another."));
    auto budgets = readBudgets(typed.toStdString(), trace->tokenCount());
    if (!budgets)
        return m_panel->say(QString::fromStdString(budgets.error().message));
    m_panel->say({});
    m_panel->setRunning(0);
    m_sweepJob.start([trace, spec = specs[focus], budgets = *budgets, prompt = m_workspace->prompt(),
                      advanced = m_partial.feeder()](const JobContext& job) {
        return sweepBudgets(*trace, spec, budgets, prompt, advanced, job);
    });
}

void SweepDialog::match()
{
    const auto& trace = m_workspace->data().trace;
    const int focus = m_selection->state().focus;
    if (!trace)
        return m_panel->say(tr("Budgets are found by replays over the recording; open its trace first."));
    if (focus >= static_cast<int>(m_workspace->specs().size()))
        return m_panel->say(
            tr("The focus is a run, and budgets are found by replays; press 1 to 9 for a policy that is replayed."));
    m_panel->say(tr("Looking for budgets of equal memory"));
    m_panel->setRunning(0);
    m_matchJob.start([trace, specs = m_workspace->specs(), focus, prompt = m_workspace->prompt()](const JobContext& job) {
        return matchBytes(*trace, specs, focus, prompt, job);
    });
}

/// What is open first, so that the line has the focus' number and color, then the swept budgets. Null: what was swept last.
void SweepDialog::draw(const ReplayPtr& swept)
{
    if (swept)
        m_swept = swept;
    const ReplayPtr& open = m_workspace->replays(); // runs would stand on the lines of their replays
    if (!open)
        return;
    auto all = std::make_shared<ReplayResult>(*open);
    if (m_swept && m_swept->tokenIds == all->tokenIds && m_swept->layers == all->layers)
        all->policies.insert(all->policies.end(), m_swept->policies.begin(), m_swept->policies.end());
    std::erase_if(all->policies, [](const auto& policy) { return policy->stepsDone < policy->tokens; });
    m_drawn = std::move(all);
    m_panel->setData(m_drawn, m_selection->state().focus, m_selection->state().lanes);
}

void SweepDialog::ended(const Error* error)
{
    m_panel->setRunning(-1);
    if (error)
        m_panel->say(error->code == ErrorCode::Cancelled ? tr("Stopped; what was done is shown.")
                                                         : QString::fromStdString(error->message));
}

void SweepDialog::exportFigure()
{
    if (!m_drawn)
        return;
    FigureInputs inputs;
    inputs.replays.push_back(m_drawn);
    m_exporter->exportFigure(request(), inputs);
}

void SweepDialog::copyCommand()
{
    if (!m_drawn)
        return;
    const QString line = m_exporter->commandLineOf(request(), *m_drawn);
    if (line.isEmpty())
        return m_panel->say(noLastingTrace());
    QGuiApplication::clipboard()->setText(line);
    m_panel->say(tr("The command is in the clipboard."));
}

FigureRequest SweepDialog::request() const
{
    FigureRequest request{"sweep", {.metric = std::string(m_panel->metric().name)}};
    request.options.lanes = m_selection->state().lanes;
    request.options.width = m_exporter->figureWidth();
    return request;
}

} // namespace winnow::app
