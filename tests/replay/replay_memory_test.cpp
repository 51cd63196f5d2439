// SPDX-License-Identifier: GPL-3.0-or-later
// What a replay takes, before it is taken.
#include "core/replay/replay_memory.h"

#include "core/replay/attention_block.h"
#include "core/replay/cpu_replay.h"
#include "core/replay/evictor_oracle.h"
#include "core/replay/replay.h"
#include "core/replay/replay_layout.h"
#include "tests/support/memory_trace.h"

#include <gmock/gmock.h>

namespace winnow {
namespace {

using namespace testing_support;
using testing::HasSubstr;

/// A trace of this size without its rows.
TraceInfo shapeOf(int tokens, int layers, int keyHeads, int queryHeads, int headDim)
{
    TraceInfo info;
    info.tokens.assign(static_cast<std::size_t>(tokens), 0);
    for (int layer = 0; layer < layers; ++layer) {
        info.layers.push_back(Layer(layer));
        info.layerInfo.push_back({.queryHeads = queryHeads, .keyHeads = keyHeads, .headDim = headDim, .invFreq = {1}});
    }
    return info;
}

ReplayPlan planOf(const TraceInfo& info, const std::vector<const char*>& lines, const ReplayOptions& options)
{
    std::vector<PolicySpec> specs;
    for (const char* line : lines)
        specs.push_back(*parsePolicySpec(line));
    auto plan = planReplay(info, specs, options);
    EXPECT_TRUE(plan) << (plan ? "" : plan.error().message);
    return *plan;
}

TEST(ReplayMemory, countsEveryNumberOfTheResults)
{
    const TraceInfo info = shapeOf(100, 3, 2, 4, 8);
    const ReplayOptions plain{.oracle = false}, full{.oracle = true, .evictors = true};
    const auto results = [&](const char* line, const ReplayOptions& options) {
        return replayMemory(info, planOf(info, {line}, options), options).results;
    };
    const std::uint64_t cells = 3 * 2 * 100;
    EXPECT_EQ(results("window:budget=16", plain), cells * 4 * 4);
    EXPECT_EQ(results("h2o:budget=16", plain), cells * 6 * 4); // and two scores
    EXPECT_EQ(results("h2o:budget=16", full), cells * 9 * 4);  // and three masses of oracles
    EXPECT_EQ(results("zeromerge:budget=16", plain), cells * 7 * 4);
    EXPECT_EQ(results("h2o:budget=16,granularity=query", plain), 2 * cells * 6 * 4);
    EXPECT_EQ(results("topk:budget=16", plain), cells * (4 * 4 + 13)); // 100 pages, a bit each
    EXPECT_EQ(replayMemory(info, planOf(info, {"h2o:budget=16"}, plain), plain).evictors, 0U);
    EXPECT_GE(replayMemory(info, planOf(info, {"h2o:budget=16"}, full), full).evictors, 100U * 101 / 2 * 4) << "rows of a lane";
}

TEST(ReplayMemory, matchesWhatTheResultsHold)
{
    const MemoryTrace trace(makeSynthetic({.layers = 2, .queryHeads = 4, .keyHeads = 2, .tokens = 40}));
    const ReplayOptions options{.prompt = 20, .device = "cpu", .oracle = true, .evictors = true};
    for (const char* line :
         {"full", "h2o:budget=9", "zeromerge:budget=12", "snapkv:budget=14,window=4", "quest:budget=12,page=4"}) {
        const ReplayPlan plan = planOf(trace.info(), {line}, options);
        const auto done = replay(trace, std::vector{*parsePolicySpec(line)}, options, {});
        ASSERT_TRUE(done) << done.error().message;
        const PolicyReplay& kept = *(*done)->policies.front();
        const std::size_t held = 4 * (kept.evictStep.size() + kept.mass.size() + kept.error.size() + kept.occupancy.size() +
                                      kept.oracleMass.size() + kept.scoreAtEviction.size() + kept.lowestKept.size() +
                                      kept.mergedInto.size() + kept.futureMass.size() + kept.boundMass.size()) +
                                 kept.read.size();
        EXPECT_EQ(replayMemory(trace.info(), plan, options).results, held) << line;
    }
}

TEST(ReplayMemory, holdsNoMoreLayersTogetherThanFit)
{
    const ReplayOptions options;
    const TraceInfo few = shapeOf(1000, 4, 8, 8, 128), many = shapeOf(32768, 24, 8, 8, 128);
    EXPECT_EQ(replayMemory(few, planOf(few, {"window:budget=16"}, options), options).rows, 4ull * 2 * 8 * 1000 * 128 * 4);
    const ReplayMemory memory =
        replayMemory(many, planOf(many, {"full", "window", "h2o", "tova", "treekv", "streaming"}, options), options);
    const std::uint64_t layer = LayerKeys::bytes(many.layerInfo.front(), 32768, true);
    EXPECT_EQ(memory.rows, kRowsTogether / layer * layer) << "whole layers, keys twice: StreamingLLM moves them";
    EXPECT_LT(memory.total(), std::uint64_t{4} << 30);
}

TEST(ReplayMemory, countsTheSlotsOfTheLayersThatAreReplayedTogether)
{
    const ReplayOptions options{.prompt = 16384};
    const std::vector<const char*> lines{"h2o", "tova", "streaming", "treekv", "snapkv", "window"};
    const TraceInfo one = shapeOf(32768, 1, 8, 8, 64), many = shapeOf(32768, 24, 8, 8, 64);
    const ReplayMemory layer = replayMemory(one, planOf(one, lines, options), options),
                       memory = replayMemory(many, planOf(many, lines, options), options);
    EXPECT_EQ(memory.rows, kRowsTogether / layer.rows * layer.rows);
    EXPECT_EQ(memory.states, kRowsTogether / layer.rows * layer.states) << "those of the layers that wait are not there yet";
    EXPECT_LT(memory.total(), std::uint64_t{4} << 30);
}

TEST(ReplayMemory, whatIsMoreThanThereIsIsRefusedWithWhatToLeaveOut)
{
    const ReplayOptions options;
    const TraceInfo info = shapeOf(8192, 16, 8, 8, 64);
    const ReplayPlan plan = planOf(info, {"h2o", "tova"}, options);
    const ReplayMemory need = replayMemory(info, plan, options);
    EXPECT_EQ(placeOfResults(need, plan, options, need.total(), 0), ResultPlace::Memory);
    EXPECT_EQ(placeOfResults(need, plan, options, std::nullopt, 0), ResultPlace::Memory);
    EXPECT_EQ(placeOfResults(need, plan, options, need.total() - 1, need.results), ResultPlace::File);
    EXPECT_EQ(placeOfResults(need, plan, options, need.work(), need.results), ResultPlace::File);
    EXPECT_FALSE(placeOfResults(need, plan, options, need.work() - 1, need.results));
    const auto refused = placeOfResults(need, plan, options, need.total() - 1, need.results - 1);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, ErrorCode::OutOfMemory);
    for (const char* word : {"8192 tokens in 16 layers", "fewer policies", "--layers", "--no-oracle"})
        EXPECT_THAT(refused.error().message, HasSubstr(word));
}

TEST(ReplayMemory, namesTheSelectionWhosePagesTakeMost)
{
    const ReplayOptions options;
    const TraceInfo info = shapeOf(8192, 16, 8, 8, 64);
    const ReplayPlan plan = planOf(info, {"h2o", "topk"}, options);
    const ReplayMemory need = replayMemory(info, plan, options);
    EXPECT_GT(need.results, need.work());
    const auto refused = placeOfResults(need, plan, options, need.work(), need.results / 2);
    ASSERT_FALSE(refused);
    EXPECT_THAT(refused.error().message, HasSubstr("leave out topk"));
}

/// Reads every kind of result back from temporary files, as they are told in memory.
TEST(ReplayMemory, resultsInTemporaryFilesAreThoseInMemory)
{
    const MemoryTrace trace(makeSynthetic({.layers = 2, .queryHeads = 4, .keyHeads = 2, .tokens = 40}));
    const ReplayOptions options{.prompt = 10, .device = "cpu"};
    const ReplayPlan plan = planOf(trace.info(), {"full", "h2o:budget=9", "zeromerge:budget=12", "topk:budget=5"}, options);
    const auto replayed = [&](ResultPlace place) {
        std::vector<PolicyReplay> results = emptyResults(plan, place);
        for (PolicyReplay& result : results)
            result.oracleMass.assign(result.mass.size(), 0, place);
        EXPECT_TRUE(replayOnCpu(trace, plan, options, results, [](int, double) {}, {}));
        EXPECT_TRUE(addEvictorMass(trace, plan, results, {}));
        return results;
    };
    const auto memory = replayed(ResultPlace::Memory), file = replayed(ResultPlace::File);
    for (std::size_t p = 0; p < memory.size(); ++p) {
        replay_layout::forArrays(file[p], [](const char* key, const auto& values, bool) {
            EXPECT_TRUE(values.empty() || values.place() == ResultPlace::File) << key;
        });
        EXPECT_EQ(file[p].evictStep, memory[p].evictStep);
        EXPECT_EQ(file[p].mass, memory[p].mass);
        EXPECT_EQ(file[p].occupancy, memory[p].occupancy);
        EXPECT_EQ(file[p].oracleMass, memory[p].oracleMass);
        EXPECT_EQ(file[p].mergedInto, memory[p].mergedInto);
        EXPECT_EQ(file[p].boundMass, memory[p].boundMass);
        EXPECT_EQ(file[p].read, memory[p].read);
        EXPECT_EQ(PolicyReplay(file[p]).mass.place(), ResultPlace::Memory) << "copies lie in memory";
    }
}

TEST(ScratchFile, beginsAsZerosAndIsGoneFromItsFolderAtOnce)
{
    const TemporaryFolder folder;
    auto file = ScratchFile::make(10000, folder.path());
    ASSERT_TRUE(file) << file.error().message;
    EXPECT_EQ(file->size(), 10000U);
    EXPECT_TRUE(std::all_of(file->data(), file->data() + file->size(), [](std::byte byte) { return byte == std::byte(); }));
    file->data()[9999] = std::byte(7);
    const ScratchFile moved = std::move(*file);
    EXPECT_EQ(moved.data()[9999], std::byte(7));
    EXPECT_TRUE(std::filesystem::is_empty(folder.path()));
}

TEST(ScratchFile, saysWhereItCannotBeMade)
{
    const auto none = ScratchFile::make(100, "/no/such/folder");
    ASSERT_FALSE(none);
    for (const char* word : {"100 bytes", "/no/such/folder", "TMPDIR"})
        EXPECT_THAT(none.error().message, HasSubstr(word));
    const TemporaryFolder folder;
    const auto huge = ScratchFile::make(std::size_t{1} << 50, folder.path());
    ASSERT_FALSE(huge);
    EXPECT_EQ(scratchBytes("/no/such/folder"), 0U);
}

TEST(ReplayMemory, isToldBeforeTheWork)
{
    const MemoryTrace trace(makeSynthetic({.tokens = 30}));
    std::vector<std::string> told;
    ReplayOptions options{.device = "cpu"};
    options.planned = [&](const std::string& memory) { told.push_back(memory); };
    ASSERT_TRUE(replay(trace, std::vector{*parsePolicySpec("window:budget=9")}, options, {}));
    EXPECT_THAT(told, testing::ElementsAre(testing::AllOf(HasSubstr("of memory"), HasSubstr("results"))));
}

} // namespace
} // namespace winnow
