// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/analysis/wavelet/wavelet_tables.h"

#include "core/io/npz.h"
#include "tests/support/synthetic_trace.h"
#include "wavelet/transform.h"

#include <gmock/gmock.h>

#include <fstream>
#include <numeric>

namespace winnow {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing_support::makeSynthetic;
using testing_support::openSynthetic;
using testing_support::SyntheticOptions;
using testing_support::SyntheticTrace;
using testing_support::TemporaryFolder;

/// The slow obvious version: every channel is a signal of its own, every band is rebuilt with all others set to zero.
struct Slow {
    std::vector<std::vector<double>> bands; ///< [levels + 1][positions], approximation last
    std::vector<double> energy;
};

Slow slowContribution(const SyntheticTrace& trace, const std::vector<QueryHead>& heads, int step, int window,
                      const std::string& name, const std::string& mode, int levels)
{
    const int tokens = static_cast<int>(trace.info.tokens.size());
    const int length = window > 0 ? std::min(window, step + 1) : step + 1, first = step + 1 - length;
    const auto filters = *wavelet::findWavelet(name);
    const auto boundary = *wavelet::findBoundary(mode);
    Slow slow{std::vector<std::vector<double>>(levels + 1, std::vector<double>(length, 0)), std::vector<double>(levels + 1, 0)};
    for (const QueryHead& head : heads) {
        const LayerInfo& layer = trace.info.layerInfo[head.layerIndex];
        const int kv = head.head / layer.group();
        for (int channel = 0; channel < layer.headDim; ++channel) {
            std::vector<double> signal;
            for (int i = first; i <= step; ++i)
                signal.push_back(trace.attention[head.layerIndex][(head.head * tokens + step) * tokens + i] *
                                 trace.v[head.layerIndex][(kv * tokens + i) * layer.headDim + channel]);
            const wavelet::Decomposition whole = wavelet::wavedec(signal, filters, boundary, levels);
            for (int band = 0; band <= levels; ++band) {
                wavelet::Decomposition alone = whole;
                for (int other = 0; other <= levels; ++other)
                    if (other != band)
                        std::fill(alone.bands[other].begin(), alone.bands[other].end(), 0.0);
                const std::vector<double> rebuilt = wavelet::waverec(alone, filters, boundary);
                for (int i = 0; i < length; ++i)
                    slow.bands[band][i] += std::abs(rebuilt[i]) / (layer.headDim * static_cast<double>(heads.size()));
                for (int i = 0; i < length; ++i)
                    slow.energy[band] += rebuilt[i] * signal[i] / static_cast<double>(heads.size());
            }
        }
    }
    return slow;
}

std::vector<QueryHead> allHeads(const SyntheticTrace& trace)
{
    std::vector<QueryHead> heads;
    for (int layer = 0; layer < static_cast<int>(trace.info.layers.size()); ++layer)
        for (int head = 0; head < trace.info.layerInfo[layer].queryHeads; ++head)
            heads.push_back({layer, head});
    return heads;
}

// Rows of attention come from float32 queries, keys and normalizers: relative error of some 1e-6; magnitudes are below 1.
constexpr double kTolerance = 2e-6;

void expectEqual(const Contribution& fast, const Slow& slow)
{
    double worst = 0;
    std::string where;
    for (int band = 0; band <= fast.levels; ++band)
        for (int i = 0; i < fast.positions; ++i) {
            const double value = band < fast.levels ? fast.band(band)[i] : fast.approximation[i];
            const double wanted = slow.bands[band][slow.bands[band].size() - fast.positions + i];
            if (std::abs(value - wanted) > worst) {
                worst = std::abs(value - wanted);
                where = "band " + std::to_string(band) + ", position " + std::to_string(i);
            }
        }
    EXPECT_LT(worst, kTolerance) << where;
    for (int band = 0; band <= fast.levels; ++band)
        EXPECT_NEAR(fast.energy[band], slow.energy[band], 1e-5 * std::max(1.0, slow.energy[band])) << "band " << band;
}

TEST(Contribution, isTheWorkedExampleOfThePolicies)
{
    // WE-HAAR: s = 1 2 3 5. One head of one channel; zero queries pay 1/4 to everyone, so the values are 4 s.
    SyntheticTrace trace =
        makeSynthetic({.layers = 1, .queryHeads = 1, .keyHeads = 1, .headDim = 1, .tokens = 4, .rotaryDims = 0});
    trace.q[0] = {0, 0, 0, 0};
    trace.v[0] = {4, 8, 12, 20};
    attend(trace, 0);
    const TemporaryFolder folder;
    const auto result = contribution(*openSynthetic(trace, folder), {.levels = 2}, {});
    ASSERT_TRUE(result) << result.error().message;
    const auto near = [](std::vector<double> wanted) { return testing::Pointwise(testing::DoubleNear(1e-5), wanted); };
    EXPECT_THAT(result->signal, near({1, 2, 3, 5}));
    EXPECT_THAT(std::vector(result->band(0).begin(), result->band(0).end()), near({0.5, 0.5, 1, 1}));
    EXPECT_THAT(std::vector(result->band(1).begin(), result->band(1).end()), near({1.25, 1.25, 1.25, 1.25}));
    EXPECT_THAT(result->approximation, near({2.75, 2.75, 2.75, 2.75}));
    EXPECT_THAT(result->energy, near({0.5 + 2.0, 6.25, 30.25})); // .7071² + 1.4142², 2.5², 5.5²
}

TEST(Contribution, equalsTheSlowVersionForEveryKindOfWavelet)
{
    const SyntheticTrace trace =
        makeSynthetic({.layers = 2, .queryHeads = 4, .keyHeads = 2, .headDim = 6, .tokens = 41, .rotaryDims = 4});
    const TemporaryFolder folder;
    const auto opened = openSynthetic(trace, folder);
    for (const auto& [name, mode, levels] :
         {std::tuple("haar", "symmetric", 5), {"db3", "zero", 3}, {"sym4", "periodization", 2}}) {
        const auto result = contribution(*opened, {.wavelet = name, .mode = mode, .levels = levels}, {});
        ASSERT_TRUE(result) << result.error().message;
        EXPECT_EQ(result->positions, 41);
        EXPECT_EQ(result->heads, 8);
        expectEqual(*result, slowContribution(trace, allHeads(trace), 40, 0, name, mode, levels));
    }
}

TEST(Contribution, looksAtTheChosenHeadsStepAndWindowOnly)
{
    const SyntheticTrace trace = makeSynthetic({.layers = 2, .queryHeads = 4, .keyHeads = 2, .tokens = 40});
    const TemporaryFolder folder;
    const std::vector<QueryHead> heads{{1, 0}, {1, 3}};
    const auto result =
        contribution(*openSynthetic(trace, folder), {.heads = heads, .steps = {29}, .window = 16, .levels = 3}, {});
    ASSERT_TRUE(result) << result.error().message;
    EXPECT_EQ(result->positions, 16);
    EXPECT_EQ(result->firstPosition, 14);
    expectEqual(*result, slowContribution(trace, heads, 29, 16, "haar", "symmetric", 3));
}

TEST(Contribution, alignsSeveralStepsAtTheNewestPosition)
{
    const SyntheticTrace trace = makeSynthetic({.layers = 1, .tokens = 40});
    const TemporaryFolder folder;
    const auto result = contribution(*openSynthetic(trace, folder), {.steps = {20, 39, 30}, .levels = 2}, {});
    ASSERT_TRUE(result) << result.error().message;
    EXPECT_EQ(result->positions, 21); // as many as the earliest step has
    Slow mean{std::vector<std::vector<double>>(3, std::vector<double>(21, 0)), std::vector<double>(3, 0)};
    for (const int step : {20, 39, 30}) {
        const Slow one = slowContribution(trace, allHeads(trace), step, 0, "haar", "symmetric", 2);
        for (int band = 0; band < 3; ++band) {
            for (int i = 0; i < 21; ++i)
                mean.bands[band][i] += one.bands[band][one.bands[band].size() - 21 + i] / 3;
            mean.energy[band] += one.energy[band] / 3;
        }
    }
    expectEqual(*result, mean);
}

TEST(Contribution, keepsTheEnergyOfTheSignalUnderAnOrthogonalPeriodicTransform)
{
    const SyntheticTrace trace = makeSynthetic({.layers = 1, .tokens = 32});
    const TemporaryFolder folder;
    const auto result = contribution(*openSynthetic(trace, folder), {.wavelet = "db2", .mode = "periodization", .levels = 3}, {});
    ASSERT_TRUE(result);
    double energy = 0;
    for (const QueryHead& head : allHeads(trace))
        for (int i = 0; i < 32; ++i)
            for (int c = 0; c < 8; ++c) {
                const double s =
                    trace.attention[0][(head.head * 32 + 31) * 32 + i] * trace.v[0][(head.head / 2 * 32 + i) * 8 + c];
                energy += s * s / 4;
            }
    EXPECT_NEAR(std::accumulate(result->energy.begin(), result->energy.end(), 0.0), energy, 1e-5 * energy);
}

TEST(TreeKvFigure2, looksAtStep511OrSaysWhyNot)
{
    const TemporaryFolder folder;
    const SyntheticOptions small{.layers = 1, .queryHeads = 1, .keyHeads = 1, .headDim = 2, .tokens = 530, .rotaryDims = 0};
    const auto longer = treekvFigure2(*openSynthetic(makeSynthetic(small), folder), {}, {});
    ASSERT_TRUE(longer) << longer.error().message;
    EXPECT_THAT(longer->steps, ElementsAre(511));
    EXPECT_EQ(longer->positions, 512);
    EXPECT_EQ(longer->levels, 5);
    EXPECT_EQ(longer->wavelet, "haar");
    EXPECT_EQ(longer->note, "");

    SyntheticOptions few = small;
    few.tokens = 100;
    const auto shorter = treekvFigure2(*openSynthetic(makeSynthetic(few), folder, "short.h5"), {.wavelet = "db4"}, {});
    ASSERT_TRUE(shorter);
    EXPECT_THAT(shorter->steps, ElementsAre(99));
    EXPECT_EQ(shorter->wavelet, "haar");
    EXPECT_EQ(shorter->note, "The recording has 100 tokens, so this is its last step, 99, and not step 511.");

    const auto several = treekvFigure2(*openSynthetic(makeSynthetic(small), folder), {.steps = {511, 529}}, {});
    ASSERT_TRUE(several);
    EXPECT_EQ(several->positions, 512);
}

TEST(Contribution, refusesWhatItCannotServeWithASentence)
{
    const TemporaryFolder folder;
    const auto trace = openSynthetic(makeSynthetic({.layers = 1, .tokens = 8}), folder);
    const auto message = [&](const ContributionOptions& options) {
        const auto result = contribution(*trace, options, {});
        return result ? std::string() : result.error().message;
    };
    EXPECT_EQ(message({.wavelet = "harr"}), "there is no wavelet 'harr'; the nearest is 'haar'");
    EXPECT_EQ(message({.mode = "symetric"}), "there is no boundary mode 'symetric'; the nearest is 'symmetric'");
    EXPECT_EQ(message({.levels = 0}), "0 levels were asked for; choose 1 to 24");
    EXPECT_THAT(message({.steps = {8}}), HasSubstr("step 8 does not exist"));
    EXPECT_EQ(message({.heads = {{0, 4}}}), "query head 4 does not exist: layer 0 has the heads 0 to 3");
}

TEST(Contribution, stopsWhenAsked)
{
    const TemporaryFolder folder;
    std::stop_source stop;
    stop.request_stop();
    const auto result = contribution(*openSynthetic(makeSynthetic({}), folder), {}, JobContext(stop.get_token()));
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().code, ErrorCode::Cancelled);
}

