// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/analysis/free_pages.h"

#include "core/analysis/figures/figure_catalog.h"
#include "tests/support/synthetic_replay.h"

#include <gmock/gmock.h>

namespace winnow {
namespace {

/// The slow obvious count: a page is free where none of these lanes keeps any of its tokens.
std::int64_t freeOf(const PolicyReplay& policy, int step, int page, const std::vector<std::pair<int, int>>& lanes)
{
    std::int64_t count = 0;
    for (int begin = 0; begin <= step; begin += page) {
        bool kept = false;
        for (const auto& [layer, lane] : lanes)
            for (int token = begin; token < begin + page && token <= step; ++token)
                kept = kept || policy.keeps(layer, lane, token, step);
        count += kept ? 0 : 1;
    }
    return count;
}

TEST(FreePages, areCountedAsTheSlowWayCountsThem)
{
    const auto replay = test::syntheticReplay({.tokens = 150, .layers = 3, .lanes = 2, .budget = 24, .policies = 6});
    for (const auto& policy : replay->policies)
        for (const int page : {1, 3, 16, 200})
            for (const int step : {0, 15, 16, 97, 149}) {
                const FreePages found = freePages(*policy, step, page);
                const std::string where = fmt::format("{}, step {}, pages of {}", found.spec, step, page);
                std::int64_t byHead = 0, byLayer = 0, kept = 0;
                std::vector<std::pair<int, int>> all;
                for (int layer = 0; layer < 3; ++layer) {
                    std::vector<std::pair<int, int>> lanes;
                    for (int lane = 0; lane < 2; ++lane) {
                        lanes.emplace_back(layer, lane);
                        byHead += freeOf(*policy, step, page, {{layer, lane}});
                        for (int token = 0; token <= step; ++token)
                            kept += policy->keeps(layer, lane, token, step) ? 1 : 0;
                    }
                    byLayer += 2 * freeOf(*policy, step, page, lanes);
                    EXPECT_EQ(found.layerFreeByLayer[static_cast<std::size_t>(layer)], 2 * freeOf(*policy, step, page, lanes))
                        << where;
                    all.insert(all.end(), lanes.begin(), lanes.end());
                }
                EXPECT_EQ(found.pages, 6 * ((step + page) / page)) << where;
                EXPECT_EQ(found.freeByHead, byHead) << where;
                EXPECT_EQ(found.freeByLayer, byLayer) << where;
                EXPECT_EQ(found.freeByAll, 6 * freeOf(*policy, step, page, all)) << where;
                EXPECT_NEAR(found.evicted, 1 - static_cast<double>(kept) / (6.0 * (step + 1)), 1e-12) << where;
                EXPECT_LE(found.freeByAll, found.freeByLayer) << where;
                EXPECT_LE(found.freeByLayer, found.freeByHead) << where;
            }
}

TEST(FreePages, ofOneTokenAreWhatIsEvicted)
{
    const auto replay = test::syntheticReplay({.tokens = 100, .budget = 20, .policies = 2});
    const FreePages found = freePages(*replay->policies[1], 99, 1);
    EXPECT_NEAR(found.share(found.freeByHead), found.evicted, 1e-12);
    EXPECT_NEAR(found.evicted, 0.8, 1e-12) << "20 of 100 tokens stay";
}

TEST(DeployableFigure, tellsPagesByHeadLayerAndAll)
{
    const FigureInputs inputs{.replays = {test::syntheticReplay({.tokens = 96, .budget = 16, .policies = 3})}};
    const auto figure = makeFigure("deployable", inputs, {.policies = {1, 3}, .page = 8}, {});
    ASSERT_TRUE(figure) << figure.error().message;
    EXPECT_THAT(figure->caption, testing::HasSubstr("open loop, after step 95: of the cache of 96 tokens in pages of 8"));
    const std::string csv = csvText(figure->numbers.tables(), figure->manifest);
    EXPECT_THAT(csv, testing::AllOf(testing::HasSubstr("# page: 8"),
                                    testing::HasSubstr("policy,pages,evicted_share,free_by_head,free_by_layer,free_by_all"),
                                    testing::HasSubstr("policy,layer,pages,free_by_head,free_by_layer")));
    EXPECT_EQ(figure->numbers.as<std::vector<FreePages>>().size(), 2U);
}

} // namespace
} // namespace winnow
