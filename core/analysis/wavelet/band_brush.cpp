// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/analysis/wavelet/band_brush.h"

#include <algorithm>
#include <numeric>

namespace winnow {

namespace {

/// The fewest indices of `weights` that hold `share` of their sum, ascending; of equals the earlier.
std::vector<int> heaviest(std::span<const double> weights, double share)
{
    std::vector<int> order(weights.size());
    std::iota(order.begin(), order.end(), 0);
    std::stable_sort(order.begin(), order.end(),
                     [&](int a, int b) { return weights[static_cast<std::size_t>(a)] > weights[static_cast<std::size_t>(b)]; });
    const double wanted = share * std::accumulate(weights.begin(), weights.end(), 0.0);
    double sum = 0;
    std::size_t count = 0;
    while (count < order.size() && sum < wanted)
        sum += weights[static_cast<std::size_t>(order[count++])];
    order.resize(count);
    std::sort(order.begin(), order.end());
    return order;
}

void shift(std::vector<int>& indices, int by)
{
    for (int& index : indices)
        index += by;
}

} // namespace

BandBrush::BandBrush(std::shared_ptr<const Contribution> contribution) : m_contribution(std::move(contribution))
{
    const auto positions = static_cast<std::size_t>(m_contribution->positions);
    m_sums.reserve(static_cast<std::size_t>(m_contribution->levels + 2) * (positions + 1));
    const auto addRow = [this](std::span<const double> row) {
        double sum = 0;
        m_sums.push_back(0);
        for (const double value : row)
            m_sums.push_back(sum += value);
    };
    addRow(m_contribution->signal);
    for (int band = 0; band <= m_contribution->levels; ++band)
        addRow(m_contribution->powerOf(band));
}

BandBrush::Range BandBrush::range(int begin, int end) const
{
    const int first = m_contribution->firstPosition, positions = m_contribution->positions, bands = m_contribution->levels + 1;
    const int from = std::clamp(begin - first, 0, positions), to = std::clamp(end - first, from, positions);
    Range range{.begin = from + first, .end = to + first};
    const auto part = [&](int row, int a, int b) {
        const double* sums = m_sums.data() + static_cast<std::size_t>(row) * static_cast<std::size_t>(positions + 1);
        return sums[b] - sums[a];
    };
    const auto ratio = [](double a, double b) { return b > 0 ? a / b : 0; };
    range.signal = ratio(part(0, from, to), part(0, 0, positions));
    double inside = 0;
    for (int band = 0; band < bands; ++band) {
        const double here = part(band + 1, from, to);
        range.share.push_back(ratio(here, part(band + 1, 0, positions)));
        range.level.push_back(here);
        inside += here;
    }
    for (double& level : range.level)
        level = ratio(level, inside);
    return range;
}

std::vector<int> BandBrush::carriers(int band, int begin, int end, double share) const
{
    const Contribution& c = *m_contribution;
    const int from = std::clamp(begin - c.firstPosition, 0, c.positions),
              to = std::clamp(end - c.firstPosition, from, c.positions);
    const std::span<const double> row = band < 0 ? std::span<const double>(c.signal) : c.powerOf(std::min(band, c.levels));
    std::vector<int> tokens = heaviest(row.subspan(static_cast<std::size_t>(from), static_cast<std::size_t>(to - from)), share);
    shift(tokens, from + c.firstPosition);
    return tokens;
}

std::vector<int> heaviestTokens(std::span<const double> power, int first, int begin, int end, double share)
{
    const int count = static_cast<int>(power.size()), from = std::clamp(begin - first, 0, count),
              to = std::clamp(end - first, from, count);
    std::vector<int> tokens = heaviest(power.subspan(static_cast<std::size_t>(from), static_cast<std::size_t>(to - from)), share);
    shift(tokens, from + first);
    return tokens;
}

std::vector<double> powerInRange(const TokenScalogram& s, int begin, int end)
{
    const int from = std::clamp(begin - s.firstPosition, 0, s.positions),
              to = std::clamp(end - s.firstPosition, from, s.positions);
    std::vector<double> means;
    for (int scale = 0; scale < s.scales && from < to; ++scale) {
        double sum = 0;
        int count = 0;
        for (int column = from; column < to; ++column)
            if (s.insideCone(scale, column)) {
                sum += s.at(scale, column);
                ++count;
            }
        means.push_back(count > 0 ? sum / count : 0);
    }
    return means;
}

std::optional<std::pair<double, double>> strongestPeriods(const TokenScalogram& s, std::span<const double> power, double share)
{
    const double wanted = share * std::accumulate(power.begin(), power.end(), 0.0);
    if (!(wanted > 0))
        return {};
    std::size_t bestFirst = 0, bestCount = power.size() + 1;
    double sum = 0;
    for (std::size_t first = 0, end = 0; end < power.size();) { // a window that grows until it holds enough, then shrinks
        sum += power[end++];
        for (; sum >= wanted && first < end; sum -= power[first++])
            if (end - first < bestCount) {
                bestCount = end - first;
                bestFirst = first;
            }
    }
    bestCount = std::min(bestCount, power.size() - bestFirst);
    return std::pair{s.period[bestFirst], s.period[bestFirst + bestCount - 1]};
}

std::vector<int> carriers(const TokenScalogram& s, double shortestPeriod, double longestPeriod, int begin, int end, double share)
{
    const int from = std::clamp(begin - s.firstPosition, 0, s.positions),
              to = std::clamp(end - s.firstPosition, from, s.positions);
    std::vector<double> sums(static_cast<std::size_t>(to - from));
    for (int scale = 0; scale < s.scales; ++scale) {
        const double period = s.period[static_cast<std::size_t>(scale)];
        if (period < shortestPeriod || period > longestPeriod)
            continue;
        for (int column = from; column < to; ++column)
            sums[static_cast<std::size_t>(column - from)] += s.at(scale, column);
    }
    std::vector<int> tokens = heaviest(sums, share);
    shift(tokens, from + s.firstPosition);
    return tokens;
}

} // namespace winnow
