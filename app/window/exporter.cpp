// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/window/exporter.h"

#include "app/cli/file_options.h"
#include "app/cli/shown_layers.h"
#include "app/window/export_command.h"
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

void Exporter::copyCommand()
{
    const QString line = commandLine();
    if (line.isEmpty())
        return m_messages->show(Band::Kind::Warning, noLastingTrace());
    QApplication::clipboard()->setText(line);
    tell(tr("Copied: %1").arg(line));
}

/// A recording in the temporary folder is made again by the command; empty where that cannot be.
QString Exporter::commandLine() const
{
    if (const ExportPanel* panel = panelOfFocus(); panel && panel->line)
        if (const QString line = panel->line(); !line.isEmpty())
            return line;
    const Sources& sources = m_workspace->sources();
    const PolicyRuns& runs = *m_workspace->runs();
    const auto trace = lastingTrace(*m_workspace);
    if (!trace)
        return {};
    CommandParts parts{.trace = trace->file,
                       .replays = {},
                       .record = trace->record,
                       .policies = m_workspace->specs(),
                       .prompt = m_workspace->prompt(),
                       .runs = {},
                       .runsFile = anywhere(runs.file()),
                       .model = anywhere(runs.model().empty() ? sources.model : runs.model()),
                       .figure = panelFigure()};
    const views::ViewData& data = m_workspace->data();
    if (data.replay)
        parts.replays = filesOf(m_workspace->files(), data.replay->policies);
    if (parts.replays.empty()) { // not all of it lies in files
        if (m_workspace->replays())
            parts.replays = filesOf(m_workspace->files(), m_workspace->replays()->policies);
        if (const auto finished = runs.finished(parts.prompt))
            for (const auto& run : finished->policies)
                parts.runs.push_back(run->spec);
    }
    if (data.trace && data.info->layers != recordedLayers(*data.trace)) {
        parts.layers = data.info->layers;
        parts.figure = ofWholeRecording(parts.figure, *data.info, recordedLayers(*data.trace));
    }
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

// --- several at once

std::vector<std::pair<std::string, FigureRequest>> Exporter::figuresNow() const
{
    std::vector<std::pair<std::string, FigureRequest>> all;
    for (const ExportPanel& panel : m_panels) {
        auto request = panel.name.empty() || !panel.figure ? std::nullopt : panel.figure();
        const auto kind = findFigure(request ? request->name : std::string());
        const views::ViewData& data = m_workspace->data();
        if (!kind)
            continue;
        const FigureNeeds needs = needsOf(**kind, request->options);
        const bool trace = needs == FigureNeeds::Trace || needs == FigureNeeds::Both;
        if ((trace && !data.trace) || (needs != FigureNeeds::Trace && !data.replay))
            continue;
        request->options.width = figureWidth();
        all.emplace_back(panel.name, std::move(*request));
    }
    return all;
}

std::map<std::string, std::vector<std::string>> Exporter::figureWords() const
{
    std::map<std::string, std::vector<std::string>> words;
    const views::ViewData& data = m_workspace->data();
    for (const auto& [name, request] : figuresNow())
        words[name] = figureArguments(data.trace ? ofWholeRecording(request, *data.info, recordedLayers(*data.trace)) : request);
    return words;
}

void Exporter::exportAll()
{
    auto* dialog = new QFileDialog(m_window, tr("Export all panels into a folder"));
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    dialog->setFileMode(QFileDialog::Directory);
    connect(m_selection, &views::Selection::left, dialog, &QDialog::reject);
    connect(dialog, &QFileDialog::fileSelected, this, [this](const QString& folder) { exportAllTo(folder.toStdString()); });
    dialog->open();
}

void Exporter::exportAllTo(const fs::path& folder)
{
    std::vector<fs::path> read = inputFiles();
    read.push_back(m_workspace->sources().replay);
    makeSeveral(
        [this, folder, read](const Figures& figures) -> Result<void> {
            for (const char* extension : {".svg", ".csv"})
                for (const auto& [name, request] : m_several) // nothing is written unless all may be
                    WINNOW_TRY_VOID(checkOutput(folder / (name + extension), read,
                                                extension[1] == 's' ? WrittenKind::Picture : WrittenKind::Numbers));
            for (std::size_t i = 0; i < figures.size(); ++i)
                for (const char* extension : {".svg", ".csv"})
                    WINNOW_TRY_VOID(
                        views::saveFigure(*figures[i], m_several[i].second.options, folder / (m_several[i].first + extension)));
            tell(tr("Saved %1, pictures and numbers, in %2")
                     .arg(views::counted(qint64(figures.size()), tr("panel")))
                     .arg(QString::fromStdString(folder.string())));
            emit exported(QString::fromStdString(folder.string()));
            return {};
        },
        QString::fromStdString(folder.string()));
}

void Exporter::exportSheet()
{
    auto* dialog = new QFileDialog(m_window, tr("Export the window as one figure"), QString(),
                                   tr("Vector graphics (*.svg *.pdf);;Picture (*.png)"));
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    dialog->setAcceptMode(QFileDialog::AcceptSave);
    dialog->setDefaultSuffix(QStringLiteral("pdf"));
    dialog->selectFile(QStringLiteral("window.pdf"));
    connect(m_selection, &views::Selection::left, dialog, &QDialog::reject);
    connect(dialog, &QFileDialog::fileSelected, this, [this](const QString& path) { exportSheetTo(path.toStdString()); });
    dialog->open();
}

void Exporter::exportSheetTo(const fs::path& out)
{
    std::vector<fs::path> read = inputFiles();
    read.push_back(m_workspace->sources().replay);
    makeSeveral(
        [this, out, read](const Figures& figures) -> Result<void> {
            WINNOW_TRY_VOID(checkOutput(out, read, std::nullopt));
            std::vector<std::pair<const Figure*, FigureOptions>> parts;
            for (std::size_t i = 0; i < figures.size(); ++i)
                parts.emplace_back(figures[i].get(), m_several[i].second.options);
            WINNOW_TRY_VOID(views::saveSheet(parts, out));
            tellSaved(out);
            return {};
        },
        QString::fromStdString(out.filename().string()));
}

void Exporter::makeSeveral(std::function<Result<void>(const Figures& figures)> save, const QString& what)
{
    m_several = figuresNow();
    m_saveSeveral = std::move(save);
    emit progressed(tr("Exporting %1").arg(what), 0);
    std::vector<FigureInputs> inputs;
    for (const auto& [name, request] : m_several)
        inputs.push_back(inputsFor(request));
    m_severalJob.start([requests = m_several, inputs = std::move(inputs)](const JobContext& job) -> Result<Figures> {
        Figures figures;
        for (const auto& [name, request] : requests) {
            job.report(name, static_cast<double>(figures.size()) / static_cast<double>(requests.size()));
            WINNOW_TRY(Figure figure, makeFigure(request.name, inputs[figures.size()], request.options, job));
            figures.push_back(std::make_shared<const Figure>(std::move(figure)));
        }
        return figures;
    });
}

void Exporter::finishSeveral(const Result<Figures>& figures)
{
    emit progressed({}, -1);
    const Result<void> saved = figures ? m_saveSeveral(*figures) : fail(figures.error());
    if (!saved && saved.error().code == ErrorCode::Cancelled)
        m_messages->show(Band::Kind::Warning, tr("The export was stopped; nothing was written."));
    else if (!saved)
        m_messages->show(Band::Kind::Error, QString::fromStdString(saved.error().message));
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
