// SPDX-License-Identifier: GPL-3.0-or-later
#include "seeded_numbers.h"
#include "wavelet/lane_rows.h"
#include "wavelet/multiresolution.h"
#include "wavelet/transform.h"
#include "wavelet/workers.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <limits>
#include <mutex>
#include <new>
#include <numeric>
#include <set>

namespace winnow::wavelet {
namespace {

using testing::DoubleNear;
using testing::Pointwise;

constexpr double kEpsilon = std::numeric_limits<double>::epsilon();
constexpr std::size_t kLength = 75;
constexpr int kLevels = 3;

/// Signals of 75 samples in an array whose rows are three numbers longer than they need to be.
struct Signals {
    Signals(std::size_t count, Layout layout) : rowLength(layout == Layout::SignalMajor ? kLength : count)
    {
        const std::size_t rows = layout == Layout::SignalMajor ? count : kLength;
        numbersOf.assign(rows * (rowLength + 3), std::numeric_limits<double>::quiet_NaN());
        for (std::size_t signal = 0; signal < count; ++signal) {
            each.push_back(numbers(signal, kLength));
            for (std::size_t n = 0; n < kLength; ++n) {
                const auto [row, column] = layout == Layout::SignalMajor ? std::pair(signal, n) : std::pair(n, signal);
                numbersOf[row * (rowLength + 3) + column] = each.back()[n];
            }
        }
        batch = {.data = numbersOf.data(), .length = kLength, .count = count, .layout = layout, .stride = rowLength + 3};
    }

