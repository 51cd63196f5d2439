// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/analysis/figures/figure_catalog.h"

#include <gmock/gmock.h>

namespace winnow {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;

FigureOption optionNamed(std::string_view word)
{
    for (const FigureOption& option : figureOptionTable())
        if (option.word == word)
            return option;
    ADD_FAILURE() << word;
    return {};
}

/// The value, read and written again.
std::string again(std::string_view word, std::string_view typed)
{
    FigureOptions options;
    const FigureOption option = optionNamed(word);
    const auto read = option.parse(typed, options);
    return read ? option.print(options).value_or("as before") : read.error().message;
}

TEST(FigureOptionTable, writesWhatItReads)
{
    for (const auto& [word, typed] : {std::pair("--step", "255,511"),
                                      {"--layers", "2-5"},
                                      {"--wavelet", "db4"},
                                      {"--omega0", "5.5"},
                                      {"--scales", "4"},
                                      {"--mode", "periodic"},
                                      {"--metric", "error"},
                                      {"--policies", "1,4"},
                                      {"--lanes", "0.2,3.1"},
                                      {"--against-lanes", "all"},
                                      {"--against-lanes", "1.0"},
                                      {"--scale", "log"},
                                      {"--scale", "clipped"},
                                      {"--smooth", "1"},
                                      {"--smooth", "so-far"},
                                      {"--mean-steps", "10-19"},
                                      {"--lost-by", "2"},
                                      {"--difference", ""},
                                      {"--width", "3.25"},
                                      {"--hide", "0"}})
        EXPECT_EQ(again(word, typed), typed) << word;
    EXPECT_EQ(again("--queries", "7"), "7-7");
    EXPECT_EQ(again("--levels", "5"), "5") << "some figures have others of their own";
    EXPECT_EQ(again("--wavelet", "haar"), "as before");
    for (const FigureOption& option : figureOptionTable())
        EXPECT_FALSE(option.print(FigureOptions())) << option.word << " is not given and is written";
}

TEST(FigureOptionTable, saysWhatAnOptionTakes)
{
    EXPECT_EQ(again("--step", "1,x"), "takes a whole number of 0 or more, not 'x'");
    EXPECT_EQ(again("--smooth", "0"), "takes a number of steps, 1 or more, or so-far, not '0'");
    EXPECT_EQ(again("--policies", "0"), "takes a whole number of 1 or more, not '0'");
    EXPECT_EQ(again("--levels", "25"), "takes a whole number from 1 to 24, not '25'");
    EXPECT_EQ(again("--width", "nan"), "takes a number from 1 to 40, not 'nan'");
    EXPECT_EQ(again("--lanes", "0.1,2"), "takes layer.head, for example 0.3, not '2'");
    EXPECT_EQ(again("--tokens", "9-3"), "takes a number or a range like 0-5, first to last, not '9-3'");
    EXPECT_THAT(again("--mode", "sym"), HasSubstr("the nearest is 'symmetric'"));
    EXPECT_THAT(again("--metric", "mas"),
                AllOf(HasSubstr("takes mass, error, "), HasSubstr(", not 'mas'; the nearest is 'mass'")));
}

TEST(FigureOptionTable, holdsEveryOptionThatAFigureReads)
{
    for (const FigureKind& kind : figureCatalog())
        for (const FigureReads& read : kind.reads)
            EXPECT_EQ(optionNamed(read.word).word, read.word) << kind.name;
    for (const FigureOption& option : figureOptionTable())
        EXPECT_FALSE(figuresThatRead(option.word).empty()) << option.word;
}

TEST(WhyUnread, dependsOnTheOtherOptions)
{
    const FigureKind& wavelet = **findFigure("wavelet");
    EXPECT_EQ(whyUnread(wavelet, "--levels", {}), std::nullopt);
    EXPECT_EQ(whyUnread(wavelet, "--levels", {.transform = "cwt"}),
              "--levels is read with the transforms dwt, stationary, modwt and packets only; leave it out");
    EXPECT_EQ(whyUnread(wavelet, "--omega0", {}), "--omega0 is read with --transform cwt only; leave it out");
    EXPECT_EQ(whyUnread(wavelet, "--width", {}), std::nullopt);
    EXPECT_EQ(whyUnread(wavelet, "--metric", {}),
              "the figure 'wavelet' does not read --metric, which is for mass, layers, sweep, lanes, prediction");
}

TEST(WhyUnread, namesOneWayToChooseHeads)
{
    for (const char* figure : {"treekv-2", "wavelet", "scale-slope", "carriers", "lost-bands", "resolution"})
        for (const char* word : {"--layers", "--layer", "--head"}) {
            EXPECT_EQ(whyUnread(**findFigure(figure), word, {}), std::nullopt);
            EXPECT_EQ(whyUnread(**findFigure(figure), word, {.lanes = {{0, 1}}}),
                      std::string(word) + " is read without --lanes only, which names layers and heads itself; leave it out")
                << figure;
        }
    for (const char* word : {"--against-layer", "--against-head"})
        EXPECT_THAT(whyUnread(**findFigure("wavelet"), word, {.against = {.head = 2, .lanes = {{{0, 1}}}}}).value_or(""),
                    HasSubstr("without --against-lanes only"));
}

TEST(WhyUnread, aDifferenceIsNotHeldAgainstNoise)
{
    const FigureKind& wavelet = **findFigure("wavelet");
    EXPECT_EQ(whyUnread(wavelet, "--noise", {.transform = "cwt", .against = {.head = 2}}), std::nullopt);
    EXPECT_THAT(whyUnread(wavelet, "--noise", {.transform = "cwt", .against = {.head = 2, .difference = true}}).value_or(""),
                HasSubstr("not with --difference"));
}

TEST(FigureArguments, leaveOutWhatTheFigureDoesNotRead)
{
    EXPECT_THAT(figureArguments({"wavelet", {.transform = "modwt", .mode = "periodic", .levels = 3}}),
                ElementsAre("wavelet", "--transform", "modwt", "--levels", "3"));
    EXPECT_THAT(figureArguments({"mass", {.steps = {3}, .levels = 2, .metric = "slots"}}),
                ElementsAre("mass", "--step", "3", "--metric", "slots"));
}

TEST(MakeFigure, refusesWaveletsThatDoNotFitTheTransform)
{
    const auto wrong = [](const FigureOptions& options) {
        return checkOptions(**findFigure("wavelet"), options).error().message;
    };
    EXPECT_THAT(wrong({.wavelet = "haar", .transform = "cwt"}), HasSubstr("'haar' is a discrete wavelet"));
    EXPECT_THAT(wrong({.wavelet = "mexh"}), HasSubstr("'mexh' is a continuous wavelet"));
    EXPECT_THAT(wrong({.wavelet = "db21"}), HasSubstr("the nearest is 'db1'"));
    EXPECT_THAT(wrong({.wavelet = "morlett6"}), HasSubstr("the nearest is 'morlet6', which is for --transform cwt"));
    EXPECT_THAT(wrong({.wavelet = "db44", .transform = "cwt"}), HasSubstr("which is for the other transforms"));
    EXPECT_THAT(wrong({.wavelet = "paul4", .transform = "cwt", .omega0 = 8.0}),
                HasSubstr("--omega0 8 stands for --wavelet morlet8"));
    const auto incoherent = [](const std::string& name) {
        return checkOptions(**findFigure("coherence"), {.wavelet = name}).error().message;
    };
    EXPECT_THAT(incoherent("haar"), HasSubstr("a coherence takes a continuous one, such as morlet6")) << "it has no --transform";
    EXPECT_THAT(incoherent("db44"), HasSubstr("there is no continuous wavelet 'db44'; the nearest is '"));
    EXPECT_THAT(checkOptions(**findFigure("scale-slope"), {.transform = "cwt"}).error().message,
                HasSubstr("has no bands by level"));
}

TEST(FigureFormat, isTheExtensionInUpperOrLowerCase)
{
    EXPECT_EQ(figureFormat("a/b.SVG"), FigureFormat::Svg);
    EXPECT_EQ(figureFormat("b.npz"), FigureFormat::Npz);
    EXPECT_TRUE(isPicture(FigureFormat::Png));
    EXPECT_FALSE(isPicture(FigureFormat::Csv));
    EXPECT_THAT(figureFormat("b.jpg").error().message, HasSubstr("does not end in .svg, .pdf, .png, .csv or .npz"));
}

} // namespace
} // namespace winnow
