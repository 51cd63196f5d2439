// SPDX-License-Identifier: GPL-3.0-or-later
// The window: lays the views out, gives all of them what the workspace has and the one Selection, and does what the actions table
// says. Views do not know each other; here they meet.
#pragma once

#include "app/window/band.h"
#include "app/window/file_drop.h"
#include "app/work/autosave.h"
#include "app/work/session.h"
#include "app/work/workspace.h"
#include "core/analysis/figures/figure_catalog.h"
#include "views/state/latest_job.h"
#include "views/state/selection.h"

#include <QMainWindow>
#include <QStringList>
#include <QTimer>

#include <functional>
#include <optional>

class QDockWidget;
class QMenu;
class QSplitter;
class QStackedWidget;
class QToolBar;

namespace winnow::views {
class ContextBar;
class Deck;
class HoverCard;
class LaneGrid;
class LowerDock;
class MapGrid;
class PolicyList;
class TextView;
class ViewBar;
} // namespace winnow::views

namespace winnow::app {

class EmptyCard;

class MainWindow : public QMainWindow {
    Q_OBJECT
public:
    explicit MainWindow(QWidget* parent = nullptr);
    ~MainWindow() override;

    Workspace* workspace() const { return m_workspace; }
    views::Selection* selection() const { return m_selection; }
    views::Deck* deck() const { return m_deck; }
    views::TextView* textView() const { return m_text; }
    views::MapGrid* mapGrid() const { return m_maps; }
    views::LowerDock* lowerDock() const { return m_lower; }
    views::PolicyList* policyList() const { return m_policies; }
    views::LaneGrid* laneGrid() const { return m_lanes; }
    Band* messages() const { return m_messages; } ///< errors and what was stopped
    Band* offer() const { return m_offer; }       ///< the session of a Winnow that crashed
    Band* hint() const { return m_hint; }         ///< the line of the first run
    QAction* action(const QString& id) const;

    // Files (main_window_files.cpp)
    void openPaths(const QStringList& paths); ///< as dropped or named on the command line; several at once go together
    void chooseFiles();
    void chooseModel();
    void openRecordDialog(const std::filesystem::path& model, const std::filesystem::path& text);
    void startDemo();
    void askAndCloseData();
    void closeData(); ///< in one order, whatever is going on: dialogs, jobs, then what the views look at
    /// Writes the session into `folder` while one works, and offers what a Winnow that crashed has left there.
    void keepSessions(const std::filesystem::path& folder);
    bool offersSession() const { return m_leftover.has_value(); }
    void bringBack();
    void discardLeftover();
    void keepSession(); ///< now, if sessions are kept
    void saveSession(bool asNew);
    void saveSessionTo(const std::filesystem::path& file);
    void openSession(const std::filesystem::path& file);
    Session session() const;
    void saveReplay();

    // Commands (main_window_commands.cpp)
    void moveStep(int by);
    void moveToEviction(int direction);
    void focusPolicy(int policy);
    void makeReference(int policy);
    void showAllPolicies();
    void dropFilter();
    void markSpan();
    void find();
    void pinCard();
    void choosePrompt();
    void nextPane(int direction);
    void toggleDock(bool left);
    bool isDockShown(bool left) const;
    void resetSizes();
    void showLowerTab(int tab);
    void stopWork();
    void showKeys();
    void showAbout();
    void copyPanel();
    void copyCommand();
    QString commandLine() const; ///< the words that make the current view again
    void exportPanel();
    void exportFigure(const FigureRequest& request); ///< asks for the file
    void exportTo(const FigureRequest& request, const std::filesystem::path& out);
    /// Model, text and trace: no export may take their place.
    std::vector<std::filesystem::path> inputFiles() const;
    double figureWidth() const; ///< inches, of what is exported
    void chooseFigureWidth(double inches);

