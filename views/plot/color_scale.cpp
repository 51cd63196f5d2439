// SPDX-License-Identifier: GPL-3.0-or-later
#include "views/plot/color_scale.h"

#include "core/analysis/figures/figure_options.h"
#include "core/base/check.h"

#include <algorithm>
#include <cmath>

namespace winnow::views {

namespace {

std::uint8_t rampIndex(double share) // of something kept: never the color of nothing
{
    return static_cast<std::uint8_t>(std::clamp(std::lround(126 * share), 1l, 126l));
}

} // namespace

ColorScale ColorScale::make(ScaleKind kind, const ShareHistogram& shown)
{
    ColorScale scale;
    scale.kind = kind;
    double total = 0;
    for (std::size_t i = 1; i < shown.size(); ++i)
        total += static_cast<double>(shown[i]);
    if (total == 0 && kind != ScaleKind::Log)
        kind = ScaleKind::Linear; // nothing is kept anywhere, so any scale shows it

    double clip = 126, below = 0;
    for (std::size_t i = 1; i < shown.size() && kind == ScaleKind::Clipped; ++i) {
        below += static_cast<double>(shown[i]);
        if (below >= 0.99 * total) {
            clip = static_cast<double>(i);
            break;
        }
    }
    below = 0;
    for (std::size_t i = 1; i < scale.index.size(); ++i) {
        const double share = static_cast<double>(i) / 126;
        const auto here = static_cast<double>(shown[i]);
        switch (kind) {
        case ScaleKind::Linear:
            scale.index[i] = static_cast<std::uint8_t>(i);
            break;
        case ScaleKind::Log:
            scale.index[i] = rampIndex(1 + std::log2(share) / 6);
            break;
        case ScaleKind::Rank:
            scale.index[i] = rampIndex((below + here) / total);
            break;
        case ScaleKind::Clipped:
            scale.index[i] = rampIndex(static_cast<double>(i) / clip);
            break;
        }
        below += here;
    }
    return scale;
}

QString scaleName(ScaleKind kind)
{
    const std::string_view name = kColorScales[static_cast<std::size_t>(kind)];
    return QString::fromUtf8(name.data(), static_cast<qsizetype>(name.size()));
}

ScaleKind scaleNamed(std::string_view name)
{
    const auto found = std::ranges::find(kColorScales, name);
    WINNOW_CHECK(found != kColorScales.end(), "there is no scale '{}'", name);
    return static_cast<ScaleKind>(found - kColorScales.begin());
}

ColorTable colorTable(const Theme& theme, const ColorScale& scale)
{
    ColorTable table{};
    for (std::size_t share = 0; share < 127; ++share) {
        table[share] = theme.choice[scale.index[share]];
        table[kByRule + share] = theme.rule[scale.index[share]];
    }
    table[kUnborn] = theme.page.rgb();
    table[kOutOfReach] = theme.page.rgb();
    return table;
}

ColorTable textGrounds(const Theme& theme)
{
    ColorTable colors{};
    for (std::size_t share = 1; share < 127; ++share) {
        colors[share] = theme.text[share];
        colors[kByRule + share] = mixOkLab(theme.panel.rgb(), theme.textRule.rgb(), static_cast<double>(share) / 126);
    }
    return colors;
}

QRgb laneColor(const Theme& theme, double value, double least, double most)
{
    const double share = most > least ? (value - least) / (most - least) : 1;
    return theme.rule[static_cast<std::size_t>(std::lround(16 + 110 * std::clamp(share, 0.0, 1.0)))];
}

namespace {

/// The four colors of a difference.
struct FourColors {
    QRgb thisOnly, referenceOnly, both, none;
};

DifferenceTable mixedTable(const FourColors& colors, QRgb unborn, QRgb outOfReach)
{
    const OkLab four[] = {toOkLab(colors.thisOnly), toOkLab(colors.referenceOnly), toOkLab(colors.both), toOkLab(colors.none)};
    DifferenceTable table(kDifferenceCells, colors.none);
    table[kDifferenceUnborn] = unborn;
    table[kDifferenceOutOfReach] = outOfReach;
    for (std::size_t cell = kDifferenceOutOfReach + 1; cell < table.size(); ++cell) {
        const DifferenceShares shares = differenceShares(static_cast<DifferenceCell>(cell));
        const int told = shares.thisOnly + shares.referenceOnly + shares.both;
        if (shares.referenceOnly < 0 || shares.referenceOnly > kDifferenceSteps)
            continue; // no such cell
        const double weights[] = {double(shares.thisOnly), double(shares.referenceOnly), double(shares.both),
                                  double(std::max(0, kDifferenceSteps - told))};
        OkLab mixed;
        const double all = std::max(kDifferenceSteps, told);
        for (int i = 0; i < 4; ++i) {
            mixed.L += four[i].L * weights[i] / all;
            mixed.a += four[i].a * weights[i] / all;
            mixed.b += four[i].b * weights[i] / all;
        }
        table[cell] = fromOkLab(mixed);
    }
    return table;
}

template <class Cell, class Table>
QImage renderCells(const RetentionRaster& raster, const std::vector<Cell>& cells, Cell outOfReach, const Table& table,
                   const Theme& theme, int hatchPitch)
{
    QImage image(raster.columns, raster.rows, QImage::Format_RGB32);
    const Cell* cell = cells.data();
    for (int row = 0; row < raster.rows; ++row) {
        auto* pixel = reinterpret_cast<QRgb*>(image.scanLine(row));
        for (int column = 0; column < raster.columns; ++column, ++cell)
            pixel[column] = *cell == outOfReach && (row + column) % hatchPitch == 0 ? theme.line.rgb() : table[*cell];
    }
    return image;
}

} // namespace

DifferenceTable differenceTable(const Theme& theme)
{
    return mixedTable({theme.differenceThis, theme.differenceReference, theme.differenceBoth, theme.none}, theme.page.rgb(),
                      theme.page.rgb());
}

DifferenceTable textDifferenceGrounds(const Theme& theme)
{
    DifferenceTable table =
        mixedTable({theme.text.back(), theme.textReferenceOnly.rgb(), theme.textRule.rgb(), theme.panel.rgb()}, 0, 0);
    table[differenceCell({0, 0, 0})] = 0; // evicted by both: no ground, as everywhere in the text
    return table;
}

QImage renderPlane(const RetentionPlane& plane, const ColorTable& table, const Theme& theme, int hatchPitch)
{
    return renderCells(plane.raster, plane.bytes, kOutOfReach, table, theme, hatchPitch);
}

QImage renderPlane(const DifferencePlane& plane, const DifferenceTable& table, const Theme& theme, int hatchPitch)
{
    return renderCells(plane.raster, plane.cells, kDifferenceOutOfReach, table, theme, hatchPitch);
}

} // namespace winnow::views
