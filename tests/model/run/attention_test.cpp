// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/model/run/attention.h"

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <cmath>

namespace winnow {
namespace {

struct Shape {
    int queryHeads, keyHeads, queries, keys, dim, window = 0;
    double softcap = 0;
    friend void PrintTo(const Shape& s, std::ostream* out)
    {
        *out << s.queryHeads << "/" << s.keyHeads << " heads of " << s.dim << ", " << s.queries << " queries, " << s.keys
             << " keys, window " << s.window << ", softcap " << s.softcap;
    }
};

/// Row by row in double, as on a blackboard.
AttentionResult slowAttention(const at::Tensor& q, const at::Tensor& keys, const at::Tensor& values, const AttentionRule& rule)
{
    const std::int64_t heads = q.size(0), n = q.size(1), total = keys.size(1), group = heads / keys.size(0);
    AttentionResult rows{at::zeros(q.sizes(), at::kDouble), at::zeros({heads, n}, at::kDouble)};
    for (std::int64_t h = 0; h < heads; ++h)
        for (std::int64_t r = 0; r < n; ++r) {
            const std::int64_t seen = total - n + r + 1,
                               first = rule.window > 0 ? std::max<std::int64_t>(0, seen - rule.window) : 0;
            const at::Tensor k = keys[h / group].slice(0, first, seen).to(at::kDouble),
                             v = values[h / group].slice(0, first, seen).to(at::kDouble);
            at::Tensor logits = at::matmul(k, q[h][r].to(at::kDouble)) * rule.scale;
            if (rule.softcap > 0)
                logits = at::tanh(logits / rule.softcap) * rule.softcap;
            rows.lse[h][r] = at::log(at::exp(logits).sum());
            rows.output[h][r] = at::matmul(at::softmax(logits, 0), v);
        }
    return rows;
}

class EveryAttention : public testing::TestWithParam<Shape> {};

TEST_P(EveryAttention, givesTheOutputAndTheNormalizersOfTheSlowOne)
{
    const auto& [queryHeads, keyHeads, queries, keys, dim, window, softcap] = GetParam();
    at::manual_seed(3);
    const at::Tensor q = at::randn({queryHeads, queries, dim}), k = at::randn({keyHeads, keys, dim}),
                     v = at::randn({keyHeads, keys, dim});
    const AttentionRule rule{.scale = 1 / std::sqrt(static_cast<double>(dim)), .window = window, .softcap = softcap};
    const AttentionResult expected = slowAttention(q, k, v, rule);
    for (const AttentionResult& found :
         {causalAttention(q, k, v, rule, true), blockwiseAttention(q, k, v, rule, true), cappedAttention(q, k, v, rule)}) {
        // Sums of `keys` terms below 5 in size, in float32.
        const double tolerance = 5 * 1.2e-7 * std::max(keys, dim);
        EXPECT_LT((found.output - expected.output).abs().max().item<double>(), tolerance);
        EXPECT_LT((found.lse - expected.lse).abs().max().item<double>(), tolerance);
        EXPECT_EQ(found.lse.scalar_type(), at::kFloat);
    }
    EXPECT_EQ(blockwiseAttention(q, k, v, rule, false).lse.defined(), softcap > 0);
}

INSTANTIATE_TEST_SUITE_P(Shapes, EveryAttention,
                         testing::Values(Shape{1, 1, 1, 1, 2}, Shape{4, 2, 1, 9, 8}, Shape{4, 2, 5, 9, 8},
                                         Shape{8, 4, 33, 33, 32}, Shape{6, 1, 40, 100, 16}, Shape{2, 2, 64, 640, 64},
                                         Shape{4, 2, 33, 33, 8, 1}, Shape{4, 2, 33, 100, 8, 7}, Shape{4, 1, 1, 50, 8, 7},
                                         Shape{2, 1, 300, 400, 8, 90}, Shape{2, 2, 20, 50, 8, 50}, Shape{2, 2, 20, 50, 8, 49},
                                         Shape{4, 2, 33, 100, 8, 0, 0.7}, Shape{4, 2, 33, 100, 8, 9, 2.5},
                                         Shape{2, 1, 1500, 2000, 4, 600, 3}));

} // namespace
} // namespace winnow
