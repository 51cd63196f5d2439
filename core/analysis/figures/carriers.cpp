// SPDX-License-Identifier: GPL-3.0-or-later
// The figure "carriers": which tokens carry each band.
#include "core/analysis/figures/wavelet_inputs.h"
#include "core/analysis/wavelet/band_carriers.h"
#include "core/analysis/wavelet/wavelet_tables.h"

#include <algorithm>

namespace winnow {

namespace {

constexpr int kMostCarriers = 100; ///< of a band, in the tables

Tables carrierTables(const BandCarriers& carriers)
{
    std::vector<std::string> bands, texts;
    std::vector<std::int32_t> numbers, ranks, positions, tokens;
    std::vector<double> shares, together, parts;
    for (std::size_t band = 0; band < carriers.bands.size(); ++band) {
        double held = 0;
        for (std::size_t i = 0; i < carriers.bands[band].carriers.size(); ++i) {
            const BandCarriers::Carrier& one = carriers.bands[band].carriers[i];
            bands.push_back(levelWord(static_cast<int>(band), carriers.contribution.levels));
            numbers.push_back(static_cast<std::int32_t>(band));
            ranks.push_back(static_cast<std::int32_t>(i) + 1);
            positions.push_back(one.position);
            texts.push_back(one.text);
            shares.push_back(one.share);
            together.push_back(held += one.share);
        }
        parts.push_back(carriers.bands[band].part);
        tokens.push_back(carriers.bands[band].tokens);
    }
    Tables all;
    all.fact("wavelet", carriers.contribution.wavelet);
    all.fact("transform", transformInfo(carriers.contribution.transform).name);
    all.fact("mode", carriers.contribution.mode);
    all.fact({"signal", "signal_kind"}, signalInfo(carriers.contribution.signalKind).name);
    all.fact("detrend", detrendName(carriers.contribution.detrend));
    all.fact("step", carriers.contribution.steps.front());
    all.row("positions", std::vector<std::int32_t>{carriers.begin, carriers.end - 1});
    all.row("part", std::move(parts));
    all.row("half_tokens", std::move(tokens));
    const std::size_t rows = ranks.size();
    all.tables.push_back({.axes = {{rows}},
                          .columns = {{onlyCsv("band"), {0}, std::move(bands)},
                                      {onlyNpz("band"), {0}, std::move(numbers)},
                                      {"rank", {0}, std::move(ranks)},
                                      {"position", {0}, std::move(positions)},
                                      {"text", {0}, std::move(texts), true},
                                      {"share", {0}, std::move(shares)},
                                      {"together", {0}, std::move(together)}}});
    return all;
}

Result<Figure> makeCarriers(const FigureKind&, const FigureInputs& inputs, const FigureOptions& options, const JobContext& job)
{
    WINNOW_TRY(const Trace* trace, onlyTrace("the figure 'carriers'", inputs));
    WINNOW_TRY(const ContributionOptions what, contributionOptions(*trace, options));
    if (what.steps.size() > 1)
        return fail(ErrorCode::Usage, "{} steps were given; which tokens carry a band is told at one step", what.steps.size());
    WINNOW_TRY(Contribution bands, contribution(*trace, what, job));
    WINNOW_TRY_VOID(checkHidden(options, bands.positions));
    Figure figure;
    figure.caption =
        fmt::format("{}; share of each band's power on its strongest tokens, positions {} to {}", bandsCaption(bands, false),
                    bands.firstPosition + options.hidden(), bands.firstPosition + bands.positions - 1 - options.hidden());
    figure.manifest = bands.manifest;
    BandCarriers numbers = bandCarriers(std::move(bands), trace->info(), options.hidden(), kMostCarriers);
    figure.numbers = {std::move(numbers), carrierTables};
    return figure;
}

} // namespace

FigureKind figureCarriers()
{
    return {.name = "carriers",
            .title = "Which tokens carry a band",
            .summary = "The tokens that hold most of each band's power, with their words",
            .needs = FigureNeeds::Trace,
            .transform = "modwt",
            .reads = joinedReads({readsOfSignals(), readsOfBands()}),
            .check = checkBands,
            .make = makeCarriers};
}

} // namespace winnow
