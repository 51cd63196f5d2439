#include "views/map_panel.h"

#include "views/lane_choice.h"

#include <QFontMetricsF>

#include <algorithm>
#include <cmath>

namespace winnow::views {

namespace {

constexpr double kLabelledToken = 14; ///< tokens at least this wide get their text
constexpr int kMargin = 6;

QColor veil(const Theme& theme, double share)
{
    QColor color = theme.page;
    color.setAlphaF(static_cast<float>(share));
    return color;
}

/// Text of one line whose `flags` say where in `rect` it stands; never larger than the rectangle.
void drawText(QCPPainter* painter, const QRectF& rect, int flags, const QString& text)
{
    const QFontMetricsF metrics(painter->font());
    painter->drawText(rect, flags | Qt::TextSingleLine, metrics.elidedText(text, Qt::ElideRight, rect.width() + 1));
}

const PolicyReplay& policyOf(const MapScene& scene, const MapPanel& panel)
{
    return *scene.data.replay->policies[static_cast<std::size_t>(panel.policy)];
}

} // namespace

QMargins panelMargins(const MapScene& scene, int outerWidth)
{
    const QFontMetricsF metrics(uiFont(11));
    const int label = static_cast<int>(std::ceil(metrics.horizontalAdvance(grouped(std::max(1000, scene.tokens)))));
    const int gutter = MapGeometry::kSinkWidth * scene.sinks + MapGeometry::kGutterGap;
    const int left = std::max(40, label + 8) + gutter;
    const int bottom = std::max(22, 7 + static_cast<int>(std::ceil(metrics.height())));
    const QMargins margins(left, 6, 8, bottom);
    const Zoom zoom = fullZoom(scene.selection->state().zoom, scene.tokens);
    if ((outerWidth - left - 8) / (zoom.tokenEnd - zoom.tokenBegin) < kLabelledToken)
        return margins;
    double longest = 0;
    for (int token = static_cast<int>(zoom.tokenBegin); token < std::min<double>(scene.tokens, zoom.tokenEnd); ++token)
        longest = std::max(longest, metrics.horizontalAdvance(tokenLabel(scene.data, token)));
    return {left, 6, 8, bottom + static_cast<int>(std::ceil(longest)) + 4};
}

PanelFrame::PanelFrame(QCustomPlot* plot, const MapScene& scene, MapPanel& panel)
    : QCPLayerable(plot, QStringLiteral("axes")), m_scene(scene), m_panel(panel)
{
}

void PanelFrame::applyDefaultAntialiasingHint(QCPPainter* painter) const { painter->setAntialiasing(false); }

void PanelFrame::draw(QCPPainter* painter)
{
    painter->setFont(uiFont(11));
    drawTokenAxis(painter);
    drawStepAxis(painter);
    drawPromptEnd(painter);
    drawPlate(painter);
    drawState(painter);
}

void PanelFrame::drawTokenAxis(QCPPainter* painter) const
{
    const MapGeometry& geometry = m_panel.geometry;
    const QFontMetricsF metrics(painter->font());
    const double top = geometry.rug().bottom() + 1, bottom = geometry.outer.bottom() + 1.0;
    const double numbersTop = bottom - std::max(15.0, metrics.height());
    painter->setPen(m_scene.theme.muted);
    if (geometry.tokenWidth() >= kLabelledToken) {
        for (int token = static_cast<int>(std::ceil(geometry.zoom.tokenBegin - 0.5)); token < m_scene.tokens; ++token) {
            const double x = geometry.x(token + 0.5);
            if (x > geometry.map.left() + geometry.map.width())
                break;
            if (x < geometry.map.left())
                continue;
            painter->save();
            painter->translate(x, top);
            painter->rotate(90);
            painter->drawText(QRectF(2, -metrics.height() / 2, numbersTop - top, metrics.height()), Qt::AlignLeft | Qt::AlignVCenter | Qt::TextSingleLine,
                              tokenLabel(m_scene.data, token));
            painter->restore();
        }
    }
    const double widest = metrics.horizontalAdvance(grouped(m_scene.tokens));
    double taken = geometry.map.left() - 1.0;
    for (const int tick : axisTicks(geometry.zoom.tokenBegin, geometry.zoom.tokenEnd, geometry.map.width(), widest + 16)) {
        const QString text = grouped(tick);
        const double width = metrics.horizontalAdvance(text) + 1;
        const double left = std::min(geometry.x(tick) - width / 2, geometry.outer.right() - 1.0 - width); // the last one moves in
        if (left < taken && tick != 0)
            continue;
        painter->drawText(QRectF(left, numbersTop, width, bottom - numbersTop), Qt::AlignCenter | Qt::TextSingleLine, text);
        taken = left + width + 6;
    }
    const double title = metrics.horizontalAdvance(QStringLiteral("token")) + 1;
    painter->drawText(QRectF(geometry.map.left() - 12 - title, numbersTop, title, bottom - numbersTop), Qt::AlignCenter | Qt::TextSingleLine,
                      QStringLiteral("token"));
}

void PanelFrame::drawStepAxis(QCPPainter* painter) const
{
    const MapGeometry& geometry = m_panel.geometry;
    const QFontMetricsF metrics(painter->font());
    const double right = geometry.gutter().left() - 4, left = geometry.outer.left(), height = metrics.height();
    const double titleBottom = geometry.outer.bottom() + 1.0 - std::max(15.0, height);
    painter->setPen(m_scene.theme.muted);
    const double spacing = std::max(34.0, 2.4 * height);
    bool titled = false;
    for (const int tick : axisTicks(geometry.zoom.stepBegin, geometry.zoom.stepEnd, geometry.map.height(), spacing)) {
        double top = geometry.y(tick) - height / 2;
        top = std::clamp(top, static_cast<double>(geometry.outer.top()), titleBottom - height + 3);
        painter->drawText(QRectF(left, top, right - left, height), Qt::AlignRight | Qt::AlignVCenter | Qt::TextSingleLine, grouped(tick));
        if (!titled && top + 2 * height < titleBottom)
            painter->drawText(QRectF(left, top + height - 2, right - left, height), Qt::AlignRight | Qt::AlignVCenter | Qt::TextSingleLine,
                              QStringLiteral("step"));
        titled = true;
    }
}

void PanelFrame::drawPromptEnd(QCPPainter* painter) const
{
    const MapGeometry& geometry = m_panel.geometry;
    const int prompt = m_scene.data.replay->prompt;
    const int given = m_scene.data.info ? m_scene.data.info->prompt : 0;
    const auto line = [&](int step, const QString& word) {
        const double y = std::round(geometry.y(step));
        if (step <= 0 || step >= m_scene.tokens || y < geometry.map.top() || y > geometry.map.top() + geometry.map.height())
            return;
        QPen pen(m_scene.theme.muted, 1);
        pen.setDashPattern({4, 3});
        painter->setPen(pen);
        painter->drawLine(QLineF(geometry.map.left(), y, geometry.map.left() + geometry.map.width(), y));
        const QFontMetricsF metrics(painter->font());
        const double width = std::min(metrics.horizontalAdvance(word) + 1, geometry.map.width() - 2.0);
        const double top = y - metrics.height() > geometry.map.top() ? y - metrics.height() : y;
        painter->setPen(m_scene.theme.muted);
        drawText(painter, {geometry.map.left() + geometry.map.width() - 2 - width, top, width, metrics.height()}, Qt::AlignRight | Qt::AlignVCenter, word);
    };
    line(prompt, QStringLiteral("end of prompt"));
    if (given != prompt)
        line(given, QStringLiteral("generation"));
}

void PanelFrame::drawPlate(QCPPainter* painter)
{
    const MapGeometry& geometry = m_panel.geometry;
    const PolicyReplay& policy = policyOf(m_scene, m_panel);
    const QString name = QStringLiteral("%1 %2").arg(m_panel.policy + 1).arg(policyTitle(policy));
    QStringList lines{policy.byRule.everything ? QStringLiteral("all tokens") : grouped(policy.budget) + QStringLiteral(" slots")};
    lines << (m_panel.planes && m_panel.planes->mass ? QStringLiteral("mass %1").arg(*m_panel.planes->mass, 0, 'f', 3) : QStringLiteral("mass —"));
    if (!m_panel.state.tag.isEmpty())
        lines << m_panel.state.tag;

    const QFont bold = uiFont(13, true), small = uiFont(11);
    const QFontMetricsF nameMetrics(bold), metrics(small);
    double width = nameMetrics.horizontalAdvance(name);
    for (const QString& line : lines)
        width = std::max(width, metrics.horizontalAdvance(line));
    const double right = geometry.map.left() + geometry.map.width() - kMargin, top = geometry.map.top() + 2.0;
    const double height = nameMetrics.height() + metrics.height() * static_cast<double>(lines.size());
    const bool inTheFree = geometry.token(right - width) > geometry.step(top + height) && width + 2 * kMargin <= geometry.map.width();
    if (!inTheFree) { // zoomed or small: only the name, on nearly opaque ground
        width = std::min(nameMetrics.horizontalAdvance(name), geometry.map.width() - 2.0 * kMargin);
        const bool bare = geometry.token(right - width) > geometry.step(top + nameMetrics.height());
        if (!bare)
            painter->fillRect(QRectF(right - width - 4, top, width + 4 + kMargin, nameMetrics.height()), veil(m_scene.theme, 0.88));
    }
    m_panel.plate = QRectF(right - width - 4, top, width + 4 + kMargin, inTheFree ? height : nameMetrics.height());
    painter->setFont(bold);
    painter->setPen(m_scene.theme.ink);
    drawText(painter, {right - width, top, width, nameMetrics.height()}, Qt::AlignRight | Qt::AlignVCenter, name);
    painter->setFont(small);
    painter->setPen(m_scene.theme.muted);
    if (!inTheFree) {
        if (!m_panel.state.tag.isEmpty()) {
            const double tag = std::min(metrics.horizontalAdvance(m_panel.state.tag) + 1, geometry.map.width() - 2.0 * kMargin);
            const QRectF box(right - tag, top + nameMetrics.height(), tag, metrics.height());
            painter->fillRect(box.adjusted(-4, 0, kMargin, 0), veil(m_scene.theme, 0.88));
            drawText(painter, box, Qt::AlignRight | Qt::AlignVCenter, m_panel.state.tag);
        }
        return;
    }
    double y = top + nameMetrics.height();
    for (const QString& line : lines) {
        drawText(painter, {right - width, y, width, metrics.height()}, Qt::AlignRight | Qt::AlignVCenter, line);
        y += metrics.height();
    }
}

void PanelFrame::drawState(QCPPainter* painter) const
{
    const MapGeometry& geometry = m_panel.geometry;
    const PolicyReplay& policy = policyOf(m_scene, m_panel);
    double progress = m_panel.state.progress;
    if (progress < 0 && policy.stepsDone < policy.tokens)
        progress = static_cast<double>(policy.stepsDone) / policy.tokens;
    if (progress >= 0)
        painter->fillRect(QRectF(geometry.map.left(), geometry.map.top(), geometry.map.width() * std::min(1.0, progress), 2),
                          QColor::fromRgb(m_scene.theme.differenceThis));
    if (m_panel.state.problem.isEmpty())
        return;
    painter->setFont(uiFont(12));
    QRectF text(geometry.map.left() + 10, geometry.map.top(), geometry.map.width() - 16, geometry.map.height());
    const int flags = Qt::AlignLeft | Qt::AlignTop | Qt::TextWordWrap;
    text.setHeight(std::min<double>(geometry.map.height() - 8, QFontMetricsF(painter->font()).boundingRect(text, flags, m_panel.state.problem).height()));
    text.moveBottom(geometry.map.top() + geometry.map.height() - 4);
    const QRectF band = text.adjusted(-10, -4, 6, 4);
    painter->fillRect(band, veil(m_scene.theme, 0.92));
    painter->fillRect(QRectF(band.left(), band.top(), 3, band.height()), QColor::fromRgb(m_scene.theme.differenceReference));
    painter->setPen(m_scene.theme.ink);
    painter->drawText(text, flags, m_panel.state.problem);
}

PanelMarks::PanelMarks(QCustomPlot* plot, const MapScene& scene, const MapPanel& panel)
    : QCPLayerable(plot, QStringLiteral("overlay")), m_scene(scene), m_panel(panel)
{
}

void PanelMarks::applyDefaultAntialiasingHint(QCPPainter* painter) const { painter->setAntialiasing(false); }

void PanelMarks::draw(QCPPainter* painter)
{
    const MapGeometry& geometry = m_panel.geometry;
    const SelectionState& state = m_scene.selection->state();
    const Theme& theme = m_scene.theme;
    const double left = geometry.map.left(), right = left + geometry.map.width();
    const double top = geometry.map.top(), bottom = top + geometry.map.height();
    if (state.tokenRange)
        drawRange(painter, *state.tokenRange, Qt::Horizontal);
    if (state.stepRange)
        drawRange(painter, *state.stepRange, Qt::Vertical);
    if (state.token) {
        QPen pen(theme.ink, 1);
        pen.setDashPattern({3, 3});
        painter->setPen(pen);
        const double x = std::floor(geometry.x(*state.token + 0.5)) + 0.5;
        if (x >= left && x <= right)
            painter->drawLine(QLineF(x, topAt(x), x, bottom));
        if (*state.token < m_scene.sinks) {
            const double gutter = geometry.gutter().left() + (*state.token + 0.5) * MapGeometry::kSinkWidth;
            painter->drawLine(QLineF(gutter, top, gutter, bottom));
        }
    }
    const double y = geometry.y(state.step + 0.5);
    if (y >= top && y <= bottom) {
        painter->setAntialiasing(true);
        const double edge = std::clamp(y - 0.75, top, bottom - 1.5);
        painter->fillRect(QRectF(left, edge, right - left, 1.5), theme.ink);
        painter->fillRect(QRectF(geometry.gutter().left(), edge, geometry.gutter().width(), 1.5), theme.ink);
        painter->setAntialiasing(false);
    }
    for (const Span& span : state.spans)
        drawSpan(painter, span);
    const QColor blue = QColor::fromRgb(theme.differenceThis);
    if (m_scene.focusFrame && state.focus == m_panel.policy) {
        painter->setBrush(Qt::NoBrush);
        QPen pen(blue, 2);
        pen.setJoinStyle(Qt::MiterJoin);
        painter->setPen(pen);
        painter->drawRect(geometry.area().united(geometry.gutter()).united(geometry.rug()).adjusted(-2, -2, 2, 1));
    }
    if (m_scene.rubberBand) {
        const QRectF band(QPointF(geometry.x(m_scene.rubberBand->tokenBegin), geometry.y(m_scene.rubberBand->stepBegin)),
                          QPointF(geometry.x(m_scene.rubberBand->tokenEnd), geometry.y(m_scene.rubberBand->stepEnd)));
        const QRectF shown = band.normalized() & geometry.area();
        QColor fill = blue;
        fill.setAlphaF(0.12f);
        painter->fillRect(shown, fill);
        painter->setPen(QPen(blue, 1));
        painter->setBrush(Qt::NoBrush);
        painter->drawRect(shown);
    }
}

double PanelMarks::topAt(double x) const
{
    const bool behind = x >= m_panel.plate.left() && x <= m_panel.plate.right();
    return behind ? m_panel.plate.bottom() : m_panel.geometry.map.top();
}

void PanelMarks::drawRange(QCPPainter* painter, const Range& range, Qt::Orientation along) const
{
    const MapGeometry& geometry = m_panel.geometry;
    const bool tokens = along == Qt::Horizontal;
    const QRectF area = geometry.area();
    QRectF band = tokens ? QRectF(QPointF(geometry.x(range.begin), area.top()), QPointF(geometry.x(range.end), area.bottom()))
                         : QRectF(QPointF(area.left(), geometry.y(range.begin)), QPointF(area.right(), geometry.y(range.end)));
    QColor fill = m_scene.theme.ink;
    fill.setAlphaF(0.06f);
    const QRectF shown = band & area;
    if (!shown.isEmpty())
        painter->fillRect(shown, fill);
    QColor hair = m_scene.theme.ink;
    hair.setAlphaF(0.8f);
    painter->setPen(QPen(hair, 1));
    if (tokens)
        band.setTop(topAt(band.left()));
    const QLineF first = tokens ? QLineF(band.topLeft(), band.bottomLeft()) : QLineF(band.topLeft(), band.topRight());
    const QLineF second = tokens ? QLineF(band.right(), topAt(band.right()), band.right(), band.bottom()) : QLineF(band.bottomLeft(), band.bottomRight());
    for (const QLineF& line : {first, second})
        if (const auto part = clippedLine(line, area))
            painter->drawLine(*part);
}

void PanelMarks::drawSpan(QCPPainter* painter, const Span& span) const
{
    const MapGeometry& geometry = m_panel.geometry;
    const double areaLeft = geometry.map.left(), areaRight = areaLeft + geometry.map.width();
    double left = geometry.x(span.tokens.begin), right = geometry.x(span.tokens.end);
    if (right - left < 3) {
        const double middle = (left + right) / 2;
        left = middle - 1.5;
        right = middle + 1.5;
    }
    left = std::max(left, areaLeft);
    right = std::min(right, areaRight);
    if (right - left < 1)
        return;
    const QColor& ink = m_scene.theme.ink;
    const double top = geometry.map.top() - 4.0, below = geometry.rug().bottom();
    painter->fillRect(QRectF(left, top, right - left, 1.5), ink);
    painter->fillRect(QRectF(left, top, 1, 5), ink);
    painter->fillRect(QRectF(right - 1, top, 1, 5), ink);
    painter->fillRect(QRectF(left, below, right - left, 1.5), ink);
    painter->fillRect(QRectF(left, below - 5, 1, 5), ink);
    painter->fillRect(QRectF(right - 1, below - 5, 1, 5), ink);
    if (span.name.isEmpty())
        return;
    painter->setFont(uiFont(11));
    const QFontMetricsF metrics(painter->font());
    const double width = std::min({metrics.horizontalAdvance(span.name) + 1, 120.0, geometry.map.width() - 8.0});
    const double x = std::clamp(right + 4, areaLeft + 2, areaRight - width - 2);
    const QRectF box(x, geometry.map.top() + 1.0, width, metrics.height());
    painter->fillRect(box.adjusted(-2, 0, 2, 0), veil(m_scene.theme, 0.88));
    painter->setPen(ink);
    drawText(painter, box, Qt::AlignLeft | Qt::AlignVCenter, span.name);
}

} // namespace winnow::views
