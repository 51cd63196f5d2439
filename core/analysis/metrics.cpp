// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/analysis/metrics.h"

#include "core/base/check.h"

#include <algorithm>

namespace winnow {

namespace {

constexpr std::string_view kOnlyRuns = "Only a run tells it, and none is shown; run a policy for real";

std::size_t tokenOf(const PolicyReplay& policy, std::size_t at) { return at % static_cast<std::size_t>(policy.tokens); }

} // namespace

// clang-format off
constinit const Metric Metric::Mass{"mass", "Mass kept", "Mass kept (share)", "share",
    "Share of the full attention row that falls on the tokens still there", Better::Higher,
    metricRow<[](const PolicyReplay& policy, std::size_t at) { return numberAt(policy.mass, at); }>, false, 1};

constinit const Metric Metric::Error{"error", "Output error", "Error (relative)", "relative",
    "Relative error of the attention output", Better::Lower,
    metricRow<[](const PolicyReplay& policy, std::size_t at) { return numberAt(policy.error, at); }>};

constinit const Metric Metric::Regret{"regret", "Regret", "Regret (share)", "share",
    "Mass of the best set of as many tokens, minus the policy's mass", Better::Lower,
    metricRow<[](const PolicyReplay& policy, std::size_t at) {
        return numberAt(policy.oracleMass, at) - numberAt(policy.mass, at);
    }>, false,
    std::numeric_limits<double>::infinity(), "Regret needs the oracle, and this replay was made without it"};

constinit const Metric Metric::Slots{"slots", "Slots", "Slots per lane", "tokens",
    "Tokens stored after the step", Better::Lower,
    metricRow<[](const PolicyReplay& policy, std::size_t at) {
        return at < policy.occupancy.size() && policy.occupancy[at] >= 0 ? static_cast<double>(policy.occupancy[at])
                                                                         : std::numeric_limits<double>::quiet_NaN();
    }>, true};

constinit const Metric Metric::Loss{"loss", "Loss", "Loss (nats per token)", "nats",
    "Negative log-likelihood of the token, as the model said the step before under the policy", Better::Lower,
    metricRow<[](const PolicyReplay& policy, std::size_t at) {
        return -numberAt(policy.run.logprob, tokenOf(policy, at));
    }>, false,
    std::numeric_limits<double>::infinity(), kOnlyRuns, true};

constinit const Metric Metric::Divergence{"kl", "KL to the full cache", "KL (nats per token)", "nats",
    "KL divergence of what the model said of the token under the policy from what it says with the full cache", Better::Lower,
    metricRow<[](const PolicyReplay& policy, std::size_t at) {
        return numberAt(policy.run.kl, tokenOf(policy, at));
    }>, false,
    std::numeric_limits<double>::infinity(), kOnlyRuns, true};
// clang-format on

namespace {

std::deque<Metric>& catalog()
{
    static std::deque<Metric> metrics{
        Metric::Mass, Metric::Error, Metric::Regret, Metric::Slots, Metric::Loss, Metric::Divergence,
    };
    return metrics;
}

} // namespace

const std::deque<Metric>& metricCatalog() { return catalog(); }

const Metric& addMetric(const Metric& metric)
{
    WINNOW_CHECK(!findMetric(metric.name), "there is a metric '{}' already", metric.name);
    return catalog().emplace_back(metric);
}

const Metric* findMetric(std::string_view name)
{
    const auto found = std::find_if(catalog().begin(), catalog().end(), [&](const Metric& one) { return one.name == name; });
    return found == catalog().end() ? nullptr : &*found;
}

std::string metricNames()
{
    std::string names;
    for (std::size_t i = 0; i < catalog().size(); ++i)
        names += std::string(i == 0 ? "" : i + 1 == catalog().size() ? " or " : ", ") + std::string(catalog()[i].name);
    return names;
}

} // namespace winnow
