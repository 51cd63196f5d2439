// SPDX-License-Identifier: GPL-3.0-or-later
// What a trace says about every family is enough to derive transformers' attention from it: fixtures/model/make_families.py.
#include "core/trace/attention_source.h"
#include "tests/model/recorded_trace.h"

namespace winnow {
namespace {

using testing_support::TemporaryFolder;

class EveryTraceOfAFamily : public testing::TestWithParam<const char*> {};

TEST_P(EveryTraceOfAFamily, hasTheAttentionOfTransformersInItsTrace)
{
    const std::string name = GetParam();
    const auto model = loaded(modelFixture(name));
    ASSERT_TRUE(model);
    const TemporaryFolder folder;
    const auto tokens = fixtureTokens(name);
    const auto trace = recorded(*model, tokens, folder);
    ASSERT_TRUE(trace);
    const int n = static_cast<int>(tokens.size()), heads = model->config().queryHeads;
    for (int layer = 0; layer < trace->layerCount(); ++layer) {
        const at::Tensor expected = fixtureTensor(name, fmt::format("attention.{}", layer)); // of the first and the last head
        const auto compare = [&](const float* found, int which, int row, int columns) {
            for (int key = 0; key < columns; ++key)
                ASSERT_NEAR(found[key], expected[which][row][key].item<float>(), 1e-5)
                    << "layer " << layer << ", head " << which << ", query " << row << ", key " << key;
        };
        for (int which = 0; which < 2; ++which) {
            const AttentionQuery query{
                .layerIndex = layer, .queryHead = Head(which * (heads - 1)), .queryEnd = Position(n), .keyEnd = Position(n)};
            const auto tile = attentionTile(*trace, query, {});
            ASSERT_TRUE(tile) << tile.error().message;
            for (int row = 0; row < n; ++row)
                compare(tile->values.data() + row * n, which, row, n);
            const auto last = attentionRow(*trace, layer, Step(n - 1));
            ASSERT_TRUE(last) << last.error().message;
            compare(last->data() + which * (heads - 1) * n, which, n - 1, n);
        }
    }
}

INSTANTIATE_TEST_SUITE_P(Fixtures, EveryTraceOfAFamily,
                         testing::Values("mistral", "qwen2", "qwen3", "phi3", "gemma2", "gemma3", "gpt2", "gpt_neox", "smollm3",
                                         "olmo2", "olmo3", "granite", "phi", "stablelm", "ministral3", "gemma4"),
                         [](const auto& each) { return std::string(each.param); });

} // namespace
} // namespace winnow
