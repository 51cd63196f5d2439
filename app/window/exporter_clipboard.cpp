// SPDX-License-Identifier: GPL-3.0-or-later
// What the window copies: pictures, words, commands, lines of Python. See exporter.h.
#include "app/cli/shown_layers.h"
#include "app/window/exporter.h"
#include "app/window/lasting_paths.h"

#include <QApplication>
#include <QClipboard>

namespace winnow::app {

namespace fs = std::filesystem;

const ExportPanel* Exporter::panelOfFocus() const
{
    const QWidget* focus = QApplication::focusWidget();
    for (const ExportPanel& panel : m_panels)
        if (focus && panel.widget->isVisible() && (panel.widget == focus || panel.widget->isAncestorOf(focus)))
            return &panel;
    return m_panels.empty() ? nullptr : &m_panels.front();
}

void Exporter::copyPanel()
{
    const ExportPanel* panel = panelOfFocus();
    if (!panel)
        return;
    if (const QString words = panel->words ? panel->words() : QString(); !words.isEmpty())
        return QApplication::clipboard()->setText(words);
    QApplication::clipboard()->setPixmap(panel->widget->grab());
}

FigureRequest Exporter::panelFigure() const
{
    FigureRequest request;
    if (const ExportPanel* panel = panelOfFocus()) {
        const auto own = panel->figure ? panel->figure() : std::nullopt;
        request = own ? *own : m_panels.front().figure().value_or(FigureRequest());
    }
    request.options.width = figureWidth();
    return request;
}

void Exporter::copyCommand()
{
    const QString line = commandLine();
    if (line.isEmpty())
        return m_messages->show(Band::Kind::Warning, noLastingTrace());
    QApplication::clipboard()->setText(line);
    tell(tr("Copied: %1").arg(line));
}

QString Exporter::commandLine() const
{
    if (const ExportPanel* panel = panelOfFocus(); panel && panel->line)
        if (const QString line = panel->line(); !line.isEmpty())
            return line;
    auto parts = commandParts(panelFigure());
    if (!parts)
        return {};
    if (const auto& shown = m_workspace->data().replay)
        parts->replays = filesOf(m_workspace->files(), shown->policies);
    if (parts->replays.empty()) { // not all of it lies in files
        if (m_workspace->replays())
            parts->replays = filesOf(m_workspace->files(), m_workspace->replays()->policies);
        if (const auto finished = m_workspace->runs()->finished(parts->prompt))
            for (const auto& run : finished->policies)
                parts->runs.push_back(run->spec);
    }
    return lineOf(std::move(*parts));
}

QString Exporter::commandLineOf(const FigureRequest& request, const ReplayResult& replay) const
{
    auto parts = commandParts(request);
    if (!parts)
        return {};
    parts->replays = filesOf(m_workspace->files(), replay.policies);
    parts->policies.clear();
    for (const auto& policy : replay.policies)
        parts->policies.push_back(policy->spec);
    return lineOf(std::move(*parts));
}

std::optional<CommandParts> Exporter::commandParts(FigureRequest figure) const
{
    const PolicyRuns& runs = *m_workspace->runs();
    const auto trace = lastingTrace(*m_workspace);
    if (!trace)
        return std::nullopt;
    CommandParts parts{.trace = trace->file,
                       .replays = {},
                       .record = trace->record,
                       .policies = m_workspace->specs(),
                       .prompt = m_workspace->prompt(),
                       .runs = {},
                       .runsFile = anywhere(runs.file()),
                       .model = anywhere(runs.model().empty() ? m_workspace->sources().model : runs.model()),
                       .figure = std::move(figure)};
    const views::ViewData& data = m_workspace->data();
    if (data.trace && data.info->layers != recordedLayers(*data.trace)) {
        parts.layers = data.info->layers;
        parts.figure = ofWholeRecording(parts.figure, *data.info, recordedLayers(*data.trace));
    }
    return parts;
}

QString Exporter::lineOf(CommandParts parts)
{
    for (fs::path& replay : parts.replays)
        replay = anywhere(replay);
    return QString::fromStdString(commandText(parts));
}

void Exporter::copySnippet()
{
    const views::ViewData& data = m_workspace->data();
    const int focus = m_selection->state().focus;
    if (!data.replay || focus >= static_cast<int>(data.replay->policies.size()))
        return;
    const auto& policy = *data.replay->policies[static_cast<std::size_t>(focus)];
    const auto place = placeOf(m_workspace->files(), policy);
    if (!place)
        return m_messages->show(Band::Kind::Warning, tr("The replay lies in no file that Python could read; save it first."),
                                {{tr("Save replay…"), [this] { saveReplay(); }}});
    QApplication::clipboard()->setText(QString::fromStdString(
        numpySnippet(anywhere(place->file), place->number, policy.spec.canonical(), m_selection->state().step)));
    tell(tr("Copied lines of Python that read %1 of %2")
             .arg(QString::fromStdString(policy.spec.name), QString::fromStdString(place->file.string())));
}

} // namespace winnow::app
