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
constexpr double kMostReach = 1 << 18; ///< positions that a signal is continued by at each end

/// The undecimated bands of every channel, in a circle or of the signal continued at both ends as far as a band reaches.
void undecimated(std::span<const double> values, std::size_t channels, const BandMethod& method, BandPart& part)
{
    const std::size_t length = values.size() / channels;
    const std::size_t margin = method.isCircle() ? 0 : static_cast<std::size_t>(method.reach(method.levels));
    const wavelet::StationaryOptions options{.levels = method.levels, .threads = 1};
    const auto bands = static_cast<std::size_t>(method.levels) + 1;
    part.magnitude.assign(bands * length, 0);
    part.power.assign(bands * length, 0);
    part.energy.assign(bands, 0);
    part.edge.assign(bands, 0);
    std::vector<double> channel(length);
    const double share = 1 / static_cast<double>(channels);
    for (std::size_t c = 0; c < channels; ++c) {
        for (std::size_t i = 0; i < length; ++i)
            channel[i] = values[i * channels + c];
        const std::vector<double> longer = wavelet::extended(channel, margin, method.boundary);
        const auto rebuilt = wavelet::modwtMultiresolution(longer, longer.size(), method.wavelet, options);
        WINNOW_CHECK(rebuilt, "{}", rebuilt.error());
        for (std::size_t band = 0; band < bands; ++band) {
            const auto within = rebuilt->band(band).subspan(margin, length);
            const double reach = method.reach(static_cast<int>(band));
            for (std::size_t i = 0; i < length; ++i) {
                const double energy = within[i] * channel[i];
                part.magnitude[band * length + i] += std::abs(within[i]) * share;
                part.power[band * length + i] += within[i] * within[i] * share;
                part.energy[band] += energy;
                if (static_cast<double>(std::min(i, length - 1 - i)) < reach)
                    part.edge[band] += energy;
            }
        }
    }
}

/// The deepest level whose bands reach no further than they may.
int deepestWithin(double most, const BandMethod& method)
{
    int level = 0;
    while (level + 1 < method.levels && method.reach(level) <= most)
        ++level;
    return level;
}

} // namespace

double BandMethod::reach(int band) const
{
    return (std::ldexp(1.0, std::min(band + 1, levels)) - 1) * static_cast<double>(wavelet.filterLength() - 1);
}

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
    BandMethod method{std::move(*filters), *boundary, options.levels, options.transform, options.detrend};
    if (options.transform == BandTransform::Stationary && !method.isCircle() && method.reach(method.levels) > kMostReach)
        return fail(
            ErrorCode::Usage,
            "level {} of {} reaches {} positions beyond the ends, more than {}; choose at most {} levels, or the transform "
            "modwt, which takes the text as a circle",
            options.levels, method.wavelet.name, method.reach(method.levels), kMostReach, deepestWithin(kMostReach, method));
    return method;
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
    std::vector<double> rest;
    if (method.detrend != Detrend::None) {
        rest.assign(values.begin(), values.end());
        detrend(rest, channels, method.detrend);
        values = rest;
    }
    if (method.transform == BandTransform::Decimated) {
        wavelet::BandProfile profile = wavelet::bandProfile({values.data(), length, width}, method.wavelet,
                                                            {.boundary = method.boundary, .levels = method.levels, .threads = 1});
        part.magnitude = std::move(profile.magnitude);
        part.power = std::move(profile.power);
        part.energy = std::move(profile.energies);
        part.edge = std::move(profile.edgeEnergies);
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
    into.edge.assign(details + 1, 0);
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
        m_into.edge[level] += part.edge[level];
    }
    addLatest(m_into.signal, part.signal);
    ++m_count;
}

void BandSum::finish()
{
    const double factor = 1.0 / static_cast<double>(std::max<std::size_t>(m_count, 1));
    for (auto* values : {&m_into.bands, &m_into.approximation, &m_into.signal, &m_into.power, &m_into.energy, &m_into.edge})
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
    into.detrend = method.detrend;
    into.shuffle = plan.shuffle;
    into.steps = plan.steps;
    into.firstPosition = plan.steps.front() + 1 - plan.shortest();
    into.heads = plan.headCount();
    into.manifest = trace.info().manifest;
}

} // namespace winnow
