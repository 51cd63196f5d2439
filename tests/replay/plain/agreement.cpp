// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/replay/plain/agreement.h"

#include "core/replay/replay_plan.h"
#include "tests/replay/plain/plain_replay.h"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <limits>
#include <numeric>

namespace winnow::plain {

namespace {

/// How far apart equal numbers may be.
struct Rounding {
    double share = 0;           ///< relative error of a share, as agreement.h derives it
    double least = 1e-6;        ///< absolute error of a score
    std::vector<double> rest{}; ///< [T] absolute error of what a token has still to receive, a difference of sums; where foreseen
    double nearTie() const { return 1e-5 + share; }
    double score(double score, int token) const
    {
        return least + (rest.empty() ? 0 : rest[static_cast<std::size_t>(token)]) + nearTie() * std::abs(score);
    }
};

/// Length of the longest of `rows` [rows, width].
double longest(std::span<const float> rows, int width)
{
    double most = 0;
    for (; !rows.empty(); rows = rows.subspan(static_cast<std::size_t>(width)))
        most = std::max(most, std::inner_product(rows.begin(), rows.begin() + width, rows.begin(), 0.0));
    return std::sqrt(most);
}

/// Of one unit's heads. `foresees`: whether the policy looks at what is to come.
Rounding roundingOf(const testing_support::SyntheticTrace& trace, int layer, int firstHead, int heads, bool foresees)
{
    const auto tokens = trace.info.tokens.size();
    const auto at = static_cast<std::size_t>(layer);
    const LayerInfo& info = trace.info.layerInfo[at];
    Rounding rounding;
    for (const float lse : trace.lse[at])
        rounding.share = std::max(rounding.share, 0x1p-22 * std::abs(static_cast<double>(lse)));
    rounding.share += 2 * (info.headDim + 8) * 0x1p-24 * longest(trace.q[at], info.headDim) * longest(trace.k[at], info.headDim) *
                      info.scale * info.rotaryScale * info.rotaryScale;
    if (foresees)
        rounding.rest.resize(tokens);
    for (std::size_t token = 0; token < rounding.rest.size(); ++token)
        for (int head = firstHead; head < firstHead + heads; ++head)
            for (std::size_t step = token; step < tokens; ++step)
                rounding.rest[token] += rounding.share / heads *
                                        trace.attention[static_cast<std::size_t>(layer)]
                                                       [(static_cast<std::size_t>(head) * tokens + step) * tokens + token];
    return rounding;
}

bool alike(double a, double b, double tolerance) { return a == b || std::abs(a - b) <= tolerance; }

/// The step at which two lists of lifetimes first differ; −1 where they do not.
int firstDifference(std::span<const std::int32_t> a, const std::vector<int>& b)
{
    int first = -1;
    for (std::size_t token = 0; token < b.size(); ++token)
        if (a[token] != b[token])
            for (const int step : {static_cast<int>(a[token]), b[token]})
                if (step >= 0 && (first < 0 || step < first))
                    first = step;
    return first;
}

/// One lane of both replays. `firstLane`: the unit's first lane in the engine's result.
struct LanePair {
    const PolicyReplay& kept;
    const Outcome& expected;
    const Rounding& rounding;
    int layer = 0, firstLane = 0, lane = 0;
    std::size_t cell(int t) const { return kept.index(layer, firstLane + lane, t); }
    std::span<const std::int32_t> lifetimes() const
    {
        return std::span(kept.evictStep).subspan(cell(0), static_cast<std::size_t>(kept.tokens));
    }
};

/// Whether the tokens that only one of two ascending lists names have nearly equal scores.
bool nearlyTied(const Tokens& a, const Tokens& b, const Numbers& scores, const Rounding& rounding)
{
    Tokens apart;
    std::set_symmetric_difference(a.begin(), a.end(), b.begin(), b.end(), std::back_inserter(apart));
    double least = std::numeric_limits<double>::infinity(), most = -least, tolerance = 0;
    for (const int token : apart) {
        const auto score = scores.find(token);
        if (score == scores.end())
            return false;
        least = std::min(least, score->second);
        most = std::max(most, score->second);
        tolerance = std::max(tolerance, rounding.score(score->second, token));
    }
    return most - least <= tolerance;
}

template <class Lifetimes>
Tokens leavingAt(int step, const Lifetimes& lifetimes)
{
    Tokens tokens;
    for (std::size_t token = 0; token < lifetimes.size(); ++token)
        if (lifetimes[token] == step)
            tokens.push_back(static_cast<int>(token));
    return tokens;
}

/// The metrics of one step, and what it reads.
std::string differenceAtStep(const LanePair& pair, int step, Agreement& sum)
{
    const auto at = static_cast<std::size_t>(step), lane = static_cast<std::size_t>(pair.lane);
    const std::size_t cell = pair.cell(step);
    const auto differs = [&](const char* what, double engine, double plain) {
        return fmt::format("step {}: {} {} in the engine, {} plainly", step, what, engine, plain);
    };
    if (pair.kept.occupancy[cell] != pair.expected.occupancy[at])
        return differs("occupancy", pair.kept.occupancy[cell], pair.expected.occupancy[at]);
    if (pair.kept.selects()) {
        Tokens read;
        for (int token = 0; token <= step; ++token)
            if (pair.kept.attends(pair.layer, pair.firstLane + pair.lane, token, step))
                read.push_back(token);
        if (const auto& [tokens, bounds] = pair.expected.read[at]; read != tokens) {
            if (!nearlyTied(read, tokens, bounds, pair.rounding))
                return fmt::format("step {}: reads {} in the engine, {} plainly", step, fmt::join(read, " "),
                                   fmt::join(tokens, " "));
            ++sum.undecided;
            return "";
        }
    }
    if (!alike(pair.kept.mass[cell], pair.expected.mass[lane][at], 1e-5 + pair.rounding.share))
        return differs("mass", pair.kept.mass[cell], pair.expected.mass[lane][at]);
    const double error = pair.expected.error[lane][at], reach = pair.expected.reach[lane][at];
    const bool unknown = pair.kept.spec.name == "cam"; // what seeped into values is compared in merging_test.cpp
    if (std::isnan(error))
        ++sum.undefined;
    else if (!unknown && !alike(pair.kept.error[cell], error, (1e-5 + pair.rounding.share) * (1 + reach)))
        return differs("error", pair.kept.error[cell], error);
    return "";
}

/// What is told of a token that left: where it went, its score, and the lowest of those that stayed.
std::string differenceOfLeaving(const LanePair& pair, int token)
{
    const std::size_t cell = pair.cell(token), at = static_cast<std::size_t>(token);
    const int step = pair.kept.evictStep[cell];
    const auto differs = [&](const char* what, double engine, double plain) {
        return fmt::format("token {}, left at {}: {} {} in the engine, {} plainly", token, step, what, engine, plain);
    };
    if (!pair.kept.mergedInto.empty() && pair.kept.spec.name != "cam" &&
        pair.kept.mergedInto[cell] != pair.expected.mergedInto[at])
        return differs("merged into", pair.kept.mergedInto[cell], pair.expected.mergedInto[at]);
    const auto scores = pair.expected.scores.find(step);
    if (pair.kept.scoreAtEviction.empty() || scores == pair.expected.scores.end() ||
        std::isnan(pair.kept.scoreAtEviction[cell])) // which a token has not that leaves a sliding window
        return "";
    const double score = scores->second.at(token);
    if (!alike(pair.kept.scoreAtEviction[cell], score, pair.rounding.score(score, token)))
        return differs("score", pair.kept.scoreAtEviction[cell], score);
    double lowest = std::numeric_limits<double>::infinity(), least = lowest, most = lowest; // the plain one, and its bounds
    for (const int other : pair.expected.candidates.at(step))
        if (pair.expected.evictStep[static_cast<std::size_t>(other)] != step) {
            const double stays = scores->second.at(other), tolerance = pair.rounding.score(stays, other);
            lowest = std::min(lowest, stays);
            least = std::min(least, stays - tolerance);
            most = std::min(most, stays + tolerance);
        }
    const double kept = pair.kept.lowestKept[cell];
    if (std::isfinite(lowest) && kept != lowest && (kept < least || kept > most))
        return differs("lowest kept", kept, lowest);
    return "";
}

/// Everything up to where the lifetimes first differ, which must be a near-tie.
std::string differenceOfLane(const LanePair& pair, Agreement& sum)
{
    const auto lifetimes = pair.lifetimes();
    int first = firstDifference(lifetimes, pair.expected.evictStep);
    const int undecided = pair.expected.undecided;
    const bool decides = undecided < 0 || (first >= 0 && first < undecided);
    sum.lifetimes += pair.kept.tokens;
    sum.undecided += !decides;
    if (!decides)
        first = undecided;
    for (std::size_t token = 0; decides && token < lifetimes.size(); ++token)
        sum.differ += lifetimes[token] != pair.expected.evictStep[token];
    for (int t = 0; t < (first < 0 ? pair.kept.tokens : first); ++t) {
        const int left = lifetimes[static_cast<std::size_t>(t)];
        std::string found = differenceAtStep(pair, t, sum);
        if (found.empty() && left >= 0 && (first < 0 || left < first))
            found = differenceOfLeaving(pair, t);
        if (!found.empty())
            return found;
    }
    const auto scores = pair.expected.scores.find(first);
    const Tokens engine = leavingAt(first, lifetimes), plain = leavingAt(first, pair.expected.evictStep);
    if (first < 0 || !decides ||
        (scores != pair.expected.scores.end() && nearlyTied(engine, plain, scores->second, pair.rounding)))
        return "";
    return fmt::format("step {}: {} leave in the engine, {} plainly, and no near-tie explains it", first, fmt::join(engine, " "),
                       fmt::join(plain, " "));
}

} // namespace

bool choosesPlainly(const PolicySpec& spec, int prompt)
{
    const Rule rule = ruleOf(spec);
    const bool divides = spec.name == "cake" && prompt > 0; // its budget among the layers, by their prompts
    return (rule.choose && !divides) || rule.read;
}

std::string differenceFromPlain(const testing_support::MemoryTrace& trace, const PolicyReplay& kept, int prompt, Agreement& sum)
{
    const auto plan = planReplay(trace.info(), std::span(&kept.spec, 1), {.prompt = prompt});
    if (!plan)
        return plan.error().message;
    const PolicyPlan& policy = plan->policies.front();
    for (int layer = 0; layer < kept.layers; ++layer)
        for (int unit = 0; unit < policy.units; ++unit) {
            const int firstLane = unit * policy.lanesPerUnit();
            Place place{.layer = layer,
                        .unit = unit,
                        .heads = policy.headsPerUnit,
                        .lanes = policy.lanesPerUnit(),
                        .prompt = prompt,
                        .budget = policy.recipe.reader ? policy.question.slots : policy.slotsOf(layer, unit)};
            if (!choosesPlainly(policy.spec, prompt))
                place.lifetimes =
                    std::span(kept.evictStep).subspan(kept.index(layer, firstLane, 0), static_cast<std::size_t>(kept.tokens));
            Rounding rounding =
                roundingOf(trace.synthetic(), layer, unit * policy.headsPerUnit, policy.headsPerUnit, policy.recipe.foresees);
            if (policy.spec.name == "keydiff" || policy.spec.value("score") == "keydiff")
                rounding.least = 1e-5; // the mean of many directions is short, and its own direction has fewer digits
            place.rounding = rounding.nearTie();
            const Outcome expected = replay(trace.synthetic(), policy.spec, place);
            for (int lane = 0; lane < policy.lanesPerUnit(); ++lane)
                if (const std::string found = differenceOfLane({kept, expected, rounding, layer, firstLane, lane}, sum);
                    !found.empty())
                    return fmt::format("layer {} unit {} lane {}, {}", layer, unit, lane, found);
        }
    return "";
}

} // namespace winnow::plain
