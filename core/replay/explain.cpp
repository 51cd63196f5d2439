// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/replay/explain.h"

#include "core/base/library_error.h"
#include "core/policy/recipe.h"
#include "core/replay/lane_walker.h"
#include "core/replay/prompt_stage.h"
#include "core/trace/torch_parallel.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <new>
#include <set>
#include <stdexcept>

namespace winnow {

namespace {

/// The same plan with one of its layers, as though no other had been replayed, but with what was decided for all of them.
ReplayPlan ofLayer(const ReplayPlan& plan, int layer)
{
    const auto at = static_cast<std::size_t>(layer);
    ReplayPlan one = plan;
    one.layerIndices = {plan.layerIndices[at]};
    one.layers = {plan.layers[at]};
    for (PolicyPlan& policy : one.policies) {
        const auto units = static_cast<std::size_t>(policy.units);
        const auto part = [&](auto& values) { // of [layers, units]
            if (!values.empty()) {
                const auto begin = values.begin() + static_cast<std::ptrdiff_t>(at * units);
                values = std::decay_t<decltype(values)>(begin, begin + policy.units);
            }
        };
        part(policy.slots);
        part(policy.foreseen);
        if (policy.decision) {
            auto decision = std::make_shared<PromptDecision>(*policy.decision);
            part(decision->units);
            policy.decision = std::move(decision);
        }
    }
    return one;
}

Explanation explained(const LaneStep& place, std::span<const std::int32_t> tokens, const Decision& decision)
{
    Explanation told{.at = place, .tokens = {tokens.begin(), tokens.end()}, .begin = decision.begin, .end = decision.end};
    told.scores.assign(decision.scores.begin(), decision.scores.end());
    told.scores.resize(tokens.size(), std::numeric_limits<double>::quiet_NaN());
    told.victims.assign(decision.victims.begin(), decision.victims.end());
    told.lostTo.assign(told.victims.size(), -1);
    for (std::size_t i = 0; i < decision.lostTo.size(); ++i)
        if (decision.lostTo[i] >= 0)
            told.lostTo[i] = tokens[static_cast<std::size_t>(decision.lostTo[i])];
    return told;
}

/// One unit of a layer that is walked again, and what is wanted of it: indices into the places, by step.
struct UnitWalk {
    std::unique_ptr<LaneWalker> walker;
    std::multimap<int, std::size_t> wanted;
    int last = 0;
};

Result<std::vector<Explanation>> explainChecked(const Trace& trace, const ReplayResult& replay, int number,
                                                std::span<const LaneStep> places, const JobContext& job)
{
    const PolicyReplay& policy = *replay.policies[static_cast<std::size_t>(number)];
    ReplayOptions options{.prompt = replay.prompt, .device = "cpu", .oracle = !policy.oracleMass.empty()};
    options.layers = {raw(replay.layers.front()), raw(replay.layers.back())};
    WINNOW_TRY(ReplayPlan plan, planReplay(trace.info(), std::span(&policy.spec, 1), options));
    if (plan.layers != replay.layers || plan.policies.front().lanes != policy.lanes)
        return fail(ErrorCode::BadInput,
                    "the replay has {} layers of {} lanes, '{}' gives {} of {}; give the recording that was replayed",
                    policy.layers, policy.lanes, trace.path().filename().string(), plan.layers.size(),
                    plan.policies.front().lanes);
    WINNOW_TRY_VOID(decidePrompts(trace, plan, {options.device}, job));
    WINNOW_TRY_VOID(foresee(trace, plan, {options.device}, job));
    const bool moves = plan.policies.front().recipe.positions != PositionMode::Keep;

    std::vector<Explanation> all(places.size());
    std::set<int> layers;
    for (const LaneStep& place : places)
        layers.insert(place.layer);
    std::size_t done = 0;
    for (const int layer : layers) {
        const ReplayPlan one = ofLayer(plan, layer);
        const PolicyPlan& again = one.policies.front();
        std::vector<PolicyReplay> results = emptyResults(one);
        std::map<int, UnitWalk> walks;
        for (std::size_t i = 0; i < places.size(); ++i)
            if (places[i].layer == layer) {
                UnitWalk& walk = walks[places[i].lane / again.lanesPerUnit()];
                walk.wanted.emplace(places[i].step, i);
                walk.last = std::max(walk.last, places[i].step);
            }
        int end = 0;
        for (auto& [unit, walk] : walks) {
            walk.walker = std::make_unique<LaneWalker>(one, again, results.front(), 0, unit);
            walk.walker->watch(walk.last, [&all, &places, &walk = walk](int step, std::span<const std::int32_t> tokens,
                                                                        const Decision& decision) {
                const auto [first, behind] = walk.wanted.equal_range(step);
                for (auto it = first; it != behind; ++it)
                    all[it->second] = explained(places[it->second], tokens, decision);
            });
            end = std::max(end, walk.last + 1);
        }
        WINNOW_TRY(const LayerKeys keys, LayerKeys::read(trace, one.layerIndices.front(), moves));
        QueryBlock block;
        for (int begin = 0; begin < end; begin += options.block) {
            WINNOW_TRY_VOID(job.check("explaining a choice"));
            // The whole block, so that its rows are computed as the replay computed them.
            const int stop = std::min(plan.tokens, begin + options.block);
            WINNOW_TRY_VOID(block.load(trace, one.layerIndices.front(), keys, Position{begin}, Position{stop}, options.oracle));
            std::vector<UnitWalk*> going;
            for (auto& [unit, walk] : walks)
                if (walk.last >= begin)
                    going.push_back(&walk);
            if (options.oracle) {
                std::set<int> heads;
                for (const auto& [unit, walk] : walks)
                    for (int head = unit * again.headsPerUnit; head < (unit + 1) * again.headsPerUnit; ++head)
                        heads.insert(head / one.group());
                const std::vector<int> list(heads.begin(), heads.end());
                torchParallelFor(list.size(), [&](std::size_t i) { block.computeTile(keys, list[i]); });
            }
            torchParallelFor(going.size(), [&](std::size_t i) { going[i]->walker->walk(keys, block, going[i]->last + 1); });
            job.report("explaining", (double(done) + double(std::min(stop, end)) / end) / double(layers.size()));
        }
        ++done;
        for (auto& [unit, walk] : walks)
            for (const auto& [step, i] : walk.wanted)
                for (int token = 0; token <= step && all[i].agrees; ++token) {
                    const std::int32_t left = results.front().evictStep[results.front().index(0, places[i].lane, token)];
                    const std::int32_t was = policy.evictStep[policy.index(layer, places[i].lane, token)];
                    const auto by = [&](std::int32_t at) { return at < 0 || at > step ? -1 : at; };
                    all[i].agrees = by(left) == by(was);
                }
    }
    return all;
}

} // namespace

int Explanation::slotOf(std::int32_t token) const
{
    const auto found = std::lower_bound(tokens.begin(), tokens.end(), token);
    return found == tokens.end() || *found != token ? -1 : static_cast<int>(found - tokens.begin());
}

bool Explanation::went(int slot) const { return std::binary_search(victims.begin(), victims.end(), slot); }

int Explanation::cut() const
{
    int lowest = -1;
    for (int slot = begin; slot < end; ++slot) {
        const double score = scores[static_cast<std::size_t>(slot)];
        if (!went(slot) && !std::isnan(score) && (lowest < 0 || score < scores[static_cast<std::size_t>(lowest)]))
            lowest = slot;
    }
    return lowest;
}

int Explanation::rank(int slot) const
{
    if (!mayGo(slot) || std::isnan(scores[static_cast<std::size_t>(slot)]))
        return 0;
    int place = 1;
    for (int other = begin; other < end; ++other)
        place += scores[static_cast<std::size_t>(other)] > scores[static_cast<std::size_t>(slot)];
    return place;
}

Result<void> checkExplains(const ReplayResult& replay, int policy)
{
    if (policy < 0 || policy >= static_cast<int>(replay.policies.size()))
        return fail(ErrorCode::BadInput, "there is no policy {}; the replay has {}, counted from 0", policy,
                    replay.policies.size());
    const PolicyReplay& one = *replay.policies[static_cast<std::size_t>(policy)];
    if (!recipeOf(one.spec).lifetimes.empty())
        return fail(ErrorCode::BadInput,
                    "the lifetimes of policy '{}' were given, so nothing says why a token left; explain a "
                    "policy that Winnow replayed by its own rule",
                    one.spec.name);
    if (one.selects())
        return fail(ErrorCode::BadInput,
                    "nothing leaves policy '{}': it selects the pages that every step reads; explain a "
                    "policy that evicts",
                    one.spec.name);
    if (one.scoreAtEviction.empty())
        return fail(ErrorCode::BadInput, "policy '{}' has no scores: {}; explain a policy that has scores, such as h2o or treekv",
                    one.spec.name, one.byRule.everything ? "nothing leaves it" : "a token's position alone decides, or chance");
    return {};
}

Result<std::vector<Explanation>> explainChoices(const Trace& trace, const ReplayResult& replay, int policy,
                                                std::span<const LaneStep> places, const JobContext& job)
{
    WINNOW_TRY_VOID(checkExplains(replay, policy));
    if (trace.info().tokens != replay.tokenIds)
        return fail(ErrorCode::BadInput,
                    "'{}' is not the recording of this replay: it has {} tokens and the replay {}, or they differ; give the "
                    "recording that was replayed",
                    trace.path().filename().string(), trace.tokenCount(), replay.tokenIds.size());
    const PolicyReplay& one = *replay.policies[static_cast<std::size_t>(policy)];
    for (const LaneStep& place : places) {
        if (place.layer < 0 || place.layer >= one.layers || place.lane < 0 || place.lane >= one.lanes)
            return fail(ErrorCode::BadInput,
                        "there is no lane {}.{}: policy '{}' has {} layers of {} lanes in this replay, counted from 0",
                        place.layer, place.lane, one.spec.name, one.layers, one.lanes);
        if (place.step < 0 || place.step >= one.stepsDone)
            return fail(ErrorCode::BadInput, "there is no step {}: the replay of '{}' has the steps 0 to {}", place.step,
                        one.spec.name, one.stepsDone - 1);
    }
    if (places.empty())
        return std::vector<Explanation>();
    try {
        return explainChecked(trace, replay, policy, places, job);
    } catch (const std::bad_alloc&) {
        return fail(ErrorCode::OutOfMemory, "memory ran out while a choice was explained; ask about fewer lanes at once");
    } catch (const c10::Error& error) {
        return fail(libraryError("explaining a choice", error.what_without_backtrace()));
    } catch (const std::exception& error) {
        return fail(libraryError("explaining a choice", error.what()));
    }
}

Result<Explanation> explain(const Trace& trace, const ReplayResult& replay, int policy, const LaneStep& place,
                            const JobContext& job)
{
    WINNOW_TRY(std::vector<Explanation> all, explainChoices(trace, replay, policy, std::span(&place, 1), job));
    return std::move(all.front());
}

} // namespace winnow
