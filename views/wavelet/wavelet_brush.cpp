// SPDX-License-Identifier: GPL-3.0-or-later
#include "views/wavelet/wavelet_brush.h"

namespace winnow::views {

namespace {

constexpr double kShare = 0.5; ///< of the power that carriers hold

} // namespace

void WaveletBrush::setGround(BrushGround ground)
{
    m_ground = std::move(ground);
    if (m_row && *m_row >= static_cast<int>(m_ground.rows.size()))
        m_row.reset();
    if (!m_ground.scalogram)
        m_periods.reset();
    compute();
}

bool WaveletBrush::setRow(std::optional<int> row)
{
    if (row && (*row < 0 || *row >= static_cast<int>(m_ground.rows.size())))
        row.reset();
    if (row == m_row)
        return false;
    m_row = row;
    compute();
    return true;
}

bool WaveletBrush::setPeriods(Periods periods)
{
    if (periods == m_periods)
        return false;
    m_periods = periods;
    compute();
    return true;
}

void WaveletBrush::setRange(std::optional<std::pair<int, int>> range)
{
    if (range == m_range)
        return;
    m_range = range;
    compute();
}

void WaveletBrush::compute()
{
    m_carriers.clear();
    m_powerInRange.clear();
    m_marked = m_periods;
    if (!m_range || !m_ground.carries)
        return;
    const auto [begin, end] = *m_range;
    if (const TokenScalogram* power = m_ground.scalogram) {
        m_powerInRange = winnow::powerInRange(*power, begin, end);
        if (!m_marked)
            m_marked = strongestPeriods(*power, m_powerInRange, kShare);
        if (m_marked)
            m_carriers = winnow::carriers(*power, m_marked->first, m_marked->second, begin, end, kShare);
        return;
    }
    if (!m_row)
        return;
    const BrushGround::Row& row = m_ground.rows[static_cast<std::size_t>(*m_row)];
    if (m_ground.bands) {
        m_carriers = m_ground.bands->carriers(row.band, begin, end, kShare);
        return;
    }
    std::vector<double> power(row.values.begin(), row.values.end()); // packets tell magnitudes
    for (double& value : power)
        value *= value;
    m_carriers = heaviestTokens(power, m_ground.firstPosition, begin, end, kShare);
}

} // namespace winnow::views
