// SPDX-License-Identifier: GPL-3.0-or-later
// Ticks of every axis of tokens or steps in charts: where those of the maps and the deck are.
#pragma once

#include "views/plot/plot_style.h"

namespace winnow::views {

class TokenTicker : public GroupedTicker {
protected:
    double getTickStep(const QCPRange& range) override;
};

} // namespace winnow::views
