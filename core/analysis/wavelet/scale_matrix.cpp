// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/analysis/wavelet/scale_matrix.h"

#include <Eigen/Dense>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <numeric>

namespace winnow {

namespace {

constexpr double kMostBeyond = 0.5; ///< part of the approximation in an octave that is used
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
Columns columnsOf(const ScaleGrid& grid, int octave)
{
    return {grid.positions - grid.edges[static_cast<std::size_t>(octave) + 1],
            grid.positions - grid.edges[static_cast<std::size_t>(octave)]};
}

/// The columns of a row of the matrix that keep clear of what is hidden; the approximation reaches as far as the coarsest level.
Columns clearOf(const ScaleGrid& grid, int row)
{
    const double support = std::ldexp(static_cast<double>(grid.filterLength - 1), std::min(row + 1, grid.levels));
    const int reach = static_cast<int>(std::min<double>(support, grid.positions));
    return {grid.hide + reach, grid.positions - grid.hide - reach};
}

/// Least squares over the octaves that are used, with Student's interval.
ScaleFit fitLine(const ScaleMatrix& m)
{
    ScaleFit fit{.slope = kNaN, .at = kNaN, .low = kNaN, .high = kNaN};
    fit.points = static_cast<int>(std::count(m.use.begin(), m.use.end(), OctaveUse::Used));
    if (fit.points < 2)
        return fit;
    Eigen::MatrixX2d line(fit.points, 2);
    Eigen::VectorXd level(fit.points);
    for (std::size_t octave = 0, row = 0; octave < m.use.size(); ++octave)
        if (m.use[octave] == OctaveUse::Used) {
            line.row(static_cast<Eigen::Index>(row)) << 1, m.logDistance[octave];
            level(static_cast<Eigen::Index>(row++)) = m.meanLevel[octave];
        }
    const Eigen::Vector2d solution = line.colPivHouseholderQr().solve(level);
    fit.at = solution(0);
    fit.slope = solution(1);
    if (fit.points < 3)
        return fit;
    const double variance = (level - line * solution).squaredNorm() / (fit.points - 2);
    const double half = studentQuantile(fit.points - 2) * std::sqrt(variance * (line.transpose() * line).inverse().eval()(1, 1));
    fit.low = fit.slope - half;
    fit.high = fit.slope + half;
    return fit;
}

} // namespace

bool ScaleGrid::isClear(int octave) const
{
    for (int level = 0; level <= levels; ++level)
        if (masked[at(level, octave)])
            return false;
    return true;
}

ScaleGrid scaleGrid(int levels, int positions, int filterLength, int hide)
{
    ScaleGrid grid{.levels = levels, .positions = positions, .filterLength = filterLength, .hide = hide};
    const int nearest = std::max(hide, 1), longest = positions - hide; // distances are hide … longest − 1
    if (longest <= nearest)
        return grid;
    grid.edges.push_back(nearest);
    for (std::int64_t edge = 1; edge < longest; edge *= 2)
        if (edge > nearest)
            grid.edges.push_back(static_cast<int>(edge));
    grid.edges.push_back(longest);
    grid.octaves = static_cast<int>(grid.edges.size()) - 1;
    for (int level = 0; level <= levels; ++level)
        for (int octave = 0; octave < grid.octaves; ++octave) {
            const Columns all = columnsOf(grid, octave);
            grid.masked.push_back(2 * common(all, clearOf(grid, level)).count() < all.count());
        }
    return grid;
}

int levelsForSlope(int positions, int filterLength, int hide)
{
    constexpr int kMostLevels = 24, kMostOctaves = 3;
    for (int wanted = kMostOctaves; wanted > 0; --wanted)
        for (int levels = kMostLevels; levels > 0; --levels) {
            const ScaleGrid grid = scaleGrid(levels, positions, filterLength, hide);
            int clear = 0;
            for (int octave = 0; octave < grid.octaves; ++octave)
                clear += grid.isClear(octave) ? 1 : 0;
            if (clear >= wanted)
                return levels;
        }
    return 1;
}

ScaleCells scaleCells(const Contribution& c, const ScaleGrid& grid)
{
    const std::vector<double> nothing(grid.masked.size(), kNaN);
    ScaleCells cells{nothing, nothing, {}};
    const Columns everywhere = clearOf(grid, grid.levels);
    for (int level = 0; level <= grid.levels; ++level) {
        cells.overall.push_back(meanOver(c.powerOf(level), everywhere));
        for (int octave = 0; octave < grid.octaves; ++octave) {
            const Columns all = columnsOf(grid, octave);
            const std::size_t at = grid.at(level, octave);
            if (!grid.masked[at])
                cells.energy[at] = meanOver(c.powerOf(level), common(all, clearOf(grid, level)));
            if (grid.isClear(octave))
                cells.shared[at] = meanOver(c.powerOf(level), common(all, everywhere));
        }
    }
    return cells;
}

ScaleMatrix scaleMatrix(const ScaleGrid& grid, const ScaleCells& cells)
{
    const int rows = grid.levels + 1;
    const auto bands = static_cast<std::size_t>(rows), octaves = static_cast<std::size_t>(grid.octaves);
    ScaleMatrix m{.levels = grid.levels,
                  .octaves = grid.octaves,
                  .hide = grid.hide,
                  .edges = grid.edges,
                  .energy = cells.energy,
                  .part = std::vector<double>(bands * octaves, kNaN),
                  .ratio = std::vector<double>(bands * octaves, kNaN),
                  .masked = grid.masked,
                  .partOverAll = std::vector<double>(bands, kNaN),
                  .meanLevel = std::vector<double>(octaves, kNaN),
                  .logDistance = std::vector<double>(octaves, kNaN),
                  .use = std::vector<OctaveUse>(octaves, OctaveUse::NearEnds)};
    const double total = std::accumulate(cells.overall.begin(), cells.overall.end(), 0.0);
    for (std::size_t level = 0; level < bands && total > 0; ++level)
        m.partOverAll[level] = cells.overall[level] / total;
    for (int octave = 0; octave < grid.octaves; ++octave) {
        double here = 0, everywhere = 0, shared = 0, weighted = 0;
        for (int level = 0; level < rows; ++level)
            if (!m.masked[m.at(level, octave)]) {
                here += m.energy[m.at(level, octave)];
                everywhere += cells.overall[static_cast<std::size_t>(level)];
                shared += cells.shared[m.at(level, octave)];
                weighted += cells.shared[m.at(level, octave)] * (level + 1);
            }
        for (int level = 0; level < rows; ++level) {
            if (m.masked[m.at(level, octave)] || !(here > 0))
                continue;
            double& part = m.part[m.at(level, octave)];
            part = m.energy[m.at(level, octave)] / here;
            const double usual = cells.overall[static_cast<std::size_t>(level)] / everywhere;
            if (part > 0 && usual > 0)
                m.ratio[m.at(level, octave)] = std::log2(part / usual);
        }
        if (!grid.isClear(octave) || !(shared > 0))
            continue;
        const auto place = static_cast<std::size_t>(octave);
        m.meanLevel[place] = weighted / shared;
        const Columns columns = common(columnsOf(grid, octave), clearOf(grid, grid.levels));
        double sum = 0;
        for (int i = columns.begin; i < columns.end; ++i)
            sum += std::log2(static_cast<double>(grid.positions - 1 - i));
        m.logDistance[place] = sum / columns.count();
        m.use[place] = cells.shared[m.at(grid.levels, octave)] > kMostBeyond * shared ? OctaveUse::BeyondLevels : OctaveUse::Used;
    }
    m.fit = fitLine(m);
    return m;
}

ScaleMatrix scaleMatrix(const Contribution& c, int hide)
{
    const ScaleGrid grid = scaleGrid(c.levels, c.positions, c.filterLength, hide);
    return scaleMatrix(grid, scaleCells(c, grid));
}

std::vector<double> cellEnergies(const Contribution& c, const ScaleMatrix& m)
{
    return scaleCells(c, scaleGrid(m.levels, c.positions, c.filterLength, m.hide)).energy;
}

std::vector<double> slopeWeights(const ScaleMatrix& m)
{
    if (m.fit.points < 2)
        return {};
    double mean = 0, spread = 0;
    for (std::size_t octave = 0; octave < m.use.size(); ++octave)
        mean += m.use[octave] == OctaveUse::Used ? m.logDistance[octave] / m.fit.points : 0;
    std::vector<double> weights(m.use.size());
    for (std::size_t octave = 0; octave < m.use.size(); ++octave)
        if (m.use[octave] == OctaveUse::Used) {
            weights[octave] = m.logDistance[octave] - mean;
            spread += weights[octave] * weights[octave];
        }
    for (double& weight : weights)
        weight /= spread;
    return weights;
}

double studentQuantile(int freedom)
{
    return kStudent[std::min(static_cast<std::size_t>(std::max(freedom, 1)), kStudent.size()) - 1];
}

} // namespace winnow
