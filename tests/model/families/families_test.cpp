// SPDX-License-Identifier: GPL-3.0-or-later
// Every family and every rotary scaling against transformers: fixtures/model/make_families.py.
#include "core/io/json.h"
#include "core/model/run/value_output_norm.h"
#include "tests/model/forward_keeper.h"
#include "tests/support/temporary_folder.h"

#include <gmock/gmock.h>

namespace winnow {
namespace {

using testing_support::TemporaryFolder;

class EveryFamily : public testing::TestWithParam<const char*> {};

TEST_P(EveryFamily, givesTheLogitsAndHiddenStatesOfTransformers)
{
    const std::string name = GetParam();
    const auto model = loaded(modelFixture(name));
    ASSERT_TRUE(model);
    Keeper keeper;
    const auto done = model->forward(fixtureTokens(name), 1000, keeper, {});
    ASSERT_TRUE(done) << done.error().message;
    EXPECT_LT(distance(keeper.logits(), fixtureTensor(name, "logits")), 2e-5);
    for (int l = 0; l < model->config().layers; ++l)
        EXPECT_LT(distance(keeper.hidden(static_cast<std::size_t>(l)), fixtureTensor(name, fmt::format("hidden.{}", l))), 2e-5)
            << l;
}

TEST_P(EveryFamily, recordsTheRowsOfTransformers)
{
    const std::string name = GetParam();
    const auto model = loaded(modelFixture(name));
    ASSERT_TRUE(model);
    Keeper keeper;
    ASSERT_TRUE(model->forward(fixtureTokens(name), 13, keeper, {}));
    for (int l = 0; l < model->config().layers; ++l) {
        const LayerRows rows = keeper.rows(static_cast<std::size_t>(l));
        const auto expected = [&](const char* what) { return fixtureTensor(name, fmt::format("{}.{}", what, l)); };
        EXPECT_LT(distance(rows.q, expected("q")), 2e-5) << l;
        EXPECT_LT(distance(rows.k, expected("k")), 2e-5) << l;
        EXPECT_LT(distance(rows.v, expected("v")), 2e-5) << l;
        EXPECT_LT(distance(rows.o, expected("o")), 2e-5) << l;
        EXPECT_LT((rows.lse - expected("lse")).abs().max().item<double>(), 2e-5) << l;
    }
}

TEST_P(EveryFamily, computesTheSameInChunksOfAnySize)
{
    const auto model = loaded(modelFixture(GetParam()));
    ASSERT_TRUE(model);
    const auto tokens = fixtureTokens(GetParam());
    Keeper whole;
    ASSERT_TRUE(model->forward(tokens, 1000, whole, {}));
    for (const int chunk : {1, 7}) {
        Keeper parts;
        ASSERT_TRUE(model->forward(tokens, chunk, parts, {}));
        EXPECT_LT(distance(parts.logits(), whole.logits()), 2e-5) << "chunk " << chunk;
        EXPECT_LT(distance(parts.rows(1).lse, whole.rows(1).lse), 2e-5) << "chunk " << chunk;
    }
}

INSTANTIATE_TEST_SUITE_P(Fixtures, EveryFamily,
                         testing::Values("mistral", "qwen2", "qwen3", "phi3", "gemma2", "gemma3", "gpt2", "gpt_neox", "smollm3",
                                         "olmo2", "olmo3", "granite", "phi", "stablelm", "ministral3", "gemma4"),
                         [](const auto& each) { return std::string(each.param); });

TEST(OutputProjections, withBiasesReachAsFarAsInTransformers)
{
    for (const std::string name : {"qwen2", "gpt2", "gpt_neox"}) {
        const auto model = loaded(modelFixture(name));
        ASSERT_TRUE(model);
        for (int l = 0; l < model->config().layers; ++l) {
            const at::Tensor norms =
                valueOutputNorm(fixtureTensor(name, fmt::format("v.{}", l)), model->outputProjection(Layer(l)).value());
            const at::Tensor expected = expectedTensor(modelFixture("vo_norms.safetensors"), fmt::format("{}.{}", name, l));
            EXPECT_LT(distance(norms, expected), 1e-5)
                << name << ", layer " << l; // 16 to 48 products of float32, and a bias taken off
        }
    }
}

/// Fixtures of which only the logits are known: the text parts of models that see pictures, and further forms of a family.
class EveryForm : public testing::TestWithParam<const char*> {};

TEST_P(EveryForm, givesTheLogitsOfTransformersInOneChunkAndInMany)
{
    const std::string name = GetParam();
    const auto model = loaded(modelFixture(name));
    ASSERT_TRUE(model);
    for (const int chunk : {1000, 17}) {
        Keeper keeper(false);
        const auto done = model->forward(fixtureTokens(name), chunk, keeper, {});
        ASSERT_TRUE(done) << done.error().message;
        EXPECT_LT(distance(keeper.logits(), fixtureTensor(name, "logits")), 2e-5) << "chunk " << chunk;
    }
}

INSTANTIATE_TEST_SUITE_P(Fixtures, EveryForm,
                         testing::Values("gemma3_pictures", "mistral3", "ministral3_pictures", "ministral", "qwen3_vl",
                                         "stablelm_parallel", "falcon", "falcon_two_norms", "falcon_one_norm", "falcon_serial",
                                         "gemma4_pictures", "gemma4_unified"),
                         [](const auto& each) { return std::string(each.param); });

std::filesystem::path variantsFile() { return modelFixture("variants.safetensors"); }

/// The weights of one fixture with another config.json.
void makeVariant(const TemporaryFolder& folder, const std::string& name)
{
    const auto variants = readJson(modelFixture("variants.json")).value();
    std::ofstream(folder / "config.json") << variants[name];
    std::filesystem::create_symlink(modelFixture(variants[name]["base"].get<std::string>()) / "model.safetensors",
                                    folder / "model.safetensors");
}

TEST(Variants, giveTheLogitsOfTransformersInOneChunkAndInMany)
{
    const auto variants = readJson(modelFixture("variants.json")).value();
    EXPECT_EQ(variants.size(), 18u);
    for (const auto& [name, config] : variants.items()) {
        const TemporaryFolder folder;
        makeVariant(folder, name);
        const auto model = loaded(folder.path());
        ASSERT_TRUE(model) << name;
        const auto tokens = tokenList(expectedTensor(variantsFile(), name + ".tokens"));
        for (const int chunk : {1000, 9}) {
            Keeper keeper(false);
            const auto done = model->forward(tokens, chunk, keeper, {});
            ASSERT_TRUE(done) << name << ": " << done.error().message;
            EXPECT_LT(distance(keeper.logits(), expectedTensor(variantsFile(), name + ".logits")), 2e-5)
                << name << ", chunk " << chunk;
        }
    }
}

TEST(LayerInfos, sayWhatTheLayersOfAModelDiffersIn)
{
    const auto info = [](const char* name, int layer) { return loaded(modelFixture(name))->layerInfo(Layer(layer), 40); };
    EXPECT_EQ(info("mistral", 1).window, 9);
    EXPECT_EQ(info("qwen2", 0).window, 0);
    EXPECT_EQ(info("qwen2", 1).window, 11);
    EXPECT_EQ(info("gemma2", 0).window, 7);
    EXPECT_EQ(info("gemma2", 1).window, 0);
    EXPECT_EQ(info("gemma2", 0).softcap, 4);
    EXPECT_FLOAT_EQ(info("gemma2", 0).scale, 1 / std::sqrt(10.0f));
    EXPECT_EQ(info("gemma3", 0).invFreq.size(), 6u);
    EXPECT_NE(info("gemma3", 0).invFreq, info("gemma3", 2).invFreq);
    EXPECT_TRUE(info("gpt2", 0).invFreq.empty());
    EXPECT_FLOAT_EQ(info("gpt2", 1).scale, info("gpt2", 0).scale / 2);
    EXPECT_EQ(info("gpt_neox", 0).invFreq.size(), 2u); // a quarter of 16 numbers
    EXPECT_EQ(info("phi3", 0).invFreq.size(), 3u);
    EXPECT_EQ(info("smollm3", 2).invFreq.size(), 4u);
    EXPECT_TRUE(info("smollm3", 3).invFreq.empty());
    EXPECT_EQ(info("olmo3", 0).window, 9);
    EXPECT_EQ(info("olmo3", 0).rotaryScale, 1);
    EXPECT_GT(info("olmo3", 1).rotaryScale, 1.1f); // yarn, of the layers that see everything
    EXPECT_FLOAT_EQ(info("granite", 0).scale, 0.25f);
    EXPECT_EQ(info("phi", 0).invFreq.size(), 2u); // half of a head
    EXPECT_EQ(info("gemma4", 0).window, 7);
    EXPECT_EQ(std::tuple(info("gemma4", 0).headDim, info("gemma4", 1).headDim), std::tuple(8, 16));
    EXPECT_EQ(std::tuple(info("gemma4_pictures", 0).keyHeads, info("gemma4_pictures", 1).keyHeads), std::tuple(2, 1));
    EXPECT_EQ(info("gemma4", 1).scale, 1);
    EXPECT_THAT(info("gemma4", 3).invFreq, testing::ElementsAre(1, testing::Gt(0.F), 0, 0, 0, 0, 0, 0)); // a quarter turns
    EXPECT_GT(info("phi3", 0).rotaryScale, 1.1f);
    const auto phi = loaded(modelFixture("phi3"));
    EXPECT_NE(phi->layerInfo(Layer(0), 24).invFreq, phi->layerInfo(Layer(0), 25).invFreq); // short and long texts
}

TEST(LearnedPositions, endWhereTheModelsDo)
{
    const auto model = loaded(modelFixture("gpt2"));
    Keeper keeper;
    EXPECT_TRUE(model->forward(std::vector<std::int32_t>(48, 5), 16, keeper, {}));
    const auto done = model->forward(std::vector<std::int32_t>(49, 5), 16, keeper, {});
    ASSERT_FALSE(done);
    EXPECT_THAT(done.error().message, testing::HasSubstr("the text has 49 tokens, but the model has learned positions for 48"));
}

TEST(RunningText, continuesWhereItStood)
{
    const auto model = loaded(modelFixture("gemma3"));
    const auto tokens = fixtureTokens("gemma3");
    class Last final : public ForwardObserver {
    public:
        at::Tensor row;
        Result<void> layerRows(Layer, Position, const LayerRows&) override { return {}; }
        Result<void> logits(Position begin, const at::Tensor& logits) override
        {
            EXPECT_EQ(logits.size(0), 1);
            place = raw(begin);
            row = logits[0].clone();
            return {};
        }
        bool wantsLayerRows() const override { return false; }
        bool wantsAllLogits() const override { return false; }
        int place = -1;
    } last;
    const at::Tensor expected = fixtureTensor("gemma3", "logits");
    const auto text = model->begin(static_cast<int>(tokens.size())).value();
    ASSERT_TRUE(text->advance(std::span(tokens).first(20), 8, last, {}));
    EXPECT_EQ(last.place, 19);
    for (std::size_t t = 20; t < tokens.size(); ++t) {
        ASSERT_TRUE(text->advance(std::span(tokens).subspan(t, 1), 1, last, {}));
        EXPECT_EQ(text->length(), static_cast<int>(t) + 1);
        EXPECT_LT(distance(last.row, expected[static_cast<std::int64_t>(t)]), 4e-5)
            << t; // a row's largest, not the largest of all
    }
}

} // namespace
} // namespace winnow
