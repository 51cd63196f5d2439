// SPDX-License-Identifier: GPL-3.0-or-later
// GGUF files as models, against the Hugging Face folders that they were made from: fixtures/gguf/make_models.py.
#include "core/io/gguf.h"
#include "core/io/json.h"
#include "core/model/config/gguf_config.h"
#include "core/model/config/model_folder.h"
#include "core/model/families/family.h"
#include "core/model/families/read_config.h"
#include "core/model/session/generate.h"
#include "core/trace/trace.h"
#include "tests/model/forward_keeper.h"
#include "tests/support/temporary_folder.h"

#include <gmock/gmock.h>

#include <fstream>

namespace winnow {
namespace {

using testing::HasSubstr;
using testing_support::TemporaryFolder;

std::filesystem::path ggufFixture(const std::string& name)
{
    return std::filesystem::path(WINNOW_FIXTURES) / "gguf" / (name + ".gguf");
}

/// The folder that a fixture was made from.
std::string folderOf(const std::string& name) { return name == "llama" ? "grouped" : name; }

class EveryGguf : public testing::TestWithParam<const char*> {};

TEST_P(EveryGguf, givesTheLogitsAndRowsOfTheFolder)
{
    const std::string name = GetParam();
    const TemporaryFolder temporary;
    const auto configs = readJson(std::filesystem::path(WINNOW_FIXTURES) / "gguf/configs.json").value();
    std::filesystem::path folder = modelFixture(folderOf(name));
    at::Tensor expected = fixtureTensor(folderOf(name), "logits");
    if (configs.contains(name)) { // the folder says what a GGUF file cannot
        std::ofstream(temporary / "config.json") << configs[name];
        std::filesystem::create_symlink(folder / "model.safetensors", temporary / "model.safetensors");
        folder = temporary.path();
        expected = expectedTensor(std::filesystem::path(WINNOW_FIXTURES) / "gguf/logits.safetensors", name);
    }
    const auto model = loaded(ggufFixture(name)), other = loaded(folder);
    ASSERT_TRUE(model && other);
    const auto tokens = fixtureTokens(folderOf(name));
    Keeper found, kept;
    const auto done = model->forward(tokens, 1000, found, {});
    ASSERT_TRUE(done) << done.error().message;
    ASSERT_TRUE(other->forward(tokens, 1000, kept, {}));
    EXPECT_LT(distance(found.logits(), expected), 2e-5);
    for (int l = 0; l < model->config().layers; ++l) {
        const LayerRows own = found.rows(static_cast<std::size_t>(l)), theirs = kept.rows(static_cast<std::size_t>(l));
        EXPECT_LT(distance(own.q, theirs.q), 2e-5) << l; // the order of a head's numbers is the folder's
        EXPECT_LT(distance(own.k, theirs.k), 2e-5) << l;
        EXPECT_LT(distance(own.v, theirs.v), 2e-5) << l;
        EXPECT_EQ(model->config().perLayer[static_cast<std::size_t>(l)], other->config().perLayer[static_cast<std::size_t>(l)]);
        const auto turns = model->layerInfo(Layer(l), 40).invFreq, same = other->layerInfo(Layer(l), 40).invFreq;
        ASSERT_EQ(turns.size(), same.size());
        for (std::size_t i = 0; i < turns.size(); ++i)
            EXPECT_NEAR(turns[i], same[i], same[i] * 1e-6F) << l << ", " << i;
    }
    const ModelConfig &a = model->config(), &b = other->config();
    EXPECT_TRUE(b.family->title.starts_with(a.family->title)) << a.family->title; // which may add that it is a part
    EXPECT_EQ(std::tuple(a.vocabulary, a.hidden, a.intermediate, a.layers, a.queryHeads, a.keyHeads, a.headDim),
              std::tuple(b.vocabulary, b.hidden, b.intermediate, b.layers, b.queryHeads, b.keyHeads, b.headDim));
    EXPECT_EQ(std::tuple(a.maxPositions, a.normEps, a.activation, a.tiedOutput, a.softcap, a.finalSoftcap, a.embeddingScale),
              std::tuple(b.maxPositions, b.normEps, b.activation, b.tiedOutput, b.softcap, b.finalSoftcap, b.embeddingScale));
}

INSTANTIATE_TEST_SUITE_P(Fixtures, EveryGguf,
                         testing::Values("llama", "llama3", "mistral", "qwen2", "qwen3", "phi3", "gemma2", "gemma3", "gpt2",
                                         "gpt_neox", "smollm3", "olmo2", "olmo3", "granite", "phi", "stablelm",
                                         "stablelm_parallel", "ministral3", "qwen3_vl", "falcon", "falcon_two_norms",
                                         "falcon_one_norm", "gemma4", "gemma4_pictures"),
                         [](const auto& each) { return std::string(each.param); });

TEST(QuantizedGguf, givesTheLogitsOfItsDequantizedWeights)
{
    const auto expected = [](const char* what) {
        return expectedTensor(ggufFixture("llama_q8").replace_extension(".safetensors"), what);
    };
    const auto tokens = tokenList(expected("tokens"));
    Keeper keeper(false);
    ASSERT_TRUE(loaded(ggufFixture("llama_q8"))->forward(tokens, 7, keeper, {}));
    EXPECT_LT(distance(keeper.logits(), expected("logits")), 2e-5);
    const auto wide = loaded(ggufFixture("llama_q8")), narrow = loaded(ggufFixture("llama_q8"), {.dtype = at::kBFloat16});
    EXPECT_TRUE(
        at::equal(narrow->outputProjection(Layer{1}).value(), wide->outputProjection(Layer{1}).value().to(at::kBFloat16)));
}

TEST(GgufModel, isRecordedAndGeneratesWithItsOwnTokenizer)
{
    const TemporaryFolder folder;
    GenerateOptions options{.model = ggufFixture("llama"),
                            .prompt = "the rest is in another hand",
                            .promptName = "prompt",
                            .tokens = 5,
                            .out = folder / "t.h5"};
    const auto generated = generate(options, {}, {});
    ASSERT_TRUE(generated) << generated.error().message;
    const auto trace = Trace::open(folder / "t.h5");
    ASSERT_TRUE(trace) << trace.error().message;
    const TraceInfo& info = (*trace)->info();
    EXPECT_EQ(info.manifest.at("model"), "llama");
    EXPECT_EQ(info.manifest.at("model_file"), "llama.gguf (F32)");
    EXPECT_EQ(info.manifest.at("model_hash"), weightHash(ggufFixture("llama")).value());
    EXPECT_EQ(info.manifest.at("tokenizer_hash"), tokenizerHash(ggufFixture("llama")).value());
    EXPECT_NE(tokenizerHash(ggufFixture("llama")).value(), tokenizerHash(ggufFixture("mistral")).value());
    EXPECT_EQ(info.tokens.front(), 1); // "<s>"
    EXPECT_EQ(info.prompt, generated->promptTokens);
    EXPECT_THAT(endTokens(ggufFixture("llama")), testing::ElementsAre(2));
}

TEST(GgufModel, isFoundByItsPathOrAsTheOnlyOneInItsFolder)
{
    const TemporaryFolder folder;
    std::filesystem::copy_file(ggufFixture("gpt2"), folder / "gpt2.gguf");
    EXPECT_EQ(resolveModel(folder.path()).value(), folder / "gpt2.gguf");
    EXPECT_EQ(modelName(folder / "gpt2.gguf"), "gpt2");
    std::filesystem::rename(folder / "gpt2.gguf", folder / "sha256-1234"); // as other programs call them
    EXPECT_EQ(resolveModel(folder / "sha256-1234").value(), folder / "sha256-1234");
    EXPECT_TRUE(loaded(folder / "sha256-1234"));
}

TEST(GgufModel, isFoundInACacheOfHuggingFaceThatHoldsNothingElse)
{
    const TemporaryFolder folder;
    const auto cache = folder / "models--org--tiny-GGUF", older = cache / "snapshots/aaaa", newer = cache / "snapshots/bbbb";
    for (const auto& snapshot : {older, newer}) {
        std::filesystem::create_directories(snapshot);
        std::filesystem::copy_file(ggufFixture("gpt2"), snapshot / "tiny-q8.gguf");
    }
    std::filesystem::create_directories(cache / "refs");
    std::ofstream(cache / "refs/main") << "aaaa";
    EXPECT_EQ(resolveModel(cache).value(), older / "tiny-q8.gguf"); // what "main" stands for, not the latest
    EXPECT_EQ(resolveModel(newer).value(), newer / "tiny-q8.gguf");
    std::filesystem::remove(older / "tiny-q8.gguf"); // as another file of the model would have left it
    EXPECT_EQ(resolveModel(cache).value(), newer / "tiny-q8.gguf");
}

/// A table as it stands in a file, to be changed.
struct Changed {
    std::shared_ptr<const GgufFile> file;
    GgufTable table;

