// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/io/hdf5.h"
#include "core/replay/replay_file.h"
#include "tests/evaluate/small_models.h"

#include <gmock/gmock.h>

#include <cmath>

namespace winnow {
namespace {

void expectSame(const std::vector<float>& a, const std::vector<float>& b)
{
    ASSERT_EQ(a.size(), b.size());
    for (std::size_t i = 0; i < a.size(); ++i)
        EXPECT_TRUE(a[i] == b[i] || (std::isnan(a[i]) && std::isnan(b[i]))) << "entry " << i << ": " << a[i] << " and " << b[i];
}

TEST(RunFile, givesBackWhatARunMeasured)
{
    const testing_support::TemporaryFolder folder;
    const auto model = smallModel("grouped");
    const auto run = ran(*model, randomText(30), {"full", "h2o:budget=8"}, {.prompt = 12});
    for (const char* name : {"R.h5", "R.npz"}) {
        ASSERT_TRUE(writeReplay(*run, folder / name));
        const auto read = readReplay(folder / name);
        ASSERT_TRUE(read) << read.error().message;
        EXPECT_TRUE((*read)->closedLoop());
        EXPECT_STREQ((*read)->loopName(), "closed loop");
        expectSame((*read)->logprob, run->logprob);
        for (std::size_t p = 0; p < 2; ++p) {
            const RunCosts &found = (*read)->policies[p]->run, &made = run->policies[p]->run;
            expectSame(found.logprob, made.logprob);
            expectSame(found.kl, made.kl);
            expectSame(found.agrees, made.agrees);
            expectSame(found.milliseconds, made.milliseconds);
            EXPECT_EQ(found.takenBytes, made.takenBytes);
            EXPECT_EQ(made.hiddenError.size(), 30U * static_cast<std::size_t>(run->policies[p]->layers));
            EXPECT_EQ(found.hiddenError, made.hiddenError);
            EXPECT_EQ((*read)->policies[p]->evictStep, run->policies[p]->evictStep);
            EXPECT_TRUE(std::isnan(made.kl[12])) << "the step that ends the prompt is not compared";
            EXPECT_FALSE(std::isnan(made.kl[13]));
        }
    }
}

TEST(RunFile, withAnArrayOfAnotherLengthIsRefused)
{
    const testing_support::TemporaryFolder folder;
    const auto model = smallModel("grouped");
    auto run = std::make_shared<ReplayResult>(*ran(*model, randomText(20), {"window:budget=8"}));
    auto policy = std::make_shared<PolicyReplay>(*run->policies.front());
    policy->run.kl.resize(19);
    run->policies.front() = policy;
    ASSERT_TRUE(writeReplay(*run, folder / "R.npz"));
    const auto read = readReplay(folder / "R.npz");
    ASSERT_FALSE(read);
    EXPECT_THAT(read.error().message, testing::HasSubstr("kl has the shape [19], expected [20]"));
}

TEST(ClosedLoop, withoutTheFullCacheTellsLossAndLifetimesOnly)
{
    const auto model = smallModel("grouped");
    const auto tokens = randomText(40);
    const auto beside = ran(*model, tokens, {"h2o:budget=8", "snapkv:budget=10,window=4,kernel=3"}, {.prompt = 20});
    const auto alone = ran(*model, tokens, {"h2o:budget=8", "snapkv:budget=10,window=4,kernel=3"}, {.prompt = 20, .full = false});
    EXPECT_TRUE(alone->logprob.empty());
    for (std::size_t p = 0; p < 2; ++p) {
        EXPECT_EQ(alone->policies[p]->evictStep, beside->policies[p]->evictStep);
        expectSame(alone->policies[p]->run.logprob, beside->policies[p]->run.logprob);
        EXPECT_TRUE(alone->policies[p]->run.kl.empty());
        EXPECT_TRUE(alone->policies[p]->run.hiddenError.empty());
        EXPECT_TRUE(std::isnan(alone->policies[p]->mass[alone->policies[p]->index(0, 0, 39)]));
    }
}

TEST(ClosedLoop, takesNoMoreThanATenthBeyondItsSlots)
{
    const auto model = smallModel("grouped");
    const auto run = ran(*model, randomText(120), {"streaming:budget=40", "adakv:budget=30,window=8"}, {.prompt = 60});
    for (const auto& policy : run->policies)
        for (int t = 62; t < 120; ++t) {
            const CacheBytes bytes = cacheBytes(*run, *policy, Step(t));
            // One slot more while a step attends.
            EXPECT_LE(static_cast<double>(policy->run.takenBytes[static_cast<std::size_t>(t)]),
                      1.1 * static_cast<double>(bytes.logical + 2U * 2 * static_cast<unsigned>(run->slotBytes[0])))
                << policy->spec.name << " at step " << t;
        }
}

} // namespace
} // namespace winnow
