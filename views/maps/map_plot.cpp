// SPDX-License-Identifier: GPL-3.0-or-later
#include "views/maps/map_plot.h"

#include "views/state/lane_choice.h"
#include "views/style/counted.h"

#include <QMouseEvent>
#include <QNativeGestureEvent>
#include <QWheelEvent>

#include <algorithm>
#include <cmath>

namespace winnow::views {

namespace {
constexpr int kPatienceMilliseconds = 30; ///< that the first of several answers waits for the others
} // namespace

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
    m_patience.setSingleShot(true);
    m_patience.setInterval(kPatienceMilliseconds);
    connect(&m_patience, &QTimer::timeout, this, [this] { replot(rpQueuedReplot); });
    connect(this, &QCustomPlot::afterReplot, this, &MapPlot::askForNumbers);
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
    findDivergence();
    rebuildPanels();
}

void MapPlot::setTheme(const Theme& theme)
{
    m_scene.theme = theme;
    m_difference = differenceTable(theme);
    setBackground(QBrush(theme.page));
    for (const auto& panel : m_panels)
        render(*panel);
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
    const bool compares = m_selection->state().difference;
    if (fields & (Selection::StepField | Selection::Lanes | Selection::Focus | Selection::Reference | Selection::Difference))
        findDivergence();
    if ((fields & (Selection::Hidden | Selection::Difference)) || (compares && (fields & Selection::Reference)) ||
        (m_maximized && (fields & Selection::Focus))) {
        rebuildPanels();
    } else if (fields & Selection::MapView) {
        measureSlots();
        layOutPanels();
        refresh();
        emit panelCountChanged(panelCount());
    } else if (fields & (Selection::Lanes | Selection::ZoomField | Selection::StepRange)) {
        refresh();
    } else if ((fields & Selection::StepField) && m_scene.rows() == MapRows::Lanes) {
        showStep();
    } else {
        drawOverlay();
    }
}

/// Another step where the rows are lanes: their pictures are about it.
void MapPlot::showStep()
{
    for (const auto& panel : m_panels)
        panel->view.geometry.now = m_selection->state().step;
    requestPlanes();
    replot(rpQueuedReplot);
}

std::vector<MapPlot::Shown> MapPlot::wantedPanels() const
{
    if (m_scene.tokens == 0)
        return {};
    const SelectionState& state = m_selection->state();
    const int last = static_cast<int>(m_scene.data.replay->policies.size()) - 1;
    const auto referenceOf = [&](int policy) {
        const auto reference = state.comparedWith(policy);
        return reference && *reference <= last ? *reference : -1;
    };
    std::vector<Shown> shown;
    if (m_maximized) {
        const int focus = std::clamp(state.focus, 0, last), reference = referenceOf(focus);
        if (reference < 0)
            return {{focus, -1}};
        return {{focus, -1}, {focus, reference}, {reference, -1}}; // this, the difference, the reference
    }
    for (const int policy : visiblePolicies(m_scene.data, *m_selection))
        shown.emplace_back(policy, referenceOf(policy));
    return shown;
}

std::unique_ptr<MapPlot::Panel> MapPlot::makePanel(Shown shown, Planes planes)
{
    auto panel = std::make_unique<Panel>();
    panel->view.policy = shown.first;
    panel->view.reference = shown.second;
    panel->view.planes = std::move(planes);
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
    render(*panel);
    Panel* target = panel.get();
    panel->job = std::make_unique<LatestJob<Planes>>([this, target](Result<Planes> answer) {
        if (answer) {
            const bool numbers = target->hasPicture();
            takePlanes(*target, std::move(*answer));
            replotSoon(numbers);
        }
    });
    panel->job->setPriority(1); // before cards and lists, which are looked at later
    return panel;
}

