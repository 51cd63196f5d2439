// SPDX-License-Identifier: GPL-3.0-or-later
// Budgets that are swept, and budgets of equal memory, on the short recording.
#include "app/work/budget_work.h"

#include "core/analysis/budget_sweep.h"
#include "tests/app/window/window_fixture.h"

#include <gmock/gmock.h>

using namespace winnow;
using namespace winnow::app;
using testing::ElementsAre;
using testing::HasSubstr;

namespace {
PolicySpec spec(const char* line) { return parsePolicySpec(line).value(); }
std::shared_ptr<const Trace> shortTrace() { return Trace::open(files().trace.toStdString()).value(); }
} // namespace

TEST(WithBudget, takesWhatTheBudgetAloneHadSetAlong)
{
    EXPECT_EQ(withBudget(spec("h2o:budget=128"), 32)->canonical(), spec("h2o:budget=32").canonical());
    const PolicySpec typed = spec(spec("h2o:budget=128").canonical().c_str()); // as a session has it: everything is typed
    EXPECT_EQ(withBudget(typed, 32)->canonical(), spec("h2o:budget=32").canonical());
    EXPECT_EQ(withBudget(spec("h2o:budget=128,recent=8"), 32)->canonical(), spec("h2o:budget=32,recent=8").canonical());
}

TEST(ReadBudgets, takesSlotsAndSharesInAnyOrder)
{
    EXPECT_THAT(readBudgets("64, 16 25%,16", 200).value(), ElementsAre(16, 50, 64));
    EXPECT_THAT(readBudgets("many", 200).error().message, HasSubstr("'many' is no budget"));
    EXPECT_THAT(readBudgets("1.5", 200).error().message, HasSubstr("'1.5'"));
    EXPECT_THAT(readBudgets("-4", 200).error().message, HasSubstr("'-4'"));
    EXPECT_THAT(readBudgets("201", 200).error().message, HasSubstr("200 tokens"));
    EXPECT_THAT(readBudgets(" , ", 200).error().message, HasSubstr("no budget"));
}

TEST(SweepBudgets, isWhatEveryBudgetGivesAloneAndTellsOnTheWay)
{
    const auto trace = shortTrace();
    const std::vector<int> budgets{16, 32};
    std::vector<std::size_t> told;
    const auto swept = sweepBudgets(*trace, spec("tova:budget=64"), budgets, 40,
                                    [&](const auto& soFar) { told.push_back(soFar->policies.size()); }, {});
    ASSERT_TRUE(swept) << swept.error().message;
    EXPECT_THAT(told, ElementsAre(1U, 2U));
    ASSERT_EQ((*swept)->policies.size(), 2U);
    const PolicySpec alone = spec("tova:budget=32");
    const auto plain = replay(*trace, std::span(&alone, 1), {.prompt = 40}, {});
    ASSERT_TRUE(plain);
    const auto& a = (*swept)->policies[1]->evictStep;
    const auto& b = (*plain)->policies[0]->evictStep;
    EXPECT_TRUE(std::equal(a.begin(), a.end(), b.begin(), b.end()));
}

TEST(SweepBudgets, stopsWhenAsked)
{
    std::stop_source stop;
    const std::vector<int> budgets{16, 32, 64};
    const auto swept = sweepBudgets(
        *shortTrace(), spec("tova:budget=64"), budgets, 40, [&](const auto&) { stop.request_stop(); },
        JobContext(stop.get_token()));
    ASSERT_FALSE(swept);
    EXPECT_EQ(swept.error().code, ErrorCode::Cancelled);
}

TEST(MatchBytes, givesPoliciesThatStoreOnDifferentlyAsManyBytes)
{
    const auto trace = shortTrace();
    const std::vector<PolicySpec> specs{spec("tova:budget=100"), spec("snapkv:budget=32"), spec("full"), spec("h2o:budget=20")};
    const auto matched = matchBytes(*trace, specs, 0, 40, {});
    ASSERT_TRUE(matched) << matched.error().message;
    EXPECT_EQ((*matched)[0], specs[0]);
    EXPECT_EQ((*matched)[2], specs[2]) << "it has no budget";
    const auto result = replay(*trace, *matched, {.prompt = 40}, {});
    ASSERT_TRUE(result) << result.error().message;
    const StepSpan steps{40, trace->tokenCount()};
    const double wanted = meanBytes(**result, *(*result)->policies[0], {}, steps);
    for (const std::size_t p : {3U}) {
        const double bytes = meanBytes(**result, *(*result)->policies[p], {}, steps);
        EXPECT_NEAR(bytes, wanted, 0.02 * wanted) << (*matched)[p].canonical();
    }
    // SnapKV keeps everything it decodes; no budget between 1 and the text may do better than the one that was found.
    const auto far = [&](int budget) {
        const PolicySpec one = withBudget(specs[1], budget).value();
        if (!checkSpec(one, trace->tokenCount(), 40))
            return 1e300;
        const auto alone = replay(*trace, std::span(&one, 1), {.prompt = 40, .oracle = false}, {});
        return std::abs(meanBytes(**alone, *(*alone)->policies[0], {}, steps) - wanted);
    };
    const int found = (*matched)[1].budget().slotCount(trace->tokenCount());
    EXPECT_LE(far(found), far(found - 1) + 1e-6);
    EXPECT_LE(far(found), far(found + 1) + 1e-6);
}
