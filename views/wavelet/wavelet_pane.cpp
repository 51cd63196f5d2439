// SPDX-License-Identifier: GPL-3.0-or-later
#include "views/wavelet/wavelet_pane.h"

#include "views/plot/number_words.h"
#include "views/state/lane_choice.h"
#include "views/state/map_zoom.h"
#include "views/style/dock_style.h"
#include "views/wavelet/wavelet_axes.h"
#include "views/wavelet/wavelet_marks.h"

#include <QFocusEvent>
#include <QKeyEvent>
#include <QMouseEvent>

#include <algorithm>
#include <cmath>

namespace winnow::views {

namespace {

constexpr Margins kMargins{.left = 64, .top = 20, .right = 8, .bottom = 38};
constexpr double kEnergyWidth = 92, kRoomForEnergies = 340;
constexpr double kFlatDrag = 4; ///< a drag over a scalogram no higher than this brushes tokens only

bool isMove(const QKeyEvent& key)
{
    const bool plain = !(key.modifiers() & ~(Qt::ShiftModifier | Qt::KeypadModifier));
    return plain &&
           (key.key() == Qt::Key_Left || key.key() == Qt::Key_Right || key.key() == Qt::Key_Up || key.key() == Qt::Key_Down);
}

BrushGround groundOf(const WaveletScene& scene)
{
    BrushGround ground;
    if (!scene.content.picture)
        return ground;
    const WaveletPicture& picture = *scene.content.picture;
    ground.owner = scene.content.picture;
    ground.scalogram = picture.scalogram.get();
    ground.bands = picture.brush ? &*picture.brush : nullptr;
    ground.firstPosition = picture.firstPosition();
    ground.carries = !scene.content.against;
    for (const BandRow& row : scene.rows)
        ground.rows.push_back({row.band, row.values});
    return ground;
}

} // namespace

WaveletPane::WaveletPane(Selection* selection, QWidget* parent)
    : ChartPlot(selection, parent), m_state(selection), m_rect(addChart(0, 0, AxisRole::Token, AxisRole::None, kMargins))
{
    setAccessibleName(QObject::tr("Wavelet picture"));
    setFocusPolicy(Qt::StrongFocus);
    setMinimumSize(160, 90);
    setCells(m_rect, true);
    for (const auto type : {QCPAxis::atBottom, QCPAxis::atLeft}) { // drawn by hand, as those of the maps
        m_rect->axis(type)->setTicks(false);
        m_rect->axis(type)->setTickLabels(false);
    }
    new PlotPainter(this, QStringLiteral("grid"), m_rect, [this](QCPPainter* painter) { drawPicture(painter); });
    new PlotPainter(this, QStringLiteral("axes"), nullptr, [this](QCPPainter* painter) {
        if (isShown())
            drawWaveletAxes(painter, place(), style());
    });
    new PlotPainter(this, QStringLiteral("overlay"), nullptr, [this](QCPPainter* painter) { drawMarks(painter); });
    setReadout(
        m_rect, [this](QPointF at) { return isShown() ? pointWords(m_scene, at) : QString(); }, true);
    connect(selection, &Selection::left, this, [this] {
        m_regionFrom.reset();
        m_brush.setPeriods({});
        m_brush.setRow({});
        for (std::optional<int>* of : {&m_anchor, &m_scale, &m_scaleAnchor})
            of->reset();
    });
}

void WaveletPane::setContent(WaveletContent content, const ViewData& data)
{
    const bool compares = content.against != nullptr;
    m_scene.rows = content.picture ? comparedRows(*content.picture, compares) : std::vector<BandRow>();
    m_scene.rowsAgainst = compares ? comparedRows(*content.against, true) : std::vector<BandRow>();
    m_scene.content = std::move(content);
    m_scene.data = data;
    m_brush.setGround(groundOf(m_scene));
    relayout();
    setAccessibleDescription(sentence());
}

void WaveletPane::clear() { setContent({}, {}); }

void WaveletPane::relayout()
{
    placeMargins();
    layOut();
    setRanges();
    renderScalogram();
    replot(QCustomPlot::rpQueuedReplot);
}

/// Room for token labels where tokens are wide, as in the maps; for a title; for energies.
void WaveletPane::placeMargins()
{
    const PlotStyle& look = style();
    const QFontMetricsF metrics(look.tick);
    const double line = metrics.height();
    const Zoom zoom = fullZoom(m_state->state().zoom, m_scene.tokens());
    m_scene.energies = width() >= look.px(kRoomForEnergies);
    const int right = m_scene.energies && m_scene.content.picture ? look.px(kEnergyWidth) : look.px(kMargins.right);
    double bottom = std::max<double>(look.px(kMargins.bottom), 2 * line + 8);
    const double across = width() - look.px(kMargins.left) - right;
    if (zoom.tokenEnd > zoom.tokenBegin && across / (zoom.tokenEnd - zoom.tokenBegin) >= kLabelledToken) {
        double longest = 0;
        for (int token = static_cast<int>(zoom.tokenBegin); token < std::min<double>(m_scene.tokens(), zoom.tokenEnd); ++token)
            longest = std::max(longest, metrics.horizontalAdvance(tokenLabel(m_scene.data, token)));
        bottom += longest + 4;
    }
    const double top = line + 6 + (m_scene.content.title.isEmpty() ? 0 : QFontMetricsF(look.label).height() + 2);
    m_rect->setMargins(QMargins(look.px(kMargins.left), qCeil(top), right, qCeil(bottom)));
}

void WaveletPane::setRanges()
{
    if (!m_scene.content.picture)
        return;
    const WaveletPicture& picture = *m_scene.content.picture;
    const Zoom& zoom = m_state->state().zoom;
    std::pair<double, double> across{0, m_scene.tokens()};
    if (!zoom.isEmpty())
        across = {zoom.tokenBegin, zoom.tokenEnd};
    else if (picture.choice.paper)
        across = {picture.firstPosition(), picture.firstPosition() + picture.positions()};
    m_rect->axis(QCPAxis::atBottom)->setRange(across.first, across.second);
    QCPAxis* y = m_rect->axis(QCPAxis::atLeft);
    y->setRangeReversed(true);
    if (picture.scalogram) {
        const ScalogramGeometry down = scalogramGeometry(*picture.scalogram, area(), 0, 1);
        y->setRange(std::log2(down.shortest), std::log2(down.longest));
    } else {
        y->setRange(0, std::max<double>(1, static_cast<double>(m_scene.rows.size())));
    }
}

/// Where things stand now.
const WaveletScene& WaveletPane::place()
{
    const QCPRange across = m_rect->axis(QCPAxis::atBottom)->range();
    m_scene.area = area();
    m_scene.size = size();
    m_scene.tokenBegin = across.lower;
    m_scene.tokenEnd = across.upper;
    return m_scene;
}

StackGeometry WaveletPane::stack() { return place().stack(); }
ScalogramGeometry WaveletPane::scalogram() { return place().scalogram(); }

const WaveletBrush& WaveletPane::brush()
{
    const auto& range = m_state->state().tokenRange;
    m_brush.setRange(range && isShown() ? std::optional(std::pair(range->begin, range->end)) : std::nullopt);
    return m_brush;
}

QString WaveletPane::carrierWords() { return views::carrierWords(m_scene, brush(), m_state->state().tokenRange); }

void WaveletPane::renderScalogram()
{
    m_image = {};
    if (!m_scene.content.picture || !m_scene.content.picture->scalogram || area().isEmpty())
        return;
    const TokenScalogram& power = *m_scene.content.picture->scalogram;
    if (m_scene.content.against && m_scene.content.against->scalogram) {
        m_image =
            scalogramDifference(power, *m_scene.content.against->scalogram, scalogram(), style().theme, devicePixelRatioF());
        return;
    }
    const PowerScale scale = m_scene.content.scale == RowScale::Log      ? PowerScale::Log
                             : m_scene.content.scale == RowScale::Linear ? PowerScale::Linear
                                                                         : PowerScale::Own;
    m_image = scalogramImage(power, scalogram(), scale, m_scene.content.largestPower, style().theme, devicePixelRatioF());
}

void WaveletPane::setMarkedRow(std::optional<int> row)
{
    if (!m_brush.setRow(row))
        return;
    setAccessibleDescription(sentence());
    replotOverlay();
}

void WaveletPane::setWorking(double fraction)
{
    if (fraction == m_working)
        return;
    m_working = fraction;
    replotOverlay();
}

// --- input

bool WaveletPane::event(QEvent* event)
{
    if (event->type() == QEvent::ShortcutOverride && isShown() && !m_byMouse && isMove(*static_cast<QKeyEvent*>(event))) {
        event->accept();
        return true;
    }
    return ChartPlot::event(event);
}

void WaveletPane::keyPressEvent(QKeyEvent* event)
{
    if (!isShown() || !isMove(*event)) {
        ChartPlot::keyPressEvent(event);
        return;
    }
    const bool down = event->key() == Qt::Key_Down;
    if (down || event->key() == Qt::Key_Up) {
        if (m_scene.rows.empty()) {
            movePeriods(down ? 1 : -1, event->modifiers() & Qt::ShiftModifier);
            return;
        }
        const int last = static_cast<int>(m_scene.rows.size()) - 1;
        setMarkedRow(m_brush.row() ? std::clamp(*m_brush.row() + (down ? 1 : -1), 0, last) : down ? 0 : last);
        if (m_chosen)
            m_chosen();
        return;
    }
    moveCursor(event->key() == Qt::Key_Right ? 1 : -1, event->modifiers() & Qt::ShiftModifier);
}

/// The cursor is the chosen token; with Shift the brush from where it was.
void WaveletPane::moveCursor(int by, bool extend)
{
    const SelectionState& state = m_state->state();
    const int from = state.token.value_or(std::min(state.step, m_scene.content.picture->step()));
    const int to = std::clamp(state.token ? from + by : from, 0, std::max(0, m_scene.tokens() - 1));
    if (!extend)
        m_anchor.reset();
    else if (!m_anchor)
        m_anchor = from;
    m_state->setToken(to);
    if (m_anchor)
        m_state->setTokenRange(Range{std::min(*m_anchor, to), std::max(*m_anchor, to) + 1});
    setAccessibleDescription(sentence());
}

void WaveletPane::focusInEvent(QFocusEvent* event)
{
    ChartPlot::focusInEvent(event);
    m_byKeyboard = event->reason() == Qt::TabFocusReason || event->reason() == Qt::BacktabFocusReason ||
                   event->reason() == Qt::ShortcutFocusReason;
    replotOverlay();
}

void WaveletPane::focusOutEvent(QFocusEvent* event)
{
    ChartPlot::focusOutEvent(event);
    m_byKeyboard = m_byMouse = false;
    replotOverlay();
}

void WaveletPane::mousePressEvent(QMouseEvent* event)
{
    m_byMouse = true;
    m_byKeyboard = false;
    m_anchor.reset();
    m_regionFrom.reset();
    if (isShown() && event->button() == Qt::LeftButton && area().contains(event->position())) {
        setMarkedRow(m_scene.rows.empty() ? std::nullopt : std::optional(stack().rowAt(event->position().y())));
        if (m_scene.content.picture->scalogram && !(event->modifiers() & Qt::ShiftModifier))
            m_regionFrom = event->position();
        if (m_chosen)
            m_chosen();
    }
    ChartPlot::mousePressEvent(event);
}

/// The token range is the plot's; the periods between press and pointer belong to it.
void WaveletPane::mouseMoveEvent(QMouseEvent* event)
{
    if (m_regionFrom && isShown() && m_scene.content.picture->scalogram) {
        const double from = m_regionFrom->y(), to = std::clamp(event->position().y(), area().top(), area().bottom());
        const ScalogramGeometry down = scalogram();
        m_scale.reset();
        m_scaleAnchor.reset();
        if (std::abs(to - from) >= kFlatDrag)
            setPeriods(std::pair{down.period(std::min(from, to)), down.period(std::max(from, to))});
        else
            setPeriods({});
    }
    ChartPlot::mouseMoveEvent(event);
    if (m_regionFrom && m_chosen)
        m_chosen();
}

void WaveletPane::mouseReleaseEvent(QMouseEvent* event)
{
    m_regionFrom.reset();
    ChartPlot::mouseReleaseEvent(event);
}

/// A scale, or with Shift all from where it was.
void WaveletPane::movePeriods(int by, bool extend)
{
    const TokenScalogram& power = *m_scene.content.picture->scalogram;
    if (power.scales < 1)
        return;
    m_scale = m_scale ? std::clamp(*m_scale + by, 0, power.scales - 1) : by > 0 ? 0 : power.scales - 1;
    if (!extend || !m_scaleAnchor)
        m_scaleAnchor = m_scale;
    const auto [first, last] = std::minmax(*m_scale, *m_scaleAnchor);
    setPeriods(std::pair{power.period[static_cast<std::size_t>(first)], power.period[static_cast<std::size_t>(last)]});
    if (m_chosen)
        m_chosen();
}

void WaveletPane::setPeriods(Periods periods)
{
    if (!m_brush.setPeriods(periods))
        return;
    setAccessibleDescription(sentence());
    replotOverlay();
}

// --- drawing

void WaveletPane::drawPicture(QCPPainter* painter)
{
    if (!m_rect->visible())
        return;
    if (!m_scene.content.picture) { // not computed yet: hatched, never zero
        drawHatch(painter, area(), style());
        return;
    }
    const WaveletPicture& picture = *m_scene.content.picture;
    if (picture.scalogram) {
        painter->drawImage(area(), m_image);
        const double first = picture.firstPosition(), end = first + picture.positions(); // sinks and newest tokens are left out
        for (const auto& [from, to] : {std::pair(0.0, first), std::pair(end, picture.step() + 1.0)})
            drawHatch(painter, QRectF(QPointF(stack().x(from), area().top()), QPointF(stack().x(to), area().bottom())) & area(),
                      style());
        drawCone(painter, *picture.scalogram, scalogram(), style());
        if (!m_scene.content.against)
            drawRidges(painter, *picture.scalogram, scalogram(), style());
        return;
    }
    const StackGeometry geometry = stack();
    const int hide = hiddenPositions(picture);
    if (m_scene.content.against)
        drawBandDifference(painter, geometry, m_scene.rows, m_scene.rowsAgainst, picture.firstPosition(), hide, style(),
                           devicePixelRatioF());
    else
        drawBands(painter, geometry, m_scene.rows, picture.firstPosition(), hide, m_scene.content.magnitudes, style(),
                  devicePixelRatioF());
    const double first = picture.firstPosition(), end = first + picture.positions();
    for (const auto& [from, to] : {std::pair(first, first + hide), std::pair(end - hide, end)})
        drawHatch(painter, QRectF(QPointF(geometry.x(from), area().top()), QPointF(geometry.x(to), area().bottom())) & area(),
                  style());
}

/// What the brush marks, progress and the focus ring: all that changes without new numbers.
void WaveletPane::drawMarks(QCPPainter* painter)
{
    const PlotStyle& look = style();
    painter->setAntialiasing(false);
    if (m_working >= 0 && m_rect->visible())
        painter->fillRect(QRectF(area().left(), area().top(), area().width() * std::clamp(m_working, 0.02, 1.0), 2),
                          accentOf(look.theme));
    if (!isShown())
        return;
    if (m_byKeyboard)
        drawFocusRing(*painter, rect(), look.theme);
    drawWaveletMarks(painter, place(), brush(), m_state->state().tokenRange, look);
}

QString WaveletPane::sentence() { return isShown() ? brushSentence(m_scene, brush(), m_state->state()) : QString(); }

} // namespace winnow::views
