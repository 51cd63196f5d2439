// The inner loops of the CPU replay, compiled for several instruction sets and chosen at run time (Highway). Single precision.
#pragma once

#include <cstddef>
#include <cstdint>

namespace winnow::row_kernels {

/// x[i] = exp(x[i] − shift), relative error below 1e-6; underflows to 0.
void expShifted(float* x, std::size_t count, float shift);

/// to[j] = from[index[j]]; returns their sum.
float gather(const float* from, const std::int32_t* index, std::size_t count, float* to);

/// out[c] = Σ_j weights[j] · rows[index[j] · d + c], for c < d. `index` null: rows 0…count − 1.
void weightedSum(const float* weights, const float* rows, const std::int32_t* index, std::size_t count, std::size_t d, float* out);

/// out[j] = Σ_c query[c] · rows[index[j] · d + c]. `index` null: rows 0…count − 1.
void dotRows(const float* query, const float* rows, const std::int32_t* index, std::size_t count, std::size_t d, float* out);

/// to[j] += from[j] · factor
void addScaled(const float* from, std::size_t count, float factor, float* to);

/// One step of the relaxed evictor (core/replay/evictor_oracle.cpp): worth[i] += row[i] − price; where that exceeds best[i], best[i] becomes
/// it and last[i] the step.
void priceStep(const float* row, std::size_t count, float price, std::int32_t step, float* worth, float* best, std::int32_t* last);

} // namespace winnow::row_kernels
