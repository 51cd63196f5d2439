// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/idle_threads.h"

#include <gtest/gtest.h>

namespace winnow {
namespace {

TEST(BusyMachine, isOneWhereMoreThreadsWantToRunThanThereAreCores)
{
    EXPECT_FALSE(isBusy("0.60 2.12 2.21 1/312 9000", 2));
    EXPECT_FALSE(isBusy("2.90 9.00 9.00 3/312 9000", 2)) << "two of ours and the one that looks";
    EXPECT_TRUE(isBusy("3.10 0.50 0.20 1/312 9000", 2)) << "over the last minute";
    EXPECT_TRUE(isBusy("0.10 0.00 0.00 4/312 9000", 2)) << "now, which the mean does not know yet";
    EXPECT_FALSE(isBusy("14.2 15.05 14.18 9/812 23144", 16));
}

TEST(BusyMachine, isNoneWhereNothingIsKnown)
{
    EXPECT_FALSE(isBusy("", 1));
    EXPECT_FALSE(isBusy("9.5 9.5", 1));
}

} // namespace
} // namespace winnow
