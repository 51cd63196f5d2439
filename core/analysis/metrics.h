// SPDX-License-Identifier: GPL-3.0-or-later
// The metrics of a replay: one line each says what it is called, how it is computed and which way is better. The Quality tab and
// its table, the lane grid, the figures, their csv and npz, and the help of the command line read them from here.
#pragma once

#include "core/replay/replay_result.h"

#include <cmath>
#include <deque>
#include <limits>
#include <span>
#include <string>
#include <string_view>

namespace winnow {

enum class Better { Higher, Lower };

struct Metric {
    std::string_view name;    ///< the word for it: "mass"
    std::string_view title;   ///< "Mass kept"
    std::string_view axis;    ///< its title on an axis, with the unit: "Mass kept (share)"
    std::string_view unit;    ///< "share"
    std::string_view summary; ///< one sentence without its full stop
    Better better = Better::Higher;
    /// Writes the values of the cells first, first + 1, … of [layers, lanes, T] to `out`; NaN where one is not computed. Any
    /// thread. `metricRow` makes it from the value of one cell.
    void (*fill)(const PolicyReplay& policy, std::size_t first, std::span<double> out) = nullptr;
    bool whole = false;                                    ///< the values are counts, written without decimals
    double most = std::numeric_limits<double>::infinity(); ///< largest possible value; an axis ends a little above it at most
    std::string_view missing = {}; ///< what to say where a replay does not hold it; "" = every replay does
    bool ofModel = false;          ///< belongs to the whole model: equal in all lanes, and only runs have it

    static const Metric Mass, Error, Regret, Slots, Loss, Divergence;
};

/// Metric::fill from the value of one cell: `metricRow<[](const PolicyReplay& policy, std::size_t at) { return …; }>`.
template <auto valueAt>
void metricRow(const PolicyReplay& policy, std::size_t first, std::span<double> out)
{
    for (std::size_t i = 0; i < out.size(); ++i)
        out[i] = valueAt(policy, first + i);
}

/// `values[at]`, or NaN where the replay does not hold it.
inline double numberAt(std::span<const float> values, std::size_t at)
{
    return at < values.size() ? static_cast<double>(values[at]) : std::numeric_limits<double>::quiet_NaN();
}

/// All metrics, in the order in which they are offered. Entries keep their address.
const std::deque<Metric>& metricCatalog();
/// Adds a metric, which every list then shows. Call it before other threads read the catalog. The name must be new.
const Metric& addMetric(const Metric& metric);
/// The metric of that name; nullptr where there is none.
const Metric* findMetric(std::string_view name);
/// "mass, error, regret, slots, loss or kl".
std::string metricNames();

} // namespace winnow
