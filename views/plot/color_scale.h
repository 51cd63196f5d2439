// SPDX-License-Identifier: GPL-3.0-or-later
// From the bytes of a retention plane (core/analysis/retention.h) to colors. Values only; no widget, no plot.
#pragma once

#include "core/analysis/difference.h"
#include "core/analysis/retention.h"
#include "views/style/theme.h"

#include <QImage>
#include <QString>

#include <array>
#include <cstdint>
#include <string_view>
#include <vector>

namespace winnow::views {

/// In the order of kColorScales, their names.
enum class ScaleKind {
    Linear,  ///< color follows the share
    Log,     ///< from 1/64 to 1
    Rank,    ///< by rank among all kept cells shown, so that the ramp is used evenly
    Clipped, ///< linear up to the 99th percentile of the kept cells shown
};

/// From a share byte (0…126) to an index of the ramp (0…126), one for all panels and the deck. 0 stays 0 at every scale.
struct ColorScale {
    ScaleKind kind = ScaleKind::Linear;
    std::array<std::uint8_t, 127> index{};

    /// `shown`: how many cells of all visible panels have each share byte (Rank and Clipped read it; entry 0 is ignored).
    static ColorScale make(ScaleKind kind, const ShareHistogram& shown = {});
    friend bool operator==(const ColorScale&, const ColorScale&) = default;
};

/// The name in the Scale menu: "linear", "log", "rank", "clipped".
QString scaleName(ScaleKind kind);
/// The scale of that name, one of kColorScales.
ScaleKind scaleNamed(std::string_view name);

/// Plane byte → color, as retention.h numbers them.
using ColorTable = std::array<QRgb, 256>;
ColorTable colorTable(const Theme& theme, const ColorScale& scale);

/// Background of a token of the text by its plane byte; 0 where there is none.
ColorTable textGrounds(const Theme& theme);

/// Difference cell (core/analysis/difference.h) → color: this only, reference only, both and none mixed in OKLab by their shares
/// of lanes. Where as many lanes hold the token here only as in the reference only, the mixture is a gray that agreement never
/// gives.
using DifferenceTable = std::vector<QRgb>; ///< [kDifferenceCells]
DifferenceTable differenceTable(const Theme& theme);
/// Likewise the background of a token of the text.
DifferenceTable textDifferenceGrounds(const Theme& theme);

/// The gray of a lane whose measure is `value`, in a head map that runs from `least` to `most`.
QRgb laneColor(const Theme& theme, double value, double least, double most);

/// An image of Format_RGB32 with one pixel per cell. Cells out of reach are hatched at 45° with `theme.line` on the page color;
/// the lines are `hatchPitch` cells apart, which are device pixels.
QImage renderPlane(const RetentionPlane& plane, const ColorTable& table, const Theme& theme, int hatchPitch = 6);
QImage renderPlane(const DifferencePlane& plane, const DifferenceTable& table, const Theme& theme, int hatchPitch = 6);

} // namespace winnow::views
