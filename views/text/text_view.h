// SPDX-License-Identifier: GPL-3.0-or-later
// The text as running prose: every token on a background that says how many of the chosen lanes keep it in the focused
// policy at the step. Gestures: click = token, drag = brush, double-click = step := token, move = hover.
#pragma once

#include "views/state/selection.h"
#include "views/state/view_data.h"
#include "views/style/access_table.h"
#include "views/style/theme.h"
#include "views/text/text_search.h"
#include "views/text/text_shares.h"

#include <QAbstractScrollArea>

#include <array>
#include <memory>
#include <optional>
#include <vector>

namespace winnow::views {

class Chip;
class SearchBar;
class TextHeader;

/// Lives on the GUI thread. Only visible lines are boxed and painted, and only visible tokens are counted, so that a step costs
/// about a millisecond whatever the text's length.
/// Keys while it has the focus: Page Up and Down scroll; Alt+arrows move the selected token by one or by a line, with Shift
/// they brush; Enter makes the selected token the step.
class TextView : public QAbstractScrollArea, public AccessTable {
    Q_OBJECT
public:
    explicit TextView(Selection* selection, QWidget* parent = nullptr);
    ~TextView() override;

    /// While recording, only the first `tokensRecorded` tokens are shown.
    void setData(const ViewData& data);
    void setTheme(const Theme& theme);

    /// A 2 px bar per visible policy under each token, as long as its share of lanes (pitch 36 instead of 22).
    void setBars(bool on);
    bool bars() const { return m_bars; }

    /// Find: opens the search row; hits are announced by hitsChanged.
    void openSearch();
    void closeSearch();
    void findNext() { goToHit(m_search.current() + 1); }
    void findPrevious() { goToHit(m_search.current() - 1); }

    /// The step stays at 70 % of the height until the user scrolls.
    bool followsStep() const { return m_follow; }
    void followStep();

    /// What "copy" takes: the brushed text, else the text of the selected token, else nothing.
    QString copyableText() const;

    /// The first box of a token, in viewport coordinates, whether it is in sight or not; null if there is none.
    QRect tokenRect(int token) const;
    /// The token under a point of the viewport, or −1.
    int tokenAt(const QPoint& position) const;
    QSize sizeHint() const override { return {344, 708}; }

    /// A row for each token that is there: its text, and how many lanes of the focused policy hold it at the step.
    int accessRows() const override { return shownTokens(); }
    int accessColumns() const override { return 2; }
    QString accessRow(int row) const override;
    QString accessColumn(int column) const override;
    QString accessCell(int row, int column) const override;
    QRect accessRect(int row, int column) const override;

signals:
    /// The first token of every hit of the search, ascending; empty when the search is closed or finds nothing.
    void hitsChanged(const std::vector<int>& tokens);
    void barsChanged(bool on);

protected:
    void paintEvent(QPaintEvent* event) override;
    void resizeEvent(QResizeEvent* event) override;
    void showEvent(QShowEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;
    bool event(QEvent* event) override;
    bool viewportEvent(QEvent* event) override;
    void mousePressEvent(QMouseEvent* event) override;
    void mouseMoveEvent(QMouseEvent* event) override;
    void mouseReleaseEvent(QMouseEvent* event) override;
    void mouseDoubleClickEvent(QMouseEvent* event) override;
    void scrollContentsBy(int dx, int dy) override;

private:
    enum class Drag { None, Pressed, Brush };
    void selectionChanged(Selection::Fields fields);
    void relayout();
    void placeChildren();
    void updateShares();
    void updateWords();
    void updateScrollRange();
    void scrollTo(int token, double share);
    void setScroll(int value);
    void search(const QString& query);
    void hideSearch();
    void goToHit(int hit);
    void brush(int from, int to);
    void moveToken(int by, int lines, bool brushing);
    int shownTokens() const; ///< tokens that are recorded so far
    int nearestToken(const QPoint& position) const;
    int brushEdgeAt(const QPoint& position) const; ///< the token at the other end of the brush, or −1
    double lineY(int line) const;                  ///< top in viewport coordinates
    double pitch() const;
    QRect pieceRect(int line, double left, double right) const;
    void paintBoxes(QPainter& painter, int line) const;
    std::optional<QRgb> groundOf(int firstToken, int lastToken) const;
    void paintBars(QPainter& painter, const QRect& box, int token) const;
    void paintMarks(QPainter& painter, int line) const;
    void paintMargin(QPainter& painter, int first, int last) const;

    Selection* m_selection;
    ViewData m_data;
    Theme m_theme;
    std::unique_ptr<TextFlow> m_flow;
    TextHeader* m_header;
    SearchBar* m_searchBar;
    Chip* m_pill;
    std::array<QRgb, 256> m_grounds{};     ///< by plane byte; 0 = none
    std::vector<QRgb> m_differenceGrounds; ///< by difference cell; 0 = none
    TextShares m_shares;
    TextSearch m_search;
    bool m_bars = false, m_follow = true, m_scrollingSelf = false;
    Drag m_drag = Drag::None;
    QPoint m_pressed;
    int m_anchorToken = -1; ///< the end of the brush that stays
    std::optional<int> m_tokenBeforeClick;
};

} // namespace winnow::views
