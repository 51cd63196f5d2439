// SPDX-License-Identifier: GPL-3.0-or-later
// The card beside the pointer: which token, how much attention it gets now, and for every policy how many lanes keep it and
// when it left. Lifetimes answer at once; attention arrives from the background in space reserved for it.
#pragma once

#include "views/state/latest_job.h"
#include "views/state/selection.h"
#include "views/state/view_data.h"
#include "views/style/theme.h"

#include <QTimer>
#include <QWidget>

#include <array>
#include <optional>
#include <vector>

namespace winnow::views {

/// Where a card goes: 16 px from the pointer, diagonally, so that it covers neither the pointed row nor the pointed column;
/// below right if it fits into `bounds`, else the first corner that does, else the roomiest one pushed into the bounds.
QRect placeCard(const QPoint& pointer, const QSize& card, const QRect& bounds);

/// One policy's line of the card.
struct CardLine {
    int policy = 0;
    QString name;
    int lanesKeeping = 0, lanes = 0;
    bool byRule = false;
    bool computed = true; ///< false: the replay has not come to this step
    QString fate;         ///< "by rule", "left at 1,085–1,204", "never", …
    /// With Difference: lanes that store the token in this policy only, in the reference only, in both.
    std::optional<std::array<int, 3>> against = {};
    QString scores; ///< one lane only: "score 0.0021 when it left, lowest kept 0.0034"; else empty
    bool operator==(const CardLine&) const = default;
};

/// What the visible policies did with `token` in the chosen lanes, as seen from `step`.
std::vector<CardLine> cardLines(const ViewData& data, const SelectionState& state, int token, int step);
/// "2 of 3 lanes"; "kept" or "lost" for one lane; empty where the step is not computed.
QString countWords(const CardLine& line);
/// With Difference: "1 only here, 2 only in H2O, 9 in both"; of one lane "only here", "only in H2O", "in both", "in neither".
/// Empty without it.
QString differenceWords(const CardLine& line, const QString& reference);

/// A child of the main window (its parent), 320 wide, shown 120 ms after Selection's hover rests on a token. GUI thread.
class HoverCard : public QWidget {
    Q_OBJECT
public:
    explicit HoverCard(Selection* selection, QWidget* parent);

    void setData(const ViewData& data);
    void setTheme(const Theme& theme);

    /// For `I`: opens the card for the selected token (else the step's) beside `anchor` (global; the pointed place) and pins it;
    /// pinned already: closes it.
    void togglePinned(const QPoint& anchor);
    bool isPinned() const { return m_pinned; }
    QSize sizeHint() const override;

protected:
    void paintEvent(QPaintEvent* event) override;
    void mousePressEvent(QMouseEvent* event) override;
    bool eventFilter(QObject* watched, QEvent* event) override;

private:
    /// Attention of one step: every chosen lane's query heads; cached so that moving along x asks nothing anew.
    struct StepAttention {
        int step = -1;
        std::vector<Lane> lanes;              ///< that were asked for; empty = all
        std::vector<Lane> heads;              ///< layer and query head of each row
        std::vector<std::vector<float>> rows; ///< [step + 1] each
    };
    void hoverChanged();
    void open(int token, int step, const QPoint& global);
    bool refresh();
    void askAttention();
    void updateAttentionText();
    void dismiss();
    QString referenceName() const;

    Selection* m_selection;
    ViewData m_data;
    Theme m_theme;
    QTimer m_delay;
    int m_token = -1, m_step = -1;
    QPoint m_anchor;
    bool m_pinned = false;
    QString m_title, m_detail, m_attention;
    std::vector<CardLine> m_lines;
    std::shared_ptr<const StepAttention> m_rows;
    int m_askedStep = -1; ///< what the running job was asked for
    std::vector<Lane> m_askedLanes;
    LatestJob<std::shared_ptr<const StepAttention>> m_job;
};

} // namespace winnow::views
