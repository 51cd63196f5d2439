// SPDX-License-Identifier: GPL-3.0-or-later
// What merging and renumbering do to the output, held to the definition: slots are means of the tokens they stand for, in double.
#include "core/cache/merge.h"
#include "core/policy/presets/cam.h"
#include "core/policy/presets/quest.h"
#include "core/policy/presets/zeromerge.h"
#include "core/replay/merged_rows.h"
#include "tests/replay/engines.h"
#include "tests/support/memory_trace.h"
#include "tests/support/replay_drawing.h"

#include <gmock/gmock.h>

namespace winnow {
namespace {

using namespace testing_support;

constexpr int kPrompt = 30;
const SyntheticOptions kShape{
    .layers = 2, .queryHeads = 4, .keyHeads = 2, .headDim = 8, .tokens = 64, .sharpness = 1.5F, .seed = 21};

/// A slot as the slow replay sees it: key as it lies in the cache, value, tokens that it stands for.
struct SlowSlot {
    std::vector<double> key, value;
    double tokens = 1;
};

/// Error of one head's output at step t over `slots`; `queryPosition`: where the query is rotated to.
double slowError(const SyntheticTrace& trace, std::size_t layer, int head, int t, int queryPosition,
                 const std::vector<SlowSlot>& slots, double scale)
{
    const LayerInfo& info = trace.info.layerInfo[layer];
    const int tokens = static_cast<int>(trace.info.tokens.size()), d = info.headDim;
    const float* q = trace.q[layer].data() + (static_cast<std::size_t>(head) * tokens + t) * d;
    const float* full = trace.o[layer].data() + (static_cast<std::size_t>(head) * tokens + t) * d;
    const auto query = rotatedRow(info, q, queryPosition);
    double sum = 0;
    std::vector<double> out(d, 0.0);
    for (const SlowSlot& slot : slots) {
        const double weight = std::exp(logitOf(info, query, slot.key) + scale * std::log(slot.tokens));
        sum += weight;
        for (int c = 0; c < d; ++c)
            out[c] += weight * slot.value[c];
    }
    double difference = 0, norm = 0;
    for (int c = 0; c < d; ++c) {
        difference += std::pow(out[c] / sum - full[c], 2);
        norm += std::pow(full[c], 2);
    }
    return std::sqrt(difference / norm);
}

std::vector<double> valueOf(const SyntheticTrace& trace, std::size_t layer, int kvHead, int token)
{
    const int d = trace.info.layerInfo[layer].headDim;
    const float* v = trace.v[layer].data() + (static_cast<std::size_t>(kvHead) * trace.info.tokens.size() + token) * d;
    return {v, v + d};
}

std::vector<double> keyOf(const SyntheticTrace& trace, std::size_t layer, int kvHead, int token, int position)
{
    const int d = trace.info.layerInfo[layer].headDim;
    return rotatedRow(trace.info.layerInfo[layer],
                      trace.k[layer].data() + (static_cast<std::size_t>(kvHead) * trace.info.tokens.size() + token) * d,
                      position);
}

class BothEngines : public testing::TestWithParam<Engine> {
protected:
    std::shared_ptr<const PolicyReplay> run(const char* line, int prompt = kPrompt) const
    {
        return replayOne(m_trace, line, on(GetParam(), {.prompt = prompt}));
    }
    const SyntheticTrace& trace() const { return m_trace.synthetic(); }
    MemoryTrace m_trace{makeSynthetic(kShape)};
};
INSTANTIATE_TEST_SUITE_P(Engines, BothEngines, testing::ValuesIn(kEngines), [](const auto& info) { return nameOf(info.param); });

/// A dense slot is the mean of the tokens that went into it, however they came: weighted means compose.
TEST_P(BothEngines, zeroMergeAttendsToMeansOfWhatItMerged)
{
    for (const char* line :
         {"zeromerge:budget=12,tail=3,dense=2", "zeromerge:budget=12,tail=2,dense=3,scale=0.6,granularity=query",
          "zeromerge:budget=12,dense=2,granularity=layer"}) {
        const auto kept = run(line);
        const double scale = kept->spec.real("scale");
        const int perLane = kShape.queryHeads / kept->lanes;
        int merged = 0;
        for (int layer = 0; layer < kept->layers; ++layer)
            for (int lane = 0; lane < kept->lanes; ++lane)
                for (int t = kPrompt; t < kept->tokens; ++t) {
                    const int kvHead = lane * perLane / (kShape.queryHeads / kShape.keyHeads);
                    std::vector<SlowSlot> slots;
                    for (int token = 0; token <= t; ++token) {
                        if (!kept->attends(layer, lane, token, t))
                            continue;
                        SlowSlot slot{keyOf(trace(), layer, kvHead, token, token), valueOf(trace(), layer, kvHead, token)};
                        for (int other = 0; other < t; ++other) {
                            if (kept->mergedInto[kept->index(layer, lane, other)] != token ||
                                kept->evictStep[kept->index(layer, lane, other)] >= t)
                                continue;
                            const auto k = keyOf(trace(), layer, kvHead, other, other),
                                       v = valueOf(trace(), layer, kvHead, other);
                            for (int c = 0; c < kShape.headDim; ++c) {
                                slot.key[c] = (slot.key[c] * slot.tokens + k[c]) / (slot.tokens + 1);
                                slot.value[c] = (slot.value[c] * slot.tokens + v[c]) / (slot.tokens + 1);
                            }
                            ++slot.tokens;
                            ++merged;
                        }
                        slots.push_back(std::move(slot));
                    }
                    double error = 0;
                    for (int head = lane * perLane; head < (lane + 1) * perLane; ++head)
                        error += slowError(trace(), layer, head, t, t, slots, scale) / perLane;
                    // Means in single precision, one after another: up to 60 roundings of 1e-7, through a softmax.
                    ASSERT_NEAR(kept->error[kept->index(layer, lane, t)], error, 5e-5 * (1 + error))
                        << line << " layer " << layer << " lane " << lane << " step " << t;
                }
        EXPECT_GT(merged, 100) << line;
    }
}

TEST_P(BothEngines, camAttendsToValuesThatSeeped)
{
    constexpr int kWindow = 5;
    const auto kept = run("cam:budget=14,window=5,first=0.2");
    ASSERT_EQ(kept->lanes, kShape.queryHeads);
    int went = 0;
    for (int layer = 0; layer < kept->layers; ++layer)
        for (int head = 0; head < kept->lanes; ++head) {
            const int kvHead = head / 2;
            std::vector<double> attention(kPrompt, 0.0);
            for (int i = 0; i < kPrompt; ++i)
                for (int t = kPrompt - kWindow; t < kPrompt; ++t)
                    attention[i] +=
                        trace().attention[layer][(static_cast<std::size_t>(head) * kShape.tokens + t) * kShape.tokens + i] /
                        kWindow;
            std::vector<std::vector<double>> values;
            for (int i = 0; i < kShape.tokens; ++i)
                values.push_back(valueOf(trace(), layer, kvHead, i));
            for (int t = 6 + kWindow; t < kPrompt; ++t) { // ceil(.2 · 30) = 6
                double largest = 0;
                for (int i = 0; i < kPrompt; ++i)
                    if (i < 6 || (i >= t - kWindow && i < t))
                        largest = std::max(largest, attention[i]);
                const double share = std::clamp(attention[t - kWindow] / largest, 0.0, 1.0) / kWindow;
                for (int to = t - kWindow + 1; to <= t; ++to)
                    for (int c = 0; c < kShape.headDim; ++c)
                        values[to][c] += share * values[t - kWindow][c];
            }
            for (int t = kPrompt; t < kShape.tokens; ++t) {
                std::vector<SlowSlot> slots;
                for (int token = 0; token <= t; ++token)
                    if (kept->attends(layer, head, token, t))
                        slots.push_back({keyOf(trace(), layer, kvHead, token, token), values[token]});
                const double error = slowError(trace(), layer, head, t, t, slots, 0);
                ASSERT_NEAR(kept->error[kept->index(layer, head, t)], error, 5e-5 * (1 + error))
                    << "layer " << layer << " head " << head << " step " << t;
            }
            for (int i = 0; i < kPrompt; ++i)
                went += kept->mergedInto[kept->index(layer, head, i)] >= 0;
        }
    EXPECT_GT(went, 20);
}

/// Values of what leaves go into those of the next slots that stay, by the sums of attention; the slow form, in double.
TEST_P(BothEngines, camWhileDecodingAttendsToValuesOfWhatLeft)
{
    constexpr int kSpread = 3;
    for (const char* line : {"cam-decode:budget=12,spread=3,recent=2",
                             "cam-decode:budget=14,spread=3,every=4,base=streaming,sinks=2,granularity=query"}) {
        const auto kept = run(line);
        const int heads = kShape.queryHeads / kept->lanes;
        int went = 0;
        for (int layer = 0; layer < kept->layers; ++layer)
            for (int lane = 0; lane < kept->lanes; ++lane) {
                const int kvHead = lane * heads / (kShape.queryHeads / kShape.keyHeads);
                std::vector<SlowSlot> slots;
                std::vector<int> tokens;
                std::vector<double> sums;
                for (int t = 0; t < kept->tokens; ++t) {
                    slots.push_back({keyOf(trace(), layer, kvHead, t, t), valueOf(trace(), layer, kvHead, t)});
                    tokens.push_back(t);
                    sums.push_back(0);
                    double error = 0;
                    for (int head = lane * heads; head < (lane + 1) * heads; ++head) {
                        const double* row = trace().attention[layer].data() +
                                            (static_cast<std::size_t>(head) * kShape.tokens + t) * kShape.tokens;
                        double mass = 0;
                        for (const int token : tokens)
                            mass += row[token];
                        for (std::size_t i = 0; i < tokens.size(); ++i)
                            sums[i] += row[tokens[i]] / mass / heads;
                        error += slowError(trace(), layer, head, t, t, slots, 0) / heads;
                    }
                    // Sums of up to 64 rows in single precision stand behind the shares.
                    ASSERT_NEAR(kept->error[kept->index(layer, lane, t)], error, 5e-5 * (1 + error))
                        << line << " layer " << layer << " lane " << lane << " step " << t;
                    const auto leaves = [&](std::size_t i) { return kept->evictStep[kept->index(layer, lane, tokens[i])] == t; };
                    for (std::size_t i = 0; i < tokens.size(); ++i) {
                        if (!leaves(i))
                            continue;
                        std::vector<std::size_t> targets;
                        double sum = 0;
                        for (std::size_t j = i + 1; j < tokens.size() && targets.size() < kSpread; ++j)
                            if (!leaves(j)) {
                                targets.push_back(j);
                                sum += sums[j];
                            }
                        EXPECT_EQ(kept->mergedInto[kept->index(layer, lane, tokens[i])],
                                  targets.empty() ? -1 : tokens[targets.front()]);
                        for (const std::size_t j : targets)
                            for (int c = 0; c < kShape.headDim; ++c)
                                slots[j].value[c] +=
                                    slots[i].value[c] * std::min(1.0, sums[i] * targets.size() / sum) / targets.size();
                        went += !targets.empty();
                    }
                    for (std::size_t i = tokens.size(); i-- > 0;)
                        if (leaves(i)) {
                            slots.erase(slots.begin() + static_cast<std::ptrdiff_t>(i));
                            tokens.erase(tokens.begin() + static_cast<std::ptrdiff_t>(i));
                            sums.erase(sums.begin() + static_cast<std::ptrdiff_t>(i));
                        }
                }
            }
        EXPECT_GT(went, 100) << line;
    }
}

/// Positions by slot once, at the prompt's end; the text goes on behind the last one, and what leaves later leaves a gap.
TEST_P(BothEngines, renumbersOnceAndThenCountsOn)
{
    for (const char* line : {"snapkv:budget=14,window=4,granularity=kv,positions=once", "h2o:budget=14,positions=once",
                             "tova:budget=14,positions=once,granularity=kv"}) {
        const auto kept = run(line);
        for (int layer = 0; layer < kept->layers; ++layer)
            for (int lane = 0; lane < kept->lanes; ++lane) {
                std::map<int, int> position;
                int next = 0;
                for (int token = 0; token < kPrompt; ++token)
                    if (kept->keeps(layer, lane, token, kPrompt - 1))
                        position[token] = next++;
                for (int t = kPrompt; t < kept->tokens; ++t) {
                    position[t] = next++;
                    std::vector<SlowSlot> slots;
                    for (int token = 0; token <= t; ++token)
                        if (kept->attends(layer, lane, token, t))
                            slots.push_back(
                                {keyOf(trace(), layer, lane, token, position.at(token)), valueOf(trace(), layer, lane, token)});
                    const double error = (slowError(trace(), layer, 2 * lane, t, position[t], slots, 0) +
                                          slowError(trace(), layer, 2 * lane + 1, t, position[t], slots, 0)) /
                                         2;
                    ASSERT_NEAR(kept->error[kept->index(layer, lane, t)], error, 2e-5 * (1 + error))
                        << line << " layer " << layer << " lane " << lane << " step " << t;
                }
            }
    }
}

TEST_P(BothEngines, renumberingOnceIsReassigningWhereNothingLeavesLater)
{
    const auto once = run("snapkv:budget=14,window=4,positions=once"),
               always = run("snapkv:budget=14,window=4,positions=reassign");
    EXPECT_EQ(once->evictStep, always->evictStep);
    for (std::size_t i = 0; i < once->error.size(); ++i)
        ASSERT_NEAR(once->error[i], always->error[i], 1e-6) << i;
    const auto kept = run("h2o:budget=14,positions=once", 0), keep = run("h2o:budget=14,positions=keep", 0);
    EXPECT_EQ(kept->error, keep->error); // without a prompt there is no such end
}

// --- worked examples ----------------------------------------------------------------------------------------------------------

// WE-ZM
TEST(MergedRows, weighWhatEachStandsFor)
{
    // Slot 0 stands for three tokens already, key 1 and value 2; slot 1 for one, key .5 and value 10.
    const float keys[] = {1.0F, .5F}, values[] = {2, 10};
    MergedRows rows(1, 1, 2);
    for (int slot = 0; slot < 2; ++slot)
        rows.append([&](int) { return &keys[slot]; }, [&](int) { return &values[slot]; });
    rows.apply({.from = 1, .into = 0, .keyStays = .75F, .keyComes = .25F, .valueStays = .75F, .valueComes = .25F});
    EXPECT_FLOAT_EQ(rows.key(0, 0)[0], .875F);
    EXPECT_FLOAT_EQ(rows.values(0)[0], 4.0F);
    EXPECT_NEAR(std::log(4.0), 1.3863, 1e-4);
    rows.erase(std::vector{1});
    EXPECT_EQ(rows.size(), 1u);
}

/// Slots that hold one token each and no vectors.
class BareSlots final : public LaneSlots {
public:
    const float* key(int, int) const override { return nullptr; }
    int tokens(int) const override { return 1; }
};

// WE-ZM, its runs of 3, 2 and 2
TEST(ZeroMerge, cutsWhatDoesNotStayIntoRuns)
{
    // Ten candidates, three stay for their scores; the other seven become three slots.
    const auto lane = zeroMergeSelector(3)->lane({}, 0);
    const std::vector<std::int32_t> positions{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10};
    const std::vector<double> scores{1, 9, 1, 1, 8, 1, 1, 1, 7, 1, 0};
    std::vector<int> victims;
    lane->choose({.step = 10, .positions = positions, .scores = scores, .begin = 0, .end = 10, .count = 4}, victims);
    EXPECT_THAT(victims, testing::ElementsAre(2, 3, 6, 9)); // runs 0 2 3, 5 6, 7 9
    std::vector<Merge> merges;
    lane->merges(BareSlots(), merges);
    ASSERT_EQ(merges.size(), 4u);
    EXPECT_EQ(merges[1].from, 3);
    EXPECT_EQ(merges[1].into, 0);
    EXPECT_FLOAT_EQ(merges[1].keyComes, 1.0F / 3);
}

TEST(CaM, aValueGoesByItsShareOfTheLargestNearby)
{
    const std::vector<double> attention{.2, .1, .4, .05, .3, .1};
    // t = 3: token 1 against tokens 0 (first), 1, 2; t = 4: token 2; t = 5: token 3 against 0, 3, 4.
    EXPECT_THAT(seepProbabilities(attention, 1, 2), testing::Pointwise(testing::DoubleNear(1e-12), {.25, 1.0, .05 / .3}));
}

TEST(CaM, aValueThatLeavesGoesByItsShareOfWhatStaysBehindIt)
{
    // kvpress, section 2.3: sums .2 .4 .1 .3; slot 1 leaves before (.1, .3), slot 2 before (.3).
    const std::vector<double> sums{.2, .4, .1, .3};
    std::vector<int> targets;
    EXPECT_EQ(leavingShare(sums, std::vector{1}, 1, 32, targets), 1);
    EXPECT_THAT(targets, testing::ElementsAre(2, 3));
    EXPECT_DOUBLE_EQ(leavingShare(sums, std::vector{2}, 2, 32, targets), .1 / .3);
    EXPECT_THAT(targets, testing::ElementsAre(3));
    EXPECT_DOUBLE_EQ(leavingShare(sums, std::vector{0, 1}, 0, 1, targets), 1); // .2 over .1, past slot 1 which leaves too
    EXPECT_THAT(targets, testing::ElementsAre(2));
    EXPECT_EQ(leavingShare(sums, std::vector{3}, 3, 32, targets), 0); // nothing stays behind the newest
    EXPECT_THAT(targets, testing::IsEmpty());
}

TEST(CaM, drawsAllOrNothingAlikeInEveryRun)
{
    const MemoryTrace trace(makeSynthetic(kShape));
    const ReplayOptions options{.device = "cpu"};
    const auto expected = replayOne(trace, "cam-decode:budget=12", options),
               drawn = replayOne(trace, "cam-decode:budget=12,draw=seeded", options),
               other = replayOne(trace, "cam-decode:budget=12,draw=seeded,seed=1", options);
    EXPECT_EQ(drawn->evictStep, expected->evictStep); // values do not choose
    EXPECT_EQ(drawn->error, replayOne(trace, "cam-decode:budget=12,draw=seeded", options)->error);
    EXPECT_NE(drawn->mergedInto, other->mergedInto);
    const auto went = [](const PolicyReplay& replay) {
        return std::count_if(replay.mergedInto.begin(), replay.mergedInto.end(), [](std::int32_t into) { return into >= 0; });
    };
    EXPECT_LT(went(*drawn), went(*expected));
    EXPECT_GT(went(*drawn), 0);
}

// WE-QUEST
TEST(Quest, boundsAPageByItsExtremes)
{
    const std::vector<float> queries{1, -1, /* and */ -2, 1};
    const std::vector<float> pages{/* most */ 3, 0, /* least */ 1, -2, /* most */ 2, 4, /* least */ -1, 1};
    std::vector<float> bounds(4);
    pageBounds(queries, 2, pages.data(), 2, bounds);
    EXPECT_THAT(bounds, testing::ElementsAre(5, 1, -2, 6));
}

TEST(Quest, keepsAllAndReadsNoMoreThanItsPages)
{
    const MemoryTrace trace(makeSynthetic(kShape));
    const auto kept = replayOne(trace, "quest:budget=16,page=4,dense=1", {.prompt = kPrompt, .device = "cpu"});
    EXPECT_THAT(kept->evictStep, testing::Each(-1));
    EXPECT_EQ(kept->choosesFrom, kPrompt); // 31 tokens in 8 pages, 4 of which are read
    for (int t = 0; t < kept->tokens; ++t) {
        EXPECT_EQ(kept->attendedCount(0, 2, t), t + 1);
        EXPECT_EQ(kept->occupancy[kept->index(1, 2, t)], t + 1);
        EXPECT_LE(kept->attendedCount(1, 2, t), t < kPrompt ? t + 1 : 16);
    }
    EXPECT_LT(kept->mass[kept->index(1, 2, 63)], 1);
    EXPECT_EQ(kept->mass[kept->index(0, 2, 63)], 1);
}

} // namespace
} // namespace winnow
