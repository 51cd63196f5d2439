// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/trace/normalizers.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

using namespace winnow;
using testing::HasSubstr;

namespace {

// Keys of 4,096 numbers are looked at 1,024 at a time, so these tokens are three blocks.
constexpr int kTokens = 2500, kHeadDim = 4096;

TraceInfo infoWith(int window)
{
    TraceInfo info;
    info.tokens.resize(kTokens);
    info.layers = {Layer(0)};
    info.layerInfo = {{.queryHeads = 1, .keyHeads = 1, .headDim = kHeadDim, .scale = 1, .window = window}};
    info.manifest["dtype"] = "float32";
    return info;
}

/// Rows whose logits are all 1, so that a row's normalizer is 1 + log(keys it attends to) + `off`.
ReadRows evenRows(int window, float off)
{
    return [=](Rows what, Head, int, Position begin, Position end, std::span<float> out) -> Result<void> {
        std::ranges::fill(out, 0.0F);
        if (what == Rows::LogSumExp)
            for (int t = raw(begin); t < raw(end); ++t)
                out[static_cast<std::size_t>(t - raw(begin))] =
                    1 + off + std::log(static_cast<float>(window > 0 ? std::min(window, t + 1) : t + 1));
        else
            for (std::size_t first = 0; first < out.size(); first += kHeadDim)
                out[first] = 1;
        return {};
    };
}

TEST(Normalizers, areSummedOverAllBlocksOfKeys)
{
    for (const int window : {0, 1, 1500}) {
        EXPECT_EQ(wrongNormalizers(infoWith(window), 0, evenRows(window, 0)), "") << window;
        EXPECT_THAT(wrongNormalizers(infoWith(window), 0, evenRows(window, 0.1F)).value(), HasSubstr("adds up to 0.905"))
            << window;
    }
    // As if only the last 1,500 keys had been summed.
    EXPECT_THAT(wrongNormalizers(infoWith(0), 0, evenRows(1500, 0)).value(), HasSubstr("at token 1590 adds up to 1.06"));
}

TEST(Normalizers, theErrorOfTheReaderIsTheAnswer)
{
    const auto gone = [](Rows what, Head, int, Position, Position, std::span<float> out) -> Result<void> {
        std::ranges::fill(out, 0.0F);
        return what == Rows::Key ? Result<void>(fail(ErrorCode::Io, "the keys are gone")) : Result<void>();
    };
    EXPECT_EQ(wrongNormalizers(infoWith(0), 0, gone).error().message, "the keys are gone");
}

} // namespace
