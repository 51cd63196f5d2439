// SPDX-License-Identifier: GPL-3.0-or-later
// The window: makes the views, gives all of them what the workspace has and the one Selection, and does what the actions table
// says. Views do not know each other; here they meet. Opening, exporting, sessions, navigation and the arrangement of the panes
// are objects of their own. GUI thread.
#pragma once

#include "app/window/arrangement.h"
#include "app/window/band.h"
#include "app/window/exporter.h"
#include "app/window/file_opener.h"
#include "app/window/navigator.h"
#include "app/window/session_keeper.h"
#include "app/work/session.h"
#include "app/work/workspace.h"
#include "views/state/selection.h"
#include "views/style/theme.h"

#include <QMainWindow>
#include <QTimer>

#include <functional>
#include <optional>

class QMenu;

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

class Answerer;
class CommandPalette;
class EmptyCard;
class History;
class NeedleOpener;
class OpenPlaces;
class PlaceTabs;
class Notebook;
class RunStarter;
class SelfCheck;

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

    FileOpener* opener() const { return m_opener; }
    Exporter* exporter() const { return m_exporter; }
    SessionKeeper* sessions() const { return m_sessions; }
    Navigator* navigator() { return &m_navigator; }
    CommandPalette* palette() const { return m_palette; }
    History* history() const { return m_history; }
    Notebook* notebook() const { return m_notebook; }
    Arrangement* arrangement() const { return m_arrangement; }
    bool isChecking() const; ///< whether the rows of the open recording belong together
    RunStarter* runStarter() const { return m_runStarter; }
    Answerer* answerer() const { return m_answerer; }
    NeedleOpener* needles() const { return m_needles; }
    OpenPlaces* places() const { return m_places; } ///< the recordings that are open
    void goToPlace(int direction);                  ///< the next tab, or the one before

    void dropFilter();
    void find();
    void pinCard();
    void choosePrompt();
    void nextPane(int direction);
    void showLowerTab(int tab);
    void stopWork();
    void openSweep();
    void showKeys();
    void showAbout();
    void askAndCloseData();
    void closeData(); ///< in one order, whatever is going on: dialogs, jobs, then what the views look at

    /// Nothing moves but play: maps and text are not filled while they are computed.
    void setReducedMotion(bool on);
    bool reducedMotion() const;
    void chooseTheme(ThemeChoice choice); ///< the user's; the settings remember it
    void fixTheme(ThemeChoice choice);    ///< of this start (--theme): no session changes it
    ThemeChoice themeChoice() const { return m_themeChoice; }
    /// Everything that makes the picture.
    Session session() const;

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

private:
    void buildViews();
    void buildHelpers();
    void buildMenus();
    void connectViews();
    void connectWorkspace();
    void connectHelpers();
    void applyTheme();
    void restoreSettings();
    void showData();
    void showStates();
    void showStatus();
    void showEmptyOrData();
    void showRecent(const QStringList& recent);
    QString answersLine() const;
    void followLead();
    void refuse(const QString& sentence);
    void begin();
    void choosePolicies();
    void takeSession(const Session& session);
    void applySession();
    void endSaving(bool saved);
    void closeDialogs();
    /// Asks once what becomes of a recording that would go (`everything`: of one in another tab, too), then calls `close`; false
    /// where there is nothing to ask.
    bool asksToKeep(bool everything, const std::function<void()>& close);

    views::Selection* m_selection;
    Workspace* m_workspace;
    Navigator m_navigator;
    views::ContextBar* m_context;
    views::PolicyList* m_policies;
    views::LaneGrid* m_lanes;
    views::ViewBar* m_viewBar;
    views::MapGrid* m_maps;
    views::LowerDock* m_lower;
    views::TextView* m_text;
    views::Deck* m_deck;
    views::HoverCard* m_card;
    Band *m_offer, *m_messages, *m_hint;
    EmptyCard* m_empty;
    OpenPlaces* m_places;
    PlaceTabs* m_placeTabs;
    Arrangement* m_arrangement;
    FileOpener* m_opener;
    Exporter* m_exporter;
    SessionKeeper* m_sessions;
    CommandPalette* m_palette;
    Notebook* m_notebook;
    History* m_history;
    RunStarter* m_runStarter;
    Answerer* m_answerer;
    SelfCheck* m_selfCheck;
    NeedleOpener* m_needles;
    QMenu* m_recentMenu = nullptr;
    QTimer m_memoryTimer;

    ThemeChoice m_themeChoice = ThemeChoice::System;
    bool m_themeFixed = false;
    views::Theme m_theme;              ///< that the views have
    views::ViewData m_shown;           ///< what the views were given last
    int m_followed = 0;                ///< the step that the window itself set last
    bool m_choosePolicies = true;      ///< focus and reference are still to be chosen
    std::function<void()> m_afterSave; ///< what waits for a file to be saved
    bool m_mayDiscard = false;         ///< the user said so
    std::optional<bool> m_wasEmpty;    ///< as the actions are enabled
};

} // namespace winnow::app
