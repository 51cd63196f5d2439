// SPDX-License-Identifier: GPL-3.0-or-later
// The main window. It makes the views and gives all of them the data of the workspace and the one Selection. It carries out the
// actions of actions.h. Views do not know each other; only this class knows them all. Helper classes do the rest: FileOpener,
// Exporter, SessionKeeper, Navigator, Arrangement and others. GUI thread.
#pragma once

#include "app/window/arrangement.h"
#include "app/window/band.h"
#include "app/window/exporter.h"
#include "app/window/file_opener.h"
#include "app/window/navigator.h"
#include "app/window/playhead_lead.h"
#include "app/window/session_keeper.h"
#include "app/work/session.h"
#include "app/work/workspace.h"
#include "views/state/selection.h"
#include "views/style/theme.h"

#include <QMainWindow>
#include <QTimer>

#include <functional>
#include <optional>
#include <vector>

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
class KeyFilter;
class NeedleOpener;
class OpenPlaces;
class PlaceTabs;
class Notebook;
class RunStarter;
class SelfCheck;
class SharedStep;

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
    Band* messages() const { return m_messages; } ///< the line that shows errors and what was stopped
    Band* offer() const { return m_offer; }       ///< the line that offers the session of a crash
    Band* hint() const { return m_hint; }         ///< the line that a first run shows
    QAction* action(const QString& id) const;

    FileOpener* opener() const { return m_opener; }
    Exporter* exporter() const { return m_exporter; }
    SessionKeeper* sessions() const { return m_sessions; }
    Navigator* navigator() { return &m_navigator; }
    CommandPalette* palette() const { return m_palette; }
    History* history() const { return m_history; }
    Notebook* notebook() const { return m_notebook; }
    Arrangement* arrangement() const { return m_arrangement; }
    bool isChecking() const; ///< whether the check of the open recording still runs (SelfCheck)
    RunStarter* runStarter() const { return m_runStarter; }
    Answerer* answerer() const { return m_answerer; }
    NeedleOpener* needles() const { return m_needles; }
    OpenPlaces* places() const { return m_places; } ///< the recordings that are open
    void goToPlace(int direction);                  ///< the next tab, or the one before

    void dropFilter();            ///< Esc: removes the newest filter
    void find();                  ///< Ctrl+F: opens the search in the text
    void pinCard();               ///< I: pins the hover card, or closes it
    void choosePrompt();          ///< asks for the length of the prompt
    void nextPane(int direction); ///< F6: moves the keyboard focus; 1 or −1
    void showLowerTab(int tab);   ///< 0 to 5, see LowerDock::showTab; it gets the keyboard focus
    void stopWork();              ///< stops recording, replay, run and export
    void openSweep();             ///< the dialog "Budget sweep"
    void openTune(int policy);    ///< the dialog "Tune" of a replayed policy
    void showKeys();
    void showAbout();
    void askAndCloseData(); ///< closes what is open; asks first whether to keep what would be lost
    /// Closes what is open, without a question: dialogs first, then jobs, then the data of the views.
    void closeData();

    /// Reduced motion: maps and text appear when they are finished, not while they are computed. Play still moves.
    void setReducedMotion(bool on);
    bool reducedMotion() const;
    void chooseTheme(ThemeChoice choice); ///< by the user; written to the settings
    void fixTheme(ThemeChoice choice);    ///< until the program ends (--theme); a session does not change it
    ThemeChoice themeChoice() const { return m_themeChoice; }
    /// The state of the window, as a session file stores it.
    Session session() const;

signals:
    void ready();                          ///< what was opened is shown, or a dialog asks for more
    void refused(const QString& sentence); ///< something cannot be opened, recorded or replayed
    void exported(const QString& path);    ///< a figure, a replay or a session was written

protected:
    void dragEnterEvent(QDragEnterEvent* event) override;
    void dragLeaveEvent(QDragLeaveEvent* event) override;
    void dropEvent(QDropEvent* event) override;
    void resizeEvent(QResizeEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;
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
    void warn(const QString& sentence) { m_messages->show(Band::Kind::Warning, sentence); }
    void editPolicies(const std::vector<PolicySpec>& specs); ///< as one step of the history
    void begin();
    void choosePolicies();
    void takeSession(const Session& session);
    void applySession();
    void endSaving(bool saved);
    void closeDialogs();
    /// A recording or replay that lies in a temporary folder would be lost when it is closed. Asks whether to keep it, then calls
    /// `close` unless the user cancels. `everything`: looks at all tabs, not only at the shown one. Returns false, and does not
    /// call `close`, where nothing would be lost.
    bool asksToKeep(bool everything, const std::function<void()>& close);

    views::Selection* m_selection;
    Workspace* m_workspace;
    Navigator m_navigator;
    PlayheadLead m_lead;
    views::ContextBar* m_context;
    views::PolicyList* m_policies;
    views::LaneGrid* m_lanes;
    views::ViewBar* m_viewBar;
    views::MapGrid* m_maps;
    views::LowerDock* m_lower;
    views::TextView* m_text;
    views::Deck* m_deck;
    views::HoverCard* m_card;
    KeyFilter* m_keys;
    Band *m_offer, *m_messages, *m_hint;
    EmptyCard* m_empty;
    OpenPlaces* m_places;
    SharedStep* m_sharedStep;
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
    views::Theme m_theme;              ///< the theme that the views have
    views::ViewData m_shown;           ///< the data that the views have
    bool m_choosePolicies = true;      ///< focus and reference of the open replay are not chosen yet
    std::function<void()> m_afterSave; ///< runs when the file is saved; null = nothing waits
    bool m_mayDiscard = false;         ///< the user chose "Discard": the next call of asksToKeep does not ask again
    std::optional<bool> m_wasEmpty;    ///< whether the actions are enabled for an empty window; nothing at first
};

} // namespace winnow::app
