// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/trace/rotary.h"

#include "core/base/check.h"

#include <ATen/Parallel.h>

#include <cmath>
#include <numeric>

namespace winnow {

namespace {

constexpr std::int64_t kPositionsApart = 256, kRowsApart = 2048; ///< worth a thread of their own

} // namespace

RotaryTable rotaryTable(const LayerInfo& layer, std::span<const std::int32_t> positions)
{
    RotaryTable table;
    const std::size_t pairs = layer.invFreq.size();
    table.pairs = static_cast<int>(pairs);
    table.cosines.resize(positions.size() * pairs);
    table.sines.resize(positions.size() * pairs);
    at::parallel_for(0, static_cast<std::int64_t>(positions.size()), kPositionsApart, [&](std::int64_t begin, std::int64_t end) {
        for (auto entry = static_cast<std::size_t>(begin); entry < static_cast<std::size_t>(end); ++entry)
            for (std::size_t pair = 0; pair < pairs; ++pair) {
                const float angle = static_cast<float>(positions[entry]) * layer.invFreq[pair];
                table.cosines[entry * pairs + pair] =
                    static_cast<float>(std::cos(static_cast<double>(angle))) * layer.rotaryScale;
                table.sines[entry * pairs + pair] = static_cast<float>(std::sin(static_cast<double>(angle))) * layer.rotaryScale;
            }
    });
    return table;
}

RotaryTable rotaryTable(const LayerInfo& layer, Position begin, Position end)
{
    WINNOW_CHECK(raw(begin) <= raw(end), "positions {} to {}", raw(begin), raw(end));
    std::vector<std::int32_t> positions(raw(end) - raw(begin));
    std::iota(positions.begin(), positions.end(), raw(begin));
    return rotaryTable(layer, positions);
}

void rotateRow(RotaryLayout layout, const RotaryTable& table, int entry, float* row)
{
    const float* cosines = table.cosines.data() + static_cast<std::size_t>(entry) * table.pairs;
    const float* sines = table.sines.data() + static_cast<std::size_t>(entry) * table.pairs;
    if (layout == RotaryLayout::Half) {
        float* second = row + table.pairs;
        for (int j = 0; j < table.pairs; ++j) {
            const float a = row[j], b = second[j];
            row[j] = a * cosines[j] - b * sines[j];
            second[j] = b * cosines[j] + a * sines[j];
        }
        return;
    }
    for (int j = 0; j < table.pairs; ++j) {
        const float a = row[2 * j], b = row[2 * j + 1];
        row[2 * j] = a * cosines[j] - b * sines[j];
        row[2 * j + 1] = b * cosines[j] + a * sines[j];
    }
}

void rotate(const LayerInfo& layer, const RotaryTable& table, std::span<float> rows, int heads, int first)
{
    if (table.pairs == 0)
        return;
    const int entries = static_cast<int>(table.cosines.size()) / table.pairs;
    const std::size_t perHead = rows.size() / static_cast<std::size_t>(heads),
                      n = perHead / static_cast<std::size_t>(layer.headDim);
    WINNOW_CHECK(rows.size() == static_cast<std::size_t>(heads) * n * layer.headDim && first >= 0 &&
                     n + first <= static_cast<std::size_t>(entries),
                 "{} floats for {} heads of {}, entries from {} of {}", rows.size(), heads, layer.headDim, first, entries);
    at::parallel_for(0, static_cast<std::int64_t>(heads) * static_cast<std::int64_t>(n), kRowsApart,
                     [&](std::int64_t begin, std::int64_t end) {
                         for (std::int64_t row = begin; row < end; ++row)
                             rotateRow(layer.layout, table, first + static_cast<int>(row % static_cast<std::int64_t>(n)),
                                       rows.data() + row * layer.headDim);
                     });
}

void rotate(const LayerInfo& layer, std::span<float> rows, int heads, Position begin)
{
    const int n = static_cast<int>(rows.size() / (static_cast<std::size_t>(heads) * layer.headDim));
    rotate(layer, rotaryTable(layer, begin, Position(raw(begin) + n)), rows, heads);
}

void rotate(const LayerInfo& layer, std::span<float> rows, int heads, std::span<const std::int32_t> positions)
{
    rotate(layer, rotaryTable(layer, positions), rows, heads);
}

} // namespace winnow
