// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/work/splice.h"

#include <algorithm>
#include <limits>

namespace winnow::app {

namespace {

using PolicyPtr = std::shared_ptr<const PolicyReplay>;

bool isFinished(const PolicyReplay& policy) { return policy.tokens > 0 && policy.stepsDone == policy.tokens; }

/// A policy of which no step is computed yet.
PolicyPtr blank(const TraceInfo& info, const PolicySpec& spec)
{
    auto policy = std::make_shared<PolicyReplay>();
    policy->spec = spec;
    policy->layers = static_cast<int>(info.layers.size());
    policy->tokens = static_cast<int>(info.tokens.size());
    const bool queryLanes = spec.value("granularity") == "query";
    policy->lanes = info.layerInfo.empty() ? 0 : queryLanes ? info.layerInfo.front().queryHeads : info.layerInfo.front().keyHeads;
    policy->budget = spec.name == "full" ? policy->tokens : spec.budget().slotCount(policy->tokens);
    const std::size_t cells = static_cast<std::size_t>(policy->layers) * policy->lanes * policy->tokens;
    policy->evictStep.assign(cells, -1);
    policy->occupancy.assign(cells, -1);
    policy->mass.assign(cells, std::numeric_limits<float>::quiet_NaN());
    policy->error.assign(cells, std::numeric_limits<float>::quiet_NaN());
    return policy;
}

/// Of a key and a value in each layer.
std::vector<int> slotBytesOf(const TraceInfo& info)
{
    const auto dtype = info.manifest.find("dtype");
    const int width = dtype == info.manifest.end() || dtype->second == "float32" ? 4 : 2;
    std::vector<int> bytes;
    for (const LayerInfo& layer : info.layerInfo)
        bytes.push_back(2 * width * layer.headDim);
    return bytes;
}

/// The old result that stands for an edited spec until its own is there: at the same place, else of the same name.
PolicyPtr standIn(const ReplayResult& old, const std::vector<bool>& used, std::size_t at, const PolicySpec& spec, bool sameCount)
{
    if (sameCount && !used[at])
        return old.policies[at];
    for (std::size_t i = 0; i < old.policies.size(); ++i)
        if (!used[i] && old.policies[i]->spec.name == spec.name)
            return old.policies[i];
    return nullptr;
}

} // namespace

std::vector<int> ReplayPlan::missing() const
{
    std::vector<int> numbers;
    for (std::size_t i = 0; i < places.size(); ++i)
        if (places[i] != Place::Ready)
            numbers.push_back(static_cast<int>(i));
    return numbers;
}

ReplayPlan planReplay(const TraceInfo& info, const std::shared_ptr<const ReplayResult>& old, std::span<const PolicySpec> specs,
                      int prompt)
{
    const bool usable = old && old->tokenIds == info.tokens;
    const bool sameQuestion = usable && old->prompt == prompt && old->layers == info.layers;
    std::vector<bool> used(usable ? old->policies.size() : 0, false);
    for (std::size_t i = 0; i < used.size(); ++i)
        used[i] = old->policies[i]->stepsDone == 0; // of these there is nothing to show

    auto shown = std::make_shared<ReplayResult>();
    if (usable) {
        shown->manifest = old->manifest;
        shown->slotBytes = old->slotBytes;
    }
    shown->tokenIds = info.tokens;
    shown->layers = info.layers;
    shown->prompt = prompt;
    shown->policies.resize(specs.size());
    if (shown->slotBytes.empty()) // as the replay will tell them
        shown->slotBytes = slotBytesOf(info);
    ReplayPlan plan;
    plan.places.assign(specs.size(), Place::Blank);

    if (sameQuestion)
        for (std::size_t p = 0; p < specs.size(); ++p)
            for (std::size_t i = 0; i < used.size() && !shown->policies[p]; ++i)
                if (!used[i] && isFinished(*old->policies[i]) && old->policies[i]->spec.canonical() == specs[p].canonical()) {
                    used[i] = true;
                    shown->policies[p] = old->policies[i];
                    plan.places[p] = Place::Ready;
                }
    for (std::size_t p = 0; p < specs.size(); ++p) {
        if (shown->policies[p])
            continue;
        if (usable && old->layers == info.layers) {
            if (const PolicyPtr older = standIn(*old, used, p, specs[p], used.size() == specs.size());
                older && isFinished(*older)) {
                used[static_cast<std::size_t>(std::find(old->policies.begin(), old->policies.end(), older) -
                                              old->policies.begin())] = true;
                shown->policies[p] = older;
                plan.places[p] = Place::Stale;
                continue;
            }
        }
        shown->policies[p] = blank(info, specs[p]);
        if (sameQuestion)
            for (const PolicyPtr& one : old->policies)
                if (one->stepsDone > 0 && !isFinished(*one) && one->spec.canonical() == specs[p].canonical())
                    shown->policies[p] = one;
    }
    plan.shown = std::move(shown);
    return plan;
}

std::shared_ptr<const ReplayResult> splice(const ReplayPlan& plan, std::span<const int> missing, const ReplayResult& fresh)
{
    auto result = std::make_shared<ReplayResult>(*plan.shown);
    result->manifest = fresh.manifest;
    // Policies that stay may have run on a GPU that the fresh ones had no use for.
    const auto device = plan.shown->manifest.find("replay_device");
    if (device != plan.shown->manifest.end() && missing.size() < plan.places.size() &&
        !fresh.manifest.contains("replay_device_failed"))
        if (const auto now = result->manifest.find("replay_device"); now != result->manifest.end() && now->second == "cpu")
            now->second = device->second;
    result->slotBytes = fresh.slotBytes;
    for (std::size_t k = 0; k < missing.size() && k < fresh.policies.size(); ++k) {
        const auto at = static_cast<std::size_t>(missing[k]);
        const bool farther = fresh.policies[k]->stepsDone >= result->policies[at]->stepsDone;
        if ((plan.places[at] == Place::Blank && farther) || isFinished(*fresh.policies[k]))
            result->policies[at] = fresh.policies[k];
    }
    return result;
}

std::shared_ptr<const ReplayResult> withPrompt(const ReplayResult& replay, int tokensRead)
{
    const int steps = std::min(tokensRead, replay.prompt - 1); // at its last step the first may leave
    auto result = std::make_shared<ReplayResult>(replay);
    for (PolicyPtr& policy : result->policies) {
        if (policy->stepsDone >= steps)
            continue;
        auto filled = std::make_shared<PolicyReplay>(*policy);
        for (int layer = 0; layer < filled->layers; ++layer)
            for (int lane = 0; lane < filled->lanes; ++lane)
                for (int step = filled->stepsDone; step < steps; ++step) {
                    const std::size_t cell = filled->index(layer, lane, step);
                    filled->mass[cell] = 1;
                    filled->error[cell] = 0;
                    filled->occupancy[cell] = step + 1;
                }
        filled->stepsDone = steps;
        policy = std::move(filled);
    }
    return result;
}

} // namespace winnow::app
