// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/model/run/linear.h"

#include "core/kernels/row_kernels.h"

#include <ATen/Context.h>
#include <ATen/Functions.h>
#include <ATen/Parallel.h>

#include <algorithm>

namespace winnow {
namespace {

constexpr std::int64_t kCellsApart = 1 << 15; // of the weights: fewer are not worth a thread

at::Tensor oneRow(const at::Tensor& x, const at::Tensor& weight, const at::Tensor& bias)
{
    const std::int64_t count = weight.size(0), width = weight.size(1);
    const at::Tensor row = x.contiguous();
    at::Tensor out = at::empty({1, count}, x.options());
    const float *from = row.const_data_ptr<float>(), *weights = weight.const_data_ptr<float>();
    float* to = out.mutable_data_ptr<float>();
    at::parallel_for(0, count, std::max<std::int64_t>(1, kCellsApart / width), [&](std::int64_t begin, std::int64_t end) {
        row_kernels::dotRows(from, 1, 0, weights + begin * width, nullptr, static_cast<std::size_t>(end - begin),
                             static_cast<std::size_t>(width), to + begin);
    });
    return bias.defined() ? out.add_(bias) : out;
}

} // namespace

at::Tensor Linear::operator()(const at::Tensor& x) const
{
    const bool plain = x.device().is_cpu() && x.dim() == 2 && x.scalar_type() == at::kFloat &&
                       weight.scalar_type() == at::kFloat && weight.is_contiguous() && x.numel() > 0;
    if (plain && x.size(0) == 1)
        return oneRow(x, weight, bias);
    const auto biased = bias.defined() ? std::optional(bias) : std::nullopt;
    if (plain && at::globalContext().userEnabledMkldnn() && at::Context::hasMKLDNN())
        return at::mkldnn_linear(x.contiguous().to_mkldnn(), weight, biased).to_dense();
    return at::linear(x, weight, biased);
}

} // namespace winnow
