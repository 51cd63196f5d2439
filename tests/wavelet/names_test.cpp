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
}

TEST(WaveletName, thatIsUnknownIsNotFound)
{
    for (const char* name : {"", "db0", "db11", "db", "db04", "sym1", "sym9", "coif6", "bior2.2", "db4 "})
        EXPECT_FALSE(findWavelet(name).has_value()) << name;
}

TEST(WaveletName, thatIsMisspelledHasANearestRightOne)
{
    EXPECT_EQ(nearestWaveletName("har"), "haar");
    EXPECT_EQ(nearestWaveletName("HAAR!"), "haar");
    EXPECT_EQ(nearestWaveletName("dbb4"), "db4");
    EXPECT_EQ(nearestWaveletName("smy4"), "sym4");
    EXPECT_EQ(nearestWaveletName("coiflet5"), "coif5");
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

TEST(WaveletFilter, ofOrderOneIsHaar)
{
    EXPECT_EQ(findWavelet("db1").value().low, findWavelet("haar").value().low);
    EXPECT_THAT(findWavelet("haar").value().high,
                testing::ElementsAre(testing::DoubleEq(-std::sqrt(0.5)), testing::DoubleEq(std::sqrt(0.5))));
}

} // namespace
} // namespace winnow::wavelet
