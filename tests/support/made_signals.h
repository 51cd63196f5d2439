// SPDX-License-Identifier: GPL-3.0-or-later
// Traces whose contributions are known: attention is uniform, so that the contribution of a token to the last step is its value
// divided by the number of tokens.
#pragma once

#include "tests/support/memory_trace.h"

#include <functional>
#include <numbers>

namespace winnow::testing_support {

/// Numbers that are the same on every machine, of mean 0 and variance 1.
class SeededNormal {
public:
    explicit SeededNormal(unsigned seed) : m_random(seed) {}
    double uniform() { return (static_cast<double>(m_random() >> 11) + 0.5) * 0x1p-53; }
    double operator()() { return std::sqrt(-2 * std::log(uniform())) * std::cos(2 * std::numbers::pi * uniform()); }

private:
    std::mt19937_64 m_random;
};

/// The trace in memory: long ones take a while to write.
inline std::shared_ptr<const Trace> inMemory(SyntheticTrace trace)
{
    return std::make_shared<const MemoryTrace>(std::move(trace));
}

/// `fill` writes the values [tokens, headDim] of one head. As many query heads as KV heads.
using FillHead = std::function<void(int layer, int head, std::vector<double>& values)>;
inline SyntheticTrace traceOfValues(int layers, int heads, int headDim, int tokens, const FillHead& fill)
{
    SyntheticTrace trace;
    trace.info.config = R"({"model_type": "made"})";
    for (int t = 0; t < tokens; ++t) {
        trace.info.text += "w ";
        trace.info.tokens.push_back(t % 1000);
        trace.info.offsets.push_back({2 * t, 2 * t + 2});
        trace.info.logprob.push_back(t == 0 ? std::numeric_limits<float>::quiet_NaN() : -1.F);
    }
    const auto size = static_cast<std::size_t>(heads) * tokens * headDim;
    for (int layer = 0; layer < layers; ++layer) {
        trace.info.layers.push_back(Layer{layer});
        trace.info.layerInfo.push_back({.queryHeads = heads, .keyHeads = heads, .headDim = headDim});
        trace.info.layerInfo.back().scale = 1;
        trace.q.emplace_back(size, 0.F);
        trace.k.emplace_back(size, 0.F);
        trace.o.emplace_back(size, 0.F);
        trace.lse.emplace_back();
        for (int head = 0; head < heads; ++head)
            for (int t = 0; t < tokens; ++t)
                trace.lse.back().push_back(static_cast<float>(std::log(t + 1.0)));
        trace.v.emplace_back();
        for (int head = 0; head < heads; ++head) {
            std::vector<double> values(static_cast<std::size_t>(tokens) * headDim);
            fill(layer, head, values);
            trace.v.back().insert(trace.v.back().end(), values.begin(), values.end());
        }
    }
    return trace;
}

/// White noise.
inline void fillNoise(SeededNormal& random, std::vector<double>& values)
{
    for (double& value : values)
        value = random();
}

/// A tree: at distance d from the newest token a step up and down, d / narrow tokens wide, of random height in every channel.
inline void fillTree(SeededNormal& random, int headDim, double narrow, std::vector<double>& values)
{
    const int tokens = static_cast<int>(values.size()) / headDim;
    std::vector<double> height(static_cast<std::size_t>(headDim));
    for (int distance = static_cast<int>(4 * random.uniform()); distance < tokens;) {
        const int half = std::max(1, static_cast<int>(std::lround(distance / narrow * (0.75 + 0.5 * random.uniform()) / 2)));
        for (double& value : height)
            value = random();
        for (int i = 0; i < 2 * half && distance < tokens; ++i, ++distance)
            for (int c = 0; c < headDim; ++c)
                values[static_cast<std::size_t>(tokens - 1 - distance) * headDim + c] =
                    (i < half ? 1 : -1) * height[static_cast<std::size_t>(c)];
    }
}

} // namespace winnow::testing_support
