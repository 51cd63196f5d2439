// SPDX-License-Identifier: GPL-3.0-or-later
// The slow obvious closed loop: a cache that holds a list of tokens per KV head and computes everything anew at every step.
#include "tests/evaluate/small_models.h"

#include "core/evaluate/evicting_cache.h"

#include <cmath>
#include <numeric>

namespace winnow {
namespace {

/// Who leaves a list of `tokens` whose attention rows were added up in `received`; −1 = nobody yet.
using Rule = std::function<int(const std::vector<int>& tokens, const std::vector<double>& received)>;

class PlainCache final : public LayerCache {
public:
    PlainCache(const Transformer& model, int tokens, Rule rule, bool bySlot) : m_rule(std::move(rule)), m_bySlot(bySlot)
    {
        for (int layer = 0; layer < model.config().layers; ++layer)
            m_layers.push_back({.info = model.layerInfo(Layer(layer), tokens)});
    }
    void append(int layer, const CacheRows& rows) override
    {
        Held& held = m_layers[static_cast<std::size_t>(layer)];
        held.lanes.resize(static_cast<std::size_t>(rows.keys.size(0)));
        for (std::size_t lane = 0; lane < held.lanes.size(); ++lane) {
            held.lanes[lane].tokens.push_back(m_step);
            held.lanes[lane].received.push_back(0);
            held.lanes[lane].keys.push_back(rows.keys[static_cast<std::int64_t>(lane)][0].to(at::kDouble));
            held.lanes[lane].values.push_back(rows.values[static_cast<std::int64_t>(lane)][0].to(at::kDouble));
        }
    }
    AttentionResult attend(int layer, const CacheRows& rows, const AttentionRule& rule, bool) override
    {
        Held& held = m_layers[static_cast<std::size_t>(layer)];
        const std::int64_t heads = rows.queries.size(0), group = heads / static_cast<std::int64_t>(held.lanes.size());
        at::Tensor output = at::empty(rows.queries.sizes(), rows.queries.options());
        for (std::size_t number = 0; number < held.lanes.size(); ++number) {
            Lane& lane = held.lanes[number];
            std::vector<at::Tensor> keys;
            for (std::size_t slot = 0; slot < lane.keys.size(); ++slot)
                keys.push_back(turned(held.info, lane.keys[slot], m_bySlot ? static_cast<int>(slot) : lane.tokens[slot]));
            const int position = m_bySlot ? static_cast<int>(keys.size()) - 1 : m_step;
            for (std::int64_t head = static_cast<std::int64_t>(number) * group;
                 head < (static_cast<std::int64_t>(number) + 1) * group; ++head) {
                const at::Tensor query = turned(held.info, rows.queries[head][0].to(at::kDouble), position);
                const at::Tensor row = (at::mv(at::stack(keys), query) * rule.scale).softmax(0);
                output[head][0] = at::mv(at::stack(lane.values).t(), row);
                for (std::size_t slot = 0; slot < keys.size(); ++slot)
                    lane.received[slot] += row[static_cast<std::int64_t>(slot)].item<double>() / static_cast<double>(group);
            }
            if (const int victim = m_rule(lane.tokens, lane.received); victim >= 0) {
                lane.tokens.erase(lane.tokens.begin() + victim);
                lane.received.erase(lane.received.begin() + victim);
                lane.keys.erase(lane.keys.begin() + victim);
                lane.values.erase(lane.values.begin() + victim);
            }
        }
        return {.output = output};
    }
    void settle(int) override { ++m_step; }

private:
    struct Lane {
        std::vector<int> tokens;
        std::vector<double> received;
        std::vector<at::Tensor> keys, values;
    };
    struct Held {
        LayerInfo info;
        std::vector<Lane> lanes;
    };

    static at::Tensor turned(const LayerInfo& info, const at::Tensor& row, int position)
    {
        const auto pairs = static_cast<std::int64_t>(info.invFreq.size());
        at::Tensor out = row.clone();
        for (std::int64_t pair = 0; pair < pairs; ++pair) {
            const double angle = position * static_cast<double>(info.invFreq[static_cast<std::size_t>(pair)]);
            const double a = row[pair].item<double>(), b = row[pair + pairs].item<double>();
            out[pair] = (a * std::cos(angle) - b * std::sin(angle)) * info.rotaryScale;
            out[pair + pairs] = (b * std::cos(angle) + a * std::sin(angle)) * info.rotaryScale;
        }
        return out;
    }

