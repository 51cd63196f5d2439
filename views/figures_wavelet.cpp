// The figures of the wavelet analysis on paper: scalogram, packets, scale against distance, what policies lose.
#include "views/figures_wavelet.h"

#include <QPainterPath>

#include <algorithm>
#include <cmath>
#include <optional>

namespace winnow::views {

namespace {

constexpr double kPerRow = 0.22; // inches of a row of a table

QRgb rampColor(const std::array<QRgb, 127>& ramp, double share)
{
    return ramp[static_cast<std::size_t>(std::lround(126 * std::clamp(share, 0.0, 1.0)))];
}

QString signedNumber(double value, int digits)
{
    return QString(QStringLiteral("%1%2")).arg(value < 0 ? QStringLiteral("−") : QStringLiteral("+")).arg(std::abs(value), 0, 'f', digits);
}

/// Cells of a table with their words; what has no color is masked and hatched.
struct Cells {
    int rows = 0, columns = 0;
    std::vector<std::optional<QRgb>> colors;
    std::vector<QString> words;
};

void drawTable(QCPPainter* painter, const QCPAxisRect* rect, const Cells& cells, const PlotStyle& style)
{
    const double width = double(rect->width()) / std::max(1, cells.columns), height = double(rect->height()) / std::max(1, cells.rows);
    const QFontMetricsF metrics(style.tick);
    painter->setFont(style.tick);
    for (int row = 0; row < cells.rows; ++row)
        for (int column = 0; column < cells.columns; ++column) {
            const auto at = static_cast<std::size_t>(row) * static_cast<std::size_t>(cells.columns) + static_cast<std::size_t>(column);
            const QRectF cell(rect->left() + column * width, rect->top() + row * height, width - style.px(1), height - style.px(1));
            if (!cells.colors[at]) {
                drawHatch(painter, cell, style);
                continue;
            }
            const QColor color = QColor::fromRgb(*cells.colors[at]);
            painter->fillRect(cell, color);
            const QString text = fitting({cells.words[at], QString()}, style.tick, width - style.px(3));
            painter->setPen(toOkLab(color.rgb()).L > 0.6 ? style.theme.ink : QColor(Qt::white));
            painter->drawText(QPointF(cell.center().x() - metrics.horizontalAdvance(text) / 2, cell.center().y() + metrics.capHeight() / 2), text);
        }
}

QString levelName(int level, int levels) { return level < levels ? QString::number(level + 1) : QStringLiteral("rest"); }

/// Rows of levels, columns of octaves; ticks at the octaves' edges.
void setTableAxes(QCPAxisRect* rect, const ScaleMatrix& m)
{
    auto down = QSharedPointer<QCPAxisTickerText>::create(), across = QSharedPointer<QCPAxisTickerText>::create();
    for (int level = 0; level <= m.levels; ++level)
        down->addTick(level + 0.5, levelName(level, m.levels));
    for (std::size_t i = 0; i < m.edges.size(); ++i)
        across->addTick(static_cast<double>(i), grouped(m.edges[i]));
    QCPAxis *x = rect->axis(QCPAxis::atBottom), *y = rect->axis(QCPAxis::atLeft);
    x->setTicker(across);
    x->setRange(0, std::max(1, m.octaves));
    x->setLabel(QStringLiteral("Distance from now (tokens)"));
    y->setTicker(down);
    y->setTickLength(0);
    y->setRange(0, m.levels + 1);
    y->setRangeReversed(true);
    y->setLabel(QStringLiteral("Level"));
}

/// Blue above 0 up to `most`, orange below.
QRgb signedColor(const Theme& theme, double value, double most)
{
    return rampColor(value >= 0 ? theme.choice : theme.lost, 0.8 * std::abs(value) / most);
}

Cells ratioCells(const ScaleMatrix& m, const Theme& theme)
{
    Cells cells{m.levels + 1, m.octaves, {}, {}};
    for (std::size_t i = 0; i < m.ratio.size(); ++i) {
        const double value = m.ratio[i];
        const bool shown = !m.masked[i] && !std::isnan(value);
        // gray above 0, blank below: only what is stronger here than elsewhere stands out
        cells.colors.push_back(shown ? std::optional(rampColor(theme.rule, 0.4 * std::max(0.0, value))) : std::nullopt);
        cells.words.push_back(shown ? signedNumber(value, 2) : QString());
    }
    return cells;
}

/// Pixels of a scalogram: the root of the power, short periods on top.
QImage powerImage(const TokenScalogram& s, const Theme& theme)
{
    const double most = std::sqrt(*std::max_element(s.power.begin(), s.power.end()));
    QImage image(s.positions, s.scales, QImage::Format_RGB32);
    for (int scale = 0; scale < s.scales; ++scale)
        for (int column = 0; column < s.positions; ++column)
            image.setPixel(column, scale, rampColor(theme.choice, most > 0 ? std::sqrt(s.at(scale, column)) / most : 0));
    return image;
}

/// The edges between significant cells and others, as few long lines.
void drawSignificance(QCPPainter* painter, const TokenScalogram& s, const QRectF& area)
{
    const double width = area.width() / s.positions, height = area.height() / s.scales;
    const auto inside = [&](int scale, int column) { return scale >= 0 && scale < s.scales && column >= 0 && column < s.positions && s.significant(scale, column); };
    for (int scale = 0; scale <= s.scales; ++scale)
        for (int begin = 0; begin < s.positions;) {
            int end = begin;
            while (end < s.positions && inside(scale, end) != inside(scale - 1, end))
                ++end;
            if (end > begin)
                painter->drawLine(QLineF(area.left() + begin * width, area.top() + scale * height, area.left() + end * width, area.top() + scale * height));
            begin = std::max(end, begin + 1);
        }
    for (int column = 0; column <= s.positions; ++column)
        for (int begin = 0; begin < s.scales;) {
            int end = begin;
            while (end < s.scales && inside(end, column) != inside(end, column - 1))
                ++end;
            if (end > begin)
                painter->drawLine(QLineF(area.left() + column * width, area.top() + begin * height, area.left() + column * width, area.top() + end * height));
            begin = std::max(end, begin + 1);
        }
}

/// Everything below the cone's edge, as one shape.
QPolygonF beyondCone(const TokenScalogram& s, const QRectF& area)
{
    const double perScale = s.scales > 1 ? std::log2(s.period[1] / s.period[0]) : 1;
    QPolygonF shape;
    for (int column = 0; column < s.positions; ++column) {
        const double place = std::log2(std::max(s.cone[static_cast<std::size_t>(column)], 1e-9) / s.period.front()) / perScale + 0.5;
        shape << QPointF(area.left() + (column + 0.5) * area.width() / s.positions,
                         area.top() + std::clamp(place / s.scales, 0.0, 1.0) * area.height());
    }
    shape << area.bottomRight() << area.bottomLeft();
    return shape;
}

} // namespace

Result<void> drawScalogram(const TokenScalogram& s, const Figure& figure, const FigureOptions& options, const std::filesystem::path& out)
{
    FigurePage page(figure, options, options.width * 0.5);
    QCPAxisRect* rect = page.addRect(0, 0, {.left = 58, .top = 8, .right = 12, .bottom = 40});
    page.layOut();
    QCPAxis *x = rect->axis(QCPAxis::atBottom), *y = rect->axis(QCPAxis::atLeft);
    x->setTicker(QSharedPointer<GroupedTicker>::create());
    x->setRange(s.firstPosition, s.firstPosition + s.positions);
    x->setLabel(QStringLiteral("Position i (token)"));
    auto periods = QSharedPointer<QCPAxisTickerText>::create();
    for (double octave = std::ceil(std::log2(s.period.front()) - 1e-9); std::exp2(octave) <= s.period.back() * (1 + 1e-9); ++octave) {
        const double perScale = s.scales > 1 ? std::log2(s.period[1] / s.period[0]) : 1;
        periods->addTick((octave - std::log2(s.period.front())) / perScale + 0.5, grouped(static_cast<qint64>(std::exp2(octave))));
    }
    y->setTicker(periods);
    y->setRangeReversed(true);
    y->setRange(0, s.scales);
    y->setLabel(QStringLiteral("Period (tokens per cycle)"));
    new PlotPainter(&page.plot, QStringLiteral("main"), rect, [&](QCPPainter* painter) {
        const QRectF area = rect->rect();
        drawCells(painter, area, powerImage(s, page.style.theme), true);
        painter->save();
        QPainterPath beyond;
        beyond.addPolygon(beyondCone(s, area));
        painter->setClipPath(beyond, Qt::IntersectClip);
        drawHatch(painter, area, page.style);
        painter->restore();
        painter->setPen(QPen(page.style.theme.ink, page.style.axis));
        if (!s.threshold.empty())
            drawSignificance(painter, s, area);
    });
    return exportPlot(page.plot, page.options, out);
}

Result<void> drawPackets(const PacketBands& p, const Figure& figure, const FigureOptions& options, const std::filesystem::path& out)
{
    FigurePage page(figure, options, options.width * 0.5);
    QCPAxisRect* rect = page.addRect(0, 0, {.left = 58, .top = 8, .right = 12, .bottom = 40});
    page.layOut();
    QCPAxis *x = rect->axis(QCPAxis::atBottom), *y = rect->axis(QCPAxis::atLeft);
    const int hide = p.positions > 2 * options.hide + 1 ? options.hide : 0;
    x->setTicker(QSharedPointer<GroupedTicker>::create());
    x->setRange(p.firstPosition + hide, p.firstPosition + p.positions - hide);
    x->setLabel(QStringLiteral("Position i (token)"));
    y->setRange(0, 0.5);
    y->setLabel(QStringLiteral("Frequency (cycles per token)"));
    double most = 0, least = HUGE_VAL;
    for (const auto& node : p.nodes)
        for (int i = hide; i < p.positions - hide; ++i) {
            const double value = node.magnitude[static_cast<std::size_t>(i)];
            most = std::max(most, value);
            least = value > 0 ? std::min(least, value) : least;
        }
    const double decades = most > 0 ? std::min(4.0, std::log10(most / least)) : 1;
    new PlotPainter(&page.plot, QStringLiteral("main"), rect, [&](QCPPainter* painter) {
        for (const auto& node : p.nodes) {
            QImage row(p.positions - 2 * hide, 1, QImage::Format_RGB32);
            for (int i = hide; i < p.positions - hide; ++i) {
                const double value = node.magnitude[static_cast<std::size_t>(i)];
                row.setPixel(i - hide, 0, rampColor(page.style.theme.choice, value > 0 ? 1 + std::log10(value / most) / std::max(decades, 1e-9) : 0));
            }
            const double top = y->coordToPixel(node.high), bottom = y->coordToPixel(node.low);
            drawCells(painter, QRectF(QPointF(rect->left(), top), QPointF(rect->right() + 1, bottom)), row, true);
            painter->setPen(QPen(page.style.theme.page, page.style.axis));
            painter->drawLine(QLineF(rect->left(), top, rect->right() + 1, top));
        }
    });
    return exportPlot(page.plot, page.options, out);
}

Result<void> drawScaleSlope(const HeadSlopes& slopes, const Figure& figure, const FigureOptions& options, const std::filesystem::path& out)
{
    int heads = 1;
    std::vector<int> layers;
    for (const HeadSlope& one : slopes.heads) {
        heads = std::max(heads, one.head.head + 1);
        if (layers.empty() || layers.back() != one.head.layerIndex)
            layers.push_back(one.head.layerIndex);
    }
    const int rows = std::max<int>(slopes.matrix.levels + 1, static_cast<int>(layers.size()));
    FigurePage page(figure, options, 0.7 + kPerRow * rows);
    QCPAxisRect* table = page.addRect(0, 0, {.left = 46, .top = 22, .right = 14, .bottom = 40});
    QCPAxisRect* map = page.addRect(0, 1, {.left = 46, .top = 22, .right = 10, .bottom = 40});
    page.layOut();
    setTableAxes(table, slopes.matrix);
    Cells cells{static_cast<int>(layers.size()), heads, std::vector<std::optional<QRgb>>(layers.size() * static_cast<std::size_t>(heads)),
                std::vector<QString>(layers.size() * static_cast<std::size_t>(heads))};
    for (const HeadSlope& one : slopes.heads) {
        const auto row = static_cast<std::size_t>(std::find(layers.begin(), layers.end(), one.head.layerIndex) - layers.begin());
        const std::size_t at = row * static_cast<std::size_t>(heads) + static_cast<std::size_t>(one.head.head);
        if (std::isnan(one.fit.slope))
            continue;
        cells.colors[at] = signedColor(page.style.theme, one.fit.slope, 1);
        cells.words[at] = signedNumber(one.fit.slope, 2);
    }
    auto across = QSharedPointer<QCPAxisTickerText>::create(), down = QSharedPointer<QCPAxisTickerText>::create();
    for (int head = 0; head < heads; ++head)
        across->addTick(head + 0.5, QString::number(head));
    for (std::size_t i = 0; i < layers.size(); ++i)
        down->addTick(double(i) + 0.5, QString::number(raw(slopes.layers[static_cast<std::size_t>(layers[i])])));
    QCPAxis *x = map->axis(QCPAxis::atBottom), *y = map->axis(QCPAxis::atLeft);
    for (QCPAxis* axis : {x, y})
        axis->setTickLength(0);
    x->setTicker(across);
    x->setRange(0, heads);
    x->setLabel(QStringLiteral("Query head: slope (levels per octave)"));
    y->setTicker(down);
    y->setRange(0, double(layers.size()));
    y->setRangeReversed(true);
    y->setLabel(QStringLiteral("Layer"));
    new PlotPainter(&page.plot, QStringLiteral("main"), nullptr, [&](QCPPainter* painter) {
        drawTable(painter, table, ratioCells(slopes.matrix, page.style.theme), page.style);
        drawTable(painter, map, cells, page.style);
    });
    page.letters({table, map});
    return exportPlot(page.plot, page.options, out);
}

Result<void> drawLostBands(const LostBands& lost, const Figure& figure, const FigureOptions& options, const std::filesystem::path& out)
{
    const ScaleMatrix& m = lost.matrix;
    const int policies = static_cast<int>(lost.policies.size()), columns = std::clamp(policies, 1, options.width < 4 ? 2 : 3);
    const int rows = (policies + columns - 1) / columns;
    FigurePage page(figure, options, rows * (0.75 + kPerRow * (m.levels + 1)));
    std::vector<QCPAxisRect*> rects;
    for (int i = 0; i < policies; ++i)
        rects.push_back(page.addRect(i / columns, i % columns, {.left = 46, .top = 24, .right = 8, .bottom = 40}));
    page.layOut();
    for (QCPAxisRect* rect : rects)
        setTableAxes(rect, m);
    new PlotPainter(&page.plot, QStringLiteral("main"), nullptr, [&](QCPPainter* painter) {
        for (std::size_t p = 0; p < rects.size(); ++p) {
            const LostBands::Policy& policy = lost.policies[p];
            Cells cells{m.levels + 1, m.octaves, {}, {}};
            for (std::size_t i = 0; i < policy.lost.size(); ++i) {
                const bool shown = !m.masked[i] && !std::isnan(policy.lost[i]);
                cells.colors.push_back(shown ? std::optional(rampColor(page.style.theme.lost, 0.8 * policy.lost[i])) : std::nullopt);
                cells.words.push_back(shown ? QString::number(policy.lost[i], 'f', 2) : QString());
            }
            drawTable(painter, rects[p], cells, page.style);
            painter->setFont(page.style.tick);
            painter->setPen(page.style.theme.ink);
            painter->drawText(QPointF(rects[p]->left() + page.style.px(22), rects[p]->top() - page.style.px(6)), QString::fromStdString(policy.label));
        }
    });
    page.letters(rects);
    return exportPlot(page.plot, page.options, out);
}

} // namespace winnow::views
