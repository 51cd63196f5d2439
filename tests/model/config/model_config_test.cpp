// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/model/config/model_config.h"
#include "core/model/config/model_folder.h"
#include "core/model/config/refused_models.h"
#include "core/model/families/family.h"
#include "core/model/families/read_config.h"
#include "tests/model/fixture_files.h"
#include "tests/support/temporary_folder.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

namespace winnow {
namespace {

using testing::HasSubstr;
using testing_support::TemporaryFolder;

/// A small config.json with the given members after the required ones.
std::string config(const std::string& more = "", const std::string& type = "llama")
{
    std::string json = R"({"model_type":")" + type + R"(","vocab_size":64,"hidden_size":32,"intermediate_size":48)";
    for (const auto& [key, value] : {std::pair("num_hidden_layers", 2), {"num_attention_heads", 4}})
        if (more.find(key) == std::string::npos)
            json += fmt::format(R"(,"{}":{})", key, value);
    return json + more + "}";
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
    EXPECT_EQ(c.rotaries.at(0).scaling, RotaryScaling::Default);
    EXPECT_EQ(c.rotaries.at(0).theta, 10'000);
    EXPECT_DOUBLE_EQ(c.normEps, 1e-6);
    EXPECT_FALSE(c.tiedOutput);
}

TEST(ModelConfig, readsBothDialects)
{
    const ModelConfig old = parsed(config(R"(,"rope_theta":5e5,"torch_dtype":"bfloat16","rope_scaling":null)"));
    EXPECT_EQ(old.rotaries.at(0).theta, 5e5);
    EXPECT_EQ(old.storedDtype, "bfloat16");
    const ModelConfig flat = parsed(config(R"(,"rope_parameters":{"rope_type":"default","rope_theta":5e5},"dtype":"bfloat16")"));
    EXPECT_EQ(flat.rotaries.at(0).theta, 5e5);
    EXPECT_EQ(flat.storedDtype, "bfloat16");
    const ModelConfig nested = parsed(config(R"(,"rope_parameters":{"full_attention":{"rope_type":"linear","factor":2}})"));
    EXPECT_EQ(nested.rotaries.at(0), parsed(config("")).rotaries.at(0)); // transformers looks at none of them
    const ModelConfig both =
        parsed(config(R"(,"rope_scaling":{},"rope_parameters":{"rope_type":"linear","factor":2,"rope_theta":5e5})"));
    EXPECT_EQ(both.rotaries.at(0).theta, 5e5);
    EXPECT_EQ(both.rotaries.at(0).scaling, RotaryScaling::Linear);
}

TEST(ModelConfig, readsTheLlama3ScalingInBothDialects)
{
    const std::string scaling = R"("factor":32,"low_freq_factor":1,"high_freq_factor":4,"original_max_position_embeddings":8192)";
    for (const std::string& json : {config(R"(,"rope_theta":5e5,"rope_scaling":{"rope_type":"llama3",)" + scaling + "}"),
                                    config(R"(,"rope_theta":5e5,"rope_scaling":{"type":"llama3",)" + scaling + "}"),
                                    config(R"(,"rope_parameters":{"rope_theta":5e5,"rope_type":"llama3",)" + scaling + "}")}) {
        const ModelConfig c = parsed(json);
        EXPECT_EQ(c.rotaries.at(0).scaling, RotaryScaling::Llama3);
        EXPECT_EQ(c.rotaries.at(0).theta, 5e5);
        EXPECT_EQ(c.rotaries.at(0).factor, 32);
        EXPECT_EQ(c.rotaries.at(0).originalPositions, 8192);
    }
}

TEST(ModelConfig, namesTheModelTypesItKnows)
{
    EXPECT_EQ(supportedModelTypes(),
              "falcon, gemma2, gemma3, gemma3_text, gemma4, gemma4_text, gemma4_unified, gemma4_unified_text, gpt2, gpt_neox, "
              "granite, llama, ministral, ministral3, "
              "mistral, mistral3, olmo2, olmo3, phi, phi3, qwen2, qwen3, qwen3_vl, qwen3_vl_text, smollm3, "
              "stablelm");
    EXPECT_EQ(problem(config("", "hal9000")),
              "'config.json': the model type 'hal9000' is not supported; supported are: " + supportedModelTypes() +
                  "; docs/record_trace.py records many others in Python with transformers");
    EXPECT_EQ(problem("{}"), "'config.json' lacks 'model_type'; supported are: " + supportedModelTypes());
    EXPECT_EQ(problem("[]"), "'config.json' is no JSON object");
    const std::string text =
        R"({"vocab_size":64,"hidden_size":32,"intermediate_size":48,"num_hidden_layers":2,"num_attention_heads":4,)"
        R"("num_key_value_heads":4})";
    for (const Family* family : families()) {
        const std::string type(family->modelType);
        std::string more = R"(,"num_key_value_heads":4,"n_embd":32,"n_head":4)";
        if (type == "mistral3" || type == "qwen3_vl")
            more += R"(,"text_config":)" + text;
        if (type == "ministral3")
            more += R"(,"rope_parameters":{"rope_theta":1e4})";
        EXPECT_EQ(parsed(config(more, type)).family, family) << family->modelType;
    }
}

TEST(ModelConfig, refusesOtherKindsOfModelsByNameAndSaysWhatToOpen)
{
    EXPECT_THAT(problem(config("", "bert")), HasSubstr("the model type 'bert' is not supported: it is an encoder"));
    EXPECT_THAT(problem(config("", "t5")), HasSubstr("open a model that generates text from the left"));
    EXPECT_THAT(problem(config("", "mixtral")),
                HasSubstr("it is a mixture of experts, which is not run here; docs/record_trace.py can record it"));
    for (const char* type : {"lfm2", "qwen3_next", "granitemoehybrid"})
        EXPECT_THAT(problem(config("", type)), HasSubstr("docs/record_trace.py can record the layers with attention")) << type;
    EXPECT_THAT(problem(config("", "gemma3n")), HasSubstr("docs/record_trace.py can record it"));
    for (const char* type : {"gpt_oss", "deepseek_v3"}) // whose attention no trace can hold
        EXPECT_THAT(problem(config("", type)), testing::AllOf(HasSubstr("open a"), testing::Not(HasSubstr("record_trace.py"))))
            << type;
    EXPECT_THAT(problem(config("", "mamba")), HasSubstr("there is nothing to evict; open a model with attention in every layer"));
    EXPECT_THAT(problem(config(R"(,"num_local_experts":8)")), HasSubstr("'num_local_experts' is 8: it is a mixture of experts"));
}

TEST(ModelConfig, refusesByNameWhatWouldChangeTheNumbers)
{
    EXPECT_THAT(problem(config(R"(,"qk_layernorm":true)", "phi")), HasSubstr("'qk_layernorm' is set"));
    EXPECT_THAT(problem(config(R"(,"qk_layernorm":true)", "stablelm")), HasSubstr("each head has a normalization of its own"));
    EXPECT_THAT(problem(config(R"(,"alibi":true)", "falcon")), HasSubstr("'alibi' is set"));
    EXPECT_THAT(problem(config(R"(,"no_rope_layers":[1])", "smollm3")),
                HasSubstr("'no_rope_layers' is no list of 0 or 1 for each of the 2 layers"));
    EXPECT_THAT(problem(config(R"(,"no_rope_layers":[1,2])", "smollm3")),
                HasSubstr("'no_rope_layers' holds 2 for layer 1, 0 or 1 was expected"));
    EXPECT_THAT(problem(config(R"(,"text_config":{"model_type":"pixtral"})", "mistral3")),
                HasSubstr("its text part is of the type 'pixtral', which is not read"));
    EXPECT_THAT(problem(config(R"(,"hidden_act":"mish")")),
                HasSubstr("the activation 'mish' is not supported; supported are: silu"));
    EXPECT_THAT(
        problem(config(R"(,"rope_scaling":{"rope_type":"mrope","factor":4})")),
        HasSubstr(
            "the rotary scaling 'mrope' is not supported; supported are: default, linear, dynamic, llama3, yarn, longrope"));
    EXPECT_THAT(problem(config(R"(,"rope_parameters":{"rope_theta":1e4,"partial_rotary_factor":0.5})")),
                HasSubstr("'partial_rotary_factor' is 0.5; models of this type turn whole heads"));
    EXPECT_THAT(
        problem(config(R"(,"quantization_config":{"bits":4})")),
        HasSubstr(
            "the weights are quantized ('quantization_config'), which is not read; open the model that they were made from"));
    for (const char* method : {"awq", "gptq", "bitsandbytes", "fp8"})
        EXPECT_THAT(problem(config(fmt::format(R"(,"quantization_config":{{"quant_method":"{}"}})", method))),
                    HasSubstr(fmt::format("quantized with '{}'", method)));
    EXPECT_THAT(problem(config(R"(,"use_bidirectional_attention":true)", "gemma2")), HasSubstr("tokens attend to later ones"));
    EXPECT_THAT(problem(config(R"(,"rope_parameters":{"rope_type":"default","rope_theta":5})", "gemma3_text")),
                HasSubstr("'rope_theta' stands outside of 'full_attention' and 'sliding_attention'"));
    EXPECT_THAT(problem(config(R"(,"rope_parameters":{"full_attention":{"rope_theta":5e5}},"layer_types":["full_attention"])")),
                HasSubstr("told apart by layer type ('full_attention'), but the layers of this type of model turn alike"));
    EXPECT_THAT(problem(config(R"(,"rope_scaling":{"rope_type":"yarn","factor":4})", "phi3")), HasSubstr("not one of a Phi-3"));
}

TEST(ModelConfig, readsEveryRotaryScaling)
{
    const auto rotary = [](const std::string& settings) {
        return parsed(config(R"(,"max_position_embeddings":64,"rope_scaling":{)" + settings + "}")).rotaries.at(0);
    };
    EXPECT_EQ(rotary(R"("type":"linear","factor":2.5)").factor, 2.5);
    EXPECT_EQ(rotary(R"("rope_type":"dynamic","factor":2)").maxPositions, 64);
    const RotaryConfig yarn = rotary(R"("rope_type":"yarn","original_max_position_embeddings":16,"truncate":false,"mscale":0.5)");
    EXPECT_EQ(yarn.factor, 4); // by the ratio, when it is not given
    EXPECT_FALSE(yarn.truncate);
    EXPECT_EQ(yarn.mscale, 0.5);
    EXPECT_EQ(yarn.betaFast, 32);
    const RotaryConfig long_ =
        rotary(R"("type":"su","original_max_position_embeddings":16,"short_factor":[1,1,1,1],"long_factor":[1,2,3,4])");
    EXPECT_EQ(long_.scaling, RotaryScaling::LongRope);
    EXPECT_THAT(long_.longFactor, testing::ElementsAre(1, 2, 3, 4));
    EXPECT_EQ(long_.factor, 4);
}

TEST(ModelConfig, saysWhatIsWrongWithARotaryScaling)
{
    const auto said = [](const std::string& settings) { return problem(config(R"(,"rope_scaling":{)" + settings + "}")); };
    EXPECT_EQ(said(R"("type":"linear")"), "'config.json': 'rope_scaling' lacks 'factor'");
    EXPECT_EQ(problem(config(R"(,"rope_scaling":5)")), "'config.json': 'rope_scaling' is no JSON object");
    EXPECT_EQ(said(R"("type":"longrope","short_factor":[1,1],"long_factor":[1,2,3,4])"),
              "'config.json': 'rope_scaling': 'short_factor' is no list of 4 numbers but of 2");
    EXPECT_EQ(said(R"("type":"longrope","short_factor":[1,1,1,-1],"long_factor":[1,2,3,4])"),
              "'config.json': 'rope_scaling': 'short_factor' holds -1, a number above 0 was expected");
    EXPECT_THAT(said(R"("type":"longrope")"), HasSubstr("needs 'short_factor' and 'long_factor', 4 numbers each"));
    EXPECT_THAT(problem(config(R"(,"head_dim":2,"rope_scaling":{"type":"dynamic","factor":2})")),
                HasSubstr("more than 2 numbers"));
    EXPECT_THAT(problem(config(R"(,"rotary_pct":0.4)", "gpt_neox")), HasSubstr("would turn 3.2 of 8 numbers of a head"));
}

TEST(ModelConfig, knowsWhichLayersSlide)
{
    const auto windows = [](const std::string& more, const std::string& type) {
        std::vector<int> found;
        for (const LayerConfig& layer : parsed(config(more + R"(,"num_hidden_layers":4,"num_key_value_heads":2)", type)).perLayer)
            found.push_back(layer.window);
        return found;
    };
    using testing::ElementsAre;
    EXPECT_THAT(windows(R"(,"sliding_window":9)", "llama"), ElementsAre(0, 0, 0, 0)); // not a key of that type
    EXPECT_THAT(windows(R"(,"sliding_window":9)", "mistral"), ElementsAre(9, 9, 9, 9));
    EXPECT_THAT(windows(R"(,"sliding_window":null)", "mistral"), ElementsAre(0, 0, 0, 0));
    EXPECT_THAT(windows("", "mistral"), ElementsAre(4096, 4096, 4096, 4096));
    EXPECT_THAT(windows(R"(,"sliding_window":9)", "qwen2"), ElementsAre(0, 0, 0, 0));
    EXPECT_THAT(windows(R"(,"sliding_window":9,"use_sliding_window":true,"max_window_layers":3)", "qwen2"),
                ElementsAre(0, 0, 0, 9));
    EXPECT_THAT(windows(R"(,"sliding_window":9)", "gemma2"), ElementsAre(9, 0, 9, 0));
    EXPECT_THAT(windows(R"(,"sliding_window":9,"sliding_window_pattern":3)", "gemma3_text"), ElementsAre(9, 9, 0, 9));
    const std::string listed = R"(,"layer_types":["full_attention","sliding_attention","full_attention","sliding_attention"])";
    EXPECT_THAT(windows(R"(,"sliding_window":9)" + listed, "gemma2"), ElementsAre(0, 9, 0, 9));
    EXPECT_THAT(windows(R"(,"sliding_window":9)" + listed, "mistral"), ElementsAre(0, 9, 0, 9)); // a Ministral to transformers
    EXPECT_THAT(windows(R"(,"sliding_window":9,"layer_types":null)", "mistral"), ElementsAre(9, 9, 9, 9));

    EXPECT_THAT(problem(config(R"(,"layer_types":["full_attention"])", "qwen3")),
                HasSubstr("no list of one word for each of the 2 layers"));
    EXPECT_THAT(problem(config(R"(,"layer_types":["full_attention","linear_attention"])", "qwen3")),
                HasSubstr("calls layer 1 'linear_attention'; supported are: full_attention, sliding_attention"));
    EXPECT_THAT(problem(config(R"(,"layer_types":["full_attention","sliding_attention"])", "qwen3")),
                HasSubstr("layer 1 has a sliding window, but 'sliding_window' does not say how long it is"));
}

TEST(ModelConfig, takesWhatTransformers5LeavesInAGemma3WithoutRotarySettings)
{
    for (const char* left :
         {R"(,"rope_parameters":{"rope_type":"default","rope_theta":null})",
          R"(,"rope_scaling":{},"rope_parameters":{"full_attention":{"rope_type":"default","rope_theta":1e6},)"
          R"("sliding_attention":{"rope_type":"default","rope_theta":1e4},"rope_type":"default","rope_theta":null})"}) {
        const ModelConfig c = parsed(config(left, "gemma3_text"));
        EXPECT_EQ(c.rotaries.at(0).theta, 1e6);
        EXPECT_EQ(c.rotaries.at(1).theta, 1e4);
    }
}

TEST(ModelConfig, readsTheTextPartOfAGemma3ThatSeesPictures)
{
    const ModelConfig c =
        parsed(R"({"model_type":"gemma3","text_config":{"hidden_size":2560,"intermediate_size":10240,"model_type":"gemma3_text",)"
               R"("num_hidden_layers":34,"rope_scaling":{"factor":8.0,"rope_type":"linear"},"sliding_window":1024},)"
               R"("vision_config":{}})");
    EXPECT_EQ(c.vocabulary, 262'208);
    EXPECT_EQ(c.headDim, 256);
    EXPECT_EQ(c.keyHeads, 4);
    EXPECT_TRUE(c.tiedOutput);
    ASSERT_EQ(c.rotaries.size(), 2u);
    EXPECT_EQ(c.rotaries[0].scaling, RotaryScaling::Linear);
    EXPECT_EQ(c.rotaries[0].theta, 1e6);
    EXPECT_EQ(c.rotaries[1].scaling, RotaryScaling::Default);
    EXPECT_EQ(c.rotaries[1].theta, 1e4);
    LayerConfig expected{.scale = 1.0 / 16, .window = 1024, .rotary = 1, .keyHeads = 4, .headDim = 256, .intermediate = 10'240};
    EXPECT_EQ(c.perLayer[4], expected);
    expected.window = expected.rotary = 0;
    EXPECT_EQ(c.perLayer[5], expected);
    EXPECT_EQ(c.cacheBytesPerToken(2), 34 * 4 * 256 * 2 * 2);
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

TEST(ModelFolder, isFoundFromAnyOfItsFiles)
{
    EXPECT_EQ(resolveModel(demoModel()).value().filename(), "demo");
    EXPECT_EQ(resolveModel(demoModel().string() + "/").value().filename(), "demo");
    EXPECT_EQ(resolveModel(demoModel() / "model.safetensors").value().filename(), "demo");
    EXPECT_EQ(modelName(demoModel().string() + "/"), "demo");
}

TEST(ModelFolder, isFoundInTheHuggingFaceCache)
{
    const TemporaryFolder cache;
    cache.write("models--meta-llama--Tiny/snapshots/aaaa/config.json", "{}");
    cache.write("models--meta-llama--Tiny/snapshots/bbbb/config.json", "{}");
    cache.write("models--meta-llama--Tiny/refs/main", "aaaa");
    const auto folder = resolveModel(cache.path() / "models--meta-llama--Tiny");
    ASSERT_TRUE(folder) << folder.error().message;
    EXPECT_EQ(folder->filename(), "aaaa");
    EXPECT_EQ(modelName(*folder), "meta-llama/Tiny");
}

TEST(ModelFolder, saysWhatIsMissing)
{
    const TemporaryFolder folder;
    EXPECT_EQ(resolveModel(folder.path() / "nowhere").error().code, ErrorCode::NotFound);
    EXPECT_THAT(resolveModel(folder.path()).error().message,
                HasSubstr("has no config.json and no GGUF file, so it is no model folder"));
    folder.write("a.gguf", "GGUF");
    folder.write("b.gguf", "GGUF");
    folder.write("mmproj-b.gguf", "GGUF");
    EXPECT_THAT(resolveModel(folder.path()).error().message,
                HasSubstr("holds 2 models as GGUF; give one of their files, such as 'a.gguf'"));
}

TEST(ModelFolder, refusesWeightsInOtherFormatsAndSaysWhatToDo)
{
    const TemporaryFolder folder;
    EXPECT_TRUE(checkWeightFormat(folder.path())); // the reader of safetensors says what is missing
    folder.write("flax_model.msgpack", "x");
    EXPECT_THAT(checkWeightFormat(folder.path()).error().message, HasSubstr("for another program ('flax_model.msgpack')"));
    folder.write("pytorch_model.bin", "x");
    EXPECT_THAT(
        checkWeightFormat(folder.path()).error().message,
        HasSubstr(
            "holds its weights as pickle ('pytorch_model.bin'), which can run any code when it is opened, and is not read; in "
            "Python, AutoModelForCausalLM.from_pretrained(folder).save_pretrained(new_folder) writes safetensors"));
    folder.write("adapter_config.json", "{}");
    EXPECT_THAT(checkWeightFormat(folder.path()).error().message, HasSubstr("holds an adapter"));
    folder.write("model.safetensors", "x");
    EXPECT_TRUE(checkWeightFormat(folder.path()));
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
