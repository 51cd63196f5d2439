// SPDX-License-Identifier: GPL-3.0-or-later
// The kernels against loops that cannot be wrong, at lengths around every vector's.
#include "core/kernels/row_kernels.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <random>
#include <vector>

namespace winnow {

namespace {

constexpr float kEpsilon = std::numeric_limits<float>::epsilon();

std::vector<float> drawn(std::size_t count, unsigned seed)
{
    std::mt19937 random(seed);
    std::uniform_real_distribution<float> within(-1, 1);
    std::vector<float> values(count);
    for (float& value : values)
        value = within(random);
    return values;
}

/// Some of the rows 0…63, ascending.
std::vector<std::int32_t> someRows(std::size_t count)
{
    std::vector<std::int32_t> rows(count);
    for (std::size_t j = 0; j < count; ++j)
        rows[j] = static_cast<std::int32_t>(2 * j + j % 3 / 2);
    return rows;
}

} // namespace

TEST(RowKernels, dotRowsIsTheProductOfEveryQueryWithEveryRow)
{
    for (const std::size_t width : {1, 3, 4, 8, 12, 20, 32, 64, 80, 131}) {
        const std::size_t stride = width + 2;
        const auto queries = drawn(5 * stride, 1), rows = drawn(64 * width, 2);
        for (std::size_t queryCount = 1; queryCount <= 5; ++queryCount)
            for (std::size_t count = 0; count <= 11; ++count) {
                const auto index = someRows(count);
                for (const bool indexed : {true, false}) {
                    std::vector<float> out(queryCount * count);
                    row_kernels::dotRows(queries.data(), queryCount, stride, rows.data(), indexed ? index.data() : nullptr, count,
                                         width, out.data());
                    for (std::size_t i = 0; i < queryCount; ++i)
                        for (std::size_t j = 0; j < count; ++j) {
                            const std::size_t row = indexed ? static_cast<std::size_t>(index[j]) : j;
                            double exact = 0, size = 0;
                            for (std::size_t c = 0; c < width; ++c) {
                                const double product = static_cast<double>(queries[i * stride + c]) * rows[row * width + c];
                                exact += product;
                                size += std::abs(product);
                            }
                            EXPECT_NEAR(out[i * count + j], exact, size * static_cast<double>(width + 1) * kEpsilon)
                                << width << " wide, query " << i << " of " << queryCount << ", row " << j << " of " << count;
                        }
                }
            }
    }
}

TEST(RowKernels, unitRowsHaveTheLengthOneUnlessTheyHaveNone)
{
    for (const std::size_t width : {1, 3, 8, 20, 33, 64}) {
        auto rows = drawn(5 * width, 9);
        std::fill_n(&rows[2 * width], width, 0.0F);
        std::fill_n(&rows[3 * width], width, 1e-30F);
        std::vector<float> units(rows.size()), squares(5);
        row_kernels::unitRows(rows.data(), 5, width, 1e-12, units.data(), squares.data());
        for (std::size_t row = 0; row < 5; ++row) {
            double square = 0, ownSquare = 0;
            for (std::size_t c = 0; c < width; ++c)
                square += static_cast<double>(rows[row * width + c]) * rows[row * width + c];
            const double length = std::max(std::sqrt(square), 1e-12);
            for (std::size_t c = 0; c < width; ++c) {
                const double exact = rows[row * width + c] / length;
                EXPECT_NEAR(units[row * width + c], exact, std::abs(exact) * kEpsilon) << width << " wide, row " << row;
                ownSquare += exact * exact;
            }
            EXPECT_NEAR(squares[row], ownSquare, ownSquare * static_cast<double>(width + 3) * kEpsilon)
                << width << " wide, row " << row;
        }
    }
}

TEST(RowKernels, weightedSumAddsUpTheRowsWithTheWeightsOfEverySum)
{
    for (const std::size_t width : {1, 3, 8, 20, 32, 48, 64, 131}) {
        const auto rows = drawn(64 * width, 3);
        for (std::size_t sums = 1; sums <= 5; ++sums)
            for (std::size_t count = 0; count <= 7; ++count) {
                const std::size_t pitch = count + 3;
                const auto weights = drawn(sums * pitch, 4);
                const auto index = someRows(count);
                for (const bool indexed : {true, false}) {
                    std::vector<float> out(sums * width, 7.0F);
                    row_kernels::weightedSum(weights.data(), sums, pitch, rows.data(), indexed ? index.data() : nullptr, count,
                                             width, out.data());
                    for (std::size_t i = 0; i < sums; ++i)
                        for (std::size_t c = 0; c < width; ++c) {
                            double exact = 0, size = 0;
                            for (std::size_t j = 0; j < count; ++j) {
                                const std::size_t row = indexed ? static_cast<std::size_t>(index[j]) : j;
                                const double product = static_cast<double>(weights[i * pitch + j]) * rows[row * width + c];
                                exact += product;
                                size += std::abs(product);
                            }
                            EXPECT_NEAR(out[i * width + c], exact, size * static_cast<double>(count + 1) * kEpsilon)
                                << width << " wide, sum " << i << " of " << sums << ", column " << c << ", " << count << " rows";
                        }
                }
            }
    }
}

TEST(RowKernels, squaresAreThoseOfTheDifferenceAndOfTheSecondRow)
{
    for (std::size_t count = 0; count <= 35; ++count) {
        const auto a = drawn(count, 5), b = drawn(count, 6);
        double difference = 0, second = 0;
        for (std::size_t i = 0; i < count; ++i) {
            const double away = a[i] - b[i];
            difference += away * away;
            second += static_cast<double>(b[i]) * b[i];
        }
        const row_kernels::Squares squares = row_kernels::squares(a.data(), b.data(), count);
        EXPECT_NEAR(squares.difference, difference, difference * 1e-14) << count;
        EXPECT_NEAR(squares.second, second, second * 1e-14) << count;
    }
}

TEST(RowKernels, expShiftedReturnsTheSumOfWhatItWrites)
{
    for (std::size_t count = 0; count <= 35; ++count) {
        auto x = drawn(count, 5);
        const auto before = x;
        const float sum = row_kernels::expShifted(x.data(), count, 2.5F);
        double exact = 0;
        for (std::size_t i = 0; i < count; ++i) {
            EXPECT_NEAR(x[i], std::exp(static_cast<double>(before[i] - 2.5F)), 1e-6 * x[i]);
            exact += x[i];
        }
        EXPECT_NEAR(sum, exact, exact * static_cast<double>(count + 1) * kEpsilon) << count;
    }
    std::vector<float> far(9, -200.0F);
    EXPECT_EQ(row_kernels::expShifted(far.data(), far.size(), 0.0F), 0.0F);
}

TEST(RowKernels, softmaxSumsToOneAndKeepsRatiosOfLargeLogits)
{
    for (std::size_t count = 1; count <= 19; ++count) {
        auto x = drawn(count, 7);
        for (float& value : x)
            value += 500; // whose exponential is no float
        const auto before = x;
        row_kernels::softmax(x.data(), count);
        double sum = 0;
        for (const float value : x)
            sum += value;
        EXPECT_NEAR(sum, 1, static_cast<double>(count + 2) * kEpsilon) << count;
        for (std::size_t i = 0; i < count; ++i)
            EXPECT_NEAR(x[i] / x[0], std::exp(static_cast<double>(before[i]) - before[0]), 1e-5) << i << " of " << count;
    }
}

TEST(RowKernels, addScaledAddsToItsRowAndNothingBehindIt)
{
    for (std::size_t count = 0; count <= 70; ++count) {
        std::vector<float> from(count + 80), to(count + 80);
        for (std::size_t i = 0; i < to.size(); ++i) {
            from[i] = static_cast<float>(i) + 1;
            to[i] = 100 - static_cast<float>(i);
        }
        const std::vector<float> before = to;
        row_kernels::addScaled(from.data(), count, 0.5F, to.data());
        for (std::size_t i = 0; i < to.size(); ++i)
            EXPECT_EQ(to[i], before[i] + (i < count ? from[i] / 2 : 0)) << count << " numbers, place " << i;
    }
}

TEST(RowKernels, gatherReturnsTheSumOfWhatItBrings)
{
    const auto from = drawn(64, 6);
    for (std::size_t count = 0; count <= 19; ++count) {
        const auto index = someRows(count);
        std::vector<float> to(count);
        const float sum = row_kernels::gather(from.data(), index.data(), count, to.data());
        double exact = 0;
        for (std::size_t j = 0; j < count; ++j) {
            EXPECT_EQ(to[j], from[static_cast<std::size_t>(index[j])]);
            exact += to[j];
        }
        EXPECT_NEAR(sum, exact, static_cast<double>(count * (count + 1)) * kEpsilon) << count;
    }
}

} // namespace winnow
