// SPDX-License-Identifier: GPL-3.0-or-later
#include "wavelet/continuous/ridges.h"

#include "wavelet/continuous/spectral_rows.h"
#include "wavelet/contract.h"
#include "wavelet/names.h"
#include "wavelet/workers.h"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <string>

namespace winnow::wavelet {

namespace {

/// One local maximum over the scales at one sample.
struct Crest {
    std::size_t scale = 0;
    double at = 0.0, magnitude = 0.0; // refined, `at` a real number of scales
};

/// The vertex of the parabola through three magnitudes, of which the middle one is largest.
Crest refine(std::size_t scale, double below, double middle, double above)
{
    const double bend = below - 2.0 * middle + above;
    const double shift = bend < 0.0 ? 0.5 * (below - above) / bend : 0.0;
    return {.scale = scale, .at = static_cast<double>(scale) + shift, .magnitude = middle - 0.25 * (below - above) * shift};
}

/// The scale at a real place between those given, as if they were a ladder there.
double scaleAt(const std::vector<double>& scales, double at)
{
    const std::size_t below = std::min(static_cast<std::size_t>(at), scales.size() - 2);
    return scales[below] * std::pow(scales[below + 1] / scales[below], at - static_cast<double>(below));
}

struct OpenRidge {
    Ridge ridge;
    std::size_t scale = 0;
    bool continued = false;
};

} // namespace

std::vector<Ridge> ridges(const Scalogram& scalogram, const RidgeOptions& options)
{
    const std::size_t scales = scalogram.scales.size(), length = scalogram.length;
    if (scales < 3)
        return {};
    std::vector<double> magnitude(scales * length);
    std::ranges::transform(scalogram.values.all(), magnitude.begin(), [](Complex value) { return std::abs(value); });
    const double least = options.threshold * (length > 0 ? std::ranges::max(magnitude) : 0.0);
    std::vector<Ridge> finished;
    std::vector<OpenRidge> open;
    const auto close = [&](OpenRidge& one) {
        if (one.ridge.scales.size() >= options.shortest)
            finished.push_back(std::move(one.ridge));
    };
    for (std::size_t n = 0; n < length; ++n) {
        std::vector<Crest> crests;
        for (std::size_t j = 1; j + 1 < scales; ++j) {
            const double below = magnitude[(j - 1) * length + n], middle = magnitude[j * length + n],
                         above = magnitude[(j + 1) * length + n];
            if (middle > below && middle >= above && middle > 0.0 && middle >= least)
                crests.push_back(refine(j, below, middle, above));
        }
        // The higher a crest the earlier it chooses the ridge that it continues, the nearest one.
        std::ranges::stable_sort(crests, std::greater(), &Crest::magnitude);
        for (const Crest& crest : crests) {
            OpenRidge* nearest = nullptr;
            for (OpenRidge& one : open) {
                const auto distance = [&](const OpenRidge& ridge) {
                    return ridge.scale > crest.scale ? ridge.scale - crest.scale : crest.scale - ridge.scale;
                };
                const bool follows = one.ridge.begin + one.ridge.scales.size() == n && distance(one) <= options.jump;
                if (follows && (nearest == nullptr || distance(one) < distance(*nearest)))
                    nearest = &one;
            }
            if (nearest == nullptr)
                nearest = &open.emplace_back(OpenRidge{.ridge = {.begin = n}});
            nearest->scale = crest.scale;
            nearest->continued = true;
            nearest->ridge.scales.push_back(scaleAt(scalogram.scales, crest.at));
            nearest->ridge.magnitude.push_back(crest.magnitude);
        }
        for (OpenRidge& one : open) {
            if (!one.continued)
                close(one);
        }
        std::erase_if(open, [](const OpenRidge& one) { return !one.continued; });
        for (OpenRidge& one : open)
            one.continued = false;
    }
    std::ranges::for_each(open, close);
    std::ranges::stable_sort(finished, [](const Ridge& one, const Ridge& other) {
        if (one.scales.size() != other.scales.size())
            return one.scales.size() > other.scales.size();
        return one.begin != other.begin ? one.begin < other.begin : one.scales.front() < other.scales.front();
    });
    return finished;
}

Checked<SqueezedTransform> synchrosqueeze(std::span<const double> signal, const ContinuousWavelet& wavelet,
                                          std::span<const double> scales, const SqueezeOptions& options)
{
    if (wavelet.isReal())
        return tl::unexpected(
            sentence("the transform by ", wavelet.name(), " has no phase to squeeze by; choose a complex wavelet"));
    if (scales.size() < 2 || !std::ranges::is_sorted(scales, std::less_equal()))
        return tl::unexpected(std::string("synchrosqueezing needs at least two scales, ascending"));
    const Checked<Scalogram> plain =
        cwt(signal, wavelet, scales,
            {.step = options.step, .normalization = Normalization::L1, .padding = options.padding, .threads = options.threads});
    if (!plain)
        return tl::unexpected(plain.error());
    const std::size_t length = signal.size(), count = scales.size();
    const std::size_t padded = paddedLength(length, wavelet, options.padding, std::ranges::max(scales), options.step);
    const SpectralRows rows(signal, wavelet, padded, options.step);
    const double factor = filterFactor(wavelet, Normalization::L1, 1.0, options.step);
    const double whole = wavelet.admissibility() * factor / 2.0; // see icwt
    const std::vector<double> widths = logarithmicWidths(scales);
    double largest = 0.0;
    for (const Complex value : plain->values.all())
        largest = std::max(largest, std::abs(value));

    SqueezedTransform result{.length = length, .values = ComplexNumbers(count * length)};
    std::ranges::fill(result.values.all(), Complex());
    for (const double scale : scales)
        result.frequencies.push_back(wavelet.peak() / (2.0 * std::numbers::pi * scale));
    // Bins meet in the middle between their frequencies, on a logarithmic axis, which is that of the scales.
    std::vector<double> borders; // ascending in scale
    for (std::size_t j = 0; j + 1 < count; ++j)
        borders.push_back(std::sqrt(scales[j] * scales[j + 1]));

    // Each thread has its own part of the samples, so that the sums do not depend on how many there are.
    std::vector<ComplexNumbers> derivatives(count);
    const std::size_t workers = workerCount(options.threads, count, 100.0 * static_cast<double>(padded * count));
    std::vector<SpectralRows::Work> works;
    for (std::size_t worker = 0; worker < workers; ++worker)
        works.emplace_back(rows);
    forEachItem(count, workers, [&](std::size_t j, std::size_t worker) {
        derivatives[j] = ComplexNumbers(length);
        rows.row(scales[j], factor, true, works[worker], derivatives[j].data());
    });
    for (std::size_t j = 0; j < count; ++j) {
        const std::span<const Complex> row = plain->row(j);
        for (std::size_t n = 0; n < length; ++n) {
            if (!(std::abs(row[n]) > options.threshold * largest))
                continue;
            const double omega = (derivatives[j].data()[n] / row[n]).imag(); // radians per unit of time
            if (!(omega > 0.0))
                continue;
            const double scale = wavelet.peak() / omega;
            const auto bin = static_cast<std::size_t>(std::ranges::upper_bound(borders, scale) - borders.begin());
            result.values.data()[bin * length + n] += row[n] * (widths[j] / whole);
        }
    }
    return result;
}

std::vector<double> componentOf(const SqueezedTransform& squeezed, std::size_t first, std::size_t last)
{
    WINNOW_WAVELET_CHECK(first <= last && last <= squeezed.frequencies.size(), "bins that there are");
    std::vector<double> signal(squeezed.length, 0.0);
    for (std::size_t bin = first; bin < last; ++bin) {
        const std::span<const Complex> row = squeezed.row(bin);
        for (std::size_t n = 0; n < signal.size(); ++n)
            signal[n] += row[n].real();
    }
    return signal;
}

} // namespace winnow::wavelet
