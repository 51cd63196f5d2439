// SPDX-License-Identifier: GPL-3.0-or-later
// Of a recording whose layers differ in their heads, the window shows those that one result can hold.
#include "app/cli/shown_layers.h"
#include "core/replay/replay.h"
#include "tests/support/memory_trace.h"

#include <gmock/gmock.h>

namespace winnow {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

/// Four layers of 4 query heads; the odd ones have 1 KV head and see the whole text, the even ones 2 and a window.
std::shared_ptr<const Trace> mixed(bool alike = false)
{
    auto made = testing_support::makeSynthetic({.layers = 4, .queryHeads = 4, .keyHeads = 2, .headDim = 8, .tokens = 30});
    for (std::size_t layer = 0; layer < 4 && !alike; ++layer) {
        if (layer % 2 == 0) {
            made.info.layerInfo[layer].window = 6;
            continue;
        }
        made.info.layerInfo[layer].keyHeads = 1;
        made.k[layer].resize(made.k[layer].size() / 2);
        made.v[layer].resize(made.v[layer].size() / 2);
    }
    return std::make_shared<testing_support::MemoryTrace>(std::move(made));
}

std::vector<int> numbers(const Trace& trace)
{
    std::vector<int> all;
    for (const Layer layer : trace.info().layers)
        all.push_back(raw(layer));
    return all;
}

TEST(ShownLayers, ofSeveralShapesAreThoseThatSeeTheWholeText)
{
    const auto whole = mixed();
    const auto [shown, remark] = shownLayers(whole, nullptr);
    EXPECT_THAT(numbers(*shown), ElementsAre(1, 3));
    EXPECT_THAT(remark, HasSubstr("shown are the 2 of 4 layers with 4 query and 1 KV heads (1, 3)"));
    EXPECT_EQ(shown->info().tokens, whole->info().tokens);
    EXPECT_EQ(shown->info().layerInfo[1].window, 0);
    std::vector<float> there(shown->rowFloats(1, Rows::Key, 30)), here(there.size());
    ASSERT_TRUE(shown->read(1, Rows::Key, Position{0}, Position{30}, here));
    ASSERT_TRUE(whole->read(3, Rows::Key, Position{0}, Position{30}, there));
    EXPECT_EQ(here, there);
    const auto kept = replay(*shown, std::vector{*parsePolicySpec("h2o:budget=8")}, {.device = "cpu"}, {});
    ASSERT_TRUE(kept) << kept.error().message;
    EXPECT_THAT((*kept)->layers, ElementsAre(Layer{1}, Layer{3}));
}

TEST(ShownLayers, areThoseOfTheReplayThatIsOpenedWithTheRecording)
{
    const auto whole = mixed();
    const auto kept = replay(*whole, std::vector{*parsePolicySpec("h2o:budget=8")}, {.layers = {{2, 2}}, .device = "cpu"}, {});
    ASSERT_TRUE(kept) << kept.error().message;
    const auto [shown, remark] = shownLayers(whole, kept->get());
    EXPECT_THAT(numbers(*shown), ElementsAre(2));
    EXPECT_EQ(remark, "");
    ReplayResult other = **kept;
    other.tokenIds.pop_back();
    EXPECT_THAT(numbers(*shownLayers(whole, &other).trace), ElementsAre(1, 3)) << "a replay of another text chooses nothing";
}

TEST(ShownLayers, areAllWhereTheyAreAlike)
{
    const auto whole = mixed(true);
    EXPECT_EQ(shownLayers(whole, nullptr).trace, whole);
    EXPECT_EQ(shownLayers(whole, nullptr).remark, "");
}

} // namespace
} // namespace winnow
