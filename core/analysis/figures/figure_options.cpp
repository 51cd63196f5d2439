// SPDX-License-Identifier: GPL-3.0-or-later
// The table of options. See figure_options.h.
#include "core/analysis/figures/figure_options.h"

#include "core/analysis/drift.h"
#include "core/analysis/figures/figure_values.h"
#include "core/analysis/metrics.h"
#include "core/analysis/running_mean.h"
#include "core/analysis/score_grid.h"
#include "core/analysis/wavelet/detrend.h"
#include "core/analysis/wavelet/lane_signal.h"
#include "core/analysis/wavelet/scalogram.h"
#include "core/analysis/wavelet/wavelet_catalog.h"

#include <array>
#include <utility>

namespace winnow {

namespace {

using namespace figure_values;

const FigureOptions kInitial;

Result<std::string> anyWord(std::string_view typed) { return std::string(typed); }

template <class Catalog>
std::vector<std::string_view> namesOf(const Catalog& catalog)
{
    std::vector<std::string_view> names;
    for (const auto& one : catalog)
        names.push_back(one.name);
    return names;
}

template <class Value>
std::optional<std::string> printed(const Value& value, const Value& initial)
{
    return value == initial ? std::nullopt : std::optional(textOf(value));
}

template <class Value>
std::optional<std::string> printed(const std::optional<Value>& value, const std::optional<Value>&)
{
    return value ? std::optional(textOf(*value)) : std::nullopt;
}

// --- lines of the table

enum class Takes { One, List };

/// An option that `read` makes a value of, for the member of the options.
template <class Member, class Read>
FigureOption option(std::string word, std::string type, std::string help, std::string initial, Member member, Read read,
                    Takes takes = Takes::One)
{
    return {.word = std::move(word),
            .type = std::move(type),
            .help = std::move(help),
            .initial = std::move(initial),
            .list = takes == Takes::List,
            .parse = [member, read](std::string_view typed, FigureOptions& options) -> Result<void> {
                WINNOW_TRY(std::invoke(member, options), read(typed));
                return {};
            },
            .print =
                [member](const FigureOptions& options) {
                    return printed(std::invoke(member, options), std::invoke(member, std::as_const(kInitial)));
                }};
}

template <class Member>
FigureOption flag(std::string word, std::string help, Member member)
{
    return {.word = std::move(word),
            .help = std::move(help),
            .parse = [member](std::string_view, FigureOptions& options) -> Result<void> {
                std::invoke(member, options) = true;
                return {};
            },
            .print =
                [member](const FigureOptions& options) {
                    return std::invoke(member, options) ? std::optional(std::string()) : std::nullopt;
                }};
}

/// The member of FigureOptions::against.
template <class Member>
auto against(Member member)
{
    return [member](auto& options) -> auto& { return std::invoke(member, options.against); };
}

FigureOption waveletOption()
{
    FigureOption made =
        option("--wavelet", "NAME",
               "haar, db1 to db20, sym2 to sym20, coif1 to coif5, bior1.1 to bior6.8, rbio1.1 to rbio6.8, dmey; with "
               "--transform cwt morlet6, paul4, mexh, dog2, cmor1.5-1.0, shan1.5-1.0, fbsp2-1.0-1.5, with any numbers",
               "haar, or morlet6", &FigureOptions::wavelet, anyWord);
    made.print = [](const FigureOptions& options) {
        return options.wavelet == (options.transform == "cwt" ? "morlet6" : "haar") ? std::nullopt : options.wavelet;
    };
    return made;
}

FigureOption smoothOption()
{
    FigureOption made = option("--smooth", "N|so-far", "steps of the running mean of lines, or so-far: of all steps so far",
                               "1; of drift a 48th of the steps", &FigureOptions::smooth, smoothingIn);
    made.print = [](const FigureOptions& options) {
        return options.smooth == kMeanSoFar ? std::optional(std::string(kSoFar)) : printed(options.smooth, kInitial.smooth);
    };
    return made;
}

/// What changes pictures and no numbers.
FigureOption ofPictures(FigureOption option)
{
    option.pictureOnly = true;
    return option;
}

/// One of two words that stand for false and true.
FigureOption choice(std::string word, std::string type, std::string help, std::array<std::string_view, 2> words,
                    bool FigureOptions::*member)
{
    return {.word = std::move(word),
            .type = std::move(type),
            .help = std::move(help),
            .initial = std::string(words[0]),
            .parse = [member, words, read = oneOf({words[0], words[1]})](std::string_view typed,
                                                                         FigureOptions& options) -> Result<void> {
                WINNOW_TRY(const std::string chosen, read(typed));
                options.*member = chosen == words[1];
                return {};
            },
            .print =
                [member, words](const FigureOptions& options) {
                    return options.*member ? std::optional<std::string>(words[1]) : std::nullopt;
                }};
}

} // namespace

std::vector<FigureOption> figureOptionTable()
{
    using O = FigureOptions;
    using A = FigureAgainst;
    const FigureOptions& initial = kInitial;
    const auto modes = boundaryModes();
    return {
        option("--step", "T", "step, or several to average: 511 or 255,511", "the last", &O::steps, wholes(0), Takes::List),
        option("--layers", "A-B,…", "layers of the model that are averaged, or drawn by heads: 0-5,11", "all", &O::layers,
               rangesIn, Takes::List),
        option("--layer", "L", "layer of the model, from 0", "", &O::layer, whole(0)),
        option("--head", "H", "query head, from 0", "", &O::head, whole(0)),
        waveletOption(),
        option("--transform", "NAME",
               "dwt (half the coefficients at every level), stationary or modwt (all of them), cwt (a scalogram), packets (best "
               "basis)",
               "dwt; of scale-slope modwt", &O::transform, oneOf(namesOf(transformCatalog()))),
        option("--signal", "NAME", fmt::format("what is transformed: {}", fmt::join(namesOf(signalCatalog()), ", ")),
               initial.signal, &O::signal, oneOf(namesOf(signalCatalog()))),
        option("--omega0", "W", "omega0 of the Morlet wavelet: oscillations in its envelope (--transform cwt)", "6", &O::omega0,
               real(1, 100)),
        option("--scales", "N", "scales in an octave (--transform cwt)", textOf(initial.perOctave), &O::perOctave, real(1, 64)),
        option("--noise", "NAME",
               "the noise that power is tested against: none, white, red, or shuffled (the tokens' values in 19 random orders, "
               "twenty times the work) (--transform cwt)",
               initial.noise, &O::noise, oneOf({noiseNames().begin(), noiseNames().end()})),
        option("--mode", "MODE", "boundary mode: how the signal continues beyond its ends, named as in PyWavelets", initial.mode,
               &O::mode, oneOf({modes.begin(), modes.end()})),
        option("--levels", "N", "levels of the decomposition", "5; of scale-slope as many as the distance needs", &O::levels,
               whole(1, 24)),
        option("--detrend", "NAME", "none, mean or line: what is removed from the signal before the transform",
               "none; with --transform cwt mean", &O::detrend, oneOf({detrendNames().begin(), detrendNames().end()})),
        option("--shuffle", "SEED",
               "put the tokens' values in a random order drawn from this seed; what the figure then shows is chance", "",
               &O::shuffle, whole(0)),
        option("--hide", "N", "positions trimmed from both ends of a picture, never from its numbers", textOf(initial.hidden()),
               &O::hide, whole(0)),
        option("--trim", "N", "positions left out at both ends before the transform (--transform cwt)", textOf(initial.trim),
               &O::trim, whole(0)),
        option("--metric", "NAME", metricNames(), initial.metric, &O::metric, oneOf(namesOf(metricCatalog()))),
        option("--score", "NAME", fmt::format("of answers: {}", fmt::join(kGridScores, ", ")), initial.score, &O::score,
               oneOf({kGridScores.begin(), kGridScores.end()})),
        option("--page", "N", "tokens of a page of memory", std::to_string(initial.page), &O::page, whole(1, 1 << 16)),
        option("--paper", "NAME", "only this table of a paper, such as treekv-1", "all", &O::paper, anyWord),
        option("--cost", "NAME", "loss or kl: the cost of the runs", initial.cost, &O::cost, oneOf({"loss", "kl"})),
        option("--drift", "NAME", "lifetimes, mass, error or hidden: what differs between run and replay", initial.drift,
               &O::drift, oneOf(namesOf(driftMeasures()))),
        option("--policies", "N,…", "policies of the replay, numbers from 1", "all", &O::policies, wholes(1), Takes::List),
        option("--lanes", "L.H,…", "lanes as layer.head, for example 0.3,5.1", "all", &O::lanes, lanesIn, Takes::List),
        option("--against-step", "T", "a second picture beside the first: of this step", "", against(&A::step), whole(0)),
        option("--against-lanes", "L.H,…", "… of these lanes, layer.head, or `all`", "", against(&A::lanes), lanesIn,
               Takes::List),
        option("--against-layer", "L", "… of this layer of the model", "", against(&A::layer), whole(0)),
        option("--against-head", "H", "… of this query head", "", against(&A::head), whole(0)),
        option("--against-policy", "N", "… of this policy of the replay, a number from 1", "", against(&A::policy), whole(1)),
        flag("--difference",
             "the first minus the second instead of both; for retention, kept and text: what both, one or none keep",
             against(&A::difference)),
        option("--queries", "A-B", "rows: steps, first to last; of kept those of the maps", "all", &O::queries, rangeIn),
        option("--keys", "A-B", "columns: tokens, first to last; of kept those of the maps", "all", &O::keys, rangeIn),
        option("--tokens", "A-B", "columns of retention maps, tokens of kept and text, first to last", "all", &O::tokenRange,
               rangeIn),
        option("--steps", "A-B", "rows of retention maps; steps that means run over; of drift and mass those that are drawn", "",
               &O::stepRange, rangeIn),
        option("--mean-steps", "A-B", "steps that the means on retention maps run over", "from the largest budget on",
               &O::meanSteps, rangeIn),
        smoothOption(),
        option("--lost-by", "N",
               "orange is what this policy of the replay, a number from 1, has lost; needs the replay beside the trace", "",
               &O::lostBy, whole(1)),
        option("--focus", "N", "the policy, a number from 1, that stands out, with its lanes' least and most or its losses", "",
               &O::focus, whole(1)),
        option("--token", "I", "the token of a dashed line, in text of a box", "", &O::token, whole(0)),
        option("--brush", "A-B",
               "tokens, first to last, that are marked; the numbers of retention tell how many of them are kept", "", &O::brush,
               rangeIn),
        flag("--sides", "one policy, its difference from the reference, and the reference, side by side", &O::sides),
        ofPictures(
            flag("--bars", "of text: one, shaded for --focus, with a bar below every token for each of --policies", &O::bars)),
        ofPictures(option("--spans", "A-B=NAME,…", "tokens, first to last, that are marked by brackets and a name", "", &O::spans,
                          spansIn, Takes::List)),
        ofPictures(option("--flags", "I,…", "tokens, or steps, that a flag stands at: the places of notes", "", &O::flags,
                          wholes(0), Takes::List)),
        choice("--rows", "ROWS", "steps or lanes: of retention maps; lanes are taken at --step", {"steps", "lanes"},
               &O::laneRows),
        choice("--axis", "AXIS", "token or distance: what stands across in retention maps", {"token", "distance"},
               &O::distanceAxis),
        ofPictures(option("--scale", "SCALE", "of colors: linear or log; of retention maps and kept strips also rank or clipped",
                          initial.scale, &O::scale, oneOf({kColorScales.begin(), kColorScales.end()}))),
        ofPictures(flag("--mask-sinks", "leave the first four keys out of the picture", &O::maskSinks)),
        ofPictures(option("--width", "INCHES", "width of the picture in inches: 3.25 a column, 5.5 the text, 6.75 the page",
                          textOf(initial.width), &O::width, real(1, 40))),
        ofPictures(option("--dpi", "N", "dots per inch of png and of maps inside svg and pdf", textOf(initial.dpi), &O::dpi,
                          real(36, 2400))),
    };
}

} // namespace winnow
