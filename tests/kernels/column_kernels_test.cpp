// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/kernels/column_kernels.h"

#include <gmock/gmock.h>

#include <cmath>
#include <limits>
#include <random>
#include <vector>

namespace winnow {

TEST(ColumnKernels, dotColumnsIsTheProductOfEveryQueryWithEveryColumn)
{
    std::mt19937 random(1);
    std::uniform_real_distribution<float> within(-1, 1);
    for (const std::size_t width : {1, 8, 31, 64})
        for (const std::size_t count : {32, 96}) {
            const std::size_t pitch = 96, stride = width + 1;
            std::vector<float> queries(9 * stride), columns(width * pitch);
            for (auto* numbers : {&queries, &columns})
                for (float& number : *numbers)
                    number = within(random);
            for (std::size_t queryCount = 0; queryCount <= 9; ++queryCount) {
                std::vector<float> out(9 * pitch, 7.0F);
                column_kernels::dotColumns(queries.data(), queryCount, stride, columns.data(), count, pitch, width, out.data());
                for (std::size_t i = 0; i < 9; ++i)
                    for (std::size_t j = 0; j < pitch; ++j) {
                        double exact = 0, size = 0;
                        for (std::size_t c = 0; c < width; ++c) {
                            exact += static_cast<double>(queries[i * stride + c]) * columns[c * pitch + j];
                            size += std::abs(static_cast<double>(queries[i * stride + c]) * columns[c * pitch + j]);
                        }
                        const bool asked = i < queryCount && j < count;
                        EXPECT_NEAR(out[i * pitch + j], asked ? exact : 7,
                                    asked ? size * static_cast<double>(width + 1) * std::numeric_limits<float>::epsilon() : 0)
                            << width << " wide, query " << i << " of " << queryCount << ", column " << j << " of " << count;
                    }
            }
        }
}

TEST(ColumnKernels, layOutTurnsTheRowsAndFillsUpWithZeros)
{
    for (const std::size_t count : {0, 1, 15, 16, 17, 40, 64})
        for (const std::size_t width : {1, 5, 32}) {
            const std::size_t pitch = column_kernels::pitchOf(count);
            ASSERT_GE(pitch, count);
            ASSERT_EQ(pitch / column_kernels::kTogether % 2, 1U) << "an odd multiple, for " << count;
            std::vector<float> rows(128 * width), columns(width * pitch, 7.0F);
            for (std::size_t i = 0; i < rows.size(); ++i)
                rows[i] = static_cast<float>(i);
            std::vector<std::int32_t> index(count);
            for (std::size_t j = 0; j < count; ++j)
                index[j] = static_cast<std::int32_t>(j * 37 % 128);
            column_kernels::layOut(rows.data(), index.data(), count, width, pitch, columns.data());
            for (std::size_t c = 0; c < width; ++c)
                for (std::size_t j = 0; j < pitch; ++j)
                    EXPECT_EQ(columns[c * pitch + j], j < count ? rows[static_cast<std::size_t>(index[j]) * width + c] : 0)
                        << width << " wide, channel " << c << ", column " << j << " of " << count;
        }
}

} // namespace winnow
