// SPDX-License-Identifier: GPL-3.0-or-later
// Where the panes stand in the window: docks, splitters and bars, wide and narrow, and what the settings and a session remember
// of it. GUI thread.
#pragma once

#include "app/cli/session_file.h"

#include <QMargins>
#include <QObject>
#include <QRect>

#include <array>
#include <vector>

class QDockWidget;
class QMainWindow;
class QSize;
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

class DropPanel;

/// `wanted`, made smaller and moved where it has to be, so that it lies inside `available` together with its `frame`.
QRect fitted(QRect wanted, const QRect& available, const QMargins& frame);

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
    /// Narrow: policies and lanes drop down from their chips, one at a time, and the text is a tab of the lower dock.
    void toggleLeft();
    void toggleLanes(); ///< narrow: the lanes' part of it
    void toggleText();
    void showLeft();
    void showText();
    bool closeDrop(); ///< false: nothing is dropped down
    bool isLeftShown() const;
    bool isTextShown() const;
    void openLower();             ///< where only its tab bar is shown
    void showLowerTab(int chart); ///< 0 to 3, opened

    void restore(); ///< from the settings, fitted into the screen
    void save();
    void fitToScreen();       ///< again once the frame is known
    void fixSize(QSize size); ///< of this start (--size, a picture without a screen): no session changes it
    SessionWindow sizes() const;
    /// Whether the docks are shown, and how high the maps are, follows by takeShown once there is something to show.
    void take(const SessionWindow& sizes);
    void takeShown(const SessionWindow& sizes);

signals:
    void moved(); ///< panes have appeared, gone, or stand elsewhere

private:
    /// What a wide window and a narrow one remember, each for itself.
    struct Sizes {
        bool left = true, text = true, lowerClosed = false;
        int leftWidth = 0, textWidth = 0;    ///< 0 = the specification's
        std::array<int, kLowerTabs> lower{}; ///< likewise, of the lower tabs
        int lowerText = 0;                   ///< likewise, the text's where it is a tab
    };
    static Sizes readSizes(bool narrow);
    void keepSizes();
    void showDocks();
    void applySizes();
    void placeLower();
    void placeText();
    void tabClicked(int index);
    void drop(QWidget* pane, QWidget* chip);
    void takeBack(QWidget* pane);

    WindowParts m_parts;
    QMainWindow* m_window;
    QSplitter *m_center, *m_left;
    QStackedWidget* m_stack;
    QDockWidget *m_leftDock, *m_textDock;
    QToolBar *m_topBar, *m_bottomBar;
    DropPanel* m_drop;
    QWidget* m_noText;            ///< in the dock of the text while that is a tab
    std::array<Sizes, 2> m_sizes; ///< of the wide window and of the narrow one
    Sizes& sizesNow() { return m_sizes[m_narrow ? 1 : 0]; }
    const Sizes& sizesNow() const { return m_sizes[m_narrow ? 1 : 0]; }
    bool m_narrow = false, m_arranged = false, m_empty = true, m_sizeFixed = false;
};

} // namespace winnow::app
