// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/large_vector.h"

#include <gmock/gmock.h>

#include <cstdint>
#include <limits>
#include <new>

namespace winnow {

TEST(LargeVector, keepsWhatIsThereWhileItGrowsFromSmallToLarge)
{
    LargeVector<std::int32_t> values;
    for (int i = 0; i < 1000000; ++i)
        values.push_back(i);
    for (int i = 0; i < 1000000; ++i)
        ASSERT_EQ(values[static_cast<std::size_t>(i)], i);
    const LargeVector<std::int32_t> copied = values;
    values.resize(10);
    values.shrink_to_fit();
    EXPECT_EQ(copied.back(), 999999);
    EXPECT_EQ(values.back(), 9);
}

TEST(LargeVector, whatFillsALargePageBeginsAtOne)
{
    for (const std::size_t count : {LargeAllocator<float>::kLargePage / sizeof(float), std::size_t{3000001}}) {
        const LargeVector<float> values(count);
        EXPECT_EQ(reinterpret_cast<std::uintptr_t>(values.data()) % LargeAllocator<float>::kLargePage, 0U) << count;
    }
}

TEST(LargeVector, whatNoMemoryHoldsIsRefusedAsByAnyVector)
{
    LargeVector<float> values;
    EXPECT_THROW(values.resize(std::size_t{1} << 60), std::bad_alloc);
}

} // namespace winnow
