// SPDX-License-Identifier: GPL-3.0-or-later
#include "views/maps/map_panel.h"

#include "views/state/lane_choice.h"
#include "views/style/counted.h"

#include <QFontMetricsF>

#include <algorithm>
#include <cmath>

namespace winnow::views {

namespace {

constexpr int kMargin = 6;
constexpr int kLeastName = 48; ///< pixels of a shortened name

const PolicyReplay& policyOf(const MapScene& scene, const MapPanel& panel)
{
    return *scene.data.replay->policies[static_cast<std::size_t>(panel.policy)];
}

/// "6 StreamingLLM, run" as "6 Strea…, run": what tells a run from its replay stays.
QString shortened(const QString& name, const QFont& font, double room)
{
    const QFontMetricsF metrics(font);
    const qsizetype comma = name.lastIndexOf(QLatin1Char(','));
    const QString end = comma < 0 ? QString() : name.mid(comma);
    return metrics.elidedText(name.left(name.size() - end.size()), Qt::ElideRight, room - metrics.horizontalAdvance(end)) + end;
}

} // namespace

QColor veil(const Theme& theme, double share)
{
    QColor color = theme.page;
    color.setAlphaF(static_cast<float>(share));
    return color;
}

void drawElided(QCPPainter* painter, const QRectF& rect, int flags, const QString& text)
{
    const QFontMetricsF metrics(painter->font());
    painter->drawText(rect, flags | Qt::TextSingleLine, metrics.elidedText(text, Qt::ElideRight, rect.width() + 1));
}

QMargins panelMargins(const MapScene& scene, int outerWidth, bool hasTokenAxis)
{
    const QFontMetricsF metrics(uiFont(11));
    const bool lanes = scene.rows() == MapRows::Lanes, tokens = scene.axis() == MapAxis::Token;
    const int label = static_cast<int>(std::ceil(metrics.horizontalAdvance(grouped(std::max(1000, scene.tokens)))));
    const int gutter = tokens ? MapGeometry::kSinkWidth * scene.sinks + MapGeometry::kGutterGap : 0;
    const int left = std::max(40, label + 8) + gutter, right = lanes ? 8 + MapGeometry::kSlotsGap + MapGeometry::kSlotsWidth : 8;
    const int bottom = hasTokenAxis ? std::max(22, 7 + static_cast<int>(std::ceil(metrics.height()))) : 4;
    const double name = QFontMetricsF(uiFont(13, true)).height();
    const int top = lanes          ? 2 + static_cast<int>(std::ceil(name))
                    : scene.titled ? 4 + static_cast<int>(std::ceil(name + metrics.height()))
                                   : 6;
    const QMargins margins(left, top, right, bottom);
    const Zoom zoom = fullZoom(scene.selection->state().zoom, scene.tokens);
    if (!tokens || !hasTokenAxis || (outerWidth - left - right) / (zoom.tokenEnd - zoom.tokenBegin) < kLabelledToken)
        return margins;
    double longest = 0;
    for (int token = static_cast<int>(zoom.tokenBegin); token < std::min<double>(scene.tokens, zoom.tokenEnd); ++token)
        longest = std::max(longest, metrics.horizontalAdvance(tokenLabel(scene.data, token)));
    return {left, top, right, bottom + static_cast<int>(std::ceil(longest)) + 4};
}

PanelFrame::PanelFrame(QCustomPlot* plot, const MapScene& scene, MapPanel& panel)
    : QCPLayerable(plot, QStringLiteral("axes")), m_scene(scene), m_panel(panel)
{
}

void PanelFrame::applyDefaultAntialiasingHint(QCPPainter* painter) const { painter->setAntialiasing(false); }

void PanelFrame::draw(QCPPainter* painter)
{
    painter->setFont(uiFont(11));
    drawAxes(painter);
    const Plate plate = layOutPlate();
    if (!m_panel.geometry.rowsAreLanes())
        drawPromptEnd(painter, plate);
    drawPlate(painter, plate);
    drawState(painter);
}

/// Whether the whole rectangle lies where tokens are not read yet: it may hold words.
bool PanelFrame::isFree(const QRectF& rect) const
{
    const MapGeometry& geometry = m_panel.geometry;
    if (geometry.distance) // the free corner is at the left, and narrows downward too
        return rect.right() <= geometry.xAt(0, geometry.stepAt(rect.bottom())) - 2;
    return rect.left() >= geometry.map.left() && geometry.token(rect.left()) > geometry.stepAt(rect.bottom());
}

/// Whether every line of the plate stands in the free triangle: it narrows downward, as the lines under the name do.
bool PanelFrame::isFree(const Plate& plate) const
{
    const bool atLeft = plate.alignment == Qt::AlignLeft;
    double bottom = plate.rect.top() + QFontMetricsF(plate.bold).height();
    const auto lineIsFree = [&](double words) {
        QRectF line(QPointF(plate.rect.right() - kMargin - 4 - words, plate.rect.top()), QPointF(plate.rect.right(), bottom));
        if (atLeft)
            line.moveLeft(plate.rect.left());
        return isFree(line);
    };
    bool free = lineIsFree(QFontMetricsF(plate.bold).horizontalAdvance(plate.name));
    const QFontMetricsF metrics(plate.small);
    for (const QString& line : plate.lines) {
        bottom += metrics.height();
        free = free && lineIsFree(metrics.horizontalAdvance(line));
    }
    return free;
}

/// Budget, mass, Jaccard with Difference, and what is going on.
QStringList PanelFrame::plateLines() const
{
    const PolicyReplay& policy = policyOf(m_scene, m_panel);
    static const PlateNumbers kNone;
    const PlateNumbers& numbers = m_panel.planes ? m_panel.planes->numbers : kNone;
    QString budget = policy.byRule.everything ? QStringLiteral("all tokens") : counted(policy.budget, QStringLiteral("slot"));
    if (numbers.stored && !policy.byRule.everything && std::abs(*numbers.stored - policy.budget) > 0.01 * policy.budget)
        budget += QStringLiteral(", stores ") + grouped(std::lround(*numbers.stored));
    if (m_scene.titled && budget.contains(QStringLiteral(", stores "))) // there is one line, and the mass belongs on it
        budget = budget.section(QStringLiteral(", "), 1);
    QStringList lines{budget, numbers.mass ? QStringLiteral("mass %1").arg(*numbers.mass, 0, 'f', 3) : QStringLiteral("mass —")};
    if (numbers.jaccard && m_panel.reference >= 0 && m_scene.titled)
        lines.removeLast(); // there is one line, and it is about the difference
    if (numbers.jaccard && m_panel.reference >= 0)
        lines << QStringLiteral("Jaccard %1").arg(*numbers.jaccard, 0, 'f', 2);
    if (!m_panel.state.tag.isEmpty())
        lines << m_panel.state.tag;
    return lines;
}

/// The plate's words, the most that the free triangle holds; without room only the name, on nearly opaque ground.
PanelFrame::Plate PanelFrame::layOutPlate() const
{
    const MapGeometry& geometry = m_panel.geometry;
    const PolicyReplay& policy = policyOf(m_scene, m_panel);
    QString name = QStringLiteral("%1 %2").arg(m_panel.policy + 1).arg(policyTitle(policy));
    if (m_panel.reference >= 0 && m_scene.maximizedDifference)
        name += QStringLiteral(" against %1").arg(m_panel.reference + 1);
    const QStringList lines = plateLines();
    const QFont small = uiFont(11);
    const QFontMetricsF metrics(small);
    const double right = geometry.map.left() + geometry.map.width() - kMargin, top = geometry.map.top() + 2.0;
    if (geometry.rowsAreLanes()) { // on one line with the name
        const QRectF above(geometry.gutter().left() - 4, geometry.outer.top() + 1,
                           geometry.map.left() + geometry.map.width() - geometry.gutter().left(),
                           geometry.map.top() - geometry.outer.top() - 2.0);
        return {name, {lines.join(QStringLiteral(", "))}, uiFont(13, true), small, above, false, Qt::AlignLeft, true};
    }
    if (m_scene.titled) {
        const QRectF above(geometry.gutter().left() - 4, geometry.outer.top() + 1,
                           geometry.outer.right() + 1 - geometry.gutter().left() + 4,
                           geometry.map.top() - geometry.outer.top() - 2.0);
        return {name, {lines.join(QStringLiteral(", "))}, uiFont(13, true), small, above, false, Qt::AlignLeft};
    }
    const auto placed = [&](const QFont& font, const QStringList& under, double most) {
        const QFontMetricsF bold(font);
        double width = bold.horizontalAdvance(name);
        for (const QString& line : under)
            width = std::max(width, metrics.horizontalAdvance(line));
        width = std::min(width, most);
        const double height = bold.height() + metrics.height() * static_cast<double>(under.size());
        if (geometry.distance)
            return Plate{name,  under,        font, small, QRectF(geometry.map.left(), top, width + 4 + kMargin, height),
                         false, Qt::AlignLeft};
        return Plate{name, under, font, small, QRectF(right - width - 4, top, width + 4 + kMargin, height)};
    };
    for (qsizetype skipped = 0; skipped <= lines.size(); ++skipped) {
        if (const Plate plate = placed(uiFont(m_scene.platePixels, true), lines.mid(skipped), 1e9); isFree(plate))
            return plate;
        const QString whole = name; // rather a shorter name than no numbers
        constexpr int kLeastPixels = 11;
        const QFont least = uiFont(kLeastPixels, true);
        for (double room = QFontMetricsF(least).horizontalAdvance(whole) + 1; room > kLeastName * fontScale(); room -= 4) {
            name = shortened(whole, least, room);
            Plate plate = placed(least, lines.mid(skipped), 1e9);
            plate.shortened = name != whole || kLeastPixels < m_scene.platePixels;
            if (isFree(plate))
                return plate;
        }
        name = whole;
    }
    const QStringList tag = m_panel.state.tag.isEmpty() ? QStringList() : QStringList(m_panel.state.tag);
    const double most = geometry.map.width() - 2.0 * kMargin;
    Plate plate = placed(uiFont(13, true), tag, most);
    if (QFontMetricsF(plate.bold).horizontalAdvance(name) > most)
        plate = placed(uiFont(11, true), tag, most);
    plate.veiled = true;
    return plate;
}

bool PanelFrame::hasRoomForAll() const
{
    const Plate plate = layOutPlate();
    return !plate.veiled && !plate.shortened && plate.lines.size() >= 2;
}

void PanelFrame::drawPromptEnd(QCPPainter* painter, const Plate& plate) const
{
    m_panel.words.clear();
    const int prompt = m_scene.data.replay->prompt;
    const int given = m_scene.data.info ? m_scene.data.info->prompt : 0;
    drawBoundary(painter, plate, prompt, {QStringLiteral("end of prompt"), QStringLiteral("prompt")});
    if (given != prompt)
        drawBoundary(painter, plate, given, {QStringLiteral("generation")});
}

/// A dashed line before `step`, with the first of `words` that has room beside the plate.
void PanelFrame::drawBoundary(QCPPainter* painter, const Plate& plate, int step, const QStringList& words) const
{
    const MapGeometry& geometry = m_panel.geometry;
    const double y = std::round(geometry.y(step)), left = geometry.map.left(), right = left + geometry.map.width();
    if (step <= 0 || step >= m_scene.tokens || y < geometry.map.top() || y > geometry.map.top() + geometry.map.height())
        return;
    QPen pen(m_scene.theme.muted, 1);
    pen.setDashPattern({4, 3});
    painter->setPen(pen);
    const bool behindPlate = y > plate.rect.top() && y < plate.rect.bottom();
    painter->drawLine(QLineF(left, y, behindPlate ? plate.rect.left() : right, y));
    const QFontMetricsF metrics(painter->font());
    painter->setPen(m_scene.theme.muted);
    for (const auto& [word, veiled] :
         {std::pair(words.front(), false), std::pair(words.back(), false), std::pair(words.front(), true),
          std::pair(words.back(), true)}) { // rather short than over cells
        const double width = metrics.horizontalAdvance(word) + 1;
        const QRectF above(right - 2 - width, y - metrics.height(), width, metrics.height()),
            below = above.translated(0, metrics.height() + 1);
        const QRectF beside = above.translated(plate.rect.left() - 4 - above.right(), 0);
        for (const QRectF& place : {above, below, beside}) {
            const bool inside = place.top() >= geometry.map.top() && place.left() >= left &&
                                place.bottom() <= geometry.map.top() + geometry.map.height();
            if (!inside || place.intersects(plate.rect))
                continue;
            const bool roomy = geometry.map.width() >= 2 * width && geometry.map.height() >= 5 * metrics.height();
            if (!isFree(place) && !(veiled && roomy)) // in a small panel it would hide what it stands for
                continue;
            if (!isFree(place))
                painter->fillRect(place.adjusted(-4, 0, 2, 0), veil(m_scene.theme, 0.88));
            painter->drawText(place, Qt::AlignRight | Qt::AlignVCenter | Qt::TextSingleLine, word);
            m_panel.words.push_back(place);
            return;
        }
    }
}

void PanelFrame::drawPlate(QCPPainter* painter, const Plate& plate)
{
    m_panel.plate = plate.rect;
    if (plate.veiled)
        painter->fillRect(plate.rect, veil(m_scene.theme, 0.88));
    const QRectF inner = plate.rect.adjusted(4, 0, -kMargin, 0);
    const double name = QFontMetricsF(plate.bold).height();
    const double words = QFontMetricsF(plate.bold).horizontalAdvance(plate.name) + 8;
    painter->setFont(plate.bold);
    painter->setPen(m_scene.theme.ink);
    drawElided(painter, {inner.left(), inner.top(), inner.width(), name}, plate.alignment | Qt::AlignVCenter, plate.name);
    painter->setFont(plate.small);
    painter->setPen(m_scene.theme.muted);
    const double pitch = QFontMetricsF(plate.small).height();
    if (plate.oneLine)
        return drawElided(painter, {inner.left() + words, inner.top(), inner.width() - words, name},
                          plate.alignment | Qt::AlignVCenter, plate.lines.join(QStringLiteral(", ")));
    for (qsizetype i = 0; i < plate.lines.size(); ++i)
        drawElided(painter, {inner.left(), inner.top() + name + pitch * static_cast<double>(i), inner.width(), pitch},
                   plate.alignment | Qt::AlignVCenter, plate.lines[i]);
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
    if (m_panel.state.problem.isEmpty() || !m_scene.problemsDrawn)
        return;
    painter->setFont(uiFont(12));
    QRectF text(geometry.map.left() + 10, geometry.map.top(), geometry.map.width() - 16, geometry.map.height());
    const int flags = Qt::AlignLeft | Qt::AlignTop | Qt::TextWordWrap;
    text.setHeight(std::min<double>(geometry.map.height() - 8,
                                    QFontMetricsF(painter->font()).boundingRect(text, flags, m_panel.state.problem).height()));
    text.moveBottom(geometry.map.top() + geometry.map.height() - 4);
    const QRectF band = text.adjusted(-10, -4, 6, 4);
    painter->fillRect(band, veil(m_scene.theme, 0.92));
    painter->fillRect(QRectF(band.left(), band.top(), 3, band.height()), QColor::fromRgb(m_scene.theme.differenceReference));
    painter->setPen(m_scene.theme.ink);
    painter->drawText(text, flags, m_panel.state.problem);
}

} // namespace winnow::views
