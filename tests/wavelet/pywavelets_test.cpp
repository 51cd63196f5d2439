// SPDX-License-Identifier: GPL-3.0-or-later
// The room against PyWavelets: tests/fixtures/wavelet/make_wavelets.py made the numbers.
#include "seeded_numbers.h"
#include "wavelet/multiresolution.h"
#include "wavelet/transform.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <cmath>
#include <fstream>
#include <string>

namespace winnow::wavelet {
namespace {

// With PyWavelets' own taps only rounding is left: some forty products and a few hundred weights, each with an epsilon.
constexpr double kSameTaps = 1e-12; // of the largest coefficient
// The room's symlets have more right digits than those of PyWavelets, which differ from the twelfth digit on.
constexpr double kOwnTaps = 1e-10;

struct Projection {
    double sum = 0.0, largest = 0.0;
};

class PyWavelets : public testing::Test {
protected:
    void SetUp() override
    {
        const std::string folder = std::string(WINNOW_FIXTURES) + "/wavelet/";
        m_facts = nlohmann::json::parse(std::ifstream(folder + "wavelets.json"));
        std::ifstream file(folder + "projections.bin", std::ios::binary);
        m_chunk = m_facts.at("chunk").get<std::size_t>();
        m_projections.resize(names("wavelets").size() * names("modes").size() * (levels().size() + 1) * (lengths() / m_chunk));
        file.read(reinterpret_cast<char*>(m_projections.data()),
                  static_cast<std::streamsize>(m_projections.size() * sizeof(double)));
        ASSERT_TRUE(file.good() && file.peek() == std::char_traits<char>::eof()) << "projections.bin has another size";
        for (std::size_t band = 0; band < 8; ++band) {
            m_weights.push_back(numbers(1000 + band, 600));
            for (double& weight : m_weights.back())
                weight = weight < 0.0 ? weight / 2 - 0.5 : weight / 2 + 0.5;
        }
    }

    std::vector<std::string> names(const char* key) const { return m_facts.at(key).get<std::vector<std::string>>(); }
    std::vector<int> levels() const { return m_facts.at("levels").get<std::vector<int>>(); }
    std::size_t lengths() const { return m_facts.at("lengths").get<std::size_t>(); }
    const nlohmann::json& facts() const { return m_facts; }

    /// [lengths / chunk] numbers, each the sum over `chunk` lengths.
    std::span<const double> expected(std::size_t wavelet, std::size_t mode, std::size_t which) const
    {
        const std::size_t chunks = lengths() / m_chunk, cases = levels().size() + 1;
        return std::span(m_projections).subspan(((wavelet * names("modes").size() + mode) * cases + which) * chunks, chunks);
    }

    /// Whether PyWavelets refuses: it does not reflect a single sample, be it the signal or the approximation of a level.
    static bool isRefused(std::size_t length, std::size_t taps, Boundary boundary, int levels)
    {
        if (boundary != Boundary::Reflect && boundary != Boundary::Antireflect)
            return false;
        for (int level = 0; level < levels && length > 1; ++level)
            length = level + 1 < levels ? coefficientCount(length, taps, boundary) : length;
        return length == 1;
    }

    void project(std::size_t band, std::span<const double> values, Projection& to) const
    {
        for (std::size_t i = 0; i < values.size(); ++i) {
            to.sum += values[i] * m_weights[band][i];
            to.largest = std::max(to.largest, std::abs(values[i]));
        }
    }

    /// The wavelet of the room with the taps that PyWavelets has for it.
    Wavelet withTheirTaps(Wavelet wavelet) const
    {
        const nlohmann::json& filters = m_facts.at("filters").at(wavelet.name);
        filters.at("dec_lo").get_to(wavelet.low);
        filters.at("dec_hi").get_to(wavelet.high);
        filters.at("rec_lo").get_to(wavelet.lowBack);
        filters.at("rec_hi").get_to(wavelet.highBack);
        return wavelet;
    }

