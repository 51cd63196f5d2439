#include "core/model/model_config.h"
#include "core/model/model_folder.h"
#include "tests/model/fixture_files.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

namespace winnow {
namespace {

using testing::HasSubstr;

/// A small config.json with the given members after the required ones; later members replace earlier ones.
std::string config(const std::string& more = "", const std::string& type = "llama")
{
    return R"({"model_type":")" + type +
           R"(","vocab_size":64,"hidden_size":32,"intermediate_size":48,"num_hidden_layers":2,"num_attention_heads":4)" + more +
           "}";
}

ModelConfig parsed(const std::string& json)
{
    const auto result = parseModelConfig(json, "'config.json'");
    EXPECT_TRUE(result) << result.error().message;
    return result.value_or(ModelConfig{});
}

std::string problem(const std::string& json)
{
    const auto result = parseModelConfig(json, "'config.json'");
    return result ? "understood" : result.error().message;
}

TEST(ModelConfig, fillsInWhatTransformersWould)
{
    const ModelConfig c = parsed(config());
    EXPECT_EQ(c.keyHeads, 4);
    EXPECT_EQ(c.headDim, 8);
    EXPECT_EQ(c.maxPositions, 2048);
    EXPECT_EQ(c.rotary.type, "default");
    EXPECT_EQ(c.rotary.theta, 10'000);
    EXPECT_DOUBLE_EQ(c.rmsNormEps, 1e-6);
    EXPECT_FALSE(c.tiedOutput);
}

TEST(ModelConfig, readsBothDialects)
{
    const ModelConfig old = parsed(config(R"(,"rope_theta":5e5,"torch_dtype":"bfloat16","rope_scaling":null)"));
    EXPECT_EQ(old.rotary.theta, 5e5);
    EXPECT_EQ(old.storedDtype, "bfloat16");
    const ModelConfig flat = parsed(config(R"(,"rope_parameters":{"rope_type":"default","rope_theta":5e5},"dtype":"bfloat16")"));
    EXPECT_EQ(flat.rotary.theta, 5e5);
    EXPECT_EQ(flat.storedDtype, "bfloat16");
    const ModelConfig nested = parsed(config(
        R"(,"rope_parameters":{"full_attention":{"rope_type":"default","rope_theta":5e5},"sliding_attention":{"rope_theta":7}})"));
    EXPECT_EQ(nested.rotary.theta, 5e5);
}

TEST(ModelConfig, readsTheLlama3ScalingInBothDialects)
{
    const std::string scaling = R"("factor":32,"low_freq_factor":1,"high_freq_factor":4,"original_max_position_embeddings":8192)";
    for (const std::string& json : {config(R"(,"rope_theta":5e5,"rope_scaling":{"rope_type":"llama3",)" + scaling + "}"),
                                    config(R"(,"rope_theta":5e5,"rope_scaling":{"type":"llama3",)" + scaling + "}"),
                                    config(R"(,"rope_parameters":{"rope_theta":5e5,"rope_type":"llama3",)" + scaling + "}")}) {
        const ModelConfig c = parsed(json);
        EXPECT_EQ(c.rotary.type, "llama3");
        EXPECT_EQ(c.rotary.theta, 5e5);
        EXPECT_EQ(c.rotary.factor, 32);
        EXPECT_EQ(c.rotary.originalPositions, 8192);
    }
}

TEST(ModelConfig, namesTheModelTypesItKnows)
{
    EXPECT_EQ(problem(config("", "mamba")), "'config.json': the model type 'mamba' is not supported; supported are: llama");
    EXPECT_EQ(problem("{}"), "'config.json' lacks 'model_type'; supported are: llama");
    EXPECT_EQ(problem("[]"), "'config.json' is no JSON object");
}

TEST(ModelConfig, refusesByNameWhatWouldChangeTheNumbers)
{
    EXPECT_THAT(problem(config(R"(,"hidden_act":"gelu")")), HasSubstr("the activation 'gelu'"));
    EXPECT_THAT(problem(config(R"(,"rope_scaling":{"rope_type":"yarn","factor":4})")),
                HasSubstr("the rotary scaling 'yarn' is not supported"));
    EXPECT_THAT(problem(config(R"(,"rope_parameters":{"rope_theta":1e4,"partial_rotary_factor":0.5})")),
                HasSubstr("'partial_rotary_factor'"));
    EXPECT_THAT(problem(config(R"(,"quantization_config":{"bits":4})")), HasSubstr("quantized"));
}

TEST(ModelConfig, saysWhatIsWrongWithANumber)
{
    EXPECT_EQ(problem(config(R"(,"num_key_value_heads":3)")), "'config.json': 4 query heads cannot share 3 key heads evenly");
    EXPECT_EQ(problem(config(R"(,"num_key_value_heads":-1)")),
              "'config.json': 'num_key_value_heads' is -1, a whole number from 1 to 16777216 was expected");
    EXPECT_EQ(problem(config(R"(,"head_dim":7)")),
              "'config.json': the head size 7 is odd; the rotary embedding needs an even one");
    EXPECT_EQ(problem(config(R"(,"rms_norm_eps":"tiny")")),
              "'config.json': 'rms_norm_eps' is \"tiny\", a number above 0 was expected");
    EXPECT_EQ(problem(R"({"model_type":"llama","vocab_size":64})"), "'config.json' lacks 'hidden_size'");
    EXPECT_THAT(problem(config(R"(,"head_dim":16777216)")), HasSubstr("more than any model has"));
    EXPECT_THAT(problem(config(R"(,"hidden_size":32)")), HasSubstr("holds the key 'hidden_size' twice"));
}

class TemporaryFolder {
public:
    TemporaryFolder()
    {
        std::string name = (std::filesystem::temp_directory_path() / "winnow-model-XXXXXX").string();
        m_path = mkdtemp(name.data());
    }
    ~TemporaryFolder() { std::filesystem::remove_all(m_path); }
    const std::filesystem::path& path() const { return m_path; }
    void write(const std::filesystem::path& name, const std::string& text) const
    {
        std::filesystem::create_directories((m_path / name).parent_path());
        std::ofstream(m_path / name) << text;
    }

private:
    std::filesystem::path m_path;
};

TEST(ModelFolder, isFoundFromAnyOfItsFiles)
{
    EXPECT_EQ(resolveModelFolder(demoModel()).value().filename(), "demo");
    EXPECT_EQ(resolveModelFolder(demoModel().string() + "/").value().filename(), "demo");
    EXPECT_EQ(resolveModelFolder(demoModel() / "model.safetensors").value().filename(), "demo");
    EXPECT_EQ(modelName(demoModel().string() + "/"), "demo");
}

TEST(ModelFolder, isFoundInTheHuggingFaceCache)
{
    const TemporaryFolder cache;
    cache.write("models--meta-llama--Tiny/snapshots/aaaa/config.json", "{}");
    cache.write("models--meta-llama--Tiny/snapshots/bbbb/config.json", "{}");
    cache.write("models--meta-llama--Tiny/refs/main", "aaaa");
    const auto folder = resolveModelFolder(cache.path() / "models--meta-llama--Tiny");
    ASSERT_TRUE(folder) << folder.error().message;
    EXPECT_EQ(folder->filename(), "aaaa");
    EXPECT_EQ(modelName(*folder), "meta-llama/Tiny");
}

TEST(ModelFolder, saysWhatIsMissing)
{
    const TemporaryFolder folder;
    EXPECT_EQ(resolveModelFolder(folder.path() / "nowhere").error().code, ErrorCode::NotFound);
    EXPECT_THAT(resolveModelFolder(folder.path()).error().message, HasSubstr("has no config.json, so it is no model folder"));
    folder.write("x.gguf", "GGUF");
    EXPECT_THAT(resolveModelFolder(folder.path() / "x.gguf").error().message, HasSubstr("is a GGUF file"));
}

TEST(ModelFolder, hashesContentsAndNothingElse)
{
    EXPECT_EQ(contentHash(""), "cbf29ce484222325");       // FNV-1a's offset basis
    EXPECT_EQ(contentHash("foobar"), "85944171f73967e8"); // from the authors' test suite
    const TemporaryFolder a, b;
    a.write("model.safetensors", "weights");
    b.write("model.safetensors", "weights");
    EXPECT_EQ(weightHash(a.path()).value(), weightHash(b.path()).value());
    b.write("model.safetensors", "heights");
    EXPECT_NE(weightHash(a.path()).value(), weightHash(b.path()).value());
    EXPECT_EQ(tokenizerHash(demoModel()).value().size(), 16u);
}

} // namespace
} // namespace winnow
