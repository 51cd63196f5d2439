// SPDX-License-Identifier: GPL-3.0-or-later
#include "seeded_numbers.h"
#include "wavelet/input.h"
#include "wavelet/stationary.h"
#include "wavelet/transform.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>

namespace winnow::wavelet {
namespace {

using testing::HasSubstr;

TEST(Signal, thatIsFiniteHasNoProblem)
{
    EXPECT_FALSE(signalProblem(numbers(1, 1)).has_value());
    EXPECT_FALSE(signalProblem(std::vector{std::numeric_limits<double>::max(), 0.0, -0.0, 5e-324}).has_value());
}

TEST(Signal, thatIsNotFiniteHasItsFirstPlaceNamed)
{
    std::vector<double> signal = numbers(1, 9);
    signal[7] = NAN;
    EXPECT_EQ(signalProblem(signal).value(),
              "sample 7 of 9 (the first is 0) is not a number (NaN); replace or leave out such samples");
    signal[3] = -INFINITY;
    EXPECT_EQ(signalProblem(signal).value(), "sample 3 of 9 (the first is 0) is infinite; replace or leave out such samples");
    EXPECT_EQ(signalProblem({}).value(), "the signal has no samples; it needs at least one");
}

TEST(Levels, aboveTheMostAreWarnedOfAndComputed)
{
    const Wavelet db4 = findWavelet("db4").value();
    EXPECT_FALSE(levelsWarning(3, 56, db4).has_value());
    EXPECT_EQ(
        levelsWarning(4, 56, db4).value(),
        "4 levels are more than the 3 that 56 samples hold with db4 (8 taps): beyond them every coefficient feels the boundary");
    EXPECT_TRUE(levelsWarning(1, 2, db4).has_value());
    for (const std::size_t length : {1, 2, 3}) {
        const std::vector<double> signal = numbers(length, length);
        const std::vector<double> back = waverec(wavedec(signal, db4, Boundary::Symmetric, 9), db4, Boundary::Symmetric);
        EXPECT_THAT(back, testing::Pointwise(testing::DoubleNear(1e-12), signal));
    }
}

TEST(Name, thatIsMisspelledIsAnsweredWithTheNearest)
{
    EXPECT_EQ(requireWavelet("sym8").value().name, "sym8");
    EXPECT_EQ(requireWavelet("bior44").error(), "there is no wavelet 'bior44'; the nearest is 'bior4.4'");
    EXPECT_EQ(requireBoundary("Reflect").value(), Boundary::Reflect);
    EXPECT_EQ(requireBoundary("peridic").error(), "there is no boundary mode 'peridic'; the nearest is 'periodic'");
    EXPECT_LT(requireWavelet(std::string(100'000, 'y')).error().size(), 200U);
}

TEST(LongSignal, ofAMillionSamplesComesBack)
{
    const std::vector<double> signal = numbers(3, std::size_t{1} << 20);
    const Wavelet sym6 = findWavelet("sym6").value();
    const std::vector<double> back = waverec(wavedec(signal, sym6, Boundary::Reflect, 12), sym6, Boundary::Reflect);
    const StationaryBands bands = modwt(signal, signal.size(), sym6, {.levels = 6}).value();
    const Numbers stationary = imodwt(bands, sym6);
    double worst = 0.0;
    for (std::size_t n = 0; n < signal.size(); ++n)
        worst = std::max({worst, std::abs(back[n] - signal[n]), std::abs(stationary[n] - signal[n])});
    EXPECT_LT(worst, 1e-13);
}

} // namespace
} // namespace winnow::wavelet
