// SPDX-License-Identifier: GPL-3.0-or-later
// A figure step by step as a moving picture. GUI thread.
#pragma once

#include "core/analysis/figures/figure.h"

#include <filesystem>
#include <functional>

namespace winnow::views {

/// Makes the figure of each step with `make`, draws it, and writes a .gif that shows ten a second. Nothing is written before the
/// last one is drawn. Frames are `options.width` inches wide at `options.dpi`; those that are lower than the highest end in
/// white.
Result<void> saveAnimation(const std::vector<int>& steps, const std::function<Result<Figure>(int step)>& make,
                           const FigureOptions& options, const std::filesystem::path& out, const JobContext& job);

} // namespace winnow::views
