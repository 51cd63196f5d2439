// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/evaluate/closed_loop.h"

#include "core/replay/replay.h"
#include "tests/evaluate/small_models.h"

#include <gmock/gmock.h>

#include <cmath>

namespace winnow {
namespace {

std::vector<float> logprobsOf(const at::Tensor& logits, const std::vector<std::int32_t>& tokens)
{
    const at::Tensor log = logits.to(at::kDouble).log_softmax(1);
    std::vector<float> values{std::numeric_limits<float>::quiet_NaN()};
    for (std::size_t t = 1; t < tokens.size(); ++t)
        values.push_back(log[static_cast<std::int64_t>(t) - 1][tokens[t]].item<float>());
    return values;
}

/// The largest difference from entry 1 on.
double furthest(const std::vector<float>& a, const std::vector<float>& b)
{
    double most = 0;
    for (std::size_t i = 1; i < a.size(); ++i)
        most = std::max(most, std::abs(static_cast<double>(a[i]) - b[i]));
    return most;
}

/// Of a sliding window the plain cache holds what nobody attends to any more, so that its rows lie elsewhere in memory; by that,
/// BLAS libraries may round in other ways where rows are shorter than what a processor loads at once, as here.
bool slides(const Transformer& model)
{
    return std::ranges::any_of(model.config().perLayer, [](const LayerConfig& layer) { return layer.window > 0; });
}

class ClosedLoopOfAFamily : public testing::TestWithParam<std::string> {};

TEST_P(ClosedLoopOfAFamily, underFullIsThePlainCacheBitForBit)
{
    const auto model = smallModel(GetParam());
    const auto tokens = randomText(40);
    const float most = slides(*model) ? 1e-5F : 0;
    for (const int prompt : {0, 1, 23, 40}) {
        const auto result = ran(*model, tokens, {"full"}, {.prompt = prompt, .chunk = 7});
        ASSERT_TRUE(result);
        const PolicyReplay& full = *result->policies.front();
        for (std::size_t t = 1; t < tokens.size(); ++t) {
            ASSERT_NEAR(full.run.logprob[t], result->logprob[t], most) << "token " << t << ", prompt " << prompt;
            if (static_cast<int>(t) > prompt) {
                ASSERT_LE(full.run.kl[t], most) << "token " << t << ", prompt " << prompt;
                ASSERT_EQ(full.run.agrees[t], 1);
            }
        }
        EXPECT_THAT(std::vector<float>(full.error.begin(), full.error.end()), testing::Each(testing::Le(10 * most)));
        EXPECT_THAT(std::vector<float>(full.mass.begin(), full.mass.end()), testing::Each(1.0F));
        EXPECT_LT(furthest(full.run.logprob, logprobsOf(PlainPass(*model, tokens, 40).allLogits, tokens)), 2e-5);
    }
}

INSTANTIATE_TEST_SUITE_P(Families, ClosedLoopOfAFamily,
                         testing::Values("llama3", "gemma2", "gemma3", "mistral", "gpt2", "falcon", "qwen3", "gemma4"));

TEST(ClosedLoop, readsAPromptInChunksOrTokenByToken)
{
    const auto model = smallModel("gemma3"); // two layers of a sliding window and one without
    const auto tokens = randomText(48);
    const std::vector<std::string> lines{"h2o:budget=10", "tova:budget=8", "snapkv:budget=12,window=4,kernel=3",
                                         "streaming:budget=9,sinks=2", "treekv:budget=10,sinks=2,recent=2"};
    const auto chunks = ran(*model, tokens, lines, {.prompt = 30, .chunk = 12});
    const auto single = ran(*model, tokens, lines, {.prompt = 30, .chunk = 1});
    for (std::size_t p = 0; p < lines.size(); ++p) {
        EXPECT_EQ(chunks->policies[p]->evictStep, single->policies[p]->evictStep) << lines[p];
        EXPECT_LT(furthest(chunks->policies[p]->run.logprob, single->policies[p]->run.logprob), 2e-5) << lines[p];
    }
}

TEST(ClosedLoop, ofPositionModesAgreesUntilTheFirstEviction)
{
    const auto model = smallModel("llama3");
    const auto tokens = randomText(40);
    const auto result = ran(*model, tokens,
                            {"streaming:budget=12,sinks=2,positions=keep", "streaming:budget=12,sinks=2,positions=reassign",
                             "knorm:budget=12,positions=keep", "knorm:budget=12,positions=once"},
                            {.prompt = 20});
    const auto same = [&](std::size_t a, std::size_t b, std::size_t first, std::size_t last) {
        double most = 0;
        for (std::size_t t = first; t < last; ++t)
            most = std::max(
                most, std::abs(static_cast<double>(result->policies[a]->run.logprob[t]) - result->policies[b]->run.logprob[t]));
        return most;
    };
    for (const std::size_t first : {0U, 2U}) {
        EXPECT_LT(same(first, first + 1, 1, 21), 2e-5) << "nothing had left before step 20";
        EXPECT_GT(same(first, first + 1, 21, 40), 1e-3) << "and then positions matter";
    }
}

/// What every layer hands to the next one, [layers] of [T, hidden].
class HiddenStates final : public ForwardObserver {
public:
    HiddenStates(const Transformer& model, const std::vector<std::int32_t>& tokens)
    {
        const c10::InferenceMode inference;
        EXPECT_TRUE(model.forward(tokens, static_cast<int>(tokens.size()), *this, {}));
    }
    Result<void> layerRows(Layer, Position, const LayerRows&) override { return {}; }
    Result<void> logits(Position, const at::Tensor&) override { return {}; }
    Result<void> hiddenState(Layer, Position, const at::Tensor& x) override
    {
        layers.push_back(x.clone());
        return {};
    }
    bool wantsLayerRows() const override { return false; }
    std::vector<at::Tensor> layers;
};

TEST(ClosedLoop, comparesHiddenStatesWithTheFullCaches)
{
    // The policy of a recent window makes of a model without a sliding window the same model with one.
    const auto sliding = smallModel("mistral");
    const auto whole = changedModel("mistral", [](auto& config) { config["sliding_window"] = nullptr; });
    const auto tokens = randomText(40);
    const HiddenStates under(*sliding, tokens), full(*whole, tokens);
    const int window = sliding->config().perLayer[0].window;
    ASSERT_EQ(window, 9);
    for (const int prompt : {0, 7}) {
        const auto run = ran(*whole, tokens, {"window:budget=8,positions=keep", "full"}, {.prompt = prompt, .chunk = 4});
        const std::vector<float>& errors = run->policies[0]->run.hiddenError;
        ASSERT_EQ(errors.size(), 80U);
        for (std::int64_t layer = 0; layer < 2; ++layer)
            for (std::int64_t t = 0; t < 40; ++t) {
                const auto at = static_cast<std::size_t>(layer);
                const at::Tensor h = full.layers[at][t], s = under.layers[at][t];
                const double expected = ((s - h).norm() / h.norm()).item<double>();
                ASSERT_NEAR(errors[at * 40 + static_cast<std::size_t>(t)], expected, 1e-5) << "layer " << layer << ", step " << t;
            }
        EXPECT_GT(errors[79], 0.01) << "and something was lost";
        EXPECT_THAT(run->policies[1]->run.hiddenError, testing::Each(testing::Le(1e-6F)));
    }
}

TEST(ClosedLoop, ofOneLayerIsItsReplay)
{
    // What a layer decides hangs on its own queries, keys and values, and those of the first layer on the tokens alone.
    const auto model = firstLayerOf("llama3");
    const auto tokens = randomText(60);
    const PlainPass plain(*model, tokens);
    const testing_support::MemoryTrace trace(plain.trace);
    std::vector<std::string> lines;
    for (const PolicyInfo& info : policyCatalog()) {
        const PolicySpec spec = parsePolicySpec(std::string(info.name)).value();
        const bool reads = std::ranges::any_of(info.parameters, [](const auto& p) { return p.kind == ParameterKind::File; });
        if (info.oracle || reads || info.needsValueOutputNorm || spec.value("budget").empty())
            continue;
        lines.push_back(fmt::format("{}:budget=24", info.name));
    }
    ASSERT_GT(lines.size(), 20U);
    lines.insert(lines.end(), {"treekv:budget=24,block=4", "treekv:budget=24,sinks=2,recent=3,block=7"});
    std::vector<PolicySpec> specs;
    for (std::string& line : lines) {
        if (!checkSpec(parsePolicySpec(line).value(), 60, 40))
            line = line.substr(0, line.find(':')) + ":budget=36";
        if (!checkSpec(parsePolicySpec(line).value(), 60, 40)) {
            ADD_FAILURE() << line << ": " << checkSpec(parsePolicySpec(line).value(), 60, 40).error().message;
            return;
        }
        specs.push_back(parsePolicySpec(line).value());
    }
    const auto run = ran(*model, tokens, lines, {.prompt = 40, .chunk = 16});
    ASSERT_TRUE(run);
    const auto replayed = replay(trace, specs, {.prompt = 40, .device = "cpu", .oracle = false}, {}).value();
    for (std::size_t p = 0; p < lines.size(); ++p) {
        const PolicyReplay &closed = *run->policies[p], &open = *replayed->policies[p];
        EXPECT_EQ(closed.evictStep, open.evictStep) << lines[p];
        EXPECT_EQ(closed.occupancy, open.occupancy) << lines[p];
        EXPECT_EQ(closed.mergedInto, open.mergedInto) << lines[p];
        EXPECT_EQ(closed.read, open.read) << lines[p];
        EXPECT_EQ(closed.choosesFrom, open.choosesFrom) << lines[p];
        for (std::size_t i = 0; i < closed.mass.size(); ++i) {
            ASSERT_NEAR(closed.mass[i], open.mass[i], 2e-5) << lines[p] << " at " << i;
            ASSERT_NEAR(closed.error[i], open.error[i], 1e-4) << lines[p] << " at " << i;
        }
    }
}

} // namespace
} // namespace winnow
