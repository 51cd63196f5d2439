// SPDX-License-Identifier: GPL-3.0-or-later
// What config.json says of a Gemma 4, whose layers differ in their heads, share keys, and need not have values of their own.
#include "core/model/families/read_config.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace winnow {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

/// Six layers, of which the third and the last see everything.
std::string config(const std::string& more, const std::string& type = "gemma4_text")
{
    return R"({"model_type":")" + type +
           R"(","hidden_size":32,"intermediate_size":48,"num_hidden_layers":6,)"
           R"("num_attention_heads":4,"num_key_value_heads":2,"head_dim":8,"vocab_size":64,"sliding_window":9,)"
           R"("layer_types":["sliding_attention","sliding_attention","full_attention",)"
           R"("sliding_attention","sliding_attention","full_attention"])" +
           more + "}";
}

ModelConfig parsed(const std::string& json)
{
    auto config = parseModelConfig(json, "'config.json'");
    EXPECT_TRUE(config) << config.error().message;
    return config ? *config : ModelConfig{};
}

std::string problem(const std::string& json) { return parseModelConfig(json, "'config.json'").error().message; }

template <class Number>
std::vector<Number> each(const ModelConfig& config, Number LayerConfig::*member)
{
    std::vector<Number> numbers;
    for (const LayerConfig& layer : config.perLayer)
        numbers.push_back(layer.*member);
    return numbers;
}

TEST(Gemma4Config, readsTheHeadsOfGlobalLayersInBothDialects)
{
    const ModelConfig published =
        parsed(config(R"(,"global_head_dim":16,"num_global_key_value_heads":1,"attention_k_eq_v":true)"));
    const ModelConfig overrides = parsed(config(R"(,"attention_k_eq_v":true,"per_layer_config":)"
                                                R"({"2":{"head_dim":16,"num_key_value_heads":1},)"
                                                R"("5":{"head_dim":16,"num_key_value_heads":1}})"));
    for (const ModelConfig& c : {published, overrides}) {
        EXPECT_THAT(each(c, &LayerConfig::headDim), ElementsAre(8, 8, 16, 8, 8, 16));
        EXPECT_THAT(each(c, &LayerConfig::keyHeads), ElementsAre(2, 2, 1, 2, 2, 1));
        EXPECT_THAT(each(c, &LayerConfig::valuesFromKeys), ElementsAre(false, false, true, false, false, true));
        EXPECT_THAT(each(c, &LayerConfig::window), ElementsAre(9, 9, 0, 9, 9, 0));
        EXPECT_EQ(c.cacheBytesPerToken(2), (4 * 2 * 8 + 2 * 1 * 16) * 2 * 2);
    }
    const ModelConfig plain = parsed(config(R"(,"num_global_key_value_heads":1)")); // counts only beside attention_k_eq_v
    EXPECT_THAT(each(plain, &LayerConfig::keyHeads), ElementsAre(2, 2, 2, 2, 2, 2));
    EXPECT_THAT(each(plain, &LayerConfig::headDim), ElementsAre(8, 8, 512, 8, 8, 512));
}

TEST(Gemma4Config, letsTheLastLayersTakeTheKeysOfTheLastOfTheirTypeBefore)
{
    const ModelConfig c = parsed(config(R"(,"num_kv_shared_layers":2,"use_double_wide_mlp":true)"));
    EXPECT_THAT(each(c, &LayerConfig::keysOf), ElementsAre(-1, -1, -1, -1, 3, 2));
    EXPECT_THAT(each(c, &LayerConfig::intermediate), ElementsAre(48, 48, 48, 48, 96, 96));
    EXPECT_THAT(each(parsed(config(R"(,"use_double_wide_mlp":true)")), &LayerConfig::intermediate), testing::Each(48));
    EXPECT_THAT(problem(config(R"(,"num_kv_shared_layers":5)")),
                HasSubstr("'num_kv_shared_layers' is 5, but no earlier layer has the keys that layer 2 shares"));
}

TEST(Gemma4Config, turnsAQuarterOfTheGlobalHeadsUnlessItSaysOtherwise)
{
    const auto rotaries = [](const std::string& more) { return parsed(config(more)).rotaries; };
    const auto usual = rotaries(R"(,"global_head_dim":16)");
    EXPECT_EQ(usual.at(0).scaling, RotaryScaling::Proportional);
    EXPECT_EQ(std::tuple(usual[0].theta, usual[0].dims, usual[0].turned), std::tuple(1e6, 16, 2));
    EXPECT_EQ(std::tuple(usual.at(1).theta, usual[1].dims), std::tuple(1e4, 8));
    const auto said =
        rotaries(R"(,"global_head_dim":16,"rope_parameters":{"full_attention":{"rope_type":"proportional",)"
                 R"("partial_rotary_factor":0.5,"rope_theta":7},"sliding_attention":{"rope_type":"default","rope_theta":5}})");
    EXPECT_EQ(std::tuple(said.at(0).theta, said[0].turned, said.at(1).theta), std::tuple(7, 4, 5));
}

TEST(Gemma4Config, seesEverythingInItsLastLayer)
{
    std::string json = config("");
    json.replace(json.rfind("full_attention"), 14, "sliding_attention");
    EXPECT_EQ(parsed(json).perLayer.back().window, 0);
}

TEST(Gemma4Config, givesLayersWhatTheyAreGivenOfEachToken)
{
    EXPECT_EQ(parsed(config("")).tokenInputs, 256);
    EXPECT_EQ(parsed(config(R"(,"hidden_size_per_layer_input":0)")).tokenInputs, 0);
    EXPECT_EQ(parsed(config(R"(,"hidden_size_per_layer_input":null)")).tokenInputs, 0);
    EXPECT_EQ(parsed(config("", "gemma4_unified_text")).tokenInputs, 0);
    EXPECT_THAT(problem(config(R"(,"vocab_size_per_layer_input":63)")), HasSubstr("is 63, less than 'vocab_size' 64"));
}

TEST(Gemma4Config, refusesByNameWhatIsNotRun)
{
    EXPECT_THAT(problem(config(R"(,"enable_moe_block":true)")),
                HasSubstr("'enable_moe_block' is set: it is a mixture of experts, which is not run here; docs/record_trace.py"));
    EXPECT_THAT(problem(config(R"(,"use_bidirectional_attention":"all")")), HasSubstr("tokens attend to later ones"));
    EXPECT_EQ(parsed(config(R"(,"use_bidirectional_attention":"vision")")).layers, 6); // of pictures, which are not read
    EXPECT_THAT(problem(config(R"(,"per_layer_config":{"6":{}})")), HasSubstr("'6' is not the number of one of its 6 layers"));
    EXPECT_THAT(problem(config(R"(,"per_layer_config":{"2":{"hidden_size":64}})")),
                HasSubstr("'hidden_size' differs from layer to layer"));
    EXPECT_THAT(problem(config(R"(,"per_layer_config":{"2":{"head_dim":16}})")),
                HasSubstr("layers of one type have heads of 16 and of 8 numbers"));
    EXPECT_THAT(problem(config(R"(,"per_layer_config":{"2":{"num_key_value_heads":3}})")),
                HasSubstr("4 query heads cannot share 3 key heads evenly"));
}

} // namespace
} // namespace winnow
