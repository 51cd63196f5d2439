// SPDX-License-Identifier: GPL-3.0-or-later
#include "wavelet/transform.h"

#include "wavelet/block_transform.h"
#include "wavelet/contract.h"
#include "wavelet/lane_rows.h"

#include <algorithm>

namespace winnow::wavelet {

std::size_t coefficientCount(std::size_t length, std::size_t filterLength, Boundary boundary)
{
    return boundary == Boundary::Periodization ? (length + 1) / 2 : (length + filterLength - 1) / 2;
}

int maxLevel(std::size_t length, std::size_t filterLength)
{
    WINNOW_WAVELET_CHECK(filterLength >= 2, "a wavelet has at least two taps");
    int level = 0;
    for (std::size_t reach = 2 * (filterLength - 1); reach <= length; reach *= 2)
        ++level;
    return level;
}

std::vector<double> extended(std::span<const double> signal, std::size_t margin, Boundary boundary)
{
    WINNOW_WAVELET_CHECK(!signal.empty(), "a signal has at least one sample");
    std::vector<double> rows(signal.size() + 2 * margin);
    std::ranges::copy(signal, rows.begin() + static_cast<std::ptrdiff_t>(margin));
    extendRows(rows.data() + margin, signal.size(), 1, margin,
               boundary == Boundary::Periodization ? Boundary::Periodic : boundary);
    return rows;
}

Split dwt(std::span<const double> signal, const Wavelet& wavelet, Boundary boundary)
{
    Decomposition one = wavedec(signal, wavelet, boundary, 1);
    return {.approximation = std::move(one.bands[1]), .detail = std::move(one.bands[0])};
}

std::vector<double> idwt(std::span<const double> approximation, std::span<const double> detail, const Wavelet& wavelet,
                         Boundary boundary)
{
    const std::size_t taps = wavelet.filterLength(), count = approximation.size();
    WINNOW_WAVELET_CHECK(detail.size() == count && count > 0, "approximation and detail have the same length");
    WINNOW_WAVELET_CHECK(boundary == Boundary::Periodization || 2 * count + 2 > taps, "fewer coefficients than any signal has");
    const std::size_t length = boundary == Boundary::Periodization ? 2 * count : 2 * count + 2 - taps;
    return waverec({.length = length, .bands = {{detail.begin(), detail.end()}, {approximation.begin(), approximation.end()}}},
                   wavelet, boundary);
}

Decomposition wavedec(std::span<const double> signal, const Wavelet& wavelet, Boundary boundary, int levels)
{
    const BlockPlan plan(signal.size(), wavelet, boundary, levels);
    BlockTransform block(plan, 1);
    std::ranges::copy(signal, block.input());
    block.decompose();
    Decomposition result{.length = signal.size(), .bands = {}};
    for (std::size_t index = 0; index <= plan.levels(); ++index)
        result.bands.emplace_back(block.band(index), block.band(index) + plan.coefficients(index));
    return result;
}

std::vector<double> waverec(const Decomposition& decomposition, const Wavelet& wavelet, Boundary boundary)
{
    WINNOW_WAVELET_CHECK(!decomposition.bands.empty(), "a decomposition has at least the approximation");
    const BlockPlan plan(decomposition.length, wavelet, boundary, static_cast<int>(decomposition.levels()));
    BlockTransform block(plan, 1);
    for (std::size_t index = 0; index <= plan.levels(); ++index) {
        const std::vector<double>& coefficients = decomposition.bands[index];
        WINNOW_WAVELET_CHECK(coefficients.size() == plan.coefficients(index),
                             "the bands were made with this wavelet and boundary");
        std::ranges::copy(coefficients, block.band(index));
    }
    const double* signal = block.reconstruct();
    return {signal, signal + decomposition.length};
}

} // namespace winnow::wavelet