    /// compute(signal, wavelet, boundary) is the projection of case `which`; compares it, with PyWavelets' taps, everywhere.
    template <class Compute>
    void compareEverywhere(std::size_t which, int depth, Compute compute)
    {
        for (std::size_t w = 0; const std::string& name : names("wavelets")) {
            const Wavelet wavelet = withTheirTaps(findWavelet(name).value());
            for (std::size_t m = 0; const std::string& mode : names("modes")) {
                const Boundary boundary = findBoundary(mode).value();
                for (std::size_t chunk = 0; const double right : expected(w, m, which)) {
                    double sum = 0.0, tolerance = 0.0;
                    for (std::size_t length = chunk * m_chunk + 1; length <= (chunk + 1) * m_chunk; ++length) {
                        const Projection found = compute(numbers(length, length), wavelet, boundary);
                        ASSERT_TRUE(std::isfinite(found.sum)) << name << ", " << mode << ", length " << length;
                        if (!isRefused(length, wavelet.filterLength(), boundary, depth)) {
                            sum += found.sum;
                            tolerance += kSameTaps * std::max(1.0, found.largest);
                        }
                    }
                    ASSERT_NEAR(sum, right, tolerance)
                        << name << ", " << mode << ", lengths " << chunk * m_chunk + 1 << " to " << (chunk + 1) * m_chunk;
                    ++chunk;
                }
                ++m;
            }
            ++w;
        }
    }

private:
    nlohmann::json m_facts;
    std::size_t m_chunk = 0;
    std::vector<double> m_projections;
    std::vector<std::vector<double>> m_weights;
};

TEST_F(PyWavelets, agreesOnTheRandomNumbers)
{
    const std::vector<double> mine = numbers(200, 200);
    EXPECT_EQ(facts().at("signal200"), nlohmann::json({mine[0], mine[1], mine[199]}));
}

TEST_F(PyWavelets, hasTheSameNamesAndFilters)
{
    EXPECT_TRUE(std::ranges::equal(waveletNames(), names("wavelets")));
    EXPECT_TRUE(std::ranges::is_permutation(boundaryNames(), names("modes")));
    // Its symlets and bior4.4, 5.5 and 6.8 are tabulated with eleven right digits.
    constexpr double kDigits = 3e-11;
    for (const auto& [name, filters] : facts().at("filters").items()) {
        const Wavelet wavelet = findWavelet(name).value();
        const auto compare = [&](const char* which, const std::vector<double>& mine) {
            const auto theirs = filters.at(which).get<std::vector<double>>();
            ASSERT_EQ(mine.size(), theirs.size());
            for (std::size_t i = 0; i < mine.size(); ++i)
                EXPECT_NEAR(mine[i], theirs[i], kDigits) << name << ' ' << which << ' ' << i;
        };
        compare("dec_lo", wavelet.low);
        compare("dec_hi", wavelet.high);
        compare("rec_lo", wavelet.lowBack);
        compare("rec_hi", wavelet.highBack);
    }
}

// PyWavelets calls bior5.5 after its taps and gives rbioA.B the moments of biorA.B; the room counts the zeros of the filters.
TEST_F(PyWavelets, hasTheSameProperties)
{
    for (const auto& [name, facts] : facts().at("properties").items()) {
        const Wavelet wavelet = findWavelet(name).value();
        EXPECT_EQ(symmetryName(wavelet.symmetry), facts.at("symmetry").get<std::string>()) << name;
        EXPECT_EQ(wavelet.orthogonal, facts.at("orthogonal")) << name;
        EXPECT_TRUE(facts.at("biorthogonal")) << name;
        if (wavelet.family == Family::DiscreteMeyer || name == "bior5.5" || name == "rbio5.5")
            continue;
        const bool reverse = wavelet.family == Family::ReverseBiorthogonal;
        EXPECT_EQ(reverse ? wavelet.vanishingMomentsBack : wavelet.vanishingMoments, facts.at("psi")) << name;
        if (wavelet.orthogonal)
            EXPECT_EQ(wavelet.vanishingMomentsPhi, facts.at("phi")) << name;
        else
            EXPECT_EQ(reverse ? wavelet.vanishingMoments : wavelet.vanishingMomentsBack, facts.at("phi")) << name;
    }
}

TEST_F(PyWavelets, countsCoefficientsAndLevelsAlike)
{
    for (const auto& [taps, counts] : facts().at("coefficients").items()) {
        const std::size_t filterLength = std::stoul(taps);
        const auto deepest = facts().at("maxLevel").at(taps).get<std::vector<int>>();
        for (std::size_t length = 1; length <= lengths(); ++length) {
            EXPECT_EQ(coefficientCount(length, filterLength, Boundary::Zero), counts.at(0).at(length - 1))
                << taps << ' ' << length;
            EXPECT_EQ(coefficientCount(length, filterLength, Boundary::Periodization), counts.at(1).at(length - 1))
                << taps << ' ' << length;
            EXPECT_EQ(maxLevel(length, filterLength), deepest[length - 1]) << taps << ' ' << length;
        }
    }
}

TEST_F(PyWavelets, decomposesAlike)
{
    for (std::size_t which = 0; which < levels().size(); ++which) {
        compareEverywhere(which, levels()[which], [&](std::span<const double> signal, const Wavelet& wavelet, Boundary boundary) {
            const Decomposition parts = wavedec(signal, wavelet, boundary, levels()[which]);
            Projection sum;
            for (std::size_t band = 0; band < parts.bands.size(); ++band)
                project(band, parts.bands[band], sum);
            return sum;
        });
    }
}

TEST_F(PyWavelets, reconstructsEveryBandAlike)
{
    const int depth = facts().at("bandLevel").get<int>();
    compareEverywhere(levels().size(), depth, [&](std::span<const double> signal, const Wavelet& wavelet, Boundary boundary) {
        const MultiresolutionBands parts = bands(signal.data(), signal.size(), 1, wavelet, boundary, depth);
        Projection sum;
        for (int band = 0; band <= depth; ++band)
            project(band, parts.band(band), sum);
        return sum;
    });
}

// Smooth and Antireflect continue a slope, which every level doubles: the coefficients grow, and with them the difference. There
// PyWavelets' symlets do not give the signal back to ten digits either.
TEST_F(PyWavelets, isMatchedByTheRoomsOwnTapsCoefficientByCoefficient)
{
    for (const std::string_view name : waveletNames()) {
        const Wavelet own = findWavelet(name).value(), theirs = withTheirTaps(own);
        const double digits = name == "sym20" ? 5 * kOwnTaps : kOwnTaps; // its forty taps are tabulated with ten right digits
        for (const std::string_view mode : boundaryNames()) {
            const Boundary boundary = findBoundary(mode).value();
            const bool slopes = boundary == Boundary::Smooth || boundary == Boundary::Antireflect;
            for (std::size_t length = 1; length <= lengths(); length += length < 40 ? 1 : 13) {
                const std::vector<double> signal = numbers(length, length);
                for (const int levels : {1, 2, 5}) {
                    const Decomposition a = wavedec(signal, own, boundary, levels), b = wavedec(signal, theirs, boundary, levels);
                    double largest = 1.0;
                    for (const std::vector<double>& band : a.bands) {
                        for (const double value : band)
                            largest = std::max(largest, std::abs(value));
                    }
                    const double tolerance = digits * (slopes ? largest * std::pow(3.0, levels - 1) : 1.0);
                    for (std::size_t band = 0; band < a.bands.size(); ++band)
                        ASSERT_THAT(a.bands[band], testing::Pointwise(testing::DoubleNear(tolerance), b.bands[band]))
                            << name << ", " << mode << ", length " << length << ", level " << levels;
                }
            }
        }
    }
}

} // namespace
} // namespace winnow::wavelet
