// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/analysis/drift.h"

#include "core/base/check.h"

#include <algorithm>
#include <limits>

namespace winnow {

namespace {

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

/// Sums of one part, and over how many lifetimes and steps.
struct Sums {
    std::int64_t lifetimes = 0, differing = 0, steps = 0, states = 0;
    double mass = 0, error = 0, hidden = 0;

    void add(const PolicyReplay& run, const PolicyReplay& replay, std::size_t at, bool judged)
    {
        ++lifetimes;
        differing += run.evictStep[at] != replay.evictStep[at];
        if (!judged)
            return;
        ++steps;
        mass += static_cast<double>(run.mass[at]) - replay.mass[at];
        error += static_cast<double>(run.error[at]) - replay.error[at];
    }
    void addHidden(double value)
    {
        ++states;
        hidden += value;
    }
    /// `none`: what the others are where no step counts.
    PolicyDrift::Part part(double none) const
    {
        const auto count = static_cast<double>(steps);
        return {.differing = static_cast<double>(differing) / static_cast<double>(std::max<std::int64_t>(1, lifetimes)),
                .mass = steps > 0 ? mass / count : none,
                .error = steps > 0 ? error / count : none,
                .hidden = states > 0 ? hidden / static_cast<double>(states) : none};
    }
};

PolicyDrift driftOf(const PolicyReplay& run, const PolicyReplay& replay, int prompt)
{
    Sums all;
    std::vector<Sums> layers(static_cast<std::size_t>(run.layers)), steps(static_cast<std::size_t>(run.tokens));
    for (int layer = 0; layer < run.layers; ++layer)
        for (int lane = 0; lane < run.lanes; ++lane)
            for (int token = 0; token < run.tokens; ++token) {
                const std::size_t at = run.index(layer, lane, token);
                const bool judged = token >= prompt;
                all.add(run, replay, at, judged);
                layers[static_cast<std::size_t>(layer)].add(run, replay, at, judged);
                steps[static_cast<std::size_t>(token)].add(run, replay, at, judged);
            }
    const std::vector<float>& hidden = run.run.hiddenError;
    for (int layer = 0; layer < run.layers; ++layer)
        for (int token = prompt; token < run.tokens; ++token) {
            const std::size_t at =
                static_cast<std::size_t>(layer) * static_cast<std::size_t>(run.tokens) + static_cast<std::size_t>(token);
            const double value = hidden.empty() ? kNaN : hidden[at];
            all.addHidden(value);
            layers[static_cast<std::size_t>(layer)].addHidden(value);
            steps[static_cast<std::size_t>(token)].addHidden(value);
        }
    PolicyDrift drift{.spec = run.spec.canonical(), .all = all.part(0), .layers = {}, .steps = {}};
    for (const Sums& layer : layers)
        drift.layers.push_back(layer.part(0));
    for (const Sums& step : steps)
        drift.steps.push_back(step.part(kNaN));
    return drift;
}

/// `runs` and `replays` may be one result; `pairs` says which of its policies may be which.
template <class IsRun, class IsReplay>
std::vector<PolicyDrift> driftOfPairs(const ReplayResult& runs, const IsRun& isRun, const ReplayResult& replays,
                                      const IsReplay& isReplay)
{
    std::vector<PolicyDrift> drifts;
    for (std::size_t r = 0; r < runs.policies.size(); ++r) {
        const PolicyReplay& run = *runs.policies[r];
        for (std::size_t p = 0; isRun(run) && p < replays.policies.size(); ++p) {
            const PolicyReplay& replay = *replays.policies[p];
            if (!isReplay(replay) || replay.lanes != run.lanes || replay.spec.canonical() != run.spec.canonical())
                continue;
            PolicyDrift drift = driftOf(run, replay, runs.prompt);
            drift.run = static_cast<int>(r);
            drift.replay = static_cast<int>(p);
            drifts.push_back(std::move(drift));
            break;
        }
    }
    return drifts;
}

double valueOf(const PolicyDrift::Part& part, const Metric& measure)
{
    if (measure.name == "lifetimes")
        return part.differing;
    return measure.name == "mass" ? part.mass : measure.name == "error" ? part.error : part.hidden;
}

} // namespace

std::vector<PolicyDrift> driftBetween(const ReplayResult& run, const ReplayResult& replay)
{
    WINNOW_CHECK(run.tokenIds.size() == replay.tokenIds.size() && run.layers == replay.layers,
                 "a run and a replay of other texts");
    const auto any = [](const PolicyReplay&) { return true; };
    return driftOfPairs(run, any, replay, any);
}

std::vector<PolicyDrift> driftWithin(const ReplayResult& both)
{
    const auto done = [](const PolicyReplay& policy) { return policy.stepsDone == policy.tokens; };
    return driftOfPairs(
        both, [&](const PolicyReplay& policy) { return policy.isRun() && done(policy); }, both,
        [&](const PolicyReplay& policy) { return !policy.isRun() && done(policy); });
}

PolicyDrift::Part driftOver(const PolicyDrift& drift, int begin, int end)
{
    WINNOW_CHECK(begin >= 0 && begin < end && end <= static_cast<int>(drift.steps.size()), "steps {} to {} of {}", begin, end,
                 drift.steps.size());
    const auto mean = [&](double PolicyDrift::Part::*which) {
        double sum = 0;
        for (int step = begin; step < end; ++step)
            sum += drift.steps[static_cast<std::size_t>(step)].*which;
        return sum / (end - begin);
    };
    return {.differing = mean(&PolicyDrift::Part::differing),
            .mass = mean(&PolicyDrift::Part::mass),
            .error = mean(&PolicyDrift::Part::error),
            .hidden = mean(&PolicyDrift::Part::hidden)};
}

std::span<const Metric> driftMeasures()
{
    static constexpr Metric kMeasures[] = {
        {.name = "lifetimes",
         .title = "Lifetimes that differ",
         .axis = "Lifetimes that differ (share)",
         .unit = "share",
         .summary = "Share of lanes in which the token leaves at another step in the run than in the replay",
         .better = Better::Lower,
         .most = 1},
        {.name = "mass",
         .title = "Mass, run \u2212 replay",
         .axis = "Mass, run \u2212 replay (share)",
         .unit = "share",
         .summary = "The run's mass minus the replay's"},
        {.name = "error",
         .title = "Error, run \u2212 replay",
         .axis = "Error, run \u2212 replay (relative)",
         .unit = "relative",
         .summary = "The run's output error minus the replay's; the run's holds the drift of its queries too",
         .better = Better::Lower},
        {.name = "hidden",
         .title = "Error of the hidden states",
         .axis = "Hidden-state error (relative)",
         .unit = "relative",
         .summary = "\u2016h_S \u2212 h\u2016 / \u2016h\u2016 of what a layer hands to the next one, in the run and under the "
                    "full cache; a replay "
                    "has the full cache's, so that all of it is drift",
         .better = Better::Lower},
    };
    return kMeasures;
}

const Metric* findDriftMeasure(std::string_view name)
{
    const auto found = std::ranges::find_if(driftMeasures(), [&](const Metric& one) { return one.name == name; });
    return found == driftMeasures().end() ? nullptr : &*found;
}

DriftCurves driftCurves(const ReplayResult& both, const Metric& measure, std::span<const int> runs)
{
    const int tokens = static_cast<int>(both.tokenIds.size());
    const StepSpan span{measure.name == "lifetimes" ? 0 : std::min(both.prompt, tokens), tokens};
    DriftCurves curves;
    curves.steps.metric = curves.layers.metric = &measure;
    curves.steps.prompt = both.prompt;
    curves.steps.range = curves.layers.range = span;
    for (const Layer layer : both.layers)
        curves.layers.layers.push_back(raw(layer));
    for (const PolicyDrift& drift : driftWithin(both)) {
        if (!runs.empty() && std::ranges::find(runs, drift.run) == runs.end())
            continue;
        const std::string label = policyLabel(*both.policies[static_cast<std::size_t>(drift.run)]);
        QualityCurves::Line line{.label = label, .spec = drift.spec, .policy = drift.run};
        for (const PolicyDrift::Part& step : drift.steps)
            line.mean.push_back(valueOf(step, measure));
        line.least = line.most = line.mean;
        line.average = valueOf(drift.all, measure);
        curves.steps.lines.push_back(std::move(line));
        LayerCurves::Line layers{.label = label, .spec = drift.spec, .policy = drift.run};
        for (const PolicyDrift::Part& layer : drift.layers)
            layers.mean.push_back(valueOf(layer, measure));
        layers.least = layers.most = layers.mean;
        curves.layers.lines.push_back(std::move(layers));
    }
    return curves;
}

} // namespace winnow
