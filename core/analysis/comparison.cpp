// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/analysis/comparison.h"

#include "core/analysis/curves.h"
#include "core/analysis/kept_share.h"
#include "core/analysis/overlap.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace winnow {

namespace {

std::string entry(const ReplayResult& replay, const char* key)
{
    const auto found = replay.manifest.find(key);
    return found == replay.manifest.end() ? std::string() : found->second;
}

std::string layersText(const ReplayResult& replay)
{
    return replay.layers.empty() ? "no layers"
                                 : fmt::format("{} layers from {} to {}", replay.layers.size(), raw(replay.layers.front()),
                                               raw(replay.layers.back()));
}

/// Why two replays cannot stand in one table; nothing if they can.
std::optional<std::string> mismatch(const ReplayResult& first, const ReplayResult& next)
{
    if (next.tokenIds.size() != first.tokenIds.size())
        return fmt::format("{} tokens and not {}", next.tokenIds.size(), first.tokenIds.size());
    if (next.tokenIds != first.tokenIds)
        return "another text";
    for (const auto& [key, what] : {std::pair{"model_hash", "another model"}, std::pair{"dtype", "a run in another number type"}})
        if (const auto a = entry(first, key), b = entry(next, key); !a.empty() && !b.empty() && a != b)
            return what;
    if (next.layers != first.layers)
        return fmt::format("{} and not {}", layersText(next), layersText(first));
    if (next.prompt != first.prompt)
        return fmt::format("a prompt of {} tokens and not {}", next.prompt, first.prompt);
    return std::nullopt;
}

/// Mean of `values` [lanes, T] over the lanes and the steps; nothing where there are no values.
std::optional<double> meanOf(std::span<const float> values, const PolicyReplay& policy, std::span<const int> lanes,
                             StepSpan steps)
{
    double sum = 0;
    std::size_t count = 0;
    for (std::size_t at = 0; at < lanes.size() && !values.empty(); ++at)
        for (int step = steps.begin; step < steps.end; ++step)
            if (const float value = values[static_cast<std::size_t>(lanes[at]) * policy.tokens + static_cast<std::size_t>(step)];
                !std::isnan(value)) {
                sum += static_cast<double>(value);
                ++count;
            }
    return count == 0 ? std::nullopt : std::optional(sum / static_cast<double>(count));
}

Comparison::Row rowOf(const ReplayResult& replay, const PolicyReplay& policy, const std::vector<int>& lanes, StepSpan steps,
                      Step step)
{
    Comparison::Row row{
        .spec = policyLine(replay, policy), .name = policy.spec.name, .label = policyLabel(policy), .budget = policy.budget};
    row.mass = meanMetric(policy, Metric::Mass, lanes, steps);
    row.error = meanMetric(policy, Metric::Error, lanes, steps);
    row.oracleMass = meanOf(policy.oracleMass, policy, lanes, steps);
    row.futureMass = meanOf(policy.futureMass, policy, lanes, steps);
    row.boundMass = meanOf(policy.boundMass, policy, lanes, steps);
    if (row.futureMass && row.mass)
        row.futureRegret = *row.futureMass - *row.mass;
    row.regret = meanMetric(policy, Metric::Regret, lanes, steps);
    row.occupancy = meanMetric(policy, Metric::Slots, lanes, {raw(step), raw(step) + 1}).value_or(0);
    row.bytes = cacheBytes(replay, policy, step);
    return row;
}

double orNaN(const std::optional<double>& value) { return value.value_or(std::numeric_limits<double>::quiet_NaN()); }

} // namespace

Result<std::shared_ptr<const ReplayResult>> joinReplays(std::span<const NamedReplay> replays)
{
    if (replays.empty())
        return fail(ErrorCode::Usage, "there is nothing to compare; give a replay (a file written by `winnow replay`)");
    if (replays.size() == 1)
        return replays.front().replay;
    auto joined = std::make_shared<ReplayResult>(*replays.front().replay);
    for (const auto& [name, replay] : replays.subspan(1)) {
        if (const auto difference = mismatch(*joined, *replay))
            return fail(ErrorCode::BadInput,
                        "'{}' and '{}' are not replays of one trace: the second has {}; compare replays of one trace, with the "
                        "same layers and prompt",
                        replays.front().name, name, *difference);
        if (joined->closedLoop() != replay->closedLoop() || replay->bothLoops())
            joined->manifest["loop"] = ReplayResult::kBothLoops;
        if (joined->logprob.empty())
            joined->logprob = replay->logprob;
        if (joined->slotBytes.empty()) // nothing of the first is computed yet
            joined->slotBytes = replay->slotBytes;
        for (const auto& policy : replay->policies) {
            const bool known = std::any_of(joined->policies.begin(), joined->policies.end(), [&](const auto& other) {
                return other->spec.canonical() == policy->spec.canonical() && other->evictStep == policy->evictStep &&
                       other->isRun() == policy->isRun();
            });
            if (!known)
                joined->policies.push_back(policy);
        }
    }
    return std::shared_ptr<const ReplayResult>(std::move(joined));
}

Result<void> checkLanes(const ReplayResult& replay, std::span<const Lane> lanes, int kvHeads)
{
    const int layers = static_cast<int>(replay.layers.size());
    for (const Lane& lane : lanes)
        if (lane.layer < 0 || lane.layer >= layers || lane.head < 0 || lane.head >= kvHeads)
            return fail(ErrorCode::Usage,
                        "there is no lane {}.{}: the replay has {} layers, counted from 0, of {} KV heads; name layer.head",
                        lane.layer, lane.head, layers, kvHeads);
    return {};
}

