// SPDX-License-Identifier: GPL-3.0-or-later
// Model folders that are wrong in one way each, and the sentence for it.
#include "core/model/run/transformer.h"
#include "tests/model/fixture_files.h"
#include "tests/support/temporary_folder.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace winnow {
namespace {

using testing::HasSubstr;

/// A copy of the fixture "plain" to be damaged.
class DamagedModel : public testing::Test {
protected:
    void SetUp() override
    {
        for (const char* file : {"config.json", "model.safetensors"})
            std::filesystem::copy(modelFixture("plain") / file, m_folder / file);
    }

    void setConfig(const std::string& key, const nlohmann::json& value) const
    {
        auto config = nlohmann::json::parse(readText(m_folder / "config.json"));
        config[key] = value;
        std::ofstream(m_folder / "config.json") << config;
    }
    /// Replaces text by text of the same length in the weights' header.
    void replaceInHeader(const std::string& before, const std::string& after) const
    {
        std::string bytes = readText(m_folder / "model.safetensors");
        ASSERT_EQ(before.size(), after.size());
        const auto at = bytes.find(before);
        ASSERT_NE(at, std::string::npos);
        bytes.replace(at, before.size(), after);
        std::ofstream(m_folder / "model.safetensors", std::ios::binary) << bytes;
    }
    std::string problem(const LoadOptions& options = {}) const
    {
        const auto model = Transformer::load(m_folder, options, {});
        return model ? "loaded" : model.error().message;
    }

    testing_support::TemporaryFolder m_temporary;
    std::filesystem::path m_folder = m_temporary.path();
};

TEST_F(DamagedModel, loadsWhileItIsWhole) { EXPECT_EQ(problem(), "loaded"); }

TEST_F(DamagedModel, isFoundFromAnyFileInIt)
{
    EXPECT_TRUE(Transformer::load(m_folder / "config.json", {}, {}));
    EXPECT_TRUE(Transformer::load(m_folder / "model.safetensors", {}, {}));
}

TEST_F(DamagedModel, withoutConfig)
{
    std::filesystem::remove(m_folder / "config.json");
    EXPECT_THAT(problem(), HasSubstr("has no config.json and no GGUF file, so it is no model folder"));
}

TEST_F(DamagedModel, withoutWeights)
{
    std::filesystem::remove(m_folder / "model.safetensors");
    EXPECT_THAT(problem(), HasSubstr("has no weights: expected model.safetensors or model.safetensors.index.json"));
}

TEST_F(DamagedModel, ofAnUnknownType)
{
    setConfig("model_type", "mamba");
    EXPECT_THAT(problem(), HasSubstr("the model type 'mamba' is not supported: it keeps a state of fixed size"));
}

TEST_F(DamagedModel, cutShort)
{
    std::filesystem::resize_file(m_folder / "model.safetensors", 50'000);
    EXPECT_THAT(problem(), HasSubstr("ends at byte "));
    EXPECT_THAT(problem(), HasSubstr("the file at 50000: it is cut short, fetch it again"));
}

TEST_F(DamagedModel, withATensorOfAnotherShape)
{
    setConfig("intermediate_size", 64);
    EXPECT_THAT(
        problem(),
        HasSubstr("the tensor 'model.layers.0.mlp.gate_proj.weight' has the shape 48 × 32, but config.json asks for 64 × 32"));
}

TEST_F(DamagedModel, withoutATensor)
{
    setConfig("num_hidden_layers", 3);
    EXPECT_THAT(problem(), HasSubstr("lack the tensor 'model.layers.2.input_layernorm.weight'"));
}

TEST_F(DamagedModel, withATensorOfAnotherDtype)
{
    replaceInHeader(R"("lm_head.weight":{"dtype":"F32")", R"("lm_head.weight":{"dtype":"I32")");
    EXPECT_THAT(problem(), HasSubstr("the tensor 'lm_head.weight' has the dtype I32; weights in F32, F16 and BF16 are read"));
}

TEST_F(DamagedModel, inATypeItCannotRunIn)
{
    EXPECT_EQ(problem({.dtype = at::kHalf}), "float16 runs on CUDA only; on the CPU use float32 or bfloat16");
    EXPECT_THAT(problem({.dtype = at::kDouble}), HasSubstr("not in Double"));
}

TEST_F(DamagedModel, tooLargeForAnyMemory)
{
    auto model = Transformer::load(m_folder, {}, {});
    ASSERT_TRUE(model) << model.error().message;
    class Hungry final : public ForwardObserver {
        Result<void> layerRows(Layer, Position, const LayerRows&) override
        {
            at::empty({std::int64_t{1} << 55}); // an observer's allocation fails as the model's own would
            return {};
        }
        Result<void> logits(Position, const at::Tensor&) override { return {}; }
    } hungry;
    const auto done = (*model)->forward(std::vector<std::int32_t>{1, 2}, 2, hungry, {});
    ASSERT_FALSE(done);
    EXPECT_EQ(done.error().code, ErrorCode::OutOfMemory);
    EXPECT_EQ(done.error().message,
              "memory ran out while running the model; use a shorter text, fewer layers, or a smaller type");
}

} // namespace
} // namespace winnow
