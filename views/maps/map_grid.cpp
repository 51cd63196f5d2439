// SPDX-License-Identifier: GPL-3.0-or-later
#include "views/maps/map_grid.h"

#include "views/maps/map_plot.h"
#include "views/style/dock_style.h"
#include "views/style/focus_ring.h"
#include "views/style/panel_band.h"

#include <QLabel>
#include <QLayout>
#include <QScrollArea>
#include <QScrollBar>
#include <QVBoxLayout>

#include <algorithm>
#include <utility>

namespace winnow::views {

namespace {
constexpr int kLeastWidth = 180, kLeastHeight = 150, kLeastLanes = 60;
} // namespace

QSize mapGridShape(int panels, int width)
{
    if (panels <= 0)
        return {0, 0};
    int columns = panels <= 3 ? panels : panels == 4 ? 2 : panels <= 6 ? 3 : 4;
    columns = std::clamp(width / kLeastWidth, 1, columns);
    return {columns, (panels + columns - 1) / columns};
}

MapGrid::MapGrid(Selection* selection, QWidget* parent)
    : QWidget(parent), m_selection(selection), m_scroll(new QScrollArea(this)), m_plot(new MapPlot(selection)),
      m_note(new QLabel(this))
{
    m_scroll->setWidget(m_plot);
    m_scroll->setWidgetResizable(true);
    m_scroll->setFrameShape(QFrame::NoFrame);
    m_scroll->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    m_scroll->setFocusPolicy(Qt::NoFocus);
    m_note->setAlignment(Qt::AlignCenter);
    m_note->setWordWrap(true);
    m_note->setMargin(24);
    m_note->setAttribute(Qt::WA_TransparentForMouseEvents);
    setEmptyText(tr("No replay yet. Open a recording, or record a text, to see which tokens each policy keeps."));
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->addWidget(m_scroll);
    setFocusProxy(m_plot);
    new FocusRing(this, m_plot);
    connect(m_plot, &MapPlot::colorScaleChanged, this, &MapGrid::colorScaleChanged);
    connect(m_plot, &MapPlot::reductionChanged, this, &MapGrid::reductionChanged);
    connect(m_plot, &MapPlot::panelCountChanged, this, &MapGrid::layOut);
    connect(m_plot, &MapPlot::panelsPlaced, this, &MapGrid::placeBands);
    m_plot->setProblemsDrawn(false);
    setTheme(Theme::darkTheme());
}

MapGrid::~MapGrid() = default;

void MapGrid::setData(const ViewData& data)
{
    m_plot->setData(data);
    m_hasReplay = data.replay && !data.replay->policies.empty();
    layOut();
}

void MapGrid::setTheme(const Theme& theme)
{
    m_theme = theme;
    m_plot->setTheme(theme);
    for (const auto& [policy, band] : m_bands)
        band->setTheme(theme);
    QPalette palette = theme.palette();
    palette.setColor(QPalette::Window, theme.page);
    palette.setColor(QPalette::WindowText, theme.muted);
    setPalette(palette);
    setAutoFillBackground(true);
    m_note->setPalette(palette);
    m_note->setFont(uiFont(14));
    m_scroll->verticalScrollBar()->setStyleSheet(slimScrollBar(theme));
}

void MapGrid::setScale(ScaleKind scale) { m_plot->setScale(scale); }
ScaleKind MapGrid::scale() const { return m_plot->scale(); }

void MapGrid::setEmptyText(const QString& text)
{
    m_emptyText = text;
    layOut();
}

void MapGrid::setPanelState(int policy, const PanelState& state)
{
    m_plot->setPanelState(policy, state);
    PanelBand*& band = m_bands[policy];
    if (!band) {
        band = new PanelBand(m_plot);
        band->setStacked(true);
        band->setTheme(m_theme);
    }
    if (band->sentence() != state.problem)
        band->tell(state.problem, {{tr("Change…"), [this, policy] { emit changeWanted(policy); }},
                                   {tr("Remove"), [this, policy] { emit removalWanted(policy); }}});
    placeBands();
}

/// At the bottom of the panel concerned; only where its policy is shown.
void MapGrid::placeBands()
{
    for (const auto& [policy, band] : m_bands) {
        const MapPanel* panel = nullptr;
        for (int i = 0; i < m_plot->panelCount(); ++i)
            if (m_plot->panel(i).policy == policy)
                panel = &m_plot->panel(i);
        const bool told = policy < static_cast<int>(m_plot->panelStates().size()) &&
                          !m_plot->panelStates()[static_cast<std::size_t>(policy)].problem.isEmpty();
        if (!panel || !told) {
            band->hide();
            continue;
        }
        const QRect map = panel->geometry.map;
        const int height = std::min(map.height(), band->layout()->totalHeightForWidth(map.width()));
        band->setGeometry(map.left(), map.bottom() + 1 - height, map.width(), height);
        band->show();
    }
}

void MapGrid::setMaximized(bool on) { m_plot->setMaximized(on); }

bool MapGrid::isMaximized() const { return m_plot->isMaximized(); }

void MapGrid::zoomBy(double factor)
{
    const Zoom& zoom = m_plot->zoom();
    m_selection->setZoom(zoomedAt(m_selection->state().zoom, m_plot->tokenCount(), (zoom.tokenBegin + zoom.tokenEnd) / 2,
                                  (zoom.stepBegin + zoom.stepEnd) / 2, factor, factor));
}

void MapGrid::fit()
{
    Zoom wanted;
    if (const auto& range = m_selection->state().tokenRange) {
        const double margin = 0.05 * range->size();
        wanted =
            zoomTo(m_plot->tokenCount(), range->begin - margin, range->end + margin, range->begin - margin, m_plot->tokenCount());
    }
    m_selection->setZoom(wanted == m_selection->state().zoom ? Zoom{} : wanted);
}

void MapGrid::fitSteps()
{
    const auto& range = m_selection->state().stepRange;
    if (!range)
        return;
    const Zoom& now = m_plot->zoom();
    const Zoom wanted = zoomTo(m_plot->tokenCount(), now.tokenBegin, now.tokenEnd, range->begin, range->end);
    m_selection->setZoom(wanted == m_selection->state().zoom ? Zoom{} : wanted);
}

void MapGrid::finishPlanes() { m_plot->finishPlanes(); }

void MapGrid::resizeEvent(QResizeEvent* event)
{
    QWidget::resizeEvent(event);
    layOut();
}

void MapGrid::layOut()
{
    const int rows = m_plot->shape(width()).height();
    const int each = m_selection->state().rows == MapRows::Lanes ? kLeastLanes : kLeastHeight;
    const int wanted = std::max(each, std::min(scaled(each), each * 3 / 2)), least = std::max(1, rows) * wanted;
    const int shown = std::max(1, rows) * std::clamp(height(), each, wanted); // where it scrolls, a row is seen with its axes
    m_plot->setMinimumHeight(shown <= height() ? 1 : shown);
    m_note->setText(m_hasReplay ? tr("All policies are hidden. Press 0 to show them.") : m_emptyText);
    m_note->setVisible(m_plot->panelCount() == 0);
    m_note->setGeometry(rect());
    if (std::exchange(m_least, least) != least)
        emit leastHeightChanged();
}

namespace {

/// A plot that was never shown, with all its planes. `selection` outlives it.
std::unique_ptr<MapPlot> plotOf(const PaperMaps& maps, Selection& selection)
{
    const ViewData& data = maps.data;
    const int policies = data.replay ? static_cast<int>(data.replay->policies.size()) : 0;
    selection.setExtent(policies > 0 ? data.replay->policies.front()->tokens : 0, policies);
    selection.setState(maps.state);
    auto plot = std::make_unique<MapPlot>(&selection);
    plot->setTheme(Theme::lightTheme());
    plot->setScale(maps.scale);
    plot->setMarksShown(maps.marks);
    plot->setTitled(true);
    plot->setData(data);
    plot->setMaximized(maps.maximized);
    plot->setCellsPerPixel(maps.pixelsPerUnit);
    plot->setPlotSize(maps.size);
    plot->finishPlanes();
    return plot;
}

} // namespace

void paintMaps(QCPPainter* painter, const PaperMaps& maps)
{
    Selection selection;
    const auto plot = plotOf(maps, selection);
    painter->setMode(QCPPainter::pmVectorized);
    plot->toPainter(painter, maps.size.width(), maps.size.height());
}

ColorScale scaleOfMaps(const PaperMaps& maps)
{
    Selection selection;
    return plotOf(maps, selection)->colorScale();
}

} // namespace winnow::views
