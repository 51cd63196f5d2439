#include "core/trace/rotary.h"

#include "core/base/check.h"

#include <cmath>
#include <numeric>

namespace winnow {

RotaryTable rotaryTable(const LayerInfo& layer, std::span<const std::int32_t> positions)
{
    RotaryTable table;
    table.pairs = static_cast<int>(layer.invFreq.size());
    table.cosines.reserve(positions.size() * table.pairs);
    table.sines.reserve(positions.size() * table.pairs);
    for (const std::int32_t position : positions)
        for (const float frequency : layer.invFreq) {
            const float angle = static_cast<float>(position) * frequency;
            table.cosines.push_back(static_cast<float>(std::cos(static_cast<double>(angle))) * layer.rotaryScale);
            table.sines.push_back(static_cast<float>(std::sin(static_cast<double>(angle))) * layer.rotaryScale);
        }
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

void rotate(const LayerInfo& layer, const RotaryTable& table, std::span<float> rows, int heads)
{
    if (table.pairs == 0)
        return;
    const int n = static_cast<int>(table.cosines.size()) / table.pairs;
    WINNOW_CHECK(rows.size() == static_cast<std::size_t>(heads) * n * layer.headDim, "{} floats for {} heads, {} rows of {}",
                 rows.size(), heads, n, layer.headDim);
    float* row = rows.data();
    for (int head = 0; head < heads; ++head)
        for (int entry = 0; entry < n; ++entry, row += layer.headDim)
            rotateRow(layer.layout, table, entry, row);
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
