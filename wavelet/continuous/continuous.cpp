// SPDX-License-Identifier: GPL-3.0-or-later
#include "wavelet/continuous/continuous.h"

#include "wavelet/continuous/spectral_rows.h"
#include "wavelet/contract.h"
#include "wavelet/names.h"
#include "wavelet/workers.h"

#include <algorithm>
#include <cmath>
#include <functional>

namespace winnow::wavelet {

namespace {

std::optional<std::string> problemOf(std::span<const double> signals, std::span<const double> scales, double step)
{
    if (auto problem = signalProblem(signals))
        return problem;
    if (scales.empty())
        return "no scales were given; the transform needs at least one";
    const auto isSize = [](double number) { return std::isfinite(number) && number > 0.0; };
    if (!isSize(step))
        return sentence("the step between samples is ", step, "; it has to be positive");
    constexpr double kMostSteps = 1e15; // beyond, a filter between two bins of the spectrum is all that is left
    const auto wrong = std::ranges::find_if_not(scales, [&](double scale) { return isSize(scale) && scale / step < kMostSteps; });
    if (wrong != scales.end())
        return sentence("scale number ", wrong - scales.begin(), " is ", *wrong,
                        "; scales have to be positive, and shorter than 1e15 steps between samples");
    return std::nullopt;
}

Scalogram transform(std::span<const double> signal, const ContinuousWavelet& wavelet, std::span<const double> scales,
                    const CwtOptions& options)
{
    Scalogram result{.wavelet = wavelet,
                     .length = signal.size(),
                     .step = options.step,
                     .normalization = options.normalization,
                     .scales = {scales.begin(), scales.end()},
                     .values = ComplexNumbers(scales.size() * signal.size())};
    const std::size_t padded = paddedLength(signal.size(), wavelet, options.padding, std::ranges::max(scales), options.step);
    const SpectralRows rows(signal, wavelet, padded, options.step);
    constexpr double kPerSample = 80.0; // about as many operations as a transform of usual length
    const std::size_t workers = workerCount(options.threads, scales.size(),
                                            kPerSample * static_cast<double>(padded) * static_cast<double>(scales.size()));
    std::vector<SpectralRows::Work> works;
    for (std::size_t worker = 0; worker < workers; ++worker)
        works.emplace_back(rows);
    forEachItem(scales.size(), workers, [&](std::size_t scale, std::size_t worker) {
        const double factor = filterFactor(wavelet, options.normalization, scales[scale], options.step);
        rows.row(scales[scale], factor, false, works[worker], result.values.data() + scale * signal.size());
    });
    return result;
}

} // namespace

std::vector<double> scaleLadder(double smallest, double perOctave, std::size_t count)
{
    WINNOW_WAVELET_CHECK(perOctave > 0.0, "an octave has some scales");
    std::vector<double> scales(count);
    for (std::size_t j = 0; j < count; ++j)
        scales[j] = smallest * std::exp2(static_cast<double>(j) / perOctave);
    return scales;
}

std::vector<double> usualScales(std::size_t length, const ContinuousWavelet& wavelet, double step, double perOctave)
{
    const double smallest = 2.0 * step / wavelet.periodOfScale();
    const double octaves = std::log2(static_cast<double>(std::max<std::size_t>(length, 1)) * step / smallest);
    return scaleLadder(smallest, perOctave, static_cast<std::size_t>(std::max(0.0, std::nearbyint(octaves * perOctave))) + 1);
}

Checked<Scalogram> cwt(std::span<const double> signal, const ContinuousWavelet& wavelet, std::span<const double> scales,
                       const CwtOptions& options)
{
    if (auto problem = problemOf(signal, scales, options.step))
        return tl::unexpected(*std::move(problem));
    return transform(signal, wavelet, scales, options);
}

Checked<std::vector<Scalogram>> cwtBatch(std::span<const double> signals, std::size_t length, const ContinuousWavelet& wavelet,
                                         std::span<const double> scales, const CwtOptions& options)
{
    if (auto problem = problemOf(signals, scales, options.step))
        return tl::unexpected(*std::move(problem));
    WINNOW_WAVELET_CHECK(length > 0 && signals.size() % length == 0, "signals is [count, length]");
    const std::size_t count = signals.size() / length;
    std::vector<Scalogram> all;
    for (std::size_t signal = 0; signal < count; ++signal)
        all.push_back({.wavelet = wavelet});
    CwtOptions alone = options;
    alone.threads = 1;
    const double operations = 160.0 * static_cast<double>(signals.size()) * static_cast<double>(scales.size());
    forEachItem(count, workerCount(options.threads, count, operations), [&](std::size_t signal, std::size_t) {
        all[signal] = transform(signals.subspan(signal * length, length), wavelet, scales, alone);
    });
    return all;
}

std::vector<double> logarithmicWidths(std::span<const double> scales)
{
    WINNOW_WAVELET_CHECK(scales.size() >= 2, "one scale has no width");
    std::vector<double> widths(scales.size());
    const std::size_t last = scales.size() - 1;
    for (std::size_t j = 0; j <= last; ++j) {
        const std::size_t before = j == 0 ? 0 : j - 1, after = std::min(j + 1, last);
        widths[j] = std::log(scales[after] / scales[before]) / static_cast<double>(after - before);
    }
    return widths;
}

Checked<std::vector<double>> icwt(const Scalogram& scalogram)
{
    const ContinuousWavelet& wavelet = scalogram.wavelet;
    if (!wavelet.isInvertible())
        return tl::unexpected(sentence("the transform by ", wavelet.name(),
                                       " cannot be inverted: an odd derivative is zero at its middle; choose an even one"));
    if (scalogram.scales.size() < 2 || !std::ranges::is_sorted(scalogram.scales, std::less_equal()))
        return tl::unexpected(std::string("a transform is inverted over at least two scales, ascending"));
    const std::vector<double> widths = logarithmicWidths(scalogram.scales);
    // Each row was filtered with factor * gain; over the logarithm of the scale the gains integrate to the admissibility, and of
    // complex wavelets, which see one half of the spectrum, the real part is half the signal.
    const double whole = wavelet.admissibility() / (wavelet.isReal() ? 1.0 : 2.0);
    std::vector<double> signal(scalogram.length, 0.0);
    for (std::size_t j = 0; j < widths.size(); ++j) {
        const double factor = filterFactor(wavelet, scalogram.normalization, scalogram.scales[j], scalogram.step);
        const Complex weight = wavelet.phase() * (widths[j] / (factor * whole));
        const std::span<const Complex> row = scalogram.row(j);
        for (std::size_t n = 0; n < signal.size(); ++n)
            signal[n] += (weight * row[n]).real();
    }
    return signal;
}

std::vector<double> coneOfInfluence(std::size_t length, const ContinuousWavelet& wavelet, double step)
{
    std::vector<double> longest(length);
    const double perSample = wavelet.periodOfScale() / wavelet.eFoldingTime() * step;
    for (std::size_t n = 0; n < length; ++n)
        longest[n] = perSample * (0.5 + static_cast<double>(std::min(n, length - 1 - n)));
    return longest;
}

} // namespace winnow::wavelet
