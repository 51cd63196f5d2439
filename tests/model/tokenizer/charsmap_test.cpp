// SPDX-License-Identifier: GPL-3.0-or-later
// The table of SentencePiece's normalizer, whole and damaged.
#include "core/model/tokenizer/charsmap.h"

#include <gtest/gtest.h>

namespace winnow {
namespace {

TEST(Charsmap, withoutATableFindsNothing)
{
    const auto map = Charsmap::parse(std::string(4, '\0'), "a tokenizer");
    ASSERT_TRUE(map) << map.error().message;
    EXPECT_FALSE(map->shortest("a"));
    EXPECT_FALSE(map->longest("a"));
}

TEST(Charsmap, thatAnnouncesMoreThanItHoldsIsRefused)
{
    for (const std::string& bytes : {std::string(), std::string("\1\0\0\0\0", 5), std::string("\4\0\0\0", 4)})
        EXPECT_EQ(Charsmap::parse(bytes, "a tokenizer").error().code, ErrorCode::BadInput) << bytes.size();
}

} // namespace
} // namespace winnow
