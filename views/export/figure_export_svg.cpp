// SPDX-License-Identifier: GPL-3.0-or-later
#include "views/export/figure_export_svg.h"

#include "views/export/figure_export.h"

#include <QBuffer>
#include <QImage>
#include <QPaintEngine>
#include <QPainter>
#include <QPainterPath>

#include <algorithm>
#include <array>
#include <cmath>

namespace winnow::views {

namespace {

QString number(double units)
{
    QString text = QString::number(units / kUnitsPerPoint, 'f', 3);
    while (text.endsWith(QLatin1Char('0')))
        text.chop(1);
    if (text.endsWith(QLatin1Char('.')))
        text.chop(1);
    return text == QLatin1String("-0") ? QStringLiteral("0") : text;
}

/// What XML 1.0 has no place for, control characters, halves of surrogate pairs, U+FFFE and U+FFFF, becomes U+FFFD.
QString escaped(const QString& text)
{
    QString clean;
    for (const uint code : text.toUcs4()) { // a lone surrogate is U+FFFD already
        const bool control = code < 0x20 && code != '\n' && code != '\t';
        const char32_t allowed =
            control || code == 0xFFFE || code == 0xFFFF || (code >= 0xD800 && code <= 0xDFFF) ? 0xFFFD : code;
        clean += QString::fromUcs4(&allowed, 1);
    }
    return clean.toHtmlEscaped();
}

/// One edge of the clip rectangle as a half-plane: inside means value(point) ≥ 0.
struct Edge {
    bool vertical;
    double at, sign;
    double depth(const QPointF& p) const { return sign * ((vertical ? p.x() : p.y()) - at); }
    QPointF cut(const QPointF& a, const QPointF& b) const
    {
        const double da = depth(a), share = da / (da - depth(b));
        const QPointF p = a + (b - a) * share;
        return vertical ? QPointF(at, p.y()) : QPointF(p.x(), at); // exactly on the edge
    }
};

std::array<Edge, 4> edgesOf(const QRectF& r)
{
    return {{{true, r.left(), 1}, {true, r.right(), -1}, {false, r.top(), 1}, {false, r.bottom(), -1}}};
}

/// Sutherland and Hodgman, 1974.
QPolygonF clipPolygon(QPolygonF polygon, const QRectF& clip)
{
    for (const Edge& edge : edgesOf(clip)) {
        QPolygonF kept;
        for (qsizetype i = 0; i < polygon.size(); ++i) {
            const QPointF& from = polygon[i];
            const QPointF& to = polygon[(i + 1) % polygon.size()];
            const bool in = edge.depth(from) >= 0, next = edge.depth(to) >= 0;
            if (in)
                kept.append(from);
            if (in != next)
                kept.append(edge.cut(from, to));
        }
        polygon = std::move(kept);
    }
    return polygon;
}

/// The parts of a line that lie inside, in order.
QList<QPolygonF> clipPolyline(const QPolygonF& line, const QRectF& clip)
{
    QList<QPolygonF> parts;
    QPolygonF part;
    const auto flush = [&] {
        if (part.size() > 1)
            parts.append(part);
        part.clear();
    };
    for (qsizetype i = 0; i + 1 < line.size(); ++i) {
        QPointF a = line[i], b = line[i + 1];
        bool visible = true;
        for (const Edge& edge : edgesOf(clip)) {
            const bool in = edge.depth(a) >= 0, next = edge.depth(b) >= 0;
            if (!in && !next) {
                visible = false;
                break;
            }
            if (in != next)
                (in ? b : a) = edge.cut(a, b);
        }
        if (!visible) {
            flush();
            continue;
        }
        if (part.isEmpty() || part.last() != a) {
            flush();
            part.append(a);
        }
        part.append(b);
    }
    flush();
    return parts;
}

QString pathData(const QPolygonF& points, bool closed)
{
    QString data;
    for (const QPointF& p : points)
        data += (data.isEmpty() ? QLatin1String("M") : QLatin1String("L")) + number(p.x()) + QLatin1Char(' ') + number(p.y());
    return closed ? data + QLatin1Char('Z') : data;
}

QString colorAttributes(const char* name, const QColor& color, double opacity)
{
    QString text = QStringLiteral(" %1=\"%2\"").arg(QLatin1String(name), color.name());
    const double alpha = color.alphaF() * opacity;
    if (alpha < 0.999)
        text += QStringLiteral(" %1-opacity=\"%2\"").arg(QLatin1String(name), QString::number(alpha, 'g', 3));
    return text;
}

} // namespace

class SvgEngine : public QPaintEngine {
public:
    SvgEngine()
        : QPaintEngine(PaintEngineFeatures(AllFeatures & ~PaintEngineFeatures(PatternBrush | PerspectiveTransform |
                                                                              ConicalGradientFill | LinearGradientFill |
                                                                              RadialGradientFill | PorterDuff | MaskedBrush)))
    {
    }
    bool begin(QPaintDevice*) override { return true; }
    bool end() override { return true; }
    Type type() const override { return User; }

