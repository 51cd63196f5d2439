// SPDX-License-Identifier: GPL-3.0-or-later
#include "wavelet/boundary.h"
#include "wavelet/wavelet.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace winnow::wavelet {
namespace {

TEST(WaveletName, isFoundInAnyCase)
{
    EXPECT_EQ(findWavelet("db4").value().name, "db4");
    EXPECT_EQ(findWavelet("DB4").value().name, "db4");
    EXPECT_EQ(findWavelet("Haar").value().filterLength(), 2U);
    EXPECT_EQ(findWavelet("coif2").value().vanishingMoments, 4);
    EXPECT_EQ(findWavelet("sym5").value().family, Family::Symlet);
    EXPECT_EQ(findWavelet("Bior4.4").value().vanishingMomentsBack, 4);
    EXPECT_EQ(findWavelet("rbio1.5").value().vanishingMoments, 5);
    EXPECT_EQ(findWavelet("dmey").value().filterLength(), 62U);
}

TEST(WaveletName, thatIsUnknownIsNotFound)
{
    for (const char* name : {"", "db0", "db21", "db", "db04", "sym1", "sym21", "coif6", "bior2.1", "rbio", "db4 "})
        EXPECT_FALSE(findWavelet(name).has_value()) << name;
}

TEST(WaveletName, thatIsMisspelledHasANearestRightOne)
{
    EXPECT_EQ(nearestWaveletName("har"), "haar");
    EXPECT_EQ(nearestWaveletName("HAAR!"), "haar");
    EXPECT_EQ(nearestWaveletName("dbb4"), "db4");
    EXPECT_EQ(nearestWaveletName("smy4"), "sym4");
    EXPECT_EQ(nearestWaveletName("coiflet5"), "coif5");
    EXPECT_EQ(nearestWaveletName("boir4.4"), "bior4.4");
    EXPECT_EQ(nearestWaveletName(std::string(1'000'000, 'x')), "haar");
}

TEST(BoundaryName, goesBothWays)
{
    EXPECT_EQ(boundaryNames().size(), 9U);
    for (const std::string_view name : boundaryNames())
        EXPECT_EQ(boundaryName(findBoundary(name).value()), name);
    EXPECT_EQ(boundaryName(Boundary::Symmetric), "symmetric");
    EXPECT_EQ(boundaryName(Boundary::Periodic), "periodic");
    EXPECT_FALSE(findBoundary("mirror").has_value());
    EXPECT_EQ(nearestBoundaryName("symetric"), "symmetric");
    EXPECT_EQ(nearestBoundaryName("periodisation"), "periodization");
}

TEST(WaveletProperties, sayWhereTheFiltersComeFrom)
{
    for (const std::string_view name : waveletNames()) {
        const Wavelet wavelet = findWavelet(name).value();
        EXPECT_FALSE(familyName(wavelet.family).empty());
        EXPECT_GT(familySource(wavelet.family).size(), 20U) << name;
    }
}

TEST(WaveletProperties, countTheSupportWithoutPaddingZeros)
{
    EXPECT_EQ(findWavelet("haar").value().supportWidth(), 1.0);
    EXPECT_EQ(findWavelet("db4").value().supportWidth(), 7.0);
    EXPECT_EQ(findWavelet("bior2.2").value().supportWidth(), 3.0); // five taps and three, in filters of six
    EXPECT_EQ(findWavelet("rbio1.3").value().supportWidth(), 3.0); // two and six, in filters of six
}

TEST(WaveletFilter, ofOrderOneIsHaar)
{
    EXPECT_EQ(findWavelet("db1").value().low, findWavelet("haar").value().low);
    EXPECT_THAT(findWavelet("haar").value().high,
                testing::ElementsAre(testing::DoubleEq(-std::sqrt(0.5)), testing::DoubleEq(std::sqrt(0.5))));
}

} // namespace
} // namespace winnow::wavelet
