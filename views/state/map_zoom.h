// SPDX-License-Identifier: GPL-3.0-or-later
// Arithmetic of the shared zoom, of axis ticks and of clipping; no widget.
#pragma once

#include "core/analysis/int_range.h"
#include "views/state/selection.h"

#include <QLineF>
#include <QRectF>

#include <optional>
#include <vector>

namespace winnow::views {

/// The ranges that are shown: those of `zoom`, or all tokens and steps where it is empty.
Zoom fullZoom(const Zoom& zoom, int tokens);

/// The whole tokens and steps, first to last, that a zoom touches. It is not empty.
IntRange shownTokens(const Zoom& zoom);
IntRange shownSteps(const Zoom& zoom);

/// `zoom` closer by `tokenFactor` and `stepFactor` (> 1 = closer, 1 = unchanged) with the given point held in place, inside
/// 0…tokens, at least 8 tokens and steps; empty when everything is shown.
Zoom zoomedAt(const Zoom& zoom, int tokens, double token, double step, double tokenFactor, double stepFactor);
/// Moved by so many tokens and steps, as far as the text reaches.
Zoom panned(const Zoom& zoom, int tokens, double byTokens, double bySteps);
/// The given ranges, put in order and clamped; empty when everything is shown.
Zoom zoomTo(int tokens, double tokenBegin, double tokenEnd, double stepBegin, double stepEnd);

/// The distance of ticks on every axis of tokens or steps, `least` or more: a power of two, or where fewer than five of its
/// multiples lie within `length`, three quarters of one.
double axisStep(double least, double length);
/// Multiples of axisStep that stand at least `spacing` pixels apart, within [begin, end].
std::vector<int> axisTicks(double begin, double end, double pixels, double spacing);

/// The part of the line inside the rectangle; nothing if it misses it.
std::optional<QLineF> clippedLine(const QLineF& line, const QRectF& rect);

} // namespace winnow::views
