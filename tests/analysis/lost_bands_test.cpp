// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/analysis/wavelet/lost_bands.h"

#include "core/analysis/figures/figure_catalog.h"
#include "core/analysis/wavelet/head_slopes.h"
#include "core/io/npz.h"
#include "tests/support/synthetic_trace.h"

#include <gmock/gmock.h>

#include <cmath>
#include <fstream>

namespace winnow {
namespace {

using testing::Each;
using testing::ElementsAre;
using testing::HasSubstr;
using testing_support::makeSynthetic;
using testing_support::openSynthetic;
using testing_support::SyntheticTrace;
using testing_support::TemporaryFolder;

constexpr int kTokens = 200;

SyntheticTrace smallTrace()
{
    return makeSynthetic({.layers = 2, .queryHeads = 4, .keyHeads = 2, .headDim = 2, .tokens = kTokens, .rotaryDims = 2});
}

/// A policy whose tokens leave as `left(layer, lane, token)` says.
template <class Left>
std::shared_ptr<PolicyReplay> policyOf(int lanes, Left left)
{
    auto policy = std::make_shared<PolicyReplay>();
    policy->spec = *parsePolicySpec("h2o:budget=32");
    policy->layers = 2;
    policy->lanes = lanes;
    policy->tokens = policy->stepsDone = kTokens;
    policy->budget = 32;
    policy->evictStep.assign(static_cast<std::size_t>(2 * lanes * kTokens), -1);
    for (int layer = 0; layer < 2; ++layer)
        for (int lane = 0; lane < lanes; ++lane)
            for (int token = 0; token < kTokens; ++token)
                policy->evictStep[policy->index(layer, lane, token)] = left(layer, lane, token);
    return policy;
}

ReplayResult replayOf(const SyntheticTrace& trace, std::vector<std::shared_ptr<const PolicyReplay>> policies)
{
    return {.tokenIds = trace.info.tokens,
            .layers = trace.info.layers,
            .manifest = trace.info.manifest,
            .policies = std::move(policies)};
}

TEST(LostBands, areNothingWhereNothingWasEvictedAndAllWhereEverythingWas)
{
    const SyntheticTrace trace = smallTrace();
    const TemporaryFolder folder;
    const auto opened = openSynthetic(trace, folder);
    const ReplayResult replay =
        replayOf(trace, {policyOf(2, [](int, int, int) { return -1; }),
                         policyOf(4, [](int, int, int token) { return token < kTokens - 1 ? token : -1; }),
                         policyOf(2, [](int, int, int) { return kTokens - 1; })}); // leaves at the end of the step
    const auto lost = lostBands(*opened, replay, {.what = {.levels = 2}, .hide = 8}, {});
    ASSERT_TRUE(lost) << lost.error().message;
    EXPECT_EQ(lost->step, kTokens - 1);
    ASSERT_EQ(lost->policies.size(), 3U);
    ASSERT_GT(lost->matrix.octaves, 2);
    for (std::size_t i = 0; i < lost->matrix.masked.size(); ++i) {
        if (lost->matrix.masked[i])
            continue;
        EXPECT_EQ(lost->policies[0].lost[i], 0);
        EXPECT_NEAR(lost->policies[0].kept[i], 1, 1e-12);
        EXPECT_NEAR(lost->policies[1].lost[i], 1, 1e-9);
        EXPECT_EQ(lost->policies[2].lost[i], 0);
    }
    EXPECT_EQ(lost->policies[0].lostSignal, 0);
    EXPECT_GT(lost->policies[1].lostSignal, 0.9);
    EXPECT_THAT(lost->policies[0].lostBands, Each(0.0));
}

TEST(LostBands, areThoseOfTheSignalWithOnlyTheEvictedTokens)
{
    // Heads of one KV head differ where the policy decides per query head.
    const SyntheticTrace trace = smallTrace();
    const TemporaryFolder folder;
    const auto left = [](int layer, int lane, int token) { return (token * 7 + lane * 3 + layer) % 3 == 0 ? token + 5 : -1; };
    const auto perQueryHead = policyOf(4, left), perKeyHead = policyOf(2, left);
    const ReplayResult replay = replayOf(trace, {perQueryHead, perKeyHead});
    const auto lost = lostBands(*openSynthetic(trace, folder), replay, {.what = {.steps = {150}, .levels = 3}, .hide = 8}, {});
    ASSERT_TRUE(lost) << lost.error().message;
    for (const auto& [policy, group] : {std::pair(perQueryHead, 1), std::pair(perKeyHead, 2)}) {
        // The same as a recording whose values are zero where the token is still there: its keys, so its attention, are the same.
        SyntheticTrace masked = trace;
        std::vector<double> wanted;
        std::vector<double> power(4 * 151);
        for (int layer = 0; layer < 2; ++layer)
            for (int head = 0; head < 4; ++head) {
                masked.v[layer] = trace.v[layer];
                for (int token = 0; token <= 150; ++token) {
                    const int gone = policy->evictStep[policy->index(layer, head / group, token)];
                    for (int c = 0; c < 2; ++c)
                        if (!(gone >= 0 && gone < 150))
                            masked.v[layer][(head / 2 * kTokens + token) * 2 + c] = 0;
                }
                const auto part = contribution(*openSynthetic(masked, folder, "masked.h5"),
                                               {.heads = {{layer, head}}, .steps = {150}, .levels = 3}, {});
                for (std::size_t i = 0; i < power.size(); ++i)
                    power[i] += part->power[i] / 8;
            }
        Contribution sum = lost->whole;
        sum.power = power;
        const std::vector<double> energies = cellEnergies(sum, lost->matrix);
        const auto& got = lost->policies[group == 1 ? 0 : 1].lost;
        for (std::size_t i = 0; i < got.size(); ++i) {
            if (!lost->matrix.masked[i]) {
                EXPECT_NEAR(got[i], energies[i] / lost->matrix.energy[i], 1e-9) << i;
            }
        }
    }
}

TEST(LostBands, refusesAnotherRecordingWithASentence)
{
    const SyntheticTrace trace = smallTrace();
    const TemporaryFolder folder;
    const auto opened = openSynthetic(trace, folder);
    ReplayResult replay = replayOf(trace, {policyOf(2, [](int, int, int) { return -1; })});
    EXPECT_THAT(lostBands(*opened, replay, {.what = {.steps = {kTokens}}}, {}).error().message,
                HasSubstr("choose one of 0 to 199"));
    EXPECT_THAT(lostBands(*opened, replay, {.what = {.steps = {1, 2}}}, {}).error().message, HasSubstr("at one step"));
    EXPECT_THAT(lostBands(*opened, replay, {.policies = {1}}, {}).error().message, HasSubstr("policy number 2 does not exist"));
    replay.tokenIds[3] += 1;
    EXPECT_THAT(lostBands(*opened, replay, {}, {}).error().message, HasSubstr("give the recording that was replayed"));
}

TEST(WaveletFigures, areWrittenWithTheirNumbers)
{
    const SyntheticTrace trace = smallTrace();
    const TemporaryFolder folder;
    FigureInputs inputs{.traces = {openSynthetic(trace, folder)}};
    const auto written = [&](std::string_view name, const FigureOptions& options) {
        const auto figure = makeFigure(name, inputs, options, {});
        EXPECT_TRUE(figure) << figure.error().message;
        EXPECT_TRUE(writeFigureNumbers(*figure, folder / "f.npz"));
        EXPECT_TRUE(writeFigureNumbers(*figure, folder / "f.csv"));
        return std::pair(*figure, *readNpz(folder / "f.npz"));
    };
    const auto [scalogram, power] =
        written("wavelet", {.steps = {120}, .layer = 1, .head = 2, .transform = "cwt", .omega0 = 8.0, .perOctave = 4});
    EXPECT_THAT(scalogram.caption, HasSubstr("morlet8 wavelet"));
    EXPECT_THAT(power.shape("power").value(), ElementsAre(power.shape("period").value()[0], 121));
    EXPECT_EQ(power.numbers<std::int32_t>("step").value(), std::vector{120});

    const auto [packets, nodes] = written("wavelet", {.layer = 0, .wavelet = "db2", .transform = "packets", .levels = 3});
    EXPECT_EQ(nodes.shape("magnitude").value()[1], static_cast<std::size_t>(kTokens));
    EXPECT_THAT(packets.caption, HasSubstr("best basis"));

    const auto [bands, arrays] = written("wavelet", {.transform = "modwt", .signal = "leave-one-out", .levels = 4});
    EXPECT_THAT(bands.caption, HasSubstr("modwt transform, signal: Output change without it"));
    EXPECT_THAT(arrays.shape("bands").value(), ElementsAre(4, kTokens));
    EXPECT_THAT(arrays.strings("signal_kind").value(), ElementsAre("leave-one-out"));

    const auto [slopes, table] = written("scale-slope", {.levels = 3, .hide = 8});
    EXPECT_EQ(table.shape("slope").value(), std::vector<std::size_t>{8});
    EXPECT_THAT(slopes.caption, HasSubstr("levels per octave of distance"));

    inputs.replays = {std::make_shared<const ReplayResult>(
        replayOf(trace, {policyOf(2, [](int, int, int token) { return token % 2 ? -1 : token + 9; })}))};
    const auto [lost, cells] = written("lost-bands", {.levels = 3, .hide = 8});
    EXPECT_EQ(cells.shape("lost").value()[0], 1U);
    EXPECT_THAT(lost.caption, HasSubstr("open loop, step 199"));
    std::ifstream csv(folder / "f.csv");
    std::string line;
    while (std::getline(csv, line) && line[0] == '#') {
    }
    EXPECT_EQ(line, "policy,level,distance_from,distance_to,masked,lost,kept");
}

TEST(WaveletFigures, averageASeriesOfRecordingsAndLeaveOutWhatIsNone)
{
    const TemporaryFolder folder;
    std::vector<std::shared_ptr<const Trace>> traces;
    for (unsigned seed = 0; seed < 3; ++seed)
        traces.push_back(
            openSynthetic(makeSynthetic({.layers = 1, .tokens = 90, .seed = seed}), folder, "t" + std::to_string(seed) + ".h5"));
    const FigureOptions options{.levels = 3, .hide = 4};
    const FigureInputs given{.traces = traces};
    FigureInputs series;
    std::vector<std::size_t> asked;
    series.series = {4, [&](std::size_t i, const JobContext&) -> Result<std::shared_ptr<const Trace>> {
                         asked.push_back(i);
                         return i == 1 ? nullptr : traces[i == 0 ? 0 : i - 1];
                     }};
    for (const char* name : {"treekv-2", "wavelet", "scale-slope"}) {
        asked.clear();
        const auto a = makeFigure(name, given, options, {}), b = makeFigure(name, series, options, {});
        ASSERT_TRUE(a && b) << (a ? b.error().message : a.error().message);
        EXPECT_THAT(asked, ElementsAre(0, 1, 2, 3));
        EXPECT_EQ(a->caption, b->caption);
        EXPECT_EQ(b->manifest.at("recordings"), "3");
        if (const auto* numbers = a->numbers.find<Contribution>()) {
            EXPECT_EQ(numbers->bands, b->numbers.as<Contribution>().bands);
            EXPECT_EQ(numbers->recordings, 3);
        } else {
            EXPECT_EQ(a->numbers.as<HeadSlopes>().matrix.ratio.size(), b->numbers.as<HeadSlopes>().matrix.ratio.size());
        }
    }
    FigureInputs none{
        .series = {2, [](std::size_t, const JobContext&) -> Result<std::shared_ptr<const Trace>> { return nullptr; }}};
    EXPECT_THAT(makeFigure("treekv-2", none, options, {}).error().message, HasSubstr("none of the 2 texts is long enough"));
}

TEST(WaveletFigures, refuseWhatDoesNotFitTogether)
{
    const TemporaryFolder folder;
    const auto trace = openSynthetic(makeSynthetic({.tokens = 40}), folder);
    const auto message = [&](std::string_view name, const FigureInputs& inputs, const FigureOptions& options) {
        const auto figure = makeFigure(name, inputs, options, {});
        return figure ? std::string() : figure.error().message;
    };
    EXPECT_THAT(message("wavelet", {.traces = {trace}}, {.transform = "cwd"}), HasSubstr("the nearest is 'cwt'"));
    EXPECT_THAT(message("wavelet", {.traces = {trace}}, {.signal = "values"}), HasSubstr("there is no signal 'values'"));
    EXPECT_THAT(message("treekv-2", {.traces = {trace}}, {.transform = "modwt"}), HasSubstr("make the figure 'wavelet'"));
    EXPECT_THAT(message("wavelet", {.traces = {trace, trace}}, {.transform = "cwt"}), HasSubstr("looks at one recording"));
    EXPECT_THAT(message("lost-bands", {.traces = {trace}}, {}), HasSubstr("needs one replay and the recording"));
    EXPECT_THAT(message("scale-slope", {}, {}), HasSubstr("needs a recording"));
}

} // namespace
} // namespace winnow
