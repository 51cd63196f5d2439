// SPDX-License-Identifier: GPL-3.0-or-later
// The forward pass on CUDA beside the CPU's, of every family. Skipped where there is no GPU; `ctest -L gpu` runs these alone.
#include "core/model/run/device.h"
#include "tests/model/forward_keeper.h"

#include <ATen/Context.h>

#include <gtest/gtest.h>

namespace winnow {
namespace {

class ModelOnCuda : public testing::TestWithParam<const char*> {
protected:
    void SetUp() override
    {
        if (!at::hasCUDA())
            GTEST_SKIP() << "no CUDA device";
    }
    /// How far the logits, and the rows of the last layer, are from those of the CPU in float32.
    void expectClose(const LoadOptions& options, double most) const
    {
        const auto tokens = fixtureTokens(GetParam());
        Keeper expected, actual;
        const auto host = loaded(modelFixture(GetParam())), device = loaded(modelFixture(GetParam()), options);
        ASSERT_TRUE(host && device);
        ASSERT_TRUE(host->forward(tokens, 16, expected, {}));
        const auto done = device->forward(tokens, 16, actual, {});
        ASSERT_TRUE(done) << done.error().message;
        EXPECT_LT(distance(actual.logits().cpu(), expected.logits()), most);
        const LayerRows a = actual.rows(1), b = expected.rows(1);
        for (const auto rows : {&LayerRows::q, &LayerRows::k, &LayerRows::v, &LayerRows::o, &LayerRows::lse})
            EXPECT_LT(distance((a.*rows).cpu(), b.*rows), most);
    }
};

const std::vector<at::Device> kFirst{at::Device(at::kCUDA, 0)};

TEST_P(ModelOnCuda, isTheSameInFloat32) { expectClose({.devices = kFirst}, 1e-4); }

// Some thirty roundings one after the other, to 11 bits and to 8.
TEST_P(ModelOnCuda, staysCloseInFloat16) { expectClose({.dtype = at::kHalf, .devices = kFirst}, 30.0 / 2048); }
TEST_P(ModelOnCuda, staysCloseInBfloat16) { expectClose({.dtype = at::kBFloat16, .devices = kFirst}, 30.0 / 256); }

TEST_P(ModelOnCuda, isTheSameWithLayersSpread)
{
    expectClose({.devices = {at::Device(at::kCUDA, 0), at::Device(at::kCPU)}}, 1e-4);
    const auto all = loadOptions(Dtype::Float32, "auto"); // the further devices are to spare
    ASSERT_TRUE(all) << all.error().message;
    LoadOptions spread{.devices = all->devices};
    spread.devices.insert(spread.devices.end(), all->spare.begin(), all->spare.end());
    expectClose(spread, 1e-4);
}

INSTANTIATE_TEST_SUITE_P(Fixtures, ModelOnCuda,
                         testing::Values("plain", "grouped", "llama3", "mistral", "qwen2", "qwen3", "phi3", "gemma2", "gemma3",
                                         "gpt2", "gpt_neox"),
                         [](const auto& each) { return std::string(each.param); });

} // namespace
} // namespace winnow
