// SPDX-License-Identifier: GPL-3.0-or-later
#include "seeded_numbers.h"
#include "wavelet/coefficients.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <numeric>

namespace winnow::wavelet {
namespace {

using testing::DoubleNear;
using testing::ElementsAre;

/// PyWavelets: threshold([-3, -2, -1, 0, 1, 2, 3], 2, mode), a value of exactly the threshold being kept by "hard" only.
TEST(Shrinkage, isThatOfPyWavelets)
{
    const auto after = [](Shrinkage shrinkage) {
        std::vector<double> values{-3, -2, -1, 0, 1, 2, 3};
        shrink(values, 2.0, shrinkage);
        return values;
    };
    EXPECT_THAT(after(Shrinkage::Hard), ElementsAre(-3, -2, 0, 0, 0, 2, 3));
    EXPECT_THAT(after(Shrinkage::Soft), ElementsAre(-1, 0, 0, 0, 0, 0, 1));
    const double garrote = 3.0 - 4.0 / 3.0;
    EXPECT_THAT(after(Shrinkage::Garrote), ElementsAre(-garrote, 0, 0, 0, 0, 0, garrote));
    EXPECT_EQ(findShrinkage("Garrote"), Shrinkage::Garrote);
    EXPECT_EQ(shrinkageName(Shrinkage::Soft), "soft");
    EXPECT_FALSE(findShrinkage("firm").has_value());
}

TEST(NoiseLevel, isFoundFromTheMedian)
{
    EXPECT_NEAR(noiseLevel(std::vector{-1.0, 0.1, 2.0}), 1.0 / 0.6744897501960817, 1e-15);
    EXPECT_NEAR(noiseLevel(std::vector{-1.0, 0.1, 2.0, 3.0}), 1.5 / 0.6744897501960817, 1e-15);
    EXPECT_EQ(noiseLevel({}), 0.0);
}

TEST(UniversalThreshold, isThatOfDonohoAndJohnstone)
{
    EXPECT_NEAR(universalThreshold(0.5, 1024), 0.5 * std::sqrt(2.0 * std::log(1024.0)), 1e-15);
    EXPECT_EQ(universalThreshold(1.0, 1), 0.0);
}

TEST(Denoising, bringsAStepNearerToWhatItWas)
{
    const std::size_t length = 1024;
    // Sums of twelve uniform numbers are nearly normal.
    const std::vector<double> noise = numbers(9, 12 * length);
    std::vector<double> clean(length), noisy(length);
    for (std::size_t n = 0; n < length; ++n) {
        clean[n] = n < 400 ? 0.0 : 4.0;
        noisy[n] = clean[n] + 0.25 * std::accumulate(noise.begin() + 12 * n, noise.begin() + 12 * (n + 1), 0.0);
    }
    const auto error = [&](const std::vector<double>& x) {
        double sum = 0.0;
        for (std::size_t n = 0; n < length; ++n)
            sum += (x[n] - clean[n]) * (x[n] - clean[n]);
        return sum;
    };
    for (const Shrinkage shrinkage : {Shrinkage::Hard, Shrinkage::Soft, Shrinkage::Garrote})
        EXPECT_LT(error(denoise(noisy, findWavelet("haar").value(), Boundary::Symmetric, 6, shrinkage)), error(noisy) / 10);
}

TEST(Energies, addUpToTheSignalsWhereTheyMust)
{
    for (const std::string_view name : waveletNames()) {
        const Wavelet wavelet = findWavelet(name).value();
        for (const int levels : {1, 3, 5}) {
            const std::vector<double> signal = numbers(7, 32 * 3);
            const EnergyReport report =
                energyReport(signal, wavedec(signal, wavelet, Boundary::Periodization, levels), wavelet, Boundary::Periodization);
            EXPECT_EQ(report.exact, wavelet.orthogonal);
            if (wavelet.orthogonal) {
                EXPECT_NEAR(report.leakage / report.signal, 0.0, wavelet.family == Family::DiscreteMeyer ? 1e-2 : 1e-12) << name;
            }
        }
    }
}

TEST(Energies, reportWhatLeaksAtTheEdges)
{
    const std::vector<double> signal(10, 1.0); // 10 = 2 5: the second level of Haar has an odd length
    const Wavelet haar = findWavelet("haar").value();
    const EnergyReport report = energyReport(signal, wavedec(signal, haar, Boundary::Symmetric, 2), haar, Boundary::Symmetric);
    EXPECT_FALSE(report.exact);
    EXPECT_THAT(report.energies, ElementsAre(DoubleNear(0, 1e-15), DoubleNear(0, 1e-15), DoubleNear(12, 1e-14)));
    EXPECT_THAT(report.edgeEnergies, ElementsAre(DoubleNear(0, 1e-15), DoubleNear(0, 1e-15), DoubleNear(4, 1e-14)));
    EXPECT_NEAR(report.leakage, 2.0, 1e-14); // two samples that are not there
    EXPECT_THAT(report.edges, ElementsAre(Edges{0, 0}, Edges{0, 1}, Edges{0, 1}));
}

/// A coefficient feels the boundary if another extension gives another number.
TEST(Energies, nameTheCoefficientsThatFeelTheBoundary)
{
    for (const char* name : {"haar", "db2", "db5", "coif1"}) {
        const Wavelet wavelet = findWavelet(name).value();
        for (const std::size_t length : {3, 20, 33, 150}) {
            const std::vector<double> signal = numbers(length, length);
            const Decomposition one = wavedec(signal, wavelet, Boundary::Zero, 3);
            const Decomposition other = wavedec(signal, wavelet, Boundary::Antisymmetric, 3);
            const EnergyReport report = energyReport(signal, one, wavelet, Boundary::Zero);
            for (std::size_t band = 0; band < one.bands.size(); ++band) {
                for (std::size_t k = 0; k < one.bands[band].size(); ++k) {
                    const bool feels = k < report.edges[band].first || k + report.edges[band].last >= one.bands[band].size();
                    EXPECT_EQ(feels, std::abs(one.bands[band][k] - other.bands[band][k]) > 1e-13)
                        << name << ' ' << length << " band " << band << " number " << k;
                }
            }
        }
    }
}

} // namespace
} // namespace winnow::wavelet
