// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/analysis/rank_correlation.h"

#include "core/analysis/means.h"
#include "core/analysis/run_costs.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>

namespace winnow {

namespace {

/// 1 for the smallest; equal values share the mean of their ranks.
std::vector<double> ranksOf(std::span<const double> values)
{
    std::vector<std::size_t> order(values.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::ranges::sort(order, {}, [&](std::size_t i) { return values[i]; });
    std::vector<double> ranks(values.size());
    for (std::size_t begin = 0; begin < order.size();) {
        std::size_t end = begin;
        while (end < order.size() && values[order[end]] == values[order[begin]])
            ++end;
        for (std::size_t i = begin; i < end; ++i)
            ranks[order[i]] = static_cast<double>(begin + end + 1) / 2;
        begin = end;
    }
    return ranks;
}

struct Point {
    std::shared_ptr<const PolicyReplay> replayed;
    double loss = 0;
};

std::optional<double> against(const Metric& metric, double sign, const std::vector<Point>& points, StepSpan steps)
{
    std::vector<double> values, losses;
    for (const Point& point : points) {
        std::vector<int> lanes(static_cast<std::size_t>(point.replayed->layers) * point.replayed->lanes);
        std::iota(lanes.begin(), lanes.end(), 0);
        if (const auto mean = meanMetric(*point.replayed, metric, lanes, steps)) {
            values.push_back(sign * *mean);
            losses.push_back(point.loss);
        }
    }
    return rankCorrelation(values, losses);
}

} // namespace

std::optional<double> rankCorrelation(std::span<const double> a, std::span<const double> b)
{
    if (a.size() < 3 || a.size() != b.size())
        return std::nullopt;
    const std::vector<double> x = ranksOf(a), y = ranksOf(b);
    const double mean = static_cast<double>(a.size() + 1) / 2;
    double xy = 0, xx = 0, yy = 0;
    for (std::size_t i = 0; i < x.size(); ++i) {
        xy += (x[i] - mean) * (y[i] - mean);
        xx += (x[i] - mean) * (x[i] - mean);
        yy += (y[i] - mean) * (y[i] - mean);
    }
    return xx > 0 && yy > 0 ? std::optional(xy / std::sqrt(xx * yy)) : std::nullopt;
}

Foretelling foretelling(std::span<const std::shared_ptr<const ReplayResult>> runs,
                        std::span<const std::shared_ptr<const ReplayResult>> replays)
{
    std::map<std::string, std::shared_ptr<const PolicyReplay>> replayed;
    int prompt = 0;
    for (const auto& replay : replays)
        for (const auto& policy : replay->policies) {
            replayed.emplace(policy->spec.canonical(), policy);
            prompt = replay->prompt;
        }
    std::vector<Point> points;
    std::vector<std::shared_ptr<const PolicyReplay>> compared;
    for (const auto& run : runs)
        for (const auto& policy : run->policies) {
            const auto found = replayed.find(policy->spec.canonical());
            const auto loss = meanLoss(policy->run.logprob, firstJudged(*run));
            const PolicyInfo* const info = findPolicy(policy->spec.name);
            if (found == replayed.end() || !loss || info == nullptr || info->acts == Acts::Never)
                continue;
            points.push_back({found->second, *loss});
            compared.push_back(found->second);
            replayed.erase(found); // of two runs of it the first counts
        }
    const StepSpan steps = meanSteps(compared, prompt);
    return {.policies = points.size(),
            .mass = against(Metric::Mass, -1, points, steps),
            .error = against(Metric::Error, 1, points, steps),
            .regret = against(Metric::Regret, 1, points, steps)};
}

} // namespace winnow
