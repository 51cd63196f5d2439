// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/evaluate/slot_store.h"

#include <gtest/gtest.h>

namespace winnow {
namespace {

/// Rows of two numbers, the slot's own and a tenth more: [lanes, values, 2].
at::Tensor slots(int lanes, std::initializer_list<float> numbers)
{
    const at::Tensor line = at::tensor(std::vector<float>(numbers));
    return at::stack({line, line + 0.1F}, 1).unsqueeze(0).repeat({lanes, 1, 1});
}

std::vector<float> held(const SlotStore& store, int lane)
{
    const at::Tensor numbers = store.keys(lane).select(1, 0).contiguous();
    EXPECT_TRUE(at::equal(numbers * 10, store.values(lane).select(1, 0))) << "values go with their keys";
    return {numbers.const_data_ptr<float>(), numbers.const_data_ptr<float>() + numbers.numel()};
}

SlotStore storeOf(int lanes, std::initializer_list<float> numbers, int most = 1000)
{
    static BufferBytes anyBytes;
    SlotStore store(std::vector<int>(static_cast<std::size_t>(lanes), most), 2, at::kFloat, anyBytes);
    store.append(slots(lanes, numbers), slots(lanes, numbers) * 10);
    return store;
}

TEST(SlotStore, closesTheGapsThatVictimsLeave)
{
    SlotStore store = storeOf(1, {0, 1, 2, 3, 4, 5, 6, 7});
    store.erase(0, std::vector{0, 1, 4, 7});
    EXPECT_EQ(held(store, 0), (std::vector<float>{2, 3, 5, 6}));
    store.append(slots(1, {8, 9}), slots(1, {80, 90}));
    EXPECT_EQ(held(store, 0), (std::vector<float>{2, 3, 5, 6, 8, 9}));
    store.erase(0, std::vector<int>{});
    EXPECT_EQ(store.size(0), 6);
}

TEST(SlotStore, holdsLanesOfDifferentLengths)
{
    SlotStore store = storeOf(3, {0, 1, 2, 3});
    store.erase(1, std::vector{1, 2});
    store.append(slots(3, {4}), slots(3, {40}));
    EXPECT_EQ(held(store, 0), (std::vector<float>{0, 1, 2, 3, 4}));
    EXPECT_EQ(held(store, 1), (std::vector<float>{0, 3, 4}));
    EXPECT_EQ(held(store, 2), (std::vector<float>{0, 1, 2, 3, 4}));
}

TEST(SlotStore, isOneArrayWhereLanesAreAlike)
{
    SlotStore store = storeOf(2, {0, 1, 2});
    store.erase(0, std::vector{0});
    store.erase(1, std::vector{0});
    EXPECT_EQ(store.allKeys().sizes(), (at::IntArrayRef{2, 2, 2}));
    EXPECT_EQ(store.allValues()[1][1][0].item<float>(), 20);
}

TEST(SlotStore, padsNoLaneByMoreThanASixteenth)
{
    BufferBytes bytes;
    SlotStore store({1000, 1000}, 2, at::kFloat, bytes);
    const at::Tensor many = at::rand({2, 640, 2});
    store.append(many, many);
    std::vector<int> most(600);
    std::iota(most.begin(), most.end(), 10);
    store.erase(0, most); // 40 and 640 slots: padded to the longest, this would be 88 % more
    store.fit();
    EXPECT_EQ(store.bytesInUse(), 2U * 680 * 2 * sizeof(float));
    EXPECT_LE(store.bytes(), store.bytesInUse() * 110 / 100);
    EXPECT_TRUE(at::equal(store.keys(1), many[1]));
    EXPECT_TRUE(at::equal(store.keys(0), at::cat({many[0].slice(0, 0, 10), many[0].slice(0, 610)})));
}

TEST(SlotStore, takesNoRoomBeyondWhatALaneMayEverHold)
{
    SlotStore store = storeOf(1, {0, 1, 2, 3}, 5);
    for (float i = 4; i < 100; ++i) {
        store.append(slots(1, {i}), slots(1, {i * 10}));
        store.erase(0, std::vector{1});
        store.fit();
        ASSERT_LE(store.bytes(), 2U * 5 * 2 * sizeof(float));
    }
    EXPECT_EQ(held(store, 0), (std::vector<float>{0, 97, 98, 99}));
}

TEST(SlotStore, letsASlidingWindowGoFromTheFront)
{
    SlotStore store = storeOf(2, {0, 1, 2, 3});
    for (float i = 4; i < 60; ++i) {
        store.append(slots(2, {i}), slots(2, {i * 10}));
        for (int lane = 0; lane < 2; ++lane)
            store.erase(lane, std::vector{0});
    }
    EXPECT_EQ(held(store, 1), (std::vector<float>{56, 57, 58, 59}));
    EXPECT_LE(store.bytes(), 2U * 2 * 6 * 2 * sizeof(float));
}

TEST(SlotStore, blendsASlotIntoOthers)
{
    SlotStore store = storeOf(1, {1, 2, 3, 4});
    store.merge(0, {.from = 0, .into = 2, .count = 2, .keyStays = 0.5F, .keyComes = 0.5F, .valueStays = 1, .valueComes = 0});
    EXPECT_TRUE(at::allclose(store.keys(0).select(1, 0), at::tensor({1.0F, 2.0F, 2.0F, 2.5F})));
    EXPECT_TRUE(at::allclose(store.values(0).select(1, 0), at::tensor({10.0F, 20.0F, 30.0F, 40.0F})));
}

} // namespace
} // namespace winnow
