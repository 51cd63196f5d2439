#include "core/replay/row_kernels.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "core/replay/row_kernels.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include <hwy/contrib/math/math-inl.h>

HWY_BEFORE_NAMESPACE();
namespace winnow::row_kernels::HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;
using Floats = hn::ScalableTag<float>;

void ExpShifted(float* HWY_RESTRICT x, std::size_t count, float shift)
{
    const Floats d;
    const std::size_t lanes = hn::Lanes(d);
    const auto shifts = hn::Set(d, shift);
    std::size_t i = 0;
    for (; i + lanes <= count; i += lanes)
        hn::StoreU(hn::Exp(d, hn::Sub(hn::LoadU(d, x + i), shifts)), d, x + i);
    if (i < count) {
        HWY_ALIGN float rest[hn::MaxLanes(d)] = {};
        for (std::size_t j = i; j < count; ++j)
            rest[j - i] = x[j];
        hn::Store(hn::Exp(d, hn::Sub(hn::Load(d, rest), shifts)), d, rest);
        for (std::size_t j = i; j < count; ++j)
            x[j] = rest[j - i];
    }
}

float Gather(const float* HWY_RESTRICT from, const std::int32_t* HWY_RESTRICT index, std::size_t count, float* HWY_RESTRICT to)
{
    const Floats d;
    const hn::RebindToSigned<Floats> di;
    const std::size_t lanes = hn::Lanes(d);
    auto sum = hn::Zero(d);
    std::size_t i = 0;
    for (; i + lanes <= count; i += lanes) {
        const auto values = hn::GatherIndex(d, from, hn::LoadU(di, index + i));
        hn::StoreU(values, d, to + i);
        sum = hn::Add(sum, values);
    }
    float total = hn::GetLane(hn::SumOfLanes(d, sum));
    for (; i < count; ++i)
        total += to[i] = from[index[i]];
    return total;
}

/// Four vectors of the output at a time stay in registers while the slots go by.
void WeightedSum(const float* HWY_RESTRICT weights, const float* HWY_RESTRICT rows, const std::int32_t* HWY_RESTRICT index,
                 std::size_t count, std::size_t width, float* HWY_RESTRICT out)
{
    const Floats d;
    const std::size_t lanes = hn::Lanes(d);
    const auto rowOf = [&](std::size_t j) { return rows + (index ? static_cast<std::size_t>(index[j]) : j) * width; };
    std::size_t c = 0;
    for (; c + 4 * lanes <= width; c += 4 * lanes) {
        auto a0 = hn::Zero(d), a1 = hn::Zero(d), a2 = hn::Zero(d), a3 = hn::Zero(d);
        for (std::size_t j = 0; j < count; ++j) {
            const float* row = rowOf(j) + c;
            const auto w = hn::Set(d, weights[j]);
            a0 = hn::MulAdd(w, hn::LoadU(d, row), a0);
            a1 = hn::MulAdd(w, hn::LoadU(d, row + lanes), a1);
            a2 = hn::MulAdd(w, hn::LoadU(d, row + 2 * lanes), a2);
            a3 = hn::MulAdd(w, hn::LoadU(d, row + 3 * lanes), a3);
        }
        hn::StoreU(a0, d, out + c);
        hn::StoreU(a1, d, out + c + lanes);
        hn::StoreU(a2, d, out + c + 2 * lanes);
        hn::StoreU(a3, d, out + c + 3 * lanes);
    }
    for (; c + lanes <= width; c += lanes) {
        auto a = hn::Zero(d);
        for (std::size_t j = 0; j < count; ++j)
            a = hn::MulAdd(hn::Set(d, weights[j]), hn::LoadU(d, rowOf(j) + c), a);
        hn::StoreU(a, d, out + c);
    }
    for (; c < width; ++c) {
        float a = 0;
        for (std::size_t j = 0; j < count; ++j)
            a += weights[j] * rowOf(j)[c];
        out[c] = a;
    }
}

void DotRows(const float* HWY_RESTRICT query, const float* HWY_RESTRICT rows, const std::int32_t* HWY_RESTRICT index, std::size_t count,
             std::size_t width, float* HWY_RESTRICT out)
{
    const Floats d;
    const std::size_t lanes = hn::Lanes(d);
    for (std::size_t j = 0; j < count; ++j) {
        const float* row = rows + (index ? static_cast<std::size_t>(index[j]) : j) * width;
        auto sum = hn::Zero(d);
        std::size_t c = 0;
        for (; c + lanes <= width; c += lanes)
            sum = hn::MulAdd(hn::LoadU(d, query + c), hn::LoadU(d, row + c), sum);
        float total = hn::GetLane(hn::SumOfLanes(d, sum));
        for (; c < width; ++c)
            total += query[c] * row[c];
        out[j] = total;
    }
}

void AddScaled(const float* HWY_RESTRICT from, std::size_t count, float factor, float* HWY_RESTRICT to)
{
    const Floats d;
    const std::size_t lanes = hn::Lanes(d);
    const auto factors = hn::Set(d, factor);
    std::size_t i = 0;
    for (; i + lanes <= count; i += lanes)
        hn::StoreU(hn::MulAdd(hn::LoadU(d, from + i), factors, hn::LoadU(d, to + i)), d, to + i);
    for (; i < count; ++i)
        to[i] += from[i] * factor;
}

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
        const auto now = hn::Add(hn::LoadU(d, worth + i), hn::Sub(hn::LoadU(d, row + i), prices)), before = hn::LoadU(d, best + i);
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

} // namespace winnow::row_kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace winnow::row_kernels {

HWY_EXPORT(ExpShifted);
HWY_EXPORT(Gather);
HWY_EXPORT(WeightedSum);
HWY_EXPORT(DotRows);
HWY_EXPORT(AddScaled);
HWY_EXPORT(PriceStep);

void expShifted(float* x, std::size_t count, float shift) { HWY_DYNAMIC_DISPATCH(ExpShifted)(x, count, shift); }
float gather(const float* from, const std::int32_t* index, std::size_t count, float* to)
{
    return HWY_DYNAMIC_DISPATCH(Gather)(from, index, count, to);
}
void weightedSum(const float* weights, const float* rows, const std::int32_t* index, std::size_t count, std::size_t d, float* out)
{
    HWY_DYNAMIC_DISPATCH(WeightedSum)(weights, rows, index, count, d, out);
}
void dotRows(const float* query, const float* rows, const std::int32_t* index, std::size_t count, std::size_t d, float* out)
{
    HWY_DYNAMIC_DISPATCH(DotRows)(query, rows, index, count, d, out);
}
void addScaled(const float* from, std::size_t count, float factor, float* to) { HWY_DYNAMIC_DISPATCH(AddScaled)(from, count, factor, to); }

void priceStep(const float* row, std::size_t count, float price, std::int32_t step, float* worth, float* best, std::int32_t* last)
{
    HWY_DYNAMIC_DISPATCH(PriceStep)(row, count, price, step, worth, best, last);
}

} // namespace winnow::row_kernels
#endif
