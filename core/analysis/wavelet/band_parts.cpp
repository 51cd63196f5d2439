// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/analysis/wavelet/band_parts.h"

#include "core/base/check.h"
#include "core/base/nearest.h"
#include "wavelet/multiresolution.h"
#include "wavelet/stationary.h"
#include "wavelet/transform.h"

#include <algorithm>
#include <cmath>

namespace winnow {

namespace {

constexpr int kMostLevels = 24;

/// The undecimated bands of every channel, in a circle or of the signal extended at both ends.
void undecimated(std::span<const double> values, std::size_t channels, const BandMethod& method, BandPart& part)
{
    using wavelet::Boundary;
    const std::size_t length = values.size() / channels;
    const bool circle = method.transform == BandTransform::MaximalOverlap || method.boundary == Boundary::Periodic ||
                        method.boundary == Boundary::Periodization;
    // Farther than this no coefficient reaches; mirrored once, the signal is long enough for any level.
    const double reach = std::ldexp(static_cast<double>(method.wavelet.filterLength() - 1), method.levels);
    const std::size_t margin = circle ? 0 : static_cast<std::size_t>(std::min(reach, static_cast<double>(length)));
    const wavelet::StationaryOptions options{.levels = method.levels, .threads = 1};
    const auto bands = static_cast<std::size_t>(method.levels) + 1;
    part.magnitude.assign(bands * length, 0);
    part.power.assign(bands * length, 0);
    part.energy.assign(bands, 0);
    std::vector<double> channel(length);
    const double share = 1 / static_cast<double>(channels);
    for (std::size_t c = 0; c < channels; ++c) {
        for (std::size_t i = 0; i < length; ++i)
            channel[i] = values[i * channels + c];
        const std::vector<double> longer = wavelet::extended(channel, margin, method.boundary);
        const auto coefficients = wavelet::modwt(longer, longer.size(), method.wavelet, options);
        const auto rebuilt = wavelet::modwtMultiresolution(longer, longer.size(), method.wavelet, options);
        WINNOW_CHECK(coefficients && rebuilt, "{}", coefficients ? rebuilt.error() : coefficients.error());
        for (std::size_t band = 0; band < bands; ++band) {
            const auto within = rebuilt->band(band).subspan(margin, length),
                       own = coefficients->band(band).subspan(margin, length);
            for (std::size_t i = 0; i < length; ++i) {
                part.magnitude[band * length + i] += std::abs(within[i]) * share;
                part.power[band * length + i] += within[i] * within[i] * share;
                part.energy[band] += own[i] * own[i];
            }
        }
    }
}

} // namespace

Result<BandMethod> bandMethod(const ContributionOptions& options)
{
    auto filters = wavelet::findWavelet(options.wavelet);
    if (!filters)
        return fail(ErrorCode::Usage, "there is no wavelet '{}'; the nearest is '{}'", options.wavelet,
                    wavelet::nearestWaveletName(options.wavelet));
    const auto boundary = wavelet::findBoundary(options.mode);
    if (!boundary)
        return fail(ErrorCode::Usage, "there is no boundary mode '{}'; the nearest is '{}'", options.mode,
                    nearest(options.mode, boundaryModes()));
    if (options.levels < 1 || options.levels > kMostLevels)
        return fail(ErrorCode::Usage, "{} levels were asked for; choose 1 to {}", options.levels, kMostLevels);
    if (options.transform == BandTransform::Continuous || options.transform == BandTransform::Packets)
        return fail(ErrorCode::Usage, "the transform '{}' has no bands by level; choose dwt, stationary or modwt",
                    transformInfo(options.transform).name);
    return BandMethod{std::move(*filters), *boundary, options.levels, options.transform};
}

BandPart bandPart(std::span<const double> values, int channels, const BandMethod& method)
{
    const auto width = static_cast<std::size_t>(channels), length = values.size() / width;
    BandPart part;
    part.signal.resize(length);
    for (std::size_t i = 0; i < length; ++i) {
        double sum = 0;
        for (std::size_t c = 0; c < width; ++c)
            sum += std::abs(values[i * width + c]);
        part.signal[i] = sum / static_cast<double>(width);
    }
    if (method.transform == BandTransform::Decimated) {
        wavelet::BandProfile profile = wavelet::bandProfile({values.data(), length, width}, method.wavelet,
                                                            {.boundary = method.boundary, .levels = method.levels, .threads = 1});
        part.magnitude = std::move(profile.magnitude);
        part.power = std::move(profile.power);
        part.energy = std::move(profile.energies);
    } else {
        undecimated(values, width, method, part);
    }
    return part;
}

void addLatest(std::span<double> sum, std::span<const double> from)
{
    const std::size_t skip = from.size() - sum.size();
    for (std::size_t i = 0; i < sum.size(); ++i)
        sum[i] += from[skip + i];
}

BandSum::BandSum(Contribution& into, int levels, int positions) : m_into(into)
{
    const auto length = static_cast<std::size_t>(positions), details = static_cast<std::size_t>(levels);
    into.levels = levels;
    into.positions = positions;
    into.bands.assign(details * length, 0);
    into.approximation.assign(length, 0);
    into.signal.assign(length, 0);
    into.power.assign((details + 1) * length, 0);
    into.energy.assign(details + 1, 0);
}

void BandSum::add(const BandPart& part)
{
    const std::size_t length = part.signal.size(), levels = m_into.energy.size() - 1, kept = m_into.signal.size();
    const std::span magnitude(part.magnitude), power(part.power);
    for (std::size_t level = 0; level <= levels; ++level) {
        const std::span<double> row =
            level < levels ? std::span(m_into.bands).subspan(level * kept, kept) : std::span(m_into.approximation);
        addLatest(row, magnitude.subspan(level * length, length));
        addLatest(std::span(m_into.power).subspan(level * kept, kept), power.subspan(level * length, length));
        m_into.energy[level] += part.energy[level];
    }
    addLatest(m_into.signal, part.signal);
    ++m_count;
}

void BandSum::finish()
{
    const double factor = 1.0 / static_cast<double>(std::max<std::size_t>(m_count, 1));
    for (auto* values : {&m_into.bands, &m_into.approximation, &m_into.signal, &m_into.power, &m_into.energy})
        for (double& value : *values)
            value *= factor;
}

void describe(Contribution& into, const Trace& trace, const SignalPlan& plan, const BandMethod& method)
{
    into.wavelet = method.wavelet.name;
    into.mode = method.transform == BandTransform::MaximalOverlap ? "periodic" : wavelet::boundaryName(method.boundary);
    into.filterLength = static_cast<int>(method.wavelet.filterLength());
    into.signalKind = plan.kind;
    into.transform = method.transform;
    into.steps = plan.steps;
    into.firstPosition = plan.steps.front() + 1 - plan.shortest();
    into.heads = plan.headCount();
    into.manifest = trace.info().manifest;
}

} // namespace winnow
