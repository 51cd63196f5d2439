// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/analysis/run_costs.h"

#include <algorithm>
#include <cmath>

namespace winnow {

int firstJudged(const ReplayResult& result)
{
    const int last = static_cast<int>(result.tokenIds.size()) - 1;
    return std::min(result.prompt + 1, std::max(0, last));
}

std::optional<double> meanOf(std::span<const float> values, int first)
{
    double sum = 0;
    std::int64_t count = 0;
    for (std::size_t i = static_cast<std::size_t>(std::max(0, first)); i < values.size(); ++i) {
        if (std::isnan(values[i]))
            continue;
        sum += values[i];
        ++count;
    }
    return count > 0 ? std::optional(sum / static_cast<double>(count)) : std::nullopt;
}

std::optional<double> meanLoss(std::span<const float> logprob, int first)
{
    const auto mean = meanOf(logprob, first);
    return mean ? std::optional(-*mean) : std::nullopt;
}

std::optional<double> perplexityOf(const std::optional<double>& loss)
{
    return loss ? std::optional(std::exp(*loss)) : std::nullopt;
}

std::uint64_t mostTaken(const RunCosts& costs, int first)
{
    std::int64_t most = 0;
    for (std::size_t i = static_cast<std::size_t>(std::max(0, first)); i < costs.takenBytes.size(); ++i)
        most = std::max(most, costs.takenBytes[i]);
    return static_cast<std::uint64_t>(most);
}

} // namespace winnow
