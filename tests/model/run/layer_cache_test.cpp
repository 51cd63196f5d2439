// SPDX-License-Identifier: GPL-3.0-or-later
// The transformer attends to the cache that it is given, and a cache sees every chunk of every layer in order.
#include "core/model/run/layer_cache.h"
#include "core/model/run/transformer.h"
#include "tests/model/forward_keeper.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

namespace winnow {
namespace {

/// The full cache, and a line for every call.
class ToldCache final : public LayerCache {
public:
    ToldCache(int tokens, std::string& told) : m_full(fullCache(tokens)), m_told(told) {}
    void append(int layer, const CacheRows& rows) override
    {
        m_told += fmt::format("append {} of {}; ", layer, rows.keys.size(1));
        m_full->append(layer, rows);
    }
    AttentionResult attend(int layer, const CacheRows& rows, const AttentionRule& rule, bool wantLse) override
    {
        m_told += fmt::format("attend {} of {}; ", layer, rows.queries.size(1));
        return m_full->attend(layer, rows, rule, wantLse);
    }
    void settle(int tokens) override
    {
        m_told += fmt::format("settle {}\n", tokens);
        m_full->settle(tokens);
    }

private:
    std::unique_ptr<LayerCache> m_full;
    std::string& m_told;
};

/// Forgets everything but the chunk at hand.
class ChunkCache final : public LayerCache {
public:
    void append(int, const CacheRows&) override {}
    AttentionResult attend(int, const CacheRows& rows, const AttentionRule& rule, bool wantLse) override
    {
        return causalAttention(rows.turnedQueries, rows.turnedKeys, rows.values, rule, wantLse);
    }
    void settle(int) override {}
};

TEST(LayerCache, seesEveryChunkOfEveryLayerAndThenItsEnd)
{
    const auto model = loaded(modelFixture("grouped"));
    const auto tokens = fixtureTokens("grouped");
    const int count = 5;
    std::string told;
    const auto text = model->begin(count, std::make_unique<ToldCache>(count, told)).value();
    Keeper keeper, plain;
    ASSERT_TRUE(text->advance(std::span(tokens).first(count), 3, keeper, {}));
    EXPECT_EQ(told, "append 0 of 3; attend 0 of 3; append 1 of 3; attend 1 of 3; settle 3\n"
                    "append 0 of 2; attend 0 of 2; append 1 of 2; attend 1 of 2; settle 2\n");
    ASSERT_TRUE(model->forward(std::span(tokens).first(count), 3, plain, {}));
    EXPECT_EQ(distance(keeper.logits(), plain.logits()), 0);
}

TEST(LayerCache, isAllThatATextAttendsTo)
{
    const auto model = loaded(modelFixture("plain"));
    const auto tokens = fixtureTokens("plain");
    const auto text = model->begin(8, std::make_unique<ChunkCache>()).value();
    Keeper first, forgetful, whole;
    ASSERT_TRUE(text->advance(std::span(tokens).first(4), 4, forgetful, {}));
    ASSERT_TRUE(model->forward(std::span(tokens).first(4), 4, first, {}));
    EXPECT_EQ(distance(forgetful.logits(), first.logits()), 0) << "nothing is forgotten yet";
    Keeper later(false);
    ASSERT_TRUE(text->advance(std::span(tokens).subspan(4, 4), 4, later, {}));
    ASSERT_TRUE(model->forward(std::span(tokens).first(8), 8, whole, {}));
    EXPECT_GT(distance(later.logits(), whole.logits().slice(0, 4, 8)), 1e-3) << "the first four tokens are gone";
}

} // namespace
} // namespace winnow
