// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/window/paper_figures.h"

#include "app/cli/figure_files.h"
#include "core/analysis/figures/paper_presets.h"

#include <QAction>
#include <QFileDialog>
#include <QMainWindow>
#include <QMenu>

#include <sstream>

namespace winnow::app {

namespace {

FigureRequest requestOf(const PaperPreset& preset)
{
    std::istringstream words{std::string(preset.words)};
    std::vector<std::string> each;
    for (std::string word; words >> word;)
        each.push_back(word);
    return *figureOfArguments(each);
}

/// Asks for the results of a sweep, from which the figure is drawn.
void drawSweep(const FigureRequest& request, const PaperPreset& preset, Exporter* exporter, Band* messages, QWidget* window)
{
    auto* dialog = new QFileDialog(window, QObject::tr("Results of `winnow sweep` for %1").arg(QString::fromUtf8(preset.paper)),
                                   QString(), QObject::tr("Results of sweeps (*.jsonl);;All files (*)"));
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    dialog->setFileMode(QFileDialog::ExistingFiles);
    QObject::connect(dialog, &QFileDialog::filesSelected, exporter, [request, exporter, messages](const QStringList& files) {
        std::vector<std::string> paths;
        for (const QString& file : files)
            paths.push_back(file.toStdString());
        cli::Console console{std::stop_token()};
        const auto inputs = cli::openFigureInputs(**findFigure(request.name), paths, console);
        if (inputs)
            exporter->exportFigure(request, *inputs);
        else
            messages->show(Band::Kind::Error, QString::fromStdString(inputs.error().message), {});
    });
    dialog->open();
}

} // namespace

void addPaperFigures(QMenu* menu, Workspace* workspace, Exporter* exporter, Band* messages, QMainWindow* window)
{
    menu->setToolTipsVisible(true);
    int number = 0;
    for (const PaperPreset& preset : paperPresets()) {
        auto* action = new QAction(QObject::tr("%1: %2…").arg(QString::fromUtf8(preset.paper),
                                                              QString::fromUtf8(preset.shows).section(QLatin1Char(':'), 0, 0)),
                                   window);
        action->setObjectName(QStringLiteral("paper-%1").arg(++number));
        action->setToolTip(
            QObject::tr("winnow figure %1 %2\nDiffers: %3")
                .arg(QString::fromUtf8(preset.words), QString::fromUtf8(preset.files), QString::fromUtf8(preset.differs)));
        window->addAction(action);
        menu->addAction(action);
        const FigureNeeds needs = (*findFigure(requestOf(preset).name))->needs;
        const bool ofSweep = preset.files == "S.jsonl", trace = needs == FigureNeeds::Trace || needs == FigureNeeds::Both;
        QObject::connect(action, &QAction::triggered, window, [=, &preset] {
            FigureRequest request = requestOf(preset);
            request.options.width = exporter->figureWidth();
            const views::ViewData& data = workspace->data();
            if (ofSweep)
                drawSweep(request, preset, exporter, messages, window);
            else if (trace ? !data.trace : !data.replay)
                messages->show(
                    Band::Kind::Warning,
                    trace
                        ? QObject::tr("%1 is drawn from a recording; open one first.").arg(QString::fromUtf8(preset.paper))
                        : QObject::tr("%1 is drawn from a replay; open a recording first.").arg(QString::fromUtf8(preset.paper)),
                    {});
            else
                exporter->exportFigure(request);
        });
    }
}

} // namespace winnow::app
