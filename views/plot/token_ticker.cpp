// SPDX-License-Identifier: GPL-3.0-or-later
#include "views/plot/token_ticker.h"

#include "views/state/map_zoom.h"

namespace winnow::views {

double TokenTicker::getTickStep(const QCPRange& range) { return axisStep(range.size() / std::max(1, tickCount()), range.size()); }

} // namespace winnow::views
