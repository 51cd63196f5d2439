// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/model/run/linear.h"

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <cmath>

namespace winnow {
namespace {

/// Numbers from -0.5 to 0.5 that do not repeat.
at::Tensor spread(at::IntArrayRef sizes)
{
    return at::arange(1, c10::multiply_integers(sizes) + 1, at::kFloat).mul(0.618034).frac().sub(0.5).reshape(sizes);
}

/// |error| of a sum of n products in single precision is at most n · 2⁻²⁴ · (the sum of their sizes), in any order of summing.
void expectTheProduct(const at::Tensor& x, const at::Tensor& weight, const at::Tensor& bias)
{
    const auto product = [&](auto part) {
        return at::linear(part(x), part(weight), bias.defined() ? std::optional(part(bias)) : std::nullopt);
    };
    const at::Tensor exact = product([](const at::Tensor& t) { return t.to(at::kDouble); });
    const at::Tensor sizes = product([](const at::Tensor& t) { return t.to(at::kDouble).abs(); });
    const double unit = std::ldexp(static_cast<double>(weight.size(1)) + 2, -24);
    EXPECT_TRUE(((Linear{weight, bias}(x).to(at::kDouble) - exact).abs() <= sizes * unit).all().item<bool>())
        << x.sizes() << " by " << weight.sizes();
}

TEST(Linear, isTheProductUpToRoundingForAnyNumberOfRows)
{
    for (const std::int64_t width : {1, 3, 64, 771})
        for (const std::int64_t count : {1, 5, 130})
            for (const std::int64_t rows : {0, 1, 2, 7}) {
                const at::Tensor weight = spread({count, width}), x = spread({rows, width});
                expectTheProduct(x, weight, {});
                expectTheProduct(x, weight, spread({count}));
            }
}

TEST(Linear, takesRowsAndWeightsThatLieApartAndNumbersOfLessPrecision)
{
    const at::Tensor x = spread({2, 16}).slice(1, 0, 16, 2), across = spread({8, 6}).t();
    for (const at::Tensor& rows : {x, x.slice(0, 0, 1)}) {
        expectTheProduct(rows, spread({6, 8}), {});
        expectTheProduct(rows, across, {});
    }
    const at::Tensor coarse = spread({6, 8}).to(at::kBFloat16), row = x.slice(0, 0, 1).to(at::kBFloat16);
    EXPECT_TRUE(at::equal(Linear{coarse, {}}(row), at::linear(row, coarse)));
}

} // namespace
} // namespace winnow
