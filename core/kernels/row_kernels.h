// SPDX-License-Identifier: GPL-3.0-or-later
// The inner loops over the rows of a cache, compiled for several instruction sets and chosen at run time (Highway). Single
// precision. Arrays are row-major and need no alignment; what is read and what is written must not overlap, unless one array is
// changed in place. Every function may be called from any thread, allocates nothing and cannot fail. A count may be 0 unless
// said.
#pragma once

#include <cstddef>
#include <cstdint>

namespace winnow::row_kernels {

/// x[i] = exp(x[i] − shift), relative error below 1e-6; underflows to 0. Returns their sum.
float expShifted(float* x, std::size_t count, float shift);

/// x becomes its softmax. `count` at least 1.
void softmax(float* x, std::size_t count);

/// to[j] = from[index[j]]; returns their sum.
float gather(const float* from, const std::int32_t* index, std::size_t count, float* to);

/// Σ (a[i] − b[i])² and Σ b[i]², in double.
struct Squares {
    double difference = 0, second = 0;
};
Squares squares(const float* a, const float* b, std::size_t count);

/// out[i · d + c] = Σ_j weights[i · pitch + j] · rows[index[j] · d + c], for i < sums and c < d. `index` null: rows 0…count − 1.
/// Rows are read once for every two sums, or four where they are narrow.
void weightedSum(const float* weights, std::size_t sums, std::size_t pitch, const float* rows, const std::int32_t* index,
                 std::size_t count, std::size_t d, float* out);

/// out[i · count + j] = Σ_c queries[i · stride + c] · rows[index[j] · d + c], for i < queryCount. `index` null: rows 0…count − 1.
/// Rows are read once for every two queries.
void dotRows(const float* queries, std::size_t queryCount, std::size_t stride, const float* rows, const std::int32_t* index,
             std::size_t count, std::size_t d, float* out);

/// units[j · d + c] = rows[j · d + c] / max(length of row j, least), with lengths in double; squares[j]: the square of unit j.
void unitRows(const float* rows, std::size_t count, std::size_t d, double least, float* units, float* squares);

/// to[j] += from[j] · factor
void addScaled(const float* from, std::size_t count, float factor, float* to);

} // namespace winnow::row_kernels
