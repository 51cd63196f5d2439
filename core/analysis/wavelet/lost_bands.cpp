// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/analysis/wavelet/lost_bands.h"

#include "core/analysis/curves.h"
#include "core/analysis/wavelet/band_parts.h"
#include "core/analysis/wavelet/replayed_heads.h"
#include "core/base/parallel.h"

#include <algorithm>
#include <limits>
#include <numeric>

namespace winnow {

namespace {

constexpr int kSignalsAtOnce = 16;

/// Sums of one policy while signals arrive.
struct Losing {
    int number = 0;
    const PolicyReplay* policy = nullptr;
    Contribution lost, kept;
};

Result<std::vector<Losing>> choosePolicies(const ReplayResult& replay, std::vector<int> numbers)
{
    WINNOW_TRY(numbers, existingPolicies(replay, std::move(numbers)));
    std::vector<Losing> all;
    for (const int number : numbers)
        all.push_back({number, replay.policies[static_cast<std::size_t>(number)].get(), {}, {}});
    if (all.empty())
        return fail(ErrorCode::BadInput, "the replay holds no policies, so nothing is lost");
    return all;
}

/// The signal with only the tokens that left before the step, or only those that did not.
std::vector<double> restricted(const LaneSignal& signal, const PolicyReplay& policy, int layer, int queryHeads, bool lost)
{
    const int lane = laneOfHead(policy, signal.head.head, queryHeads);
    std::vector<double> values(signal.values.begin(), signal.values.end());
    for (int i = 0; i < signal.length; ++i) {
        const std::int32_t left = policy.evictStep[policy.index(layer, lane, signal.first + i)];
        if ((left >= 0 && left < signal.step) != lost)
            std::fill_n(values.begin() + static_cast<std::ptrdiff_t>(i) * signal.channels, signal.channels, 0.0);
    }
    return values;
}

LostBands::Policy summary(const ReplayResult& replay, const Losing& one, const LostBands& all)
{
    LostBands::Policy policy{.label = policyLabel(*one.policy), .spec = policyLine(replay, *one.policy), .policy = one.number};
    policy.lost = cellEnergies(one.lost, all.matrix);
    policy.kept = cellEnergies(one.kept, all.matrix);
    for (std::size_t i = 0; i < policy.lost.size(); ++i) {
        const double whole = all.matrix.energy[i] > 0 ? all.matrix.energy[i] : std::numeric_limits<double>::quiet_NaN();
        policy.lost[i] /= whole;
        policy.kept[i] /= whole;
    }
    for (const auto* row : {&one.lost.signal, &one.lost.bands, &one.lost.approximation})
        policy.lostBands.insert(policy.lostBands.end(), row->begin(), row->end());
    const auto sum = [](const std::vector<double>& values) { return std::accumulate(values.begin(), values.end(), 0.0); };
    const double whole = sum(all.whole.signal);
    policy.lostSignal = whole > 0 ? sum(one.lost.signal) / whole : 0;
    return policy;
}

} // namespace

Result<LostBands> lostBands(const Trace& trace, const ReplayResult& replay, const LostBandsOptions& options,
                            const JobContext& job)
{
    WINNOW_TRY(const BandMethod method, bandMethod(options.what));
    WINNOW_TRY(const std::vector<int> numbers, replayedLayers(trace, replay));
    WINNOW_TRY(std::vector<Losing> policies, choosePolicies(replay, options.policies));
    std::vector<int> policyNumbers;
    for (const Losing& one : policies)
        policyNumbers.push_back(one.number);
    ContributionOptions what = options.what;
    WINNOW_TRY_VOID(chooseReplayed(trace, replay, numbers, policyNumbers, what));
    WINNOW_TRY(const SignalPlan plan, planSignals(trace, {what.heads, what.steps, what.window, what.signal, what.shuffle}));

    LostBands result{.step = plan.steps.front()};
    std::vector<BandSum> sums; // whole, then lost and kept of every policy
    const auto addSum = [&](Contribution& into) {
        describe(into, trace, plan, method);
        sums.emplace_back(into, options.what.levels, plan.shortest());
    };
    addSum(result.whole);
    for (Losing& one : policies) {
        addSum(one.lost);
        addSum(one.kept);
    }
    WINNOW_TRY_VOID(visitSignals(trace, plan, kSignalsAtOnce, job, [&](std::span<const LaneSignal> signals) {
        std::vector<BandPart> parts(signals.size() * sums.size());
        parallelFor(parts.size(), [&](std::size_t i) {
            const LaneSignal& signal = signals[i / sums.size()];
            const std::size_t which = i % sums.size();
            const auto index = static_cast<std::size_t>(signal.head.layerIndex);
            if (which == 0) {
                parts[i] = bandPart(signal.values, signal.channels, method);
                return;
            }
            const std::vector<double> some = restricted(signal, *policies[(which - 1) / 2].policy, numbers[index],
                                                        trace.info().layerInfo[index].queryHeads, which % 2 == 1);
            parts[i] = bandPart(some, signal.channels, method);
        });
        for (std::size_t i = 0; i < parts.size(); ++i)
            sums[i % sums.size()].add(parts[i]);
    }));
    for (BandSum& sum : sums)
        sum.finish();
    result.matrix = scaleMatrix(result.whole, options.hide);
    for (const Losing& one : policies)
        result.policies.push_back(summary(replay, one, result));
    return result;
}

} // namespace winnow
