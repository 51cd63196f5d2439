// SPDX-License-Identifier: GPL-3.0-or-later
// Prompt-time scorers on the worked examples of the specification: numbers a reader can check by hand.
#include "core/policy/lane_parts.h"
#include "core/policy/parts/prompt/chunk_scores.h"
#include "core/policy/parts/prompt/critical_scores.h"
#include "core/policy/parts/prompt/expected_attention.h"
#include "core/policy/parts/prompt/key_scores.h"
#include "core/policy/parts/prompt/observation_window.h"
#include "core/policy/parts/step/received_attention.h"
#include "core/policy/parts/step/tree_blocks.h"
#include "core/policy/presets/cake.h"
#include "core/policy/presets/rkv.h"
#include "tests/policy/fixed_prompt_layer.h"

#include <gmock/gmock.h>

#include <cfloat>

namespace winnow {
namespace {

using namespace testing_support;
using testing::DoubleNear;
using testing::ElementsAre;
using testing::Pointwise;

MATCHER_P(NearTo, tolerance, "") { return std::abs(std::get<0>(arg) - std::get<1>(arg)) <= tolerance; }

/// Examples are given to four or five places.
void expectScores(const std::vector<double>& scores, const std::vector<double>& expected)
{
    EXPECT_THAT(scores, Pointwise(NearTo(6e-5), expected));
}

// WE-L2, WE-KNORM
TEST(KeyScores, shortKeysMatterMost)
{
    FixedPromptLayer layer;
    layer.keyRows = oneHead({{3, 4}, {0, 1}, {1, 1}, {2, 0}});
    layer.finish();
    expectScores(firstScores(*keyNorm(), layer), {-5, -1, -1.41421, -2});
}

// KeyDiff (section 2.3)
TEST(KeyScores, keysUnlikeTheOthersMatterMost)
{
    FixedPromptLayer layer;
    layer.keyRows = oneHead({{1, 0}, {1, 0}, {0, 1}, {1, 1}});
    layer.finish();
    expectScores(firstScores(*keyDifference(), layer), {-.8459, -.8459, -.5334, -.9753});
}

// WE-LAG
TEST(KeyScores, lagsAreMeasuredByTheRangesOfTheNext)
{
    FixedPromptLayer layer;
    layer.keyRows = oneHead({{0, 0}, {1, 2}, {3, 1}, {2, 0}, {4, 4}, {1, 1}, {0, 5}});
    layer.valueRows = oneHead({{0, 0}, {0, 1}, {1, 0}, {2, 2}, {1, 3}, {5, 1}, {2, 2}});
    layer.finish();
    expectScores(firstScores(*lagRelative(1, 2), layer), {1, 0, .5, 0, .5, 1, 1});
}

TEST(KeyScores, aPromptTooShortForALagKeepsItsEnd)
{
    FixedPromptLayer layer;
    layer.keyRows = oneHead({{1}, {1}, {1}, {1}});
    layer.finish();
    expectScores(firstScores(*lagRelative(1, 2), layer), {1, 0, 1. / 3, 2. / 3});
}

// ObservedAttention (section 2.3)
TEST(ReceivedAttention, isSummedOrDividedByTheQueriesThatCouldLook)
{
    FixedPromptLayer layer;
    layer.attention = oneHead({{1, 0, 0}, {.4, .6, 0}, {.2, .3, .5}});
    layer.finish();
    expectScores(firstScores(*receivedAttention(ReceivedAttention::Sum), layer), {1.6, .9, .5});
    expectScores(firstScores(*receivedAttention(ReceivedAttention::Mean), layer), {.5333, .45, .5});
    expectScores(firstScores(*receivedAttention(ReceivedAttention::LastRow), layer), {.2, .3, .5});
}

TEST(ReceivedAttention, ofThePortLooksAheadOutsideItsWindow)
{
    // Three equal logits: without a mask every query gives a third; the window of 1 hides nothing from the last.
    FixedPromptLayer layer;
    layer.attention = oneHead({{1, 1, 1}, {1, 1, 1}, {1, 1, 1}});
    layer.finish();
    expectScores(firstScores(*receivedAttention(ReceivedAttention::SumAhead, 1), layer), {1, 1, 1});
    // A window of 2 masks the last token from the query before it.
    expectScores(firstScores(*receivedAttention(ReceivedAttention::SumAhead, 2), layer),
                 {1. / 3 + .5 + 1. / 3, 1. / 3 + .5 + 1. / 3, 2. / 3});
}

// Finch (section 2.3)
TEST(ObservationWindow, weighsRowsByTheTokensBeforeThem)
{
    FixedPromptLayer layer;
    layer.attention = oneHead({{1, 0, 0, 0, 0, 0},
                               {0, 1, 0, 0, 0, 0},
                               {0, 0, 1, 0, 0, 0},
                               {0, 0, 0, 1, 0, 0},
                               {.4, .1, .2, .1, .2, 0},
                               {.1, .5, .1, .1, .1, .1}});
    layer.finish();
    const auto scores = firstScores(*observationWindow({.window = 2, .kernel = 1, .mean = true, .weighsRows = true}), layer);
    expectScores({scores.begin(), scores.begin() + 4}, {1.05, 1.45, .65, .45});
}

TEST(ObservationWindow, hasNothingToSayOfATextThatItCovers)
{
    for (const int window : {3, 4}) {
        FixedPromptLayer layer;
        layer.attention = oneHead({{1, 0, 0}, {.5, .5, 0}, {.2, .3, .5}});
        layer.finish();
        EXPECT_THAT(firstScores(*observationWindow({.window = window, .kernel = 1}), layer), testing::Each(testing::IsNan()));
    }
}

// WE-EXP
TEST(ExpectedAttention, addsHalfTheVarianceOfTheLogit)
{
    // Rotated by 90 degrees: mean (1, 0) becomes (0, 1), variances .5 and .25 change places.
    const auto keys = at::tensor({0., 1., 1., 0., 0., 2.}, at::kDouble).view({1, 3, 2});
    const auto mean = at::tensor({0., 1.}, at::kDouble).view({1, 2}),
               covariance = at::diag(at::tensor({.25, .5}, at::kDouble)).unsqueeze(0);
    const auto logits = expectedLogits(mean, covariance, keys, 1 / std::sqrt(2.));
    const auto softmax = logits.softmax(-1);
    const std::vector<double> z{.8321, .0625, 1.9142}, p{.2265, .1049, .6685};
    // Times the lengths of the values (1, 0), (0, 3), (1, 1), without and with .02 added before.
    const std::vector<double> lengths{1, 3, std::sqrt(2.)}, plain{.2265, .3148, .9454}, raised{.2465, .3748, .9737};
    for (std::size_t i = 0; i < 3; ++i) {
        const auto at = static_cast<std::int64_t>(i);
        EXPECT_NEAR(logits[0][at].item<double>(), z[i], 6e-5);
        EXPECT_NEAR(softmax[0][at].item<double>(), p[i], 6e-5);
        EXPECT_NEAR(softmax[0][at].item<double>() * lengths[i], plain[i], 6e-5);
        EXPECT_NEAR((softmax[0][at].item<double>() + .02) * lengths[i], raised[i], 6e-5);
    }
}

class GivenScores final : public PromptScorer {
public:
    explicit GivenScores(std::vector<double> scores) : m_scores(std::move(scores)) {}
    at::Tensor scores(PromptLayer&, const PromptUnits&, const BudgetQuestion&) const override
    {
        return at::tensor(m_scores, at::kDouble).unsqueeze(0);
    }

private:
    std::vector<double> m_scores;
};

// CriticalKV (section 2.3)
TEST(CriticalScores, halfOfTheBudgetIsTheBaseScorers)
{
    FixedPromptLayer layer;
    layer.norms = at::tensor({1.F, 1.F, 5.F, 2.F}).unsqueeze(0);
    layer.finish();
    const auto scores = firstScores(*criticalScores(std::make_shared<GivenScores>(std::vector<double>{.4, .3, .2, .1}), .5, 1e-4),
                                    layer, Granularity::Kv, 2);
    EXPECT_TRUE(std::isinf(scores[0]));
    EXPECT_THAT(std::vector(scores.begin() + 1, scores.end()),
                ElementsAre(DoubleNear(.3001, 1e-9), DoubleNear(1.0005, 1e-9), DoubleNear(.2002, 1e-9)));
}

TEST(CriticalScores, aSmallFirstStageStillHasOneToken)
{
    FixedPromptLayer layer;
    layer.norms = at::tensor({1.F, 1.F, 5.F, 2.F}).unsqueeze(0);
    layer.finish();
    const auto lifted = [&](double share, int slots) {
        const auto base = std::make_shared<GivenScores>(std::vector<double>{.4, .3, .2, .1});
        const auto scores = firstScores(*criticalScores(base, share, 1e-4), layer, Granularity::Kv, slots);
        return std::count_if(scores.begin(), scores.end(), [](double score) { return std::isinf(score); });
    };
    EXPECT_EQ(lifted(0, 3), 0);
    EXPECT_EQ(lifted(.1, 3), 1);
    EXPECT_EQ(lifted(.7, 3), 2);
    EXPECT_EQ(lifted(1, 9), 4); // no more than there are
}

TEST(CriticalScores, theFloorOfAHeadIsTheBaseScorersToo)
{
    FixedPromptLayer layer;
    layer.norms = at::tensor({.1F, 1.F, 1.F, 10.F, 10.F, 10.F}).unsqueeze(0);
    layer.finish();
    const auto chosenBy = [&](double share, double floor) {
        const auto base = std::make_shared<GivenScores>(std::vector<double>{.6, .5, .4, .3, .2, .1});
        const auto scores = firstScores(*criticalAdaptiveScores(base, share, 0, floor), layer, Granularity::Kv, 4);
        std::vector<int> tokens; // those that are lifted above all others, by 3 − .06 + 1
        for (int i = 0; i < 6; ++i)
            if (scores[static_cast<std::size_t>(i)] > 3.5)
                tokens.push_back(i);
        return tokens;
    };
    EXPECT_THAT(chosenBy(0, 0), ElementsAre(1, 3, 4, 5));    // by base times reach alone
    EXPECT_THAT(chosenBy(0, .1), ElementsAre(0, 3, 4, 5));   // one token of the base's
    EXPECT_THAT(chosenBy(0, .5), ElementsAre(0, 1, 3, 4));   // two
    EXPECT_THAT(chosenBy(.75, .5), ElementsAre(0, 1, 2, 3)); // three, by the share
}

std::vector<int> chosen(const Selector& selector, const std::vector<double>& scores, int stay)
{
    std::vector<std::int32_t> positions(scores.size());
    for (std::size_t i = 0; i < scores.size(); ++i)
        positions[i] = static_cast<std::int32_t>(i);
    std::vector<int> victims, kept;
    selector.lane({}, stay)->choose({.positions = positions,
                                     .scores = scores,
                                     .begin = 0,
                                     .end = static_cast<int>(scores.size()),
                                     .count = static_cast<int>(scores.size()) - stay},
                                    victims);
    for (int i = 0; i < static_cast<int>(scores.size()); ++i)
        if (!std::binary_search(victims.begin(), victims.end(), i))
            kept.push_back(i);
    return kept;
}

// ChunkKV (section 2.3)
TEST(ChunkScores, wholeChunksStayOrGo)
{
    FixedPromptLayer layer;
    layer.norms = at::zeros({1, 5});
    layer.finish();
    const auto scores =
        firstScores(*chunkScores(std::make_shared<GivenScores>(std::vector<double>{.1, .5, .3, .2, .9}), 2), layer);
    expectScores(scores, {.3, .3, .25, .25, .9});
    EXPECT_THAT(chosen(*wholeChunks(2), scores, 3), ElementsAre(0, 1, 4));
    EXPECT_THAT(chosen(*wholeChunks(2), scores, 2), ElementsAre(4)); // the next chunk would not fit
}

// WE-TREE-5
TEST(TreeBlocks, aBlockIsTheBestOfThoseMergedIntoIt)
{
    EXPECT_THAT(survivingBlocks({.9, .2, .5, .4, .1, .8}, 3), ElementsAre(0, 2, 5));
    EXPECT_THAT(survivingBlocks({.9, .2}, 3), ElementsAre(0, 1));
    EXPECT_THAT(survivingBlocks({.9, .2}, 0), ElementsAre());
}

TEST(TreeBlocks, lieAgainstTheEndAndTheShortOneComesFirst)
{
    // 7 tokens, blocks of 2: 0 | 1 2 | 3 4 | window 5 6. Room for one block beside the window; each step of the walk keeps the
    // better.
    EXPECT_THAT(chosen(*treeBlocks(2), {.9, .1, .1, .5, .5, 0, 0}, 4), ElementsAre(0, 5, 6));
    EXPECT_THAT(chosen(*treeBlocks(2), {.2, .1, .1, .5, .5, 0, 0}, 4), ElementsAre(3, 4, 5, 6));
    EXPECT_THAT(chosen(*treeBlocks(2), {.2, .1, .1, .5, .5, 0, 0}, 1), ElementsAre(6)); // less than a block
}

// WE-CAKE-1
TEST(Cake, weighsMeanAndVarianceOfTheVotes)
{
    FixedPromptLayer layer; // two window rows over three old keys
    layer.attention = oneHead({{0, 0, 0, 0, 0}, {0, 0, 0, 0, 0}, {0, 0, 0, 0, 0}, {.5, .2, .1, .2, 0}, {.3, .3, .1, .1, .2}});
    layer.finish();
    const auto scores = firstScores(*observationWindow({.window = 2, .kernel = 1, .varianceWeight = 200}), layer);
    expectScores({scores.begin(), scores.begin() + 3}, {4.4, 1.25, .1});
    EXPECT_TRUE(std::isnan(scores[3]) && std::isnan(scores[4]));
    const auto [entropy, variance] = dispersion(layer.rows(2).slice(2, 0, 3));
    EXPECT_NEAR(entropy.item<double>(), 1.851362, 1e-6);
    EXPECT_NEAR(variance.item<double>(), .025, 1e-7);
    EXPECT_NEAR(cakeScores(2, 200, 1, 1)->preference(layer).item<double>(), .046284, 1e-6);
}

// WE-RKV
TEST(Rkv, theLatestOfSimilarKeysIsNotRedundant)
{
    const std::vector<float> keys{1, 0, 1, 0, 0, 1, 1, .1F};
    const auto redundancy = keyRedundancy(keys, 2, .5);
    expectScores({redundancy.begin(), redundancy.end()}, {.3306, .2578, .2058, .2058});
    const std::vector<double> importance{.1, .5, .3, .1}, expected{-.3004, -.2047, -.1704, -.1844};
    for (std::size_t i = 0; i < 4; ++i)
        EXPECT_NEAR(.07 * importance[i] - .93 * redundancy[i], expected[i], 6e-5);
}

TEST(Rkv, redundancyIsThatOfTheWholeMatrixOfCosines)
{
    constexpr std::int64_t count = 43, width = 7;
    const auto keys = at::cos(at::arange(count * width, at::kFloat) * 1.7).view({count, width}).contiguous();
    keys[11].zero_();
    const auto units = keys.to(at::kDouble) / keys.to(at::kDouble).norm(2, {1}, true).clamp_min(1e-12);
    for (const double threshold : {-.4, 0., .5, .9, 1.5}) {
        auto alike = at::matmul(units, units.t()).fill_diagonal_(0);
        const auto last = at::where(alike > threshold, at::arange(count), at::zeros({count}, at::kLong)).amax({1}, true);
        const auto expected = at::softmax(alike.scatter(1, last, 0.).mean(0), 0).contiguous();
        const auto redundancy = keyRedundancy({keys.data_ptr<float>(), count * width}, width, threshold);
        ASSERT_EQ(redundancy.size(), static_cast<std::size_t>(count));
        // A mean of cosines is off by d + 3 roundings, and what the softmax makes of it by as much of itself, twice.
        for (std::size_t i = 0; i < redundancy.size(); ++i)
            EXPECT_NEAR(redundancy[i], expected.data_ptr<double>()[i], 2 * (width + 3) * FLT_EPSILON / count)
                << threshold << ", key " << i;
    }
}

} // namespace
} // namespace winnow
