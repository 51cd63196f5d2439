// SPDX-License-Identifier: GPL-3.0-or-later
// The pictures of MapPlot: what is asked of the background, what comes back, its colors, and what screen readers are told. The
// rest is in map_plot.cpp.
#include "core/analysis/overlap.h"
#include "core/base/parallel.h"
#include "views/maps/map_plot.h"
#include "views/state/kept_words.h"
#include "views/state/lane_choice.h"
#include "views/style/counted.h"

#include <algorithm>
#include <cmath>

namespace winnow::views {

namespace {
constexpr double kLanePixels = 3;  ///< a lane has its own row where it gets as much
constexpr double kCountNow = 40e6; ///< compares above which lane rows are computed in the background, a frame behind
} // namespace

/// One scale for the bars beside lane rows: what the visible policies store at most, or may store. A pass over all steps of
/// all lanes of a policy, once for each replay, and only where there are such bars.
void MapPlot::measureSlots()
{
    m_scene.mostSlots = 0;
    if (m_scene.rows() != MapRows::Lanes)
        return;
    for (const auto& panel : m_panels) {
        const auto& policy = m_scene.data.replay->policies[static_cast<std::size_t>(panel->view.policy)];
        if (policy->byRule.everything || policy->occupancy.empty())
            continue; // it would make all others a hair
        if (panel->measured != policy) {
            panel->measured = policy;
            panel->mostStored = *std::max_element(policy->occupancy.begin(), policy->occupancy.end());
        }
        m_scene.mostSlots =
            std::max({m_scene.mostSlots, double(std::min(policy->budget, policy->tokens)), double(panel->mostStored)});
    }
    if (m_scene.mostSlots == 0)
        m_scene.mostSlots = std::max(1, m_scene.tokens);
}

/// Once per change, not per picture: a pass over the lifetimes of the chosen lanes of two policies.
void MapPlot::findDivergence()
{
    m_scene.diverging.clear();
    const SelectionState& state = m_selection->state();
    const auto reference = state.comparedWith(state.focus);
    const PolicyReplay* mine = computedAt(m_scene.data, state.focus, state.step);
    const PolicyReplay* theirs = reference ? computedAt(m_scene.data, *reference, state.step) : nullptr;
    if (mine && theirs)
        m_scene.diverging = divergingTokens(*mine, *theirs, pairsOf(m_scene.data, state, state.focus, *reference), state.step, 0,
                                            std::min(mine->tokens, state.step + 1));
}

void MapPlot::render(Panel& panel)
{
    // Distances have a log scale of their own in their bytes.
    const bool own = panel.view.planes && panel.view.planes->request.axis;
    panel.view.map->render(colorTable(m_scene.theme, own ? ColorScale::make(ScaleKind::Linear) : m_scale), m_difference);
}

PlaneRequest MapPlot::requestFor(const Panel& panel) const
{
    const double cells = m_cellsPerPixel > 0 ? m_cellsPerPixel : devicePixelRatioF();
    const MapGeometry& geometry = panel.view.geometry;
    const QRect& map = geometry.map;
    const SelectionState& state = m_selection->state();
    PlaneRequest request;
    request.policy = m_scene.data.replay->policies[static_cast<std::size_t>(panel.view.policy)];
    request.lanes = lanesOf(m_scene.data, state, panel.view.policy);
    if (panel.view.reference >= 0) {
        request.reference = m_scene.data.replay->policies[static_cast<std::size_t>(panel.view.reference)];
        request.pairs = pairsOf(m_scene.data, state, panel.view.policy, panel.view.reference);
    }
    request.zoom = m_zoom;
    request.columns = std::max(1, static_cast<int>(std::lround(map.width() * cells)));
    request.rows = std::clamp(static_cast<int>(std::lround(map.height() * cells)), 1, 60000);
    request.sinks = geometry.sinks;
    request.kind = geometry.rows;
    request.axis = geometry.distance;
    if (request.axis)
        request.axis->columns = request.columns;
    if (request.kind == MapRows::Lanes) {
        request.step = state.step;
        request.perLane = map.height() >= kLanePixels * static_cast<double>(request.lanes.lanes.size());
    }
    request.meanSteps = meanSteps(m_scene.data, *m_selection);
    return request;
}

void MapPlot::requestPlanes()
{
    std::vector<Panel*> changed;
    double compares = 0;
    for (const auto& panel : m_panels) {
        if (panel->view.geometry.map.width() < 2 || panel->view.geometry.map.height() < 2)
            continue;
        PlaneRequest request = requestFor(*panel);
        if (panel->wanted.sameAs(request))
            continue;
        panel->wanted = std::move(request);
        panel->wanted.before = panel->view.planes;
        compares += static_cast<double>(panel->wanted.lanes.lanes.size()) * m_scene.tokens * (panel->wanted.reference ? 4 : 1);
        changed.push_back(panel.get());
    }
    // Lane rows are as quick as the deck's strips, and follow the step at once while the numbers beside them stay the same.
    const bool atOnce = m_scene.rows() == MapRows::Lanes && compares <= kCountNow &&
                        std::all_of(changed.begin(), changed.end(), [](const Panel* panel) {
                            return panel->view.planes && panel->view.planes->request.sameNumbers(panel->wanted);
                        });
    if (atOnce) {
        computeNow(changed);
    } else {
        for (Panel* panel : changed)
            panel->job->start([request = panel->wanted](const JobContext& job) { return computePlanes(request, job); });
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

void MapPlot::computeNow(const std::vector<Panel*>& panels)
{
    for (Panel* panel : panels)
        panel->job->stop();
    std::vector<Planes> planes(panels.size());
    parallelFor(panels.size(), [&](std::size_t i) {
        if (auto computed = computePlanes(panels[i]->wanted, {}))
            planes[i] = std::move(*computed);
    });
    for (std::size_t i = 0; i < panels.size(); ++i)
        if (planes[i])
            takePlanes(*panels[i], std::move(planes[i]));
}

void MapPlot::finishPlanes()
{
    for (const auto& panel : m_panels) {
        const bool whole = panel->view.planes && panel->view.planes->hasNumbers;
        if (!panel->wanted.policy || (whole && !panel->job->isRunning()))
            continue;
        panel->job->stop();
        if (auto planes = computePlanes(panel->wanted, {}))
            if (auto numbered = (*planes)->hasNumbers ? planes : addNumbers(*planes, {}))
                takePlanes(*panel, std::move(*numbered));
    }
    replot(rpQueuedRefresh);
}

bool MapPlot::awaits(const Panel& panel) const { return panel.job->isRunning() && !panel.hasPicture(); }

void MapPlot::askForNumbers()
{
    if (std::any_of(m_panels.begin(), m_panels.end(), [this](const auto& panel) { return awaits(*panel); }))
        return;
    for (const auto& panel : m_panels)
        if (!panel->job->isRunning() && panel->view.planes && !panel->view.planes->hasNumbers)
            panel->job->start([planes = panel->view.planes](const JobContext& job) { return addNumbers(planes, job); });
}

void MapPlot::replotSoon(bool numbers)
{
    const bool waits = std::any_of(m_panels.begin(), m_panels.end(),
                                   [&](const auto& panel) { return numbers ? panel->job->isRunning() : awaits(*panel); });
    if (!waits) {
        m_patience.stop();
        replot(rpQueuedReplot);
    } else if (!m_patience.isActive()) {
        m_patience.start();
    }
}

void MapPlot::takePlanes(Panel& panel, Planes planes)
{
    panel.view.planes = std::move(planes);
    render(panel);
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
        render(*panel);
    emit colorScaleChanged(m_scale);
}

QString MapPlot::accessRow(int row) const
{
    const MapPanel& one = panel(row);
    const QString name = policyTitle(*m_scene.data.replay->policies[static_cast<std::size_t>(one.policy)]);
    return one.reference < 0
               ? name
               : tr("%1 against %2")
                     .arg(name, policyTitle(*m_scene.data.replay->policies[static_cast<std::size_t>(one.reference)]));
}

QString MapPlot::accessColumn(int column) const
{
    return column == 0 ? tr("slots") : column == 1 ? tr("mass") : tr("the token at the step");
}

QString MapPlot::accessCell(int row, int column) const
{
    const MapPanel& one = panel(row);
    const PolicyReplay& policy = *m_scene.data.replay->policies[static_cast<std::size_t>(one.policy)];
    if (column == 0)
        return counted(policy.budget, tr("slot"));
    if (column == 1)
        return one.planes && one.planes->numbers.mass ? tr("mass %1").arg(*one.planes->numbers.mass, 0, 'f', 3)
                                                      : tr("mass not known yet");
    return keptWords(m_scene.data, m_selection->state(), one.policy);
}

QRect MapPlot::accessRect(int row, int) const { return panel(row).geometry.outer; }

} // namespace winnow::views
