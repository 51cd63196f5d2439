// SPDX-License-Identifier: GPL-3.0-or-later
// What leaves the window: figures and replays as files, pictures, text and commands to the clipboard. Files are computed and
// written in the background. GUI thread.
#pragma once

#include "app/window/band.h"
#include "app/work/workspace.h"
#include "core/analysis/figures/figure_catalog.h"
#include "views/state/latest_job.h"
#include "views/state/selection.h"

#include <QObject>

#include <filesystem>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

class QWidget;

namespace winnow::app {

/// A pane that can be exported.
struct ExportPanel {
    std::string name; ///< "maps", "deck": of its files, and in a session; empty = no figure
    QWidget* widget;
    std::function<std::optional<FigureRequest>()> figure; ///< what it shows; nothing: it cannot be exported now
    std::function<QString()> words;                       ///< what Ctrl+C takes instead of a picture; may be empty
    std::function<QString()> line = {};                   ///< a command that is none of a figure; may be empty, or give ""
};

class Exporter : public QObject {
    Q_OBJECT
public:
    /// All outlive this object. `window` carries the dialogs; `messages` says what was saved and what went wrong.
    Exporter(Workspace* workspace, views::Selection* selection, Band* messages, QWidget* window);

    /// The first one stands for the whole window: it is taken where the focus is in none, or in one that has nothing to export.
    void setPanels(std::vector<ExportPanel> panels) { m_panels = std::move(panels); }

    void copyPanel();
    void copyCommand();
    void copySnippet();          ///< lines of Python that read what is shown
    QString commandLine() const; ///< the words that make the current view again
    /// What the panels show, by their names, as words that follow `winnow figure`; for a session.
    std::map<std::string, std::vector<std::string>> figureWords() const;
    void exportPanel(); ///< asks for the file
    void exportSheet(); ///< all panels on one page, lettered; asks for the file
    void exportAll();   ///< every panel, as picture and as numbers; asks for the folder
    void exportAllTo(const std::filesystem::path& folder);
    void exportSheetTo(const std::filesystem::path& out);
    /// `inputs`: what is open unless said.
    void exportFigure(const FigureRequest& request, const std::optional<FigureInputs>& inputs = {});
    void exportTo(const FigureRequest& request, const std::filesystem::path& out, const std::optional<FigureInputs>& inputs = {});
    void saveReplay(); ///< asks for the file
    void cancel();     ///< of a running export: nothing is written, and that is said
    void stop();       ///< silently
    bool isSavingReplay() const { return m_replayJob.isRunning(); }

    double figureWidth() const; ///< inches
    void chooseFigureWidth(double inches);
    /// Model, text and trace: no output may take their place.
    std::vector<std::filesystem::path> inputFiles() const;

signals:
    void progressed(const QString& text, double fraction); ///< "" and −1: the export has ended
    void exported(const QString& path);
    void replayEnded(bool saved);

private:
    FigureRequest panelFigure() const;
    const ExportPanel* panelOfFocus() const;
    using Figures = std::vector<std::shared_ptr<const Figure>>;
    /// Every panel that shows something, in their order.
    std::vector<std::pair<std::string, FigureRequest>> figuresNow() const;
    FigureInputs inputsNow() const;
    void makeSeveral(std::function<Result<void>(const Figures& figures)> save, const QString& what);
    void finishExport(const Result<std::shared_ptr<const Figure>>& figure);
    void finishSeveral(const Result<Figures>& figures);
    void tell(const QString& sentence);
    void tellSaved(const std::filesystem::path& file);

    Workspace* m_workspace;
    views::Selection* m_selection;
    Band* m_messages;
    QWidget* m_window;
    std::vector<ExportPanel> m_panels;
    FigureRequest m_request;
    std::optional<FigureInputs> m_inputs;
    std::filesystem::path m_out;
    std::vector<std::pair<std::string, FigureRequest>> m_several; ///< that are being made together
    std::function<Result<void>(const Figures& figures)> m_saveSeveral;
    views::LatestJob<std::shared_ptr<const Figure>> m_figureJob;
    views::LatestJob<Figures> m_severalJob;
    std::shared_ptr<const ReplayResult> m_saving; ///< goes into a file
    views::LatestJob<std::filesystem::path> m_replayJob;
};

} // namespace winnow::app