TEST(Contribution, isWrittenAsTheDesignSays)
{
    const TemporaryFolder folder;
    const auto result = contribution(*openSynthetic(makeSynthetic({.tokens = 20}), folder), {.steps = {18}, .levels = 3}, {});
    ASSERT_TRUE(result);
    ASSERT_TRUE(writeTables(bandTables(*result), result->manifest, folder / "w.npz"));
    const auto npz = readNpz(folder / "w.npz");
    ASSERT_TRUE(npz) << npz.error().message;
    EXPECT_THAT(npz->shape("bands").value(), ElementsAre(3, 19));
    EXPECT_EQ(npz->numbers<double>("bands").value(), result->bands);
    EXPECT_EQ(npz->descr("bands").value(), "<f8");
    EXPECT_EQ(npz->numbers<double>("approximation").value(), result->approximation);
    EXPECT_EQ(npz->numbers<double>("energy").value(), result->energy);
    EXPECT_THAT(npz->strings("wavelet").value(), ElementsAre("haar"));
    EXPECT_THAT(npz->strings("mode").value(), ElementsAre("symmetric"));
    EXPECT_THAT(npz->numbers<std::int32_t>("step").value(), ElementsAre(18));

    ASSERT_TRUE(writeTables(bandTables(*result), result->manifest, folder / "w.csv"));
    std::ifstream csv(folder / "w.csv");
    std::string line;
    int comments = 0, rows = 0;
    while (std::getline(csv, line) && line[0] == '#')
        ++comments;
    EXPECT_GT(comments, 3);
    EXPECT_EQ(line, "position,signal,level1,level2,level3,approximation");
    while (std::getline(csv, line))
        ++rows;
    EXPECT_EQ(rows, 19);
}

} // namespace
} // namespace winnow
