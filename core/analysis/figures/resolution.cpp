// SPDX-License-Identifier: GPL-3.0-or-later
// The figure "resolution": the scale of the contributions at every distance, and how finely each policy stores the text there.
#include "core/analysis/figures/wavelet_inputs.h"
#include "core/analysis/wavelet/scale_resolution.h"
#include "core/analysis/wavelet/wavelet_tables.h"

#include <algorithm>
#include <cmath>

namespace winnow {

namespace {

Tables resolutionTables(const ScaleResolution& r)
{
    const auto policies = r.policies.size(), octaves = static_cast<std::size_t>(r.matrix.octaves);
    const auto levels = static_cast<std::size_t>(r.matrix.levels) + 1;
    std::vector<std::string> specs, levelWords;
    std::vector<double> share, level, apart;
    std::vector<std::int32_t> from, to;
    for (const ScaleResolution::Policy& one : r.policies) {
        specs.push_back(one.spec);
        share.insert(share.end(), one.share.begin(), one.share.end());
        level.insert(level.end(), one.level.begin(), one.level.end());
        apart.push_back(one.apart);
    }
    for (std::size_t c = 0; c < octaves; ++c) {
        from.push_back(r.matrix.edges[c]);
        to.push_back(r.matrix.edges[c + 1] - 1);
    }
    for (int i = 0; i <= r.matrix.levels; ++i)
        levelWords.push_back(levelWord(i, r.matrix.levels));
    Tables all;
    all.fact("wavelet", r.contribution.wavelet);
    all.fact("transform", transformInfo(r.contribution.transform).name);
    all.fact("mode", r.contribution.mode);
    all.fact({"signal", "signal_kind"}, signalInfo(r.contribution.signalKind).name);
    all.fact("step", r.step);
    all.row(onlyNpz("edges"), wholeNumbers(r.matrix.edges));
    all.tables.push_back({.axes = {{policies}, {octaves}},
                          .columns = {{"policy", {0}, std::move(specs)},
                                      {onlyCsv("from"), {1}, from},
                                      {onlyCsv("to"), {1}, to},
                                      {"kept_share", {0, 1}, std::move(share)},
                                      {"kept_level", {0, 1}, std::move(level)},
                                      {"mean_level", {1}, Values::borrowed(r.matrix.meanLevel)},
                                      {"levels_apart", {0}, std::move(apart)}}});
    all.tables.push_back({.axes = {{levels}, {octaves}},
                          .columns = {{onlyCsv("level"), {0}, std::move(levelWords)},
                                      {onlyCsv("from"), {1}, std::move(from)},
                                      {onlyCsv("to"), {1}, std::move(to)},
                                      {"part", {0, 1}, Values::borrowed(r.matrix.part)}}});
    return all;
}

Result<Figure> makeResolution(const FigureKind& kind, const FigureInputs& inputs, const FigureOptions& options,
                              const JobContext& job)
{
    WINNOW_TRY(const std::shared_ptr<const ReplayResult> replay, joinedReplay(kind.name, inputs, options));
    WINNOW_TRY(const Trace* trace, onlyTrace("the figure 'resolution'", inputs));
    WINNOW_TRY(const ContributionOptions what, contributionOptions(*trace, options));
    std::vector<int> policies;
    for (const int number : options.policies)
        policies.push_back(number - 1);
    WINNOW_TRY(ScaleResolution numbers, scaleResolution(*trace, *replay, what, policies, options.hidden(), job));
    WINNOW_TRY_VOID(checkHidden(options, numbers.contribution.positions));
    Figure figure;
    figure.caption = fmt::format(
        "open loop, step {}, {}, {} wavelet, {} transform{}; gray: part of each level in the power at that distance; lines: the "
        "mean level of the contributions, and log2 of the tokens per stored token under every policy",
        numbers.step, headCountText(numbers.contribution.heads), numbers.contribution.wavelet,
        transformInfo(numbers.contribution.transform).name,
        signalText(numbers.contribution.signalKind) + removedText(numbers.contribution.detrend, numbers.contribution.shuffle));
    for (const ScaleResolution::Policy& one : numbers.policies)
        if (!std::isnan(one.apart))
            figure.caption += fmt::format("; {}: {:.2f} levels apart", one.label, one.apart);
    figure.manifest = replay->manifest;
    figure.numbers = {std::move(numbers), resolutionTables};
    return figure;
}

} // namespace

FigureKind figureResolution()
{
    return {.name = "resolution",
            .title = "Resolution of cache and contributions",
            .summary = "The scale of the contributions at every distance, and how finely each policy stores the text there",
            .needs = FigureNeeds::Both,
            .transform = "modwt",
            .levels = 0,
            .reads = joinedReads({readsOfSignals(), readsOfBands(), {kReadsPolicies}}),
            .check = checkBands,
            .make = makeResolution};
}

} // namespace winnow
