// SPDX-License-Identifier: GPL-3.0-or-later
#include "views/style/counted.h"

#include <gtest/gtest.h>

namespace winnow::views {
namespace {

TEST(Counted, oneIsSingularAndAllOthersArePlural)
{
    EXPECT_EQ(counted(1, QStringLiteral("lane")), "1 lane");
    EXPECT_EQ(counted(0, QStringLiteral("lane")), "0 lanes");
    EXPECT_EQ(counted(1024, QStringLiteral("token")), "1,024 tokens");
    EXPECT_EQ(counted(2, QStringLiteral("policy"), QStringLiteral("policies")), "2 policies");
}

} // namespace
} // namespace winnow::views
