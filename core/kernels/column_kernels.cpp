// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/kernels/column_kernels.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "core/kernels/column_kernels.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include <algorithm>

HWY_BEFORE_NAMESPACE();
namespace winnow::column_kernels::HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;

/// The products of one query, or of four, with columns, two vectors of columns at a time.
template <bool kFour>
void DotColumnsOf(const float* HWY_RESTRICT queries, std::size_t stride, const float* HWY_RESTRICT columns, std::size_t count,
                  std::size_t pitch, std::size_t width, float* HWY_RESTRICT out)
{
    const hn::CappedTag<float, 16> d;
    const std::size_t lanes = hn::Lanes(d);
    for (std::size_t j = 0; j < count; j += 2 * lanes) {
        auto a0 = hn::Zero(d), a1 = hn::Zero(d), b0 = hn::Zero(d), b1 = hn::Zero(d);
        auto e0 = hn::Zero(d), e1 = hn::Zero(d), f0 = hn::Zero(d), f1 = hn::Zero(d);
        for (std::size_t c = 0; c < width; ++c) {
            const float* column = columns + c * pitch + j;
            const auto x0 = hn::LoadU(d, column), x1 = hn::LoadU(d, column + lanes);
            const auto add = [&](std::size_t query, auto& s0, auto& s1) {
                const auto q = hn::Set(d, queries[query * stride + c]);
                s0 = hn::MulAdd(q, x0, s0);
                s1 = hn::MulAdd(q, x1, s1);
            };
            add(0, a0, a1);
            if constexpr (kFour) {
                add(1, b0, b1);
                add(2, e0, e1);
                add(3, f0, f1);
            }
        }
        const auto put = [&](std::size_t query, auto s0, auto s1) {
            hn::StoreU(s0, d, out + query * pitch + j);
            hn::StoreU(s1, d, out + query * pitch + j + lanes);
        };
        put(0, a0, a1);
        if constexpr (kFour) {
            put(1, b0, b1);
            put(2, e0, e1);
            put(3, f0, f1);
        }
    }
}

void DotColumns(const float* HWY_RESTRICT queries, std::size_t queryCount, std::size_t stride, const float* HWY_RESTRICT columns,
                std::size_t count, std::size_t pitch, std::size_t width, float* HWY_RESTRICT out)
{
    constexpr std::size_t kNear = 256; // columns that stay in the nearest cache while all queries pass over them
    for (std::size_t j = 0; j < count; j += kNear) {
        const std::size_t some = std::min(kNear, count - j);
        std::size_t i = 0;
        for (; i + 4 <= queryCount; i += 4)
            DotColumnsOf<true>(queries + i * stride, stride, columns + j, some, pitch, width, out + i * pitch + j);
        for (; i < queryCount; ++i)
            DotColumnsOf<false>(queries + i * stride, stride, columns + j, some, pitch, width, out + i * pitch + j);
    }
}

} // namespace winnow::column_kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace winnow::column_kernels {

HWY_EXPORT(DotColumns);

void layOut(const float* rows, const std::int32_t* index, std::size_t count, std::size_t d, std::size_t pitch, float* columns)
{
    constexpr std::size_t kSome = 16; // rows that stay in the nearest cache, and a line of it of every channel
    for (std::size_t j = 0; j < count; j += kSome) {
        const float* from[kSome];
        const std::size_t some = std::min(kSome, count - j);
        for (std::size_t i = 0; i < some; ++i)
            from[i] = rows + static_cast<std::size_t>(index[j + i]) * d;
        for (std::size_t c = 0; c < d; ++c)
            for (std::size_t i = 0; i < some; ++i)
                columns[c * pitch + j + i] = from[i][c];
    }
    for (std::size_t c = 0; c < d; ++c)
        std::fill(columns + c * pitch + count, columns + (c + 1) * pitch, 0.0F);
}

void dotColumns(const float* queries, std::size_t queryCount, std::size_t stride, const float* columns, std::size_t count,
                std::size_t pitch, std::size_t d, float* out)
{
    HWY_DYNAMIC_DISPATCH(DotColumns)(queries, queryCount, stride, columns, count, pitch, d, out);
}

} // namespace winnow::column_kernels
#endif
