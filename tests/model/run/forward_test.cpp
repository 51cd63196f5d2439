// SPDX-License-Identifier: GPL-3.0-or-later
// The forward pass against transformers (fixtures/model/make_models.py), and against itself under other chunk sizes.
#include "core/model/run/device.h"
#include "core/model/run/transformer.h"
#include "core/model/run/value_output_norm.h"
#include "tests/model/forward_keeper.h"

#include <gtest/gtest.h>

#include <cmath>

namespace winnow {
namespace {

/// Attention as one would write it on a blackboard, from what a trace stores: queries and keys before the rotary embedding.
at::Tensor derivedAttention(const LayerRows& rows, const LayerInfo& info)
{
    const auto rotated = [&](const at::Tensor& x) {
        const at::Tensor result = at::empty_like(x);
        const std::int64_t half = info.headDim / 2;
        for (std::int64_t t = 0; t < x.size(1); ++t)
            for (std::int64_t pair = 0; pair < half; ++pair) {
                const double angle = static_cast<double>(t) * info.invFreq[static_cast<std::size_t>(pair)];
                const at::Tensor first = x.select(1, t).select(1, pair), second = x.select(1, t).select(1, pair + half);
                result.select(1, t).select(1, pair).copy_(first * std::cos(angle) - second * std::sin(angle));
                result.select(1, t).select(1, pair + half).copy_(second * std::cos(angle) + first * std::sin(angle));
            }
        return result;
    };
    const at::Tensor q = rotated(rows.q), k = rotated(rows.k).repeat_interleave(info.group(), 0);
    return at::exp(at::matmul(q, k.transpose(1, 2)) * info.scale - rows.lse.unsqueeze(-1)).tril();
}

class EveryFixtureModel : public testing::TestWithParam<const char*> {};

TEST_P(EveryFixtureModel, givesTheLogitsOfTransformers)
{
    const auto model = loaded(modelFixture(GetParam()));
    ASSERT_TRUE(model);
    Keeper keeper;
    const auto tokens = fixtureTokens(GetParam());
    const auto done = model->forward(tokens, 1000, keeper, {});
    ASSERT_TRUE(done) << done.error().message;
    EXPECT_LT(distance(keeper.logits(), fixtureTensor(GetParam(), "logits")), 2e-5);
}

TEST_P(EveryFixtureModel, computesTheSameInChunksOfAnySize)
{
    const auto model = loaded(modelFixture(GetParam()));
    ASSERT_TRUE(model);
    const auto tokens = fixtureTokens(GetParam());
    Keeper whole;
    ASSERT_TRUE(model->forward(tokens, 1000, whole, {}));
    for (const int chunk : {1, 7, 32, static_cast<int>(tokens.size())}) {
        Keeper parts;
        ASSERT_TRUE(model->forward(tokens, chunk, parts, {}));
        EXPECT_LT(distance(parts.logits(), whole.logits()), 2e-5) << "chunk " << chunk;
        const LayerRows a = parts.rows(1), b = whole.rows(1);
        EXPECT_LT(distance(a.q, b.q), 2e-5) << "chunk " << chunk;
        EXPECT_LT(distance(a.o, b.o), 2e-5) << "chunk " << chunk;
        EXPECT_LT(distance(a.lse, b.lse), 2e-5) << "chunk " << chunk;
    }
}

INSTANTIATE_TEST_SUITE_P(Fixtures, EveryFixtureModel,
                         testing::Values("plain", "grouped", "tied", "llama3", "llama3_old", "sharded"),
                         [](const auto& each) { return std::string(each.param); });

TEST(Forward, observesTheRowsOfTransformersAndNormalizersThatGiveItsAttention)
{
    const auto model = loaded(modelFixture("grouped"));
    Keeper keeper;
    ASSERT_TRUE(model->forward(fixtureTokens("grouped"), 9, keeper, {}));
    const at::Tensor attentions = fixtureTensor("grouped", "attentions");
    for (int l = 0; l < 2; ++l) {
        const LayerRows rows = keeper.rows(static_cast<std::size_t>(l));
        const LayerInfo info = model->layerInfo(Layer{l}, 40);
        const auto flat = [](const at::Tensor& x) { return x.transpose(0, 1).reshape({x.size(1), -1}); };
        EXPECT_LT(distance(flat(rows.q), fixtureTensor("grouped", fmt::format("q.{}", l))), 1e-5);
        EXPECT_LT(distance(flat(rows.k), fixtureTensor("grouped", fmt::format("k.{}", l))), 1e-5);
        EXPECT_LT(distance(flat(rows.v), fixtureTensor("grouped", fmt::format("v.{}", l))), 1e-5);
        EXPECT_LT(distance(flat(rows.o), fixtureTensor("grouped", fmt::format("o.{}", l))), 1e-5);
        EXPECT_EQ(info.queryHeads, 4);
        EXPECT_EQ(info.keyHeads, 2);
        EXPECT_FLOAT_EQ(info.scale, 0.25f);
        EXPECT_LT((derivedAttention(rows, info) - attentions[l]).abs().max().item<double>(), 1e-5);
    }
}

TEST(Forward, handsOutTheProjectionThatTransformersAppliesToValues)
{
    const auto model = loaded(modelFixture("grouped"));
    Keeper keeper;
    ASSERT_TRUE(model->forward(fixtureTokens("grouped"), 9, keeper, {}));
    for (int l = 0; l < 2; ++l) {
        const at::Tensor norms =
            valueOutputNorm(keeper.rows(static_cast<std::size_t>(l)).v, model->outputProjection(Layer{l}).value());
        EXPECT_EQ(norms.sizes(), (at::IntArrayRef{4, 40}));
        EXPECT_LT(distance(norms, fixtureTensor("grouped", fmt::format("vo_norm.{}", l))), 1e-5);
    }
}

TEST(ValueOutputNorm, isTheSumOverTheHiddenSizeOfWhatAValueAdds)
{
    at::manual_seed(1);
    constexpr int kKeyHeads = 2, kQueryHeads = 6, kRows = 11, kSize = 5, kHidden = 7;
    const at::Tensor v = at::randn({kKeyHeads, kRows, kSize}), projection = at::randn({kHidden, kQueryHeads * kSize});
    const at::Tensor slow = at::zeros({kQueryHeads, kRows});
    for (int head = 0; head < kQueryHeads; ++head)
        for (int row = 0; row < kRows; ++row) {
            double sum = 0;
            for (int out = 0; out < kHidden; ++out) {
                double product = 0;
                for (int i = 0; i < kSize; ++i)
                    product += v[head / 3][row][i].item<double>() * projection[out][head * kSize + i].item<double>();
                sum += std::abs(product);
            }
            slow[head][row].fill_(sum);
        }
    for (const int block : {1, 4, 11, 256})
        EXPECT_LT(distance(valueOutputNorm(v, projection, block), slow), 1e-6) << "block " << block;
}

TEST(Forward, sparesAnObserverThatWantsNoRowsAllOfThem)
{
    const auto model = loaded(modelFixture("plain"));
    Keeper keeper(false);
    ASSERT_TRUE(model->forward(fixtureTokens("plain"), 16, keeper, {}));
    EXPECT_FALSE(keeper.sawRows());
    EXPECT_LT(distance(keeper.logits(), fixtureTensor("plain", "logits")), 2e-5);
}

TEST(Forward, staysCloseInBfloat16)
{
    const auto model = loaded(modelFixture("plain"), {.dtype = at::kBFloat16});
    Keeper keeper;
    ASSERT_TRUE(model->forward(fixtureTokens("plain"), 16, keeper, {}));
    // Eight bits of mantissa, two layers with some ten roundings each: a few per cent of the largest logit.
    EXPECT_LT(distance(keeper.logits(), fixtureTensor("plain", "logits")), 0.06);
}

TEST(Forward, refusesATokenTheModelDoesNotKnow)
{
    const auto model = loaded(modelFixture("plain"));
    Keeper keeper;
    const auto done = model->forward(std::vector<std::int32_t>{1, 2, 64}, 16, keeper, {});
    ASSERT_FALSE(done);
    EXPECT_EQ(done.error().message, "token 2 has the id 64, but the model knows ids 0 to 63: does the tokenizer belong to it?");
}

TEST(Forward, stopsWhenAskedTo)
{
    const auto model = loaded(modelFixture("plain"));
    std::stop_source stop;
    stop.request_stop();
    Keeper keeper;
    const auto done = model->forward(fixtureTokens("plain"), 16, keeper, JobContext(stop.get_token()));
    ASSERT_FALSE(done);
    EXPECT_EQ(done.error().code, ErrorCode::Cancelled);
}

TEST(Forward, endsWithTheErrorOfItsObserver)
{
    class Refuser final : public ForwardObserver {
        Result<void> layerRows(Layer, Position, const LayerRows&) override
        {
            return fail(ErrorCode::NoSpace, "the disk is full");
        }
        Result<void> logits(Position, const at::Tensor&) override { return {}; }
    } refuser;
    const auto done = loaded(modelFixture("plain"))->forward(fixtureTokens("plain"), 16, refuser, {});
    ASSERT_FALSE(done);
    EXPECT_EQ(done.error().message, "the disk is full");
}

TEST(Forward, isTheSameWithLayersSpreadOrReadFromDiskEachTime)
{
    for (const std::string name : {"plain", "grouped", "tied", "sharded"})
        for (const at::ScalarType dtype : {at::kFloat, at::kBFloat16}) {
            const auto whole = loaded(modelFixture(name), {.dtype = dtype});
            const auto streamed = loaded(modelFixture(name), {.dtype = dtype, .streamed = true});
            const auto spread = loaded(modelFixture(name), {.dtype = dtype, .devices = {at::kCPU, at::kCPU}});
            EXPECT_EQ(whole->placement(), "cpu");
            EXPECT_EQ(streamed->placement(), "cpu, layer by layer from disk");
            Keeper expected, fromDisk, fromTwo;
            ASSERT_TRUE(whole->forward(fixtureTokens(name), 7, expected, {}));
            ASSERT_TRUE(streamed->forward(fixtureTokens(name), 7, fromDisk, {}));
            ASSERT_TRUE(spread->forward(fixtureTokens(name), 7, fromTwo, {}));
            EXPECT_TRUE(at::equal(fromDisk.logits(), expected.logits())) << name;
            EXPECT_TRUE(at::equal(fromTwo.logits(), expected.logits())) << name;
            for (const auto& other : {streamed.get(), spread.get()})
                EXPECT_TRUE(at::equal(other->outputProjection(Layer{1}).value(), whole->outputProjection(Layer{1}).value()));
        }
}

TEST(Device, namesWhatItDoesNotUnderstandOrHave)
{
    EXPECT_EQ(loadOptions(Dtype::Float32, "cpu").value().devices, (std::vector<at::Device>{at::kCPU}));
    EXPECT_EQ(loadOptions(Dtype::Float32, "cpu,cpu").value().devices, (std::vector<at::Device>{at::kCPU, at::kCPU}));
    for (const char* wrong : {"gpu", "cuda:x", "", "cpu,", ",cpu", "cpu,auto"})
        EXPECT_EQ(loadOptions(Dtype::Float32, wrong).error().code, ErrorCode::Usage) << wrong;
    if (at::hasCUDA())
        GTEST_SKIP() << "this machine has CUDA";
    EXPECT_EQ(loadOptions(Dtype::Float32, "auto").value().devices, (std::vector<at::Device>{at::kCPU}));
    EXPECT_EQ(loadOptions(Dtype::Float32, "cpu,cuda").error().message,
              "CUDA was asked for, but this machine or this build of PyTorch has none; use the device 'cpu'");
    EXPECT_FALSE(Transformer::load(modelFixture("plain"), {.devices = {at::Device(at::kCUDA, 0)}}, {}));
}

} // namespace
} // namespace winnow
