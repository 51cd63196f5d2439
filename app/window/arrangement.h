// SPDX-License-Identifier: GPL-3.0-or-later
// Where the panes stand in the window: docks, splitters and bars, wide and narrow, and what the settings and a session remember
// of it. GUI thread.
#pragma once

#include "app/cli/session_file.h"

#include <QObject>

#include <vector>

class QDockWidget;
class QMainWindow;
class QSplitter;
class QStackedWidget;
class QToolBar;
class QWidget;

namespace winnow::views {
class ContextBar;
class Deck;
class LowerDock;
} // namespace winnow::views

namespace winnow::app {

/// The panes to arrange; the window owns them afterwards.
struct WindowParts {
    views::ContextBar* context;
    QWidget *policies, *lanes;
    QWidget *viewBar, *maps;
    views::LowerDock* lower;
    QWidget* text;
    views::Deck* deck;
    QWidget* empty;              ///< the card that stands in the middle while nothing is open
    std::vector<QWidget*> bands; ///< above the middle
};

class Arrangement : public QObject {
    Q_OBJECT
public:
    /// Puts the panes into `window`, which outlives this object.
    Arrangement(const WindowParts& parts, QMainWindow* window);

    /// The card in the middle and nothing else, or the panes.
    void showEmpty(bool empty);
    void arrange(); ///< for the size that the window has now
    void reset();   ///< the sizes of the specification
    void toggleLeft();
    void toggleText();
    void showLeft();
    void showText();
    bool isLeftShown() const;
    bool isTextShown() const;
    void openLower(); ///< where only its tab bar is shown

    void restore(); ///< from the settings
    void save() const;
    SessionWindow sizes() const;
    /// Whether the docks are shown, and how high the maps are, follows by takeShown once there is something to show.
    void take(const SessionWindow& sizes);
    void takeShown(const SessionWindow& sizes);

private:
    void placeLower();

    WindowParts m_parts;
    QMainWindow* m_window;
    QSplitter *m_center, *m_left;
    QStackedWidget* m_stack;
    QDockWidget *m_leftDock, *m_textDock;
    QToolBar *m_topBar, *m_bottomBar;
    bool m_narrow = false, m_lowerClosed = false, m_empty = true;
};

} // namespace winnow::app
