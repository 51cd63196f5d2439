// SPDX-License-Identifier: GPL-3.0-or-later
// The check of traces: green on what the recorder writes of every family, red on damaged traces of all kinds.
#include "core/trace/trace_check.h"

#include "core/model/families/family.h"
#include "core/model/families/read_config.h"
#include "tests/model/recorded_trace.h"
#include "tests/support/memory_trace.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <set>

namespace winnow {
namespace {

using testing::HasSubstr;
using testing_support::SyntheticTrace;
using testing_support::TemporaryFolder;

constexpr std::array kFamilies{
    "grouped",        "llama3", "mistral",  "ministral", "ministral3", "mistral3", "qwen2",           "qwen3",
    "qwen3_vl",       "phi",    "phi3",     "gemma2",    "gemma3",     "gemma4",   "gemma3_pictures", "gemma4_pictures",
    "gemma4_unified", "gpt2",   "gpt_neox", "smollm3",   "olmo2",      "olmo3",    "granite",         "stablelm",
    "falcon"};

std::shared_ptr<const Trace> traceOf(const std::string& name, const TemporaryFolder& folder, const std::string& dtype = "float32")
{
    const auto model = loaded(modelFixture(name), {.dtype = dtype == "float32" ? at::kFloat : at::kBFloat16});
    return recorded(*model, fixtureTokens(name), folder, dtype);
}

class EveryTrace : public testing::TestWithParam<const char*> {};

TEST_P(EveryTrace, isGreenInFloat32AndIn16Bits)
{
    for (const std::string dtype : {"float32", "bfloat16"}) {
        const TemporaryFolder folder;
        const auto checks = checkTrace(*traceOf(GetParam(), folder, dtype), {}, {});
        ASSERT_TRUE(checks) << checks.error().message;
        for (const LayerCheck& check : *checks) {
            EXPECT_TRUE(check.sound) << dtype << ", layer " << raw(check.layer) << ": " << check.sentence;
            EXPECT_GT(std::max(check.sum, check.output), 1e-3) << "what is allowed has nothing to do with what is found";
        }
    }
}

TEST_P(EveryTrace, isGreenOnASampleOfItsRows)
{
    const TemporaryFolder folder;
    const auto check = checkLayer(*traceOf(GetParam(), folder), 0, {.steps = 20}, {});
    ASSERT_TRUE(check) << check.error().message;
    EXPECT_TRUE(check->sound) << check->sentence;
    EXPECT_EQ(check->steps, 32); // two runs of 16
}

TEST(TraceCheck, isTriedOnTracesOfEveryFamily)
{
    std::set<std::string, std::less<>> tried;
    for (const char* name : kFamilies)
        tried.insert(readModelConfig(modelFixture(name)).value().modelType);
    for (const Family* family : families()) {
        std::string_view whole = family->modelType; // a text part alone is run as in the whole model
        if (whole.ends_with("_text"))
            whole.remove_suffix(5);
        EXPECT_TRUE(tried.contains(family->modelType) || tried.contains(whole)) << family->modelType;
    }
}

INSTANTIATE_TEST_SUITE_P(Fixtures, EveryTrace, testing::ValuesIn(kFamilies),
                         [](const auto& each) { return std::string(each.param); });

/// A trace in memory, to be damaged.
SyntheticTrace copied(const Trace& trace)
{
    SyntheticTrace copy{.info = trace.info()};
    for (int layer = 0; layer < trace.layerCount(); ++layer) {
        const auto take = [&](std::vector<std::vector<float>>& all, Rows what) {
            all.emplace_back(trace.rowFloats(layer, what, trace.tokenCount()));
            EXPECT_TRUE(trace.read(layer, what, Position(0), Position(trace.tokenCount()), all.back()));
        };
        take(copy.q, Rows::Query);
        take(copy.k, Rows::Key);
        take(copy.v, Rows::Value);
        take(copy.o, Rows::Output);
        take(copy.lse, Rows::LogSumExp);
    }
    return copy;
}

constexpr std::size_t kLayer = 1; // the one that is damaged

/// Brings equal parts of `rows` into another order.
void reorder(std::vector<float>& rows, std::initializer_list<std::size_t> order)
{
    const std::vector<float> old = rows;
    const std::size_t size = rows.size() / order.size();
    std::size_t to = 0;
    for (const std::size_t from : order)
        std::copy_n(old.begin() + static_cast<std::ptrdiff_t>(from * size), size,
                    rows.begin() + static_cast<std::ptrdiff_t>(to++ * size));
}

/// The rows of every head one token later.
void delay(std::vector<float>& rows, int heads)
{
    const std::size_t perHead = rows.size() / static_cast<std::size_t>(heads), row = perHead / 40; // fixtures have 40 tokens
    for (int head = 0; head < heads; ++head) {
        const auto begin = rows.begin() + static_cast<std::ptrdiff_t>(static_cast<std::size_t>(head) * perHead);
        std::rotate(begin, begin + static_cast<std::ptrdiff_t>(perHead - row), begin + static_cast<std::ptrdiff_t>(perHead));
    }
}

/// o and lse of attention to all tokens, the later ones too, of a model without rotary embedding.
void seeLater(SyntheticTrace& trace)
{
    const LayerInfo& layer = trace.info.layerInfo[kLayer];
    const auto tensor = [&](std::vector<float>& rows, std::int64_t heads) {
        return at::from_blob(rows.data(), {heads, static_cast<std::int64_t>(trace.info.tokens.size()), layer.headDim},
                             at::kFloat);
    };
    const at::Tensor logits =
        at::matmul(tensor(trace.q[kLayer], layer.queryHeads), tensor(trace.k[kLayer], layer.keyHeads).transpose(1, 2)) *
        layer.scale;
    tensor(trace.o[kLayer], layer.queryHeads).copy_(at::matmul(logits.softmax(-1), tensor(trace.v[kLayer], layer.keyHeads)));
    const at::Tensor sums = logits.logsumexp(-1).contiguous();
    std::copy_n(sums.const_data_ptr<float>(), trace.lse[kLayer].size(), trace.lse[kLayer].begin());
}

struct Damage {
    const char* name;
    const char* model;
    std::function<void(SyntheticTrace&, LayerInfo&)> damage;
    const char* sentence; ///< a part of it; "" where 16 bits cannot tell what is wrong
};

const Damage kDamages[] = {
    {"rotaryLayout", "grouped", [](auto&, auto& layer) { layer.layout = RotaryLayout::Interleaved; },
     "its rows fit the layout 'half', and the trace says 'interleaved'"},
    {"rotaryWhereThereIsNone", "gpt2",
     [](auto&, auto& layer) {
         layer.invFreq = {1, 0.5F, 0.25F, 0.125F};
     },
     "its rows fit no rotary embedding, so inv_freq should be empty"},
    {"noRotary", "grouped", [](auto&, auto& layer) { layer.invFreq.clear(); }, "do not belong together"},
    {"frequenciesOfAnotherBase", "grouped",
     [](auto&, auto& layer) {
         for (float& each : layer.invFreq)
             each = std::sqrt(each);
     },
     "do not belong together"},
    {"rotaryScale", "phi3", [](auto&, auto& layer) { layer.rotaryScale = 1; }, "do not belong together"},
    {"laterKeys", "grouped", [](auto& trace, auto& layer) { delay(trace.k[kLayer], layer.keyHeads); }, "do not belong together"},
    {"scale", "grouped", [](auto&, auto& layer) { layer.scale *= 1.25F; },
     "its rows fit the scale 1/√16, and the trace says 0.3125"},
    {"unusualScale", "gemma2", [](auto&, auto& layer) { layer.scale *= 1.25F; }, ""},
    {"windowWhereThereIsNone", "grouped", [](auto&, auto& layer) { layer.window = 9; },
     "its rows fit no window, and the trace says 9"},
    {"windowMissing", "mistral", [](auto&, auto& layer) { layer.window = 0; }, "do not belong together"},
    {"windowOneTooLong", "mistral", [](auto&, auto& layer) { layer.window += 1; }, "do not belong together"},
    {"softcapMissing", "gemma2", [](auto&, auto& layer) { layer.softcap = 0; }, "do not belong together"},
    {"softcapWhereThereIsNone", "grouped", [](auto&, auto& layer) { layer.softcap = 1; },
     "its rows fit no softcap, and the trace says 1"},
    {"keyHeadsSwapped", "grouped",
     [](auto& trace, auto&) {
         reorder(trace.k[kLayer], {1, 0});
     },
     "do not belong together"},
    {"valueHeadsSwapped", "grouped",
     [](auto& trace, auto&) {
         reorder(trace.v[kLayer], {1, 0});
     },
     "so v or o is wrong"},
    {"outputHeadsSwapped", "grouped",
     [](auto& trace, auto&) {
         reorder(trace.o[kLayer], {1, 0, 2, 3});
     },
     "so v or o is wrong"},
    {"queryHeadsDealtInTurn", "grouped",
     [](auto& trace, auto&) {
         for (auto* rows : {&trace.q[kLayer], &trace.o[kLayer], &trace.lse[kLayer]})
             reorder(*rows, {0, 2, 1, 3});
     },
     "KV heads that query heads take in turn"},
    {"sumsOfOtherRows", "grouped", [](auto& trace, auto& layer) { delay(trace.lse[kLayer], layer.queryHeads); },
     "attention times value is o, but lse is not that of its rows"},
    {"outputTooLarge", "grouped",
     [](auto& trace, auto&) {
         for (float& each : trace.o[kLayer])
             each *= 1.1F;
     },
     "so v or o is wrong"},
    {"noValues", "grouped", [](auto& trace, auto&) { std::ranges::fill(trace.v[kLayer], 0.0F); }, "so v or o is wrong"},
    {"oneNumberOfOneRow", "grouped", [](auto& trace, auto&) { trace.o[kLayer][1234] += 0.5F; }, "so v or o is wrong"},
    {"notCausal", "gpt2", [](auto& trace, auto&) { seeLater(trace); },
     "its rows fit attention to later tokens, which is not causal"},
};

/// Of any layer, whatever its family.
const std::pair<const char*, std::function<void(SyntheticTrace&, LayerInfo&)>> kEverywhere[] = {
    {"later queries", [](auto& trace, auto& layer) { delay(trace.q[kLayer], layer.queryHeads); }},
    {"later keys", [](auto& trace, auto& layer) { delay(trace.k[kLayer], layer.keyHeads); }},
    {"later values", [](auto& trace, auto& layer) { delay(trace.v[kLayer], layer.keyHeads); }},
    {"sums of other rows", [](auto& trace, auto& layer) { delay(trace.lse[kLayer], layer.queryHeads); }},
    {"no values", [](auto& trace, auto&) { std::ranges::fill(trace.v[kLayer], 0.0F); }},
    {"one number of one row", [](auto& trace, auto&) { trace.o[kLayer][trace.o[kLayer].size() / 2] += 0.5F; }},
    {"scale", [](auto&, auto& layer) { layer.scale *= 1.25F; }},
    {"window", [](auto&, auto& layer) { layer.window = layer.window > 0 ? 0 : 9; }},
    {"softcap", [](auto&, auto& layer) { layer.softcap = layer.softcap > 0 ? 0 : 1; }},
    {"rotary embedding",
     [](auto&, auto& layer) {
         layer.invFreq = layer.invFreq.empty() ? std::vector<float>{1, 0.5F} : std::vector<float>{};
     }},
};

TEST_P(EveryTrace, isRedWhenItIsDamagedInOneOfTenWays)
{
    const TemporaryFolder folder;
    const SyntheticTrace whole = copied(*traceOf(GetParam(), folder));
    for (const auto& [name, damage] : kEverywhere) {
        SyntheticTrace trace = whole;
        damage(trace, trace.info.layerInfo[kLayer]);
        const auto check = checkLayer(testing_support::MemoryTrace(std::move(trace)), kLayer, {}, {});
        ASSERT_TRUE(check) << check.error().message;
        EXPECT_FALSE(check->sound) << name << ": " << check->sentence;
    }
}

class EveryDamage : public testing::TestWithParam<Damage> {};

TEST_P(EveryDamage, isRedInItsLayerAndSaysWhatIsWrong)
{
    for (const std::string dtype : {"float32", "bfloat16"}) {
        const TemporaryFolder folder;
        SyntheticTrace trace = copied(*traceOf(GetParam().model, folder, dtype));
        GetParam().damage(trace, trace.info.layerInfo[kLayer]);
        const auto checks = checkTrace(testing_support::MemoryTrace(std::move(trace)), {}, {});
        ASSERT_TRUE(checks) << checks.error().message;
        EXPECT_TRUE((*checks)[0].sound) << dtype << ": " << (*checks)[0].sentence;
        EXPECT_FALSE((*checks)[kLayer].sound) << dtype << ": " << (*checks)[kLayer].sentence;
        EXPECT_THAT((*checks)[kLayer].sentence, HasSubstr(GetParam().sentence)) << dtype;
    }
}

INSTANTIATE_TEST_SUITE_P(Kinds, EveryDamage, testing::ValuesIn(kDamages),
                         [](const auto& each) { return std::string(each.param.name); });

} // namespace
} // namespace winnow
