// SPDX-License-Identifier: GPL-3.0-or-later
// Exports from the window: figures and replays to files; pictures, text and commands to the clipboard. Files are made and written
// in the background. GUI thread.
#pragma once

#include "app/window/band.h"
#include "app/window/export_command.h"
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
    std::string name; ///< "maps", "deck": names its files and its entry in a session; empty = it has no figure
    QWidget* widget;
    std::function<std::optional<FigureRequest>()> figure; ///< the figure it shows; nothing while there is nothing to export
    std::function<QString()> words;                       ///< the text that Ctrl+C copies in place of a picture; may be null
    std::function<QString()> line = {};                   ///< its own command in place of `winnow figure`; may be null or give ""
};

class Exporter : public QObject {
    Q_OBJECT
public:
    /// All must outlive this object. `window` is the parent of the dialogs. `messages` shows what was saved and what failed.
    Exporter(Workspace* workspace, views::Selection* selection, Band* messages, QWidget* window);

    /// The first panel is the default: it is exported where the keyboard focus is in no panel, or in one with nothing to export.
    void setPanels(std::vector<ExportPanel> panels) { m_panels = std::move(panels); }

    void copyPanel();            ///< copies the picture of the focused panel, or its words
    void copyCommand();          ///< copies commandLine()
    void copySnippet();          ///< copies lines of Python that read the numbers shown
    QString commandLine() const; ///< the command that makes the figure of the focused panel
    /// The command that makes a figure of `replay`, which it makes first where it lies in no file. Empty where that cannot be.
    QString commandLineOf(const FigureRequest& request, const ReplayResult& replay) const;
    /// For a session: name of the panel → the words that follow `winnow figure` to make its figure.
    std::map<std::string, std::vector<std::string>> figureWords() const;
    void exportPanel();         ///< the focused panel, as a figure, or the words of one that has none; asks for the file
    QString wordsAlone() const; ///< of a focused panel that shows words and no figure, below their command; else empty
    void exportWordsTo(const QString& words, const std::filesystem::path& out);
    void exportSheet(); ///< all panels on one page, lettered; asks for the file
    void exportAll();   ///< every panel as a picture and as numbers; asks for the folder
    void exportAllTo(const std::filesystem::path& folder);
    void exportSheetTo(const std::filesystem::path& out);
    /// Asks for a file of numbers, .csv or .npz, which `write` fills.
    void exportNumbers(const QString& name, std::function<Result<void>(const std::filesystem::path& out)> write);
    /// Makes any figure. `inputs`: the files that it is made from; by default what is open.
    void exportFigure(const FigureRequest& request, const std::optional<FigureInputs>& inputs = {});
    void exportTo(const FigureRequest& request, const std::filesystem::path& out, const std::optional<FigureInputs>& inputs = {});
    void saveReplay(); ///< asks for the file
    void cancel();     ///< stops a running export; a message says that nothing is written
    void stop();       ///< the same without a message
    bool isSavingReplay() const { return m_replayJob.isRunning(); }

    double figureWidth() const; ///< inches
    void chooseFigureWidth(double inches);
    /// Model, text and trace that are open. No export is written over them.
    std::vector<std::filesystem::path> inputFiles() const;

signals:
    void progressed(const QString& text, double fraction); ///< 0 to 1; "" and −1 when the export has ended
    void exported(const QString& path);
    void replayEnded(bool saved);

private:
    FigureRequest panelFigure() const;
    /// The recording of a command that makes the figure; nothing where it goes with the window and cannot be made again.
    std::optional<CommandParts> commandParts(FigureRequest figure) const;
    static QString lineOf(CommandParts parts);
    const ExportPanel* panelOfFocus() const;
    using Figures = std::vector<std::shared_ptr<const Figure>>;
    /// Name and figure of every panel that has one now, in the order of the panels.
    std::vector<std::pair<std::string, FigureRequest>> figuresNow() const;
    /// What is open, as the figure is made from it.
    FigureInputs inputsFor(const FigureRequest& request) const;
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
    std::vector<std::pair<std::string, FigureRequest>> m_several; ///< the figures of a running exportSheet or exportAll
    std::function<Result<void>(const Figures& figures)> m_saveSeveral;
    views::LatestJob<std::shared_ptr<const Figure>> m_figureJob;
    views::LatestJob<Figures> m_severalJob;
    std::shared_ptr<const ReplayResult> m_saving; ///< the replay that is being written
    views::LatestJob<std::filesystem::path> m_replayJob;
};

} // namespace winnow::app