    std::size_t rowLength;
    std::vector<double> numbersOf;
    std::vector<std::vector<double>> each;
    SignalBatch batch;
};

/// One signal of a packed band [count, size] or [size, count].
std::vector<double> signalOf(std::span<const double> band, std::size_t signal, std::size_t count, Layout layout)
{
    const std::size_t size = band.size() / count;
    std::vector<double> result(size);
    for (std::size_t n = 0; n < size; ++n)
        result[n] = layout == Layout::SignalMajor ? band[signal * size + n] : band[n * count + signal];
    return result;
}

class Batches : public testing::TestWithParam<std::tuple<std::size_t, Layout, Boundary>> {
protected:
    const std::size_t m_count = std::get<0>(GetParam());
    const Layout m_layout = std::get<1>(GetParam());
    const BatchOptions m_options{.boundary = std::get<2>(GetParam()), .levels = kLevels};
    const Signals m_signals{m_count, m_layout};
    const Wavelet m_wavelet = findWavelet("db4").value();
    // Eight taps, three levels there and back; coefficients of order one, but for Smooth of order one hundred.
    const double m_tolerance = 64 * kEpsilon * (m_options.boundary == Boundary::Smooth ? 100 : 1);
};

INSTANTIATE_TEST_SUITE_P(Shapes, Batches,
                         testing::Combine(testing::Values(1, 2, 3, 7, 8, 9, 19, 64),
                                          testing::Values(Layout::SignalMajor, Layout::SampleMajor),
                                          testing::Values(Boundary::Symmetric, Boundary::Smooth, Boundary::Periodization)));

TEST_P(Batches, decomposeEachSignalAsItIsAlone)
{
    const BatchDecomposition all = decompose(m_signals.batch, m_wavelet, m_options);
    for (std::size_t signal = 0; signal < m_count; ++signal) {
        const Decomposition one = wavedec(m_signals.each[signal], m_wavelet, m_options.boundary, kLevels);
        for (std::size_t band = 0; band < one.bands.size(); ++band) {
            EXPECT_EQ(all.coefficients[band], one.bands[band].size());
            EXPECT_THAT(signalOf(all.band(band), signal, m_count, m_layout), Pointwise(DoubleNear(m_tolerance), one.bands[band]));
        }
    }
}

TEST_P(Batches, recomposeTheSignals)
{
    const BatchDecomposition all = decompose(m_signals.batch, m_wavelet, m_options);
    const Numbers back = recompose(all, m_wavelet, {.boundary = m_options.boundary});
    for (std::size_t signal = 0; signal < m_count; ++signal)
        EXPECT_THAT(signalOf({back.get(), kLength * m_count}, signal, m_count, m_layout),
                    Pointwise(DoubleNear(m_tolerance), m_signals.each[signal]));
}

TEST_P(Batches, haveTheBandsAndEnergiesOfEachSignal)
{
    const MultiresolutionBands all = multiresolution(m_signals.batch, m_wavelet, m_options);
    std::vector<double> energies(kLevels + 1, 0.0);
    for (std::size_t signal = 0; signal < m_count; ++signal) {
        const Decomposition whole = wavedec(m_signals.each[signal], m_wavelet, m_options.boundary, kLevels);
        for (std::size_t kept = 0; kept <= kLevels; ++kept) {
            Decomposition alone = whole;
            for (std::size_t band = 0; band <= kLevels; ++band) {
                if (band != kept)
                    std::ranges::fill(alone.bands[band], 0.0);
            }
            for (const double value : whole.bands[kept])
                energies[kept] += value * value;
            EXPECT_THAT(signalOf(all.band(kept), signal, m_count, m_layout),
                        Pointwise(DoubleNear(m_tolerance), waverec(alone, m_wavelet, m_options.boundary)));
        }
    }
    for (std::size_t band = 0; band <= kLevels; ++band)
        EXPECT_NEAR(all.energies[band] / energies[band], 1.0, 1e-13);
}

TEST_P(Batches, canBePackedOneSignalAfterTheOther)
{
    const Numbers packed = signalMajor(m_signals.batch);
    for (std::size_t signal = 0; signal < m_count; ++signal)
        EXPECT_THAT(std::span(packed.get() + signal * kLength, kLength), testing::ElementsAreArray(m_signals.each[signal]));
}

TEST_P(Batches, haveBandsThatAddUpToTheSignals)
{
    const MultiresolutionBands all = multiresolution(m_signals.batch, m_wavelet, m_options);
    for (std::size_t signal = 0; signal < m_count; ++signal) {
        std::vector<double> sum(kLength, 0.0);
        for (std::size_t band = 0; band <= kLevels; ++band) {
            const std::vector<double> part = signalOf(all.band(band), signal, m_count, m_layout);
            std::ranges::transform(sum, part, sum.begin(), std::plus());
        }
        EXPECT_THAT(sum, Pointwise(DoubleNear(m_tolerance), m_signals.each[signal]));
    }
}

TEST_P(Batches, haveTheProfileOfTheirBands)
{
    const MultiresolutionBands all = multiresolution(m_signals.batch, m_wavelet, m_options);
    const BandProfile profile = bandProfile(m_signals.batch, m_wavelet, m_options);
    EXPECT_THAT(profile.coefficientEnergies, Pointwise(testing::DoubleEq(), all.energies));
    for (std::size_t band = 0; band <= kLevels; ++band) {
        std::vector<double> mean(kLength, 0.0), square(kLength, 0.0);
        for (std::size_t signal = 0; signal < m_count; ++signal) {
            const std::vector<double> part = signalOf(all.band(band), signal, m_count, m_layout);
            for (std::size_t n = 0; n < kLength; ++n) {
                mean[n] += std::abs(part[n]) / static_cast<double>(m_count);
                square[n] += part[n] * part[n] / static_cast<double>(m_count);
            }
        }
        EXPECT_THAT(profile.band(band), Pointwise(DoubleNear(64 * kEpsilon), mean));
        EXPECT_THAT(std::span(profile.power).subspan(band * kLength, kLength), Pointwise(DoubleNear(256 * kEpsilon), square));
    }
}

TEST(Batch, givesTheSameNumbersWithAnyNumberOfThreads)
{
    const std::size_t count = 200, length = 1001;
    const std::vector<double> signals = numbers(5, count * length);
    const SignalBatch batch{.data = signals.data(), .length = length, .count = count, .layout = Layout::SampleMajor};
    const Wavelet wavelet = findWavelet("sym5").value();
    const BandProfile one = bandProfile(batch, wavelet, {.threads = 1});
    const MultiresolutionBands oneBands = multiresolution(batch, wavelet, {.threads = 1});
    for (const int threads : {0, 2, 3, 16}) {
        const BandProfile some = bandProfile(batch, wavelet, {.threads = threads});
        EXPECT_EQ(some.magnitude, one.magnitude);
        EXPECT_EQ(some.energies, one.energies);
        const MultiresolutionBands someBands = multiresolution(batch, wavelet, {.threads = threads});
        EXPECT_EQ(someBands.energies, oneBands.energies);
        EXPECT_TRUE(std::equal(someBands.values.get(), someBands.values.get() + 6 * count * length, oneBands.values.get()));
    }
}

TEST(Batch, ofNoLevelsIsItsOwnApproximation)
{
    const std::vector<double> signals = numbers(5, 3 * 10);
    const MultiresolutionBands all = bands(signals.data(), 10, 3, findWavelet("db2").value(), Boundary::Symmetric, 0);
    EXPECT_THAT(all.band(0), testing::ElementsAreArray(signals));
    EXPECT_EQ(all.energies.size(), 1U);
}

TEST(Batch, keepsANanInItsOwnSignal)
{
    std::vector<double> signals = numbers(5, 4 * 32); // [32, 4]
    signals[10 * 4 + 2] = std::numeric_limits<double>::quiet_NaN();
    const MultiresolutionBands all = bands(signals.data(), 32, 4, findWavelet("db3").value(), Boundary::Reflect, 2);
    for (std::size_t signal = 0; signal < 4; ++signal) {
        const std::vector<double> fine = signalOf(all.band(0), signal, 4, Layout::SampleMajor);
        EXPECT_EQ(std::ranges::any_of(fine, [](double value) { return std::isnan(value); }), signal == 2);
    }
}

TEST(BatchDeathTest, stopsAtAShapeThatCannotBe)
{
    const std::vector<double> signal(4, 1.0);
    const Wavelet haar = findWavelet("haar").value();
    EXPECT_DEATH(bands(signal.data(), 0, 1, haar, Boundary::Zero, 1), "at least one sample");
    EXPECT_DEATH(bands(signal.data(), 4, 1, haar, Boundary::Zero, -1), "levels count from 0");
    EXPECT_DEATH(bands(signal.data(), 4, 0, haar, Boundary::Zero, 1), "at least one signal");
    EXPECT_DEATH(multiresolution({.data = signal.data(), .length = 2, .count = 2, .stride = 1}, haar), "do not overlap");
}

TEST(RowKernels, agreeWhicheverInstructionsTheyUse)
{
    const RowKernels &best = rowKernels(kBatchLanes), &plain = plainRowKernels();
    const Wavelet wavelet = findWavelet("coif3").value();
    const std::size_t taps = wavelet.filterLength(), count = 13, rows = taps + 2 * count;
    const std::vector<double> x = numbers(3, rows * kBatchLanes);
    const double tolerance = static_cast<double>(taps) * kEpsilon;

    std::vector<double> low[2], high[2], out[2], sums[2], squares[2], turned[2], products[2];
    for (int i = 0; i < 2; ++i) {
        const RowKernels& kernels = i == 0 ? best : plain;
        low[i].resize(count * kBatchLanes);
        high[i].resize(count * kBatchLanes);
        kernels.analyze(x.data() + taps * kBatchLanes, count, {wavelet.low, wavelet.high}, low[i].data(), high[i].data());
        out[i].assign(2 * count * kBatchLanes, 1.0);
        kernels.synthesize(x.data() + taps * kBatchLanes, count, wavelet.lowBack, out[i].data(), true);
        sums[i].assign(count, 1.0);
        squares[i].assign(count, 1.0);
        kernels.addMoments(x.data(), count, sums[i].data(), squares[i].data());
        products[i] = {kernels.dot(x.data(), x.data() + kBatchLanes, count)};
        turned[i].assign(7 * 15, 0.0);
        kernels.transpose(rowMap(x.data(), 15, 7, kBatchLanes), rowMap(turned[i].data(), 7, 15, 15));
    }
    EXPECT_THAT(low[0], Pointwise(DoubleNear(tolerance), low[1]));
    EXPECT_THAT(high[0], Pointwise(DoubleNear(tolerance), high[1]));
    EXPECT_THAT(out[0], Pointwise(DoubleNear(tolerance), out[1]));
    EXPECT_THAT(sums[0], Pointwise(DoubleNear(tolerance), sums[1]));
    EXPECT_THAT(squares[0], Pointwise(DoubleNear(tolerance), squares[1]));
    EXPECT_THAT(products[0], Pointwise(DoubleNear(1e-12), products[1]));
    EXPECT_EQ(turned[0], turned[1]);
    for (std::size_t r = 0; r < 15; ++r) {
        for (std::size_t c = 0; c < 7; ++c)
            EXPECT_EQ(turned[0][c * 15 + r], x[r * kBatchLanes + c]);
    }
}

/// Bands add up to the signal, so what they share with it adds up to its energy, whatever is assumed beyond the ends.
TEST(BandProfile, hasEnergiesThatAddUpUnderEveryBoundary)
{
    constexpr std::size_t kLength = 77, kCount = 11;
    const std::vector<double> signals = numbers(5, kLength * kCount);
    const double energy = std::inner_product(signals.begin(), signals.end(), signals.begin(), 0.0);
    for (const char* name : {"haar", "db4", "sym5", "bior4.4", "dmey"})
        for (const std::string_view boundary : boundaryNames()) {
            const BandProfile profile = bandProfile({.data = signals.data(), .length = kLength, .count = kCount},
                                                    *findWavelet(name), {.boundary = *findBoundary(boundary), .levels = 4});
            // The truncated filters of dmey rebuild a signal to half a per cent of its energy.
            EXPECT_NEAR(std::accumulate(profile.energies.begin(), profile.energies.end(), 0.0), energy,
                        energy * (std::string_view(name) == "dmey" ? 1e-2 : 1e-11))
                << name << ' ' << boundary;
        }
}

TEST(BandProfile, hasTheEnergiesOfTheCoefficientsWhereTheseAreAll)
{
    const std::vector<double> signals = numbers(6, 64 * 9);
    const BandProfile profile = bandProfile({.data = signals.data(), .length = 64, .count = 9}, *findWavelet("db3"),
                                            {.boundary = Boundary::Periodization, .levels = 3});
    EXPECT_THAT(profile.energies, Pointwise(DoubleNear(1e-11), profile.coefficientEnergies));
}

TEST(EdgePositions, areThoseThatAnotherBoundaryChanges)
{
    for (const char* name : {"haar", "db2", "coif1"})
        for (const std::size_t length : {3U, 64U, 77U, 300U}) {
            const Wavelet wavelet = *findWavelet(name);
            const std::vector<double> signal = numbers(length, length);
            const auto bandsOf = [&](Boundary boundary) { return bands(signal.data(), length, 1, wavelet, boundary, 3); };
            const MultiresolutionBands one = bandsOf(Boundary::Zero), other = bandsOf(Boundary::Antisymmetric);
            const std::vector<Edges> edges = edgePositions(length, wavelet.filterLength(), Boundary::Zero, 3);
            for (std::size_t band = 0; band < 4; ++band)
                for (std::size_t i = 0; i < length; ++i) {
                    const bool edge = i < edges[band].first || i + edges[band].last >= length;
                    const bool changes = std::abs(one.band(band)[i] - other.band(band)[i]) > 1e-12;
                    EXPECT_EQ(edge, changes) << name << ' ' << length << " band " << band << " position " << i;
                }
        }
    // Haar's blocks fit into 64 samples, so that nothing reaches beyond.
    EXPECT_THAT(edgePositions(64, 2, Boundary::Symmetric, 3), testing::Each(Edges{0, 0}));
}

TEST(Workers, doEveryItemOnce)
{
    std::vector<std::atomic<int>> done(1000);
    forEachItem(done.size(), 4, [&](std::size_t item, std::size_t worker) {
        EXPECT_LT(worker, 4U);
        ++done[item];
    });
    for (const std::atomic<int>& times : done)
        EXPECT_EQ(times, 1);
}

TEST(Workers, passOnWhatWasThrown)
{
    EXPECT_THROW(forEachItem(100, 3, [](std::size_t item, std::size_t) { item == 50 ? throw std::bad_alloc() : void(); }),
                 std::bad_alloc);
}

TEST(Workers, areOneForAShortJob)
{
    EXPECT_EQ(workerCount(8, 100, 1000.0), 1U);
    EXPECT_EQ(workerCount(8, 100, 1e9), 8U);
    EXPECT_EQ(workerCount(8, 3, 1e9), 3U);
    EXPECT_GE(workerCount(0, 100, 1e9), 1U);
}

TEST(Numbers, ofALargeArrayAreGivenOutAgain)
{
    const std::size_t size = 700'001;
    Numbers first = allocateNumbers(size);
    const double* place = first.get();
    first[size - 1] = 1.0;
    first.reset();
    EXPECT_NE(allocateNumbers(size + 1'000'000).get(), place);
    Numbers again = allocateNumbers(size);
    EXPECT_EQ(again.get(), place);
    std::fill_n(again.get(), size, 2.0);
    EXPECT_NE(allocateNumbers(size).get(), place);
    for (int i = 0; i < 40; ++i) // more than is held
        allocateNumbers(std::size_t{2'000'000} + static_cast<std::size_t>(i) * 300'000)[0] = 1.0;
    EXPECT_EQ(again[size - 1], 2.0);
}

TEST(Numbers, ofAnImpossibleSizeThrow)
{
    EXPECT_THROW(allocateNumbers(~std::size_t{0} / 4), std::bad_alloc);
    EXPECT_NE(allocateNumbers(0), nullptr);
}

} // namespace
} // namespace winnow::wavelet