    void updateState(const QPaintEngineState& state) override
    {
        const auto dirty = state.state();
        if (dirty & DirtyTransform)
            m_transform = state.transform();
        if (dirty & DirtyPen)
            m_pen = state.pen();
        if (dirty & DirtyBrush)
            m_brush = state.brush();
        if (dirty & DirtyFont)
            m_font = state.font();
        if (dirty & DirtyOpacity)
            m_opacity = state.opacity();
        if (dirty & (DirtyClipRegion | DirtyClipPath | DirtyClipEnabled))
            clip();
    }

    void drawPath(const QPainterPath& path) override
    {
        const QPainterPath mapped = m_transform.map(path);
        if (m_brush.style() != Qt::NoBrush) {
            QString data;
            for (const QPolygonF& part : mapped.toSubpathPolygons())
                if (const QPolygonF kept = clipPolygon(opened(part), clip()); kept.size() > 2)
                    data += pathData(kept, true);
            writeFill(data, path.fillRule());
        }
        for (const QPolygonF& part : mapped.toSubpathPolygons())
            writeStroke(part);
    }
    void drawPolygon(const QPointF* points, int count, PolygonDrawMode mode) override
    {
        QPolygonF polygon = m_transform.map(QPolygonF(QList<QPointF>(points, points + count)));
        if (mode != PolylineMode && m_brush.style() != Qt::NoBrush)
            if (const QPolygonF kept = clipPolygon(polygon, clip()); kept.size() > 2)
                writeFill(pathData(kept, true), mode == WindingMode ? Qt::WindingFill : Qt::OddEvenFill);
        if (mode != PolylineMode && !polygon.isEmpty())
            polygon.append(polygon.first());
        writeStroke(polygon);
    }
    void drawRects(const QRectF* rects, int count) override
    {
        for (int i = 0; i < count; ++i) {
            const QPointF corners[] = {rects[i].topLeft(), rects[i].topRight(), rects[i].bottomRight(), rects[i].bottomLeft()};
            drawPolygon(corners, 4, ConvexMode);
        }
    }
    void drawLines(const QLineF* lines, int count) override
    {
        for (int i = 0; i < count; ++i)
            writeStroke(m_transform.map(QPolygonF({lines[i].p1(), lines[i].p2()})));
    }
    void drawPixmap(const QRectF& target, const QPixmap& pixmap, const QRectF& source) override
    {
        drawImage(target, pixmap.toImage(), source, Qt::AutoColor);
    }
    void drawImage(const QRectF& target, const QImage& image, const QRectF& source, Qt::ImageConversionFlags) override;
    void drawTextItem(const QPointF& at, const QTextItem& item) override;

