// SPDX-License-Identifier: GPL-3.0-or-later
// Places the panes of the window: in docks, splitters and tool bars. A window under 1180 pixels is narrow and has another layout
// than a wide one. The settings and the session remember the sizes. GUI thread.
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
class MapGrid;
} // namespace winnow::views

namespace winnow::app {

class DropPanel;

/// Returns `wanted`, shrunk and moved so that the rectangle with its `frame` around it lies inside `available`.
QRect fitted(QRect wanted, const QRect& available, const QMargins& frame);

/// The panes to place. The window owns them afterwards.
struct WindowParts {
    views::ContextBar* context;
    QWidget *policies, *lanes;
    QWidget* viewBar;
    views::MapGrid* maps;
    views::LowerDock* lower;
    QWidget* text;
    views::Deck* deck;
    QWidget* empty;              ///< shown in place of the panes while nothing is open
    std::vector<QWidget*> bands; ///< lines with messages, above the maps
};

class Arrangement : public QObject {
    Q_OBJECT
public:
    /// Puts the panes into `window`. The window must outlive this object.
    Arrangement(const WindowParts& parts, QMainWindow* window);

    /// True: shows only the card for an empty window. False: shows the panes.
    void showEmpty(bool empty);
    void arrange(); ///< chooses the wide or the narrow layout by the window's width
    void reset();   ///< sets every pane to its first size
    /// Shows or hides the policies. In a narrow window they drop down from the chip "Policies".
    void toggleLeft();
    /// Shows or hides the lanes. In a narrow window they drop down from the chip "Lanes". One list can be down at a time.
    void toggleLanes();
    /// Shows or hides the text. In a narrow window it is the first tab of the lower dock.
    void toggleText();
    void showLeft();
    void showText();
    /// Closes the list that is dropped down. Returns false where none is.
    bool closeDrop();
    bool isLeftShown() const;
    bool isTextShown() const;
    void openLower(); ///< opens the lower dock where only its tab bar is shown
    /// Opens the lower dock at a tab, numbered as in LowerDock::showTab: 0 to 5.
    void showLowerTab(int tab);

    void restore(); ///< reads the sizes from the settings and fits the window into the screen
    void save();    ///< writes them to the settings
    /// Fits the window into the screen again. Call it when the width of the frame is known: after the window is shown.
    void fitToScreen();
    /// Sets the size of the window until the program ends (--size). A session that is opened does not change it.
    void fixSize(QSize size);
    SessionWindow sizes() const; ///< for a session
    /// Takes the sizes of a session in two calls: `take` when its files begin to open, `takeShown` when there is something to
    /// show. The second call shows or hides the docks and sets the height of the maps.
    void take(const SessionWindow& sizes);
    void takeShown(const SessionWindow& sizes);

signals:
    void moved(); ///< a pane was shown, hidden or moved

private:
    /// The sizes of one layout. The wide and the narrow layout have their own.
    struct Sizes {
        bool left = true, text = true, lowerClosed = false;
        int leftWidth = 0, textWidth = 0;    ///< 0 = the first size
        std::array<int, kLowerTabs> lower{}; ///< heights of the lower tabs; 0 likewise
        int lowerText = 0;                   ///< height of the text where it is a tab; 0 likewise
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
    QWidget* m_noText;            ///< stands in the text's dock while the text is a tab
    std::array<Sizes, 2> m_sizes; ///< [0] of the wide layout, [1] of the narrow one
    Sizes& sizesNow() { return m_sizes[m_narrow ? 1 : 0]; }
    const Sizes& sizesNow() const { return m_sizes[m_narrow ? 1 : 0]; }
    bool m_narrow = false, m_arranged = false, m_empty = true, m_sizeFixed = false;
};

} // namespace winnow::app
