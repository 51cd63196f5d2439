// SPDX-License-Identifier: GPL-3.0-or-later
// The figure "lanes": a metric of every layer and KV head.
#include "core/analysis/figures/figure_inputs.h"
#include "core/analysis/step_pictures.h"

namespace winnow {

namespace {

Tables laneTables(const LanePicture& picture)
{
    Tables all;
    const std::string metric(picture.metric->name);
    const std::vector<std::int32_t> layers = wholeNumbers(picture.layers);
    for (std::size_t p = 0; p < picture.panels.size(); ++p) { // some have query heads, some KV heads
        const LanePicture::Panel& panel = picture.panels[p];
        const auto lanes = static_cast<std::size_t>(panel.lanes);
        all.tables.push_back({.axes = {{layers.size()}, {lanes}},
                              .columns = {{onlyCsv("policy"), {}, Values::one(panel.spec)},
                                          {onlyCsv("layer"), {0}, layers},
                                          {onlyCsv("lane"), {1}, counted(0, lanes)},
                                          {{metric, fmt::format("{}.{}", metric, p)}, {0, 1}, Values::borrowed(panel.values)}}});
    }
    all.row(onlyNpz("policy"), specsOf(picture.panels));
    all.fact(onlyNpz("metric"), metric);
    all.row(onlyNpz("layers"), layers);
    all.row(onlyNpz("steps"), firstAndLast(picture.range));
    return all;
}

Result<Figure> makeLanes(const FigureKind& kind, const FigureInputs& inputs, const FigureOptions& options, const JobContext& job)
{
    WINNOW_TRY(const std::shared_ptr<const ReplayResult> replay, joinedReplay(kind.name, inputs, options));
    WINNOW_TRY(const Metric* metric, laneMetricOf(kind.name, options));
    WINNOW_TRY(LanePicture picture, lanePicture(*replay, *metric, curveOptions(options), job));
    Figure figure;
    figure.title = fmt::format("{} of every lane", metric->title);
    figure.caption =
        fmt::format("{}, mean over the steps {} to {}", replay->loopName(), picture.range.begin, picture.range.end - 1);
    figure.manifest = replay->manifest;
    figure.numbers = {std::move(picture), laneTables};
    return figure;
}

} // namespace

FigureKind figureLanes()
{
    return {.name = "lanes",
            .title = "Lanes",
            .summary = "A metric of every layer and KV head, a map per policy",
            .needs = FigureNeeds::Replay,
            .reads = {kReadsMetric, kReadsPolicies, kReadsSteps},
            .make = makeLanes};
}

} // namespace winnow
