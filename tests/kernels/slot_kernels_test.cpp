// SPDX-License-Identifier: GPL-3.0-or-later
// The kernels against the plain loops, bit for bit, at lengths around every vector's.
#include "core/kernels/slot_kernels.h"
#include "core/kernels/team.h"

#include <gmock/gmock.h>

#include <cmath>
#include <limits>
#include <random>
#include <vector>

namespace winnow {

namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity(), kNan = std::numeric_limits<double>::quiet_NaN();

template <class T>
std::vector<T> drawn(std::size_t count, unsigned seed)
{
    std::mt19937 random(seed);
    std::uniform_real_distribution<T> within(-1, 1);
    std::vector<T> values(count);
    for (T& value : values)
        value = within(random);
    return values;
}

} // namespace

TEST(SlotKernels, addRowsAsThePlainLoopDoes)
{
    for (std::size_t count = 0; count < 40; ++count) {
        const std::vector<float> row = drawn<float>(count, 1);
        std::vector<double> sums = drawn<double>(count, 2), expected = sums;
        for (std::size_t i = 0; i < count; ++i)
            expected[i] += static_cast<double>(row[i]);
        slot_kernels::addRow(row.data(), count, sums.data());
        EXPECT_EQ(sums, expected);
    }
}

TEST(SlotKernels, scaleBeforeTheyAddAndRoundInBetween)
{
    for (std::size_t count = 0; count < 40; ++count) {
        const std::vector<float> row = drawn<float>(count, 3);
        std::vector<double> sums = drawn<double>(count, 4), expected = sums;
        for (std::size_t i = 0; i < count; ++i) {
            volatile double scaled = expected[i] * 0.98; // stored, so rounded
            expected[i] = scaled + static_cast<double>(row[i]);
        }
        slot_kernels::scaleAndAddRow(row.data(), count, 0.98, sums.data());
        EXPECT_EQ(sums, expected);
    }
}

TEST(SlotKernels, findTheSmallestAndPassOverWhatIsNoNumber)
{
    for (std::size_t count = 1; count < 40; ++count)
        for (std::size_t at = 0; at < count; ++at) {
            std::vector<double> values = drawn<double>(count, 5);
            values[at] = -2;
            if (count > 1)
                values[(at + 1) % count] = kNan;
            EXPECT_EQ(slot_kernels::smallest(values.data(), count), -2);
        }
    const std::vector<double> none(17, kNan);
    EXPECT_EQ(slot_kernels::smallest(none.data(), none.size()), kInfinity);
    EXPECT_EQ(slot_kernels::smallest(none.data(), 0), kInfinity);
}

TEST(HostTeam, takesTheFirstOrLastOfEqualsWithinItsRange)
{
    const std::vector<double> values{0, 3, 1, 1, 3, kNan, 1, 2, 0};
    EXPECT_EQ(kernel::HostTeam().smallest(values.data(), 1, 8, kernel::Tie::First), 2);
    EXPECT_EQ(kernel::HostTeam().smallest(values.data(), 1, 8, kernel::Tie::Last), 6);
    EXPECT_EQ(kernel::HostTeam().smallest(values.data(), 5, 6, kernel::Tie::First), 5);
}

TEST(HostTeam, erasesPlacesAndKeepsTheOrderOfTheOthers)
{
    std::vector<int> values{0, 1, 2, 3, 4, 5, 6, 7};
    const std::vector<int> gone{0, 3, 4, 7};
    kernel::HostTeam().erase(values.data(), 8, gone.data(), 4);
    values.resize(4);
    EXPECT_EQ(values, (std::vector{1, 2, 5, 6}));
    kernel::HostTeam().erase(values.data(), 4, gone.data(), 0);
    EXPECT_EQ(values, (std::vector{1, 2, 5, 6}));
}

} // namespace winnow
