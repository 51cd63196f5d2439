// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/analysis/wavelet/scalogram.h"

#include "core/analysis/job_part.h"
#include "core/analysis/wavelet/independent_signals.h"
#include "core/analysis/wavelet/scalogram_significance.h"
#include "core/base/nearest.h"
#include "core/base/parallel.h"
#include "wavelet/continuous/continuous.h"
#include "wavelet/continuous/ridges.h"
#include "wavelet/continuous/significance.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <numeric>

namespace winnow {

namespace {

constexpr std::size_t kMostCells = std::size_t{1} << 24;
constexpr std::size_t kMostGroups = 8; // sums that are made side by side, always of the same signals
constexpr std::size_t kMostRidges = 32;
constexpr int kSignalsAtOnce = 32;
constexpr std::array<std::string_view, 4> kNoises{"none", "white", "red", "shuffled"};

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
    std::vector<double> power, noise, magnitude; ///< [scales, length], [scales] mean power of the noise, [length]
    double lagOne = 0;
};

Powers noPowers(const Ladder& ladder)
{
    const auto length = static_cast<std::size_t>(ladder.length), scales = ladder.scales.size();
    return {std::vector<double>(scales * length), std::vector<double>(scales), std::vector<double>(length), 0};
}

/// Of a signal without its mean.
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

void addSignal(std::span<const double> signal, const Ladder& ladder, NoiseKind kind, Powers& sum)
{
    const auto transform = wavelet::cwt(signal, ladder.wavelet, ladder.scales, {.threads = 1});
    if (!transform)
        return; // the samples were found finite and the scales are a ladder
    const std::span<const wavelet::Complex> values = transform->values.all();
    for (std::size_t i = 0; i < values.size(); ++i)
        sum.power[i] += std::norm(values[i]);
    if (kind == NoiseKind::None || kind == NoiseKind::Shuffled)
        return;
    const wavelet::NoiseModel noise = noiseOf(signal, kind);
    for (std::size_t s = 0; s < ladder.scales.size(); ++s)
        sum.noise[s] += wavelet::noisePower(noise, ladder.scales[s] * ladder.wavelet.periodOfScale(), 1);
    sum.lagOne += noise.lagOne;
}

void addTo(std::vector<double>& sum, const std::vector<double>& part)
{
    for (std::size_t i = 0; i < sum.size(); ++i)
        sum[i] += part[i];
}

/// What is transformed: [signals][length, channels], without what is trimmed, and without the mean or line.
using Prepared = std::vector<std::vector<double>>;
Prepared prepared(std::span<const LaneSignal> signals, const Ladder& ladder, const ScalogramOptions& options)
{
    Prepared all(signals.size());
    parallelFor(signals.size(), [&](std::size_t i) {
        const auto channels = static_cast<std::size_t>(signals[i].channels);
        const auto kept = signals[i].values.subspan(static_cast<std::size_t>(options.trimFirst) * channels,
                                                    static_cast<std::size_t>(ladder.length) * channels);
        all[i].assign(kept.begin(), kept.end());
        detrend(all[i], signals[i].channels, options.detrend);
    });
    return all;
}

/// Every channel of every signal, in fixed groups that run side by side.
void addSignals(const Prepared& signals, std::size_t channels, const Ladder& ladder, NoiseKind noise, Powers& sum)
{
    const auto length = static_cast<std::size_t>(ladder.length), scales = ladder.scales.size(), all = signals.size() * channels;
    const std::size_t groups = std::clamp<std::size_t>(kMostCells / (scales * length), 1, std::min(all, kMostGroups));
    std::vector<Powers> parts(groups);
    parallelFor(groups, [&](std::size_t group) {
        Powers& part = parts[group];
        part = noPowers(ladder);
        std::vector<double> channel(length);
        for (std::size_t i = all * group / groups; i < all * (group + 1) / groups; ++i) {
            for (std::size_t n = 0; n < length; ++n)
                channel[n] = signals[i / channels][n * channels + i % channels];
            addSignal(channel, ladder, noise, part);
        }
    });
    for (const Powers& part : parts) {
        addTo(sum.power, part.power);
        addTo(sum.noise, part.noise);
        sum.lagOne += part.lagOne;
    }
}

/// The mean power alone, with the tokens in the order that the seed draws.
Result<std::vector<double>> shuffledPower(const Trace& trace, SignalPlan plan, const Ladder& ladder,
                                          const ScalogramOptions& options, unsigned seed, const JobContext& job)
{
    plan.shuffle = seed;
    Powers sum = noPowers(ladder);
    double count = 0;
    WINNOW_TRY_VOID(visitSignals(trace, plan, kSignalsAtOnce, job, [&](std::span<const LaneSignal> signals) {
        addSignals(prepared(signals, ladder, options), static_cast<std::size_t>(signals.front().channels), ladder,
                   NoiseKind::None, sum);
        count += static_cast<double>(signals.size()) * signals.front().channels;
    }));
    for (double& value : sum.power)
        value /= count;
    return std::move(sum.power);
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

std::span<const std::string_view> noiseNames() { return kNoises; }

std::string_view noiseName(NoiseKind kind) { return kNoises[static_cast<std::size_t>(kind)]; }

Result<NoiseKind> findNoise(std::string_view name)
{
    const auto* found = std::find(kNoises.begin(), kNoises.end(), name);
    if (found == kNoises.end())
        return fail(ErrorCode::Usage, "there is no noise '{}'; the nearest is '{}'", name, nearest(name, kNoises));
    return static_cast<NoiseKind>(found - kNoises.begin());
}

Result<TokenScalogram> scalogram(const Trace& trace, const ScalogramOptions& options, const JobContext& job)
{
    SignalRequest request{.heads = options.heads, .window = options.window, .kind = options.signal, .shuffle = options.shuffle};
    if (options.step)
        request.steps = {*options.step};
    WINNOW_TRY(const SignalPlan plan, planSignals(trace, request));
    WINNOW_TRY(const Ladder ladder, ladderOf(options, plan.shortest()));
    const bool shuffles = options.noise == NoiseKind::Shuffled;
    Powers sum = noPowers(ladder);
    IndependentSignals independent(static_cast<std::size_t>(ladder.length));
    double count = 0;
    const JobContext own = shuffles ? partOf(job, 0, 1.0 / (options.shuffles + 1)) : job;
    WINNOW_TRY_VOID(visitSignals(trace, plan, kSignalsAtOnce, own, [&](std::span<const LaneSignal> signals) {
        const int channels = signals.front().channels;
        const Prepared values = prepared(signals, ladder, options);
        addSignals(values, static_cast<std::size_t>(channels), ladder, options.noise, sum);
        for (std::size_t i = 0; i < signals.size(); ++i) {
            independent.add(values[i], channels);
            for (std::size_t n = 0; n < sum.magnitude.size() * static_cast<std::size_t>(channels); ++n)
                sum.magnitude[n / static_cast<std::size_t>(channels)] +=
                    std::abs(signals[i].values[n + static_cast<std::size_t>(options.trimFirst * channels)]);
        }
        count += static_cast<double>(signals.size()) * channels;
    }));

    TokenScalogram result{.scales = static_cast<int>(ladder.scales.size()),
                          .positions = ladder.length,
                          .firstPosition = plan.steps.front() + 1 - plan.shortest() + options.trimFirst,
                          .step = plan.steps.front(),
                          .scale = ladder.scales,
                          .independent = independent.count(),
                          .wavelet = ladder.wavelet.name(),
                          .noise = options.noise,
                          .confidence = options.confidence,
                          .lagOne = sum.lagOne / count,
                          .signalKind = options.signal,
                          .detrend = options.detrend,
                          .shuffle = options.shuffle,
                          .heads = plan.headCount(),
                          .manifest = trace.info().manifest};
    for (auto* values : {&sum.power, &sum.noise, &sum.magnitude})
        for (double& value : *values)
            value /= count;
    result.power = std::move(sum.power);
    result.signal = std::move(sum.magnitude);
    for (const double scale : ladder.scales)
        result.period.push_back(scale * ladder.wavelet.periodOfScale());
    result.cone = wavelet::coneOfInfluence(static_cast<std::size_t>(ladder.length), ladder.wavelet, 1);
    fillGlobal(result);
    if (shuffles) {
        std::vector<std::vector<double>> null;
        for (int i = 0; i < options.shuffles; ++i) {
            const JobContext part = partOf(job, (i + 1.0) / (options.shuffles + 1), (i + 2.0) / (options.shuffles + 1));
            const unsigned seed = options.shuffle.value_or(0) + static_cast<unsigned>(i) + 1;
            WINNOW_TRY(null.emplace_back(), shuffledPower(trace, plan, ladder, options, seed, part));
        }
        holdAgainstShuffles(result, null);
    } else if (options.noise != NoiseKind::None) {
        holdAgainstNoise(result, sum.noise, ladder.wavelet);
    }
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
    for (std::vector<double>* thresholds : {&difference.threshold, &difference.cellThreshold, &difference.globalThreshold})
        thresholds->clear();
    difference.ridges.clear();
    fillGlobal(difference);
    return difference;
}

} // namespace winnow
