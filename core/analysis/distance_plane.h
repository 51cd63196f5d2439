// SPDX-License-Identifier: GPL-3.0-or-later
// The retention map over the distance from the step instead of over tokens. A window becomes a band along the edge, a token that
// is kept a curve, and TreeKV's tree a pattern that stays the same over steps. Pure, any thread, free of Torch and Qt.
#pragma once

#include "core/analysis/difference.h"
#include "core/analysis/retention.h"

namespace winnow {

/// The position axis x = log2(1 + distance / unit), now at the right edge, `most` at the left one, on columns.
struct DistanceAxis {
    double unit = 16; ///< see distanceUnit in kept_share.h
    double most = 1;  ///< above 0
    int columns = 1;

    /// 1 = now … 0 = `most`; below 0 beyond it.
    double at(double distance) const;
    double distanceAt(double x) const;
    friend bool operator==(const DistanceAxis&, const DistanceAxis&) = default;
};

/// The distances of every column of an axis, worked out once for all rows of a picture. A column shows first … end − 1, at least
/// one.
class DistanceColumns {
public:
    DistanceColumns(const DistanceAxis& axis); // NOLINT: an axis stands for its columns
    int size() const { return static_cast<int>(m_first.size()); }
    int first(int column) const { return m_first[static_cast<std::size_t>(column)]; }
    int end(int column) const { return m_end[static_cast<std::size_t>(column)]; }

private:
    std::vector<int> m_first, m_end;
};

/// A mean share as a byte on a log scale from 1/64 to 1: 0 iff none, 126 iff all, 1 for what is less than 1/64.
std::uint8_t logShareByte(double share);

/// Cells are means over the tokens and steps that they cover and over the chosen lanes, so a share here tells how much of a
/// distance is kept. Bytes are as in retention.h with shares by logShareByte: by rule where most of what is kept is. `rows` says
/// which steps a row covers; its columns and tokens are not read. Of selections a row shows its first step alone. Cost: rows × T
/// runs and as many additions, and a pass over lanes × T lifetimes. Asks `job` once per row; a plane that was stopped has no
/// bytes.
RetentionPlane distancePlane(const PolicyReplay& policy, const LaneChoice& choice, const DistanceAxis& axis,
                             const RetentionRaster& rows, const JobContext& job = {});
/// The same of two policies: means of what this only, the reference only and both keep. Cost: three times as much.
DifferencePlane distanceDifference(const PolicyReplay& policy, const PolicyReplay& reference, const LanePairs& pairs,
                                   const DistanceAxis& axis, const RetentionRaster& rows, const JobContext& job = {});

/// One step, a row of plane bytes per token (keptBytes) or of cells (differenceCells) over 0 … step, as means over distance.
std::vector<std::uint8_t> bytesByDistance(std::span<const std::uint8_t> tokens, int step, const DistanceColumns& columns);
std::vector<DifferenceCell> cellsByDistance(std::span<const DifferenceCell> tokens, int step, const DistanceColumns& columns);

} // namespace winnow
