// SPDX-License-Identifier: GPL-3.0-or-later
// Replay files: what is written is what is read, and nothing that is no replay is taken for one.
#include "core/io/hdf5.h"
#include "core/io/npz.h"
#include "core/replay/replay_file.h"
#include "tests/support/memory_trace.h"
#include "tests/support/replay_drawing.h"

#include <gmock/gmock.h>

#include <bit>
#include <fstream>
#include <functional>
#include <sstream>

namespace winnow {
namespace {

using namespace testing_support;

std::shared_ptr<const ReplayResult> smallReplay()
{
    const MemoryTrace trace(makeSynthetic({.tokens = 40, .seed = 7}));
    std::vector<PolicySpec> specs;
    for (const char* line :
         {"full", "h2o:budget=25%", "pyramidkv:budget=12,window=4,granularity=query", "random:budget=8",
          "quest:budget=8,page=3,least=1,dense=1", "expr:budget=9,score=\"max(last,left(mean))\"", "zeromerge:budget=9,dense=2"})
        specs.push_back(*parsePolicySpec(line));
    auto result = replay(trace, specs, {.prompt = 20, .device = "cpu", .evictors = true}, {});
    EXPECT_TRUE(result) << (result ? "" : result.error().message);
    return *result;
}

bool sameFloats(std::span<const float> a, std::span<const float> b)
{
    return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                      [](float x, float y) { return x == y || (std::isnan(x) && std::isnan(y)); });
}

class ReplayFile : public testing::TestWithParam<const char*> {};
INSTANTIATE_TEST_SUITE_P(Containers, ReplayFile, testing::Values("r.h5", "r.npz"),
                         [](const auto& info) { return std::string(info.param).substr(2); });

TEST_P(ReplayFile, tellsWhatAPolicyEvictsFromWhatSlidingWindowsHide)
{
    const TemporaryFolder folder;
    const MemoryTrace trace(makeSynthetic({.tokens = 60, .window = 12}));
    const std::vector<PolicySpec> specs{*parsePolicySpec("full"), *parsePolicySpec("streaming:budget=10")};
    const auto before = replay(trace, specs, {.prompt = 30, .device = "cpu"}, {});
    ASSERT_TRUE(before) << before.error().message;
    ASSERT_TRUE(writeReplay(**before, folder / GetParam()));
    const auto after = readReplay(folder / GetParam());
    ASSERT_TRUE(after) << after.error().message;
    EXPECT_EQ((*after)->policies[0]->choosesFrom, std::numeric_limits<std::int32_t>::max()) << "the full cache evicts nothing";
    EXPECT_GE((*after)->policies[1]->choosesFrom, 29) << "not before the prompt has ended";
    EXPECT_EQ((*after)->policies[1]->choosesFrom, (*before)->policies[1]->choosesFrom);
}

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

/// One policy that never evicts, over many tokens: nearly nothing packed.
std::shared_ptr<ReplayResult> constantReplay(int layers, int lanes, int tokens, int policies)
{
    auto result = std::make_shared<ReplayResult>();
    result->tokenIds.assign(static_cast<std::size_t>(tokens), 7);
    PolicyReplay policy;
    policy.spec = *parsePolicySpec("full");
    policy.layers = layers;
    policy.lanes = lanes;
    policy.tokens = tokens;
    const std::size_t cells = static_cast<std::size_t>(layers) * lanes * tokens;
    policy.evictStep.assign(cells, -1);
    policy.mass.assign(cells, 1);
    policy.error.assign(cells, 0);
    policy.occupancy.assign(cells, 1);
    for (int layer = 0; layer < layers; ++layer) {
        result->layers.push_back(Layer(layer));
        result->slotBytes.push_back(4);
    }
    result->policies.assign(static_cast<std::size_t>(policies), std::make_shared<PolicyReplay>(std::move(policy)));
    return result;
}

TEST_P(ReplayFile, opensHoweverWellItPacks)
{
    const TemporaryFolder folder;
    ASSERT_TRUE(writeReplay(*constantReplay(32, 8, 8192, 2), folder / GetParam()));
    EXPECT_LT(std::filesystem::file_size(folder / GetParam()), 2u << 20);
    const auto back = readReplay(folder / GetParam());
    ASSERT_TRUE(back) << back.error().message;
    EXPECT_EQ((*back)->policies.at(1)->evictStep, std::vector<std::int32_t>(32 * 8 * 8192, -1));
}

TEST_P(ReplayFile, takesNoMoreMemoryThanAFileOfItsSizeHolds)
{
    const TemporaryFolder folder;
    ASSERT_TRUE(writeReplay(*constantReplay(8, 8, 8192, 70), folder / GetParam())); // 588 MB
    EXPECT_LT(std::filesystem::file_size(folder / GetParam()), 8u << 20);
    const auto back = readReplay(folder / GetParam());
    ASSERT_FALSE(back);
    EXPECT_THAT(back.error().message, testing::HasSubstr("made to fill the memory"));
}

TEST_P(ReplayFile, holdsNumbersThatFitTogether)
{
    const TemporaryFolder folder;
    const auto said = [&](const std::function<void(ReplayResult&, PolicyReplay&)>& spoil) {
        auto result = std::make_shared<ReplayResult>(*smallReplay());
        auto policy = std::make_shared<PolicyReplay>(*result->policies[1]);
        spoil(*result, *policy);
        result->policies = {policy};
        EXPECT_TRUE(writeReplay(*result, folder / GetParam()));
        const auto back = readReplay(folder / GetParam());
        return back ? std::string() : back.error().message;
    };
    using testing::HasSubstr;
    EXPECT_EQ(said([](ReplayResult&, PolicyReplay&) {}), "");
    EXPECT_THAT(said([](ReplayResult&, PolicyReplay& policy) { policy.evictStep[3] = 40; }),
                HasSubstr("evict_step holds 40, expected -1 to 39"));
    EXPECT_THAT(said([](ReplayResult&, PolicyReplay& policy) { policy.occupancy[3] = 41; }), HasSubstr("occupancy holds 41"));
    EXPECT_THAT(said([](ReplayResult&, PolicyReplay& policy) { policy.mergedInto.assign(policy.evictStep.size(), 40); }),
                HasSubstr("merged_into holds 40"));
    EXPECT_THAT(said([](ReplayResult& result, PolicyReplay&) { result.tokenIds[0] = -5; }), HasSubstr("tokens holds -5"));
    EXPECT_THAT(said([](ReplayResult& result, PolicyReplay&) { result.layers[1] = result.layers[0]; }),
                HasSubstr("layers do not ascend"));
    EXPECT_THAT(said([](ReplayResult& result, PolicyReplay&) { result.prompt = 41; }),
                HasSubstr("its prompt is '41', expected 0 to 40"));
    EXPECT_THAT(said([](ReplayResult& result, PolicyReplay&) { result.slotBytes[0] = -1; }), HasSubstr("slot_bytes is '-1,"));
    EXPECT_THAT(said([](ReplayResult& result, PolicyReplay&) { result.tokenIds.pop_back(); }),
                HasSubstr("expected [2, lanes, 39]"));
}

TEST_P(ReplayFile, keepsManyMetricsInTemporaryFilesAndLifetimesInMemory)
{
    const TemporaryFolder folder;
    constexpr int kTokens = 1 << 20; // four arrays of 4 MiB each, a policy
    ReplayResult result;
    result.tokenIds.assign(kTokens, 1);
    result.layers = {Layer{0}};
    result.slotBytes = {4};
    result.manifest = {{"loop", "open"}};
    for (const int number : {0, 1, 2}) {
        auto policy = std::make_shared<PolicyReplay>();
        policy->spec = *parsePolicySpec("full");
        policy->layers = policy->lanes = 1;
        policy->tokens = policy->stepsDone = kTokens;
        policy->evictStep.assign(kTokens, -1);
        policy->mass.assign(kTokens, 1);
        policy->error.assign(kTokens, 0);
        policy->occupancy.assign(kTokens, 7);
        policy->mass[kTokens - 1] = 0.25F * static_cast<float>(number);
        result.policies.push_back(policy);
    }
    const auto written = writeReplay(result, folder / GetParam());
    ASSERT_TRUE(written) << written.error().message;
    const auto read = readReplay(folder / GetParam());
    ASSERT_TRUE(read) << read.error().message;
    ASSERT_EQ((*read)->policies.size(), 3U);
    const bool disk = scratchBytes(scratchFolder()) > 0; // a folder in memory takes none
    for (std::size_t number = 0; number < 3; ++number) {
        const PolicyReplay& policy = *(*read)->policies[number];
        const bool file = number == 2 && disk;
        EXPECT_EQ(policy.mass.place(), file ? ResultPlace::File : ResultPlace::Memory) << number;
        EXPECT_EQ(policy.occupancy.place(), file ? ResultPlace::File : ResultPlace::Memory) << number;
        EXPECT_EQ(policy.evictStep.place(), ResultPlace::Memory) << number;
        EXPECT_EQ(policy.mass, result.policies[number]->mass);
        EXPECT_EQ(policy.occupancy, result.policies[number]->occupancy);
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
    EXPECT_EQ(npz->descr("evict_step.1").value(), "<i4");
    EXPECT_EQ(npz->descr("mass.1").value(), "<f4");
    EXPECT_FALSE(npz->has("score_at_eviction.3"));                             // random has no scores
    EXPECT_EQ(*npz->shape("read.4"), (std::vector<std::size_t>{2, 4, 40, 2})); // query heads; 14 pages of 3 in 2 bytes
    EXPECT_EQ(npz->descr("read.4").value(), "|u1");
    EXPECT_EQ(*npz->shape("merged_into.6"), (std::vector<std::size_t>{2, 2, 40}));
    EXPECT_FALSE(npz->has("merged_into.1") || npz->has("read.1"));
    const auto mass = *npz->numbers<float>("mass.1"), oracle = *npz->numbers<float>("oracle_mass.1"),
               future = *npz->numbers<float>("future_mass.1");
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

/// Of a choice at the prompt's end, after which the cache only grows.
TEST(ReplayFiles, sayWhatWasAskedForAndWhatIsStored)
{
    const TemporaryFolder folder;
    const auto result = smallReplay();
    const PolicyReplay& pyramid = *result->policies[2];
    double sum = 0;
    std::int64_t last = 0;
    for (int layer = 0; layer < pyramid.layers; ++layer)
        for (int lane = 0; lane < pyramid.lanes; ++lane)
            for (int step = 20; step < 40; ++step) {
                sum += pyramid.occupancy[pyramid.index(layer, lane, step)];
                last += step == 39 ? pyramid.occupancy[pyramid.index(layer, lane, step)] : 0;
            }
    const double mean = sum / (pyramid.layers * pyramid.lanes * 20);
    EXPECT_GT(mean, 20);
    for (const char* name : {"r.npz", "r.h5"})
        ASSERT_TRUE(writeReplay(*result, folder / name));
    const NpzFile npz = readNpz(folder / "r.npz").value();
    EXPECT_THAT(npz.numbers<std::int32_t>("asked.2").value(), testing::ElementsAre(12));
    EXPECT_THAT(npz.numbers<double>("stored.2").value(), testing::ElementsAre(testing::DoubleNear(mean, 1e-9)));
    EXPECT_THAT(npz.numbers<std::int64_t>("bytes.2").value(), testing::ElementsAre(last * result->slotBytes.front()));
    const Hdf5File file = Hdf5File::open(folder / "r.h5").value();
    const auto listed = file.attributes("/replays/00002").value();
    const std::map<std::string, std::string> attributes(listed.begin(), listed.end());
    EXPECT_EQ(attributes.at("asked"), "12");
    EXPECT_EQ(attributes.at("bytes"), std::to_string(last * result->slotBytes.front()));
    EXPECT_NEAR(std::stod(attributes.at("stored")), mean, 1e-4);
}

TEST(ReplayCsv, holdsMeansOverLanesAfterItsManifest)
{
    const TemporaryFolder folder;
    const auto result = smallReplay();
    ASSERT_TRUE(writeReplay(*result, folder / "r.csv"));
    std::ifstream in(folder / "r.csv");
    std::string line;
    std::vector<std::string> manifest;
    while (std::getline(in, line) && line.starts_with("#"))
        manifest.push_back(line);
    EXPECT_THAT(manifest, testing::Contains(testing::StartsWith("# stored.1: 10 slots asked for; 10.0 stored per lane")));
    EXPECT_EQ(line, "policy,layer,step,mass,error,occupancy");
    std::getline(in, line);
    EXPECT_EQ(line, "\"full\",0,0,1,0,1");
    int rows = 1;
    while (std::getline(in, line))
        ++rows;
    EXPECT_EQ(rows, 7 * 2 * 40);
}

TEST(ReplayCsv, leavesACellEmptyWhereNothingWasMeasured)
{
    const TemporaryFolder folder;
    ReplayResult result = *smallReplay();
    PolicyReplay policy = *result.policies.front();
    policy.mass.assign(policy.mass.size(), std::numeric_limits<float>::quiet_NaN());
    result.policies = {std::make_shared<const PolicyReplay>(policy)};
    ASSERT_TRUE(writeReplay(result, folder / "r.csv"));
    std::ifstream in(folder / "r.csv");
    std::string line;
    while (std::getline(in, line) && !line.starts_with("\"full"))
        ;
    EXPECT_EQ(line, "\"full\",0,0,,0,1");
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
