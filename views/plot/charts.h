// SPDX-License-Identifier: GPL-3.0-or-later
// Charts as the lower dock and the exported figures share them: the contents of one QCPAxisRect each. A chart owns its graphs;
// the plot and the rectangle belong to the caller. GUI thread.
#pragma once

#include "core/analysis/comparison.h"
#include "core/analysis/curves.h"
#include "core/analysis/wavelet/contribution.h"
#include "core/trace/attention_source.h"
#include "views/plot/plot_style.h"

namespace winnow::views {

/// A metric against the step.
class QualityChart {
public:
    explicit QualityChart(QCPAxisRect* rect);
    /// `focus`: number of the policy drawn thick, with the band of its lanes; −1 = none. `steps` empty = all. Lines are means
    /// over `window` steps, as runningMean has it; with more than one the focus' values stand behind its line, faint.
    void show(const QualityCurves& curves, int focus, std::pair<double, double> steps, const PlotStyle& style, int window = 1);
    void clear();

private:
    bool isCrossed(const QRectF& place) const;
    void drawPromptWord(QCPPainter* painter) const; ///< over curves and the step, beside the line at the prompt's end

    QCPAxisRect* m_rect;
    QList<QCPGraph*> m_graphs;
    std::vector<EndLabel> m_labels;
    PlotStyle m_style;
    int m_prompt = 0;
    bool m_filled = false;
};

/// A metric against the layer, a marked line per policy.
class LayerChart {
public:
    explicit LayerChart(QCPAxisRect* rect);
    /// `focus`: number of the policy drawn thick, with whiskers from its least to its most lane; on paper all have them. −1 =
    /// none.
    void show(const LayerCurves& curves, int focus, const PlotStyle& style);
    void clear();

private:
    void drawWhiskers(QCPPainter* painter) const;

    QCPAxisRect* m_rect;
    QList<QCPGraph*> m_graphs;
    std::vector<EndLabel> m_labels;
    LayerCurves m_curves;
    PlotStyle m_style;
    int m_focus = -1;
};

/// Kept share against distance, now at the right edge.
class DistanceChart {
public:
    explicit DistanceChart(QCPAxisRect* rect);
    void show(const DistanceCurves& curves, int focus, const PlotStyle& style);
    void clear();
    double distanceAt(double x) const { return m_unit * (std::exp2(x) - 1); }

private:
    QCPAxisRect* m_rect;
    QList<QCPGraph*> m_graphs;
    PlotStyle m_style;
    bool m_isUncomputed = false; ///< no line has a number yet: hatched
    double m_unit = 16;
};

/// How much the tokens of every two policies overlap: a matrix with its numbers in the cells, policies by number.
class OverlapChart {
public:
    explicit OverlapChart(QCPAxisRect* rect);
    /// `names`: a row each, "1 TreeKV 128" …; shortened to their numbers where there is no room. `focus`, `reference`: rows whose
    /// names stand out, −1 = none. `over`: lanes and steps of the numbers, in words; empty = they stand elsewhere.
    void show(const Comparison& comparison, const std::vector<QString>& names, int focus, int reference, const PlotStyle& style,
              const QString& over = {});
    void clear();
    /// Row and column at a point in axis coordinates.
    std::optional<std::pair<int, int>> cellAt(QPointF at) const;

private:
    void draw(QCPPainter* painter) const;

    QCPAxisRect* m_rect;
    std::vector<double> m_values; ///< [rows, rows]
    int m_rows = 0, m_focus = -1, m_reference = -1;
    PlotStyle m_style;
};

/// Bands as rows, fine on top, on one log scale: the signal, the levels, the approximation; energies beside them.
class BandChart {
public:
    BandChart(QCPAxisRect* bands, QCPAxisRect* energies);
    /// `hide`: positions hatched (window) or cut off (paper) at both ends. `positions` empty = all of the contribution.
    void show(const Contribution& contribution, int hide, std::pair<double, double> positions, const PlotStyle& style);
    void clear();
    int rows() const { return m_contribution.levels + 2; }

private:
    void drawBars(QCPPainter* painter) const;
    void drawHidden(QCPPainter* painter) const;
    int rowsPerLabel() const; ///< of low rows only every so many have words

    QCPAxisRect *m_bands, *m_energies;
    QList<QCPGraph*> m_graphs;
    Contribution m_contribution;
    PlotStyle m_style;
    int m_hide = 0;
    bool m_filled = false;
};

/// Attention cells as colors: `lost` cells take the orange ramp, NaN the page. Linear in 0…`most`, or log from 1e-4 to 1.
QImage attentionImage(const AttentionTile& tile, const std::vector<bool>& lost, bool logScale, double most, const Theme& theme);

} // namespace winnow::views
