// SPDX-License-Identifier: GPL-3.0-or-later
// The retention maps as they stand on paper, before they are painted. GUI thread.
#pragma once

#include "core/analysis/figures/retention.h"
#include "views/maps/map_grid.h"
#include "views/paper/page.h"

namespace winnow::views {

/// The maps at 600 dots per inch, with the step line and other marks where the options ask for them.
PaperMaps mapsOnPaper(const RetentionPicture& picture, const FigureOptions& options);

} // namespace winnow::views