    /// Nothing moves but play: maps and text are not filled while they are computed.
    void setReducedMotion(bool on);
    bool reducedMotion() const;
    void chooseTheme(ThemeChoice choice);
    ThemeChoice themeChoice() const { return m_themeChoice; }

signals:
    void ready();                          ///< what was asked for is shown, or a dialog asks for more
    void refused(const QString& sentence); ///< it cannot be opened, recorded or replayed
    void exported(const QString& path);    ///< a figure, a replay or a session was written

protected:
    void dragEnterEvent(QDragEnterEvent* event) override;
    void dragLeaveEvent(QDragLeaveEvent* event) override;
    void dropEvent(QDropEvent* event) override;
    void resizeEvent(QResizeEvent* event) override;
    void closeEvent(QCloseEvent* event) override;
    void contextMenuEvent(QContextMenuEvent* event) override;
    bool eventFilter(QObject* watched, QEvent* event) override;

private:
    void finishExport(const Result<std::shared_ptr<const Figure>>& figure);
    void tellSaved(const std::filesystem::path& file);
    void buildViews();
    void buildLayout();
    void buildMenus();
    void connectViews();
    void connectWorkspace();
    void applyTheme();
    void showData();
    void showStates();
    void showStatus();
    void showEmptyOrData();
    void followLead();
    void arrangeForWidth();
    void placeSplitter();
    void refuse(const QString& sentence, const Band::Choice& choice);
    void openSorted(const Result<SortedFiles>& files);
    void closeDialogs();
    /// Asks once what becomes of a recording that would go, then calls `close`; false where there is nothing to ask.
    bool asksToKeep(const std::function<void()>& close);
    void begin(); ///< before something new is opened: the playhead leads again, focus and reference are chosen anew
    void choosePolicies();
    bool restore(const std::filesystem::path& sessionFile); ///< false: it was refused
    void applySession();
    void addRecent(const QString& path);
    void showRecent();
    FigureRequest panelFigure() const; ///< what the panel under focus shows, as a figure
    QList<QWidget*> panes() const;
    SessionWindow windowSizes() const;
    void takeWindowSizes(const SessionWindow& sizes);
    void saveSettings() const;
    void restoreSettings();

    views::Selection* m_selection;
    Workspace* m_workspace;
    views::ContextBar* m_context;
    views::PolicyList* m_policies;
    views::LaneGrid* m_lanes;
    views::ViewBar* m_viewBar;
    views::MapGrid* m_maps;
    views::LowerDock* m_lower;
    views::TextView* m_text;
    views::Deck* m_deck;
    views::HoverCard* m_card;
    Band* m_offer;
    Band* m_messages;
    Band* m_hint;
    EmptyCard* m_empty;
    QStackedWidget* m_stack;
    QSplitter *m_center, *m_left;
    QDockWidget *m_leftDock, *m_textDock;
    QToolBar *m_topBar, *m_bottomBar;
    QMenu* m_recentMenu = nullptr;
    QTimer m_memoryTimer, m_keepTimer;
    std::unique_ptr<Autosave> m_autosave; ///< null: sessions are not kept
    std::optional<Leftover> m_leftover;

    ThemeChoice m_themeChoice = ThemeChoice::System;
    views::ViewData m_shown; ///< what the views were given last
    std::filesystem::path m_sessionFile;
    std::optional<Session> m_openingSession; ///< its selection is applied once its tokens are there
    int m_followed = 0;                      ///< the step that the window itself set last
    bool m_choosePolicies = true;            ///< focus and reference are still to be chosen
    std::function<void()> m_afterSave;       ///< what waits for the session to be saved
    bool m_mayDiscard = false;               ///< the user said so
    bool m_narrow = false, m_lowerClosed = false, m_wasEmpty = true;
    views::LatestJob<SortedFiles> m_sortJob;
    views::LatestJob<std::shared_ptr<const Figure>> m_figureJob;
    struct Saved {
        std::filesystem::path file;
        std::filesystem::path from, to; ///< the recording that was copied from the temporary folder; empty = none
    };
    views::LatestJob<Saved> m_saveJob;
    FigureRequest m_figureRequest;
    std::filesystem::path m_figureOut;
};

} // namespace winnow::app
