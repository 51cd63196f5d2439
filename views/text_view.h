// The text as running prose: every token on a background that says how many of the chosen lanes keep it in the focused
// policy at the step. Gestures: click = token, drag = brush, double-click = step := token, move = hover.
#pragma once

#include "views/selection.h"
#include "views/theme.h"
#include "views/view_data.h"

#include <QAbstractScrollArea>

#include <memory>
#include <vector>

namespace winnow::views {

class SearchBar;
class TextFlow;

/// Lives on the GUI thread. Only visible lines are shaped, boxed and painted; a step costs one pass over the chosen lanes.
/// Keys while it has the focus: Page Up and Down scroll; Alt+arrows move the selected token by one or by a line, with Shift
/// they brush; Return makes the selected token the step.
class TextView : public QAbstractScrollArea {
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
    void findNext() { goToHit(m_currentHit + 1); }
    void findPrevious() { goToHit(m_currentHit - 1); }

    /// The step stays at 70 % of the height until the user scrolls.
    bool followsStep() const { return m_follow; }
    void followStep();

    /// The brushed text, else the selected token's, else nothing. For "copy".
    QString copyableText() const;

    /// Where a token is, for tests and for the card that `I` pins: its first box in viewport coordinates (null if unknown).
    QRect tokenRect(int token) const;
    /// The token under a point of the viewport, or −1.
    int tokenAt(const QPoint& position) const;
    QSize sizeHint() const override { return {344, 708}; }

signals:
    /// The first token of every hit of the search, ascending; empty when the search is closed or finds nothing.
    void hitsChanged(const std::vector<int>& tokens);

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
    enum class Drag { None, Pressed, Brush, BrushBegin, BrushEnd };
    struct Hit {
        int firstToken = 0, lastToken = 0;
    };
    void selectionChanged(Selection::Fields fields);
    void relayout();
    void placeChildren();
    void updateShares();
    void updateHeader();
    void updateSentence();
    void updateScrollRange();
    void scrollToStep();
    void scrollToToken(int token);
    void search(const QString& query);
    void goToHit(int hit);
    void brushTo(int token);
    int visibleTokens() const;
    void paintLine(QPainter& painter, int line, double top);
    void paintBoxes(QPainter& painter, int line, double top);
    void paintMarks(QPainter& painter, int line, double top);
    double lineTop(int line) const;
    double pitch() const;

    Selection* m_selection;
    ViewData m_data;
    Theme m_theme;
    std::unique_ptr<TextFlow> m_flow;
    SearchBar* m_searchBar;
    class TextHeader* m_header;
    class QPushButton* m_pill;
    std::vector<std::vector<std::uint8_t>> m_shares; ///< per shown policy, per token: 0–126 by choice, 127 not read, 128–254 by rule
    std::vector<Hit> m_hits;
    std::vector<std::uint8_t> m_hitTokens; ///< per token: 0, 1 = a hit, 2 = the current hit
    int m_currentHit = -1;
    bool m_bars = false, m_follow = true, m_scrollingSelf = false, m_stale = true;
    Drag m_drag = Drag::None;
    QPoint m_pressed;
    int m_pressedToken = -1;
    std::optional<int> m_tokenBeforeClick;
};

} // namespace winnow::views
