// SPDX-License-Identifier: GPL-3.0-or-later
// Two heads, steps or policies as one figure: its numbers, its words, and what is refused.
#include "core/analysis/figures/figure_catalog.h"

#include "core/analysis/figures/wavelet_pair.h"
#include "core/io/npz.h"
#include "tests/support/synthetic_replay.h"
#include "tests/support/synthetic_trace.h"

#include <gmock/gmock.h>

#include <fstream>

namespace winnow {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing_support::TemporaryFolder;

struct Given {
    TemporaryFolder folder;
    std::shared_ptr<const Trace> trace = testing_support::openSynthetic(testing_support::makeSynthetic({.tokens = 96}), folder);
    std::shared_ptr<const ReplayResult> replay = [&] {
        auto made = std::make_shared<ReplayResult>(
            *test::syntheticReplay({.tokens = 96, .layers = 2, .lanes = 2, .budget = 16, .policies = 3}));
        made->tokenIds = trace->info().tokens;
        made->layers = trace->info().layers;
        return made;
    }();
    Result<Figure> make(const std::string& name, const FigureOptions& options) const
    {
        FigureInputs inputs;
        inputs.traces = {trace};
        inputs.replays = {replay};
        return makeFigure(name, inputs, options, {});
    }
    NpzFile npz(const Figure& figure) const
    {
        EXPECT_TRUE(writeFigureNumbers(figure, folder / "pair.npz"));
        auto file = readNpz(folder / "pair.npz");
        EXPECT_TRUE(file);
        return std::move(*file);
    }
};

TEST(FigurePair, setsTwoHeadsBesideEachOtherAndSubtractsThem)
{
    const Given given;
    const FigureOptions options{.layer = 1, .head = 0, .levels = 3, .against = {.head = 3, .difference = true}};
    const auto figure = given.make("wavelet", options);
    ASSERT_TRUE(figure) << figure.error().message;
    const auto& pair = figure->numbers.as<WaveletPair>();
    EXPECT_THAT(pair.labels, ElementsAre("step 95, layer 1, query head 0", "step 95, layer 1, query head 3"));
    EXPECT_THAT(figure->caption,
                testing::StartsWith("full cache; first: step 95, layer 1, query head 0; second: step 95, layer 1, query head 3"));
    const auto& both = std::get<0>(pair.pictures);
    const auto alone = contribution(*given.trace, {.heads = {{1, 3}}, .levels = 3}, {});
    EXPECT_EQ(both[1].bands, alone->bands);

    const NpzFile npz = given.npz(*figure);
    EXPECT_THAT(npz.strings("labels").value(), ElementsAre(pair.labels[0], pair.labels[1]));
    EXPECT_THAT(npz.shape("difference_bands").value(), ElementsAre(3, 96));
    const auto first = npz.numbers<double>("first_bands").value(), second = npz.numbers<double>("second_bands").value();
    const auto difference = npz.numbers<double>("difference_bands").value();
    for (std::size_t i = 0; i < difference.size(); ++i)
        ASSERT_EQ(difference[i], first[i] - second[i]) << i;
    EXPECT_TRUE(npz.has("manifest"));
}

TEST(FigurePair, alignsTwoStepsAtTheNewestPosition)
{
    const Given given;
    const auto figure = given.make("wavelet", {.steps = {95}, .levels = 2, .against = {.step = 79, .difference = true}});
    ASSERT_TRUE(figure) << figure.error().message;
    const NpzFile npz = given.npz(*figure);
    EXPECT_THAT(npz.shape("first_bands").value(), ElementsAre(2, 96));
    EXPECT_THAT(npz.shape("second_bands").value(), ElementsAre(2, 80));
    EXPECT_THAT(npz.shape("difference_signal").value(), ElementsAre(80));
    const auto first = npz.numbers<double>("first_signal").value(), second = npz.numbers<double>("second_signal").value();
    EXPECT_EQ(npz.numbers<double>("difference_signal").value().front(), first[16] - second[0]);

    ASSERT_TRUE(writeFigureNumbers(*figure, given.folder / "pair.csv"));
    std::ifstream file(given.folder / "pair.csv");
    std::string line, previous;
    while (std::getline(file, line) && (line.front() == '#' || line.front() == 'b'))
        previous = line;
    EXPECT_THAT(previous, HasSubstr("before_newest,first_position,second_position,first_signal,first_level1"));
    EXPECT_THAT(line, HasSubstr("95,0,,")) << "the shorter text is not there yet";
}

TEST(FigurePair, splitsPacketsAlikeForADifferenceAndEachItsOwnWayBeside)
{
    const Given given;
    FigureOptions options{.layer = 0, .head = 0, .transform = "packets", .levels = 3, .against = {.layer = 1, .head = 2}};
    const auto beside = given.make("wavelet", options);
    ASSERT_TRUE(beside) << beside.error().message;
    const auto own = packetBands(*given.trace, {.heads = {{1, 2}}, .levels = 3}, {});
    EXPECT_EQ(std::get<2>(beside->numbers.as<WaveletPair>().pictures)[1].nodes.size(), own->nodes.size());
    options.against.difference = true;
    const auto difference = given.make("wavelet", options);
    ASSERT_TRUE(difference) << difference.error().message;
    const auto& both = std::get<2>(difference->numbers.as<WaveletPair>().pictures);
    ASSERT_EQ(both[0].nodes.size(), both[1].nodes.size());
    for (std::size_t n = 0; n < both[0].nodes.size(); ++n)
        EXPECT_EQ(both[0].nodes[n].path, both[1].nodes[n].path);
    EXPECT_GE(both[1].entropy, own->entropy) << "no basis is better than the best";
}

TEST(FigurePair, givesScalogramsOfADifferenceTheSameScales)
{
    const Given given;
    const auto figure = given.make("wavelet", {.steps = {95}, .transform = "cwt", .against = {.step = 40, .difference = true}});
    ASSERT_TRUE(figure) << figure.error().message;
    const auto& both = std::get<1>(figure->numbers.as<WaveletPair>().pictures);
    EXPECT_EQ(both[0].period, both[1].period);
    EXPECT_EQ(both[0].power.size(), static_cast<std::size_t>(both[0].scales) * 96);
    EXPECT_THAT(given.npz(*figure).shape("difference_power").value(), ElementsAre(both[0].scales, 41));
}

TEST(FigurePair, subtractsWhatTwoPoliciesLost)
{
    const Given given;
    const auto figure =
        given.make("lost-bands", {.levels = 2, .hide = 4, .policies = {1}, .against = {.policy = 2, .difference = true}});
    ASSERT_TRUE(figure) << figure.error().message;
    const auto both = lostBands(*given.trace, *given.replay, {.what = {.levels = 2}, .policies = {1, 2}, .hide = 4}, {});
    const NpzFile npz = given.npz(*figure);
    const auto lost = npz.numbers<double>("difference_lost").value();
    ASSERT_EQ(lost.size(), both->policies[0].lost.size());
    const auto single = lostBands(*given.trace, *given.replay, {.what = {.levels = 2}, .policies = {0}, .hide = 4}, {});
    for (std::size_t i = 0; i < lost.size(); ++i) {
        if (!std::isnan(lost[i])) {
            EXPECT_EQ(lost[i], single->policies[0].lost[i] - both->policies[0].lost[i]) << i;
        }
    }
    EXPECT_THAT(figure->caption, HasSubstr("open loop"));
}

TEST(FigurePair, saysOfWhatModelItIsAndHowADifferenceIsRead)
{
    const Given given;
    const std::pair<const char*, const char*> readings[] = {
        {"dwt", "; height: (first − second) / (first + second), blue and up where the first is larger; aligned"},
        {"cwt", "; color: log2 of first / second, blue where the first is larger, full at 8 times; blank below a thousandth"},
        {"packets", "; color: (first − second) / (first + second), blue where the first is larger; aligned"}};
    for (const auto& [transform, reading] : readings)
        for (const bool difference : {false, true}) {
            const auto figure =
                given.make("wavelet", {.layer = 0,
                                       .head = 0,
                                       .transform = transform,
                                       .levels = transform == std::string("cwt") ? std::nullopt : std::optional(2),
                                       .against = {.head = 1, .difference = difference}});
            ASSERT_TRUE(figure) << figure.error().message;
            EXPECT_EQ(figure->manifest.at("model"), "synthetic") << transform;
            EXPECT_EQ(figure->caption.find(reading) != std::string::npos, difference) << figure->caption;
            EXPECT_THAT(figure->caption, testing::StartsWith(difference ? "full cache; first: " : "full cache; (a): "));
        }
}

TEST(FigurePair, hidesNoMoreThanTheShorterOfTheTwoHolds)
{
    const Given given;
    for (const char* transform : {"dwt", "packets"})
        for (const auto& [step, against] : {std::pair(19, 90), {90, 19}}) {
            FigureOptions options{.steps = {step}, .layer = 0, .head = 0, .transform = transform, .levels = 2, .hide = 9};
            options.against.step = against;
            EXPECT_TRUE(given.make("wavelet", options)) << transform;
            options.hide = 10;
            EXPECT_THAT(given.make("wavelet", options).error().message, HasSubstr("20 positions")) << transform;
        }
}

TEST(FigurePair, refusesWhatComparesNothingInASentence)
{
    const Given given;
    EXPECT_THAT(given.make("scale-slope", {.against = {.step = 3}}).error().message,
                HasSubstr("the figure 'scale-slope' does not read --against-step, which is for treekv-2, wavelet, lost-bands"));
    EXPECT_THAT(given.make("wavelet", {.against = {.policy = 2}}).error().message,
                HasSubstr("the figure 'wavelet' does not read --against-policy, which is for coherence, retention, kept, text, "
                          "jaccard, lost-bands"));
    EXPECT_THAT(given.make("wavelet", {.against = {.difference = true}}).error().message,
                HasSubstr("--difference needs to know of what"));
    EXPECT_THAT(given.make("lost-bands", {.policies = {1, 2}, .against = {.policy = 3}}).error().message,
                HasSubstr("only one can be set"));
    EXPECT_THAT(given.make("wavelet", {.against = {.step = 96}}).error().message, HasSubstr("step 96 does not exist"));
}

TEST(FigureArguments, nameWhatAPictureIsSetAgainst)
{
    const FigureOptions options{.steps = {95},
                                .transform = "cwt",
                                .trim = 32,
                                .lanes = {{0, 1}},
                                .against = {.step = 40, .lanes = std::vector<Lane>{}, .difference = true}};
    EXPECT_THAT(figureArguments({"wavelet", options}),
                ElementsAre("wavelet", "--step", "95", "--transform", "cwt", "--trim", "32", "--lanes", "0.1", "--against-step",
                            "40", "--against-lanes", "all", "--difference"));
}

} // namespace
} // namespace winnow
