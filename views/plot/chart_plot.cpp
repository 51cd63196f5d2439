// SPDX-License-Identifier: GPL-3.0-or-later
#include "views/plot/chart_plot.h"

#include "views/state/map_zoom.h"
#include "views/style/dock_style.h"

#include <algorithm>
#include <cmath>

namespace winnow::views {

namespace {
constexpr double kClick = 4; // pixels; less is a click
} // namespace

ChartPlot::ChartPlot(Selection* selection, QWidget* parent)
    : QCustomPlot(parent), m_selection(selection), m_style(PlotStyle::window(Theme::darkTheme()))
{
    plotLayout()->clear();
    plotLayout()->setRowSpacing(0);
    plotLayout()->setColumnSpacing(0);
    setInteractions(QCP::Interactions());
    setNoAntialiasingOnDrag(false);
    setMouseTracking(true);
    setSelectionRectMode(QCP::srmNone);
    setMinimumSize(240, 90);
    setAccessibleName(tr("Chart"));
    setAccessibleDescription(tr("What the readout says at places of the chart"));
    setBackgroundScaled(false);
    layer(QStringLiteral("overlay"))->setMode(QCPLayer::lmBuffered);
    new PlotPainter(this, QStringLiteral("axes"), nullptr, [this](QCPPainter* painter) { drawState(painter); });
    new PlotPainter(this, QStringLiteral("overlay"), nullptr, [this](QCPPainter* painter) { drawOverlay(painter); });
    connect(selection, &Selection::changed, this, [this](Selection::Fields fields) {
        if (fields & (Selection::StepField | Selection::Token | Selection::TokenRange | Selection::StepRange))
            replotOverlay();
    });
    connect(selection, &Selection::left, this, [this] { m_drag = Drag::None; });
}

QCPAxisRect* ChartPlot::addChart(int row, int column, AxisRole x, AxisRole y, const Margins& margins)
{
    auto* rect = new QCPAxisRect(this, true);
    rect->setMinimumSize(40, 20);
    plotLayout()->addElement(row, column, rect);
    applyStyle(rect, m_style, margins);
    m_charts.push_back({.rect = rect, .x = x, .y = y, .margins = margins});
    return rect;
}

void ChartPlot::setReplay(const std::shared_ptr<const ReplayResult>& replay)
{
    setTokenCount(replay ? static_cast<int>(replay->tokenIds.size()) : 0);
    m_style.theme.inks = replay ? policyInks(*replay) : std::vector<PolicyInk>();
}

void ChartPlot::setTheme(const Theme& theme)
{
    auto inks = std::move(m_style.theme.inks);
    m_style = PlotStyle::window(theme);
    m_style.theme.inks = std::move(inks);
    setBackground(QBrush(theme.panel));
    for (const Chart& chart : m_charts)
        applyStyle(chart.rect, m_style, chart.margins);
}

void ChartPlot::setAxes(QCPAxisRect* rect, AxisRole x, AxisRole y)
{
    for (Chart& chart : m_charts)
        if (chart.rect == rect) {
            chart.x = x;
            chart.y = y;
        }
}

void ChartPlot::setMargins(QCPAxisRect* rect, const Margins& margins)
{
    for (Chart& chart : m_charts)
        if (chart.rect == rect) {
            chart.margins = margins;
            applyStyle(rect, m_style, margins);
        }
}

void ChartPlot::setReadout(QCPAxisRect* rect, std::function<QString(QPointF)> readout, bool byHeight)
{
    for (Chart& chart : m_charts)
        if (chart.rect == rect) {
            chart.readout = readout;
            chart.byHeight = byHeight;
        }
}

void ChartPlot::setClicked(QCPAxisRect* rect, std::function<void(QPointF)> clicked)
{
    for (Chart& chart : m_charts)
        if (chart.rect == rect)
            chart.clicked = clicked;
}

void ChartPlot::setCells(QCPAxisRect* rect, bool cells)
{
    for (Chart& chart : m_charts)
        if (chart.rect == rect)
            chart.cells = cells;
}

void ChartPlot::setEmptyText(const QString& text)
{
    m_emptyText = text;
    for (const Chart& chart : m_charts)
        chart.rect->setVisible(text.isEmpty());
    if (m_emptied)
        m_emptied(!text.isEmpty());
}

void ChartPlot::setUpdating(bool on)
{
    if (on == m_updating)
        return;
    m_updating = on;
    replotOverlay();
}

void ChartPlot::setComputedSteps(int steps) { m_computedSteps = steps; }

void ChartPlot::replotOverlay()
{
    if (isVisible())
        layer(QStringLiteral("overlay"))->replot();
}

void ChartPlot::layOut() { views::layOut(*this, rect()); }

const ChartPlot::Chart* ChartPlot::chartAt(const QPointF& point, bool withAxes) const
{
    for (const Chart& chart : m_charts) {
        const QRect area = withAxes ? chart.rect->outerRect() : chart.rect->rect();
        if (m_emptyText.isEmpty() && area.contains(point.toPoint()))
            return &chart;
    }
    return nullptr;
}

QPointF ChartPlot::coordinates(const Chart& chart, const QPointF& pixel) const
{
    return {chart.rect->axis(QCPAxis::atBottom)->pixelToCoord(pixel.x()),
            chart.rect->axis(QCPAxis::atLeft)->pixelToCoord(pixel.y())};
}

void ChartPlot::mousePressEvent(QMouseEvent* event)
{
    m_drag = Drag::None;
    const Chart* chart = chartAt(event->position());
    if (!chart)
        return;
    m_lastChart = chart->rect;
    if (chart->x == AxisRole::None && chart->y == AxisRole::None && !chart->clicked)
        return;
    m_dragged = *chart;
    m_pressed = event->position();
    m_zoomAtPress = m_selection->state().zoom;
    if (event->button() == Qt::MiddleButton)
        m_drag = Drag::Pan;
    else if (event->button() == Qt::LeftButton)
        m_drag = event->modifiers() & Qt::ShiftModifier ? Drag::Zoom : Drag::Undecided;
}

void ChartPlot::mouseMoveEvent(QMouseEvent* event)
{
    m_pointer = event->position();
    const Chart* chart = chartAt(m_pointer);
    m_hovering = chart != nullptr;
    if (chart)
        m_lastChart = chart->rect;
    if (m_drag == Drag::Undecided && (m_pointer - m_pressed).manhattanLength() >= kClick)
        m_drag = Drag::Brush;
    if (m_drag == Drag::Brush)
        brushTo(m_pointer);
    if (m_drag == Drag::Pan) {
        const QPointF from = coordinates(m_dragged, m_pressed), to = coordinates(m_dragged, m_pointer);
        const QPointF by = from - to;
        const bool tokens = m_dragged.x == AxisRole::Token, steps = m_dragged.y == AxisRole::Step;
        m_selection->setZoom(panned(m_zoomAtPress, m_tokens, tokens ? by.x() : 0,
                                    steps                           ? by.y()
                                    : m_dragged.x == AxisRole::Step ? by.x()
                                                                    : 0));
        m_pressed = m_pointer;
        m_zoomAtPress = m_selection->state().zoom;
    }
    if (m_drag == Drag::None && chart && (chart->x == AxisRole::Token || chart->y == AxisRole::Step)) {
        const QPointF at = coordinates(*chart, m_pointer);
        const auto whole = [&](double value) {
            return std::clamp(static_cast<int>(std::floor(value)), 0, std::max(0, m_tokens - 1));
        };
        m_selection->setHover(chart->x == AxisRole::Token ? std::optional(whole(at.x())) : std::nullopt,
                              chart->y == AxisRole::Step ? std::optional(whole(at.y())) : std::nullopt,
                              event->globalPosition().toPoint());
    } else if (m_drag != Drag::None) {
        m_selection->setHover({}, {}); // no card stays behind where the drag began
    }
    setCursor(chart && (chart->x != AxisRole::None || chart->y != AxisRole::None) ? Qt::CrossCursor : Qt::ArrowCursor);
    replotOverlay();
}

void ChartPlot::brushTo(const QPointF& point)
{
    const double a = coordinates(m_dragged, m_pressed).x(), b = coordinates(m_dragged, point).x();
    const double shift = m_dragged.cells ? 0 : 0.5;
    const Range range{static_cast<int>(std::floor(std::min(a, b) + shift)),
                      static_cast<int>(std::floor(std::max(a, b) + shift)) + 1};
    if (m_dragged.x == AxisRole::Token)
        m_selection->setTokenRange(range);
    else if (m_dragged.x == AxisRole::Step)
        m_selection->setStepRange(range);
}

void ChartPlot::mouseReleaseEvent(QMouseEvent* event)
{
    const Drag drag = std::exchange(m_drag, Drag::None);
    const QPointF from = coordinates(m_dragged.rect ? m_dragged : m_charts.front(), m_pressed);
    if (drag == Drag::Undecided) {
        const double shift = m_dragged.cells ? 0 : 0.5;
        const int x = static_cast<int>(std::floor(from.x() + shift)), y = static_cast<int>(std::floor(from.y()));
        if (m_dragged.clicked)
            m_dragged.clicked(from);
        if (m_dragged.x == AxisRole::Token)
            m_selection->setToken(x);
        if (m_dragged.x == AxisRole::Step)
            m_selection->setStep(x);
        if (m_dragged.y == AxisRole::Step)
            m_selection->setStep(y);
    } else if (drag == Drag::Zoom && (event->position() - m_pressed).manhattanLength() >= kClick) {
        const QPointF to = coordinates(m_dragged, event->position());
        const Zoom now = fullZoom(m_selection->state().zoom, m_tokens);
        if (m_dragged.x == AxisRole::Step)
            m_selection->setZoom(zoomTo(m_tokens, now.tokenBegin, now.tokenEnd, from.x(), to.x()));
        else
            m_selection->setZoom(zoomTo(m_tokens, from.x(), to.x(), m_dragged.y == AxisRole::Step ? from.y() : now.stepBegin,
                                        m_dragged.y == AxisRole::Step ? to.y() : now.stepEnd));
    }
    replotOverlay();
}

void ChartPlot::mouseDoubleClickEvent(QMouseEvent* event)
{
    m_drag = Drag::None;
    if (chartAt(event->position()))
        m_selection->setZoom({});
}

void ChartPlot::wheelEvent(QWheelEvent* event)
{
    const Chart* chart = chartAt(event->position(), true);
    if (!chart || m_tokens <= 0 || event->angleDelta().y() == 0)
        return;
    const double factor = std::pow(1.2, event->angleDelta().y() / 120.0);
    const QPointF at = coordinates(*chart, event->position());
    const QRect inner = chart->rect->rect();
    const bool overX = event->position().y() > inner.bottom(), overY = event->position().x() < inner.left();
    double tokens = 1, steps = 1, token = 0, step = 0;
    if (chart->x == AxisRole::Token && !overY) {
        tokens = factor;
        token = at.x();
    }
    if (chart->x == AxisRole::Step && !overY) {
        steps = factor;
        step = at.x();
    }
    if (chart->y == AxisRole::Step && !overX) {
        steps = factor;
        step = at.y();
    }
    m_selection->setZoom(zoomedAt(m_selection->state().zoom, m_tokens, token, step, tokens, steps));
    event->accept();
}

void ChartPlot::leaveEvent(QEvent*)
{
    m_hovering = false;
    m_selection->setHover({}, {});
    replotOverlay();
}

void ChartPlot::resizeEvent(QResizeEvent* event)
{
    QCustomPlot::resizeEvent(event);
    layOut();
    if (m_resized)
        m_resized();
}

void ChartPlot::drawState(QCPPainter* painter)
{
    if (m_emptyText.isEmpty())
        return;
    painter->setFont(uiFont(13));
    painter->setPen(m_style.theme.muted);
    painter->drawText(rect().adjusted(24, 8, -24, -8), Qt::AlignCenter | Qt::TextWordWrap, m_emptyText);
}

void ChartPlot::drawOverlay(QCPPainter* painter)
{
    if (m_emptyText.isEmpty()) {
        for (const Chart& chart : m_charts) {
            painter->save();
            painter->setClipRect(chart.rect->rect());
            drawMarks(painter, chart);
            painter->restore();
        }
        drawReadout(painter);
        if (m_updating && !m_charts.empty()) {
            const QRect area = m_charts.front().rect->rect();
            painter->setFont(uiFont(11));
            const QRect tag = QFontMetrics(uiFont(11)).boundingRect(QStringLiteral("updating")).adjusted(-6, -3, 6, 3);
            QColor ground = m_style.theme.page;
            ground.setAlphaF(0.88F);
            const QRect place(area.right() - tag.width() - 4, area.top() + 4, tag.width(), tag.height());
            painter->fillRect(place, ground);
            painter->setPen(m_style.theme.muted);
            painter->drawText(place, Qt::AlignCenter, QStringLiteral("updating"));
        }
    }
}

void ChartPlot::drawMarks(QCPPainter* painter, const Chart& chart) const
{
    const SelectionState& state = m_selection->state();
    const QRectF area = chart.rect->rect();
    const QCPAxis* x = chart.rect->axis(QCPAxis::atBottom);
    const QCPAxis* y = chart.rect->axis(QCPAxis::atLeft);
    const double shift = chart.cells ? 0 : -0.5, middle = chart.cells ? 0.5 : 0;
    QColor wash = m_style.theme.ink;
    wash.setAlphaF(0.06F);
    const auto brush = [&](const std::optional<Range>& range) {
        if (!range)
            return;
        const double from = x->coordToPixel(range->begin + shift), to = x->coordToPixel(range->end + shift);
        painter->fillRect(QRectF(QPointF(from, area.top()), QPointF(to, area.bottom())) & area, wash);
        painter->setPen(QPen(m_style.theme.ink, 1));
        for (const double edge : {from, to})
            painter->drawLine(QLineF(edge, area.top(), edge, area.bottom()));
    };
    painter->setAntialiasing(true);
    if (m_computedSteps >= 0 && chart.x == AxisRole::Step) {
        const double from = std::max(area.left(), x->coordToPixel(m_computedSteps));
        drawHatch(painter, QRectF(QPointF(from, area.top()), area.bottomRight()), m_style);
    }
    if (m_computedSteps >= 0 && chart.y == AxisRole::Step) {
        const double from = std::max(area.top(), y->coordToPixel(m_computedSteps));
        drawHatch(painter, QRectF(QPointF(area.left(), from), area.bottomRight()), m_style);
    }
    if (chart.x == AxisRole::Token)
        brush(state.tokenRange);
    if (chart.x == AxisRole::Step)
        brush(state.stepRange);
    if (chart.x == AxisRole::Token && state.token) {
        painter->setPen(QPen(m_style.theme.ink, 1, Qt::DashLine));
        const double at = x->coordToPixel(*state.token + middle);
        painter->drawLine(QLineF(at, area.top(), at, area.bottom()));
    }
    painter->setPen(QPen(m_style.theme.ink, 1.5));
    if (chart.x == AxisRole::Step) {
        const double at = x->coordToPixel(state.step);
        painter->drawLine(QLineF(at, area.top(), at, area.bottom()));
    }
    if (chart.y == AxisRole::Step) {
        const double at = y->coordToPixel(state.step + middle);
        painter->drawLine(QLineF(area.left(), at, area.right(), at));
    }
    if (m_drag == Drag::Zoom && m_dragged.rect == chart.rect) {
        painter->setPen(QPen(m_style.theme.ink, 1));
        painter->setBrush(wash);
        const bool both = chart.y != AxisRole::None;
        painter->drawRect(QRectF(QPointF(m_pressed.x(), both ? m_pressed.y() : area.top()),
                                 QPointF(m_pointer.x(), both ? m_pointer.y() : area.bottom()))
                              .normalized());
        painter->setBrush(Qt::NoBrush);
    }
}

void ChartPlot::drawReadout(QCPPainter* painter)
{
    const Chart* chart = m_hovering ? chartAt(m_pointer) : nullptr;
    if (!chart || !chart->readout)
        return;
    const QString text = chart->readout(coordinates(*chart, m_pointer));
    if (text.isEmpty())
        return;
    // In a corner where the hover card stands beside the pointer.
    drawReadoutBox(painter, text, m_pointer.toPoint(), chart->rect->rect(), chart->x == AxisRole::Token, m_style);
}

} // namespace winnow::views
