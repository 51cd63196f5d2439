// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/window/tune_dialog.h"

#include "app/cli/shown_layers.h"
#include "app/window/dialog_fit.h"
#include "app/window/lasting_paths.h"
#include "views/style/dock_style.h"
#include "views/sweep/tune_panel.h"

#include <QClipboard>
#include <QGuiApplication>
#include <QVBoxLayout>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <map>
#include <optional>

namespace winnow::app {

namespace {

QString titleOf(const PolicySpec& spec)
{
    const PolicyInfo* info = findPolicy(spec.name);
    return info ? QString::fromUtf8(info->title) : QString::fromStdString(spec.name);
}

} // namespace

TuneDialog::TuneDialog(Workspace* workspace, const OpenPlaces* places, Exporter* exporter, int policy, TakeSpecs take,
                       QWidget* window)
    : QDialog(window), m_workspace(workspace), m_places(places), m_exporter(exporter),
      m_spec(workspace->specs()[static_cast<std::size_t>(policy)]), m_take(std::move(take)),
      m_panel(new views::TunePanel(tunable(m_spec, workspace->data().trace->tokenCount()),
                                   QString::fromStdString(std::string(m_spec.value("budget"))))),
      m_job([this](const Result<TuningPtr>& tuning) { arrived(tuning); },
            [this](const QString&, double fraction) { m_panel->setRunning(fraction); }, views::enginePool())
{
    setObjectName(QStringLiteral("tune-dialog"));
    setAttribute(Qt::WA_DeleteOnClose);
    setWindowTitle(tr("Tune %1").arg(titleOf(m_spec)));
    auto* column = new QVBoxLayout(this);
    column->addWidget(new ScrollBody(m_panel), 1); // large letters, small screens
    connect(m_panel, &views::TunePanel::tuneWanted, this, &TuneDialog::tune);
    connect(m_panel, &views::TunePanel::stopWanted, this, [this] { m_job.cancel(); });
    connect(m_panel, &views::TunePanel::useWanted, this, &TuneDialog::use);
    connect(m_panel, &views::TunePanel::exportWanted, this, &TuneDialog::exportNumbers);
    connect(m_panel, &views::TunePanel::copyWanted, this, [this] {
        const std::string line = commandLine();
        if (line.empty())
            return m_panel->say(noLastingTrace());
        QGuiApplication::clipboard()->setText(QString::fromStdString(line));
        m_panel->say(tr("The command is in the clipboard."));
    });
    // Another recording: its policies may be others.
    connect(workspace, &Workspace::dataChanged, this, [this, trace = workspace->data().trace] {
        if (m_workspace->data().trace != trace)
            reject();
    });
    const std::size_t others = places->others().size(), heldOut = wish().traces.size() - 1;
    QString words = heldOut > 0 ? tr("Searches the shown recording. The recordings in other tabs (%1) are held out: they are not "
                                     "searched, and the gain is told of them, too.")
                                      .arg(heldOut)
                                : tr("Searches the open recording. Open a second one beside it (Ctrl+Alt+O) to see whether the "
                                     "gain holds on a text that was not searched.");
    if (others > heldOut)
        words += tr(" A recording that is not longer than the prompt cannot be held out (%1).").arg(others - heldOut);
    m_panel->say(words);
    resize(sizeHint().expandedTo({views::scaled(560), views::scaled(560)}));
}

QString TuneDialog::whyNot(const Workspace& workspace, int policy)
{
    const auto& specs = workspace.specs();
    if (policy < 0 || policy >= static_cast<int>(specs.size()))
        return tr("Parameters are tuned by replays, and the focus is a run; press 1 to 9 for a policy that is replayed.");
    const PolicySpec& spec = specs[static_cast<std::size_t>(policy)];
    if (!workspace.data().trace)
        return tr("Parameters are tuned by replays over the recording; open its trace first.");
    if (tunable(spec, workspace.data().trace->tokenCount()).empty())
        return tr("%1 has no parameter to tune.").arg(titleOf(spec));
    return {};
}

void TuneDialog::setTheme(const views::Theme& theme) { m_panel->setTheme(theme); }

TuneWish TuneDialog::wish() const
{
    TuneWish wish{.start = m_spec,
                  .budget = m_panel->budget().toStdString(),
                  .over = m_panel->over(),
                  .metric = &m_panel->metric(),
                  .traces = {m_workspace->data().trace},
                  .prompt = m_workspace->prompt(),
                  .most = static_cast<std::size_t>(m_panel->most())};
    for (const OpenPlace* place : heldOut())
        wish.traces.push_back(place->data.trace);
    return wish;
}

/// The gain is told of the steps behind the prompt.
std::vector<const OpenPlace*> TuneDialog::heldOut() const
{
    std::vector<const OpenPlace*> places = m_places->others();
    std::erase_if(places, [this](const OpenPlace* place) { return place->data.trace->tokenCount() <= m_workspace->prompt(); });
    return places;
}

std::string TuneDialog::commandLine() const
{
    const TuneWish wish = this->wish();
    std::vector<std::optional<LastingTrace>> traces{lastingTrace(*m_workspace)};
    for (const OpenPlace* place : heldOut())
        traces.push_back(lastingTrace(*m_workspace, place->sources, place->data.info.get()));
    std::string line, names;
    std::map<std::string, int> recordings; // of a name
    for (std::optional<LastingTrace>& trace : traces) {
        if (!trace)
            return {};
        if (trace->record) {
            trace->record->number = ++recordings[trace->file.string()];
            trace->file = recordedFile(*trace->record);
            line += recordText(*trace->record);
        }
        names += ' ' + shellWord(trace->file.string());
    }
    line += "winnow tune" + names;
    const auto start = startOf(wish);
    line +=
        fmt::format(" --policy {} --over {} --metric {} --settings {} --prompt {} --hold-out {}",
                    shellWord((start ? *start : wish.start).canonical()), shellWord(fmt::format("{}", fmt::join(wish.over, ","))),
                    wish.metric->name, wish.most, wish.prompt, wish.traces.size() - 1);
    if (const Trace& trace = *wish.traces.front(); trace.info().layers != recordedLayers(trace))
        line += layerWords(trace.info().layers);
    return line;
}

void TuneDialog::tune()
{
    m_panel->say({});
    m_panel->setRunning(0);
    m_job.start([wish = wish()](const JobContext& job) { return tuneOpen(wish, job); });
}

void TuneDialog::arrived(const Result<TuningPtr>& tuning)
{
    m_panel->setRunning(-1);
    if (tuning) {
        m_found = *tuning;
        m_panel->setTuning(m_found);
    } else {
        m_panel->say(tuning.error().code == ErrorCode::Cancelled ? tr("Stopped; nothing was changed.")
                                                                 : QString::fromStdString(tuning.error().message));
    }
}

/// As `winnow tune --out` writes them.
void TuneDialog::exportNumbers()
{
    m_exporter->exportNumbers(QStringLiteral("tune"), [found = m_found, trace = m_workspace->data().trace](const auto& out) {
        return writeTables(tuningTables(*found), trace->info().manifest, out);
    });
}

void TuneDialog::use()
{
    std::vector<PolicySpec> specs = m_workspace->specs();
    const auto own = std::ranges::find(specs, m_spec);
    if (own == specs.end())
        return m_panel->say(tr("The policy was changed or removed since the dialog opened; open it again from its menu."));
    *own = m_spec = m_found->settings[m_found->best].spec;
    m_take(specs);
    m_panel->say(tr("%1 has the best setting now; Ctrl+Z brings the old one back.").arg(titleOf(m_spec)));
}

} // namespace winnow::app
