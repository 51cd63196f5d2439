// SPDX-License-Identifier: GPL-3.0-or-later
// Ticks for axes of tokens or steps in charts, at the same numbers as in the maps and the deck.
#pragma once

#include "views/plot/plot_style.h"

namespace winnow::views {

class TokenTicker : public GroupedTicker {
protected:
    double getTickStep(const QCPRange& range) override;
};

} // namespace winnow::views
