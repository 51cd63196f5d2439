// SPDX-License-Identifier: GPL-3.0-or-later
// All panels at once: in a folder, or on one page. See exporter.h.
#include "app/cli/file_options.h"
#include "app/cli/shown_layers.h"
#include "app/window/exporter.h"
#include "views/paper/save_figure.h"
#include "views/style/counted.h"
#include "views/style/file_chooser.h"

#include <QFileDialog>

namespace winnow::app {

namespace fs = std::filesystem;

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
    auto* dialog = views::folderDialog(m_window, tr("Export all panels into a folder"));
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

} // namespace winnow::app
