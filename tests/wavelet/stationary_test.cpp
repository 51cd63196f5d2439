// SPDX-License-Identifier: GPL-3.0-or-later
#include "seeded_numbers.h"
#include "wavelet/circular_kernels.h"
#include "wavelet/multiresolution.h"
#include "wavelet/stationary.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <cmath>
#include <fstream>
#include <limits>
#include <numeric>

namespace winnow::wavelet {
namespace {

using testing::DoubleNear;
using testing::Pointwise;

constexpr double kEpsilon = std::numeric_limits<double>::epsilon();

double energy(std::span<const double> values) { return std::inner_product(values.begin(), values.end(), values.begin(), 0.0); }

/// The definition of Percival and Walden, every sum spelled out.
std::vector<std::vector<double>> slowModwt(std::span<const double> signal, const Wavelet& wavelet, int levels)
{
    const auto length = static_cast<std::ptrdiff_t>(signal.size());
    std::vector<std::vector<double>> bands;
    std::vector<double> rest(signal.begin(), signal.end());
    for (int level = 0; level < levels; ++level) {
        std::vector<double> low(signal.size()), high(signal.size());
        for (std::ptrdiff_t t = 0; t < length; ++t) {
            for (std::size_t l = 0; l < wavelet.low.size(); ++l) {
                const std::ptrdiff_t from = (t - (static_cast<std::ptrdiff_t>(l) << level)) % length;
                low[t] += wavelet.low[l] / std::sqrt(2.0) * rest[(from + length) % length];
                high[t] += wavelet.high[l] / std::sqrt(2.0) * rest[(from + length) % length];
            }
        }
        bands.push_back(high);
        rest = low;
    }
    bands.push_back(rest);
    return bands;
}

class EveryStationaryWavelet : public testing::TestWithParam<std::string_view> {
protected:
    const Wavelet m_wavelet = findWavelet(GetParam()).value();
    const double m_cut = m_wavelet.family == Family::DiscreteMeyer ? 5e-3 : 0.0; // see transform_test.cpp
    // A biorthogonal pair may grow by its larger filter at every level.
    const double m_tolerance = 16 * kEpsilon * static_cast<double>(m_wavelet.filterLength());
};

INSTANTIATE_TEST_SUITE_P(Room, EveryStationaryWavelet, testing::ValuesIn(waveletNames().begin(), waveletNames().end()),
                         [](const auto& info) {
                             std::string name(info.param);
                             std::ranges::replace(name, '.', '_');
                             return name;
                         });

TEST_P(EveryStationaryWavelet, comesBackFromEveryLength)
{
    for (std::size_t length = 1; length <= 70; ++length) {
        const std::vector<double> signal = numbers(length, 3 * length);
        for (const int levels : {0, 1, 2, 5}) {
            const StationaryBands bands = modwt(signal, length, m_wavelet, {.levels = levels}).value();
            const Numbers back = imodwt(bands, m_wavelet);
            ASSERT_THAT(std::span(back.get(), signal.size()),
                        Pointwise(DoubleNear(m_tolerance * (1 + levels) + 3 * m_cut), signal))
                << length;
            if (length % (1U << levels) != 0)
                continue;
            for (const bool normalize : {false, true}) {
                const StationaryOptions options{.levels = levels, .normalize = normalize};
                const Numbers own = iswt(swt(signal, length, m_wavelet, options).value(), m_wavelet, options);
                ASSERT_THAT(std::span(own.get(), signal.size()),
                            Pointwise(DoubleNear(m_tolerance * (1 << levels) + 5 * m_cut), signal))
                    << length;
            }
        }
    }
}

TEST_P(EveryStationaryWavelet, agreesWithTheTextbook)
{
    for (const std::size_t length : {1, 2, 5, 16, 33}) {
        const std::vector<double> signal = numbers(length, length);
        const auto right = slowModwt(signal, m_wavelet, 4);
        const StationaryBands bands = modwt(signal, length, m_wavelet, {.levels = 4}).value();
        for (std::size_t band = 0; band < right.size(); ++band)
            ASSERT_THAT(bands.band(band), Pointwise(DoubleNear(m_tolerance), right[band])) << length << ' ' << band;
    }
}

TEST_P(EveryStationaryWavelet, keepsTheEnergyIfItIsOrthogonal)
{
    const std::vector<double> signal = numbers(4, 75);
    const StationaryBands bands = modwt(signal, 75, m_wavelet, {.levels = 5}).value();
    double sum = 0.0;
    for (std::size_t band = 0; band <= 5; ++band)
        sum += energy(bands.band(band));
    if (m_wavelet.orthogonal) {
        EXPECT_NEAR(sum / energy(signal), 1.0, 1e-12 + m_cut);
    }
}

TEST_P(EveryStationaryWavelet, shiftsWithTheSignal)
{
    const std::size_t length = 48, shift = 11;
    const std::vector<double> signal = numbers(4, length);
    std::vector<double> shifted = signal;
    std::ranges::rotate(shifted, shifted.begin() + shift);
    for (const bool stationary : {false, true}) {
        const auto transform = [&](const std::vector<double>& x) {
            return stationary ? swt(x, length, m_wavelet, {.levels = 4}).value()
                              : modwt(x, length, m_wavelet, {.levels = 4}).value();
        };
        const StationaryBands one = transform(signal), other = transform(shifted);
        for (std::size_t band = 0; band <= 4; ++band) {
            std::vector<double> moved(one.band(band).begin(), one.band(band).end());
            std::ranges::rotate(moved, moved.begin() + shift);
            EXPECT_THAT(other.band(band), Pointwise(DoubleNear(16 * m_tolerance), moved));
        }
    }
}

TEST_P(EveryStationaryWavelet, hasBandsThatAddUpToTheSignal)
{
    for (const std::size_t length : {1, 7, 64, 75}) {
        const std::vector<double> signal = numbers(4, 2 * length);
        const StationaryBands bands = modwtMultiresolution(signal, length, m_wavelet, {.levels = 4}).value();
        std::vector<double> sum(2 * length, 0.0);
        for (std::size_t band = 0; band <= 4; ++band)
            std::ranges::transform(sum, bands.band(band), sum.begin(), std::plus());
        EXPECT_THAT(sum, Pointwise(DoubleNear(8 * m_tolerance + 8 * m_cut), signal));
    }
}

/// tests/fixtures/wavelet/make_stationary.py made the numbers.
TEST(StationaryTransform, isThatOfPyWavelets)
{
    const std::string folder = std::string(WINNOW_FIXTURES) + "/wavelet/";
    const auto facts = nlohmann::json::parse(std::ifstream(folder + "stationary.json"));
    std::vector<std::vector<double>> weights;
    for (std::size_t band = 0; band < 8; ++band) {
        weights.push_back(numbers(1000 + band, 600));
        for (double& weight : weights.back())
            weight = weight < 0.0 ? weight / 2 - 0.5 : weight / 2 + 0.5;
    }
    const auto project = [&](const StationaryBands& bands) {
        double sum = 0.0;
        for (int band = 0; band <= bands.levels; ++band) {
            const std::span<const double> values = bands.band(static_cast<std::size_t>(band));
            sum += std::inner_product(values.begin(), values.end(), weights[static_cast<std::size_t>(band)].begin(), 0.0);
        }
        return sum;
    };
    ASSERT_EQ(facts.at("cases").size(), waveletNames().size());
    for (const auto& [name, cases] : facts.at("cases").items()) {
        const Wavelet wavelet = findWavelet(name).value();
        for (const auto& one : cases) {
            const std::size_t length = one.at(0);
            const int levels = one.at(1);
            const std::vector<double> signal = numbers(length, length);
            // The sum of `length` numbers per band, each up to 2^(levels / 2); the tables of PyWavelets have eleven digits.
            const double tolerance = 1e-10 * std::sqrt(static_cast<double>(length)) * (name == "sym20" ? 5.0 : 1.0);
            EXPECT_NEAR(project(swt(signal, length, wavelet, {.levels = levels}).value()), one.at(2), tolerance)
                << name << length;
            if (!one.at(3).is_null()) {
                EXPECT_NEAR(project(swt(signal, length, wavelet, {.levels = levels, .normalize = true}).value()), one.at(3),
                            tolerance);
                EXPECT_NEAR(project(modwtMultiresolution(signal, length, wavelet, {.levels = levels}).value()), one.at(4),
                            tolerance)
                    << name << length;
            }
            StationaryBands any{.length = length,
                                .count = 1,
                                .levels = levels,
                                .values = allocateNumbers((static_cast<std::size_t>(levels) + 1) * length)};
            for (int band = 0; band <= levels; ++band)
                std::ranges::copy(numbers(static_cast<std::uint64_t>(2000 + band), length),
                                  any.band(static_cast<std::size_t>(band)).begin());
            const Numbers back = iswt(any, wavelet, {.levels = levels});
            EXPECT_NEAR(std::inner_product(back.get(), back.get() + length, weights[0].begin(), 0.0), one.at(5), tolerance)
                << name << length;
        }
    }
}

TEST(StationaryTransform, ofHaarIsSumsAndDifferences)
{
    const std::vector<double> signal{1, 2, 3, 5};
    const StationaryBands bands = modwt(signal, 4, findWavelet("haar").value(), {.levels = 1}).value();
    // (x[t - 1] - x[t]) / 2 and (x[t - 1] + x[t]) / 2, and before the first comes the last
    EXPECT_THAT(bands.band(0), Pointwise(DoubleNear(kEpsilon * 4), {2.0, -0.5, -0.5, -1.0}));
    EXPECT_THAT(bands.band(1), Pointwise(DoubleNear(kEpsilon * 4), {3.0, 1.5, 2.5, 4.0}));
}

TEST(StationaryTransform, givesTheSameNumbersWithAnyNumberOfThreads)
{
    const std::size_t length = 1000, count = 64;
    const std::vector<double> signals = numbers(5, count * length);
    const Wavelet wavelet = findWavelet("db6").value();
    const StationaryBands one = modwtMultiresolution(signals, length, wavelet, {.threads = 1}).value();
    for (const int threads : {0, 2, 7}) {
        const StationaryBands some = modwtMultiresolution(signals, length, wavelet, {.threads = threads}).value();
        EXPECT_TRUE(std::equal(some.values.get(), some.values.get() + 6 * count * length, one.values.get()));
    }
}

TEST(StationaryTransform, refusesWhatItCannotDoInASentence)
{
    const Wavelet haar = findWavelet("haar").value();
    EXPECT_EQ(
        swt(numbers(1, 24), 24, haar, {.levels = 4}).error(),
        "a stationary transform of 4 levels needs a length that 2^4 divides; 24 samples allow 3 levels (the maximal-overlap "
        "transform takes any length)");
    EXPECT_THAT(swt(numbers(1, 1), 1, haar, {.levels = 1}).error(), testing::HasSubstr("1 samples allow 0 levels"));
    EXPECT_THAT(modwt(std::vector<double>{}, 1, haar).error(), testing::HasSubstr("no samples"));
    EXPECT_THAT(modwt(std::vector<double>{1.0, NAN}, 2, haar).error(), testing::HasSubstr("sample 1 of 2"));
    EXPECT_THAT(modwtMultiresolution(numbers(1, 8), 8, haar, {.levels = -1}).error(), testing::HasSubstr("-1 levels"));
}

TEST(CircularKernels, agreeWhicheverInstructionsTheyUse)
{
    const std::vector<double> x = numbers(3, 13 + 100 + 99), low = numbers(4, 9), high = numbers(5, 9); // as far as offsets reach
    const std::vector<std::ptrdiff_t> offsets{0, 7, 3, 50, 99, 1, 2, 77, -13};
    for (const std::size_t length : {1, 3, 8, 15, 16, 17, 63, 100}) {
        std::vector<double> lows[2], highs[2], joined[2];
        for (int i = 0; i < 2; ++i) {
            const CircularKernels& kernels = i == 0 ? circularKernels() : plainCircularKernels();
            for (auto* to : {&lows[i], &highs[i], &joined[i]})
                to->assign(length, 1.0);
            kernels.split(x.data() + 13, length, offsets, low.data(), high.data(), lows[i].data(), highs[i].data());
            kernels.join(x.data() + 13, length, offsets, low.data(), joined[i].data(), true);
        }
        EXPECT_THAT(lows[0], Pointwise(DoubleNear(16 * kEpsilon), lows[1]));
        EXPECT_THAT(highs[0], Pointwise(DoubleNear(16 * kEpsilon), highs[1]));
        EXPECT_THAT(joined[0], Pointwise(DoubleNear(16 * kEpsilon), joined[1]));
        for (std::size_t n = 0; n < length; ++n) {
            double sum = 0.0;
            for (std::size_t j = 0; j < offsets.size(); ++j)
                sum += low[j] * x[n + 13 + static_cast<std::size_t>(offsets[j])];
            EXPECT_NEAR(lows[0][n], sum, 16 * kEpsilon);
        }
    }
}

} // namespace
} // namespace winnow::wavelet