Result<Comparison> comparePolicies(const ReplayResult& replay, std::optional<Step> step, const JobContext& job,
                                   const ComparedOver& over)
{
    const int tokens = static_cast<int>(replay.tokenIds.size());
    const std::size_t count = replay.policies.size();
    if (count == 0 || tokens == 0)
        return fail(ErrorCode::BadInput, "the replay holds {} policies and {} tokens, so there is nothing to compare", count,
                    tokens);
    if (step && (raw(*step) < 0 || raw(*step) >= tokens))
        return fail(ErrorCode::BadInput, "step {} was asked for; the replay has the steps 0 to {}", raw(*step), tokens - 1);
    const int heads = over.kvHeads > 0 ? over.kvHeads : fewestLanes(replay);
    WINNOW_TRY_VOID(checkLanes(replay, over.lanes, heads));
    Comparison comparison{.step = step.value_or(Step{tokens - 1}),
                          .span = meanSteps(replay.policies, replay.prompt, over.steps),
                          .lanes = over.lanes,
                          .prompt = replay.prompt,
                          .loop = replay.loopName(),
                          .manifest = replay.manifest};
    comparison.overlap = over.overlap.value_or(StepSpan{raw(comparison.step), raw(comparison.step) + 1});
    for (const auto& policy : replay.policies)
        comparison.rows.push_back(
            rowOf(replay, *policy, chooseLanes(*policy, over.lanes, heads).lanes, comparison.span, comparison.step));
    for (std::size_t p = 0; p < count && replay.bothLoops(); ++p)
        if (replay.policies[p]->isRun())
            comparison.rows[p].name += " (run)";
    comparison.jaccard.assign(count * count, 1);
    comparison.firstDivergence.assign(count * count, -1);
    const double pairs = static_cast<double>(std::max<std::size_t>(1, count * (count - 1) / 2));
    std::size_t done = 0;
    for (std::size_t p = 0; p < count; ++p)
        for (std::size_t q = p + 1; q < count; ++q) {
            WINNOW_TRY_VOID(job.check("comparing policies"));
            job.report("comparing policies", static_cast<double>(done++) / pairs);
            const PolicyReplay &a = *replay.policies[p], &b = *replay.policies[q];
            const LanePairs lanes = pairLanes(a, b, over.lanes, heads);
            WINNOW_TRY(const double overlap, meanOverlap(a, b, lanes, comparison.overlap, job));
            comparison.jaccard[p * count + q] = comparison.jaccard[q * count + p] = overlap;
            comparison.firstDivergence[p * count + q] = comparison.firstDivergence[q * count + p] =
                nextDivergence(a, b, lanes, -1, 1, job).value_or(-1);
            WINNOW_TRY_VOID(job.check("comparing policies"));
        }
    return comparison;
}

Tables comparisonTables(const Comparison& comparison)
{
    const std::size_t count = comparison.rows.size();
    std::vector<std::string> numbers;
    for (std::size_t q = 0; q < count; ++q)
        numbers.push_back(std::to_string(q));
    Table table{.axes = {{count}, {count, numbers}}, .columns = {}};
    using Row = Comparison::Row;
    const auto column = [&](const char* name, auto valueOf) {
        std::vector<decltype(valueOf(comparison.rows.front()))> values;
        for (const Row& row : comparison.rows)
            values.push_back(valueOf(row));
        table.columns.push_back({name, {0}, std::move(values)});
    };
    column("policy", [](const Row& row) { return row.spec; });
    table.columns.back().quoted = true;
    column("budget", [](const Row& row) { return static_cast<std::int32_t>(row.budget); });
    column("mass", [](const Row& row) { return orNaN(row.mass); });
    column("error", [](const Row& row) { return orNaN(row.error); });
    column("oracle_mass", [](const Row& row) { return orNaN(row.oracleMass); });
    column("regret", [](const Row& row) { return orNaN(row.regret); });
    column("future_mass", [](const Row& row) { return orNaN(row.futureMass); });
    column("future_regret", [](const Row& row) { return orNaN(row.futureRegret); });
    column("bound_mass", [](const Row& row) { return orNaN(row.boundMass); });
    column("occupancy", [](const Row& row) { return row.occupancy; });
    column("logical_bytes", [](const Row& row) { return static_cast<std::int64_t>(row.bytes.logical); });
    column("physical_bytes", [](const Row& row) { return static_cast<std::int64_t>(row.bytes.physical); });
    table.columns.push_back({{"jaccard.{}", "jaccard"}, {0, 1}, Values::borrowed(comparison.jaccard)});
    table.columns.push_back({{"first_divergence.{}", "first_divergence"}, {0, 1}, Values::borrowed(comparison.firstDivergence)});
    Tables all;
    all.tables.push_back(std::move(table));
    all.fact(onlyNpz("step"), raw(comparison.step));
    all.row(onlyNpz("steps"), std::vector<std::int32_t>{comparison.span.begin, comparison.span.end - 1});
    all.row(onlyNpz("jaccard_steps"), std::vector<std::int32_t>{comparison.overlap.begin, comparison.overlap.end - 1});
    all.manifest = {{"loop", comparison.loop.substr(0, comparison.loop.rfind(' '))},
                    {"prompt", std::to_string(comparison.prompt)},
                    {"step", std::to_string(raw(comparison.step))},
                    {"means over steps", fmt::format("{} to {}", comparison.span.begin, comparison.span.end - 1)},
                    {"jaccard over steps", fmt::format("{} to {}", comparison.overlap.begin, comparison.overlap.end - 1)},
                    {"lanes", comparison.lanes.empty() ? "all" : fmt::format("{} KV heads", comparison.lanes.size())}};
    return all;
}

Result<void> writeComparison(const Comparison& comparison, const std::filesystem::path& out)
{
    return writeTables(comparisonTables(comparison), comparison.manifest, out);
}

} // namespace winnow