    Rule m_rule;
    bool m_bySlot;
    int m_step = 0;
    std::vector<Held> m_layers;
};

std::vector<double> lossesOf(const Transformer& model, const std::vector<std::int32_t>& tokens, Rule rule, bool bySlot)
{
    const c10::InferenceMode inference;
    const int n = static_cast<int>(tokens.size());
    const auto text = model.begin(n, std::make_unique<PlainCache>(model, n, std::move(rule), bySlot)).value();
    std::vector<double> losses{0};
    for (int step = 0; step + 1 < n; ++step) {
        struct Last final : ForwardObserver {
            Result<void> layerRows(Layer, Position, const LayerRows&) override { return {}; }
            Result<void> logits(Position, const at::Tensor& rows) override
            {
                row = rows[0].to(at::kDouble).log_softmax(0);
                return {};
            }
            bool wantsLayerRows() const override { return false; }
            at::Tensor row;
        } last;
        EXPECT_TRUE(text->advance(std::span(tokens).subspan(static_cast<std::size_t>(step), 1), 1, last, {}));
        losses.push_back(-last.row[tokens[static_cast<std::size_t>(step) + 1]].item<double>());
    }
    return losses;
}

void expectLosses(const PolicyReplay& policy, const std::vector<double>& losses)
{
    for (std::size_t t = 1; t < losses.size(); ++t)
        ASSERT_NEAR(-policy.run.logprob[t], losses[t], 1e-4) << policy.spec.canonical() << ", token " << t;
}

/// Sinks stay, and the newest.
int oldestBehind(int sinks, int budget, const std::vector<int>& tokens)
{
    return static_cast<int>(tokens.size()) > budget ? sinks : -1;
}

TEST(PlainLoop, ofStreamingLlmHasTheSameLossByTokenInBothWaysOfPositions)
{
    const auto model = smallModel("llama3");
    const auto tokens = randomText(44);
    const auto result =
        ran(*model, tokens,
            {"streaming:budget=12,sinks=4,positions=keep", "streaming:budget=12,sinks=4,positions=reassign", "window:budget=9"});
    const auto rule = [](const std::vector<int>& held, const std::vector<double>&) { return oldestBehind(4, 12, held); };
    expectLosses(*result->policies[0], lossesOf(*model, tokens, rule, false));
    // Their own protocol: token by token, the cache carried over, positions by slot, no reset.
    expectLosses(*result->policies[1], lossesOf(*model, tokens, rule, true));
    expectLosses(*result->policies[2],
                 lossesOf(
                     *model, tokens,
                     [](const std::vector<int>& held, const std::vector<double>&) { return oldestBehind(0, 9, held); }, false));
}

TEST(PlainLoop, ofHeavyHittersHasTheSameLossByToken)
{
    const auto tokens = randomText(40, 5);
    for (const char* name : {"llama3", "qwen3"}) {
        const auto model = smallModel(name);
        const auto result = ran(*model, tokens, {"h2o:budget=10,recent=4"});
        expectLosses(*result->policies[0],
                     lossesOf(
                         *model, tokens,
                         [](const std::vector<int>& held, const std::vector<double>& received) {
                             if (held.size() <= 10)
                                 return -1;
                             const auto end = received.end() - 4;
                             const double least = *std::min_element(received.begin(), end);
                             // of equal ones the newer leaves
                             return static_cast<int>(std::find(std::reverse_iterator(end), received.rend(), least).base() -
                                                     received.begin()) -
                                    1;
                         },
                         false));
    }
}

TEST(EvictingCache, losesNothingWithSlotsThatNobodyAttendsTo)
{
    // Keys of hidden tokens point away from every query, so far that their attention is zero in single precision.
    const c10::InferenceMode inference;
    constexpr int kTokens = 40, kHeads = 4, kKeyHeads = 2, kDim = 8;
    TraceInfo info;
    info.tokens.resize(kTokens);
    info.layers = {Layer{0}};
    info.layerInfo = {{.queryHeads = kHeads, .keyHeads = kKeyHeads, .headDim = kDim, .scale = 0.5F}};
    const PolicySpec spec = parsePolicySpec("tova:budget=8").value();
    const ReplayPlan plan = planRun(info, std::span(&spec, 1), {}).value();
    auto results = emptyResults(plan);
    RotaryTables tables(kTokens);
    EvictingCache cache({.plan = plan,
                         .policy = plan.policies[0],
                         .result = results[0],
                         .layers = info.layerInfo,
                         .tables = tables,
                         .full = nullptr});
    FullCache full(kTokens);
    at::manual_seed(3);
    for (int step = 0; step < kTokens; ++step) {
        CacheRows rows{.queries = at::randn({kHeads, 1, kDim}),
                       .keys = at::randn({kKeyHeads, 1, kDim}),
                       .values = at::randn({kKeyHeads, 1, kDim})};
        rows.queries.select(2, 0).fill_(1);
        rows.keys.select(2, 0).fill_(step % 8 == 0 ? 0 : -1000);
        rows.turnedQueries = rows.queries;
        rows.turnedKeys = rows.keys;
        const AttentionRule rule{.scale = 0.5};
        cache.append(0, rows);
        full.append(0, rows);
        const AttentionResult some = cache.attend(0, rows, rule, true), all = full.attend(0, rows, rule, true);
        EXPECT_TRUE(at::allclose(some.output, all.output, 1e-6, 1e-6)) << "step " << step;
        EXPECT_TRUE(at::allclose(some.lse, all.lse, 1e-6, 1e-6)) << "step " << step;
        cache.settle(1);
        full.settle(1);
    }
    EXPECT_EQ(results[0].occupancy[results[0].index(0, 0, kTokens - 1)], 8);
    EXPECT_LE(cache.cost().peakBytes, cache.cost().bytesInUse * 9 / 8) << "a ninth slot while a step attends";
}

} // namespace
} // namespace winnow
