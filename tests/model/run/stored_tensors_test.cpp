// SPDX-License-Identifier: GPL-3.0-or-later
// What a model does with tensors that its config.json does not expect: tied matrices, and tensors that nothing reads.
#include "core/model/families/read_config.h"
#include "core/model/run/unread_tensors.h"
#include "core/model/session/record.h"
#include "tests/model/edited_weights.h"
#include "tests/model/forward_keeper.h"

#include <gmock/gmock.h>

namespace winnow {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing_support::TemporaryFolder;

at::Tensor logitsOf(const std::filesystem::path& folder)
{
    const auto model = loaded(folder);
    Keeper keeper(false);
    EXPECT_TRUE(model && model->forward(fixtureTokens("tied"), 1000, keeper, {}));
    return keeper.logits();
}

std::vector<std::string> unreadOf(const std::filesystem::path& folder)
{
    const auto names = unreadTensors(folder, readModelConfig(folder).value());
    EXPECT_TRUE(names) << names.error().message;
    return names.value_or(std::vector<std::string>{});
}

constexpr const char *kEmbedding = "model.embed_tokens.weight", *kOutput = "lm_head.weight";

TEST(TiedMatrices, mayBeStoredUnderTheNameOfEither)
{
    const TemporaryFolder folder;
    const auto model = editedModel(folder, "tied", [](StoredWeights& weights) { weights.rename(kEmbedding, kOutput); });
    EXPECT_LT(distance(logitsOf(model), fixtureTensor("tied", "logits")), 2e-5);
    EXPECT_THAT(unreadOf(model), ElementsAre());
}

TEST(TiedMatrices, areOneWhereBothAreStoredAndEqual)
{
    const TemporaryFolder folder;
    const auto model = editedModel(folder, "tied", [](StoredWeights& weights) { weights.copy(kEmbedding, kOutput); });
    EXPECT_LT(distance(logitsOf(model), fixtureTensor("tied", "logits")), 2e-5);
    EXPECT_THAT(unreadOf(model), ElementsAre());
}

TEST(TiedMatrices, areTwoWhereTheFileHoldsAnOutputMatrixOfItsOwn)
{
    const TemporaryFolder folder;
    const auto model = editedModel(folder, "tied", [](StoredWeights& weights) {
        weights.copy(kEmbedding, kOutput);
        for (int i = 0; i < 64; ++i) // far enough from the embedding to be seen
            weights.data[weights.data.size() - 2 * static_cast<std::size_t>(i) - 1] ^= 0x0c;
    });
    EXPECT_GT(distance(logitsOf(model), fixtureTensor("tied", "logits")), 1e-2);
}

TEST(UnreadTensors, areNamedUnlessTheyChangeNothing)
{
    const TemporaryFolder folder;
    const std::string norm = "model.layers.1.self_attn.q_norm.weight";
    const auto model = editedModel(folder, "tied", [&](StoredWeights& weights) {
        for (const char* name : {"model.layers.0.self_attn.rotary_emb.inv_freq", "transformer.h.0.attn.masked_bias",
                                 "model.vision_tower.embeddings.weight"})
            weights.copy("model.norm.weight", name);
        weights.copy("model.norm.weight", norm);
    });
    EXPECT_THAT(unreadOf(model), ElementsAre(norm));
    EXPECT_THAT(unreadWarning({norm}),
                HasSubstr("hold 1 tensor that nothing reads: 'model.layers.1.self_attn.q_norm.weight'; if"));
    EXPECT_THAT(unreadWarning({"a", "b", "c", "d"}), HasSubstr("hold 4 tensors that nothing reads: 'a', 'b', 'c', …; if"));
    EXPECT_EQ(unreadWarning({}), "");
}

TEST(UnreadTensors, areNotTheKeysOfALayerThatTakesThoseOfAnother) // which files of Gemma 4 hold, unused
{
    const TemporaryFolder folder;
    const auto model = editedModel(folder, "gemma4", [](StoredWeights& weights) {
        weights.copy("model.layers.0.self_attn.k_proj.weight", "model.layers.2.self_attn.k_proj.weight");
        weights.copy("model.layers.0.self_attn.k_norm.weight", "model.layers.2.self_attn.k_norm.weight");
        weights.copy("model.layers.0.self_attn.k_norm.weight", "model.layers.0.self_attn.v_norm.weight");
    });
    EXPECT_THAT(unreadOf(model), ElementsAre("model.layers.0.self_attn.v_norm.weight"));
}

TEST(UnreadTensors, areWarnedOfBeforeARecording)
{
    const TemporaryFolder folder;
    const auto edited = editedModel(folder, demoModel().string(), [](StoredWeights& weights) {
        weights.copy("model.norm.weight", "model.layers.0.mlp.gate_proj.lora_A");
    });
    std::vector<std::string> warnings;
    const auto plan = record({.model = edited, .text = "Once upon a time", .out = folder / "t.h5"},
                             {.planned = [&](const RecordPlan& plan) { warnings = plan.warnings; }}, {});
    ASSERT_TRUE(plan) << plan.error().message;
    EXPECT_THAT(warnings, ElementsAre(HasSubstr("'model.layers.0.mlp.gate_proj.lora_A'")));
}

TEST(UnreadTensors, areNoneInTheModelsOfEveryFamily)
{
    for (const char* name : {"plain",
                             "sharded",
                             "mistral",
                             "qwen2",
                             "qwen3",
                             "phi3",
                             "gemma2",
                             "gemma3",
                             "gemma3_pictures",
                             "gpt2",
                             "gpt_neox",
                             "smollm3",
                             "olmo2",
                             "olmo3",
                             "granite",
                             "phi",
                             "stablelm",
                             "stablelm_parallel",
                             "ministral3",
                             "ministral3_pictures",
                             "ministral",
                             "mistral3",
                             "qwen3_vl",
                             "falcon",
                             "falcon_two_norms",
                             "falcon_one_norm",
                             "falcon_serial",
                             "gemma4",
                             "gemma4_pictures",
                             "gemma4_unified"})
        EXPECT_THAT(unreadOf(modelFixture(name)), ElementsAre()) << name;
    for (const char* name :
         {"llama",    "llama3",           "mistral", "qwen2",          "qwen3",   "phi3", "gemma2",   "gemma3",     "gpt2",
          "gpt_neox", "smollm3",          "olmo2",   "olmo3",          "granite", "phi",  "stablelm", "ministral3", "qwen3_vl",
          "falcon",   "falcon_two_norms", "gemma4",  "gemma4_pictures"})
        EXPECT_THAT(unreadOf(std::filesystem::path(WINNOW_FIXTURES) / "gguf" / (std::string(name) + ".gguf")), ElementsAre())
            << name;
}

} // namespace
} // namespace winnow
