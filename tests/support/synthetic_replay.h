// SPDX-License-Identifier: GPL-3.0-or-later
// A plausible replay without a model: seeded lifetimes in the manner of StreamingLLM, H2O, TOVA, TreeKV, a window and random
// eviction, with metrics that are made up but smooth. Free of Torch; the same numbers on every machine.
#pragma once

#include "core/replay/replay_result.h"
#include "core/trace/trace.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace winnow::test {

struct SyntheticOptions {
    int tokens = 256, layers = 2, lanes = 2, budget = 32, policies = 6;
    int prompt = 0;
    std::uint32_t seed = 1;
    int stepsDone = -1; ///< −1 = finished
};

/// A small generator with a fixed recipe (SplitMix64), for the standard distributions differ between libraries.
class Dice {
public:
    explicit Dice(std::uint64_t seed) : m_state(seed) {}
    std::uint64_t next()
    {
        std::uint64_t z = (m_state += 0x9E3779B97F4A7C15u);
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
        return z ^ (z >> 31);
    }
    int below(int n) { return static_cast<int>(next() % static_cast<std::uint64_t>(n)); }
    double unit() { return static_cast<double>(next() >> 11) / 9007199254740992.0; }

private:
    std::uint64_t m_state;
};

/// Names in the order that policies are made: streaming, h2o, tova, treekv, window, random, and again.
inline const char* syntheticName(int policy)
{
    constexpr const char* names[] = {"streaming", "h2o", "tova", "treekv", "window", "random"};
    return names[policy % 6];
}

/// Lifetimes of one lane: at every step over budget one slot goes, as `policy` would choose.
inline std::vector<std::int32_t> syntheticLane(int policy, int tokens, int budget, const KeptByRule& rule, Dice& dice)
{
    std::vector<std::int32_t> evict(static_cast<std::size_t>(tokens), -1);
    std::vector<double> worth(static_cast<std::size_t>(tokens));
    for (double& w : worth)
        w = std::pow(dice.unit(), 6) + 0.02 * dice.unit(); // few tokens matter
    std::vector<int> live;
    for (int step = 0; step < tokens; ++step) {
        live.push_back(step);
        if (static_cast<int>(live.size()) <= budget)
            continue;
        std::size_t victim = live.size();
        double lowest = std::numeric_limits<double>::infinity();
        for (std::size_t slot = 0; slot < live.size(); ++slot) {
            const int token = live[slot];
            if (rule(token, step))
                continue;
            const double age = step - token;
            double score = dice.unit(); // random
            if (policy % 6 == 1)
                score = worth[static_cast<std::size_t>(token)]; // h2o
            else if (policy % 6 == 2)
                score = worth[static_cast<std::size_t>(token)] / (1 + age / budget) + 0.002 * dice.unit();
            else if (policy % 6 == 3)
                score = worth[static_cast<std::size_t>(token)] + 0.4 * std::exp(-age / (2.0 * budget));
            else if (policy % 6 == 0 || policy % 6 == 4)
                score = token;
            if (score < lowest) {
                lowest = score;
                victim = slot;
            }
        }
        if (victim == live.size())
            continue;
        evict[static_cast<std::size_t>(live[victim])] = step;
        live.erase(live.begin() + static_cast<std::ptrdiff_t>(victim));
    }
    return evict;
}

