// SPDX-License-Identifier: GPL-3.0-or-later
// What replays predict against what the runs of the same policies cost: a point per policy and budget. The contents of one
// QCPAxisRect, as in charts.h. GUI thread.
#pragma once

#include "core/analysis/prediction.h"
#include "views/plot/plot_style.h"

#include <optional>
#include <vector>

namespace winnow::views {

class PredictionChart {
public:
    explicit PredictionChart(QCPAxisRect* rect);
    /// `focus`: number of the policy, its run or its replay, that is drawn larger; −1 = none.
    void show(const Prediction& prediction, int focus, const PlotStyle& style);
    /// A sentence in the middle, and no axes.
    void showNothing(const QString& sentence, const PlotStyle& style);
    void clear(); ///< leaves the rectangle to another chart
    /// Index of the point nearest to a place in axis coordinates, at most 12 px away.
    std::optional<std::size_t> pointAt(QPointF at) const;

private:
    void draw(QCPPainter* painter) const;
    QRectF freePlace(const QRectF& point, const QSizeF& size, const std::vector<QRectF>& marks) const;
    void drawLeader(QCPPainter* painter, const QRectF& point, const QRectF& label) const;
    QPointF pixelOf(double predicted, double cost) const;

    QCPAxisRect* m_rect;
    Prediction m_prediction;
    PlotStyle m_style;
    QString m_sentence;
    int m_focus = -1;
};

} // namespace winnow::views