    QByteArray body() const { return m_group.isEmpty() ? m_body : m_body + "</g>\n"; }

private:
    QRectF page() const { return {0, 0, double(paintDevice()->width()), double(paintDevice()->height())}; }
    /// In device units. A rotated painter knows only the box around its clip, so that keeps the rectangle it had before.
    QRectF clip()
    {
        if (!painter()->hasClipping())
            m_clip = page();
        else if (m_transform.type() <= QTransform::TxScale)
            m_clip = m_transform.mapRect(painter()->clipBoundingRect()) & page();
        return m_clip;
    }
    /// Elements under one clip stand in one group that names it: "left top right bottom", in points.
    void write(const QString& element)
    {
        const QRectF r = clip();
        const QString group =
            r == page()
                ? QString()
                : QStringLiteral("%1 %2 %3 %4").arg(number(r.left()), number(r.top()), number(r.right()), number(r.bottom()));
        if (group != m_group) {
            if (!m_group.isEmpty())
                m_body += "</g>\n";
            if (!group.isEmpty())
                m_body += QStringLiteral("<g data-clip=\"%1\">\n").arg(group).toUtf8();
            m_group = group;
        }
        m_body += element.toUtf8();
    }
    static QPolygonF opened(QPolygonF polygon)
    {
        if (polygon.size() > 1 && polygon.isClosed())
            polygon.removeLast();
        return polygon;
    }
    void writeFill(const QString& data, Qt::FillRule rule)
    {
        if (data.isEmpty())
            return;
        write(QStringLiteral("<path d=\"%1\"%2%3/>\n")
                  .arg(data, colorAttributes("fill", m_brush.color(), m_opacity),
                       rule == Qt::OddEvenFill ? QStringLiteral(" fill-rule=\"evenodd\"") : QString()));
    }
    void writeStroke(const QPolygonF& line);

