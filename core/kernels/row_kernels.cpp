// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/kernels/row_kernels.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "core/kernels/row_kernels.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include <hwy/contrib/math/math-inl.h>

#include <algorithm>
#include <cmath>

HWY_BEFORE_NAMESPACE();
namespace winnow::row_kernels::HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;
using Floats = hn::ScalableTag<float>;

float ExpShifted(float* HWY_RESTRICT x, std::size_t count, float shift)
{
    const Floats d;
    const std::size_t lanes = hn::Lanes(d);
    const auto shifts = hn::Set(d, shift);
    auto sum = hn::Zero(d);
    if (count < lanes) {
        HWY_ALIGN float few[hn::MaxLanes(d)] = {};
        std::copy_n(x, count, few);
        const auto values = hn::IfThenElseZero(hn::FirstN(d, count), hn::Exp(d, hn::Sub(hn::Load(d, few), shifts)));
        hn::Store(values, d, few);
        std::copy_n(few, count, x);
        return hn::GetLane(hn::SumOfLanes(d, values));
    }
    const std::size_t rest = count % lanes;
    const auto last = hn::LoadU(d, x + count - lanes); // before it is written: where `rest` is not 0, some are looked at twice
    for (std::size_t i = 0; i + lanes <= count; i += lanes) {
        const auto values = hn::Exp(d, hn::Sub(hn::LoadU(d, x + i), shifts));
        hn::StoreU(values, d, x + i);
        sum = hn::Add(sum, values);
    }
    if (rest > 0) {
        const auto values = hn::Exp(d, hn::Sub(last, shifts));
        hn::StoreU(values, d, x + count - lanes);
        sum = hn::Add(sum, hn::IfThenZeroElse(hn::FirstN(d, lanes - rest), values));
    }
    return hn::GetLane(hn::SumOfLanes(d, sum));
}

void Softmax(float* HWY_RESTRICT x, std::size_t count)
{
    const Floats d;
    const std::size_t lanes = hn::Lanes(d);
    auto most = hn::Set(d, x[0]);
    std::size_t i = 0;
    for (; i + lanes <= count; i += lanes)
        most = hn::Max(most, hn::LoadU(d, x + i));
    float largest = hn::GetLane(hn::MaxOfLanes(d, most));
    for (; i < count; ++i)
        largest = std::max(largest, x[i]);
    const float sum = ExpShifted(x, count, largest);
    const auto sums = hn::Set(d, sum);
    for (i = 0; i + lanes <= count; i += lanes)
        hn::StoreU(hn::Div(hn::LoadU(d, x + i), sums), d, x + i);
    for (; i < count; ++i)
        x[i] /= sum;
}

