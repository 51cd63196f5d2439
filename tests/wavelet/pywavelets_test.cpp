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
        m_projections.resize(names("wavelets").size() * names("modes").size() * (levels().size() + 1) * lengths());
        file.read(reinterpret_cast<char*>(m_projections.data()),
                  static_cast<std::streamsize>(m_projections.size() * sizeof(double)));
        ASSERT_TRUE(file.good() && file.peek() == std::char_traits<char>::eof()) << "projections.bin has another size";
        for (std::size_t band = 0; band < 8; ++band) {
            m_weights.push_back(numbers(1000 + band, 400));
            for (double& weight : m_weights.back())
                weight = weight < 0.0 ? weight / 2 - 0.5 : weight / 2 + 0.5;
        }
    }

    std::vector<std::string> names(const char* key) const { return m_facts.at(key).get<std::vector<std::string>>(); }
    std::vector<int> levels() const { return m_facts.at("levels").get<std::vector<int>>(); }
    std::size_t lengths() const { return m_facts.at("lengths").get<std::size_t>(); }
    const nlohmann::json& facts() const { return m_facts; }

    double expected(std::size_t wavelet, std::size_t mode, std::size_t which, std::size_t length) const
    {
        return m_projections[((wavelet * names("modes").size() + mode) * (levels().size() + 1) + which) * lengths() + length - 1];
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
    void compareEverywhere(std::size_t which, Compute compute)
    {
        std::size_t refused = 0;
        for (std::size_t w = 0; const std::string& name : names("wavelets")) {
            const Wavelet wavelet = withTheirTaps(findWavelet(name).value());
            for (std::size_t m = 0; const std::string& mode : names("modes")) {
                const Boundary boundary = findBoundary(mode).value();
                for (std::size_t length = 1; length <= lengths(); ++length) {
                    const double right = expected(w, m, which, length);
                    const Projection found = compute(numbers(length, length), wavelet, boundary);
                    if (std::isnan(right)) { // a single sample, or a level that leaves one, is continued as it is
                        ++refused;
                        EXPECT_TRUE(mode == "reflect" || mode == "antireflect");
                        EXPECT_TRUE(std::isfinite(found.sum)) << name << ", " << mode << ", length " << length;
                        continue;
                    }
                    ASSERT_NEAR(found.sum, right, kSameTaps * std::max(1.0, found.largest))
                        << name << ", " << mode << ", length " << length;
                }
                ++m;
            }
            ++w;
        }
        EXPECT_LT(refused, m_projections.size() / 1000) << "too many cases are without a number";
    }

private:
    nlohmann::json m_facts;
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
    // Its symlets are tabulated with eleven right digits.
    constexpr double kDigits = 2e-11;
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
        compareEverywhere(which, [&](std::span<const double> signal, const Wavelet& wavelet, Boundary boundary) {
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
    compareEverywhere(levels().size(), [&](std::span<const double> signal, const Wavelet& wavelet, Boundary boundary) {
        const MultiresolutionBands parts = bands(signal.data(), signal.size(), 1, wavelet, boundary, depth);
        Projection sum;
        for (int band = 0; band <= depth; ++band)
            project(band, parts.band(band), sum);
        return sum;
    });
}

// Smooth and Antireflect continue a slope: below the deepest sensible level the coefficients, and with them the difference, grow
// a thousandfold. There PyWavelets' symlets do not give the signal back to ten digits either.
TEST_F(PyWavelets, isMatchedByTheRoomsOwnTapsCoefficientByCoefficient)
{
    for (const std::string_view name : waveletNames()) {
        const Wavelet own = findWavelet(name).value(), theirs = withTheirTaps(own);
        for (const std::string_view mode : boundaryNames()) {
            const Boundary boundary = findBoundary(mode).value();
            const bool slopes = boundary == Boundary::Smooth || boundary == Boundary::Antireflect;
            for (std::size_t length = 1; length <= lengths(); ++length) {
                const std::vector<double> signal = numbers(length, length);
                for (const int levels : {1, 2, 5}) {
                    const bool beyond = slopes && levels > std::max(1, maxLevel(length, own.filterLength()));
                    const Decomposition a = wavedec(signal, own, boundary, levels), b = wavedec(signal, theirs, boundary, levels);
                    double largest = 1.0;
                    for (const std::vector<double>& band : a.bands) {
                        for (const double value : band)
                            largest = std::max(largest, std::abs(value));
                    }
                    const double tolerance = kOwnTaps * (slopes ? largest : 1.0) * (beyond ? 100.0 : 1.0);
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
