// SPDX-License-Identifier: GPL-3.0-or-later
// Matrices of Eigen as batches, and batches as matrices, without a copy.
#include "seeded_numbers.h"
#include "wavelet/eigen_views.h"

#include <gmock/gmock.h>

namespace winnow::wavelet {
namespace {

constexpr Eigen::Index kLength = 37, kCount = 11;

Eigen::MatrixXd someSignals()
{
    const std::vector<double> values = numbers(4, static_cast<std::size_t>(kLength * kCount));
    return Eigen::Map<const Eigen::MatrixXd>(values.data(), kLength, kCount);
}

TEST(EigenViews, areBatchesWithoutACopy)
{
    const Eigen::MatrixXd columns = someSignals();
    const RowMatrix rows = columns;
    const SignalBatch one = batchOf(columns);
    EXPECT_EQ(one.data, columns.data());
    const SignalBatch other = batchOf(rowMap(rows.data(), kLength, kCount, kCount));
    EXPECT_EQ(other.data, rows.data());
    const Wavelet wavelet = *findWavelet("db3");
    const MultiresolutionBands first = multiresolution(one, wavelet, {.levels = 3});
    const MultiresolutionBands second = multiresolution(other, wavelet, {.levels = 3});
    Eigen::MatrixXd sum = Eigen::MatrixXd::Zero(kLength, kCount);
    for (std::size_t band = 0; band < 4; ++band) {
        EXPECT_EQ(bandMap(first, band), bandMap(second, band)) << band;
        sum += bandMap(first, band);
    }
    EXPECT_LT((sum - columns).cwiseAbs().maxCoeff(), 1e-12) << "bands add up to the signals";
}

TEST(EigenViews, takeABlockOfAMatrix)
{
    const Eigen::MatrixXd columns = someSignals();
    const Eigen::MatrixXd alone = columns.block(3, 2, 20, 5);
    const MultiresolutionBands whole = multiresolution(batchOf(alone), *findWavelet("haar"), {.levels = 2});
    const MultiresolutionBands block = multiresolution(batchOf(columns.block(3, 2, 20, 5)), *findWavelet("haar"), {.levels = 2});
    for (std::size_t band = 0; band < 3; ++band)
        EXPECT_EQ(bandMap(whole, band), bandMap(block, band));
}

TEST(EigenViews, showTheStationaryBandsInColumns)
{
    const Eigen::MatrixXd columns = someSignals();
    const auto bands =
        modwt({columns.data(), static_cast<std::size_t>(columns.size())}, kLength, *findWavelet("db2"), {.levels = 2});
    ASSERT_TRUE(bands);
    EXPECT_EQ(bandMap(*bands, 1).rows(), kLength);
    EXPECT_EQ(bandMap(*bands, 1).cols(), kCount);
    EXPECT_EQ(bandMap(*bands, 1)(5, 3), bands->band(1, 3)[5]);
    const double energy = bandMap(*bands, 0).squaredNorm() + bandMap(*bands, 1).squaredNorm() + bandMap(*bands, 2).squaredNorm();
    EXPECT_NEAR(energy, columns.squaredNorm(), 1e-10);
}

} // namespace
} // namespace winnow::wavelet
