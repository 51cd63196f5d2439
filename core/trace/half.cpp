// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/trace/half.h"

#include <ATen/ATen.h>

#include <cmath>

namespace winnow {

namespace {

/// Views borrowed memory as a tensor; `data` is not written through when it comes from a const span.
at::Tensor view(const void* data, std::size_t count, at::ScalarType type)
{
    return at::from_blob(const_cast<void*>(data), {static_cast<std::int64_t>(count)}, type);
}

} // namespace

void halfToFloat(std::span<const std::uint16_t> half, std::span<float> out)
{
    view(out.data(), out.size(), at::kFloat).copy_(view(half.data(), half.size(), at::kHalf));
}

bool floatToHalf(std::span<const float> values, std::span<std::uint16_t> out)
{
    view(out.data(), out.size(), at::kHalf).copy_(view(values.data(), values.size(), at::kFloat));
    bool fits = true;
    for (std::size_t i = 0; i < values.size(); ++i) {
        const bool infinite = (out[i] & 0x7c00) == 0x7c00;
        fits &= !infinite || !std::isfinite(values[i]);
    }
    return fits;
}

} // namespace winnow