void UnitRows(const float* HWY_RESTRICT rows, std::size_t count, std::size_t width, double least, float* HWY_RESTRICT units,
              float* HWY_RESTRICT squares)
{
    const hn::ScalableTag<double> d;
    const hn::Rebind<float, decltype(d)> f;
    const std::size_t lanes = hn::Lanes(d), whole = width / lanes * lanes;
    for (std::size_t row = 0; row < count; ++row, rows += width, units += width) {
        auto sum = hn::Zero(d);
        for (std::size_t c = 0; c < whole; c += lanes) {
            const auto x = hn::PromoteTo(d, hn::LoadU(f, rows + c));
            sum = hn::MulAdd(x, x, sum);
        }
        double square = hn::GetLane(hn::SumOfLanes(d, sum));
        for (std::size_t c = whole; c < width; ++c)
            square += static_cast<double>(rows[c]) * rows[c];
        const double inverse = 1 / std::max(std::sqrt(square), least);
        auto own = hn::Zero(f);
        for (std::size_t c = 0; c < whole; c += lanes) {
            const auto unit = hn::DemoteTo(f, hn::Mul(hn::PromoteTo(d, hn::LoadU(f, rows + c)), hn::Set(d, inverse)));
            hn::StoreU(unit, f, units + c);
            own = hn::MulAdd(unit, unit, own);
        }
        squares[row] = hn::GetLane(hn::SumOfLanes(f, own));
        for (std::size_t c = whole; c < width; ++c) {
            units[c] = static_cast<float>(rows[c] * inverse);
            squares[row] += units[c] * units[c];
        }
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

Squares SquaresOf(const float* HWY_RESTRICT a, const float* HWY_RESTRICT b, std::size_t count)
{
    const hn::ScalableTag<double> d;
    const hn::Rebind<float, decltype(d)> f;
    const std::size_t lanes = hn::Lanes(d);
    auto difference = hn::Zero(d), second = hn::Zero(d);
    std::size_t i = 0;
    for (; i + lanes <= count; i += lanes) {
        const auto of = hn::LoadU(f, b + i);
        const auto away = hn::PromoteTo(d, hn::Sub(hn::LoadU(f, a + i), of)), full = hn::PromoteTo(d, of);
        difference = hn::MulAdd(away, away, difference);
        second = hn::MulAdd(full, full, second);
    }
    Squares sums{hn::GetLane(hn::SumOfLanes(d, difference)), hn::GetLane(hn::SumOfLanes(d, second))};
    for (; i < count; ++i) {
        const double away = a[i] - b[i], full = b[i];
        sums.difference += away * away;
        sums.second += full * full;
    }
    return sums;
}

/// Those of the first sum, and how far behind them are those of the next. goOn: the sums so far stand in the output.
struct Weights {
    const float* first;
    std::size_t pitch;
    bool goOn;
};

/// What a sum begins with, where it is one.
HWY_INLINE hn::Vec<Floats> Begun(const Weights& weights, bool is, const float* sum)
{
    if (is && weights.goOn)
        return hn::LoadU(Floats(), sum);
    return hn::Zero(Floats());
}

/// The columns [c, c + kVectors · lanes) of one, two or four weighted sums of the same rows, slot after slot. Each sum of a
/// vector waits for the slot before it, so they go side by side.
template <int kSums, std::size_t kVectors, class RowOf>
HWY_INLINE void SumsInOrder(const Weights& weights, const RowOf& rowOf, std::size_t count, std::size_t width, std::size_t c,
                            float* HWY_RESTRICT out)
{
    static_assert((kSums == 1 || kSums == 2 || kSums == 4) && (kVectors == 1 || kVectors == 2));
    const Floats d;
    const std::size_t lanes = hn::Lanes(d);
    const auto begun = [&](int sum, std::size_t vector) {
        return Begun(weights, sum < kSums && vector < kVectors, out + static_cast<std::size_t>(sum) * width + c + vector * lanes);
    };
    auto a0 = begun(0, 0), a1 = begun(0, 1), b0 = begun(1, 0), b1 = begun(1, 1);
    auto e0 = begun(2, 0), e1 = begun(2, 1), f0 = begun(3, 0), f1 = begun(3, 1);
    for (std::size_t j = 0; j < count; ++j) {
        const float* row = rowOf(j) + c;
        const auto x0 = hn::LoadU(d, row), x1 = kVectors == 2 ? hn::LoadU(d, row + (kVectors - 1) * lanes) : x0;
        const auto add = [&](std::size_t sum, auto& s0, auto& s1) {
            const auto w = hn::Set(d, weights.first[sum * weights.pitch + j]);
            s0 = hn::MulAdd(w, x0, s0);
            if constexpr (kVectors == 2)
                s1 = hn::MulAdd(w, x1, s1);
        };
        add(0, a0, a1);
        if constexpr (kSums >= 2)
            add(1, b0, b1);
        if constexpr (kSums == 4) {
            add(2, e0, e1);
            add(3, f0, f1);
        }
    }
    const auto put = [&](std::size_t sum, auto s0, auto s1) {
        hn::StoreU(s0, d, out + sum * width + c);
        if constexpr (kVectors == 2)
            hn::StoreU(s1, d, out + sum * width + c + lanes);
    };
    put(0, a0, a1);
    if constexpr (kSums >= 2)
        put(1, b0, b1);
    if constexpr (kSums == 4) {
        put(2, e0, e1);
        put(3, f0, f1);
    }
}

/// One weighted sum, or two of the same rows, or four of narrow ones. Four vectors of the output stay in registers, and four
/// more: those of the second sum, or of every second slot, so that no addition waits for the one before it.
template <int kSums>
void WeightedSums(const Weights& weights, const float* HWY_RESTRICT rows, const std::int32_t* HWY_RESTRICT index,
                  std::size_t count, std::size_t width, float* HWY_RESTRICT out)
{
    const Floats d;
    const std::size_t lanes = hn::Lanes(d);
    const auto rowOf = [&](std::size_t j) { return rows + (index ? static_cast<std::size_t>(index[j]) : j) * width; };
    constexpr bool kTwo = kSums == 2;
    std::size_t c = 0;
    for (; kSums <= 2 && c + 4 * lanes <= width; c += 4 * lanes) {
        const auto begun = [&](bool is, std::size_t at) { return Begun(weights, is, out + c + at); };
        auto a0 = begun(true, 0), a1 = begun(true, lanes), a2 = begun(true, 2 * lanes), a3 = begun(true, 3 * lanes);
        auto b0 = begun(kTwo, width), b1 = begun(kTwo, width + lanes), b2 = begun(kTwo, width + 2 * lanes),
             b3 = begun(kTwo, width + 3 * lanes);
        const auto add = [&](const float* row, float weight, auto& s0, auto& s1, auto& s2, auto& s3) {
            const auto w = hn::Set(d, weight);
            s0 = hn::MulAdd(w, hn::LoadU(d, row + c), s0);
            s1 = hn::MulAdd(w, hn::LoadU(d, row + c + lanes), s1);
            s2 = hn::MulAdd(w, hn::LoadU(d, row + c + 2 * lanes), s2);
            s3 = hn::MulAdd(w, hn::LoadU(d, row + c + 3 * lanes), s3);
        };
        const auto put = [&](auto s0, auto s1, auto s2, auto s3, float* to) {
            hn::StoreU(s0, d, to + c);
            hn::StoreU(s1, d, to + c + lanes);
            hn::StoreU(s2, d, to + c + 2 * lanes);
            hn::StoreU(s3, d, to + c + 3 * lanes);
        };
        if constexpr (kTwo) {
            for (std::size_t j = 0; j < count; ++j) {
                add(rowOf(j), weights.first[j], a0, a1, a2, a3);
                add(rowOf(j), weights.first[weights.pitch + j], b0, b1, b2, b3);
            }
            put(a0, a1, a2, a3, out);
            put(b0, b1, b2, b3, out + width);
        } else {
            std::size_t j = 0;
            for (; j + 2 <= count; j += 2) {
                add(rowOf(j), weights.first[j], a0, a1, a2, a3);
                add(rowOf(j + 1), weights.first[j + 1], b0, b1, b2, b3);
            }
            if (j < count)
                add(rowOf(j), weights.first[j], a0, a1, a2, a3);
            put(hn::Add(a0, b0), hn::Add(a1, b1), hn::Add(a2, b2), hn::Add(a3, b3), out);
        }
    }
    for (; c + 2 * lanes <= width; c += 2 * lanes)
        SumsInOrder<kSums, 2>(weights, rowOf, count, width, c, out);
    for (; c + lanes <= width; c += lanes)
        SumsInOrder<kSums, 1>(weights, rowOf, count, width, c, out);
    for (; c < width; ++c)
        for (std::size_t sum = 0; sum < kSums; ++sum) {
            float a = weights.goOn ? out[sum * width + c] : 0;
            for (std::size_t j = 0; j < count; ++j)
                a += weights.first[sum * weights.pitch + j] * rowOf(j)[c];
            out[sum * width + c] = a;
        }
}

void WeightedSum(const float* HWY_RESTRICT weights, std::size_t sums, std::size_t pitch, const float* HWY_RESTRICT rows,
                 const std::int32_t* HWY_RESTRICT index, std::size_t count, std::size_t width, float* HWY_RESTRICT out)
{
    constexpr std::size_t kNear = 256; // rows that stay in the nearest cache while all sums pass over them
    const std::size_t piece = sums <= 2 ? std::max<std::size_t>(count, 1) : kNear;
    for (std::size_t begin = 0; begin == 0 || begin < count; begin += piece) { // also without rows: then the sums are 0
        const std::size_t some = std::min(piece, count - begin);
        const float* from = index ? rows : rows + begin * width;
        const std::int32_t* at = index ? index + begin : nullptr;
        std::size_t i = 0;
        for (; width < 4 * hn::Lanes(Floats()) && i + 4 <= sums; i += 4)
            WeightedSums<4>({weights + i * pitch + begin, pitch, begin > 0}, from, at, some, width, out + i * width);
        for (; i + 2 <= sums; i += 2)
            WeightedSums<2>({weights + i * pitch + begin, pitch, begin > 0}, from, at, some, width, out + i * width);
        if (i < sums)
            WeightedSums<1>({weights + i * pitch + begin, pitch, begin > 0}, from, at, some, width, out + i * width);
    }
}

#if HWY_TARGET != HWY_SCALAR
/// The sums of the lanes of four vectors, to `to`.
template <class D, class V>
HWY_INLINE void StoreSums(D d, V s0, V s1, V s2, V s3, float* HWY_RESTRICT to)
{
    const hn::FixedTag<float, 4> four;
    const hn::Repartition<std::uint64_t, D> pairs;
    // Within every four lanes: half sums of two vectors each, then the sums of all four.
    const auto s01 = hn::BitCast(pairs, hn::Add(hn::InterleaveLower(d, s0, s1), hn::InterleaveUpper(d, s0, s1)));
    const auto s23 = hn::BitCast(pairs, hn::Add(hn::InterleaveLower(d, s2, s3), hn::InterleaveUpper(d, s2, s3)));
    const auto sums =
        hn::Add(hn::BitCast(d, hn::InterleaveLower(pairs, s01, s23)), hn::BitCast(d, hn::InterleaveUpper(pairs, s01, s23)));
#if HWY_HAVE_SCALABLE // halves are not known while compiling
    HWY_ALIGN float stored[16];
    hn::Store(sums, d, stored);
    auto total = hn::Load(four, stored);
    for (std::size_t at = 4; at < hn::Lanes(d); at += 4)
        total = hn::Add(total, hn::Load(four, stored + at));
    hn::StoreU(total, four, to);
#else
    const auto halved = [&](auto half, auto of) { return hn::Add(hn::LowerHalf(half, of), hn::UpperHalf(half, of)); };
    if constexpr (hn::MaxLanes(d) == 16)
        hn::StoreU(halved(four, halved(hn::Half<D>(), sums)), four, to);
    else if constexpr (hn::MaxLanes(d) == 8)
        hn::StoreU(halved(four, sums), four, to);
    else
        hn::StoreU(sums, d, to);
#endif
}
#endif

/// The products of one query with the rows, or of two; four rows at a time, in vectors of `Rows`.
template <class Rows, bool kTwo>
void DotRowsOf(const float* HWY_RESTRICT query, const float* HWY_RESTRICT second, const float* HWY_RESTRICT rows,
               const std::int32_t* HWY_RESTRICT index, std::size_t count, std::size_t width, float* HWY_RESTRICT out)
{
    const Rows d;
    const std::size_t lanes = hn::Lanes(d), whole = width / lanes * lanes;
    const auto rowOf = [&](std::size_t j) { return rows + (index ? static_cast<std::size_t>(index[j]) : j) * width; };
    const auto rest = [&](const float* of, const float* row) {
        float sum = 0;
        for (std::size_t c = whole; c < width; ++c)
            sum += of[c] * row[c];
        return sum;
    };
    std::size_t j = 0;
#if HWY_TARGET != HWY_SCALAR
    for (; j + 4 <= count; j += 4) {
        const float *r0 = rowOf(j), *r1 = rowOf(j + 1), *r2 = rowOf(j + 2), *r3 = rowOf(j + 3);
        auto s0 = hn::Zero(d), s1 = hn::Zero(d), s2 = hn::Zero(d), s3 = hn::Zero(d);
        auto t0 = hn::Zero(d), t1 = hn::Zero(d), t2 = hn::Zero(d), t3 = hn::Zero(d);
        for (std::size_t c = 0; c < whole; c += lanes) {
            const auto x0 = hn::LoadU(d, r0 + c), x1 = hn::LoadU(d, r1 + c), x2 = hn::LoadU(d, r2 + c), x3 = hn::LoadU(d, r3 + c);
            const auto q = hn::LoadU(d, query + c);
            s0 = hn::MulAdd(q, x0, s0);
            s1 = hn::MulAdd(q, x1, s1);
            s2 = hn::MulAdd(q, x2, s2);
            s3 = hn::MulAdd(q, x3, s3);
            if constexpr (kTwo) {
                const auto p = hn::LoadU(d, second + c);
                t0 = hn::MulAdd(p, x0, t0);
                t1 = hn::MulAdd(p, x1, t1);
                t2 = hn::MulAdd(p, x2, t2);
                t3 = hn::MulAdd(p, x3, t3);
            }
        }
        StoreSums(d, s0, s1, s2, s3, out + j);
        if constexpr (kTwo)
            StoreSums(d, t0, t1, t2, t3, out + count + j);
        for (std::size_t i = j; whole < width && i < j + 4; ++i) {
            out[i] += rest(query, rowOf(i));
            if constexpr (kTwo)
                out[count + i] += rest(second, rowOf(i));
        }
    }
#endif
    const auto product = [&](const float* of, const float* row) {
        auto sum = hn::Zero(d);
        for (std::size_t c = 0; c < whole; c += lanes)
            sum = hn::MulAdd(hn::LoadU(d, of + c), hn::LoadU(d, row + c), sum);
        return hn::GetLane(hn::SumOfLanes(d, sum)) + rest(of, row);
    };
    for (; j < count; ++j) {
        out[j] = product(query, rowOf(j));
        if constexpr (kTwo)
            out[count + j] = product(second, rowOf(j));
    }
}

template <class Rows>
void DotRowsIn(const float* HWY_RESTRICT queries, std::size_t queryCount, std::size_t stride, const float* HWY_RESTRICT rows,
               const std::int32_t* HWY_RESTRICT index, std::size_t count, std::size_t width, float* HWY_RESTRICT out)
{
    std::size_t i = 0;
    for (; i + 2 <= queryCount; i += 2)
        DotRowsOf<Rows, true>(queries + i * stride, queries + (i + 1) * stride, rows, index, count, width, out + i * count);
    if (i < queryCount)
        DotRowsOf<Rows, false>(queries + i * stride, nullptr, rows, index, count, width, out + i * count);
}

void DotRows(const float* HWY_RESTRICT queries, std::size_t queryCount, std::size_t stride, const float* HWY_RESTRICT rows,
             const std::int32_t* HWY_RESTRICT index, std::size_t count, std::size_t width, float* HWY_RESTRICT out)
{
    if (width % 16 == 0) // heads of other widths would leave much to the loop without vectors
        DotRowsIn<hn::CappedTag<float, 16>>(queries, queryCount, stride, rows, index, count, width, out);
    else
        DotRowsIn<hn::CappedTag<float, 8>>(queries, queryCount, stride, rows, index, count, width, out);
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

} // namespace winnow::row_kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace winnow::row_kernels {

HWY_EXPORT(ExpShifted);
HWY_EXPORT(Softmax);
HWY_EXPORT(UnitRows);
HWY_EXPORT(Gather);
HWY_EXPORT(SquaresOf);
HWY_EXPORT(WeightedSum);
HWY_EXPORT(DotRows);
HWY_EXPORT(AddScaled);

float expShifted(float* x, std::size_t count, float shift) { return HWY_DYNAMIC_DISPATCH(ExpShifted)(x, count, shift); }
void softmax(float* x, std::size_t count) { HWY_DYNAMIC_DISPATCH(Softmax)(x, count); }
void unitRows(const float* rows, std::size_t count, std::size_t d, double least, float* units, float* squares)
{
    HWY_DYNAMIC_DISPATCH(UnitRows)(rows, count, d, least, units, squares);
}

float gather(const float* from, const std::int32_t* index, std::size_t count, float* to)
{
    return HWY_DYNAMIC_DISPATCH(Gather)(from, index, count, to);
}
Squares squares(const float* a, const float* b, std::size_t count) { return HWY_DYNAMIC_DISPATCH(SquaresOf)(a, b, count); }
void weightedSum(const float* weights, std::size_t sums, std::size_t pitch, const float* rows, const std::int32_t* index,
                 std::size_t count, std::size_t d, float* out)
{
    HWY_DYNAMIC_DISPATCH(WeightedSum)(weights, sums, pitch, rows, index, count, d, out);
}
void dotRows(const float* queries, std::size_t queryCount, std::size_t stride, const float* rows, const std::int32_t* index,
             std::size_t count, std::size_t d, float* out)
{
    HWY_DYNAMIC_DISPATCH(DotRows)(queries, queryCount, stride, rows, index, count, d, out);
}
void addScaled(const float* from, std::size_t count, float factor, float* to)
{
    HWY_DYNAMIC_DISPATCH(AddScaled)(from, count, factor, to);
}

} // namespace winnow::row_kernels
#endif
