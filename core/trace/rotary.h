// SPDX-License-Identifier: GPL-3.0-or-later
// The rotary embedding, applied to recorded (unrotated) queries and keys. The only place that knows its two layouts.
#pragma once

#include "core/base/indices.h"
#include "core/trace/trace.h"

#include <cstdint>
#include <span>
#include <vector>

namespace winnow {

/// cos and sin of some positions, times the layer's rotary scale: [positions, pairs], float32. The angle is the float32 product
/// of frequency and position, as in transformers; its sine and cosine are taken in double, so they are right to the last bit or
/// so at any position.
struct RotaryTable {
    int pairs = 0; ///< rotary dims / 2; 0 = no rotary embedding
    std::vector<float> cosines, sines;
};

RotaryTable rotaryTable(const LayerInfo& layer, Position begin, Position end);
RotaryTable rotaryTable(const LayerInfo& layer, std::span<const std::int32_t> positions);

/// Rotates one row [d] in place by entry `entry` of the table. Dims beyond the rotary ones stay as they are.
void rotateRow(RotaryLayout layout, const RotaryTable& table, int entry, float* row);

/// Rotates `rows` [heads, n, d] in place; row j of every head by entry `first` + j of the table. Many rows on several threads.
void rotate(const LayerInfo& layer, const RotaryTable& table, std::span<float> rows, int heads, int first = 0);

/// The same at the consecutive positions from `begin`, or at the given positions (n of them).
void rotate(const LayerInfo& layer, std::span<float> rows, int heads, Position begin);
void rotate(const LayerInfo& layer, std::span<float> rows, int heads, std::span<const std::int32_t> positions);

} // namespace winnow
