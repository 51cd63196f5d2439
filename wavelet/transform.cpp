// SPDX-License-Identifier: GPL-3.0-or-later
#include "wavelet/transform.h"

#include "wavelet/block_transform.h"
#include "wavelet/contract.h"
#include "wavelet/lane_rows.h"

#include <algorithm>

namespace winnow::wavelet {

namespace {

/// Coefficient k is the sum of filter[j] x[2 k + firstTap - j].
std::size_t firstTap(std::size_t filterLength, Boundary boundary)
{
    return boundary == Boundary::Periodization ? filterLength / 2 : 1;
}

} // namespace

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

std::vector<Edges> edgeCoefficients(std::size_t length, std::size_t filterLength, Boundary boundary, int levels)
{
    // Coefficient k reads the samples 2 k + first - filterLength + 1 to 2 k + first of the level above, of which `first` and
    // `last` of the edges there are outside of the signal or feel what is.
    const std::size_t first = firstTap(filterLength, boundary);
    std::vector<Edges> all;
    Edges edges;
    for (int level = 0; level < levels; ++level) {
        const std::size_t count = coefficientCount(length, filterLength, boundary), feels = first + edges.last;
        const std::size_t whole = length > feels ? (length - feels + 1) / 2 : 0; // 2 k + first < length - edges.last
        edges.first = std::min((edges.first + filterLength - first) / 2, count);
        edges.last = count - std::clamp(whole, edges.first, count);
        all.push_back(edges);
        length = count;
    }
    all.push_back(edges);
    return all;
}

std::vector<Edges> edgePositions(std::size_t length, std::size_t filterLength, Boundary boundary, int levels)
{
    std::vector<std::size_t> lengths{length};
    for (int level = 0; level < levels; ++level)
        lengths.push_back(coefficientCount(lengths.back(), filterLength, boundary));
    // Coefficient k is written to where it was read from.
    const std::size_t first = firstTap(filterLength, boundary), behind = filterLength - 1 - first;
    std::vector<Edges> all = edgeCoefficients(length, filterLength, boundary, levels);
    for (std::size_t band = 0; band < all.size(); ++band) {
        Edges& edges = all[band];
        for (std::size_t level = std::min(band + 1, lengths.size() - 1); level > 0; --level) {
            const std::size_t above = lengths[level - 1], begin = 2 * (lengths[level] - edges.last); // of the last coefficients
            edges.first = std::min(edges.first > 0 ? 2 * edges.first + first - 1 : 0, above);
            edges.last = edges.last > 0 ? above - std::min(above, begin > behind ? begin - behind : 0) : 0;
            if (boundary == Boundary::Periodization && (edges.first > 0 || edges.last > 0)) { // they come in at the other end
                edges.first = std::min(above, std::max(edges.first, first));
                edges.last = std::min(above, std::max(edges.last, behind));
            }
        }
        edges.last = std::min(edges.last, length - edges.first);
    }
    return all;
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
