// SPDX-License-Identifier: GPL-3.0-or-later
// The Fourier transform behind the continuous one: its lengths, its sums, and many threads at once.
#include "seeded_numbers.h"
#include "wavelet/continuous/fourier.h"

#include <gtest/gtest.h>

#include <cmath>
#include <numbers>
#include <thread>

namespace winnow::wavelet {
namespace {

using std::numbers::pi;

TEST(QuickLength, isEvenWithSmallPrimes)
{
    EXPECT_EQ(quickLength(1), 2U);
    EXPECT_EQ(quickLength(11), 12U);
    EXPECT_EQ(quickLength(8192), 8192U);
    EXPECT_EQ(quickLength(8193), 8232U); // 2^3 3 7^3
}

TEST(FourierPlan, isTheSumItStandsFor)
{
    for (const std::size_t length : {1, 2, 7, 30}) {
        const std::vector<double> x = numbers(length, 2 * length);
        ComplexNumbers in(length), out(length), back(length);
        for (std::size_t n = 0; n < length; ++n)
            in.data()[n] = {x[2 * n], x[2 * n + 1]};
        const std::vector<Complex> kept(in.data(), in.data() + length);
        FourierPlan::get(FourierPlan::Kind::Forward, length)->run(in.data(), out.data());
        for (std::size_t k = 0; k < length; ++k) {
            Complex sum = 0.0;
            for (std::size_t n = 0; n < length; ++n)
                sum += kept[n] * std::polar(1.0, -2.0 * pi * static_cast<double>(k * n) / static_cast<double>(length));
            EXPECT_LT(std::abs(out.data()[k] - sum), 1e-13);
        }
        FourierPlan::get(FourierPlan::Kind::Inverse, length)->run(out.data(), back.data());
        for (std::size_t n = 0; n < length; ++n)
            EXPECT_LT(std::abs(back.data()[n] / static_cast<double>(length) - kept[n]), 1e-14);
    }
}

TEST(FourierPlan, isMadeAndRunOnManyThreadsAtOnce)
{
    std::vector<std::jthread> threads;
    std::atomic<int> wrong{0};
    for (int thread = 0; thread < 4; ++thread) {
        threads.emplace_back([&wrong, thread] {
            for (std::size_t i = 0; i < 60; ++i) { // more lengths than are kept
                const std::size_t length = 10 + (i * 7 + static_cast<std::size_t>(thread)) % 50;
                const Numbers in = allocateNumbers(length);
                std::fill_n(in.get(), length, 1.0);
                ComplexNumbers out(length / 2 + 1);
                FourierPlan::get(FourierPlan::Kind::RealForward, length)->run(in.get(), out.data());
                wrong += std::abs(out.data()[0] - static_cast<double>(length)) < 1e-12 ? 0 : 1;
            }
        });
    }
    threads.clear();
    EXPECT_EQ(wrong, 0);
}

} // namespace
} // namespace winnow::wavelet