    explicit Changed(const std::string& name) : file(GgufFile::open(ggufFixture(name)).value()), table(file->table()) {}
    Changed& set(const std::string& key, GgufValue value)
    {
        table.metadata[key] = std::move(value);
        return *this;
    }
    std::string problem() const
    {
        const auto config = ggufConfig(
            table, [this](const auto& entry) { return file->bytes(entry); }, "'m.gguf'");
        return config ? "understood" : config.error().message;
    }
    RotaryConfig rotary() const
    {
        const auto config = parseModelConfig(ggufConfig(
                                                 table, [this](const auto& entry) { return file->bytes(entry); }, "'m.gguf'")
                                                 .value(),
                                             "'m.gguf'");
        return config ? config->rotaries.front() : RotaryConfig{};
    }
};

TEST(GgufConfig, refusesByNameWhatCannotBeRun)
{
    const std::int64_t eight = 8;
    EXPECT_EQ(Changed("llama").problem(), "understood");
    EXPECT_EQ(Changed("llama").set("general.architecture", "mpt").problem(),
              "'m.gguf': the architecture 'mpt' is not supported; supported are: falcon, gemma2, gemma3, gemma4, gpt2, gptneox, "
              "granite, "
              "llama, mistral3, olmo2, phi2, phi3, qwen2, qwen3, qwen3vl, smollm3, stablelm");
    EXPECT_THAT(Changed("llama").set("general.architecture", "qwen3moe").problem(), HasSubstr("it is a mixture of experts"));
    EXPECT_THAT(Changed("llama").set("general.architecture", "mamba").problem(), HasSubstr("it keeps a state of fixed size"));
    EXPECT_THAT(Changed("llama").set("general.architecture", "bert").problem(), HasSubstr("it is an encoder"));
    EXPECT_THAT(Changed("llama").set("general.architecture", "clip").problem(),
                HasSubstr("the part of a model that sees pictures"));
    EXPECT_THAT(Changed("llama").set("llama.expert_count", eight).problem(),
                HasSubstr("'llama.expert_count' is 8: it is a mixture of experts"));
    EXPECT_THAT(Changed("llama").set("general.type", "adapter").problem(), HasSubstr("holds no model but a part for one"));
    EXPECT_THAT(Changed("llama").set("llama.logit_scale", 0.5).problem(), HasSubstr("'llama.logit_scale' is 0.5"));
    EXPECT_THAT(Changed("llama").set("llama.attention.causal", false).problem(), HasSubstr("'llama.attention.causal' is false"));
    EXPECT_THAT(Changed("llama").set("llama.attention.value_length", eight).problem(),
                HasSubstr("keys have 16 numbers and values 8"));
    EXPECT_THAT(Changed("llama").set("llama.rope.scaling.type", "su").set("llama.rope.scaling.factor", 2.0).problem(),
                HasSubstr("the rotary scaling 'su' is not read; linear and yarn are"));
    EXPECT_THAT(Changed("llama").set("llama.feed_forward_length", std::vector<std::int64_t>{64, 65}).problem(),
                HasSubstr("'llama.feed_forward_length' differs from layer to layer"));
}

TEST(GgufConfig, namesTheKeyThatIsMissing)
{
    for (const char* key : {"llama.embedding_length", "llama.block_count", "llama.feed_forward_length", "llama.context_length",
                            "llama.attention.head_count", "llama.attention.layer_norm_rms_epsilon"}) {
        Changed changed("llama");
        ASSERT_EQ(changed.table.metadata.erase(key), 1u) << key;
        EXPECT_THAT(changed.problem(), HasSubstr(fmt::format("its metadata lack '{}'", key)));
    }
    Changed changed("llama");
    changed.table.metadata.erase("general.architecture");
    EXPECT_THAT(changed.problem(), HasSubstr("its metadata lack 'general.architecture'"));
    changed = Changed("llama");
    changed.table.tensors.erase("token_embd.weight");
    EXPECT_THAT(changed.problem(), HasSubstr("no tensor 'token_embd.weight'"));
}

TEST(GgufConfig, takesListsOfEqualNumbers)
{
    EXPECT_EQ(Changed("llama").set("llama.feed_forward_length", std::vector<std::int64_t>{48, 48}).problem(), "understood");
}

TEST(GgufConfig, readsRotaryScaling)
{
    const std::int64_t trained = 64;
    const RotaryConfig linear =
        Changed("llama").set("llama.rope.scaling.type", "linear").set("llama.rope.scaling.factor", 4.0).rotary();
    EXPECT_EQ(linear.scaling, RotaryScaling::Linear);
    EXPECT_EQ(linear.factor, 4);
    const RotaryConfig yarn = Changed("llama")
                                  .set("llama.rope.scaling.type", "yarn")
                                  .set("llama.rope.scaling.factor", 4.0)
                                  .set("llama.rope.scaling.original_context_length", trained)
                                  .rotary();
    EXPECT_EQ(yarn.scaling, RotaryScaling::Yarn);
    EXPECT_EQ(yarn.originalPositions, 64);
    EXPECT_EQ(Changed("llama").set("llama.rope.scale_linear", 2.0).rotary().factor, 2);
    EXPECT_EQ(Changed("llama").set("llama.rope.scaling.type", "none").rotary().scaling, RotaryScaling::Default);
}

TEST(GgufConfig, saysWhichTensorIsMissingOrMisshapen)
{
    const TemporaryFolder folder;
    std::string bytes = readText(ggufFixture("llama"));
    const auto damaged = [&](const std::string& before, const std::string& after) {
        std::string copy = bytes;
        const auto at = copy.find(before);
        EXPECT_NE(at, std::string::npos) << before;
        copy.replace(at, before.size(), after);
        std::ofstream(folder / "m.gguf", std::ios::binary) << copy;
        const auto model = Transformer::load(folder / "m.gguf", {}, {});
        return model ? "loaded" : model.error().message;
    };
    EXPECT_THAT(damaged("blk.1.attn_k.weight", "blk.1.attn_X.weight"), HasSubstr("the tensor 'blk.1.attn_k.weight' is missing"));
    EXPECT_THAT(damaged("output_norm.weight", "outputXnorm.weight"), HasSubstr("the tensor 'output_norm.weight' is missing"));
    bytes.resize(bytes.size() - 100);
    EXPECT_THAT(damaged("GGUF", "GGUF"), HasSubstr("it is cut short, fetch it again"));
}

} // namespace
} // namespace winnow
