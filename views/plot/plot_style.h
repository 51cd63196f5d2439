// SPDX-License-Identifier: GPL-3.0-or-later
// How plots look, in the window and on paper, and the small things that all of them draw. GUI thread.
#pragma once

#include "views/style/theme.h"

#include <qcustomplot.h>

#include <QImage>
#include <QPointer>

#include <functional>
#include <optional>

namespace winnow::views {

struct PlotStyle {
    Theme theme;
    QFont label, tick, letter;
    double unit = 1; ///< length of a logical pixel at font scale 1; on paper 6.4 units of 1/720 inch
    double line = 1.5, focus = 2.5, axis = 1;
    bool paper = false;
    QColor ground() const { return paper ? QColor(Qt::white) : theme.page; } ///< behind what a chart draws

    static PlotStyle window(const Theme& theme);
    /// Light; labels 8 pt, ticks 7 pt, lines 0.75 pt, axes 0.5 pt, in the unit of views/export/figure_export.h.
    static PlotStyle onPaper();
    int px(double pixels) const { return qRound(pixels * unit); }
};

/// Margins in logical pixels.
struct Margins {
    double left = 64, top = 6, right = 8, bottom = 40;
};
void applyStyle(QCPAxisRect* rect, const PlotStyle& style, const Margins& margins);
/// Gives the rectangles of `plot` their places inside `viewport` now, before anything is drawn.
void layOut(QCustomPlot& plot, const QRect& viewport);

/// Ticks written as the whole window writes numbers: "1,404".
class GroupedTicker : public QCPAxisTicker {
protected:
    QString getTickLabel(double tick, const QLocale& locale, QChar format, int precision) override;
    double getTickStep(const QCPRange& range) override; ///< whole numbers only
};

/// Draws by a function, on a layer of the plot, clipped to `clip`'s rectangle (nullptr: the whole plot). Owned by the plot.
class PlotPainter : public QCPLayerable {
public:
    PlotPainter(QCustomPlot* plot, const QString& layer, QCPAxisRect* clip, std::function<void(QCPPainter*)> draw);

protected:
    void applyDefaultAntialiasingHint(QCPPainter*) const override {}
    void draw(QCPPainter* painter) override { m_draw(painter); }
    QRect clipRect() const override;

private:
    QPointer<QCPAxisRect> m_clip;
    std::function<void(QCPPainter*)> m_draw;
};

/// Draws with nearest-neighbor sampling; on paper enlarged to whole device pixels first, so that no viewer smooths it.
void drawCells(QCPPainter* painter, const QRectF& target, const QImage& cells, bool paper);
/// The first of the texts that is no wider than `room`; the last where none is.
QString fitting(const QStringList& texts, const QFont& font, double room);
/// For it: the title of an axis, "Mass kept (share)"; the same without its unit; the first word, "Mass…".
QStringList axisTitles(const QString& title);
/// How long a title may be that stands in the middle of the value axis.
double roomBeside(const QCPAxisRect* rect);
/// As many ticks as `widest` leaves room for, 2…`most`.
void setTickCount(QCPAxis* axis, double length, const QString& widest, const PlotStyle& style, int most = 6);
/// "(a)" at the rectangle's upper left, above it.
void drawLetter(QCPPainter* painter, const QCPAxisRect* rect, const PlotStyle& style, int panel);
/// 45° hatch of `theme.line` over the area; "not computed yet" and "hidden".
void drawHatch(QCPPainter* painter, const QRectF& area, const PlotStyle& style);

/// Numbers at the ends of lines, right of the rectangle, pushed apart where they would overlap.
struct EndLabel {
    double value = 0; ///< on the value axis
    QString text;
    QPen pen;
    bool strong = false;
};
void drawEndLabels(QCPPainter* painter, const QCPAxisRect* rect, const PlotStyle& style, std::vector<EndLabel> labels);

/// Lines of text on a raised ground: beside the pointer, or in a corner of `area` that the pointer is not near.
void drawReadoutBox(QCPPainter* painter, const QString& text, const QPoint& pointer, const QRect& area, bool inCorner,
                    const PlotStyle& style);

} // namespace winnow::views
