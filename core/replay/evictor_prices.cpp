// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/replay/evictor_prices.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "core/replay/evictor_prices.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace winnow::HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;
using Floats = hn::ScalableTag<float>;

void PriceStep(const float* HWY_RESTRICT row, std::size_t count, float price, std::int32_t step, float* HWY_RESTRICT worth,
               float* HWY_RESTRICT best, std::int32_t* HWY_RESTRICT last)
{
    const Floats d;
    const hn::RebindToSigned<Floats> di;
    const std::size_t lanes = hn::Lanes(d);
    const auto prices = hn::Set(d, price);
    const auto steps = hn::Set(di, step);
    std::size_t i = 0;
    for (; i + lanes <= count; i += lanes) {
        const auto now = hn::Add(hn::LoadU(d, worth + i), hn::Sub(hn::LoadU(d, row + i), prices)),
                   before = hn::LoadU(d, best + i);
        const auto better = hn::Gt(now, before);
        hn::StoreU(now, d, worth + i);
        hn::StoreU(hn::IfThenElse(better, now, before), d, best + i);
        hn::StoreU(hn::IfThenElse(hn::RebindMask(di, better), steps, hn::LoadU(di, last + i)), di, last + i);
    }
    for (; i < count; ++i) {
        worth[i] += row[i] - price;
        if (worth[i] > best[i]) {
            best[i] = worth[i];
            last[i] = step;
        }
    }
}

} // namespace winnow::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace winnow {

HWY_EXPORT(PriceStep);

void priceStep(const float* row, std::size_t count, float price, std::int32_t step, float* worth, float* best, std::int32_t* last)
{
    HWY_DYNAMIC_DISPATCH(PriceStep)(row, count, price, step, worth, best, last);
}

} // namespace winnow
#endif
