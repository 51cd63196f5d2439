// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/model/run/memory_need.h"

#include "core/model/config/model_folder.h"
#include "core/model/families/read_config.h"
#include "core/model/tokenizer/tokenizer_fit.h"
#include "tests/model/fixture_files.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace winnow {
namespace {

using testing::HasSubstr;

constexpr const char* kLlama8B = R"({"model_type": "llama", "vocab_size": 128256, "hidden_size": 4096, "intermediate_size": 14336,
    "num_hidden_layers": 32, "num_attention_heads": 32, "num_key_value_heads": 8, "torch_dtype": "bfloat16"})";

TEST(MemoryNeed, ofALlama8BIsWhatIsPublished)
{
    const ModelConfig config = parseModelConfig(kLlama8B, "config.json").value();
    const MemoryNeed wide = memoryNeed(config, 8192, Dtype::Float32);
    EXPECT_NEAR(static_cast<double>(wide.weights), 8.03e9 * 4, 0.01e9 * 4); // 8.03 billion weights
    EXPECT_EQ(wide.mapped, 0u);
    EXPECT_EQ(wide.cache, 2u * 32 * 8 * 128 * 4 * 8192);
    const MemoryNeed narrow = memoryNeed(config, 8192, Dtype::BFloat16); // as it is stored
    EXPECT_EQ(narrow.weights, 0u);
    EXPECT_EQ(narrow.mapped, wide.weights / 2);
    EXPECT_EQ(narrow.cache, wide.cache / 2);
}

TEST(MemoryNeed, refusesWhatTheMachineCannotHoldAndSaysTheNumbers)
{
    const MemoryNeed need = memoryNeed(parseModelConfig(kLlama8B, "config.json").value(), 2048, Dtype::Float32);
    EXPECT_TRUE(checkMemory(need, need.total()));
    EXPECT_TRUE(checkMemory(need, std::nullopt));
    const auto refused = checkMemory(need, std::uint64_t{16'000'000'000});
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, ErrorCode::OutOfMemory);
    EXPECT_THAT(refused.error().message, HasSubstr("of memory, 32.1 GB of them weights"));
    EXPECT_THAT(refused.error().message, HasSubstr("and 16.0 GB can be had; close other programs, run it in bfloat16"));
    EXPECT_THAT(memoryText(memoryNeed(parseModelConfig(kLlama8B, "config.json").value(), 2048, Dtype::BFloat16)),
                HasSubstr("beside 16.1 GB of weights that stay in their file"));
}

TEST(MemoryNeed, streamsLayersOnlyWhereTheyDoNotFitTogether)
{
    const ModelConfig config = parseModelConfig(kLlama8B, "config.json").value();
    const MemoryNeed whole = memoryNeed(config, 2048, Dtype::Float32), one = memoryNeed(config, 2048, Dtype::Float32, 256, true);
    const std::uint64_t embeddings = 2ULL * 128256 * 4096 * 4;
    EXPECT_EQ(one.weights - embeddings, (whole.weights - embeddings) / 32);
    EXPECT_FALSE(mustStream(config, 2048, Dtype::Float32, 256, whole.total()).value());
    EXPECT_FALSE(mustStream(config, 2048, Dtype::Float32, 256, std::nullopt).value());
    EXPECT_TRUE(mustStream(config, 2048, Dtype::Float32, 256, whole.total() - 1).value());
    EXPECT_TRUE(mustStream(config, 2048, Dtype::Float32, 256, one.total()).value());
    EXPECT_EQ(mustStream(config, 2048, Dtype::Float32, 256, one.total() - 1).error().code, ErrorCode::OutOfMemory);
    // As it is stored: the weights stay in their file anyway, and streaming them would save nothing.
    EXPECT_EQ(mustStream(config, 2048, Dtype::BFloat16, 256, 1'000'000).error().code, ErrorCode::OutOfMemory);
}

TEST(MemoryNeed, knowsWhatThisMachineHas)
{
    const auto available = availableMemory();
    ASSERT_TRUE(available);
    EXPECT_GT(*available, 50'000'000u);
    EXPECT_TRUE(checkMemory(memoryNeed(readModelConfig(demoModel()).value(), 1024, Dtype::Float32), available));
}

TEST(TokenizerFit, allowsFewerTokensThanRowsAndSpecialOnesBeyondThem)
{
    const auto tokenizer = Tokenizer::parse(R"({"model": {"type": "BPE", "vocab": {"a": 0, "b": 1, "c": 2}, "merges": []},
        "added_tokens": [{"id": 3, "content": "<picture>", "special": true}]})",
                                            "tokenizer.json")
                               .value();
    ModelConfig config;
    for (const auto& [rows, fits] : {std::pair(64, true), {4, true}, {3, true}, {2, false}}) {
        config.vocabulary = rows;
        EXPECT_EQ(checkFit(*tokenizer, config).has_value(), fits) << rows;
    }
    EXPECT_THAT(checkFit(*tokenizer, config).error().message,
                HasSubstr("the tokenizer has 4 tokens, but the model knows ids 0 to 1 only"));
}

} // namespace
} // namespace winnow
