// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/work/stored_policies.h"

#include <gtest/gtest.h>

using namespace winnow;
using namespace winnow::app;

namespace {

using Paths = std::vector<std::filesystem::path>;

} // namespace

TEST(StoredPolicies, knowWhichFileHoldsAPolicyUnderWhichNumber)
{
    const auto a = std::make_shared<const PolicyReplay>(), b = std::make_shared<const PolicyReplay>(),
               run = std::make_shared<const PolicyReplay>(), other = std::make_shared<const PolicyReplay>();
    const std::vector<StoredPolicies> files{{"C.h5", {run}}, {"R.h5", {a, b}}, {"AB.h5", {b, a}}};
    EXPECT_EQ(placeOf(files, *b), (StoredPlace{"R.h5", 1}));
    EXPECT_EQ(placeOf(files, *run), (StoredPlace{"C.h5", 0}));
    EXPECT_FALSE(placeOf(files, *other));
    EXPECT_EQ(filesOf(files, std::vector{a, b, run}), (Paths{"R.h5", "C.h5"}));
    EXPECT_EQ(filesOf(files, std::vector{b, a}), Paths{"AB.h5"});
    EXPECT_EQ(filesOf(files, std::vector{a}), Paths{}) << "the file holds more";
    EXPECT_EQ(filesOf(files, std::vector{a, b, other}), Paths{});
}
