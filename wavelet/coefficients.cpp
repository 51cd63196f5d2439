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
    const std::size_t levels = decomposition.levels();
    EnergyReport report{.signal = energyOf(signal)};
    const bool divides = levels < 63 && signal.size() % (std::size_t{1} << levels) == 0;
    report.exact = wavelet.orthogonal && boundary == Boundary::Periodization && divides;
    report.edges = edgeCoefficients(signal.size(), wavelet.filterLength(), boundary, static_cast<int>(levels));
    for (std::size_t index = 0; index <= levels; ++index) {
        const std::span<const double> band(decomposition.bands[index]);
        const Edges& edges = report.edges[index];
        report.energies.push_back(energyOf(band));
        report.edgeEnergies.push_back(energyOf(band.first(edges.first)) + energyOf(band.last(edges.last)));
        report.leakage += report.energies.back();
    }
    report.leakage -= report.signal;
    return report;
}

} // namespace winnow::wavelet
