// SPDX-License-Identifier: GPL-3.0-or-later
#include "wavelet/lifting.h"

#include "wavelet/contract.h"

#include <cmath>
#include <numbers>

namespace winnow::wavelet {

namespace {

constexpr double kRoot = std::numbers::sqrt2;

// Both steps mirror at the edges: beyond the last even sample comes itself again, beyond the last detail likewise, and so before
// the first.

/// What the even neighbors of odd sample 2 k + 1 foretell.
double predict(std::span<const double> even, std::size_t k, Lifting wavelet)
{
    if (wavelet == Lifting::Haar)
        return even[k];
    return (even[k] + even[k + 1 < even.size() ? k + 1 : k]) / 2.0;
}

/// What details add to even sample 2 k.
double update(std::span<const double> detail, std::size_t k, Lifting wavelet)
{
    if (wavelet == Lifting::Haar)
        return k < detail.size() ? detail[k] / 2.0 : 0.0; // a last odd sample has no partner
    if (detail.empty())
        return 0.0;
    const double before = detail[k > 0 ? k - 1 : 0], after = detail[k < detail.size() ? k : k - 1];
    return (before + after) / 4.0;
}

// Scaled as the filters of PyWavelets are, whose details have the sign of even minus odd.
constexpr double kDetail = -1.0 / kRoot;

} // namespace

Split lift(std::span<const double> signal, Lifting wavelet)
{
    WINNOW_WAVELET_CHECK(!signal.empty(), "a signal has at least one sample");
    Split split;
    split.approximation.resize((signal.size() + 1) / 2);
    split.detail.resize(signal.size() / 2);
    for (std::size_t k = 0; k < split.approximation.size(); ++k)
        split.approximation[k] = signal[2 * k];
    for (std::size_t k = 0; k < split.detail.size(); ++k)
        split.detail[k] = signal[2 * k + 1] - predict(split.approximation, k, wavelet);
    for (std::size_t k = 0; k < split.approximation.size(); ++k)
        split.approximation[k] = (split.approximation[k] + update(split.detail, k, wavelet)) * kRoot;
    for (double& coefficient : split.detail)
        coefficient *= kDetail;
    return split;
}

std::vector<double> unlift(std::span<const double> approximation, std::span<const double> detail, Lifting wavelet)
{
    WINNOW_WAVELET_CHECK(!approximation.empty() && approximation.size() - detail.size() <= 1,
                         "as many approximation coefficients as details, or one more");
    std::vector<double> left(detail.begin(), detail.end()), even(approximation.begin(), approximation.end());
    for (double& coefficient : left)
        coefficient /= kDetail;
    for (std::size_t k = 0; k < even.size(); ++k)
        even[k] = even[k] / kRoot - update(left, k, wavelet);
    std::vector<double> signal(approximation.size() + detail.size());
    for (std::size_t k = 0; k < even.size(); ++k)
        signal[2 * k] = even[k];
    for (std::size_t k = 0; k < left.size(); ++k)
        signal[2 * k + 1] = left[k] + predict(even, k, wavelet);
    return signal;
}

Decomposition liftLevels(std::span<const double> signal, Lifting wavelet, int levels)
{
    WINNOW_WAVELET_CHECK(levels >= 0, "levels count from 0");
    Decomposition result{.length = signal.size(), .bands = {}};
    std::vector<double> rest(signal.begin(), signal.end());
    for (int level = 0; level < levels; ++level) {
        Split split = lift(rest, wavelet);
        result.bands.push_back(std::move(split.detail));
        rest = std::move(split.approximation);
    }
    result.bands.push_back(std::move(rest));
    return result;
}

std::vector<double> unliftLevels(const Decomposition& decomposition, Lifting wavelet)
{
    WINNOW_WAVELET_CHECK(!decomposition.bands.empty(), "a decomposition has at least the approximation");
    std::vector<double> rest = decomposition.bands.back();
    for (std::size_t level = decomposition.levels(); level-- > 0;)
        rest = unlift(rest, decomposition.bands[level], wavelet);
    return rest;
}

} // namespace winnow::wavelet
