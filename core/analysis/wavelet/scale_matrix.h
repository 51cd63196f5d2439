// SPDX-License-Identifier: GPL-3.0-or-later
// Does the dominant scale grow with the distance from now? Energy of every level against octaves of distance, as a table and as
// a line with its interval; per head it says which heads look like a tree. Source: TreeKV (arXiv 2501.04987), section 3.3;
// window.md section 9. Free of Torch.
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
    int points = 0;                          ///< octaves; with fewer than two slope and `at` are NaN
    bool growing() const { return low > 0; } ///< the interval lies above 0
};

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
    std::vector<double> meanLevel;    ///< [octaves] part-weighted mean of the level numbers from 1; NaN where a level is masked
    std::vector<double> logDistance;  ///< [octaves] mean log2 of the distances that are clear at every level; else NaN
    ScaleFit fit;

    std::size_t at(int level, int octave) const { return static_cast<std::size_t>(level) * octaves + octave; }
};

/// Microseconds. A text too short for `hide` gives no octaves.
ScaleMatrix scaleMatrix(const Contribution& contribution, int hide = kHiddenPositions);

/// The energies of another contribution in the cells of `matrix`: [levels + 1, octaves], NaN where masked. It has as many levels
/// and positions as the contribution that `matrix` was made from.
std::vector<double> cellEnergies(const Contribution& contribution, const ScaleMatrix& matrix);

/// The slope of every head, ordered by layer and head. `options.heads` empty: all.
struct HeadSlope {
    QueryHead head;
    ScaleFit fit;
};
struct HeadSlopes {
    std::vector<HeadSlope> heads;
    std::vector<Layer> layers; ///< of the model, by layerIndex
    Contribution all;          ///< the mean of all heads
    ScaleMatrix matrix;        ///< of `all`
    int hide = kHiddenPositions;

    const ScaleFit* find(QueryHead head) const; ///< nullptr if it is not among them
};
/// From the means of each head over recordings (not empty).
HeadSlopes slopesOf(const std::map<QueryHead, ContributionMean>& heads, const std::vector<Layer>& layers, int hide);
Result<HeadSlopes> headSlopes(const Trace& trace, const ContributionOptions& options, int hide, const JobContext& job);

} // namespace winnow
