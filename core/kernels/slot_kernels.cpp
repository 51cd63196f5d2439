// SPDX-License-Identifier: GPL-3.0-or-later
// Compiled with -ffp-contract=off (CMakeLists.txt), so that no compiler fuses a product with the addition that follows.
#include "core/kernels/slot_kernels.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "core/kernels/slot_kernels.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include <algorithm>
#include <limits>

HWY_BEFORE_NAMESPACE();
namespace winnow::slot_kernels::HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;
using Doubles = hn::ScalableTag<double>;

#if HWY_TARGET != HWY_SCALAR
using Halves = hn::Rebind<float, Doubles>; ///< as many floats as doubles fit a vector
#endif

void AddRow(const float* HWY_RESTRICT row, std::size_t count, double* HWY_RESTRICT sums)
{
    std::size_t i = 0;
#if HWY_TARGET != HWY_SCALAR
    const Doubles d;
    const Halves f;
    const std::size_t lanes = hn::Lanes(d);
    for (; i + lanes <= count; i += lanes)
        hn::StoreU(hn::Add(hn::LoadU(d, sums + i), hn::PromoteTo(d, hn::LoadU(f, row + i))), d, sums + i);
#endif
    for (; i < count; ++i)
        sums[i] += static_cast<double>(row[i]);
}

void ScaleAndAddRow(const float* HWY_RESTRICT row, std::size_t count, double factor, double* HWY_RESTRICT sums)
{
    std::size_t i = 0;
#if HWY_TARGET != HWY_SCALAR
    const Doubles d;
    const Halves f;
    const std::size_t lanes = hn::Lanes(d);
    const auto factors = hn::Set(d, factor);
    for (; i + lanes <= count; i += lanes)
        hn::StoreU(hn::Add(hn::Mul(hn::LoadU(d, sums + i), factors), hn::PromoteTo(d, hn::LoadU(f, row + i))), d, sums + i);
#endif
    for (; i < count; ++i)
        sums[i] = sums[i] * factor + static_cast<double>(row[i]);
}

double Smallest(const double* HWY_RESTRICT values, std::size_t count)
{
    double least = std::numeric_limits<double>::infinity();
    std::size_t i = 0;
#if HWY_TARGET != HWY_SCALAR
    const Doubles d;
    const std::size_t lanes = hn::Lanes(d);
    auto a = hn::Set(d, least), b = a;
    for (; i + 2 * lanes <= count; i += 2 * lanes) {
        const auto x = hn::LoadU(d, values + i), y = hn::LoadU(d, values + i + lanes);
        a = hn::IfThenElse(hn::Lt(x, a), x, a);
        b = hn::IfThenElse(hn::Lt(y, b), y, b);
    }
    least = hn::GetLane(hn::MinOfLanes(d, hn::Min(a, b)));
#endif
    for (; i < count; ++i)
        if (values[i] < least)
            least = values[i];
    return least;
}

} // namespace winnow::slot_kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace winnow::slot_kernels {

HWY_EXPORT(AddRow);
HWY_EXPORT(ScaleAndAddRow);
HWY_EXPORT(Smallest);

void addRow(const float* row, std::size_t count, double* sums) { HWY_DYNAMIC_DISPATCH(AddRow)(row, count, sums); }
void scaleAndAddRow(const float* row, std::size_t count, double factor, double* sums)
{
    HWY_DYNAMIC_DISPATCH(ScaleAndAddRow)(row, count, factor, sums);
}
double smallest(const double* values, std::size_t count) { return HWY_DYNAMIC_DISPATCH(Smallest)(values, count); }

} // namespace winnow::slot_kernels
#endif
