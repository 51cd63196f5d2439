// SPDX-License-Identifier: GPL-3.0-or-later
#include "seeded_numbers.h"
#include "wavelet/lifting.h"
#include "wavelet/streaming.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

namespace winnow::wavelet {
namespace {

using testing::DoubleNear;
using testing::Pointwise;

TEST(Lifting, ofHaarGivesTheNumbersOfTheFilters)
{
    const Wavelet haar = findWavelet("haar").value();
    for (std::size_t length = 1; length <= 60; ++length) {
        const std::vector<double> signal = numbers(length, length);
        const Split lifted = lift(signal, Lifting::Haar);
        Split filtered = dwt(signal, haar, Boundary::Symmetric);
        filtered.detail.resize(length / 2);
        EXPECT_THAT(lifted.approximation, Pointwise(DoubleNear(1e-15), filtered.approximation));
        EXPECT_THAT(lifted.detail, Pointwise(DoubleNear(1e-15), filtered.detail));
    }
}

TEST(Lifting, ofLeGallGivesTheNumbersOfTheFilters)
{
    const Wavelet bior22 = findWavelet("bior2.2").value();
    for (std::size_t length = 1; length <= 60; ++length) {
        const std::vector<double> signal = numbers(length, length);
        const Split lifted = lift(signal, Lifting::LeGall53);
        const Split filtered = dwt(signal, bior22, Boundary::Reflect);
        const auto some = [](const std::vector<double>& all, std::size_t count) { return std::span(all).subspan(1, count); };
        EXPECT_THAT(lifted.approximation, Pointwise(DoubleNear(1e-15), some(filtered.approximation, (length + 1) / 2))) << length;
        EXPECT_THAT(lifted.detail, Pointwise(DoubleNear(1e-15), some(filtered.detail, length / 2))) << length;
    }
}

TEST(Lifting, isUndoneStepByStep)
{
    for (const Lifting wavelet : {Lifting::Haar, Lifting::LeGall53}) {
        for (std::size_t length = 1; length <= 300; ++length) {
            const std::vector<double> signal = numbers(length, length);
            for (const int levels : {0, 1, 4, 9}) {
                const Decomposition parts = liftLevels(signal, wavelet, levels);
                EXPECT_EQ(parts.levels(), static_cast<std::size_t>(levels));
                ASSERT_THAT(unliftLevels(parts, wavelet), Pointwise(DoubleNear(1e-14), signal)) << length << ' ' << levels;
            }
        }
    }
}

TEST(Lifting, ofLeGallFindsNoDetailInALine)
{
    std::vector<double> line(9);
    for (std::size_t n = 0; n < line.size(); ++n)
        line[n] = 3.0 + 0.5 * static_cast<double>(n);
    EXPECT_THAT(lift(line, Lifting::LeGall53).detail, testing::Each(0.0));
}

class Streaming : public testing::TestWithParam<std::string_view> {};

INSTANTIATE_TEST_SUITE_P(Some, Streaming, testing::Values("haar", "db4", "sym20", "coif2", "bior2.8", "rbio3.1", "dmey"),
                         [](const auto& info) {
                             std::string name(info.param);
                             std::ranges::replace(name, '.', '_');
                             return name;
                         });

TEST_P(Streaming, givesEveryCoefficientOnceAndTheSameNumbers)
{
    const Wavelet wavelet = findWavelet(GetParam()).value();
    for (const std::string_view mode : boundaryNames()) {
        const Boundary boundary = findBoundary(mode).value();
        for (const std::size_t length : {1, 2, 3, 7, 8, 9, 20, 39, 40, 41, 61, 62, 63, 200, 777}) {
            for (const int levels : {1, 3}) {
                Checked<StreamingTransform> stream = StreamingTransform::create(wavelet, boundary, levels);
                if (!stream.has_value()) {
                    EXPECT_THAT(stream.error(), testing::HasSubstr("first coefficient would need the last sample"));
                    EXPECT_TRUE(mode == "periodic" || mode == "periodization");
                    continue;
                }
                const std::vector<double> signal = numbers(length, length);
                std::vector<StreamedCoefficient> given;
                for (const double sample : signal)
                    stream->push(sample, given);
                stream->finish(given);
                EXPECT_EQ(stream->length(), length);
                const Decomposition right = wavedec(signal, wavelet, boundary, levels);
                std::vector<std::vector<double>> bands(right.bands.size());
                for (const StreamedCoefficient& one : given) {
                    ASSERT_EQ(one.index, bands[one.band].size()) << "band " << one.band;
                    bands[one.band].push_back(one.value);
                }
                double largest = 1.0;
                for (const auto& band : right.bands) {
                    for (const double value : band)
                        largest = std::max(largest, std::abs(value));
                }
                for (std::size_t band = 0; band < bands.size(); ++band)
                    ASSERT_THAT(bands[band], Pointwise(DoubleNear(1e-15 * largest), right.bands[band])) << mode << ' ' << length;
            }
        }
    }
}

TEST(StreamingTransform, givesACoefficientAsSoonAsItsLastSampleIsThere)
{
    StreamingTransform stream = StreamingTransform::create(findWavelet("db2").value(), Boundary::Symmetric, 1).value();
    std::vector<std::size_t> counts;
    for (const double sample : numbers(1, 10)) {
        std::vector<StreamedCoefficient> given;
        stream.push(sample, given);
        counts.push_back(given.size());
    }
    // The left side needs four samples; then a detail and an approximation come with every second one.
    EXPECT_THAT(counts, testing::ElementsAre(0, 0, 0, 4, 0, 2, 0, 2, 0, 2));
}

TEST(StreamingTransform, refusesNoLevels)
{
    EXPECT_EQ(StreamingTransform::create(findWavelet("haar").value(), Boundary::Zero, 0).error(),
              "0 levels were asked for; choose 1 to 62");
}

} // namespace
} // namespace winnow::wavelet
