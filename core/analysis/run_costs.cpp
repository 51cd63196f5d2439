// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/analysis/run_costs.h"

#include <algorithm>
#include <cmath>

namespace winnow {

int firstJudged(const ReplayResult& result) { return std::min(result.prompt + 1, static_cast<int>(result.tokenIds.size())); }

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

std::optional<AddedLoss> addedLoss(std::span<const float> logprob, std::span<const float> full, int first)
{
    std::vector<double> added;
    for (std::size_t t = static_cast<std::size_t>(std::max(0, first)); t < std::min(logprob.size(), full.size()); ++t)
        if (!std::isnan(logprob[t]) && !std::isnan(full[t]))
            added.push_back(static_cast<double>(full[t]) - logprob[t]);
    if (added.empty())
        return std::nullopt;
    double sum = 0;
    for (const double one : added)
        sum += one;
    return AddedLoss{.mean = sum / static_cast<double>(added.size()),
                     .interval = blockBootstrapInterval(added, kLossBlock),
                     .tokens = static_cast<std::int64_t>(added.size())};
}

std::uint64_t mostTaken(const RunCosts& costs, int first)
{
    std::int64_t most = 0;
    for (std::size_t i = static_cast<std::size_t>(std::max(0, first)); i < costs.takenBytes.size(); ++i)
        most = std::max(most, costs.takenBytes[i]);
    return static_cast<std::uint64_t>(most);
}

} // namespace winnow
