// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/trace/rotary.h"

#include <gtest/gtest.h>

using namespace winnow;

namespace {

LayerInfo turning(float frequency, float scale)
{
    LayerInfo layer;
    layer.invFreq = {frequency};
    layer.rotaryScale = scale;
    return layer;
}

TEST(LastRotaryTable, servesLayersThatRotateAlikeAndIsMadeAnewForOthers)
{
    LastRotaryTable last;
    const auto first = last.of(turning(1, 1), Position{0}, Position{3});
    EXPECT_EQ(last.of(turning(1, 1), Position{0}, Position{3}), first);
    for (const auto& [layer, begin, end] :
         {std::tuple{turning(0.5, 1), 0, 3}, {turning(1, 2), 0, 3}, {turning(1, 1), 1, 3}, {turning(1, 1), 0, 4}}) {
        const auto table = last.of(layer, Position{begin}, Position{end});
        const RotaryTable plain = rotaryTable(layer, Position{begin}, Position{end});
        EXPECT_EQ(table->cosines, plain.cosines);
        EXPECT_EQ(table->sines, plain.sines);
    }
    EXPECT_EQ(first->cosines, rotaryTable(turning(1, 1), Position{0}, Position{3}).cosines); // whoever has one keeps it
    last.clear();
    EXPECT_EQ(last.of(turning(1, 1), Position{0}, Position{3})->cosines, first->cosines);
}

} // namespace
