// SPDX-License-Identifier: GPL-3.0-or-later
// Parameters away from their defaults and shapes at their edges, each with numbers worked out beside the engine.
#include "core/policy/presets/rkv.h"
#include "tests/replay/engines.h"
#include "tests/support/memory_trace.h"
#include "tests/support/replay_drawing.h"

#include <gmock/gmock.h>

#include <cmath>
#include <numeric>

namespace winnow {
namespace {

using namespace testing_support;

// 48 tokens at 8 a step: ratio 6, alpha .2 + .06 · log2 6 = .3551, capacity 48 / 6^.3551 = 25.4, less what is generated.
TEST(RocketKv, keepsWhatThePaperDerivesFromTheBudgetOfAStep)
{
    const MemoryTrace trace(makeSynthetic({.layers = 1, .tokens = 60}));
    const auto storedAfterThePrompt = [&](const char* rest) {
        const auto kept = replayOne(trace, fmt::format("rocketkv:budget=8,window=4,kernel=3,budgets=paper{}", rest),
                                    {.prompt = 48, .device = "cpu"});
        return kept->occupancy[kept->index(0, 0, 47)];
    };
    EXPECT_EQ(storedAfterThePrompt(",generate=6"), 19);
    EXPECT_EQ(storedAfterThePrompt(",generate=0"), 25);
    EXPECT_EQ(storedAfterThePrompt(",generate=24"), 4); // no fewer than the window
}

/// Expected attention of a prompt's keys by its definition: for every query head the softmax of mean · key + half the variance of
/// that product, queries spread as those of the prompt and rotated to the positions to come.
std::vector<double> expectedAttention(const SyntheticTrace& trace, int kvHead, int prompt, int future, int sinks)
{
    const LayerInfo& layer = trace.info.layerInfo.front();
    const int tokens = static_cast<int>(trace.info.tokens.size()), d = layer.headDim;
    const auto rowOf = [&](const std::vector<float>& rows, int head, int t) {
        return rows.data() + (static_cast<std::size_t>(head) * tokens + t) * d;
    };
    std::vector<double> scores(static_cast<std::size_t>(prompt));
    for (int head = kvHead * layer.group(); head < (kvHead + 1) * layer.group(); ++head) {
        const double count = prompt - sinks;
        // The mean rotation is linear: it is applied to a vector by averaging its rotations.
        const auto rotated = [&](const std::vector<double>& of) {
            const std::vector<float> row(of.begin(), of.end());
            std::vector<double> mean(static_cast<std::size_t>(d));
            for (int position = prompt; position < prompt + future; ++position) {
                const auto one = rotatedRow(layer, row.data(), position);
                for (std::size_t c = 0; c < one.size(); ++c)
                    mean[c] += one[c] / future;
            }
            return mean;
        };
        std::vector<double> mean(static_cast<std::size_t>(d));
        for (int t = sinks; t < prompt; ++t)
            for (int c = 0; c < d; ++c)
                mean[static_cast<std::size_t>(c)] += rowOf(trace.q.front(), head, t)[c] / count;
        std::vector<std::vector<double>> centered; // each query less the mean, rotated
        for (int t = sinks; t < prompt; ++t) {
            std::vector<double> away(mean);
            for (int c = 0; c < d; ++c)
                away[static_cast<std::size_t>(c)] = rowOf(trace.q.front(), head, t)[c] - mean[static_cast<std::size_t>(c)];
            centered.push_back(rotated(away));
        }
        const std::vector<double> center = rotated(mean);
        std::vector<double> weights;
        for (int i = sinks; i < prompt; ++i) {
            const auto key = rotatedRow(layer, rowOf(trace.k.front(), kvHead, i), i);
            double variance = 0;
            for (const auto& away : centered)
                variance += std::pow(std::inner_product(key.begin(), key.end(), away.begin(), 0.0) * layer.scale, 2) / count;
            weights.push_back(
                std::exp(std::inner_product(key.begin(), key.end(), center.begin(), 0.0) * layer.scale + variance / 2));
        }
        const double sum = std::accumulate(weights.begin(), weights.end(), 0.0);
        for (int i = sinks; i < prompt; ++i)
            scores[static_cast<std::size_t>(i)] += weights[static_cast<std::size_t>(i - sinks)] / sum / layer.group();
    }
    return scores;
}

TEST(ExpectedAttention, rotatesOnlyTheDimensionsThatTheModelRotates)
{
    for (const RotaryLayout layout : {RotaryLayout::Half, RotaryLayout::Interleaved})
        for (const int rotaryDims : {0, 4, 8}) {
            const MemoryTrace trace(makeSynthetic({.layers = 1, .tokens = 40, .rotaryDims = rotaryDims, .layout = layout}));
            const auto kept = replayOne(trace, "expected-attention:budget=12,future=5,vnorm=no", {.prompt = 32, .device = "cpu"});
            for (int lane = 0; lane < kept->lanes; ++lane) {
                const auto scores = expectedAttention(trace.synthetic(), lane, 32, 5, 4);
                int evicted = 0;
                for (int token = 0; token < 32; ++token)
                    if (const std::size_t cell = kept->index(0, lane, token); kept->evictStep[cell] >= 0) {
                        ++evicted;
                        EXPECT_NEAR(kept->scoreAtEviction[cell], scores[static_cast<std::size_t>(token)], 1e-5)
                            << rotaryDims << " dimensions, token " << token;
                    }
                EXPECT_EQ(evicted, 20);
            }
        }
}

/// Column means of the matrix of cosines, each row's last entry above the threshold left out, the first where there is none.
std::vector<double> redundancy(const std::vector<std::vector<double>>& keys, double threshold)
{
    const std::size_t n = keys.size();
    std::vector<double> shares(n);
    for (std::size_t i = 0; i < n; ++i) {
        std::vector<double> row(n);
        for (std::size_t j = 0; j < n; ++j) {
            const auto dot = [](const auto& a, const auto& b) { return std::inner_product(a.begin(), a.end(), b.begin(), 0.0); };
            row[j] = i == j ? 0 : dot(keys[i], keys[j]) / std::sqrt(dot(keys[i], keys[i]) * dot(keys[j], keys[j]));
        }
        std::size_t left = 0;
        for (std::size_t j = 0; j < n; ++j)
            left = row[j] > threshold ? j : left;
        row[left] = 0;
        for (std::size_t j = 0; j < n; ++j)
            shares[j] += row[j] / static_cast<double>(n);
    }
    double sum = 0;
    for (double& share : shares)
        sum += share = std::exp(share);
    for (double& share : shares)
        share /= sum;
    return shares;
}

TEST(Rkv, looksForTheLastSimilarKeyInEveryColumnWhateverTheirNumber)
{
    constexpr int kDims = 3;
    std::mt19937 random(5);
    for (const std::size_t n : {1U, 2U, 15U, 16U, 17U, 18U, 31U, 32U, 33U, 49U})
        for (const double threshold : {-1.0, 0.2, 0.9, 1.0}) {
            const std::vector<float> flat = randomFloats(random, n * kDims, 1);
            std::vector<std::vector<double>> keys;
            for (std::size_t i = 0; i < n; ++i)
                keys.emplace_back(flat.begin() + static_cast<std::ptrdiff_t>(i * kDims),
                                  flat.begin() + static_cast<std::ptrdiff_t>((i + 1) * kDims));
            const auto expected = redundancy(keys, threshold);
            const auto shares = keyRedundancy(flat, kDims, threshold);
            for (std::size_t i = 0; i < n; ++i)
                ASSERT_NEAR(shares[i], expected[i], 1e-6) << n << " keys, threshold " << threshold << ", key " << i;
        }
}

TEST(Replay, progressNeverFallsBack)
{
    const MemoryTrace trace(makeSynthetic({.layers = 3, .tokens = 40}));
    std::vector<PolicySpec> specs;
    for (const char* line : {"h2o:budget=9", "tova:budget=9,granularity=query", "snapkv:budget=12,window=4", "future:budget=9"})
        specs.push_back(*parsePolicySpec(line));
    std::map<std::string, std::vector<double>> told; // by stage
    const JobContext job({}, [&](std::string_view stage, double done) { told[std::string(stage)].push_back(done); });
    for (const Engine engine : kEngines) {
        told.clear();
        ASSERT_TRUE(replay(trace, specs, on(engine, {.prompt = 20, .evictors = true, .block = 8}), job));
        EXPECT_THAT(told, testing::SizeIs(testing::Ge(2U)));
        EXPECT_DOUBLE_EQ(told["replaying"].back(), 1);
        for (const auto& [stage, shares] : told) {
            EXPECT_TRUE(std::is_sorted(shares.begin(), shares.end()))
                << stage << ": " << fmt::format("{}", fmt::join(shares, " "));
            EXPECT_GE(shares.front(), 0) << stage;
            EXPECT_LE(shares.back(), 1) << stage;
        }
    }
}

} // namespace
} // namespace winnow
