// SPDX-License-Identifier: GPL-3.0-or-later
// CaM at the prompt's end: which values seep into those behind them, in full by lot or in part by expectation.
#include "core/policy/presets/cam.h"

#include "core/policy/recipe.h"
#include "tests/policy/fixed_prompt_layer.h"

#include <gmock/gmock.h>

#include <cmath>
#include <random>

namespace winnow {
namespace {

using namespace testing_support;

/// One head of random attention over `tokens` tokens.
FixedPromptLayer randomLayer(int tokens)
{
    FixedPromptLayer layer;
    std::mt19937 random(11);
    std::exponential_distribution<double> draw;
    layer.attention = at::zeros({1, tokens, tokens}, at::kDouble);
    double* rows = layer.attention.data_ptr<double>();
    for (int t = 0; t < tokens; ++t)
        for (int i = 0; i <= t; ++i)
            rows[t * tokens + i] = draw(random) / (t + 1);
    layer.finish();
    return layer;
}

std::vector<Merge> mergesOf(const SeepingValues& options, FixedPromptLayer& layer)
{
    return seepingValues(options)->merges(layer, {Granularity::Kv, GroupReduction::Mean, 1, 1}).front();
}

TEST(Seeping, shareOfAValueGoesByItsProbability)
{
    constexpr int kTokens = 40, kWindow = 4;
    FixedPromptLayer layer = randomLayer(kTokens);
    std::vector<double> attention(kTokens, 0);
    for (int i = 0; i < kTokens; ++i)
        for (int t = kTokens - kWindow; t < kTokens; ++t)
            attention[static_cast<std::size_t>(i)] += layer.attention[0][t][i].item<double>() / kWindow;
    const auto probabilities = seepProbabilities(attention, 4, kWindow); // ceil(.1 · 40)
    const std::vector<Merge> merges = mergesOf({.window = kWindow, .first = .1}, layer);
    ASSERT_EQ(merges.size(), probabilities.size());
    for (std::size_t i = 0; i < merges.size(); ++i) {
        EXPECT_EQ(merges[i].from, 4 + static_cast<int>(i));
        EXPECT_EQ(merges[i].into, merges[i].from + 1);
        EXPECT_EQ(merges[i].count, kWindow);
        EXPECT_FLOAT_EQ(merges[i].valueComes, static_cast<float>(probabilities[i] / kWindow));
    }
}

TEST(Seeping, byLotAllOfAValueGoesOrNothing)
{
    constexpr int kTokens = 1200, kWindow = 4;
    FixedPromptLayer layer = randomLayer(kTokens);
    const SeepingValues expectation{.window = kWindow, .first = 0};
    double wanted = 0, variance = 0;
    std::vector<int> sure;
    for (const Merge& merge : mergesOf(expectation, layer)) {
        const double probability = static_cast<double>(merge.valueComes) * kWindow;
        wanted += probability;
        variance += probability * (1 - probability);
        if (merge.valueComes * kWindow == 1)
            sure.push_back(merge.from);
    }
    std::vector<int> first;
    for (const std::uint64_t seed : {1, 2}) {
        const std::vector<Merge> drawn = mergesOf({.window = kWindow, .first = 0, .drawn = true, .seed = seed}, layer);
        std::vector<int> from;
        for (const Merge& merge : drawn) {
            EXPECT_EQ(merge.valueComes, 1.0F / kWindow);
            from.push_back(merge.from);
        }
        EXPECT_NEAR(static_cast<double>(from.size()), wanted, 4 * std::sqrt(variance)) << seed;
        EXPECT_TRUE(std::includes(from.begin(), from.end(), sure.begin(), sure.end())) << "what is certain happens";
        EXPECT_GT(sure.size(), 20U);
        EXPECT_NE(from, first) << "another seed, another lot";
        first = from;
    }
}

TEST(Seeping, doesNotBeginBeforeTheWindowIsFull)
{
    FixedPromptLayer layer = randomLayer(8);
    EXPECT_TRUE(mergesOf({.window = 8, .first = 0}, layer).empty());
    EXPECT_TRUE(mergesOf({.window = 9, .first = 0}, layer).empty());
    EXPECT_TRUE(mergesOf({.window = 7, .first = .1}, layer).empty());
    EXPECT_EQ(mergesOf({.window = 7, .first = 0}, layer).size(), 1U);
}

} // namespace
} // namespace winnow
