// SPDX-License-Identifier: GPL-3.0-or-later
// The color key beside a map of attention. GUI thread.
#pragma once

#include "views/plot/plot_style.h"

namespace winnow::views {

/// Right of `rect`: a ramp for kept and, where a policy is compared, one for lost. `largest`: the top of a linear scale; nothing
/// = the scale is logarithmic, from 1e-4 to 1.
void drawAttentionKey(QCPPainter* painter, const QCPAxisRect* rect, const PlotStyle& style, bool compared,
                      std::optional<double> largest);

} // namespace winnow::views
