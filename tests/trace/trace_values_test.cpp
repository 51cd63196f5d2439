// SPDX-License-Identifier: GPL-3.0-or-later
// What the numbers of a trace may be: the pure checks, and the writer that holds to them.
#include "core/trace/trace_values.h"
#include "tests/support/synthetic_trace.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

using namespace winnow;
using namespace winnow::testing_support;
using testing::HasSubstr;

namespace {

constexpr float kNan = std::numeric_limits<float>::quiet_NaN(), kInfinity = std::numeric_limits<float>::infinity();

TEST(TraceValues, theFirstBadNumberIsThatOfTheEarliestToken)
{
    constexpr int kHeads = 3, kRows = 5, kDims = 7;
    for (const float bad : {kNan, -kNan, kInfinity, -kInfinity, 1.1e12F, -3e38F})
        for (int head = 0; head < kHeads; ++head)
            for (int row = 0; row < kRows; ++row)
                for (const int channel : {0, kDims - 1}) {
                    std::vector<float> rows(kHeads * kRows * kDims, -1e12F);
                    EXPECT_FALSE(firstBadNumber(Rows::Key, rows, kHeads, kRows));
                    rows[static_cast<std::size_t>((head * kRows + row) * kDims + channel)] = bad;
                    rows.back() = kNan; // a later one
                    const auto found = firstBadNumber(Rows::Key, rows, kHeads, kRows);
                    ASSERT_TRUE(found) << bad;
                    EXPECT_EQ(found->head, head);
                    EXPECT_EQ(found->row, row);
                }
    EXPECT_EQ(describe({.head = 1, .row = 2, .value = kNan}, Rows::Key, Head{4}, Position{15}),
              "holds nan at head 5, token 17; expected numbers from -1e+12 to 1e+12");
    EXPECT_FALSE(firstBadNumber(Rows::Key, {}, kHeads, 0));
}

TEST(TraceValues, everyKindHasItsRange)
{
    const auto holds = [](Rows what, float value) { return !firstBadNumber(what, std::vector<float>{1, value}, 1, 2); };
    EXPECT_TRUE(holds(Rows::LogSumExp, -1e6F));
    EXPECT_FALSE(holds(Rows::LogSumExp, 1.1e6F));
    EXPECT_FALSE(holds(Rows::LogSumExp, kNan));
    EXPECT_TRUE(holds(Rows::ValueOutputNorm, 0.0F));
    EXPECT_TRUE(holds(Rows::ValueOutputNorm, -0.0F));
    EXPECT_TRUE(holds(Rows::ValueOutputNorm, 1e18F));
    EXPECT_FALSE(holds(Rows::ValueOutputNorm, -1e-30F));
    EXPECT_FALSE(holds(Rows::ValueOutputNorm, kInfinity));
    for (const Rows what : {Rows::Query, Rows::Value, Rows::Output})
        EXPECT_FALSE(holds(what, kInfinity));
}

TEST(TraceValues, halvesAreLookedAtAsTheyAre)
{
    std::vector<std::uint16_t> halves(37, 0x7bff); // 65504
    halves[5] = 0xfbff;
    EXPECT_TRUE(areFinite(halves));
    EXPECT_TRUE(areFinite({}));
    for (const std::uint16_t bad : {0x7c00, 0xfc00, 0x7e00, 0x7c01, 0xffff}) {
        halves[36] = bad;
        EXPECT_FALSE(areFinite(halves)) << bad;
    }
}

TEST(TraceValues, logarithmsOfProbabilitiesAreUpToZero)
{
    EXPECT_EQ(wrongLogprob(std::vector{kNan, -1.0F, 0.0F, 1e-6F, -200.0F}, Position{0}, true), "");
    EXPECT_EQ(wrongLogprob(std::vector{-1.0F, kNan}, Position{0}, false), "");
    EXPECT_THAT(wrongLogprob(std::vector{-1.0F, kNan}, Position{0}, true), HasSubstr("holds nan at token 1"));
    EXPECT_THAT(wrongLogprob(std::vector{kNan}, Position{16}, true), HasSubstr("holds nan at token 16"));
    EXPECT_THAT(wrongLogprob(std::vector{-kInfinity}, Position{3}, false), HasSubstr("holds -inf at token 3"));
    EXPECT_THAT(wrongLogprob(std::vector{0.5F}, Position{3}, false), HasSubstr("holds 0.5 at token 3"));
}

TEST(TraceValues, attributesThatNoModelHasAreWrong)
{
    const LayerInfo good{.queryHeads = 1, .keyHeads = 1, .headDim = 8, .scale = 0.125F, .invFreq = {1, 0.1F, 0}};
    EXPECT_EQ(wrongAttribute(good), "");
    const auto with = [&](auto change) {
        LayerInfo layer = good;
        change(layer);
        return wrongAttribute(layer);
    };
    for (const float bad : {kNan, kInfinity, -kInfinity, -1.0F, 1e38F, -0.0F}) {
        EXPECT_THAT(with([&](LayerInfo& layer) { layer.scale = bad; }), HasSubstr("scale")) << bad;
        EXPECT_THAT(with([&](LayerInfo& layer) { layer.rotaryScale = bad; }), HasSubstr("rotary_scale")) << bad;
        if (bad != 0) {
            EXPECT_THAT(with([&](LayerInfo& layer) { layer.softcap = bad; }), HasSubstr("softcap")) << bad;
        }
        if (bad != 0 && bad != -1) {
            EXPECT_THAT(with([&](LayerInfo& layer) { layer.invFreq[1] = bad; }), HasSubstr("of pair 1")) << bad;
        }
    }
    EXPECT_THAT(with([](LayerInfo& layer) { layer.softcap = 1e-30F; }), HasSubstr("softcap 1e-30"));
    EXPECT_EQ(with([](LayerInfo& layer) { layer.softcap = 30; }), "");
    EXPECT_THAT(with([](LayerInfo& layer) { layer.window = -1; }), HasSubstr("window -1"));
    EXPECT_THAT(with([](LayerInfo& layer) { layer.window = std::numeric_limits<int>::max(); }), HasSubstr("window 2147483647"));
    EXPECT_EQ(with([](LayerInfo& layer) { layer.window = 1 << 30; }), "");
}

class WrittenValues : public testing::Test {
protected:
    SyntheticTrace synthetic = makeSynthetic({.layers = 2, .tokens = 12, .valueOutputNorm = true});
    TemporaryFolder folder;
    std::filesystem::path path = folder / "t.h5";
};

TEST_F(WrittenValues, stopAtTheFirstThatIsNone)
{
    std::ofstream(path) << "an older file";
    struct Case {
        Rows what;
        std::vector<float>& rows; ///< of layer 1
        int width;
        const char* name;
    };
    for (const auto& [what, rows, width, name] : {Case{Rows::Query, synthetic.q[1], 8, "q"},
                                                  {Rows::Key, synthetic.k[1], 8, "k"},
                                                  {Rows::Value, synthetic.v[1], 8, "v"},
                                                  {Rows::Output, synthetic.o[1], 8, "o"},
                                                  {Rows::LogSumExp, synthetic.lse[1], 1, "lse"},
                                                  {Rows::ValueOutputNorm, synthetic.valueOutputNorm[1], 1, "vo_norm"}})
        for (const bool half : {false, true})
            for (const float bad : {kNan, kInfinity, 1e30F}) {
                float& spoiled = rows[static_cast<std::size_t>((12 + 9) * width)]; // head 1, token 9
                const float before = std::exchange(spoiled, bad);
                const auto written = writeSynthetic(synthetic, path, {.chunk = 7, .half = half});
                spoiled = before;
                ASSERT_FALSE(written);
                EXPECT_EQ(written.error().code, ErrorCode::BadInput);
                EXPECT_THAT(written.error().message,
                            HasSubstr(fmt::format("layer 1: {} holds {} at head 1, token 9; expected", name, bad)));
                EXPECT_FALSE(std::filesystem::exists(folder / "t.h5.part"));
                EXPECT_EQ(std::filesystem::file_size(path), 13) << "the older file stays";
            }
    synthetic.info.logprob[9] = kNan;
    const auto written = writeSynthetic(synthetic, path);
    ASSERT_FALSE(written);
    EXPECT_THAT(written.error().message, HasSubstr("logprob holds nan at token 9"));
}

TEST_F(WrittenValues, attributesThatNoTraceMayHaveAreRefusedBeforeAnythingIsWritten)
{
    synthetic.info.layerInfo[1].scale = kInfinity;
    const auto written = writeSynthetic(synthetic, path);
    ASSERT_FALSE(written);
    EXPECT_THAT(written.error().message, HasSubstr("layer 1 has scale inf; expected a number from"));
    EXPECT_FALSE(std::filesystem::exists(folder / "t.h5.part"));
}

TEST_F(WrittenValues, inFloat16NeverBecomeInfinite)
{
    for (const float value : {65504.0F, 65519.9F, 65520.0F, -65520.0F, 65536.0F, 1e11F, 6e-8F, 1e-20F}) {
        synthetic.v[0][40] = value;
        attend(synthetic, 0);
        const auto trace = openSynthetic(synthetic, folder, "half.h5");
        ASSERT_TRUE(trace);
        ASSERT_TRUE(writeSynthetic(synthetic, path, {.half = true}));
        std::vector<float> values(trace->rowFloats(0, Rows::Value, 12));
        const auto read = Trace::open(path).value()->read(0, Rows::Value, Position{0}, Position{12}, values);
        ASSERT_TRUE(read) << read.error().message;
        EXPECT_NEAR(values[40], value, std::abs(value) * 0x1p-11F + 0x1p-25F);
    }
}

} // namespace
