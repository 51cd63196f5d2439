// SPDX-License-Identifier: GPL-3.0-or-later
// Energies of bands against PyWavelets, thresholds of averaged spectra against SciPy: tests/fixtures/wavelet/make_energies.py.
#include "seeded_numbers.h"
#include "wavelet/continuous/significance.h"
#include "wavelet/multiresolution.h"

#include <nlohmann/json.hpp>

#include <gmock/gmock.h>

#include <fstream>

namespace winnow::wavelet {
namespace {

nlohmann::json facts() { return nlohmann::json::parse(std::ifstream(std::string(WINNOW_FIXTURES) + "/wavelet/energies.json")); }

TEST(Energies, areThoseOfPyWaveletsBands)
{
    const nlohmann::json golden = facts();
    ASSERT_FALSE(golden.at("bands").empty());
    for (const auto& one : golden.at("bands")) {
        const std::size_t length = one.at(2);
        const std::vector<double> signal = numbers(length, length);
        const BandProfile profile =
            bandProfile({.data = signal.data(), .length = length, .count = 1}, *findWavelet(one.at(0).get<std::string>()),
                        {.boundary = *findBoundary(one.at(1).get<std::string>()), .levels = one.at(3)});
        EXPECT_THAT(profile.energies, testing::Pointwise(testing::DoubleNear(1e-10), one.at(4).get<std::vector<double>>()))
            << one;
    }
}

TEST(Significance, ofAMeanHasTheDegreesOfFreedomOfAllItsSignals)
{
    const std::vector<double> scale{4.0};
    for (const auto& one : facts().at("means")) {
        const ContinuousWavelet wavelet =
            one.at(1) == 2 ? ContinuousWavelet::morlet(6) : ContinuousWavelet::derivativeOfGaussian(2);
        const NoiseModel noise{.variance = 2.5};
        EXPECT_NEAR(significantPower(scale, wavelet, 1, noise, one.at(0), one.at(2)).front() / 2.5, one.at(3), 1e-10) << one;
    }
}

} // namespace
} // namespace winnow::wavelet
