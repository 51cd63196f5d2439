// SPDX-License-Identifier: GPL-3.0-or-later
#include "views/maps/map_plot.h"

#include "views/state/lane_choice.h"

#include <QMouseEvent>
#include <QNativeGestureEvent>
#include <QWheelEvent>

#include <algorithm>
#include <cmath>

namespace winnow::views {

MapPlot::MapPlot(Selection* selection, QWidget* parent) : QCustomPlot(parent), m_selection(selection)
{
    m_scene.selection = selection;
    plotLayout()->clear();
    plotLayout()->setRowSpacing(0);
    plotLayout()->setColumnSpacing(0);
    layer(QStringLiteral("overlay"))->setMode(QCPLayer::lmBuffered);
    setNoAntialiasingOnDrag(false);
    setMouseTracking(true);
    setFocusPolicy(Qt::StrongFocus);
    setContextMenuPolicy(Qt::NoContextMenu);
    setAccessibleName(tr("Retention maps"));
    setBackground(QBrush(m_scene.theme.page));
    connect(selection, &Selection::changed, this, &MapPlot::onSelectionChanged);
    connect(selection, &Selection::left, this, [this] { m_gestures.drop(); });
}

MapPlot::~MapPlot() = default;

void MapPlot::setData(const ViewData& data)
{
    m_scene.data = data;
    const bool shown = data.replay && !data.replay->policies.empty();
    m_scene.tokens = shown ? data.replay->policies.front()->tokens : 0;
    m_scene.sinks = 4;
    if (shown)
        for (const auto& policy : data.replay->policies)
            m_scene.sinks = std::max(m_scene.sinks, policy->byRule.sinks);
    m_scene.sinks = std::min({m_scene.sinks, 8, std::max(1, m_scene.tokens)});
    rebuildPanels();
}

void MapPlot::setTheme(const Theme& theme)
{
    m_scene.theme = theme;
    setBackground(QBrush(theme.page));
    for (const auto& panel : m_panels)
        panel->view.map->render(colorTable(m_scene.theme, m_scale));
    replot(rpQueuedRefresh);
}

void MapPlot::setScale(ScaleKind kind)
{
    if (kind == m_scale.kind)
        return;
    m_scale.kind = kind;
    updateScale();
    replot(rpQueuedRefresh);
}

void MapPlot::setPanelState(int policy, const PanelState& state)
{
    if (policy < 0)
        return;
    if (m_states.size() <= static_cast<std::size_t>(policy))
        m_states.resize(static_cast<std::size_t>(policy) + 1);
    if (m_states[static_cast<std::size_t>(policy)] == state)
        return;
    m_states[static_cast<std::size_t>(policy)] = state;
    for (const auto& panel : m_panels)
        if (panel->view.policy == policy)
            panel->view.state = state;
    replot(rpQueuedReplot);
}

void MapPlot::setMaximized(bool on)
{
    if (on == m_maximized)
        return;
    m_maximized = on;
    m_selection->setHover({}, {}); // another cell is under the pointer now
    rebuildPanels();
}

void MapPlot::setCellsPerPixel(double cells)
{
    m_cellsPerPixel = cells;
    refresh();
}

void MapPlot::setMarksShown(bool shown) { layer(QStringLiteral("overlay"))->setVisible(shown); }

void MapPlot::setPlotSize(const QSize& size)
{
    resize(size);
    setViewport(QRect(QPoint(0, 0), size));
    layOutPanels();
    refresh();
}

int MapPlot::panelAt(const QPointF& point) const
{
    for (std::size_t i = 0; i < m_panels.size(); ++i)
        if (QRectF(m_panels[i]->view.geometry.outer).contains(point))
            return static_cast<int>(i);
    return -1;
}

void MapPlot::setRubberBand(std::optional<Zoom> band)
{
    m_scene.rubberBand = band;
    drawOverlay();
}

void MapPlot::onSelectionChanged(Selection::Fields fields)
{
    describe();
    if (m_panels.empty() && !(fields & Selection::Hidden))
        return;
    if ((fields & Selection::Hidden) || (m_maximized && (fields & Selection::Focus)))
        rebuildPanels();
    else if (fields & (Selection::Lanes | Selection::ZoomField | Selection::StepRange))
        refresh();
    else
        drawOverlay();
}

void MapPlot::rebuildPanels()
{
    std::vector<int> policies = visiblePolicies(m_scene.data, *m_selection);
    if (m_maximized && m_scene.tokens > 0)
        policies = {std::clamp(m_selection->state().focus, 0, static_cast<int>(m_scene.data.replay->policies.size()) - 1)};
    if (m_scene.tokens == 0)
        policies.clear();
    const bool same = std::equal(policies.begin(), policies.end(), m_panels.begin(), m_panels.end(),
                                 [](int policy, const auto& panel) { return policy == panel->view.policy; });
    if (!same) {
        std::vector<std::pair<int, Planes>> kept; // old pictures stay until new ones are there
        for (const auto& panel : m_panels) {
            kept.emplace_back(panel->view.policy, panel->view.planes);
            removePlottable(panel->view.map);
        }
        m_panels.clear();
        plotLayout()->clear();
        plotLayout()->simplify();
        for (const int policy : policies) {
            auto panel = std::make_unique<Panel>();
            panel->view.policy = policy;
            panel->view.rect = new QCPAxisRect(this);
            panel->view.rect->setAutoMargins(QCP::msNone);
            panel->view.rect->setMinimumSize(20, 20);
            QCPAxis* x = panel->view.rect->axis(QCPAxis::atBottom);
            QCPAxis* y = panel->view.rect->axis(QCPAxis::atLeft);
            y->setRangeReversed(true);
            for (QCPAxis* axis : panel->view.rect->axes()) {
                axis->setVisible(false); // the panel draws its own labels: gutter and rug stand where an axis would
                axis->grid()->setVisible(false);
            }
            panel->view.map = new RetentionPlottable(x, y, m_scene, panel->view);
            panel->frame = std::make_unique<PanelFrame>(this, m_scene, panel->view);
            panel->marks = std::make_unique<PanelMarks>(this, m_scene, panel->view);
            for (const auto& [number, planes] : kept)
                if (number == policy && planes && planes->policy->tokens == m_scene.tokens)
                    panel->view.planes = planes;
            panel->view.map->render(colorTable(m_scene.theme, m_scale));
            Panel* target = panel.get();
            panel->job = std::make_unique<LatestJob<Planes>>([this, target](Result<Planes> planes) {
                if (planes) {
                    takePlanes(*target, std::move(*planes));
                    replot(rpQueuedReplot);
                }
            });
            m_panels.push_back(std::move(panel));
        }
    }
    for (const auto& panel : m_panels) {
        const auto policy = static_cast<std::size_t>(panel->view.policy);
        panel->view.state = policy < m_states.size() ? m_states[policy] : PanelState{};
        if (panel->view.planes && panel->view.planes->policy->tokens != m_scene.tokens) {
            panel->view.planes.reset(); // another text: its old picture would lie
            panel->view.map->render(colorTable(m_scene.theme, m_scale));
        }
    }
    if (!same) {
        layOutPanels();
        emit panelCountChanged(panelCount());
    }
    describe();
    refresh();
}

void MapPlot::layOutPanels()
{
    const int columns = std::max(1, mapGridShape(panelCount(), viewport().width()).width());
    QCPLayoutGrid* grid = plotLayout();
    for (const auto& panel : m_panels)
        if (panel->view.rect->layout())
            grid->take(panel->view.rect);
    grid->simplify();
    for (int i = 0; i < panelCount(); ++i)
        grid->addElement(i / columns, i % columns, m_panels[static_cast<std::size_t>(i)]->view.rect);
}

void MapPlot::refresh()
{
    if (m_panels.empty()) {
        replot(rpQueuedRefresh);
        return;
    }
    m_zoom = fullZoom(m_selection->state().zoom, m_scene.tokens);
    const int columns = std::max(1, plotLayout()->columnCount());
    const QMargins margins = panelMargins(m_scene, viewport().width() / columns);
    for (const auto& panel : m_panels) {
        panel->view.rect->setMargins(margins);
        panel->view.map->keyAxis()->setRange(m_zoom.tokenBegin, m_zoom.tokenEnd);
        panel->view.map->valueAxis()->setRange(m_zoom.stepBegin, m_zoom.stepEnd);
    }
    updateLayout();
    for (const auto& panel : m_panels)
        panel->view.geometry = {panel->view.rect->outerRect(), panel->view.rect->rect(), m_scene.sinks, m_zoom};
    choosePlateSize();
    requestPlanes();
    emit panelsPlaced();
    replot(rpQueuedRefresh);
}

/// The larger names unless only the smaller ones leave room for budget and mass in every panel.
void MapPlot::choosePlateSize()
{
    const auto all = [this] {
        return std::all_of(m_panels.begin(), m_panels.end(), [](const auto& panel) { return panel->frame->hasRoomForAll(); });
    };
    for (const int pixels : {13, 11}) {
        m_scene.platePixels = pixels;
        if (all())
            return;
    }
    m_scene.platePixels = 13;
}

PlaneRequest MapPlot::requestFor(const Panel& panel) const
{
    const double cells = m_cellsPerPixel > 0 ? m_cellsPerPixel : devicePixelRatioF();
    const QRect& map = panel.view.geometry.map;
    PlaneRequest request;
    request.policy = m_scene.data.replay->policies[static_cast<std::size_t>(panel.view.policy)];
    request.lanes = lanesOf(m_scene.data, m_selection->state(), panel.view.policy);
    request.zoom = m_zoom;
    request.columns = std::max(1, static_cast<int>(std::lround(map.width() * cells)));
    request.rows = std::clamp(static_cast<int>(std::lround(map.height() * cells)), 1, 60000);
    request.sinks = m_scene.sinks;
    request.meanSteps = meanSteps(m_scene.data, *m_selection);
    return request;
}

void MapPlot::requestPlanes()
{
    for (const auto& panel : m_panels) {
        if (panel->view.geometry.map.width() < 2 || panel->view.geometry.map.height() < 2)
            continue;
        PlaneRequest request = requestFor(*panel);
        if (panel->wanted.sameAs(request))
            continue;
        panel->wanted = request;
        panel->job->start([request = std::move(request)](const JobContext& job) { return computePlanes(request, job); });
    }
    const PlaneRequest& first = m_panels.front()->wanted;
    const int reduction =
        first.columns < 1
            ? 1
            : std::max(1, static_cast<int>(std::ceil((m_zoom.tokenEnd - m_zoom.tokenBegin) / first.columns - 1e-9)));
    if (reduction != m_reduction) {
        m_reduction = reduction;
        emit reductionChanged(reduction);
    }
}

void MapPlot::finishPlanes()
{
    for (const auto& panel : m_panels) {
        if (!panel->wanted.policy || (panel->view.planes && !panel->job->isRunning()))
            continue;
        panel->job->stop();
        if (auto planes = computePlanes(panel->wanted, {}))
            takePlanes(*panel, std::move(*planes));
    }
    replot(rpQueuedRefresh);
}

void MapPlot::takePlanes(Panel& panel, Planes planes)
{
    panel.view.planes = std::move(planes);
    panel.view.map->render(colorTable(m_scene.theme, m_scale));
    if (m_scale.kind == ScaleKind::Rank || m_scale.kind == ScaleKind::Clipped)
        updateScale();
}

void MapPlot::updateScale()
{
    ShareHistogram shown{};
    for (const auto& panel : m_panels)
        if (panel->view.planes)
            for (std::size_t i = 0; i < shown.size(); ++i)
                shown[i] += panel->view.planes->shown[i];
    const ColorScale scale = ColorScale::make(m_scale.kind, shown);
    if (scale == m_scale)
        return;
    m_scale = scale;
    for (const auto& panel : m_panels)
        panel->view.map->render(colorTable(m_scene.theme, m_scale));
    emit colorScaleChanged(m_scale);
}

void MapPlot::drawOverlay() { layer(QStringLiteral("overlay"))->replot(); }

void MapPlot::describe()
{
    if (m_scene.tokens == 0) {
        setAccessibleDescription(tr("No replay"));
        return;
    }
    const SelectionState& state = m_selection->state();
    const auto focus =
        static_cast<std::size_t>(std::clamp(state.focus, 0, static_cast<int>(m_scene.data.replay->policies.size()) - 1));
    const PolicyReplay& policy = *m_scene.data.replay->policies[focus];
    QString sentence = tr("%1, %2 slots, step %3").arg(policyTitle(policy), grouped(policy.budget), grouped(state.step));
    for (const auto& panel : m_panels)
        if (panel->view.policy == static_cast<int>(focus) && panel->view.planes && panel->view.planes->mass)
            sentence += tr(", mass %1").arg(*panel->view.planes->mass, 0, 'f', 2);
    setAccessibleDescription(sentence);
}

void MapPlot::mousePressEvent(QMouseEvent* event) { m_gestures.press(*event); }
void MapPlot::mouseMoveEvent(QMouseEvent* event) { m_gestures.move(*event); }
void MapPlot::mouseReleaseEvent(QMouseEvent* event) { m_gestures.release(*event); }
void MapPlot::mouseDoubleClickEvent(QMouseEvent* event) { m_gestures.doubleClick(*event); }
void MapPlot::wheelEvent(QWheelEvent* event) { m_gestures.wheel(*event); }
void MapPlot::leaveEvent(QEvent*) { m_gestures.leave(); }

void MapPlot::resizeEvent(QResizeEvent*)
{
    setBufferDevicePixelRatio(devicePixelRatioF());
    setViewport(rect());
    layOutPanels();
    refresh();
}

bool MapPlot::event(QEvent* event)
{
    if (event->type() == QEvent::NativeGesture) {
        m_gestures.pinch(*static_cast<QNativeGestureEvent*>(event));
        return true;
    }
    return QCustomPlot::event(event);
}

} // namespace winnow::views
