// SPDX-License-Identifier: GPL-3.0-or-later
// What a trace says about every family is enough to derive transformers' attention from it: fixtures/model/make_families.py.
#include "core/model/run/transformer.h"
#include "core/trace/attention_source.h"
#include "core/trace/trace_writer.h"
#include "tests/model/forward_keeper.h"
#include "tests/support/temporary_folder.h"

namespace winnow {
namespace {

using testing_support::TemporaryFolder;

/// Records a forward pass without a tokenizer.
std::shared_ptr<const Trace> recorded(const Transformer& model, const std::vector<std::int32_t>& tokens,
                                      const TemporaryFolder& folder)
{
    Keeper keeper;
    const int n = static_cast<int>(tokens.size());
    EXPECT_TRUE(model.forward(tokens, 11, keeper, {}));
    TraceInfo info{.tokens = tokens, .offsets = std::vector<std::array<std::int32_t, 2>>(tokens.size()), .prompt = n};
    for (int layer = 0; layer < model.config().layers; ++layer) {
        info.layers.push_back(Layer(layer));
        info.layerInfo.push_back(model.layerInfo(Layer(layer), n));
    }
    const auto writer = TraceWriter::create({.out = folder / "t.h5", .info = info}).value();
    for (int layer = 0; layer < model.config().layers; ++layer) {
        const LayerRows rows = keeper.rows(static_cast<std::size_t>(layer));
        const auto append = [&](Rows what, const at::Tensor& values) {
            const at::Tensor flat = values.contiguous();
            EXPECT_TRUE(writer->append(layer, what, {flat.const_data_ptr<float>(), static_cast<std::size_t>(flat.numel())}));
        };
        append(Rows::Query, rows.q);
        append(Rows::Key, rows.k);
        append(Rows::Value, rows.v);
        append(Rows::Output, rows.o);
        append(Rows::LogSumExp, rows.lse);
    }
    EXPECT_TRUE(writer->commit(std::vector<float>(tokens.size())));
    EXPECT_TRUE(writer->finish());
    return Trace::open(folder / "t.h5").value();
}

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
                         testing::Values("mistral", "qwen2", "qwen3", "phi3", "gemma2", "gemma3", "gpt2", "gpt_neox"),
                         [](const auto& each) { return std::string(each.param); });

} // namespace
} // namespace winnow
