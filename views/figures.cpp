#include "views/figures.h"

#include "views/figure_export.h"
#include "views/figures_panels.h"
#include "views/map_grid.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <span>

namespace winnow::views {

namespace {

constexpr double kMapScale = 6.4; ///< painter units per logical pixel of the maps: 11 px ticks become 7 pt

/// A page under construction: the plot, its style and the lines under it.
struct Page {
    QCustomPlot plot;
    PlotStyle style = PlotStyle::onPaper();
    QString caption;
    ExportOptions options;

    Page(const Figure& figure, const FigureOptions& chosen, double height)
    {
        caption = QString::fromStdString(figure.title + ": " + figure.caption + ".").replace(QStringLiteral(".."), QStringLiteral("."));
        options.inches = QSizeF(chosen.width, height);
        options.dpi = chosen.dpi;
        options.title = QString::fromStdString(figure.title);
        options.manifest = figure.manifest;
        plot.plotLayout()->clear();
        plot.setBackground(QBrush(Qt::white));
        plot.setNoAntialiasingOnDrag(false);
        plot.plotLayout()->setRowSpacing(0);
        plot.plotLayout()->setColumnSpacing(0);
        reserveCaption();
    }
    QCPAxisRect* addRect(int row, int column, const Margins& margins)
    {
        auto* rect = new QCPAxisRect(&plot, true);
        plot.plotLayout()->addElement(row, column, rect);
        applyStyle(rect, style, margins);
        return rect;
    }
    /// Lays out, so that rectangles have their size before charts choose their ticks.
    void layOut()
    {
        plot.setViewport(QRect(0, 0, qRound(options.inches.width() * kUnitsPerInch), qRound(options.inches.height() * kUnitsPerInch)));
        for (const auto phase : {QCPLayoutElement::upPreparation, QCPLayoutElement::upMargins, QCPLayoutElement::upLayout})
            plot.plotLayout()->update(phase);
    }
    void letters(std::vector<QCPAxisRect*> rects)
    {
        new PlotPainter(&plot, QStringLiteral("main"), nullptr, [this, rects](QCPPainter* painter) {
            for (std::size_t i = 0; i < rects.size(); ++i)
                drawLetter(painter, rects[i], style, static_cast<int>(i));
        });
    }

private:
    void reserveCaption()
    {
        const QFontMetricsF metrics(style.tick);
        const double width = options.inches.width() * kUnitsPerInch - style.px(16);
        const double height = metrics.boundingRect(QRectF(0, 0, width, 1e6), Qt::TextWordWrap, caption).height();
        plot.plotLayout()->setMargins(QMargins(0, 0, 0, qCeil(height) + style.px(8)));
        options.inches.rheight() += (height + style.px(8)) / kUnitsPerInch;
        new PlotPainter(&plot, QStringLiteral("main"), nullptr, [this, width, height](QCPPainter* painter) {
            painter->setFont(style.tick);
            painter->setPen(style.theme.muted);
            const QRectF place(style.px(8), options.inches.height() * kUnitsPerInch - height - style.px(4), width, height);
            painter->drawText(place, Qt::TextWordWrap | Qt::AlignLeft | Qt::AlignTop, caption);
        });
    }
};

double endLabelWidth(const std::vector<std::string>& names, const PlotStyle& style)
{
    double widest = 0;
    for (const std::string& name : names)
        widest = std::max(widest, QFontMetricsF(style.tick).horizontalAdvance(QStringLiteral("0.000  ") + QString::fromStdString(name)));
    return widest / style.unit + 30;
}

Result<void> draw(const QualityCurves& curves, const Figure& figure, const FigureOptions& options, const std::filesystem::path& out)
{
    Page page(figure, options, options.width * 0.5);
    std::vector<std::string> names;
    for (const auto& line : curves.lines)
        names.push_back(line.label);
    QCPAxisRect* rect = page.addRect(0, 0, {.left = 58, .top = 8, .right = endLabelWidth(names, page.style), .bottom = 40});
    page.layOut();
    QualityChart chart(rect);
    std::pair<double, double> steps{0, 0};
    if (options.stepRange)
        steps = {options.stepRange->first, options.stepRange->second};
    chart.show(curves, curves.lines.size() == 1 ? curves.lines.front().policy : -1, steps, page.style);
    return exportPlot(page.plot, page.options, out);
}

Result<void> draw(const DistanceCurves& curves, const Figure& figure, const FigureOptions& options, const std::filesystem::path& out)
{
    Page page(figure, options, options.width * 0.5);
    std::vector<std::string> names;
    for (const auto& line : curves.lines)
        names.push_back(line.label);
    QCPAxisRect* rect = page.addRect(0, 0, {.left = 58, .top = 8, .right = endLabelWidth(names, page.style), .bottom = 40});
    page.layOut();
    DistanceChart chart(rect);
    chart.show(curves, -1, page.style);
    new PlotPainter(&page.plot, QStringLiteral("main"), nullptr, [&](QCPPainter* painter) { // the key, in order, from the top
        std::vector<EndLabel> labels;
        for (const auto& line : curves.lines)
            labels.push_back({1.02, QString::fromStdString(line.label), page.style.theme.policyPen(line.policy, page.style.line), false});
        const QFontMetricsF metrics(page.style.tick);
        double y = rect->top() + metrics.height() / 2;
        for (const EndLabel& label : labels) {
            painter->setPen(label.pen);
            painter->drawLine(QLineF(rect->right() + page.style.px(6), y, rect->right() + page.style.px(20), y));
            painter->setPen(page.style.theme.ink);
            painter->setFont(page.style.tick);
            painter->drawText(QPointF(rect->right() + page.style.px(25), y + metrics.capHeight() / 2), label.text);
            y += metrics.height();
        }
    });
    return exportPlot(page.plot, page.options, out);
}

Result<void> draw(const Contribution& contribution, const Figure& figure, const FigureOptions& options, const std::filesystem::path& out)
{
    Page page(figure, options, options.width * 0.3 + 0.2 * (contribution.levels + 2));
    QCPAxisRect* bands = page.addRect(0, 0, {.left = 58, .top = 22, .right = 8, .bottom = 40});
    QCPAxisRect* energies = page.addRect(0, 1, {.left = 18, .top = 22, .right = 12, .bottom = 40});
    page.plot.plotLayout()->setColumnStretchFactors({3.2, 1});
    page.layOut();
    BandChart chart(bands, energies);
    const int hide = contribution.positions > 2 * options.hide + 1 ? options.hide : 0;
    const double first = contribution.firstPosition;
    chart.show(contribution, options.hide, {first + hide, first + contribution.positions - hide}, page.style);
    page.letters({bands, energies});
    return exportPlot(page.plot, page.options, out);
}

/// One dot of the picture per cell at most; a cell is the largest value it covers, NaN where all its pairs lie in the future.
AttentionTile pictured(const AttentionPicture& picture, int columns, int rows, bool maskSinks)
{
    constexpr int kSinks = 4;
    const AttentionTile& tile = picture.tile;
    AttentionTile small{std::min(rows, tile.rows), std::min(columns, tile.columns), {}};
    small.values.assign(static_cast<std::size_t>(small.rows) * small.columns, std::numeric_limits<float>::quiet_NaN());
    for (int r = 0; r < tile.rows; ++r)
        for (int c = 0; c < tile.columns; ++c) {
            const int key = picture.keys.first + c;
            if (key > picture.queries.first + r || (maskSinks && key < kSinks))
                continue;
            const auto cell = static_cast<std::size_t>(static_cast<std::int64_t>(r) * small.rows / tile.rows) * small.columns
                              + static_cast<std::size_t>(static_cast<std::int64_t>(c) * small.columns / tile.columns);
            small.values[cell] = std::fmax(small.values[cell], tile.values[static_cast<std::size_t>(r) * tile.columns + c]);
        }
    return small;
}

void drawKey(QCPPainter* painter, const QCPAxisRect* rect, const PlotStyle& style, bool logScale, double most)
{
    QImage ramp(1, 127, QImage::Format_RGB32);
    for (int i = 0; i < 127; ++i)
        ramp.setPixel(0, 126 - i, style.theme.choice[static_cast<std::size_t>(i)]);
    const QRectF bar(rect->right() + style.px(10), rect->top(), style.px(9), rect->height());
    drawCells(painter, bar, ramp, true);
    painter->setPen(QPen(style.theme.ink, style.axis));
    painter->setBrush(Qt::NoBrush);
    painter->drawRect(bar);
    painter->setFont(style.tick);
    painter->drawText(QRectF(rect->right() - style.px(60), bar.top() - style.px(18), style.px(60) + bar.right() - rect->right(), style.px(16)),
                      Qt::AlignRight | Qt::AlignBottom, QStringLiteral("attention"));
    const QStringList texts = logScale ? QStringList{"1e-4", "0.01", "1"} : QStringList{"0", QString::number(most / 2, 'g', 2), QString::number(most, 'g', 2)};
    const double cap = QFontMetricsF(style.tick).capHeight();
    for (int i = 0; i < 3; ++i)
        painter->drawText(QPointF(bar.right() + style.px(4), bar.bottom() - (bar.height() - cap) * i / 2), texts[i]);
}

Result<void> draw(const AttentionPicture& picture, const Figure& figure, const FigureOptions& options, const std::filesystem::path& out)
{
    const Margins margins{.left = 62, .top = 22, .right = 52, .bottom = 40};
    const double pixels = options.width * kUnitsPerInch / kMapScale;
    const double columns = pixels - margins.left - margins.right;
    const double aspect = std::clamp(double(picture.tile.rows) / std::max(1, picture.tile.columns), 0.3, 1.2);
    const int dots = static_cast<int>(columns * kMapScale / kUnitsPerInch * 600);
    const AttentionTile small = pictured(picture, dots, static_cast<int>(dots * aspect), options.maskSinks);
    const double perCell = std::max(double(picture.tile.columns) / small.columns, double(picture.tile.rows) / small.rows);
    Figure described = figure;
    described.caption += perCell > 1 ? fmt::format(", each dot the largest of {:.1f} by {:.1f} pairs", double(picture.tile.columns) / small.columns,
                                                   double(picture.tile.rows) / small.rows)
                                     : std::string(", one cell per pair of tokens");
    described.caption += options.logScale ? ", log scale" : ", linear scale";
    described.caption += options.maskSinks ? ", the first four keys left out" : "";
    Page page(described, options, (columns * aspect + margins.top + margins.bottom) * kMapScale / kUnitsPerInch);
    QCPAxisRect* rect = page.addRect(0, 0, margins);
    page.layOut();
    double most = 0;
    for (const float value : small.values)
        most = std::fmax(most, value);
    const QImage cells = attentionImage(small, {}, options.logScale, most, page.style.theme);
    rect->axis(QCPAxis::atBottom)->setTicker(QSharedPointer<GroupedTicker>::create());
    rect->axis(QCPAxis::atBottom)->setRange(picture.keys.first, picture.keys.second + 1);
    rect->axis(QCPAxis::atBottom)->setLabel(QStringLiteral("Key position i (token)"));
    rect->axis(QCPAxis::atLeft)->setTicker(QSharedPointer<GroupedTicker>::create());
    rect->axis(QCPAxis::atLeft)->setRangeReversed(true);
    rect->axis(QCPAxis::atLeft)->setRange(picture.queries.first, picture.queries.second + 1);
    rect->axis(QCPAxis::atLeft)->setLabel(QStringLiteral("Query position t (step)"));
    new PlotPainter(&page.plot, QStringLiteral("main"), rect, [&](QCPPainter* painter) { drawCells(painter, rect->rect(), cells, true); });
    new PlotPainter(&page.plot, QStringLiteral("main"), nullptr,
                    [&](QCPPainter* painter) { drawKey(painter, rect, page.style, options.logScale, most); });
    return exportPlot(page.plot, page.options, out);
}

/// What the colors of the maps mean, in one line from `left`, `top` on.
void drawMapKey(QCPPainter* painter, const PlotStyle& style, double left, double top)
{
    const QFontMetricsF metrics(style.tick);
    const double size = style.px(9), base = top + size / 2 + metrics.capHeight() / 2;
    painter->setFont(style.tick);
    const auto word = [&](const QString& text) {
        painter->setPen(style.theme.ink);
        painter->drawText(QPointF(left + style.px(4), base), text);
        left += metrics.horizontalAdvance(text) + style.px(16);
    };
    const auto ramp = [&](std::span<const QRgb> colors, double width) {
        QImage image(static_cast<int>(colors.size()), 1, QImage::Format_RGB32);
        std::copy(colors.begin(), colors.end(), reinterpret_cast<QRgb*>(image.scanLine(0)));
        drawCells(painter, QRectF(left, top, width, size), image, true);
        left += width;
    };
    painter->setPen(QPen(style.theme.muted, style.axis));
    painter->drawRect(QRectF(left, top, size, size));
    left += size;
    word(QStringLiteral("not read yet"));
    ramp(std::span(style.theme.choice).first(1), size);
    word(QStringLiteral("evicted"));
    ramp(std::span(style.theme.rule).subspan(1), style.px(36));
    word(QStringLiteral("kept by rule"));
    ramp(std::span(style.theme.choice).subspan(1), style.px(36));
    word(QStringLiteral("kept by choice, few to all lanes"));
}

Result<void> draw(const RetentionPicture& picture, const Figure& figure, const FigureOptions& options, const std::filesystem::path& out)
{
    const int policies = static_cast<int>(picture.replay->policies.size());
    ViewData data;
    data.replay = picture.replay;
    data.tokensRecorded = static_cast<int>(picture.replay->tokenIds.size());
    SelectionState state;
    state.hidden.assign(static_cast<std::size_t>(policies), true);
    for (const int policy : picture.policies)
        state.hidden[static_cast<std::size_t>(policy)] = false;
    for (const auto& [layer, head] : picture.lanes)
        state.lanes.push_back({layer, head});
    std::sort(state.lanes.begin(), state.lanes.end());
    state.zoom = {double(picture.tokens.first), picture.tokens.second + 1.0, double(picture.steps.first), picture.steps.second + 1.0};
    state.step = data.tokensRecorded - 1;

    const int width = qRound(options.width * kUnitsPerInch / kMapScale);
    const QSize shape = mapGridShape(static_cast<int>(picture.policies.size()), width);
    const int panel = width / std::max(1, shape.width());
    const QSize maps(width, shape.height() * std::max(150, panel * 4 / 5));
    constexpr int kKeyHeight = 20;
    Page page(figure, options, (maps.height() + kKeyHeight) * kMapScale / kUnitsPerInch);
    new PlotPainter(&page.plot, QStringLiteral("main"), nullptr, [&](QCPPainter* painter) {
        drawMapKey(painter, page.style, page.style.px(10), page.style.px(maps.height() + 5));
    });
    const auto paint = [&](QPainter& painter) {
        auto& plotPainter = static_cast<QCPPainter&>(painter);
        page.plot.toPainter(&plotPainter, qRound(page.options.inches.width() * kUnitsPerInch),
                            qRound(page.options.inches.height() * kUnitsPerInch)); // the caption
        painter.save();
        painter.scale(kMapScale, kMapScale);
        paintMaps(&plotPainter, maps, data, state, kMapScale * 600 / kUnitsPerInch, ScaleKind::Linear, false);
        painter.restore();
        painter.setFont(page.style.letter);
        painter.setPen(page.style.theme.ink);
        for (std::size_t i = 0; i < picture.policies.size() && picture.policies.size() > 1; ++i) {
            const int row = static_cast<int>(i) / shape.width(), column = static_cast<int>(i) % shape.width();
            painter.drawText(QPointF(page.style.px(double(width) * column / shape.width() + 4),
                                     page.style.px(double(maps.height()) * row / shape.height() + 13)),
                             QStringLiteral("(%1)").arg(QChar('a' + static_cast<int>(i))));
        }
    };
    return exportDrawing(paint, page.options, out);
}

} // namespace

Result<void> saveFigure(const Figure& figure, const FigureOptions& options, const std::filesystem::path& out)
{
    const std::string extension = out.extension().string();
    if (extension == ".csv" || extension == ".npz")
        return writeFigureNumbers(figure, out);
    if (extension != ".svg" && extension != ".pdf" && extension != ".png")
        return fail(ErrorCode::Usage, "'{}' does not end in .svg, .pdf, .png, .csv or .npz, so it is not clear what to write", out.string());
    if (!(options.width >= 1 && options.width <= 40))
        return fail(ErrorCode::Usage, "a width of {} inches was asked for; choose 1 to 40 (3.25 is a column, 5.5 a text, 6.75 a page)",
                    options.width);
    if (!(options.dpi >= 36 && options.dpi <= 2400))
        return fail(ErrorCode::Usage, "{} dots per inch were asked for; choose 36 to 2400", options.dpi);
    return std::visit([&](const auto& numbers) { return draw(numbers, figure, options, out); }, figure.numbers);
}

Result<void> renderFigure(std::string_view name, const FigureInputs& inputs, const FigureOptions& options,
                          const std::filesystem::path& out, const JobContext& job)
{
    WINNOW_TRY(const Figure figure, makeFigure(name, inputs, options, job));
    return saveFigure(figure, options, out);
}

} // namespace winnow::views
