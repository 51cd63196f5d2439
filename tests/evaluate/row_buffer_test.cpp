// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/evaluate/row_buffer.h"

#include <gtest/gtest.h>

#include <malloc.h>

namespace winnow {
namespace {

TEST(RowBuffer, keepsItsRowsAsItGrowsAndShrinks)
{
    BufferBytes bytes;
    RowBuffer buffer(3, at::kFloat, bytes);
    buffer.resize(4);
    buffer.rows().copy_(at::arange(12, at::kFloat).view({4, 3}));
    buffer.resize(100'000);
    EXPECT_TRUE(at::equal(buffer.rows().slice(0, 0, 4), at::arange(12, at::kFloat).view({4, 3})));
    EXPECT_EQ(reinterpret_cast<std::uintptr_t>(buffer.rows().data_ptr()) % 64, 0U);
    buffer.move(0, 2, 4);
    EXPECT_EQ(buffer.rows()[5][2].item<float>(), 11);
    EXPECT_EQ(buffer.rows()[2][0].item<float>(), 0);
    buffer.resize(3);
    EXPECT_TRUE(at::equal(buffer.rows()[2], at::arange(3, at::kFloat)));
}

TEST(RowBuffer, countsWhatItTakes)
{
    BufferBytes bytes;
    {
        RowBuffer keys(8, at::kFloat, bytes), values(8, at::kHalf, bytes);
        keys.resize(10);
        values.resize(10);
        EXPECT_EQ(bytes.now, 10U * 8 * 4 + 10U * 8 * 2);
        keys.resize(2);
        const RowBuffer moved(std::move(values));
        EXPECT_EQ(bytes.now, 2U * 8 * 4 + 10U * 8 * 2);
        EXPECT_EQ(bytes.most, 10U * 8 * 4 + 10U * 8 * 2);
    }
    EXPECT_EQ(bytes.now, 0U);
}

#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
TEST(RowBuffer, countsWhatTheAllocatorSays)
{
    const auto allocated = [] {
        const struct mallinfo2 now = mallinfo2();
        return static_cast<double>(now.uordblks + now.hblkhd);
    };
    BufferBytes bytes;
    const double before = allocated();
    RowBuffer keys(64, at::kFloat, bytes), values(64, at::kFloat, bytes);
    for (const std::int64_t count : {20'000, 90'000, 40'000}) {
        keys.resize(count);
        values.resize(count);
        EXPECT_NEAR(allocated() - before, static_cast<double>(bytes.now), 16'384) << count << " rows"; // whole pages
    }
    EXPECT_EQ(bytes.most, 2U * 90'000 * 64 * sizeof(float)) << "never twice";
}
#endif

} // namespace
} // namespace winnow
