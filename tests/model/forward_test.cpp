// The forward pass against transformers (fixtures/model/make_models.py), and against itself under other chunk sizes.
#include "core/io/safetensors.h"
#include "core/model/device.h"
#include "core/model/transformer.h"
#include "core/model/value_output_norm.h"
#include "core/model/weights.h"
#include "tests/model/fixture_files.h"

#include <gtest/gtest.h>

#include <cmath>

namespace winnow {
namespace {

/// Keeps all that a pass computes, over the whole text.
class Keeper final : public ForwardObserver {
public:
    explicit Keeper(bool wantsRows = true) : m_wantsRows(wantsRows) {}

    Result<void> layerRows(Layer layer, Position begin, const LayerRows& rows) override
    {
        const auto l = static_cast<std::size_t>(raw(layer));
        m_layers.resize(std::max(m_layers.size(), l + 1));
        EXPECT_EQ(raw(begin), m_layers[l].q.empty() ? 0 : static_cast<std::int32_t>(length(m_layers[l].q)));
        m_layers[l].q.push_back(rows.q.to(at::kFloat).clone());
        m_layers[l].k.push_back(rows.k.to(at::kFloat).clone());
        m_layers[l].v.push_back(rows.v.to(at::kFloat).clone());
        m_layers[l].o.push_back(rows.o.to(at::kFloat).clone());
        EXPECT_EQ(rows.lse.scalar_type(), at::kFloat);
        m_layers[l].lse.push_back(rows.lse.clone());
        return {};
    }
    Result<void> logits(Position, const at::Tensor& logits) override
    {
        EXPECT_EQ(logits.scalar_type(), at::kFloat);
        m_logits.push_back(logits.clone());
        return {};
    }
    bool wantsLayerRows() const override { return m_wantsRows; }

    at::Tensor logits() const { return at::cat(m_logits, 0); }
    LayerRows rows(std::size_t l) const
    {
        const Parts& p = m_layers[l];
        return {.q = at::cat(p.q, 1), .k = at::cat(p.k, 1), .v = at::cat(p.v, 1), .o = at::cat(p.o, 1), .lse = at::cat(p.lse, 1)};
    }
    bool sawRows() const { return !m_layers.empty(); }

private:
    struct Parts {
        std::vector<at::Tensor> q, k, v, o, lse;
    };
    static std::int64_t length(const std::vector<at::Tensor>& parts)
    {
        std::int64_t total = 0;
        for (const at::Tensor& part : parts)
            total += part.size(1);
        return total;
    }
    bool m_wantsRows;
    std::vector<Parts> m_layers;
    std::vector<at::Tensor> m_logits;
};

at::Tensor fixtureTensor(const std::string& model, const std::string& name)
{
    const auto file = MappedFile::open(modelFixture(model) / "expected.safetensors").value();
    const auto table = parseSafetensors(file.bytes(), "expected").value();
    const TensorEntry& entry = table.tensors.at(name);
    const at::Tensor tensor = at::empty(entry.shape, entry.type == TensorType::I32 ? at::kInt : at::kFloat);
    std::memcpy(tensor.data_ptr(), file.bytes().data() + entry.begin, entry.end - entry.begin);
    return tensor;
}

std::vector<std::int32_t> fixtureTokens(const std::string& model)
{
    const at::Tensor tokens = fixtureTensor(model, "tokens");
    return {tokens.const_data_ptr<std::int32_t>(), tokens.const_data_ptr<std::int32_t>() + tokens.numel()};
}

/// Largest difference over largest value.
double distance(const at::Tensor& found, const at::Tensor& expected)
{
    return ((found - expected).abs().max() / expected.abs().max()).item<double>();
}

std::unique_ptr<Transformer> loaded(const std::filesystem::path& folder, LoadOptions options = {})
{
    auto model = Transformer::load(folder, options, {});
    EXPECT_TRUE(model) << model.error().message;
    return model ? std::move(*model) : nullptr;
}

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
        const LayerInfo info = model->layerInfo(Layer{l});
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
        const at::Tensor norms = valueOutputNorm(keeper.rows(static_cast<std::size_t>(l)).v, model->outputProjection(Layer{l}));
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

TEST(Device, namesWhatItDoesNotUnderstandOrHave)
{
    EXPECT_TRUE(parseDevice("cpu").value().is_cpu());
    EXPECT_EQ(parseDevice("gpu").error().code, ErrorCode::Usage);
    EXPECT_EQ(parseDevice("cuda:x").error().code, ErrorCode::Usage);
    if (at::hasCUDA())
        GTEST_SKIP() << "this machine has CUDA";
    EXPECT_TRUE(parseDevice("auto").value().is_cpu());
    EXPECT_EQ(parseDevice("cuda").error().message,
              "CUDA was asked for, but this machine or this build of PyTorch has none; use the device 'cpu'");
    EXPECT_FALSE(Transformer::load(modelFixture("plain"), {.device = at::Device(at::kCUDA, 0)}, {}));
}

} // namespace
} // namespace winnow
