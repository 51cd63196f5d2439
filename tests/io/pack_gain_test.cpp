// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/io/pack_gain.h"

#include "core/io/hdf5.h"
#include "core/io/npz.h"
#include "tests/support/temporary_folder.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <numeric>
#include <random>

namespace winnow {
namespace {

std::vector<float> fullFloats(std::size_t count)
{
    std::mt19937 random(1);
    std::vector<float> values(count);
    for (float& value : values)
        value = static_cast<float>(random()) * 0x1p-32F;
    return values;
}

TEST(PackGain, isThereForLifetimesAndNotForFloatsOfWhichEveryBitCounts)
{
    std::vector<std::int32_t> lifetimes(100000, -1);
    std::iota(lifetimes.begin(), lifetimes.begin() + 50000, 512);
    EXPECT_TRUE(isWorthPacking(std::as_bytes(std::span(lifetimes))));
    for (const std::size_t count : {std::size_t{200}, std::size_t{100000}}) {
        const std::vector<float> floats = fullFloats(count);
        EXPECT_FALSE(isWorthPacking(std::as_bytes(std::span(floats)))) << count;
    }
    EXPECT_FALSE(isWorthPacking({}));
}

TEST(PackGain, floatsAreStoredAsTheyAreAndLifetimesPackedInBothFormats)
{
    const testing_support::TemporaryFolder folder;
    constexpr std::size_t kCount = 100000, kBytes = 4 * kCount;
    const std::vector<float> floats = fullFloats(kCount);
    const std::vector<std::int32_t> never(kCount, -1);
    NpzWriter npz(folder / "a.npz");
    npz.add("mass", floats, {kCount});
    npz.add("evict_step", never, {kCount});
    ASSERT_TRUE(npz.finish());
    Hdf5File h5 = Hdf5File::create(folder / "a.h5").value();
    ASSERT_TRUE(h5.writeArray("/mass", std::span(floats), {kCount}, 4));
    ASSERT_TRUE(h5.writeArray("/evict_step", std::span(never), {kCount}, 4));
    ASSERT_TRUE(h5.close());
    for (const char* name : {"a.npz", "a.h5"}) {
        const std::uintmax_t size = std::filesystem::file_size(folder / name);
        EXPECT_GE(size, kBytes) << name << ": the floats";
        EXPECT_LT(size, kBytes + kBytes / 8) << name << ": the lifetimes";
    }
    EXPECT_EQ(readNpz(folder / "a.npz")->numbers<float>("mass").value(), floats);
    EXPECT_EQ(Hdf5File::open(folder / "a.h5")->readArray<float>("/mass").value().values, floats);
}

} // namespace
} // namespace winnow
