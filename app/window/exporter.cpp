// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/window/exporter.h"

#include "app/cli/file_options.h"
#include "app/window/export_command.h"
#include "core/replay/replay_file.h"
#include "views/paper/save_figure.h"

#include <QApplication>
#include <QClipboard>
#include <QFileDialog>
#include <QSettings>

namespace winnow::app {

namespace fs = std::filesystem;

Exporter::Exporter(Workspace* workspace, views::Selection* selection, Band* messages, QWidget* window)
    : QObject(window), m_workspace(workspace), m_selection(selection), m_messages(messages), m_window(window),
      m_figureJob([this](Result<std::shared_ptr<const Figure>> figure) { finishExport(figure); },
                  [this](const QString& stage, double fraction) { emit progressed(tr("Exporting: %1").arg(stage), fraction); },
                  views::enginePool()),
      m_replayJob(
          [this](Result<fs::path> saved) {
              if (saved)
                  tellSaved(*saved);
              else
                  m_messages->show(Band::Kind::Error, QString::fromStdString(saved.error().message));
              emit replayEnded(saved.has_value());
          },
          {}, views::enginePool())
{
}

// --- to the clipboard

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

void Exporter::copyCommand() { QApplication::clipboard()->setText(commandLine()); }

QString Exporter::commandLine() const
{
    if (const ExportPanel* panel = panelOfFocus(); panel && panel->line)
        if (QString line = panel->line(); !line.isEmpty())
            return line;
    const PolicyRuns& runs = *m_workspace->runs();
    CommandParts parts{.trace = m_workspace->sources().trace,
                       .replay = m_workspace->sources().replay,
                       .policies = m_workspace->specs(),
                       .prompt = m_workspace->prompt(),
                       .runs = {},
                       .runsFile = runs.file(),
                       .model = runs.model().empty() ? m_workspace->sources().model : runs.model(),
                       .figure = panelFigure()};
    if (const auto finished = runs.finished(parts.prompt))
        for (const auto& run : finished->policies)
            parts.runs.push_back(run->spec);
    return QString::fromStdString(commandText(parts));
}

// --- figures

double Exporter::figureWidth() const
{
    return QSettings().value(QStringLiteral("figure-width"), FigureOptions().width).toDouble();
}

void Exporter::chooseFigureWidth(double inches) { QSettings().setValue(QStringLiteral("figure-width"), inches); }

void Exporter::exportPanel() { exportFigure(panelFigure()); }

void Exporter::exportFigure(const FigureRequest& request)
{
    auto* dialog = new QFileDialog(m_window, tr("Export %1").arg(QString::fromStdString(request.name)), QString(),
                                   tr("Vector graphics (*.svg *.pdf);;Picture (*.png);;Numbers (*.csv *.npz)"));
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    dialog->setAcceptMode(QFileDialog::AcceptSave);
    dialog->setDefaultSuffix(QStringLiteral("svg"));
    dialog->selectFile(QString::fromStdString(request.name) + QStringLiteral(".svg"));
    connect(m_selection, &views::Selection::left, dialog, &QDialog::reject);
    connect(dialog, &QFileDialog::fileSelected, this,
            [this, request](const QString& path) { exportTo(request, path.toStdString()); });
    dialog->open();
}

std::vector<fs::path> Exporter::inputFiles() const
{
    const Sources& sources = m_workspace->sources();
    std::vector<fs::path> files = cli::modelInputs(sources.model);
    files.insert(files.end(), {sources.text, sources.trace});
    return files;
}

void Exporter::exportTo(const FigureRequest& request, const fs::path& out)
{
    std::vector<fs::path> read = inputFiles();
    read.push_back(m_workspace->sources().replay);
    if (const auto allowed = checkOutput(out, read, std::nullopt); !allowed)
        return m_messages->show(Band::Kind::Error, QString::fromStdString(allowed.error().message),
                                {{tr("Export…"), [this, request] { exportFigure(request); }}});
    FigureInputs inputs;
    const views::ViewData& data = m_workspace->data();
    if (data.trace)
        inputs.traces.push_back(data.trace);
    if (data.replay)
        inputs.replays.push_back(data.replay);
    m_request = request;
    m_out = out;
    emit progressed(tr("Exporting %1").arg(QString::fromStdString(out.filename().string())), 0);
    m_figureJob.start([request, inputs](const JobContext& job) -> Result<std::shared_ptr<const Figure>> {
        WINNOW_TRY(Figure figure, makeFigure(request.name, inputs, request.options, job));
        return std::make_shared<const Figure>(std::move(figure));
    });
}

void Exporter::finishExport(const Result<std::shared_ptr<const Figure>>& figure)
{
    emit progressed({}, -1);
    Result<void> saved;
    if (!figure)
        saved = fail(figure.error());
    else
        saved = views::saveFigure(**figure, m_request.options, m_out);
    if (saved)
        tellSaved(m_out);
    else if (saved.error().code == ErrorCode::Cancelled)
        m_messages->show(Band::Kind::Warning, tr("The export was stopped; nothing was written."));
    else
        m_messages->show(Band::Kind::Error, QString::fromStdString(saved.error().message),
                         {{tr("Export…"), [this, request = m_request] { exportFigure(request); }}});
}

void Exporter::cancel() { m_figureJob.cancel(); }

void Exporter::stop() { m_figureJob.stop(); }

// --- replays

void Exporter::saveReplay()
{
    auto* dialog = new QFileDialog(m_window, tr("Save replay"), QString(), tr("Replays (*.h5 *.npz);;Means (*.csv)"));
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    dialog->setAcceptMode(QFileDialog::AcceptSave);
    dialog->setDefaultSuffix(QStringLiteral("h5"));
    connect(m_selection, &views::Selection::left, dialog, &QDialog::reject);
    connect(dialog, &QFileDialog::fileSelected, this, [this](const QString& path) {
        m_replayJob.start([replay = m_workspace->data().replay, out = fs::path(path.toStdString()),
                           read = inputFiles()](const JobContext&) -> Result<fs::path> {
            if (!replay)
                return fail(ErrorCode::NotFound, "there is no replay to save yet; wait until the policies have run");
            WINNOW_TRY_VOID(checkOutput(out, read, std::nullopt));
            WINNOW_TRY_VOID(writeReplay(*replay, out));
            return out;
        });
    });
    dialog->open();
}

void Exporter::tellSaved(const fs::path& file)
{
    const QString path = QString::fromStdString(file.string());
    m_messages->show(Band::Kind::Hint, tr("Saved %1").arg(path));
    emit exported(path);
}

} // namespace winnow::app
