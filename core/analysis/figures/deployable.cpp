// SPDX-License-Identifier: GPL-3.0-or-later
// The figure "deployable": how many pages of memory a policy really gives back, where keys and values lie in pages.
#include "core/analysis/figures/figure_inputs.h"
#include "core/analysis/free_pages.h"
#include "core/analysis/series_labels.h"

namespace winnow {

namespace {

Tables pageTables(const std::vector<FreePages>& all)
{
    std::vector<std::string> specs;
    std::vector<std::int64_t> pages, byHead, byLayer, byAll, layerPages, layerByHead, layerByLayer;
    std::vector<double> evicted;
    for (const FreePages& one : all) {
        specs.push_back(one.spec);
        pages.push_back(one.pages);
        evicted.push_back(one.evicted);
        byHead.push_back(one.freeByHead);
        byLayer.push_back(one.freeByLayer);
        byAll.push_back(one.freeByAll);
        layerPages.insert(layerPages.end(), one.layerPages.begin(), one.layerPages.end());
        layerByHead.insert(layerByHead.end(), one.layerFreeByHead.begin(), one.layerFreeByHead.end());
        layerByLayer.insert(layerByLayer.end(), one.layerFreeByLayer.begin(), one.layerFreeByLayer.end());
    }
    Tables tables;
    tables.fact("step", all.front().step);
    tables.fact("page", all.front().page);
    const std::size_t policies = all.size(), layers = all.front().layerPages.size();
    tables.tables.push_back({.axes = {{policies}},
                             .columns = {{"policy", {0}, specs, true},
                                         {"pages", {0}, std::move(pages)},
                                         {"evicted_share", {0}, std::move(evicted)},
                                         {"free_by_head", {0}, std::move(byHead)},
                                         {"free_by_layer", {0}, std::move(byLayer)},
                                         {"free_by_all", {0}, std::move(byAll)}}});
    tables.tables.push_back({.axes = {{policies}, {layers}},
                             .columns = {{{"policy", ""}, {0}, std::move(specs), true},
                                         {"layer", {1}, counted(0, layers)},
                                         {{"pages", "layer_pages"}, {0, 1}, std::move(layerPages)},
                                         {{"free_by_head", "layer_free_by_head"}, {0, 1}, std::move(layerByHead)},
                                         {{"free_by_layer", "layer_free_by_layer"}, {0, 1}, std::move(layerByLayer)}}});
    return tables;
}

Result<Figure> makeDeployable(const FigureKind& kind, const FigureInputs& inputs, const FigureOptions& options,
                              const JobContext& job)
{
    WINNOW_TRY(const std::shared_ptr<const ReplayResult> replay, joinedReplay(kind.name, inputs, options));
    WINNOW_TRY(const int step, oneStepOf(*replay, options));
    WINNOW_TRY(const std::vector<int> policies, existingPolicies(*replay, curveOptions(options).policies));
    std::vector<FreePages> all;
    std::vector<std::string> specs;
    for (const int number : policies) {
        WINNOW_TRY_VOID(job.check("counting pages"));
        all.push_back(freePages(*replay->policies[static_cast<std::size_t>(number)], step, options.page));
        all.back().policy = number;
        specs.push_back(all.back().spec);
    }
    const auto labels = seriesLabels(specs);
    for (FreePages& one : all) {
        const PolicyReplay& policy = *replay->policies[static_cast<std::size_t>(one.policy)];
        one.title = labels.at(one.spec) + (policy.isRun() ? ", run" : "");
        one.spec = policyLine(*replay, policy);
    }
    Figure figure;
    figure.caption = fmt::format("{}, after step {}: of the cache of {} tokens in pages of {}, the share that is evicted, and "
                                 "the share of pages without a kept "
                                 "token, which alone is given back where nothing is moved: where each head has pages of its own, "
                                 "where the heads of a layer "
                                 "share them, and where all layers do",
                                 replay->loopName(), step, step + 1, options.page);
    figure.manifest = replay->manifest;
    figure.numbers = {std::move(all), pageTables};
    return figure;
}

} // namespace

FigureKind figureDeployable()
{
    return {.name = "deployable",
            .title = "Pages that are free",
            .summary =
                "How many pages of memory (--page 16 tokens) are really free: by head, by layer, by all, beside what is evicted",
            .needs = FigureNeeds::Replay,
            .reads = {{"--page"}, kReadsStep, kReadsPolicies},
            .make = makeDeployable};
}

} // namespace winnow
