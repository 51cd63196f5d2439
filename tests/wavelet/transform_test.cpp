// SPDX-License-Identifier: GPL-3.0-or-later
#include "reference_dwt.h"
#include "seeded_numbers.h"
#include "wavelet/multiresolution.h"
#include "wavelet/transform.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <numeric>

namespace winnow::wavelet {
namespace {

using testing::DoubleNear;
using testing::ElementsAre;
using testing::Pointwise;

constexpr double kEpsilon = std::numeric_limits<double>::epsilon();

double largest(const std::vector<std::vector<double>>& bands)
{
    double most = 0.0;
    for (const std::vector<double>& band : bands) {
        for (const double value : band)
            most = std::max(most, std::abs(value));
    }
    return most;
}

double energy(std::span<const double> values) { return std::inner_product(values.begin(), values.end(), values.begin(), 0.0); }

/// A decomposition worked out by hand.
TEST(Haar, decomposesTheWorkedExample)
{
    const std::vector<double> signal{1, 2, 3, 5};
    const Wavelet haar = findWavelet("haar").value();
    const auto about = [](double value) { return DoubleNear(value, 5e-5); };
    const Split one = dwt(signal, haar, Boundary::Symmetric);
    EXPECT_THAT(one.approximation, ElementsAre(about(2.1213), about(5.6569)));
    EXPECT_THAT(one.detail, ElementsAre(about(-.7071), about(-1.4142)));
    for (const std::string_view mode : boundaryNames()) {
        const Boundary boundary = findBoundary(mode).value();
        const Decomposition two = wavedec(signal, haar, boundary, 2);
        EXPECT_THAT(two.bands[0], ElementsAre(about(-.7071), about(-1.4142)));
        EXPECT_THAT(two.bands[1], ElementsAre(about(-2.5)));
        EXPECT_THAT(two.bands[2], ElementsAre(about(5.5)));
        const MultiresolutionBands parts = bands(signal.data(), 4, 1, haar, boundary, 2);
        EXPECT_THAT(parts.band(0), ElementsAre(about(-.5), about(.5), about(-1), about(1)));
        EXPECT_THAT(parts.band(1), ElementsAre(about(-1.25), about(-1.25), about(1.25), about(1.25)));
        EXPECT_THAT(parts.band(2), ElementsAre(about(2.75), about(2.75), about(2.75), about(2.75)));
        EXPECT_THAT(parts.energies, ElementsAre(DoubleNear(2.5, 1e-12), DoubleNear(6.25, 1e-12), DoubleNear(30.25, 1e-12)));
    }
}

class EveryWavelet : public testing::TestWithParam<std::string_view> {
protected:
    const Wavelet m_wavelet = findWavelet(GetParam()).value();
    // The taps of dmey are a cut off series: it comes back to about three digits.
    const double m_cut = m_wavelet.family == Family::DiscreteMeyer ? 5e-3 : 0.0;
};

std::string named(const testing::TestParamInfo<std::string_view>& info)
{
    std::string name(info.param);
    std::ranges::replace(name, '.', '_');
    return name;
}

INSTANTIATE_TEST_SUITE_P(Room, EveryWavelet, testing::ValuesIn(waveletNames().begin(), waveletNames().end()), named);

TEST_P(EveryWavelet, hasTwoPairsOfFiltersThatAreOrthonormalToEachOther)
{
    const std::vector<double>&low = m_wavelet.low, &high = m_wavelet.high;
    const std::vector<double> lowBack(m_wavelet.lowBack.rbegin(), m_wavelet.lowBack.rend());
    const std::vector<double> highBack(m_wavelet.highBack.rbegin(), m_wavelet.highBack.rend());
    const double tolerance = 4 * kEpsilon + m_cut;
    EXPECT_NEAR(std::accumulate(low.begin(), low.end(), 0.0), std::sqrt(2.0), tolerance);
    EXPECT_NEAR(std::accumulate(lowBack.begin(), lowBack.end(), 0.0), std::sqrt(2.0), tolerance);
    if (m_wavelet.orthogonal) {
        EXPECT_EQ(low, lowBack);
    }
    const auto taps = static_cast<std::ptrdiff_t>(low.size());
    for (std::ptrdiff_t shift = 2 - taps; shift < taps; shift += 2) {
        double same = 0.0, fine = 0.0, mixed = 0.0;
        for (std::ptrdiff_t i = std::max<std::ptrdiff_t>(shift, 0); i < std::min(taps, taps + shift); ++i) {
            same += low[i] * lowBack[i - shift];
            fine += high[i] * highBack[i - shift];
            mixed += high[i] * lowBack[i - shift];
        }
        EXPECT_NEAR(same, shift == 0 ? 1.0 : 0.0, tolerance);
        EXPECT_NEAR(fine, shift == 0 ? 1.0 : 0.0, tolerance);
        EXPECT_NEAR(mixed, 0.0, tolerance);
    }
}

TEST_P(EveryWavelet, hasItsVanishingMomentsAndNoMore)
{
    const auto moment = [](const std::vector<double>& taps, int order) {
        // Positions scaled to [-1, 1] keep every term below the taps, so their rounding is all that is left.
        double sum = 0.0;
        const auto center = static_cast<double>(taps.size() - 1) / 2;
        for (std::size_t i = 0; i < taps.size(); ++i)
            sum += taps[i] * std::pow((static_cast<double>(i) - center) / center, order);
        return sum;
    };
    const double tolerance = 2 * static_cast<double>(m_wavelet.filterLength()) * kEpsilon;
    for (int order = 0; order < m_wavelet.vanishingMoments; ++order)
        EXPECT_NEAR(moment(m_wavelet.high, order), 0.0, tolerance) << "moment " << order;
    for (int order = 0; order < m_wavelet.vanishingMomentsBack; ++order)
        EXPECT_NEAR(moment(m_wavelet.highBack, order), 0.0, tolerance) << "moment " << order;
    // From N = 15 on the first moment that is not zero is smaller than can be told from rounding.
    if (m_wavelet.family != Family::DiscreteMeyer && m_wavelet.vanishingMoments < 15) {
        EXPECT_GT(std::abs(moment(m_wavelet.high, m_wavelet.vanishingMoments)), 4 * tolerance);
        EXPECT_GT(std::abs(moment(m_wavelet.highBack, m_wavelet.vanishingMomentsBack)), 4 * tolerance);
    }
}

TEST_P(EveryWavelet, givesTheSignalBack)
{
    for (const std::string_view mode : boundaryNames()) {
        const Boundary boundary = findBoundary(mode).value();
        for (std::size_t length = 1; length <= 300; length += length < 40 ? 1 : 7) {
            for (const int levels : {0, 1, 2, 5}) {
                const std::vector<double> signal = numbers(length, length);
                const Decomposition parts = wavedec(signal, m_wavelet, boundary, levels);
                const std::vector<double> back = waverec(parts, m_wavelet, boundary);
                // Each level sums `taps` products there and back; smooth boundaries of short signals make large coefficients.
                const double tolerance = (kEpsilon * static_cast<double>(m_wavelet.filterLength()) + m_cut) * (levels + 1) *
                                         std::max(1.0, largest(parts.bands));
                ASSERT_THAT(back, Pointwise(DoubleNear(tolerance), signal))
                    << mode << ", length " << length << ", levels " << levels;
            }
        }
    }
}

TEST_P(EveryWavelet, invertsASingleLevel)
{
    for (const std::string_view mode : boundaryNames()) {
        const Boundary boundary = findBoundary(mode).value();
        for (std::size_t length = 1; length <= 40; ++length) {
            const std::vector<double> signal = numbers(length, length);
            const Split split = dwt(signal, m_wavelet, boundary);
            EXPECT_EQ(split.detail.size(), coefficientCount(length, m_wavelet.filterLength(), boundary));
            std::vector<double> back = idwt(split.approximation, split.detail, m_wavelet, boundary);
            ASSERT_EQ(back.size(), length + length % 2) << mode << ", length " << length;
            back.resize(length);
            const double tolerance = (2 * kEpsilon * static_cast<double>(m_wavelet.filterLength()) + m_cut) *
                                     std::max(1.0, largest({split.approximation, split.detail}));
            ASSERT_THAT(back, Pointwise(DoubleNear(tolerance), signal)) << mode << ", length " << length;
        }
    }
}

TEST_P(EveryWavelet, agreesWithTheTextbook)
{
    for (const std::string_view mode : boundaryNames()) {
        const Boundary boundary = findBoundary(mode).value();
        for (const std::size_t length : {1, 2, 3, 5, 8, 13, 21, 64, 99}) {
            const std::vector<double> signal = numbers(7, length);
            const auto right = reference::wavedec(signal, m_wavelet, boundary, 3);
            const Decomposition parts = wavedec(signal, m_wavelet, boundary, 3);
            const auto rightBands = reference::multiresolution(signal, m_wavelet, boundary, 3);
            const MultiresolutionBands alone = bands(signal.data(), length, 1, m_wavelet, boundary, 3);
            const double tolerance = 4 * kEpsilon * static_cast<double>(m_wavelet.filterLength()) * std::max(1.0, largest(right));
            for (std::size_t band = 0; band < right.size(); ++band) {
                ASSERT_THAT(parts.bands[band], Pointwise(DoubleNear(tolerance), right[band]))
                    << mode << ' ' << length << ' ' << band;
                ASSERT_THAT(alone.band(band), Pointwise(DoubleNear(tolerance), rightBands[band]))
                    << mode << ' ' << length << ' ' << band;
            }
        }
    }
}

/// The wavelet whose coefficients are those of the filters that reconstruct; itself if it is orthogonal.
Wavelet dualOf(const Wavelet& wavelet)
{
    Wavelet dual = wavelet;
    for (auto [to, from] : {std::pair(&dual.low, &wavelet.lowBack),
                            {&dual.high, &wavelet.highBack},
                            {&dual.lowBack, &wavelet.low},
                            {&dual.highBack, &wavelet.high}})
        to->assign(from->rbegin(), from->rend());
    return dual;
}

TEST_P(EveryWavelet, keepsTheEnergyUnderPeriodizationTogetherWithItsDual)
{
    const Wavelet dual = dualOf(m_wavelet);
    if (m_wavelet.orthogonal) {
        EXPECT_EQ(dual.high, m_wavelet.high);
    }
    for (const int levels : {1, 3, 5}) {
        for (const std::size_t blocks : {1, 2, 3, 7}) {
            const std::vector<double> signal = numbers(blocks, blocks << levels);
            const Decomposition one = wavedec(signal, m_wavelet, Boundary::Periodization, levels);
            const Decomposition other = wavedec(signal, dual, Boundary::Periodization, levels);
            double sum = 0.0;
            for (std::size_t band = 0; band < one.bands.size(); ++band)
                sum += std::inner_product(one.bands[band].begin(), one.bands[band].end(), other.bands[band].begin(), 0.0);
            EXPECT_NEAR(sum / energy(signal), 1.0, 1e-12 + 2 * m_cut) << levels << " levels, length " << signal.size();
        }
    }
}

TEST_P(EveryWavelet, isLinear)
{
    const std::vector<double> first = numbers(1, 77), second = numbers(2, 77);
    std::vector<double> mixed(77);
    for (std::size_t i = 0; i < mixed.size(); ++i)
        mixed[i] = 3.0 * first[i] - 0.5 * second[i];
    for (const std::string_view mode : boundaryNames()) {
        const Boundary boundary = findBoundary(mode).value();
        const Decomposition a = wavedec(first, m_wavelet, boundary, 4), b = wavedec(second, m_wavelet, boundary, 4),
                            c = wavedec(mixed, m_wavelet, boundary, 4);
        const double tolerance = 8 * kEpsilon * static_cast<double>(m_wavelet.filterLength()) * std::max(1.0, largest(c.bands));
        for (std::size_t band = 0; band < c.bands.size(); ++band) {
            for (std::size_t i = 0; i < c.bands[band].size(); ++i)
                ASSERT_NEAR(c.bands[band][i], 3.0 * a.bands[band][i] - 0.5 * b.bands[band][i], tolerance)
                    << mode << ' ' << band << ' ' << i;
        }
    }
}

TEST_P(EveryWavelet, findsNoDetailInAConstant)
{
    const std::vector<double> signal(50, 3.0);
    for (const Boundary boundary : {Boundary::Constant, Boundary::Symmetric, Boundary::Reflect, Boundary::Periodic,
                                    Boundary::Smooth, Boundary::Antireflect, Boundary::Periodization}) {
        const double tolerance = 100 * kEpsilon + 2 * m_cut; // three levels, each up to sqrt(2) larger than the one before
        const Decomposition parts = wavedec(signal, m_wavelet, boundary, 3);
        for (int band = 0; band < 3; ++band)
            EXPECT_THAT(parts.bands[band], testing::Each(DoubleNear(0.0, tolerance))) << boundaryName(boundary);
    }
}

TEST(Extended, goesOnAsTheBoundarySays)
{
    const std::vector<double> signal{1, 2, 4};
    EXPECT_THAT(extended(signal, 2, Boundary::Symmetric), testing::ElementsAre(2, 1, 1, 2, 4, 4, 2));
    EXPECT_THAT(extended(signal, 4, Boundary::Reflect), testing::ElementsAre(1, 2, 4, 2, 1, 2, 4, 2, 1, 2, 4));
    EXPECT_THAT(extended(signal, 2, Boundary::Periodization), testing::ElementsAre(2, 4, 1, 2, 4, 1, 2));
    EXPECT_THAT(extended(signal, 1, Boundary::Smooth), testing::ElementsAre(0, 1, 2, 4, 6));
    EXPECT_THAT(extended(signal, 0, Boundary::Zero), testing::ElementsAre(1, 2, 4));
}

} // namespace
} // namespace winnow::wavelet