    QTransform m_transform;
    QRectF m_clip;
    QPen m_pen;
    QBrush m_brush;
    QFont m_font;
    double m_opacity = 1;
    QByteArray m_body;
    QString m_group; ///< the clip of the open group, "" = none
};

void SvgEngine::writeStroke(const QPolygonF& line)
{
    if (m_pen.style() == Qt::NoPen || m_pen.color().alpha() == 0)
        return;
    QString data;
    for (const QPolygonF& part : clipPolyline(line, clip()))
        data += pathData(part, false);
    if (data.isEmpty())
        return;
    const double scale = m_pen.isCosmetic() ? 1 : std::sqrt(std::abs(m_transform.determinant()));
    const double width = std::max(m_pen.widthF(), 0.1) * scale;
    QString attributes =
        colorAttributes("stroke", m_pen.color(), m_opacity) + QStringLiteral(" stroke-width=\"%1\"").arg(number(width));
    if (m_pen.style() != Qt::SolidLine) {
        QStringList dashes;
        for (const double dash : m_pen.dashPattern())
            dashes += number(dash * width);
        attributes += QStringLiteral(" stroke-dasharray=\"%1\"").arg(dashes.join(QLatin1Char(' ')));
    }
    if (m_pen.joinStyle() == Qt::RoundJoin)
        attributes += QStringLiteral(" stroke-linejoin=\"round\"");
    if (m_pen.capStyle() == Qt::RoundCap)
        attributes += QStringLiteral(" stroke-linecap=\"round\"");
    write(QStringLiteral("<path d=\"%1\" fill=\"none\"%2/>\n").arg(data, attributes));
}

void SvgEngine::drawImage(const QRectF& target, const QImage& image, const QRectF& source, Qt::ImageConversionFlags)
{
    const QRectF whole = m_transform.mapRect(target), shown = whole & clip();
    if (shown.isEmpty() || whole.isEmpty())
        return;
    // Whole source pixels that touch the clip; what sticks out of it by less than a pixel is cut from the picture's rectangle.
    const double sx = source.width() / whole.width(), sy = source.height() / whole.height();
    const QRectF part(source.left() + (shown.left() - whole.left()) * sx, source.top() + (shown.top() - whole.top()) * sy,
                      shown.width() * sx, shown.height() * sy);
    const QRect pixels(QPoint(int(std::floor(part.left() + 1e-6)), int(std::floor(part.top() + 1e-6))),
                       QPoint(int(std::ceil(part.right() - 1e-6)) - 1, int(std::ceil(part.bottom() - 1e-6)) - 1));
    QByteArray png;
    QBuffer buffer(&png);
    buffer.open(QIODevice::WriteOnly);
    // Coarse pictures are enlarged here, pixel by pixel, to 600 dots per inch: a viewer would smooth them.
    QImage cells = image.copy(pixels & image.rect());
    const QSize dots = (shown.size() * 600 / kUnitsPerInch).toSize().expandedTo(cells.size());
    cells.scaled(dots, Qt::IgnoreAspectRatio, Qt::FastTransformation).save(&buffer, "PNG");
    write(QStringLiteral("<image x=\"%1\" y=\"%2\" width=\"%3\" height=\"%4\" preserveAspectRatio=\"none\" "
                         "style=\"image-rendering:pixelated\" xlink:href=\"data:image/png;base64,%5\"/>\n")
              .arg(number(shown.left()), number(shown.top()), number(shown.width()), number(shown.height()),
                   QString::fromLatin1(png.toBase64())));
}

void SvgEngine::drawTextItem(const QPointF& at, const QTextItem& item)
{
    const QString text = item.text();
    if (text.trimmed().isEmpty())
        return;
    const QPointF place = m_transform.map(at);
    if (!clip().contains(place))
        return;
    const QFont font = item.font();
    const double angle = std::atan2(m_transform.m12(), m_transform.m11()) * 180 / M_PI;
    const double scale = std::sqrt(std::abs(m_transform.determinant()));
    const double size = (font.pixelSize() > 0 ? font.pixelSize() : font.pointSizeF() * kUnitsPerPoint) * scale;
    QString attributes = QStringLiteral(" x=\"%1\" y=\"%2\"").arg(number(place.x()), number(place.y()));
    if (std::abs(angle) > 0.01)
        attributes += QStringLiteral(" transform=\"rotate(%1 %2 %3)\"")
                          .arg(QString::number(angle, 'g', 5), number(place.x()), number(place.y()));
    attributes += QStringLiteral(" font-family=\"%1, sans-serif\" font-size=\"%2\"").arg(escaped(font.family()), number(size));
    if (font.bold())
        attributes += QStringLiteral(" font-weight=\"bold\"");
    if (font.italic())
        attributes += QStringLiteral(" font-style=\"italic\"");
    write(QStringLiteral("<text%1%2 xml:space=\"preserve\">%3</text>\n")
              .arg(attributes, colorAttributes("fill", m_pen.color(), m_opacity), escaped(text)));
}

SvgDevice::SvgDevice(QSizeF inches, QString title, std::map<std::string, std::string> manifest)
    : m_inches(inches), m_title(std::move(title)), m_manifest(std::move(manifest)), m_engine(std::make_unique<SvgEngine>())
{
}

SvgDevice::~SvgDevice() = default;

QPaintEngine* SvgDevice::paintEngine() const { return m_engine.get(); }

int SvgDevice::metric(PaintDeviceMetric metric) const
{
    switch (metric) {
    case PdmWidth:
        return qRound(m_inches.width() * kUnitsPerInch);
    case PdmHeight:
        return qRound(m_inches.height() * kUnitsPerInch);
    case PdmWidthMM:
        return qRound(m_inches.width() * 25.4);
    case PdmHeightMM:
        return qRound(m_inches.height() * 25.4);
    case PdmDpiX:
    case PdmDpiY:
    case PdmPhysicalDpiX:
    case PdmPhysicalDpiY:
        return qRound(kUnitsPerInch);
    case PdmNumColors:
        return 1 << 24;
    case PdmDepth:
        return 24;
    case PdmDevicePixelRatio:
        return 1;
    case PdmDevicePixelRatioScaled:
        return qRound(devicePixelRatioFScale());
    default:
        return QPaintDevice::metric(metric);
    }
}

QByteArray SvgDevice::svg() const
{
    QString head =
        QStringLiteral("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
                       "<svg xmlns=\"http://www.w3.org/2000/svg\" xmlns:xlink=\"http://www.w3.org/1999/xlink\" version=\"1.1\" "
                       "width=\"%1in\" height=\"%2in\" viewBox=\"0 0 %3 %4\">\n<title>%5</title>\n<metadata>\n"
                       "<winnow:manifest xmlns:winnow=\"urn:winnow:manifest\">\n")
            .arg(QString::number(m_inches.width(), 'g', 6), QString::number(m_inches.height(), 'g', 6),
                 number(m_inches.width() * kUnitsPerInch), number(m_inches.height() * kUnitsPerInch), escaped(m_title));
    for (const auto& [key, value] : m_manifest)
        head += QStringLiteral("<winnow:entry key=\"%1\">%2</winnow:entry>\n")
                    .arg(escaped(QString::fromStdString(key)), escaped(QString::fromStdString(value)));
    head += QLatin1String("</winnow:manifest>\n</metadata>\n");
    return head.toUtf8() + m_engine->body() + "</svg>\n";
}

} // namespace winnow::views
