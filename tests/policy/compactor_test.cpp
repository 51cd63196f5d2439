// SPDX-License-Identifier: GPL-3.0-or-later
// Compactor's two scores and their blend against plain forms, one query, one key at a time.
#include "core/policy/parts/prompt/compactor_scores.h"

#include "tests/policy/fixed_prompt_layer.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <cmath>
#include <random>

namespace winnow {
namespace {

using namespace testing_support;
using testing::DoubleNear;
using testing::Pointwise;

constexpr int kKeyHeads = 2, kQueryHeads = 4, kDims = 3;

at::Tensor normalNumbers(int heads, int tokens, int width, unsigned seed)
{
    std::mt19937 random(seed);
    std::normal_distribution<double> normal;
    auto numbers = at::zeros({heads, tokens, width}, at::kDouble);
    for (std::int64_t i = 0; i < numbers.numel(); ++i)
        numbers.data_ptr<double>()[i] = normal(random);
    return numbers;
}

FixedPromptLayer randomLayer(int tokens)
{
    FixedPromptLayer layer;
    layer.keyRows = normalNumbers(kKeyHeads, tokens, kDims, 1);
    layer.valueRows = normalNumbers(kKeyHeads, tokens, kDims, 2);
    layer.queryRows = normalNumbers(kQueryHeads, tokens, kDims, 3);
    layer.finish();
    layer.queryHeads = kQueryHeads;
    return layer;
}

/// The tokens [begin, end) of a layer alone.
FixedPromptLayer partOf(const FixedPromptLayer& layer, int begin, int end)
{
    FixedPromptLayer part = layer;
    part.keyRows = layer.keyRows.slice(1, begin, end).contiguous();
    part.valueRows = layer.valueRows.slice(1, begin, end).contiguous();
    part.queryRows = layer.queryRows.slice(1, begin, end).contiguous();
    part.finish();
    part.queryHeads = kQueryHeads;
    return part;
}

/// Scores of all KV heads, one after the other.
std::vector<double> scoresOf(const PromptScorer& scorer, FixedPromptLayer& layer, int slots = 0)
{
    const PromptUnits units{Granularity::Kv, GroupReduction::Mean, layer.queryHeads, layer.keyHeads};
    const auto scores = scorer.scores(layer, units, {.slots = slots, .tokens = layer.tokens}).to(at::kDouble).contiguous();
    return {scores.data_ptr<double>(), scores.data_ptr<double>() + scores.numel()};
}

void standardize(std::vector<double>& scores)
{
    double mean = 0, square = 0;
    for (const double score : scores)
        mean += score / static_cast<double>(scores.size());
    for (const double score : scores)
        square += (score - mean) * (score - mean) / static_cast<double>(scores.size() - 1);
    for (double& score : scores)
        score = (score - mean) / std::sqrt(square);
}

double productOf(const at::Tensor& a, int headA, int rowA, const at::Tensor& b, int headB, int rowB)
{
    return (a[headA][rowA] * b[headB][rowB]).sum().item<double>();
}

std::vector<double> plainNonCausal(const FixedPromptLayer& layer, int chunk, bool padded)
{
    const int n = layer.tokens, group = kQueryHeads / kKeyHeads;
    std::vector<double> all;
    for (int head = 0; head < kKeyHeads; ++head) {
        std::vector<double> received(static_cast<std::size_t>(n), 0), raw = received;
        for (int query = head * group; query < (head + 1) * group; ++query)
            for (int from = 0; from < n; from += chunk) {
                const int until = std::min(n, from + chunk), padding = padded ? chunk - (until - from) : 0;
                for (int t = from; t < until; ++t) {
                    double sum = padding; // exp(0) for each key of the padding
                    for (int i = from; i < until; ++i)
                        sum += std::exp(productOf(layer.queryRows, query, t, layer.keyRows, head, i));
                    for (int i = from; i < until; ++i)
                        received[static_cast<std::size_t>(i)] +=
                            std::exp(productOf(layer.queryRows, query, t, layer.keyRows, head, i)) / sum / group;
                }
                for (int i = from; i < until; ++i) // queries of the padding look at all evenly
                    received[static_cast<std::size_t>(i)] += static_cast<double>(padding) / chunk / group;
            }
        for (int i = 0; i < n; ++i)
            raw[static_cast<std::size_t>(i)] =
                received[static_cast<std::size_t>(i)] * std::sqrt(productOf(layer.valueRows, head, i, layer.valueRows, head, i));
        for (int i = 0; i < n; ++i) {
            double sum = 0;
            for (int j = std::max(0, i - 1); j <= std::min(n - 1, i + 1); ++j)
                sum += raw[static_cast<std::size_t>(j)];
            all.push_back(sum / 3);
        }
    }
    standardize(all);
    return all;
}

std::vector<double> plainLeverage(const FixedPromptLayer& layer)
{
    std::vector<double> all;
    for (int head = 0; head < kKeyHeads; ++head) {
        const auto centered = layer.keyRows[head] - layer.keyRows[head].mean(0, true);
        const auto inverse = at::inverse(centered.t().matmul(centered) + .01 * at::eye(kDims, at::kDouble));
        for (int i = 0; i < layer.tokens; ++i)
            all.push_back(centered[i].matmul(inverse).dot(centered[i]).item<double>());
    }
    standardize(all);
    return all;
}

TEST(NonCausalAttention, isReceivedInsideAChunkFromBothSides)
{
    FixedPromptLayer layer = randomLayer(11);
    for (const int chunk : {4, 11, 16, 1})
        for (const bool padded : {false, true})
            EXPECT_THAT(scoresOf(*nonCausalAttention({.chunk = chunk, .paddingCounts = padded}), layer),
                        Pointwise(DoubleNear(1e-6), plainNonCausal(layer, chunk, padded)))
                << chunk << padded;
}

/// Exponentials of logits far below zero overflow where nothing is padded.
TEST(NonCausalAttention, holdsForLogitsFarBelowZero)
{
    FixedPromptLayer layer = randomLayer(6);
    layer.keyRows = -100 * at::ones({kKeyHeads, 6, kDims}, at::kDouble);
    layer.queryRows = 100 * at::ones({kQueryHeads, 6, kDims}, at::kDouble);
    for (const int chunk : {1, 3, 6})
        EXPECT_THAT(scoresOf(*nonCausalAttention({.chunk = chunk}), layer),
                    testing::Each(testing::Truly([](double score) { return std::isfinite(score); })))
            << chunk;
}

TEST(Leverage, isThatOfTheCenteredKeys)
{
    FixedPromptLayer layer = randomLayer(14);
    EXPECT_THAT(scoresOf(*leverageScores({.sketch = 0}), layer), Pointwise(DoubleNear(1e-6), plainLeverage(layer)));
    // As many dimensions or more lose nothing, but that the ridge of 0.01 weighs otherwise.
    EXPECT_THAT(scoresOf(*leverageScores({.sketch = 24}), layer), Pointwise(DoubleNear(0.05), plainLeverage(layer)));
    EXPECT_NE(scoresOf(*leverageScores({.sketch = 2}), layer), scoresOf(*leverageScores({.sketch = 2, .seed = 1}), layer));
}

TEST(Leverage, isSketchedWithNormalNumbers)
{
    // Keys are the unit vectors, so that a sketch of one dimension shows its numbers squared: 68 % lie within a deviation.
    constexpr int kTokens = 600;
    FixedPromptLayer layer;
    layer.keyRows = at::eye(kTokens, at::kDouble).unsqueeze(0);
    layer.finish();
    const auto scores = scoresOf(*leverageScores({.sketch = 1}), layer);
    const auto within = std::count_if(scores.begin(), scores.end(), [](double score) { return score < 0; });
    EXPECT_NEAR(static_cast<double>(within) / kTokens, 0.683, 0.06);
    EXPECT_LT(*std::max_element(scores.begin(), scores.end()), 15);
}

TEST(Compactor, blendsBothAndLiftsWhatStays)
{
    constexpr int kTokens = 16;
    FixedPromptLayer layer = randomLayer(kTokens);
    struct Case {
        int sinks, recent, slots;
        double blend, weight;
    };
    for (const auto& [sinks, recent, slots, blend, weight] : {Case{3, 2, 4, -1, 0.75},
                                                              {0, 0, 16, -1, 0},
                                                              {2, 0, 20, -1, 0}, // nothing leaves
                                                              {0, 5, 8, 0.25, 0.25}}) {
        FixedPromptLayer middle = partOf(layer, sinks, kTokens - recent);
        const auto attention = plainNonCausal(middle, 6, true), leverage = plainLeverage(middle);
        const auto scores = scoresOf(
            *compactorScores(
                {.attention = {.chunk = 6}, .leverage = {.sketch = 0}, .sinks = sinks, .recent = recent, .blend = blend}),
            layer, slots);
        double most = -1e9;
        for (std::size_t i = 0; i < attention.size(); ++i)
            most = std::max(most, attention[i] + weight * leverage[i]);
        for (int head = 0; head < kKeyHeads; ++head)
            for (int token = 0; token < kTokens; ++token) {
                const double score = scores[static_cast<std::size_t>(head * kTokens + token)];
                const auto place = static_cast<std::size_t>(head * middle.tokens + token - sinks);
                const bool stays = token < sinks || token >= kTokens - recent;
                EXPECT_NEAR(score, stays ? most + 1 : attention[place] + weight * leverage[place], 1e-6) << token;
            }
    }
    EXPECT_THAT(scoresOf(*compactorScores({.sinks = 10, .recent = 6}), layer), testing::Each(1));
    EXPECT_THAT(scoresOf(*compactorScores({.sinks = 10, .recent = 9}), layer), testing::Each(1));
}

} // namespace
} // namespace winnow
