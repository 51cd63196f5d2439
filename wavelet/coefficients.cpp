// SPDX-License-Identifier: GPL-3.0-or-later
#include "wavelet/coefficients.h"

#include "wavelet/contract.h"
#include "wavelet/names.h"

#include <algorithm>
#include <array>
#include <cmath>

namespace winnow::wavelet {

namespace {

constexpr std::array<std::string_view, 3> kNames{"hard", "soft", "garrote"};
constexpr double kThreeQuarters = 0.67448975019608174; // the standard normal distribution is 3/4 there

double energyOf(std::span<const double> values)
{
    double sum = 0.0;
    for (const double value : values)
        sum += value * value;
    return sum;
}

double shrunk(double c, double threshold, Shrinkage shrinkage)
{
    const double size = std::abs(c);
    switch (shrinkage) {
    case Shrinkage::Hard:
        return size < threshold ? 0.0 : c;
    case Shrinkage::Soft:
        return std::copysign(std::max(size - threshold, 0.0), c);
    case Shrinkage::Garrote:
        return size <= threshold ? 0.0 : c - threshold * threshold / c;
    }
    return c;
}

} // namespace

std::string_view shrinkageName(Shrinkage shrinkage) { return kNames[static_cast<std::size_t>(shrinkage)]; }

std::optional<Shrinkage> findShrinkage(std::string_view name)
{
    const auto found = std::ranges::find(kNames, std::string_view(lowerCase(name)));
    if (found == kNames.end())
        return std::nullopt;
    return static_cast<Shrinkage>(found - kNames.begin());
}

void shrink(std::span<double> coefficients, double threshold, Shrinkage shrinkage)
{
    WINNOW_WAVELET_CHECK(threshold >= 0.0, "a threshold is not negative");
    for (double& c : coefficients)
        c = shrunk(c, threshold, shrinkage);
}

double noiseLevel(std::span<const double> finestDetail)
{
    if (finestDetail.empty())
        return 0.0;
    std::vector<double> sizes(finestDetail.size());
    std::ranges::transform(finestDetail, sizes.begin(), [](double value) { return std::abs(value); });
    const auto middle = sizes.begin() + static_cast<std::ptrdiff_t>(sizes.size() / 2);
    std::ranges::nth_element(sizes, middle);
    double median = *middle;
    if (sizes.size() % 2 == 0)
        median = (median + *std::max_element(sizes.begin(), middle)) / 2.0;
    return median / kThreeQuarters;
}

double universalThreshold(double noise, std::size_t length)
{
    return noise * std::sqrt(2.0 * std::log(static_cast<double>(std::max<std::size_t>(length, 1))));
}

std::vector<double> denoise(std::span<const double> signal, const Wavelet& wavelet, Boundary boundary, int levels,
                            Shrinkage shrinkage)
{
    Decomposition parts = wavedec(signal, wavelet, boundary, levels);
    const double threshold = levels > 0 ? universalThreshold(noiseLevel(parts.bands[0]), signal.size()) : 0.0;
    for (std::size_t band = 0; band < parts.levels(); ++band)
        shrink(parts.bands[band], threshold, shrinkage);
    return waverec(parts, wavelet, boundary);
}

EnergyReport energyReport(std::span<const double> signal, const Decomposition& decomposition, const Wavelet& wavelet,
                          Boundary boundary)
{
    const std::size_t levels = decomposition.levels(), taps = wavelet.filterLength();
    EnergyReport report{.signal = energyOf(signal)};
    const bool divides = levels < 63 && signal.size() % (std::size_t{1} << levels) == 0;
    report.exact = wavelet.orthogonal && boundary == Boundary::Periodization && divides;
    // Coefficient k reads the samples 2 k + first - taps + 1 to 2 k + first of the level above, of which `left` at the beginning
    // and `right` at the end are outside of the signal or feel what is.
    const std::size_t first = boundary == Boundary::Periodization ? taps / 2 : 1;
    std::size_t left = 0, right = 0, above = signal.size();
    for (std::size_t index = 0; index <= levels; ++index) {
        const std::vector<double>& band = decomposition.bands[index];
        if (index < levels) {
            const std::size_t whole = above > first + right ? (above - first - right + 1) / 2 : 0; // 2 k + first < above - right
            left = std::min((left + taps - first) / 2, band.size());
            right = band.size() - std::clamp(whole, left, band.size());
            above = band.size();
        }
        const std::span<const double> all(band);
        report.energies.push_back(energyOf(band));
        report.edgeFirst.push_back(left);
        report.edgeLast.push_back(right);
        report.edgeEnergies.push_back(energyOf(all.first(left)) + energyOf(all.last(right)));
        report.leakage += report.energies.back();
    }
    report.leakage -= report.signal;
    return report;
}

} // namespace winnow::wavelet