void MapPlot::rebuildPanels()
{
    const std::vector<Shown> wanted = wantedPanels();
    const bool same = std::equal(wanted.begin(), wanted.end(), m_panels.begin(), m_panels.end(),
                                 [](Shown shown, const auto& panel) { return shown.first == panel->view.policy; });
    m_scene.maximizedDifference = m_maximized && wanted.size() > 1;
    for (const auto& panel : m_panels)
        if (panel->view.planes && panel->view.planes->policy().tokens != m_scene.tokens) {
            panel->view.planes.reset(); // another text: its old picture would lie
            render(*panel);
        }
    if (!same) {
        std::vector<std::pair<int, Planes>> kept; // old pictures stay until new ones are there
        for (const auto& panel : m_panels) {
            kept.emplace_back(panel->view.policy, panel->view.planes);
            removePlottable(panel->view.map);
        }
        m_panels.clear();
        plotLayout()->clear();
        plotLayout()->simplify();
        for (const Shown& shown : wanted) {
            const auto old =
                std::find_if(kept.begin(), kept.end(), [&](const auto& one) { return one.first == shown.first && one.second; });
            m_panels.push_back(makePanel(shown, old == kept.end() ? nullptr : old->second));
        }
    }
    for (std::size_t i = 0; i < m_panels.size(); ++i) {
        MapPanel& view = m_panels[i]->view;
        const auto policy = static_cast<std::size_t>(view.policy);
        view.reference = wanted[i].second;
        view.state = policy < m_states.size() ? m_states[policy] : PanelState{};
    }
    if (!same) {
        layOutPanels();
        emit panelCountChanged(panelCount());
    }
    measureSlots();
    describe();
    refresh();
}

QSize MapPlot::shape(int width) const
{
    return m_scene.rows() == MapRows::Lanes ? QSize(std::min(1, panelCount()), panelCount()) : mapGridShape(panelCount(), width);
}

void MapPlot::layOutPanels()
{
    const int columns = std::max(1, shape(viewport().width()).width());
    QCPLayoutGrid* grid = plotLayout();
    for (const auto& panel : m_panels)
        if (panel->view.rect->layout())
            grid->take(panel->view.rect);
    grid->simplify();
    for (int i = 0; i < panelCount(); ++i) {
        Panel& panel = *m_panels[static_cast<std::size_t>(i)];
        panel.view.hasTokenAxis = m_scene.rows() == MapRows::Steps || i + 1 == panelCount();
        grid->addElement(i / columns, i % columns, panel.view.rect);
    }
}

void MapPlot::refresh()
{
    if (m_panels.empty()) {
        replot(rpQueuedRefresh);
        return;
    }
    m_zoom = fullZoom(m_selection->state().zoom, m_scene.tokens);
    const int columns = std::max(1, plotLayout()->columnCount());
    int below = 0; // what the panels with an axis are higher by
    for (const auto& panel : m_panels) {
        const QMargins margins = panelMargins(m_scene, viewport().width() / columns, panel->view.hasTokenAxis);
        panel->view.rect->setMargins(margins);
        panel->view.map->keyAxis()->setRange(m_zoom.tokenBegin, m_zoom.tokenEnd);
        panel->view.map->valueAxis()->setRange(m_zoom.stepBegin, m_zoom.stepEnd);
        below = margins.bottom() - panelMargins(m_scene, viewport().width() / columns, false).bottom();
    }
    const int rows = plotLayout()->rowCount();
    const double even = std::max(1.0, double(viewport().height() - below) / rows);
    for (int row = 0; row < rows; ++row)
        plotLayout()->setRowStretchFactor(row, m_scene.rows() == MapRows::Lanes && row + 1 == rows ? (even + below) / even : 1);
    updateLayout();
    std::optional<DistanceAxis> distance;
    if (m_scene.axis() == MapAxis::Distance) {
        int largest = 1;
        for (const auto& panel : m_panels)
            if (const auto& policy = *m_scene.data.replay->policies[static_cast<std::size_t>(panel->view.policy)];
                policy.budget < policy.tokens)
                largest = std::max(largest, policy.budget);
        distance = DistanceAxis{distanceUnit(largest), m_zoom.stepEnd, 1};
    }
    for (const auto& panel : m_panels)
        panel->view.geometry = {panel->view.rect->outerRect(),
                                panel->view.rect->rect(),
                                distance ? 0 : m_scene.sinks,
                                m_zoom,
                                m_scene.rows(),
                                distance,
                                m_selection->state().step};
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
    QString sentence = tr("%1, %2, step %3").arg(policyTitle(policy), counted(policy.budget, tr("slot")), grouped(state.step));
    for (const auto& panel : m_panels)
        if (panel->view.policy == static_cast<int>(focus) && panel->view.planes && panel->view.planes->numbers.mass) {
            sentence += tr(", mass %1").arg(*panel->view.planes->numbers.mass, 0, 'f', 2);
            if (const auto& jaccard = panel->view.planes->numbers.jaccard; jaccard && panel->view.reference >= 0)
                sentence +=
                    tr(", Jaccard %1 with %2")
                        .arg(*jaccard, 0, 'f', 2)
                        .arg(policyTitle(*m_scene.data.replay->policies[static_cast<std::size_t>(panel->view.reference)]));
        }
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
