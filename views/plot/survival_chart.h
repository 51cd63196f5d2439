// SPDX-License-Identifier: GPL-3.0-or-later
// How long every policy holds a token, with the attention that the full cache pays to it above, on one axis of steps, so that one
// sees whether a token was still stored when it was attended to again. The window and the figures share it. GUI thread.
#pragma once

#include "core/analysis/autopsy.h"
#include "views/plot/plot_style.h"

namespace winnow::views {

/// Owns nothing of the two rectangles, which lie above one another with the same margins.
class SurvivalChart {
public:
    SurvivalChart(QCPAxisRect* attention, QCPAxisRect* rows);

    /// `focus`: number of the policy whose row stands out and whose losses color the attention, −1 = none. `steps`: those shown;
    /// empty = all. Attention is left out where the autopsy has none.
    void show(const Autopsy& autopsy, int focus, std::pair<double, double> steps, const PlotStyle& style);
    void clear();
    /// The policy (an index into the autopsy's lines) whose row is at a value of the lower rectangle's left axis; −1 = none.
    int rowAt(double value) const;
    /// The steps with the most attention to the tokens: at most three, the largest first, each at least half of the largest.
    /// Steps right after the tokens do not count, since nearly all of them attend to what was just read.
    static std::vector<int> askingSteps(const Autopsy& autopsy);

private:
    struct Column { ///< of pixels
        double largest = 0, mean = 0;
        int step = -1; ///< whose the largest is
    };
    void drawAttention(QCPPainter* painter) const;
    void drawRows(QCPPainter* painter) const;
    void drawWords(QCPPainter* painter) const;
    std::vector<Column> columns() const;
    QRectF rowOf(std::size_t line) const;

    QCPAxisRect *m_attention, *m_rows;
    std::optional<Autopsy> m_autopsy;
    std::vector<int> m_asking;
    PlotStyle m_style;
    int m_focus = -1;
    double m_most = 1;
};

/// "gone by 989", "8 % stay".
QString fateWords(const Autopsy::Line& line);

} // namespace winnow::views
