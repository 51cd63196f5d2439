#include "core/model/attention.h"

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <cmath>

namespace winnow {
namespace {

struct Shape {
    int queryHeads, keyHeads, queries, keys, dim;
    friend void PrintTo(const Shape& s, std::ostream* out)
    {
        *out << s.queryHeads << "/" << s.keyHeads << " heads of " << s.dim << ", " << s.queries << " queries, " << s.keys
             << " keys";
    }
};

/// Row by row in double, as on a blackboard.
AttentionRows slowAttention(const at::Tensor& q, const at::Tensor& keys, const at::Tensor& values, double scale)
{
    const std::int64_t heads = q.size(0), n = q.size(1), total = keys.size(1), group = heads / keys.size(0);
    AttentionRows rows{at::zeros(q.sizes(), at::kDouble), at::zeros({heads, n}, at::kDouble)};
    for (std::int64_t h = 0; h < heads; ++h)
        for (std::int64_t r = 0; r < n; ++r) {
            const std::int64_t seen = total - n + r + 1;
            const at::Tensor k = keys[h / group].slice(0, 0, seen).to(at::kDouble),
                             v = values[h / group].slice(0, 0, seen).to(at::kDouble);
            const at::Tensor logits = at::matmul(k, q[h][r].to(at::kDouble)) * scale;
            rows.lse[h][r] = at::log(at::exp(logits).sum());
            rows.output[h][r] = at::matmul(at::softmax(logits, 0), v);
        }
    return rows;
}

class EveryAttention : public testing::TestWithParam<Shape> {};

TEST_P(EveryAttention, givesTheOutputAndTheNormalizersOfTheSlowOne)
{
    const auto& [queryHeads, keyHeads, queries, keys, dim] = GetParam();
    at::manual_seed(3);
    const at::Tensor q = at::randn({queryHeads, queries, dim}), k = at::randn({keyHeads, keys, dim}),
                     v = at::randn({keyHeads, keys, dim});
    const double scale = 1 / std::sqrt(static_cast<double>(dim));
    const AttentionRows expected = slowAttention(q, k, v, scale);
    for (const AttentionRows& found : {causalAttention(q, k, v, scale, true), blockwiseAttention(q, k, v, scale, true)}) {
        // Sums of `keys` terms below 5 in size, in float32.
        const double tolerance = 5 * 1.2e-7 * std::max(keys, dim);
        EXPECT_LT((found.output - expected.output).abs().max().item<double>(), tolerance);
        EXPECT_LT((found.lse - expected.lse).abs().max().item<double>(), tolerance);
        EXPECT_EQ(found.lse.scalar_type(), at::kFloat);
    }
    EXPECT_FALSE(blockwiseAttention(q, k, v, scale, false).lse.defined());
}

INSTANTIATE_TEST_SUITE_P(Shapes, EveryAttention,
                         testing::Values(Shape{1, 1, 1, 1, 2}, Shape{4, 2, 1, 9, 8}, Shape{4, 2, 5, 9, 8},
                                         Shape{8, 4, 33, 33, 32}, Shape{6, 1, 40, 100, 16}, Shape{2, 2, 64, 640, 64}));

} // namespace
} // namespace winnow
