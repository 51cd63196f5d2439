// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/window/exporter.h"

#include "app/cli/file_options.h"
#include "app/cli/shown_layers.h"
#include "app/window/lasting_paths.h"
#include "core/io/atomic_file.h"
#include "core/replay/replay_file.h"
#include "views/paper/save_figure.h"
#include "views/style/counted.h"

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
      m_severalJob([this](Result<Figures> figures) { finishSeveral(figures); },
                   [this](const QString& stage, double fraction) { emit progressed(tr("Exporting: %1").arg(stage), fraction); },
                   views::enginePool()),
      m_replayJob(
          [this](Result<fs::path> saved) {
              if (saved) {
                  tellSaved(*saved);
                  if (extensionOf(*saved) != "csv")
                      m_workspace->stored(*saved, *m_saving);
              } else
                  m_messages->show(Band::Kind::Error, QString::fromStdString(saved.error().message));
              emit replayEnded(saved.has_value());
          },
          {}, views::enginePool())
{
}

// --- figures

double Exporter::figureWidth() const
{
    return QSettings().value(QStringLiteral("figure-width"), FigureOptions().width).toDouble();
}

void Exporter::chooseFigureWidth(double inches) { QSettings().setValue(QStringLiteral("figure-width"), inches); }

QString Exporter::wordsAlone() const
{
    const ExportPanel* panel = panelOfFocus();
    if (!panel || !panel->words || (panel->figure && panel->figure()))
        return {};
    const QString words = panel->words(), line = panel->line ? panel->line() : QString();
    return words.isEmpty() || line.isEmpty() ? words : line + QStringLiteral("\n\n") + words;
}

void Exporter::exportPanel()
{
    const QString words = wordsAlone();
    if (words.isEmpty())
        return exportFigure(panelFigure());
    auto* dialog = new QFileDialog(m_window, tr("Export the answers"), QString(), tr("Text (*.txt)"));
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    dialog->setAcceptMode(QFileDialog::AcceptSave);
    dialog->setDefaultSuffix(QStringLiteral("txt"));
    dialog->selectFile(QStringLiteral("answers.txt"));
    connect(m_selection, &views::Selection::left, dialog, &QDialog::reject);
    connect(dialog, &QFileDialog::fileSelected, this,
            [this, words](const QString& path) { exportWordsTo(words, path.toStdString()); });
    dialog->open();
}

void Exporter::exportWordsTo(const QString& words, const fs::path& out)
{
    Result<void> saved = checkOutput(out, inputFiles(), std::nullopt);
    if (saved)
        saved = writeFileAtomically(out, words.toStdString() + "\n");
    if (saved)
        tellSaved(out);
    else
        m_messages->show(Band::Kind::Error, QString::fromStdString(saved.error().message));
}

void Exporter::exportNumbers(const QString& name, std::function<Result<void>(const fs::path& out)> write)
{
    auto* dialog = new QFileDialog(m_window, tr("Export the numbers"), QString(), tr("Numbers (*.csv *.npz)"));
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    dialog->setAcceptMode(QFileDialog::AcceptSave);
    dialog->setDefaultSuffix(QStringLiteral("csv"));
    dialog->selectFile(name + QStringLiteral(".csv"));
    connect(m_selection, &views::Selection::left, dialog, &QDialog::reject);
    connect(dialog, &QFileDialog::fileSelected, this, [this, write = std::move(write)](const QString& path) {
        const fs::path out = path.toStdString();
        Result<void> saved = checkOutput(out, inputFiles(), WrittenKind::Numbers);
        if (saved)
            saved = write(out);
        if (saved)
            tellSaved(out);
        else
            m_messages->show(Band::Kind::Error, QString::fromStdString(saved.error().message));
    });
    dialog->open();
}

void Exporter::exportFigure(const FigureRequest& request, const std::optional<FigureInputs>& inputs)
{
    auto* dialog = new QFileDialog(m_window, tr("Export %1").arg(QString::fromStdString(request.name)), QString(),
                                   tr("Vector graphics (*.svg *.pdf);;Picture (*.png);;Numbers (*.csv *.npz)"));
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    dialog->setAcceptMode(QFileDialog::AcceptSave);
    dialog->setDefaultSuffix(QStringLiteral("svg"));
    dialog->selectFile(QString::fromStdString(request.name) + QStringLiteral(".svg"));
    connect(m_selection, &views::Selection::left, dialog, &QDialog::reject);
    connect(dialog, &QFileDialog::fileSelected, this,
            [this, request, inputs](const QString& path) { exportTo(request, path.toStdString(), inputs); });
    dialog->open();
}

std::vector<fs::path> Exporter::inputFiles() const
{
    const Sources& sources = m_workspace->sources();
    std::vector<fs::path> files = cli::modelInputs(sources.model);
    files.insert(files.end(), {sources.text, sources.trace});
    return files;
}

void Exporter::exportTo(const FigureRequest& request, const fs::path& out, const std::optional<FigureInputs>& inputs)
{
    std::vector<fs::path> read = inputFiles();
    read.push_back(m_workspace->sources().replay);
    if (const auto allowed = checkOutput(out, read, std::nullopt); !allowed)
        return m_messages->show(Band::Kind::Error, QString::fromStdString(allowed.error().message),
                                {{tr("Export…"), [this, request, inputs] { exportFigure(request, inputs); }}});
    m_request = request;
    m_inputs = inputs;
    m_out = out;
    emit progressed(tr("Exporting %1").arg(QString::fromStdString(out.filename().string())), 0);
    m_figureJob.start([request, inputs = inputs ? *inputs : inputsFor(request)](
                          const JobContext& job) -> Result<std::shared_ptr<const Figure>> {
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
                         {{tr("Export…"), [this, request = m_request, inputs = m_inputs] { exportFigure(request, inputs); }}});
}

FigureInputs Exporter::inputsFor(const FigureRequest& request) const
{
    FigureInputs inputs;
    const views::ViewData& data = m_workspace->data();
    if (data.trace)
        inputs.traces.push_back(data.trace);
    const auto kind = findFigure(request.name);
    if (data.replay && kind && needsOf(**kind, request.options) != FigureNeeds::Trace) // else it would tell what policies store
        inputs.replays.push_back(data.replay);
    return inputs;
}

void Exporter::cancel()
{
    m_figureJob.cancel();
    m_severalJob.cancel();
}

void Exporter::stop()
{
    m_figureJob.stop();
    m_severalJob.stop();
}

// --- replays

void Exporter::saveReplay()
{
    auto* dialog = new QFileDialog(m_window, tr("Save replay"), QString(), tr("Replays (*.h5 *.npz);;Means (*.csv)"));
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    dialog->setAcceptMode(QFileDialog::AcceptSave);
    dialog->setDefaultSuffix(QStringLiteral("h5"));
    connect(m_selection, &views::Selection::left, dialog, &QDialog::reject);
    connect(dialog, &QFileDialog::fileSelected, this, [this](const QString& path) {
        m_saving = m_workspace->data().replay;
        m_replayJob.start(
            [replay = m_saving, out = fs::path(path.toStdString()), read = inputFiles()](const JobContext&) -> Result<fs::path> {
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
    tell(tr("Saved %1").arg(path));
    emit exported(path);
}

void Exporter::tell(const QString& sentence) { m_messages->show(Band::Kind::Hint, sentence); }

} // namespace winnow::app
