// SPDX-License-Identifier: GPL-3.0-or-later
// Column sums of attention by kernel text: every team finds what the attention matrix, written out in double precision, says.
#include "core/device/kernels/column_sums.h"

#include "tests/support/teams.h"

#include <gmock/gmock.h>

#include <cmath>
#include <random>

namespace winnow {
namespace {

using namespace testing_support;

struct Layer {
    int queryHeads = 1, keyHeads = 1, headDim = 6, tokens = 1, reach = 0;
    float softcap = 0;

    int stride() const { return (tokens + kernel::kColumns - 1) / kernel::kColumns * kernel::kColumns; }
    int blocks() const { return queryHeads * stride() / kernel::kColumns; }
};

/// `count` numbers in [−1, 1]; those of tokens behind the last are none.
std::vector<float> drawn(const Layer& layer, int rows, unsigned seed)
{
    std::mt19937 random(seed);
    std::vector<float> values(static_cast<std::size_t>(rows * layer.stride()));
    for (std::size_t i = 0; i < values.size(); ++i) {
        const bool isToken = static_cast<int>(i) % layer.stride() < layer.tokens;
        const float value = static_cast<float>(random() % 2001) / 1000 - 1;
        values[i] = isToken ? value : std::numeric_limits<float>::quiet_NaN();
    }
    return values;
}

/// All sums by `team`, after they were found to be what the plain form says.
std::vector<double> sumsOf(const Layer& layer, const AnyTeam& team)
{
    SCOPED_TRACE(testing::Message() << layer.queryHeads << " heads, " << layer.tokens << " tokens, window " << layer.reach
                                    << ", softcap " << layer.softcap);
    const auto keys = drawn(layer, layer.keyHeads * layer.headDim, 1),
               queries = drawn(layer, layer.queryHeads * layer.headDim, 2), lse = drawn(layer, layer.queryHeads, 3);
    std::vector<double> sums(static_cast<std::size_t>(layer.queryHeads * layer.stride()), -1);
    std::vector<double> parts(static_cast<std::size_t>(layer.blocks() * kernel::kGroups * kernel::kColumns), -1);
    kernel::ColumnSums of{.keys = keys.data(),
                          .queries = queries.data(),
                          .lse = lse.data(),
                          .sums = sums.data(),
                          .parts = parts.data(),
                          .queryHeads = layer.queryHeads,
                          .keyHeads = layer.keyHeads,
                          .headDim = layer.headDim,
                          .tokens = layer.tokens,
                          .stride = layer.stride(),
                          .reach = layer.reach,
                          .softcap = layer.softcap};
    for (int block = layer.blocks() - 1; block >= 0; --block)
        team.run([&](const auto& workers) { kernel::sumColumns(workers, of, block); });
    for (int head = 0; head < layer.queryHeads; ++head)
        for (int key = 0; key < layer.tokens; ++key) {
            double expected = 0;
            for (int query = key; query < layer.tokens && (layer.reach == 0 || query - key < layer.reach); ++query) {
                double logit = 0;
                for (int c = 0; c < layer.headDim; ++c)
                    logit += static_cast<double>(queries[(head * layer.headDim + c) * layer.stride() + query]) *
                             keys[(head / (layer.queryHeads / layer.keyHeads) * layer.headDim + c) * layer.stride() + key];
                if (layer.softcap > 0)
                    logit = layer.softcap * std::tanh(logit / layer.softcap);
                expected += std::exp(logit - lse[head * layer.stride() + query]);
            }
            EXPECT_NEAR(sums[head * layer.stride() + key], expected, 2e-6 * expected) << "head " << head << ", key " << key;
        }
    return sums;
}

TEST(ColumnSums, areThoseOfTheMatrix)
{
    for (const int tokens : {1, 2, 63, 64, 65, 130, 300})
        sumsOf({.tokens = tokens}, kCpuTeam);
    sumsOf({.queryHeads = 6, .keyHeads = 2, .headDim = 5, .tokens = 150}, kCpuTeam);
    for (const int reach : {1, 3, 64, 65, 200})
        sumsOf({.queryHeads = 2, .tokens = 300, .reach = reach, .softcap = 1.5F}, kCpuTeam);
}

TEST(ColumnSums, areTheSameForEveryTeam)
{
    const Layer layer{.queryHeads = 4, .keyHeads = 2, .tokens = 150, .reach = 70, .softcap = 2};
    const std::vector<double> sums = sumsOf(layer, kCpuTeam);
    for (const AnyTeam& team : {kForward, kBackward, kShuffled, blockOf(8)})
        EXPECT_TRUE(std::ranges::equal(sumsOf(layer, team), sums)); // to the last bit: a worker's sums are its own
}

} // namespace
} // namespace winnow
