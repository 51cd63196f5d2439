// SPDX-License-Identifier: GPL-3.0-or-later
// Pictures, numbers and commands: what leaves the window. See main_window.h.
#include "app/cli/file_options.h"
#include "app/window/band.h"
#include "app/window/export_command.h"
#include "app/window/main_window.h"
#include "views/chrome/lower_dock.h"
#include "views/deck/deck.h"
#include "views/lanes/lane_grid.h"
#include "views/maps/map_grid.h"
#include "views/paper/save_figure.h"
#include "views/text/text_view.h"

#include <QAction>
#include <QApplication>
#include <QClipboard>
#include <QContextMenuEvent>
#include <QFileDialog>
#include <QMenu>
#include <QSettings>

namespace winnow::app {

using namespace views;

void MainWindow::copyPanel()
{
    QWidget* focus = QApplication::focusWidget();
    if (focus && (focus == m_text || m_text->isAncestorOf(focus))) {
        if (const QString words = m_text->copyableText(); !words.isEmpty())
            return QApplication::clipboard()->setText(words);
    }
    QWidget* panel = m_maps;
    for (QWidget* pane : panes())
        if (focus && (pane == focus || pane->isAncestorOf(focus)))
            panel = pane;
    QApplication::clipboard()->setPixmap(panel->grab());
}

FigureRequest MainWindow::panelFigure() const
{
    const QWidget* focus = QApplication::focusWidget();
    const auto isIn = [focus](const QWidget* panel) { return focus && (panel == focus || panel->isAncestorOf(focus)); };
    const SelectionState& state = m_selection->state();
    const ViewData& data = m_workspace->data();
    FigureRequest request;
    if (const auto lower = isIn(m_lower) ? m_lower->currentFigure() : std::nullopt)
        request = *lower;
    else if (isIn(m_deck))
        request = keptRequest(data, state);
    else if (isIn(m_text))
        request = textRequest(state);
    else if (isIn(m_lanes))
        request = m_lanes->currentFigure();
    else
        request = retentionRequest(data, state);
    request.options.width = figureWidth();
    return request;
}

void MainWindow::copyCommand() { QApplication::clipboard()->setText(commandLine()); }

QString MainWindow::commandLine() const
{
    return QString::fromStdString(commandText({.trace = m_workspace->sources().trace,
                                               .replay = m_workspace->sources().replay,
                                               .policies = m_workspace->specs(),
                                               .prompt = m_workspace->prompt(),
                                               .figure = panelFigure()}));
}

/// A right click on a pane: what can be taken from it.
void MainWindow::contextMenuEvent(QContextMenuEvent* event)
{
    if (m_workspace->isEmpty())
        return;
    for (QWidget* pane : panes())
        if (pane->rect().contains(pane->mapFromGlobal(event->globalPos())) && !pane->isAncestorOf(QApplication::focusWidget()))
            pane->setFocus(Qt::MouseFocusReason);
    auto* menu = new QMenu(this);
    menu->setAttribute(Qt::WA_DeleteOnClose);
    for (const char* id : {"export", "copy", "copy-command"})
        menu->addAction(action(QLatin1String(id)));
    menu->popup(event->globalPos());
}

double MainWindow::figureWidth() const
{
    return QSettings().value(QStringLiteral("figure-width"), FigureOptions().width).toDouble();
}

void MainWindow::chooseFigureWidth(double inches) { QSettings().setValue(QStringLiteral("figure-width"), inches); }

void MainWindow::exportPanel() { exportFigure(panelFigure()); }

void MainWindow::exportFigure(const FigureRequest& request)
{
    auto* dialog = new QFileDialog(this, tr("Export %1").arg(QString::fromStdString(request.name)), QString(),
                                   tr("Vector graphics (*.svg *.pdf);;Picture (*.png);;Numbers (*.csv *.npz)"));
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    dialog->setAcceptMode(QFileDialog::AcceptSave);
    dialog->setDefaultSuffix(QStringLiteral("svg"));
    dialog->selectFile(QString::fromStdString(request.name) + QStringLiteral(".svg"));
    connect(m_selection, &Selection::left, dialog, &QDialog::reject);
    connect(dialog, &QFileDialog::fileSelected, this,
            [this, request](const QString& path) { exportTo(request, path.toStdString()); });
    dialog->open();
}

std::vector<std::filesystem::path> MainWindow::inputFiles() const
{
    const Sources& sources = m_workspace->sources();
    std::vector<std::filesystem::path> files = cli::modelInputs(sources.model);
    files.insert(files.end(), {sources.text, sources.trace});
    return files;
}

void MainWindow::exportTo(const FigureRequest& request, const std::filesystem::path& out)
{
    std::vector<std::filesystem::path> read = inputFiles();
    read.push_back(m_workspace->sources().replay);
    if (const auto allowed = checkOutput(out, read, std::nullopt); !allowed)
        return m_messages->show(Band::Kind::Error, QString::fromStdString(allowed.error().message),
                                {{tr("Export…"), [this, request] { exportFigure(request); }}});
    FigureInputs inputs;
    if (const ViewData& data = m_workspace->data(); data.trace || data.replay) {
        if (data.trace)
            inputs.traces.push_back(data.trace);
        if (data.replay)
            inputs.replays.push_back(data.replay);
    }
    m_figureRequest = request;
    m_figureOut = out;
    m_deck->setJob(tr("Exporting %1").arg(QString::fromStdString(out.filename().string())), 0);
    m_figureJob.start([request, inputs](const JobContext& job) -> Result<std::shared_ptr<const Figure>> {
        WINNOW_TRY(Figure figure, makeFigure(request.name, inputs, request.options, job));
        return std::make_shared<const Figure>(std::move(figure));
    });
}

void MainWindow::finishExport(const Result<std::shared_ptr<const Figure>>& figure)
{
    if (!m_workspace->isWorking())
        m_deck->setJob({}, -1);
    Result<void> saved;
    if (!figure)
        saved = fail(figure.error());
    else
        saved = saveFigure(**figure, m_figureRequest.options, m_figureOut);
    if (saved)
        tellSaved(m_figureOut);
    else if (saved.error().code == ErrorCode::Cancelled)
        m_messages->show(Band::Kind::Warning, tr("The export was stopped; nothing was written."));
    else
        m_messages->show(Band::Kind::Error, QString::fromStdString(saved.error().message),
                         {{tr("Export…"), [this, request = m_figureRequest] { exportFigure(request); }}});
}

void MainWindow::tellSaved(const std::filesystem::path& file)
{
    const QString path = QString::fromStdString(file.string());
    m_messages->show(Band::Kind::Hint, tr("Saved %1").arg(path));
    emit exported(path);
}

} // namespace winnow::app