inline std::shared_ptr<const PolicyReplay> syntheticPolicy(int policy, const SyntheticOptions& options)
{
    auto replay = std::make_shared<PolicyReplay>();
    replay->spec.name = syntheticName(policy);
    replay->spec.values = {{"budget", std::to_string(options.budget)}};
    replay->layers = options.layers;
    replay->lanes = options.lanes;
    replay->tokens = options.tokens;
    replay->budget = options.budget;
    const int kind = policy % 6;
    if (kind == 0)
        replay->byRule = {.sinks = 4, .recent = options.budget - 4};
    else if (kind == 1)
        replay->byRule = {.recent = options.budget / 2};
    else if (kind == 3)
        replay->byRule = {.sinks = 4, .recent = options.budget / 2 - 4};
    else if (kind == 4)
        replay->byRule = {.recent = options.budget};
    const int done = options.stepsDone < 0 ? options.tokens : std::min(options.stepsDone, options.tokens);
    replay->stepsDone = done;
    if (options.budget < done)
        replay->choosesFrom = options.budget;
    const auto size = static_cast<std::size_t>(options.layers) * options.lanes * options.tokens;
    replay->evictStep.assign(size, -1);
    replay->mass.assign(size, std::numeric_limits<float>::quiet_NaN());
    replay->error = replay->oracleMass = replay->mass;
    replay->occupancy.assign(size, -1);
    Dice dice(options.seed * 7919u + static_cast<std::uint32_t>(policy));
    const double level = 0.55 + 0.3 * dice.unit();
    for (int lane = 0; lane < options.layers * options.lanes; ++lane) {
        auto evict = syntheticLane(policy, options.tokens, options.budget, replay->byRule, dice);
        const double phase = 6 * dice.unit();
        for (int step = 0; step < options.tokens; ++step) {
            if (evict[static_cast<std::size_t>(step)] >= done)
                evict[static_cast<std::size_t>(step)] = -1;
            if (step >= done)
                continue;
            const auto at = static_cast<std::size_t>(lane) * options.tokens + step;
            const double lost = 1 - std::min(1.0, (options.budget + 1.0) / (step + 1.0));
            const double mass = 1 - lost * (1 - level + 0.1 * std::sin(step / 17.0 + phase) + 0.04 * dice.unit());
            replay->mass[at] = static_cast<float>(std::clamp(mass, 0.0, 1.0));
            replay->error[at] = static_cast<float>(std::clamp(0.7 * (1 - mass), 0.0, 1.0));
            replay->oracleMass[at] = static_cast<float>(std::clamp(mass + 0.5 * (1 - mass), 0.0, 1.0));
            replay->occupancy[at] = std::min(options.budget, step + 1);
        }
        std::copy(evict.begin(), evict.end(), replay->evictStep.begin() + static_cast<std::ptrdiff_t>(lane) * options.tokens);
    }
    return replay;
}

inline std::shared_ptr<const ReplayResult> syntheticReplay(const SyntheticOptions& options = {})
{
    auto result = std::make_shared<ReplayResult>();
    for (int token = 0; token < options.tokens; ++token)
        result->tokenIds.push_back(token);
    for (int layer = 0; layer < options.layers; ++layer) {
        result->layers.push_back(Layer{layer});
        result->slotBytes.push_back(2 * 64 * 2);
    }
    result->prompt = options.prompt;
    for (int policy = 0; policy < options.policies; ++policy)
        result->policies.push_back(syntheticPolicy(policy, options));
    return result;
}

/// Words of one to nine letters, a token each with its leading space, a newline now and then.
inline std::shared_ptr<const TraceInfo> syntheticInfo(const SyntheticOptions& options = {})
{
    auto info = std::make_shared<TraceInfo>();
    Dice dice(options.seed + 99);
    for (int token = 0; token < options.tokens; ++token) {
        const auto begin = static_cast<std::int32_t>(info->text.size());
        if (token > 0)
            info->text += token % 97 == 0 ? '\n' : ' ';
        for (int letters = 1 + dice.below(9); letters > 0; --letters)
            info->text += static_cast<char>('a' + dice.below(26));
        info->offsets.push_back({begin, static_cast<std::int32_t>(info->text.size())});
        info->tokens.push_back(token);
        info->logprob.push_back(token == 0 ? std::numeric_limits<float>::quiet_NaN() : static_cast<float>(-8 * dice.unit()));
    }
    for (int layer = 0; layer < options.layers; ++layer) {
        info->layers.push_back(Layer{layer});
        LayerInfo one;
        one.keyHeads = options.lanes;
        one.queryHeads = 2 * options.lanes;
        one.headDim = 64;
        info->layerInfo.push_back(one);
    }
    info->manifest["model"] = "synthetic";
    return info;
}

/// The policy as if the model had run under it: the same lifetimes, and `loss` nats for every token.
inline std::shared_ptr<const PolicyReplay> asRun(const PolicyReplay& replay, float loss)
{
    auto run = std::make_shared<PolicyReplay>(replay);
    run->run.logprob.assign(static_cast<std::size_t>(replay.tokens), -loss);
    run->run.logprob.front() = std::numeric_limits<float>::quiet_NaN();
    run->run.kl.assign(static_cast<std::size_t>(replay.tokens), loss / 10);
    return run;
}

} // namespace winnow::test
