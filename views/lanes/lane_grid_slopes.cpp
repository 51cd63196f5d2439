// SPDX-License-Identifier: GPL-3.0-or-later
// The measure "wavelet slope" of the lane grid. See lane_grid.h.
#include "views/lanes/lane_grid.h"

#include <algorithm>
#include <cmath>

namespace winnow::views {

namespace {

Result<std::shared_ptr<const HeadSlopes>> computeSlopes(const Trace& trace, const JobContext& job)
{
    ContributionOptions options = slopeOptions();
    options.steps = slopeSteps(trace.tokenCount());
    WINNOW_TRY(HeadSlopes slopes, headSlopes(trace, options, kHiddenPositions, job));
    return std::make_shared<const HeadSlopes>(std::move(slopes));
}

} // namespace

std::vector<int> slopeSteps(int tokens)
{
    constexpr int kSteps = 8;
    std::vector<int> steps;
    for (int i = 1; i <= kSteps; ++i) {
        const int step = static_cast<int>(static_cast<std::int64_t>(tokens) * (kSteps + i) / (2 * kSteps)) - 1;
        if (step >= 0 && (steps.empty() || steps.back() != step))
            steps.push_back(step);
    }
    return steps;
}

int LaneGrid::recordedLayer(int layer) const
{
    if (!m_data.trace || !m_data.replay)
        return layer;
    const auto& layers = m_data.trace->info().layers;
    const auto found = std::find(layers.begin(), layers.end(), m_data.replay->layers[static_cast<std::size_t>(layer)]);
    return found == layers.end() ? -1 : static_cast<int>(found - layers.begin());
}

void LaneGrid::askForSlopes()
{
    if (m_measure != kWaveletSlope || !m_data.trace || m_slopes || m_slopeJob.isRunning() || m_data.trace->tokenCount() == 0)
        return;
    m_slopeProblem.clear();
    m_slopeJob.start([trace = m_data.trace](const JobContext& job) { return computeSlopes(*trace, job); });
}

void LaneGrid::finishSlopes()
{
    if (m_measure != kWaveletSlope || !m_data.trace || m_slopes)
        return;
    m_slopeJob.stop();
    if (auto slopes = computeSlopes(*m_data.trace, {}))
        m_slopes = std::move(*slopes);
    else
        m_slopeProblem = QString::fromStdString(slopes.error().message);
    selectionChanged(Selection::All);
}

void LaneGrid::updateSlopes()
{
    if (!m_slopes)
        return;
    const std::vector<int> steps = slopeSteps(m_data.trace->tokenCount());
    m_over = tr("steps %1–%2").arg(grouped(steps.front()), grouped(steps.back()));
    bool any = false;
    for (int layer = 0; layer < layers(); ++layer)
        for (int head = 0; head < columns(); ++head) {
            const ScaleFit* fit = m_slopes->find({recordedLayer(layer), head});
            if (!fit || std::isnan(fit->slope))
                continue;
            const auto value = static_cast<float>(fit->slope);
            m_values[static_cast<std::size_t>(layer) * columns() + head] = value;
            m_least = any ? std::min(m_least, value) : value;
            m_most = any ? std::max(m_most, value) : value;
            any = true;
        }
}

} // namespace winnow::views
