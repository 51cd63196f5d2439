// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/model/session/record.h"

#include "core/model/config/model_folder.h"
#include "core/model/families/read_config.h"
#include "core/model/run/memory_need.h"
#include "core/model/run/transformer.h"
#include "core/model/run/value_output_norm.h"
#include "core/model/session/loaded_model.h"
#include "core/model/tokenizer/tokenizer.h"
#include "core/trace/attention_source.h"
#include "core/trace/trace.h"
#include "tests/model/spoiled_model.h"
#include "tests/support/temporary_folder.h"

#include <ATen/ATen.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <fstream>

using namespace winnow;
using testing::HasSubstr;
using winnow::testing_support::TemporaryFolder;

namespace {

const std::string kDemo = WINNOW_RESOURCES "/models/demo";
const std::string kText =
    "Call me Ishmael. Some years ago, never mind how long precisely, having little or no money in my purse, "
    "and nothing particular to interest me on shore, I thought I would sail about a little.";

RecordOptions demo(const TemporaryFolder& folder)
{
    return {.model = kDemo, .text = kText, .textName = "moby.txt", .out = folder / "t.h5", .device = "cpu", .chunk = 16};
}

std::shared_ptr<const Trace> recorded(const RecordOptions& options, const RecordHooks& hooks = {})
{
    const auto plan = record(options, hooks, {});
    EXPECT_TRUE(plan) << (plan ? "" : plan.error().message);
    const auto trace = Trace::open(options.out);
    EXPECT_TRUE(trace) << (trace ? "" : trace.error().message);
    return trace ? *trace : nullptr;
}

std::string refusal(const RecordOptions& options, const RecordHooks& hooks = {})
{
    const auto plan = record(options, hooks, {});
    EXPECT_FALSE(plan);
    EXPECT_FALSE(std::filesystem::exists(options.out));
    EXPECT_FALSE(std::filesystem::exists(options.out.string() + ".part"));
    return plan ? "" : plan.error().message;
}

/// Everything a forward pass says, in one chunk.
struct Everything final : ForwardObserver {
    std::vector<LayerRows> layers;
    at::Tensor all;
    Result<void> layerRows(Layer, Position, const LayerRows& rows) override
    {
        layers.push_back({rows.q.clone(), rows.k.clone(), rows.v.clone(), rows.o.clone(), rows.lse.clone()});
        return {};
    }
    Result<void> logits(Position, const at::Tensor& logits) override
    {
        all = logits.clone();
        return {};
    }
};

at::Tensor rowsOf(const Trace& trace, int layer, Rows what, std::vector<std::int64_t> shape)
{
    at::Tensor rows = at::empty(shape, at::kFloat);
    const std::span out(rows.mutable_data_ptr<float>(), static_cast<std::size_t>(rows.numel()));
    const auto read = trace.read(layer, what, Position(0), Position(trace.tokenCount()), out);
    EXPECT_TRUE(read) << read.error().message;
    return rows;
}

TEST(Record, storesWhatTheForwardPassComputed)
{
    const TemporaryFolder folder;
    const auto trace = recorded(demo(folder));
    ASSERT_TRUE(trace);
    const TraceInfo& info = trace->info();
    const auto tokenizer = Tokenizer::load(kDemo).value();
    const Encoding encoding = tokenizer->encode(kText).value();
    EXPECT_EQ(info.tokens, encoding.ids);
    EXPECT_EQ(info.offsets, encoding.offsets);
    EXPECT_EQ(info.text, kText);
    EXPECT_EQ(info.prompt, trace->tokenCount());
    EXPECT_EQ(info.layers.size(), 6u);
    EXPECT_TRUE(info.complete);
    EXPECT_THAT(info.config, HasSubstr("\"num_key_value_heads\""));
    for (const char* key :
         {"model", "model_hash", "tokenizer_hash", "text", "text_hash", "dtype", "device", "versions", "seed", "winnow"})
        EXPECT_NE(info.manifest.find(key), info.manifest.end()) << key;
    EXPECT_EQ(info.manifest.at("text"), "moby.txt");

    const auto model = Transformer::load(kDemo, {}, {}).value();
    Everything everything;
    const int n = trace->tokenCount();
    ASSERT_TRUE(model->forward(info.tokens, n, everything, {}));
    for (int layer = 0; layer < trace->layerCount(); ++layer) {
        const LayerRows& rows = everything.layers[layer];
        LayerInfo expected = model->layerInfo(Layer(layer), n);
        expected.hasValueOutputNorm = true;
        EXPECT_EQ(info.layerInfo[layer], expected);
        // Chunks of 16 and one chunk of all tokens sum in another order: a few float32 roundings of numbers of order 10.
        EXPECT_TRUE(at::allclose(rowsOf(*trace, layer, Rows::Query, {8, n, 32}), rows.q, 1e-4, 1e-4)) << layer;
        EXPECT_TRUE(at::allclose(rowsOf(*trace, layer, Rows::Key, {4, n, 32}), rows.k, 1e-4, 1e-4)) << layer;
        EXPECT_TRUE(at::allclose(rowsOf(*trace, layer, Rows::Value, {4, n, 32}), rows.v, 1e-4, 1e-4)) << layer;
        EXPECT_TRUE(at::allclose(rowsOf(*trace, layer, Rows::Output, {8, n, 32}), rows.o, 1e-4, 1e-4)) << layer;
        EXPECT_TRUE(at::allclose(rowsOf(*trace, layer, Rows::LogSumExp, {8, n}), rows.lse, 1e-4, 1e-4)) << layer;
        const at::Tensor norms = valueOutputNorm(rows.v, model->outputProjection(Layer(layer)).value());
        EXPECT_TRUE(at::allclose(rowsOf(*trace, layer, Rows::ValueOutputNorm, {8, n}), norms, 1e-4, 1e-4)) << layer;
    }
    EXPECT_TRUE(std::isnan(info.logprob[0]));
    const at::Tensor logprob = at::log_softmax(everything.all, 1);
    for (int t = 1; t < n; ++t)
        EXPECT_NEAR(info.logprob[t], logprob[t - 1][info.tokens[t]].item<float>(), 1e-4) << t;
}

TEST(TextRecorder, loadsItsModelOnceAndRecordsAsRecordDoes)
{
    const TemporaryFolder folder, model;
    std::filesystem::copy(kDemo, model / "demo", std::filesystem::copy_options::recursive);
    RecordOptions options = demo(folder);
    options.model = model / "demo";
    TextRecorder recorder;
    ASSERT_TRUE(recorder.record(options, {}, {}));
    std::filesystem::remove(model / "demo" / "model.safetensors");
    options.text = "It is a way I have of driving off the spleen and regulating the circulation.";
    const auto again = recorder.record(options, {}, {});
    ASSERT_TRUE(again) << again.error().message;
    const auto kept = Trace::open(options.out);
    ASSERT_TRUE(kept);
    options.model = kDemo;
    options.out = folder / "alone.h5";
    const auto alone = recorded(options);
    EXPECT_EQ((*kept)->info().tokens, alone->info().tokens);
    auto told = (*kept)->info().manifest, expected = alone->info().manifest;
    EXPECT_EQ(told["model_hash"], expected["model_hash"]);
    EXPECT_EQ(told["text_hash"], expected["text_hash"]);
    EXPECT_EQ((*kept)->info().logprob.back(), alone->info().logprob.back());
}

TEST(Record, rowsOfAttentionSumToOne)
{
    const TemporaryFolder folder;
    const auto trace = recorded(demo(folder));
    ASSERT_TRUE(trace);
    for (int layer = 0; layer < trace->layerCount(); ++layer) {
        const int step = trace->tokenCount() - 1;
        const std::vector<float> rows = attentionRow(*trace, layer, Step(step)).value();
        for (int head = 0; head < 8; ++head) {
            double sum = 0;
            for (int i = 0; i <= step; ++i)
                sum += rows[head * (step + 1) + i];
            EXPECT_NEAR(sum, 1, 1e-5) << "layer " << layer << ", head " << head;
        }
    }
}

TEST(Record, storesTheLayersAndTokensAskedFor)
{
    const TemporaryFolder folder;
    RecordOptions options = demo(folder);
    options.layers = std::pair(2, 3);
    options.maxTokens = 10;
    const auto trace = recorded(options);
    ASSERT_TRUE(trace);
    EXPECT_EQ(trace->info().layers, (std::vector{Layer(2), Layer(3)}));
    EXPECT_EQ(trace->tokenCount(), 10);
    EXPECT_EQ(static_cast<int>(trace->info().text.size()), trace->info().offsets.back()[1])
        << "the text ends with its last token";
    EXPECT_TRUE(kText.starts_with(trace->info().text));
}

TEST(Record, storesBfloat16RunsAsFloat16)
{
    const TemporaryFolder folder;
    RecordOptions options = demo(folder);
    const auto wide = recorded(options);
    options.dtype = Dtype::BFloat16;
    options.out = folder / "half.h5";
    const auto half = recorded(options);
    ASSERT_TRUE(wide && half);
    EXPECT_EQ(half->info().manifest.at("dtype"), "bfloat16");
    const int n = half->tokenCount();
    const at::Tensor q = rowsOf(*half, 0, Rows::Query, {8, n, 32}), reference = rowsOf(*wide, 0, Rows::Query, {8, n, 32});
    EXPECT_TRUE(at::equal(q, q.to(at::kHalf).to(at::kFloat)));
    const at::Tensor norms = rowsOf(*half, 0, Rows::ValueOutputNorm, {8, n}),
                     wideNorms = rowsOf(*wide, 0, Rows::ValueOutputNorm, {8, n});
    EXPECT_LE((norms - wideNorms).abs().max().item<float>(), 0.05f * wideNorms.max().item<float>());
    // bfloat16 has 8 bits: each product is right to 2^-8 of the row's size.
    EXPECT_LE((q - reference).abs().max().item<float>(), 0.05f * reference.abs().max().item<float>());
    EXPECT_LT(std::filesystem::file_size(options.out), std::filesystem::file_size(folder / "t.h5"));
}

TEST(Record, tellsSizeAndProgress)
{
    const TemporaryFolder folder;
    RecordPlan announced;
    std::vector<int> advanced;
    bool before = false;
    const RecordOptions options = demo(folder);
    const RecordHooks hooks{.planned =
                                [&](const RecordPlan& plan) {
                                    announced = plan;
                                    before = std::filesystem::is_empty(folder / "t.h5.part"); // the name is claimed
                                },
                            .advanced =
                                [&](int done) {
                                    advanced.push_back(done);
                                    const auto growing = Trace::open(folder / "t.h5.part");
                                    ASSERT_TRUE(growing) << growing.error().message;
                                    EXPECT_EQ((*growing)->tokenCount(), done);
                                }};
    const auto trace = recorded(options, hooks);
    ASSERT_TRUE(trace);
    EXPECT_TRUE(before) << "announced before anything was written";
    EXPECT_EQ(announced.tokens, trace->tokenCount());
    EXPECT_GT(announced.freeBytes, announced.bytes);
    const auto size = static_cast<double>(std::filesystem::file_size(options.out));
    EXPECT_NEAR(static_cast<double>(announced.bytes), size, 0.05 * size);
    EXPECT_GE(advanced.size(), 3u);
    EXPECT_EQ(advanced.back(), trace->tokenCount());
}

TEST(Record, refusesADiskThatCannotHoldIt)
{
    const TemporaryFolder folder;
    RecordHooks hooks;
    hooks.freeBytes = [](const std::filesystem::path&) { return Result<std::uint64_t>(1000); };
    EXPECT_THAT(refusal(demo(folder), hooks), testing::AllOf(HasSubstr("would take"), HasSubstr("has 1.0 kB left")));
}

TEST(Record, readsLayersFromDiskWhereMemoryIsTooSmallForAllOfThemAndSaysSo)
{
    const TemporaryFolder folder;
    RecordOptions options = demo(folder);
    const auto whole = recorded(options);
    ASSERT_TRUE(whole);
    const ModelConfig config = readModelConfig(kDemo).value();
    RecordPlan announced;
    RecordHooks hooks{.planned = [&](const RecordPlan& plan) { announced = plan; },
                      .memory = memoryNeed(config, whole->tokenCount(), Dtype::Float32, options.chunk, true).total()};
    options.out = folder / "streamed.h5";
    const auto streamed = recorded(options, hooks);
    ASSERT_TRUE(streamed);
    EXPECT_THAT(announced.warnings, testing::Contains(HasSubstr("read from disk one by one")));
    EXPECT_TRUE(announced.streamed);
    EXPECT_EQ(streamed->info().manifest.at("device"), "cpu, layer by layer from disk");
    EXPECT_EQ(whole->info().manifest.at("device"), "cpu");
    const std::int64_t n = whole->tokenCount();
    for (const int layer : {0, config.layers - 1}) {
        EXPECT_TRUE(
            at::equal(rowsOf(*streamed, layer, Rows::Output, {8, n, 32}), rowsOf(*whole, layer, Rows::Output, {8, n, 32})));
        EXPECT_TRUE(at::equal(rowsOf(*streamed, layer, Rows::ValueOutputNorm, {8, n}),
                              rowsOf(*whole, layer, Rows::ValueOutputNorm, {8, n})));
    }

    hooks.memory = 1'000'000;
    options.out = folder / "refused.h5";
    EXPECT_THAT(refusal(options, hooks), HasSubstr("and 1.0 MB can be had; close other programs"));
}

TEST(Record, refusesWhatIsNoText)
{
    const TemporaryFolder folder;
    RecordOptions options = demo(folder);
    options.text = "";
    EXPECT_THAT(refusal(options), HasSubstr("'moby.txt' is empty"));
    options.text = "a";
    EXPECT_THAT(refusal(options), HasSubstr("'moby.txt' is only 1 token long"));
    options.text = "fine until \xff here";
    EXPECT_THAT(refusal(options), testing::AllOf(HasSubstr("'moby.txt'"), HasSubstr("UTF-8")));
}

TEST(Record, refusesLayersThatAreNotThere)
{
    const TemporaryFolder folder;
    RecordOptions options = demo(folder);
    options.layers = std::pair(4, 6);
    EXPECT_THAT(refusal(options), HasSubstr("the layers 4 to 6 were asked for; the model has 0 to 5"));
}

TEST(Record, refusesModelsAndPlacesThatAreNotThere)
{
    const TemporaryFolder folder;
    RecordOptions options = demo(folder);
    options.model = folder / "none";
    EXPECT_THAT(refusal(options), HasSubstr("none"));
    options.model = folder.path(); // no config.json
    EXPECT_THAT(refusal(options), HasSubstr("config.json"));
    options = demo(folder);
    options.out = folder / "none" / "t.h5";
    EXPECT_THAT(refusal(options), HasSubstr("does not exist"));
    options = demo(folder);
    options.device = "gpu";
    EXPECT_THAT(refusal(options), HasSubstr("'gpu'"));
}

TEST(Record, stopsAtTheFirstNumberThatIsNoneAndNamesTheWeightThatHoldsOne)
{
    struct Case {
        const char *weight, *where;
        std::uint16_t bits;
    };
    for (const Case& c : {Case{"model.layers.2.self_attn.k_proj.weight", "layer 2: k holds nan at head 0, token 0;", kHalfNan},
                          {"model.layers.2.self_attn.v_proj.weight", "layer 2: v holds", kHalfMinusInfinity},
                          {"model.layers.2.mlp.up_proj.weight", "layer 3: q holds nan at head 0, token 0;", kHalfNan},
                          {"model.layers.2.self_attn.o_proj.weight", "layer 2: vo_norm holds", kHalfNan},
                          {"model.norm.weight", "logprob holds nan at token 1;", kHalfNan}}) {
        const TemporaryFolder folder;
        RecordOptions options = demo(folder);
        options.model = spoiledModel(folder, kDemo, c.weight, c.bits);
        for (const Dtype dtype : {Dtype::Float32, Dtype::BFloat16}) {
            options.dtype = dtype;
            const std::string message = refusal(options);
            EXPECT_THAT(message, testing::AllOf(HasSubstr("the recording was stopped: "), HasSubstr(c.where),
                                                HasSubstr(fmt::format("the model's weight '{}' is not finite", c.weight))))
                << c.weight;
            EXPECT_EQ(message.find('\n'), std::string::npos);
        }
    }
}

TEST(Record, saysThatWeightsAreFiniteWhereWhatComesOfThemIsTooLarge)
{
    const TemporaryFolder folder;
    const auto place = spoiledModel(folder, WINNOW_FIXTURES "/model/plain", "model.layers.1.self_attn.k_proj.weight", 1e30F);
    std::filesystem::copy(kDemo + "/tokenizer.json", place / "tokenizer.json"); // whose hash the manifest tells
    auto model = LoadedModel::open(place, Dtype::Float32, "cpu");
    ASSERT_TRUE(model) << model.error().message;
    const TokenizedText text{.text = "abc", .tokens = {1, 2, 3}, .offsets = {{0, 1}, {1, 2}, {2, 3}}, .prompt = 3};
    RecordOptions options = demo(folder);
    auto out = AtomicFile::claim(options.out);
    ASSERT_TRUE(out) << out.error().message;
    const auto tried = recordTokens(options, *model, text, std::move(*out), {}, {});
    ASSERT_FALSE(tried);
    EXPECT_THAT(tried.error().message,
                testing::AllOf(HasSubstr("layer 1: k holds"), HasSubstr("expected numbers from -1e+12 to 1e+12"),
                               HasSubstr("all its weights are finite")));
    EXPECT_FALSE(std::filesystem::exists(options.out));
}

TEST(Record, goesOnWithAWarningBeyondTheModelsPositions)
{
    const TemporaryFolder folder;
    for (const char* name : {"config.json", "tokenizer.json"})
        std::filesystem::copy(std::filesystem::path(kDemo) / name, folder / name);
    std::filesystem::create_symlink(std::filesystem::path(kDemo) / "model.safetensors", folder / "model.safetensors");
    std::ifstream in(folder / "config.json");
    std::string config{std::istreambuf_iterator<char>(in), {}};
    const std::string positions = "\"max_position_embeddings\": 2048";
    ASSERT_NE(config.find(positions), std::string::npos);
    config.replace(config.find(positions), positions.size(), "\"max_position_embeddings\": 8");
    std::ofstream(folder / "config.json") << config;
    RecordOptions options = demo(folder);
    options.model = folder.path();
    const auto plan = record(options, {}, {});
    ASSERT_TRUE(plan) << plan.error().message;
    EXPECT_THAT(plan->warnings, testing::ElementsAre(HasSubstr("the model was made for 8")));
}

TEST(Record, leavesTheOldTraceWhenStopped)
{
    const TemporaryFolder folder;
    RecordOptions options = demo(folder);
    const auto old = recorded(options);
    ASSERT_TRUE(old);
    options.text = "Another text, as long as one wants, with a good many tokens in it, so that it takes some chunks to record.";
    std::stop_source stop;
    const auto stopped = record(options, {.advanced = [&](int) { stop.request_stop(); }}, JobContext(stop.get_token()));
    ASSERT_FALSE(stopped);
    EXPECT_EQ(stopped.error().code, ErrorCode::Cancelled);
    EXPECT_FALSE(std::filesystem::exists(folder / "t.h5.part"));
    EXPECT_EQ(Trace::open(options.out).value()->info().tokens, old->info().tokens);
}

} // namespace
