// SPDX-License-Identifier: GPL-3.0-or-later
// A lane's policy at work, asked step by step as a place would ask it, with rows written by hand.
#include "core/policy/decider.h"

#include "core/policy/parts/budget/budgets.h"
#include "core/policy/parts/step/attention_sums.h"
#include "core/policy/parts/step/selectors.h"

#include <gmock/gmock.h>

namespace winnow {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

class NoVectors final : public LaneVectors {
public:
    const float* key(int, std::int32_t) const override { return nullptr; }
    const float* value(int, std::int32_t) const override { return nullptr; }
    const float* query(int) const override { return nullptr; }
    std::span<const double> foreseen() const override { return {}; }
};

class NoSlots final : public LaneSlots {
public:
    const float* key(int, int) const override { return nullptr; }
    int tokens(int) const override { return 1; }
};

const NoVectors kVectors;

Recipe sums(int sinks, int recent)
{
    return {.acts = Acts::EveryStep,
            .protection = {.sinks = sinks, .recent = recent},
            .scorer = accumulatedAttention(),
            .selector = lowestScore(),
            .budget = uniformBudget()};
}

TEST(Decider, asksForRowsFromTheFirstStepOnAndChoosesWhereTheBudgetIsExceeded)
{
    const Recipe recipe = sums(0, 0);
    Decider decider(recipe, {.slots = 2}, kVectors, nullptr);
    EXPECT_TRUE(decider.needs(0, 1).row);
    EXPECT_FALSE(decider.needs(0, 1).query);
    EXPECT_FALSE(decider.needs(0, 1).shares);
    EXPECT_EQ(decider.mustGo(1, 2), 0);
    EXPECT_EQ(decider.mustGo(2, 3), 1);

    const std::vector<std::int32_t> tokens{0, 1, 2};
    decider.observe(0, std::span(tokens).first(1), std::vector{1.0F});
    decider.observe(1, std::span(tokens).first(2), std::vector{.25F, .75F});
    decider.observe(2, tokens, std::vector{.5F, .125F, .375F});
    const Decision decision = decider.decide(2, 1, tokens, NoSlots());
    EXPECT_THAT(decision.victims, ElementsAre(2));
    EXPECT_THAT(decision.scores, ElementsAre(1.75, .875, .375));
    EXPECT_THAT(decision.merges, IsEmpty());

    decider.erased(decision.victims);
    decider.observe(3, std::vector<std::int32_t>{0, 1, 3}, std::vector{0.0F, 0.0F, 1.0F});
    EXPECT_THAT(decider.decide(3, 1, std::vector<std::int32_t>{0, 1, 3}, NoSlots()).scores, ElementsAre(1.75, .875, 1.0));
}

TEST(Decider, letsNothingThatIsProtectedGo)
{
    const Recipe recipe = sums(1, 1);
    Decider decider(recipe, {.slots = 3}, kVectors, nullptr);
    const std::vector<std::int32_t> tokens{0, 4, 5, 6};
    decider.observe(6, tokens, std::vector{.0F, .2F, .3F, .0F});
    EXPECT_THAT(decider.decide(6, 1, tokens, NoSlots()).victims, ElementsAre(1));
    EXPECT_THAT(decider.decide(6, 2, tokens, NoSlots()).victims, ElementsAre(1, 2));
}

TEST(Decider, aSinkThatHasLeftProtectsNobodyElse)
{
    const Recipe recipe = sums(2, 0);
    Decider decider(recipe, {.slots = 2}, kVectors, nullptr);
    const std::vector<std::int32_t> tokens{1, 7, 8}; // a sliding window hid token 0
    decider.observe(8, tokens, std::vector{.0F, .1F, .9F});
    EXPECT_THAT(decider.decide(8, 1, tokens, NoSlots()).victims, ElementsAre(1));
}

TEST(Decider, choosesNotBeforeTheEndOfThePrompt)
{
    const Recipe recipe = sums(0, 0);
    const Decider decider(recipe, {.prompt = 4, .slots = 2}, kVectors, nullptr);
    EXPECT_EQ(decider.mustGo(2, 3), 0);
    EXPECT_EQ(decider.mustGo(3, 4), 2);
}

TEST(Decider, takesWhatWasDecidedAtTheEndOfThePrompt)
{
    Recipe recipe = sums(0, 0);
    recipe.acts = Acts::EndOfPrompt;
    const PromptChoice choice{.victims = {0, 2}, .scores = {.1F, .9F, .2F, .8F}, .merges = {{.from = 0, .into = 1}}};
    Decider decider(recipe, {.prompt = 4, .slots = 2}, kVectors, &choice);
    ASSERT_EQ(decider.mustGo(3, 4), 2);
    const Decision decision = decider.decide(3, 2, std::vector<std::int32_t>{0, 1, 2, 3}, NoSlots());
    EXPECT_THAT(decision.victims, ElementsAre(0, 2));
    EXPECT_THAT(decision.scores, testing::Pointwise(testing::FloatEq(), {.1F, .9F, .2F, .8F}));
    EXPECT_EQ(decision.merges.size(), 1u);
    EXPECT_EQ(decider.mustGo(4, 3), 0); // and never again
}

TEST(Decider, needsNothingWhereTheChoiceNeedsNoAttention)
{
    const Recipe recipe{.acts = Acts::EveryStep, .protection = {.sinks = 1}, .selector = oldest(), .budget = uniformBudget()};
    Decider decider(recipe, {.slots = 2}, kVectors, nullptr);
    EXPECT_FALSE(decider.needs(5, 3).row);
    EXPECT_FALSE(decider.selects());
    const Decision decision = decider.decide(5, 1, std::vector<std::int32_t>{0, 4, 5}, NoSlots());
    EXPECT_THAT(decision.victims, ElementsAre(1));
    EXPECT_THAT(decision.scores, IsEmpty());
}

/// Selects the last page there is.
class LastPage final : public Reader {
public:
    class Lane final : public LaneReader {
        void read(int step, int, std::span<const float>, std::vector<int>& pages) override { pages.push_back(step / 2); }
    };
    std::unique_ptr<LaneReader> lane(const LaneInModel&, int) const override { return std::make_unique<Lane>(); }
    int pageTokens() const override { return 2; }
};

TEST(Decider, readsEverythingInThePromptAndWhatIsSelectedBehindIt)
{
    const Recipe recipe{.budget = uniformBudget(), .reader = std::make_shared<LastPage>()};
    Decider decider(recipe, {.prompt = 5, .slots = 9, .readSlots = 2}, kVectors, nullptr);
    EXPECT_TRUE(decider.selects());
    EXPECT_FALSE(decider.selectsByRow(7));
    EXPECT_THAT(decider.pages(4, 0, 2, {}), ElementsAre(0, 1, 2));
    EXPECT_THAT(decider.pages(4, 3, 2, {}), ElementsAre(1, 2)); // a sliding window hides the others
    EXPECT_THAT(decider.pages(5, 0, 2, {}), ElementsAre(2));
    EXPECT_EQ(decider.mustGo(7, 8), 0);
}

} // namespace
} // namespace winnow
