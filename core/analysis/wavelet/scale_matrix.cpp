// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/analysis/wavelet/scale_matrix.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

namespace winnow {

namespace {

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

/// Student's t that 97.5 % of its distribution lie below, by degrees of freedom from 1; octaves are fewer.
constexpr std::array<double, 30> kStudent{12.7062047, 4.3026527, 3.1824463, 2.7764451, 2.5705818, 2.4469119, 2.3646243, 2.3060041,
                                          2.2621572,  2.2281389, 2.2009852, 2.1788128, 2.1603687, 2.1447867, 2.1314495, 2.1199053,
                                          2.1098156,  2.1009220, 2.0930241, 2.0859634, 2.0796138, 2.0738731, 2.0686576, 2.0638986,
                                          2.0595386,  2.0555294, 2.0518305, 2.0484071, 2.0452296, 2.0422725};

/// Columns [begin, end) of a contribution.
struct Columns {
    int begin = 0, end = 0;
    int count() const { return std::max(0, end - begin); }
};
Columns common(Columns a, Columns b) { return {std::max(a.begin, b.begin), std::min(a.end, b.end)}; }

double meanOver(std::span<const double> row, Columns columns)
{
    double sum = 0;
    for (int i = columns.begin; i < columns.end; ++i)
        sum += row[static_cast<std::size_t>(i)];
    return columns.count() > 0 ? sum / columns.count() : kNaN;
}

/// The columns of an octave: distance d lies in column positions − 1 − d.
Columns columnsOf(const Contribution& c, const ScaleMatrix& m, int octave)
{
    return {c.positions - m.edges[static_cast<std::size_t>(octave) + 1], c.positions - m.edges[static_cast<std::size_t>(octave)]};
}

/// The columns of a row of the matrix that keep clear of what is hidden; the approximation reaches as far as the coarsest level.
Columns clearOf(const Contribution& c, int row, int hide)
{
    const double support = std::ldexp(static_cast<double>(c.filterLength - 1), std::min(row + 1, c.levels));
    const int reach = static_cast<int>(std::min<double>(support, c.positions));
    return {hide + reach, c.positions - hide - reach};
}

ScaleFit fitLine(const std::vector<double>& x, const std::vector<double>& y)
{
    ScaleFit fit{.slope = kNaN, .at = kNaN, .low = kNaN, .high = kNaN};
    std::vector<std::pair<double, double>> points;
    for (std::size_t i = 0; i < x.size(); ++i)
        if (std::isfinite(x[i]) && std::isfinite(y[i]))
            points.emplace_back(x[i], y[i]);
    fit.points = static_cast<int>(points.size());
    if (fit.points < 2)
        return fit;
    double meanX = 0, meanY = 0, xx = 0, xy = 0;
    for (const auto& [a, b] : points) {
        meanX += a / fit.points;
        meanY += b / fit.points;
    }
    for (const auto& [a, b] : points) {
        xx += (a - meanX) * (a - meanX);
        xy += (a - meanX) * (b - meanY);
    }
    fit.slope = xy / xx;
    fit.at = meanY - fit.slope * meanX;
    if (fit.points < 3)
        return fit;
    double residual = 0;
    for (const auto& [a, b] : points)
        residual += std::pow(b - fit.at - fit.slope * a, 2);
    const int freedom = fit.points - 2;
    const double half =
        kStudent[std::min(static_cast<std::size_t>(freedom), kStudent.size()) - 1] * std::sqrt(residual / freedom / xx);
    fit.low = fit.slope - half;
    fit.high = fit.slope + half;
    return fit;
}

} // namespace

ScaleMatrix scaleMatrix(const Contribution& c, int hide)
{
    ScaleMatrix m{.levels = c.levels, .hide = hide};
    const int rows = c.levels + 1, longest = c.positions - hide; // distances are hide … longest − 1
    const auto bands = static_cast<std::size_t>(rows);
    m.partOverAll.assign(bands, kNaN);
    m.fit = fitLine({}, {});
    const int nearest = std::max(hide, 1);
    if (longest <= nearest)
        return m;
    m.edges.push_back(nearest);
    for (int edge = 1; edge > 0 && edge<longest; edge = edge> std::numeric_limits<int>::max() / 2 ? 0 : edge * 2)
        if (edge > nearest)
            m.edges.push_back(edge);
    m.edges.push_back(longest);
    m.octaves = static_cast<int>(m.edges.size()) - 1;

    const Columns clear = clearOf(c, c.levels, hide);
    std::vector<double> overall(bands);
    double total = 0;
    for (int level = 0; level < rows; ++level) {
        overall[static_cast<std::size_t>(level)] = meanOver(c.powerOf(level), clear);
        total += overall[static_cast<std::size_t>(level)];
    }
    for (std::size_t level = 0; level < bands && total > 0; ++level)
        m.partOverAll[level] = overall[level] / total;

    const std::size_t cells = bands * static_cast<std::size_t>(m.octaves);
    m.energy.assign(cells, kNaN);
    m.part.assign(cells, kNaN);
    m.ratio.assign(cells, kNaN);
    m.masked.assign(cells, 1);
    m.meanLevel.assign(static_cast<std::size_t>(m.octaves), kNaN);
    m.logDistance.assign(static_cast<std::size_t>(m.octaves), kNaN);
    for (int octave = 0; octave < m.octaves; ++octave) {
        const Columns all = columnsOf(c, m, octave);
        double here = 0, everywhere = 0, weighted = 0;
        int shown = 0;
        for (int level = 0; level < rows; ++level) {
            const Columns columns = common(all, clearOf(c, level, hide));
            if (2 * columns.count() < all.count())
                continue;
            m.masked[m.at(level, octave)] = 0;
            m.energy[m.at(level, octave)] = meanOver(c.powerOf(level), columns);
            here += m.energy[m.at(level, octave)];
            everywhere += overall[static_cast<std::size_t>(level)];
            ++shown;
        }
        for (int level = 0; level < rows; ++level) {
            if (m.masked[m.at(level, octave)] || !(here > 0))
                continue;
            double& part = m.part[m.at(level, octave)];
            part = m.energy[m.at(level, octave)] / here;
            const double usual = overall[static_cast<std::size_t>(level)] / everywhere;
            if (part > 0 && usual > 0)
                m.ratio[m.at(level, octave)] = std::log2(part / usual);
            weighted += part * (level + 1);
        }
        if (shown < rows || !(here > 0))
            continue;
        m.meanLevel[static_cast<std::size_t>(octave)] = weighted;
        const Columns columns = common(all, clear);
        double sum = 0;
        for (int i = columns.begin; i < columns.end; ++i)
            sum += std::log2(static_cast<double>(c.positions - 1 - i));
        m.logDistance[static_cast<std::size_t>(octave)] = sum / columns.count();
    }
    m.fit = fitLine(m.logDistance, m.meanLevel);
    return m;
}

std::vector<double> cellEnergies(const Contribution& c, const ScaleMatrix& m)
{
    std::vector<double> energies(m.masked.size(), kNaN);
    for (int level = 0; level <= m.levels; ++level)
        for (int octave = 0; octave < m.octaves; ++octave)
            if (!m.masked[m.at(level, octave)])
                energies[m.at(level, octave)] =
                    meanOver(c.powerOf(level), common(columnsOf(c, m, octave), clearOf(c, level, m.hide)));
    return energies;
}

const ScaleFit* HeadSlopes::find(QueryHead head) const
{
    const auto found = std::lower_bound(heads.begin(), heads.end(), head,
                                        [](const HeadSlope& one, QueryHead wanted) { return one.head < wanted; });
    return found != heads.end() && found->head == head ? &found->fit : nullptr;
}

HeadSlopes slopesOf(const std::map<QueryHead, ContributionMean>& heads, const std::vector<Layer>& layers, int hide)
{
    HeadSlopes slopes{.layers = layers, .hide = hide};
    ContributionMean mean;
    std::vector<int> steps;
    for (const auto& [head, sum] : heads) {
        const Contribution one = sum.mean();
        slopes.heads.push_back({head, scaleMatrix(one, hide).fit});
        mean.add(one);
        steps = one.steps;
    }
    slopes.all = mean.mean();
    slopes.all.steps = std::move(steps);
    slopes.all.recordings = 1;
    slopes.matrix = scaleMatrix(slopes.all, hide);
    return slopes;
}

Result<HeadSlopes> headSlopes(const Trace& trace, const ContributionOptions& options, int hide, const JobContext& job)
{
    HeadSlopes slopes{.layers = trace.info().layers, .hide = hide};
    ContributionMean mean;
    std::vector<int> steps;
    WINNOW_TRY_VOID(forEachHead(trace, options, job, [&](const HeadContribution& one) {
        slopes.heads.push_back({one.head, scaleMatrix(one.contribution, hide).fit});
        mean.add(one.contribution);
        steps = one.contribution.steps;
    }));
    slopes.all = mean.mean();
    slopes.all.steps = std::move(steps);
    slopes.all.recordings = 1;
    slopes.all.manifest = trace.info().manifest;
    slopes.matrix = scaleMatrix(slopes.all, hide);
    return slopes;
}

} // namespace winnow
