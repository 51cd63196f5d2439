// Replay files: what is written is what is read, and nothing that is no replay is taken for one.
#include "core/io/npz.h"
#include "core/replay/replay_file.h"
#include "tests/support/memory_trace.h"
#include "tests/support/replay_drawing.h"

#include <gmock/gmock.h>

#include <bit>
#include <fstream>
#include <sstream>

namespace winnow {
namespace {

using namespace testing_support;

std::shared_ptr<const ReplayResult> smallReplay()
{
    const MemoryTrace trace(makeSynthetic({.tokens = 40, .seed = 7}));
    std::vector<PolicySpec> specs;
    for (const char* line : {"full", "h2o:budget=25%", "pyramidkv:budget=12,window=4,granularity=query", "random:budget=8",
                             "quest:budget=8,page=3,least=1,dense=1", "zeromerge:budget=9,dense=2"})
        specs.push_back(*parsePolicySpec(line));
    auto result = replay(trace, specs, {.prompt = 20, .device = "cpu", .evictors = true}, {});
    EXPECT_TRUE(result) << (result ? "" : result.error().message);
    return *result;
}

bool sameFloats(const std::vector<float>& a, const std::vector<float>& b)
{
    return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](float x, float y) { return x == y || (std::isnan(x) && std::isnan(y)); });
}

class ReplayFile : public testing::TestWithParam<const char*> {};
INSTANTIATE_TEST_SUITE_P(Containers, ReplayFile, testing::Values("r.h5", "r.npz"),
                         [](const auto& info) { return std::string(info.param).substr(2); });

TEST_P(ReplayFile, comesBackAsItWas)
{
    const TemporaryFolder folder;
    const auto before = smallReplay();
    const auto written = writeReplay(*before, folder / GetParam());
    ASSERT_TRUE(written) << written.error().message;
    const auto after = readReplay(folder / GetParam());
    ASSERT_TRUE(after) << after.error().message;
    EXPECT_EQ((*after)->tokenIds, before->tokenIds);
    EXPECT_EQ((*after)->layers, before->layers);
    EXPECT_EQ((*after)->prompt, 20);
    EXPECT_EQ((*after)->slotBytes, before->slotBytes);
    EXPECT_EQ((*after)->manifest, before->manifest);
    ASSERT_EQ((*after)->policies.size(), before->policies.size());
    for (std::size_t p = 0; p < before->policies.size(); ++p) {
        const PolicyReplay &a = *before->policies[p], &b = *(*after)->policies[p];
        EXPECT_EQ(a.spec.canonical(), b.spec.canonical());
        EXPECT_EQ(a.evictStep, b.evictStep);
        EXPECT_EQ(a.occupancy, b.occupancy);
        EXPECT_EQ(a.budgets, b.budgets);
        EXPECT_EQ(a.budget, b.budget);
        EXPECT_EQ(a.byRule, b.byRule) << a.spec.canonical();
        EXPECT_EQ(a.choosesFrom, b.choosesFrom);
        EXPECT_TRUE(sameFloats(a.mass, b.mass) && sameFloats(a.error, b.error) && sameFloats(a.oracleMass, b.oracleMass));
        EXPECT_TRUE(sameFloats(a.futureMass, b.futureMass) && sameFloats(a.boundMass, b.boundMass));
        EXPECT_EQ(a.mergedInto, b.mergedInto);
        EXPECT_EQ(a.pageTokens, b.pageTokens);
        EXPECT_EQ(a.read, b.read);
        EXPECT_TRUE(sameFloats(a.scoreAtEviction, b.scoreAtEviction) && sameFloats(a.lowestKept, b.lowestKept));
    }
}

TEST(ReplayNpz, hasTheLayoutThatOtherProgramsRead)
{
    const TemporaryFolder folder;
    ASSERT_TRUE(writeReplay(*smallReplay(), folder / "r.npz"));
    const auto npz = readNpz(folder / "r.npz");
    ASSERT_TRUE(npz);
    EXPECT_EQ(npz->strings("policy")->at(1), "h2o:budget=25%,recent=5,positions=keep,group=mean,granularity=kv");
    EXPECT_EQ(*npz->shape("evict_step.1"), (std::vector<std::size_t>{2, 2, 40}));
    EXPECT_EQ(*npz->shape("evict_step.2"), (std::vector<std::size_t>{2, 4, 40})); // query heads
    EXPECT_EQ(*npz->shape("budgets.2"), (std::vector<std::size_t>{1, 2}));
    EXPECT_EQ((*npz->array("evict_step.1"))->descr, "<i4");
    EXPECT_EQ((*npz->array("mass.1"))->descr, "<f4");
    EXPECT_FALSE(npz->has("score_at_eviction.3")); // random has no scores
    EXPECT_EQ(*npz->shape("read.4"), (std::vector<std::size_t>{2, 4, 40, 2})); // query heads; 14 pages of 3 in 2 bytes
    EXPECT_EQ((*npz->array("read.4"))->descr, "|u1");
    EXPECT_EQ(*npz->shape("merged_into.5"), (std::vector<std::size_t>{2, 2, 40}));
    EXPECT_FALSE(npz->has("merged_into.1") || npz->has("read.1"));
    const auto mass = *npz->numbers<float>("mass.1"), oracle = *npz->numbers<float>("oracle_mass.1"), future = *npz->numbers<float>("future_mass.1");
    const auto regret = *npz->numbers<float>("regret.1"), futureRegret = *npz->numbers<float>("future_regret.1");
    for (std::size_t i = 0; i < mass.size(); ++i) {
        ASSERT_EQ(regret[i], oracle[i] - mass[i]);
        ASSERT_EQ(futureRegret[i], future[i] - mass[i]);
    }
    const auto read = *npz->numbers<std::uint8_t>("read.4");
    const std::size_t last = ((1 * 4 + 0) * 40 + 39) * 2; // layer 1, head 0, step 39: 8 / 3 = 2 of 14 pages
    EXPECT_EQ(std::popcount(read[last]) + std::popcount(read[last + 1]), 2);
    EXPECT_EQ(read[last + 1] & 3, 0); // the two bits beyond page 13
}

TEST(ReplayCsv, holdsMeansOverLanesAfterItsManifest)
{
    const TemporaryFolder folder;
    const auto result = smallReplay();
    ASSERT_TRUE(writeReplay(*result, folder / "r.csv"));
    std::ifstream in(folder / "r.csv");
    std::string line;
    while (std::getline(in, line) && line.starts_with("#")) {
    }
    EXPECT_EQ(line, "policy,layer,step,mass,error,occupancy");
    std::getline(in, line);
    EXPECT_EQ(line, "\"full\",0,0,1,0,1");
    int rows = 1;
    while (std::getline(in, line))
        ++rows;
    EXPECT_EQ(rows, 6 * 2 * 40);
}

TEST(ReplayFileErrors, nameWhatIsWrong)
{
    const TemporaryFolder folder;
    const auto result = smallReplay();
    EXPECT_THAT(writeReplay(*result, folder / "r.txt").error().message, testing::HasSubstr(".h5, .npz or .csv"));
    EXPECT_FALSE(writeReplay(*result, folder / "missing" / "r.npz"));
    const auto trace = makeSynthetic({.tokens = 8});
    ASSERT_TRUE(writeSynthetic(trace, folder / "t.h5"));
    const auto wrong = readReplay(folder / "t.h5");
    ASSERT_FALSE(wrong);
    EXPECT_THAT(wrong.error().message, testing::HasSubstr("is no replay"));
}

} // namespace
} // namespace winnow
