// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/analysis/wavelet/scalogram.h"

#include "core/base/parallel.h"
#include "wavelet/continuous/continuous.h"
#include "wavelet/continuous/ridges.h"
#include "wavelet/continuous/significance.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

namespace winnow {

namespace {

constexpr std::size_t kMostCells = std::size_t{1} << 24;
constexpr std::size_t kMostGroups = 8; // sums that are made side by side, always of the same signals
constexpr std::size_t kMostRidges = 32;
constexpr int kSignalsAtOnce = 32;

struct Ladder {
    wavelet::ContinuousWavelet wavelet;
    std::vector<double> scales;
    int length = 0; ///< of the transform, what is trimmed left out
};

Result<Ladder> ladderOf(const ScalogramOptions& options, int positions)
{
    auto found = wavelet::requireContinuousWavelet(options.wavelet);
    if (!found)
        return fail(Error{ErrorCode::Usage, std::move(found.error())});
    if (options.trimFirst < 0 || options.trimLast < 0 || positions - options.trimFirst - options.trimLast < 1)
        return fail(ErrorCode::Usage, "{} and {} positions are to be left out at the ends of {}; leave at least one",
                    options.trimFirst, options.trimLast, positions);
    const int length = positions - options.trimFirst - options.trimLast;
    const double shortest = options.shortestPeriod > 0 ? options.shortestPeriod : 2;
    const double longest = options.longestPeriod > 0 ? options.longestPeriod : std::max<double>(shortest, length);
    if (!(options.perOctave >= 1 && options.perOctave <= 64))
        return fail(ErrorCode::Usage, "{} scales in an octave were asked for; choose 1 to 64", options.perOctave);
    if (!(shortest > 0 && longest >= shortest && longest <= 1e9))
        return fail(ErrorCode::Usage,
                    "the periods {} to {} tokens per cycle make no range; choose a shortest and a longest above 0", shortest,
                    longest);
    if (!(options.confidence > 0 && options.confidence < 1))
        return fail(ErrorCode::Usage, "a confidence of {} was asked for; choose one between 0 and 1", options.confidence);
    const auto count = static_cast<std::size_t>(std::floor(std::log2(longest / shortest) * options.perOctave + 1e-9)) + 1;
    if (count * static_cast<std::size_t>(length) > kMostCells)
        return fail(ErrorCode::Usage, "{} scales of {} positions are more than {} million cells; choose fewer scales or a window",
                    count, length, kMostCells >> 20);
    return Ladder{*found, wavelet::scaleLadder(shortest / found->periodOfScale(), options.perOctave, count), length};
}

/// What some signals add up to.
struct Powers {
    std::vector<double> power, threshold, magnitude; ///< [scales, length], [scales], [length]
    double lagOne = 0;
};

wavelet::NoiseModel noiseOf(std::span<const double> signal, NoiseKind kind)
{
    const double mean = std::accumulate(signal.begin(), signal.end(), 0.0) / static_cast<double>(signal.size());
    wavelet::NoiseModel white{.variance = 0};
    for (const double value : signal)
        white.variance += (value - mean) * (value - mean) / static_cast<double>(signal.size());
    if (kind != NoiseKind::Red)
        return white;
    return wavelet::redNoiseOf(signal).value_or(white); // too short, constant or with a strong trend
}

void addSignal(std::span<const double> signal, const Ladder& ladder, const ScalogramOptions& options, Powers& sum)
{
    const auto transform = wavelet::cwt(signal, ladder.wavelet, ladder.scales, {.threads = 1});
    if (!transform)
        return; // the samples were found finite and the scales are a ladder
    const std::span<const wavelet::Complex> values = transform->values.all();
    for (std::size_t i = 0; i < values.size(); ++i)
        sum.power[i] += std::norm(values[i]);
    for (std::size_t i = 0; i < signal.size(); ++i)
        sum.magnitude[i] += std::abs(signal[i]);
    if (options.noise == NoiseKind::None)
        return;
    const wavelet::NoiseModel noise = noiseOf(signal, options.noise);
    const std::vector<double> significant =
        wavelet::significantPower(ladder.scales, ladder.wavelet, 1, noise, options.confidence);
    for (std::size_t s = 0; s < significant.size(); ++s)
        sum.threshold[s] += significant[s];
    sum.lagOne += noise.lagOne;
}

void addTo(std::vector<double>& sum, const std::vector<double>& part)
{
    for (std::size_t i = 0; i < sum.size(); ++i)
        sum[i] += part[i];
}

/// Every channel of every signal, in fixed groups that run side by side.
void addSignals(std::span<const LaneSignal> signals, const Ladder& ladder, const ScalogramOptions& options, Powers& sum)
{
    const auto length = static_cast<std::size_t>(ladder.length), scales = ladder.scales.size();
    const auto channels = static_cast<std::size_t>(signals.front().channels), all = signals.size() * channels;
    const std::size_t groups = std::clamp<std::size_t>(kMostCells / (scales * length), 1, std::min(all, kMostGroups));
    std::vector<Powers> parts(groups);
    parallelFor(groups, [&](std::size_t group) {
        Powers& part = parts[group];
        part = {std::vector<double>(scales * length), std::vector<double>(scales), std::vector<double>(length), 0};
        std::vector<double> channel(length);
        for (std::size_t i = all * group / groups; i < all * (group + 1) / groups; ++i) {
            const LaneSignal& signal = signals[i / channels];
            for (std::size_t n = 0; n < length; ++n)
                channel[n] = signal.values[(n + static_cast<std::size_t>(options.trimFirst)) * channels + i % channels];
            addSignal(channel, ladder, options, part);
        }
    });
    for (const Powers& part : parts) {
        addTo(sum.power, part.power);
        addTo(sum.threshold, part.threshold);
        addTo(sum.magnitude, part.magnitude);
        sum.lagOne += part.lagOne;
    }
}

std::vector<PowerRidge> ridgesOf(const TokenScalogram& from, const Ladder& ladder)
{
    wavelet::Scalogram roots{.wavelet = ladder.wavelet,
                             .length = static_cast<std::size_t>(from.positions),
                             .scales = ladder.scales,
                             .values = wavelet::ComplexNumbers(from.power.size())};
    std::transform(from.power.begin(), from.power.end(), roots.values.data(),
                   [](double power) { return wavelet::Complex(std::sqrt(power)); });
    std::vector<PowerRidge> ridges;
    for (const wavelet::Ridge& ridge : wavelet::ridges(roots)) {
        if (ridges.size() == kMostRidges)
            break;
        PowerRidge one{.begin = static_cast<int>(ridge.begin)};
        for (std::size_t i = 0; i < ridge.scales.size(); ++i) {
            one.periods.push_back(ridge.scales[i] * ladder.wavelet.periodOfScale());
            one.power.push_back(ridge.magnitude[i] * ridge.magnitude[i]);
        }
        ridges.push_back(std::move(one));
    }
    return ridges;
}

void fillGlobal(TokenScalogram& s)
{
    s.global.assign(static_cast<std::size_t>(s.scales), std::numeric_limits<double>::quiet_NaN());
    for (int scale = 0; scale < s.scales; ++scale) {
        double sum = 0;
        int count = 0;
        for (int column = 0; column < s.positions; ++column)
            if (s.insideCone(scale, column)) {
                sum += s.at(scale, column);
                ++count;
            }
        if (count > 0)
            s.global[static_cast<std::size_t>(scale)] = sum / count;
    }
}

} // namespace

std::string_view noiseName(NoiseKind kind)
{
    return kind == NoiseKind::None ? "none" : kind == NoiseKind::White ? "white" : "red";
}

Result<TokenScalogram> scalogram(const Trace& trace, const ScalogramOptions& options, const JobContext& job)
{
    SignalRequest request{.heads = options.heads, .window = options.window, .kind = options.signal};
    if (options.step)
        request.steps = {*options.step};
    WINNOW_TRY(const SignalPlan plan, planSignals(trace, request));
    WINNOW_TRY(const Ladder ladder, ladderOf(options, plan.shortest()));
    Powers sum{std::vector<double>(ladder.scales.size() * static_cast<std::size_t>(ladder.length)),
               std::vector<double>(ladder.scales.size()), std::vector<double>(static_cast<std::size_t>(ladder.length)), 0};
    double count = 0;
    WINNOW_TRY_VOID(visitSignals(trace, plan, kSignalsAtOnce, job, [&](std::span<const LaneSignal> signals) {
        addSignals(signals, ladder, options, sum);
        count += static_cast<double>(signals.size()) * signals.front().channels;
    }));

    TokenScalogram result{.scales = static_cast<int>(ladder.scales.size()),
                          .positions = ladder.length,
                          .firstPosition = plan.steps.front() + 1 - plan.shortest() + options.trimFirst,
                          .step = plan.steps.front(),
                          .scale = ladder.scales,
                          .wavelet = ladder.wavelet.name(),
                          .noise = options.noise,
                          .confidence = options.confidence,
                          .lagOne = sum.lagOne / count,
                          .signalKind = options.signal,
                          .heads = plan.headCount(),
                          .manifest = trace.info().manifest};
    for (auto* values : {&sum.power, &sum.threshold, &sum.magnitude})
        for (double& value : *values)
            value /= count;
    result.power = std::move(sum.power);
    result.signal = std::move(sum.magnitude);
    if (options.noise != NoiseKind::None)
        result.threshold = std::move(sum.threshold);
    for (const double scale : ladder.scales)
        result.period.push_back(scale * ladder.wavelet.periodOfScale());
    result.cone = wavelet::coneOfInfluence(static_cast<std::size_t>(ladder.length), ladder.wavelet, 1);
    fillGlobal(result);
    if (options.ridges)
        result.ridges = ridgesOf(result, ladder);
    return result;
}

Result<TokenScalogram> differenceOf(const TokenScalogram& a, const TokenScalogram& b)
{
    if (a.wavelet != b.wavelet || a.scales == 0 || b.scales == 0 || a.period.front() != b.period.front())
        return fail(ErrorCode::Usage,
                    "scalograms by {} and {}, from periods of {} and {} tokens, cannot be compared; choose the same for both",
                    a.wavelet, b.wavelet, a.scales == 0 ? 0 : a.period.front(), b.scales == 0 ? 0 : b.period.front());
    TokenScalogram difference = a;
    difference.scales = std::min(a.scales, b.scales);
    difference.positions = std::min(a.positions, b.positions);
    difference.firstPosition += a.positions - difference.positions;
    difference.power.assign(static_cast<std::size_t>(difference.scales) * static_cast<std::size_t>(difference.positions), 0);
    const int skipA = a.positions - difference.positions, skipB = b.positions - difference.positions;
    for (int scale = 0; scale < difference.scales; ++scale)
        for (int column = 0; column < difference.positions; ++column)
            difference.power[static_cast<std::size_t>(scale) * difference.positions + column] =
                a.at(scale, column + skipA) - b.at(scale, column + skipB);
    difference.scale.resize(static_cast<std::size_t>(difference.scales));
    difference.period.resize(static_cast<std::size_t>(difference.scales));
    const auto latest = [&](const std::vector<double>& values) {
        return std::vector<double>(values.end() - difference.positions, values.end());
    };
    difference.cone = latest(a.cone);
    const std::vector<double> coneB = latest(b.cone), signalA = latest(a.signal), signalB = latest(b.signal);
    difference.signal = signalA;
    for (std::size_t i = 0; i < coneB.size(); ++i) {
        difference.cone[i] = std::min(difference.cone[i], coneB[i]);
        difference.signal[i] -= signalB[i];
    }
    difference.threshold.clear();
    difference.ridges.clear();
    fillGlobal(difference);
    return difference;
}

} // namespace winnow
