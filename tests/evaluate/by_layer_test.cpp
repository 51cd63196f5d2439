// SPDX-License-Identifier: GPL-3.0-or-later
// A prompt that is read layer by layer: what it computes, what is chosen at its end, and what its cache takes meanwhile.
#include "core/replay/replay.h"
#include "tests/evaluate/small_models.h"

#include <gmock/gmock.h>

namespace winnow {
namespace {

/// Everything that a pass shows, laid together.
class Heard final : public ForwardObserver {
public:
    Result<void> layerRows(Layer layer, Position, const LayerRows& rows) override
    {
        rowsOf.resize(std::max(rowsOf.size(), static_cast<std::size_t>(raw(layer)) + 1));
        rowsOf[static_cast<std::size_t>(raw(layer))].push_back(at::cat({rows.q, rows.o}, 0).clone());
        return {};
    }
    Result<void> logits(Position, const at::Tensor& rows) override
    {
        said.push_back(rows.clone());
        return {};
    }
    std::vector<std::vector<at::Tensor>> rowsOf;
    std::vector<at::Tensor> said;
};

class ByLayer : public testing::TestWithParam<std::string> {};

TEST_P(ByLayer, isTheChunksPassBitForBit)
{
    const auto model = smallModel(GetParam());
    const auto tokens = randomText(41);
    Heard chunks, layers;
    const auto first = model->begin(42).value(), second = model->begin(42).value();
    ASSERT_TRUE(first->advance(std::span(tokens).first(40), 7, chunks, {}));
    ASSERT_TRUE(second->advanceByLayer(std::span(tokens).first(40), 7, layers, {}));
    EXPECT_EQ(second->length(), 40);
    ASSERT_TRUE(first->advance(std::span(tokens).last(1), 7, chunks, {})); // and goes on
    ASSERT_TRUE(second->advance(std::span(tokens).last(1), 7, layers, {}));
    EXPECT_TRUE(at::equal(at::cat(chunks.said), at::cat(layers.said)));
    for (std::size_t layer = 0; layer < chunks.rowsOf.size(); ++layer)
        EXPECT_TRUE(at::equal(at::cat(chunks.rowsOf[layer], 1), at::cat(layers.rowsOf[layer], 1))) << "layer " << layer;
}

INSTANTIATE_TEST_SUITE_P(Families, ByLayer,
                         testing::Values("llama3", "gemma2", "gemma3", "mistral", "gpt2", "falcon", "qwen3", "gemma4"));

const std::vector<std::string> kAtPromptEnd{"snapkv:budget=12,window=4,kernel=3",
                                            "pyramidkv:budget=12,window=4,kernel=3",
                                            "dynamickv:budget=12,window=4,kernel=3,ratio=2,every=2",
                                            "cake:budget=12,window=4",
                                            "adakv:budget=12,window=4,kernel=3",
                                            "treekv:budget=12,sinks=2,recent=2,block=2",
                                            "treekv:budget=12,sinks=2,recent=2,block=5",
                                            "knorm:budget=12"};

TEST(PromptByLayer, choosesWhatTheReplayChooses)
{
    // Until its end a prompt is read with full attention, so that layers above the first see what the recording holds, too.
    for (const char* name : {"llama3", "gemma3"}) {
        const auto model = smallModel(name);
        const auto tokens = randomText(50);
        const PlainPass plain(*model, tokens, 9);
        std::vector<PolicySpec> specs;
        for (const std::string& line : kAtPromptEnd)
            specs.push_back(parsePolicySpec(line).value());
        const testing_support::MemoryTrace trace(plain.trace);
        const auto replayed = replay(trace, specs, {.prompt = 50, .device = "cpu", .oracle = false}, {}).value();
        for (const bool full : {true, false}) {
            const auto run = ran(*model, tokens, kAtPromptEnd, {.prompt = 50, .chunk = 9, .full = full});
            for (std::size_t p = 0; p < specs.size(); ++p) {
                EXPECT_EQ(run->policies[p]->evictStep, replayed->policies[p]->evictStep) << name << ", " << kAtPromptEnd[p];
                EXPECT_EQ(run->policies[p]->budgets, replayed->policies[p]->budgets) << name << ", " << kAtPromptEnd[p];
            }
        }
    }
}

/// Bytes of so many slots in every lane of every layer.
double bytesOf(const ReplayResult& run, const PolicyReplay& policy, double slots)
{
    double bytes = 0;
    for (const int each : run.slotBytes)
        bytes += slots * policy.lanes * each;
    return bytes;
}

double most(const std::vector<std::int64_t>& bytes, std::size_t from)
{
    return static_cast<double>(*std::max_element(bytes.begin() + static_cast<std::ptrdiff_t>(from), bytes.end()));
}

TEST(PromptByLayer, holdsOneLayerWholeAtATime)
{
    const auto model = smallModel("llama3");
    ASSERT_GT(model->config().layers, 1);
    std::vector<std::string> lines = kAtPromptEnd;
    lines.insert(lines.end(), {"h2o:budget=12", "tova:budget=12", "streaming:budget=12,sinks=2", "window:budget=12"});
    const auto run = ran(*model, randomText(260), lines, {.prompt = 250, .chunk = 32});
    for (std::size_t p = 0; p < lines.size(); ++p) {
        const PolicyReplay& policy = *run->policies[p];
        const double whole = 250.0 * policy.lanes * run->slotBytes[0];
        const double kept = static_cast<double>(cacheBytes(*run, policy, Step(249)).logical);
        EXPECT_GE(most(policy.run.takenBytes, 0), whole) << lines[p];
        EXPECT_LE(most(policy.run.takenBytes, 0), 1.1 * (whole + kept)) << lines[p];
        EXPECT_LE(most(policy.run.takenBytes, 250), 1.1 * (kept + bytesOf(*run, policy, 10)) + bytesOf(*run, policy, 1))
            << lines[p];
    }
}

TEST(ClosedLoop, neverTakesMoreThanATenthBeyondItsBudget)
{
    const auto model = smallModel("llama3");
    const std::vector<std::string> lines{"window:budget=40",       "streaming:budget=40", "h2o:budget=40",
                                         "tova:budget=40",         "treekv:budget=40",    "knorm:budget=40",
                                         "rkv:budget=40,window=4", "zeromerge:budget=40"};
    std::vector<std::string> atSteps;
    for (const std::string& line : lines) // not those that need a prompt
        if (checkSpec(parsePolicySpec(line).value(), 200, 0))
            atSteps.push_back(line);
    ASSERT_GE(atSteps.size(), 6U);
    const auto run = ran(*model, randomText(200), atSteps);
    for (std::size_t p = 0; p < atSteps.size(); ++p) {
        const PolicyReplay& policy = *run->policies[p];
        const int spare = std::max(0, static_cast<int>(recipeOf(policy.spec).every) - 1); // slots between two choices
        EXPECT_LE(most(policy.run.takenBytes, 0), 1.1 * bytesOf(*run, policy, 40 + spare)) << atSteps[p];
        EXPECT_GE(most(policy.run.takenBytes, 0), bytesOf(*run, policy, 40)) << atSteps[p];
    }
}

} // namespace
} // namespace winnow
