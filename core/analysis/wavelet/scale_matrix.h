// SPDX-License-Identifier: GPL-3.0-or-later
// Does the dominant scale grow with the distance from now? Energy of every level against octaves of distance, as a table and as
// a line with its interval. Source: TreeKV (arXiv 2501.04987), section 3.3. Free of Torch.
#pragma once

#include "core/analysis/wavelet/contribution.h"

#include <cstdint>

namespace winnow {

/// Positions at both ends that are left out: the sinks and the newest tokens would otherwise look like a strong trend.
inline constexpr int kHiddenPositions = 32;

/// level = at + slope · log2(distance), by least squares over the octaves of `meanLevel`. A slope of 1: a scale twice as large at
/// twice the distance, as in a tree; 0: distance does not matter.
struct ScaleFit {
    double slope = 0, at = 0;
    double low = 0, high = 0;                ///< 95 % interval of the slope, Student's t; NaN with fewer than three octaves
    int points = 0;                          ///< octaves that are Used; with fewer than two slope and `at` are NaN
    bool growing() const { return low > 0; } ///< the interval lies above 0
};

/// What the line makes of an octave.
enum class OctaveUse : std::uint8_t {
    Used,
    NearEnds,     ///< left out: a level is masked there
    BeyondLevels, ///< left out: most of the power lies in the approximation, so that no level tells its scale
};

/// Where the cells of a scale matrix lie: all that does not depend on the signal.
struct ScaleGrid {
    int levels = 0, positions = 0, filterLength = 2, hide = kHiddenPositions;
    int octaves = 0;
    std::vector<int> edges;           ///< [octaves + 1], tokens
    std::vector<std::uint8_t> masked; ///< [levels + 1, octaves]

    std::size_t at(int level, int octave) const { return static_cast<std::size_t>(level) * octaves + octave; }
    bool isClear(int octave) const; ///< at every level
};
/// A text too short for `hide` gives no octaves.
ScaleGrid scaleGrid(int levels, int positions, int filterLength, int hide);
/// The most levels, up to 24, that leave three octaves clear; of a short text two, or one; at least one level.
int levelsForSlope(int positions, int filterLength, int hide);

/// The mean power of the positions of each cell that are clear.
struct ScaleCells {
    std::vector<double> energy; ///< [levels + 1, octaves]; NaN where masked
    /// [levels + 1, octaves] The same over the positions of the octave that are clear at every level, for levels that are
    /// compared with each other; NaN where an octave is not clear.
    std::vector<double> shared;
    std::vector<double> overall; ///< [levels + 1] of all positions that are clear at every level; NaN if none is
};
/// The contribution has the levels and positions of the grid.
ScaleCells scaleCells(const Contribution& contribution, const ScaleGrid& grid);

/// Rows are the levels, finest first, then the approximation, which counts as level `levels` + 1; columns are octaves of the
/// distance d = t − i: column c holds the distances edges[c] ≤ d < edges[c + 1], powers of two between `hide` and the farthest
/// that is shown.
///
/// Of a level only the positions count whose support, 2^level · (filter length − 1) to either side, keeps clear of the hidden
/// ones; a cell of which less than half is clear is masked. A cell's energy is the mean power of its clear positions, its part
/// that of the octave's levels (those that are not masked), and `ratio` log2(part here / part over all positions that are clear
/// at every level, taken over the same levels): > 0 where a level is stronger at this distance than elsewhere.
struct ScaleMatrix {
    int levels = 0, octaves = 0;
    int hide = kHiddenPositions;      ///< positions left out at both ends
    std::vector<int> edges;           ///< [octaves + 1], tokens
    std::vector<double> energy;       ///< [levels + 1, octaves]; NaN where masked
    std::vector<double> part;         ///< [levels + 1, octaves], 0…1; NaN where masked
    std::vector<double> ratio;        ///< [levels + 1, octaves]; NaN where masked or without energy
    std::vector<std::uint8_t> masked; ///< [levels + 1, octaves]
    std::vector<double> partOverAll;  ///< [levels + 1], 0…1; NaN if no position is clear at every level
    /// [octaves] The mean of the level numbers from 1, weighted by their power over the positions that are clear at every level;
    /// NaN where a level is masked.
    std::vector<double> meanLevel;
    std::vector<double> logDistance; ///< [octaves] mean log2 of the distances that are clear at every level; else NaN
    std::vector<OctaveUse> use;      ///< [octaves]
    ScaleFit fit;

    std::size_t at(int level, int octave) const { return static_cast<std::size_t>(level) * octaves + octave; }
};

ScaleMatrix scaleMatrix(const ScaleGrid& grid, const ScaleCells& cells);
/// Microseconds.
ScaleMatrix scaleMatrix(const Contribution& contribution, int hide = kHiddenPositions);

/// The weights by which the octaves' mean levels add up to the slope of the line: [octaves], 0 where an octave is not Used; empty
/// with fewer than two that are.
std::vector<double> slopeWeights(const ScaleMatrix& matrix);
/// The 97.5 % quantile of Student's t; `freedom` at least 1, values above 30 count as 30.
double studentQuantile(int freedom);

/// The energies of another contribution in the cells of `matrix`: [levels + 1, octaves], NaN where masked. It has as many levels
/// and positions as the contribution that `matrix` was made from.
std::vector<double> cellEnergies(const Contribution& contribution, const ScaleMatrix& matrix);

} // namespace winnow
