// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/analysis/wavelet/token_coherence.h"

#include "core/analysis/job_part.h"
#include "core/analysis/wavelet/replayed_heads.h"
#include "core/base/parallel.h"
#include "wavelet/continuous/coherence.h"
#include "wavelet/continuous/significance.h"

#include <unsupported/Eigen/SpecialFunctions>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>
#include <numeric>
#include <random>

namespace winnow {

namespace {

constexpr std::size_t kMostCells = std::size_t{1} << 24;
constexpr int kFewestPositions = 8;
constexpr int kSurrogatesAtOnce = 8;
constexpr double kSignalsShare = 0.1; ///< of the job, where noise follows

struct Ladder {
    wavelet::ContinuousWavelet wavelet;
    std::vector<double> scales;
    std::vector<double> cone; ///< [positions]
};

Result<Ladder> ladderOf(const CoherenceRequest& request, int positions)
{
    auto found = wavelet::requireContinuousWavelet(request.wavelet);
    if (!found)
        return fail(Error{ErrorCode::Usage, std::move(found.error())});
    if (found->isReal())
        return fail(ErrorCode::Usage, "the wavelet '{}' is real and has no phase; take morlet6, paul4 or another complex one",
                    request.wavelet);
    if (positions < kFewestPositions)
        return fail(ErrorCode::Usage, "{} positions are left, too few for a coherence; it needs {}", std::max(positions, 0),
                    kFewestPositions);
    if (!(request.perOctave >= 2 && request.perOctave <= 64))
        return fail(ErrorCode::Usage, "{} scales in an octave were asked for; a coherence takes 2 to 64", request.perOctave);
    const auto count = static_cast<std::size_t>(std::floor(std::log2(positions / 2.0) * request.perOctave + 1e-9)) + 1;
    if (count * static_cast<std::size_t>(positions) > kMostCells)
        return fail(ErrorCode::Usage, "{} scales of {} positions are more than {} million cells; choose fewer scales", count,
                    positions, kMostCells >> 20);
    return Ladder{*found, wavelet::scaleLadder(2 / found->periodOfScale(), request.perOctave, count),
                  wavelet::coneOfInfluence(static_cast<std::size_t>(positions), *found, 1)};
}

/// Ranks as a normal distribution has them; equal values share the mean of their ranks.
void makeNormal(std::vector<double>& values)
{
    std::vector<std::size_t> order(values.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return values[a] < values[b]; });
    std::vector<double> scores(values.size());
    for (std::size_t begin = 0; begin < order.size();) {
        std::size_t end = begin;
        while (end < order.size() && values[order[end]] == values[order[begin]])
            ++end;
        const double share = (static_cast<double>(begin + end) / 2) / static_cast<double>(order.size());
        for (; begin < end; ++begin)
            scores[order[begin]] = Eigen::numext::ndtri(share);
    }
    values = std::move(scores);
}

/// The size of the signal at every position; of one with a single channel its value.
std::vector<double> sizesOf(const LaneSignal& signal, const CoherentSignal& what, int queryHeads)
{
    const auto channels = static_cast<std::size_t>(signal.channels);
    std::vector<double> sizes(static_cast<std::size_t>(signal.length));
    for (std::size_t i = 0; i < sizes.size(); ++i) {
        double sum = 0;
        for (const double value : signal.values.subspan(i * channels, channels))
            sum += value * value;
        sizes[i] = channels == 1 ? signal.values[i] : std::sqrt(sum);
        if (what.policy && !what.policy->attends(what.layer, laneOfHead(*what.policy, what.head.head, queryHeads),
                                                 signal.first + static_cast<int>(i), signal.step))
            sizes[i] = 0;
    }
    return sizes;
}

Result<std::array<std::vector<double>, 2>> bothSignals(const Trace& trace, const SignalPlan& plan,
                                                       const CoherenceRequest& request, const JobContext& job)
{
    std::array<std::vector<double>, 2> both;
    WINNOW_TRY_VOID(visitSignals(trace, plan, 2, job, [&](std::span<const LaneSignal> signals) {
        for (const LaneSignal& signal : signals)
            for (std::size_t i = 0; i < 2; ++i)
                if (signal.head == request.pair[i].head) {
                    const auto layer = static_cast<std::size_t>(signal.head.layerIndex);
                    both[i] = sizesOf(signal, request.pair[i], trace.info().layerInfo[layer].queryHeads);
                    both[i].erase(both[i].end() - request.trim, both[i].end());
                    both[i].erase(both[i].begin(), both[i].begin() + request.trim);
                    makeNormal(both[i]);
                }
    }));
    return both;
}

/// Without what `detrend` takes away. Both are finite and the scales a ladder, so nothing can be refused.
wavelet::Coherence coherenceOf(std::array<std::vector<double>, 2> both, const Ladder& ladder, Detrend what)
{
    std::array<wavelet::Scalogram, 2> transforms{{{.wavelet = ladder.wavelet}, {.wavelet = ladder.wavelet}}};
    for (std::size_t i = 0; i < 2; ++i) {
        detrend(both[i], 1, what);
        transforms[i] = wavelet::cwt(both[i], ladder.wavelet, ladder.scales, {.threads = 1}).value();
    }
    return wavelet::coherence(transforms[0], transforms[1], {.padding = wavelet::Padding::Full, .threads = 1}).value();
}

double uniform(std::mt19937_64& random) { return (static_cast<double>(random() >> 11) + 0.5) * 0x1p-53; }

/// Gaussian noise with this lag-1 autocorrelation; the same on every machine, up to its mathematical functions.
std::vector<double> noiseOf(std::size_t length, double lagOne, std::mt19937_64& random)
{
    std::vector<double> values(length);
    double last = 0;
    for (std::size_t i = 0; i < length; ++i) {
        const double gauss = std::sqrt(-2 * std::log(uniform(random))) * std::cos(2 * std::numbers::pi * uniform(random));
        last = i == 0 ? gauss : lagOne * last + std::sqrt(1 - lagOne * lagOne) * gauss;
        values[i] = last;
    }
    return values;
}

std::array<std::vector<double>, 2> surrogateOf(const std::array<std::vector<double>, 2>& both, NoiseKind noise, unsigned seed)
{
    std::mt19937_64 random(seed);
    if (noise == NoiseKind::Shuffled) {
        std::vector<double> second = both[1];
        for (std::size_t end = second.size(); end > 1; --end)
            std::swap(second[end - 1], second[random() % end]);
        return {both[0], std::move(second)};
    }
    std::array<std::vector<double>, 2> pair;
    for (std::size_t i = 0; i < 2; ++i) {
        double lagOne = 0;
        if (const auto red = noise == NoiseKind::Red ? wavelet::redNoiseOf(both[i]) : wavelet::NoiseModel())
            lagOne = std::clamp(red->lagOne, 0.0, 0.99);
        pair[i] = noiseOf(both[i].size(), lagOne, random);
    }
    return pair;
}

/// [scales] Below which the surrogates stay with the confidence, inside the cone.
Result<std::vector<double>> thresholdsOf(const std::array<std::vector<double>, 2>& both, const Ladder& ladder,
                                         const CoherenceRequest& request, const JobContext& job)
{
    const std::size_t scales = ladder.scales.size(), positions = ladder.cone.size();
    // Counts in fine bins: the cells of all surrogates would not fit.
    constexpr std::size_t kBins = 4096;
    std::vector<std::uint32_t> counts(scales * kBins);
    for (int begin = 0; begin < request.surrogates; begin += kSurrogatesAtOnce) {
        job.report("noise", static_cast<double>(begin) / request.surrogates);
        WINNOW_TRY_VOID(job.check("the coherence of noise"));
        const auto some = static_cast<std::size_t>(std::min(kSurrogatesAtOnce, request.surrogates - begin));
        std::vector<wavelet::Coherence> made(some);
        parallelFor(some, [&](std::size_t i) {
            made[i] = coherenceOf(surrogateOf(both, request.noise, static_cast<unsigned>(begin) + static_cast<unsigned>(i)),
                                  ladder, request.detrend);
        });
        for (const wavelet::Coherence& one : made)
            for (std::size_t s = 0; s < scales; ++s)
                for (std::size_t n = 0; n < positions; ++n)
                    if (ladder.scales[s] * ladder.wavelet.periodOfScale() <= ladder.cone[n]) {
                        const double value = std::clamp(one.squared[s * positions + n], 0.0, 1.0);
                        ++counts[s * kBins + std::min(kBins - 1, static_cast<std::size_t>(value * kBins))];
                    }
    }
    job.report("noise", 1);
    std::vector<double> thresholds(scales, std::numeric_limits<double>::quiet_NaN());
    for (std::size_t s = 0; s < scales; ++s) {
        const auto row = std::span(counts).subspan(s * kBins, kBins);
        double all = 0, below = 0;
        for (const std::uint32_t count : row)
            all += count;
        for (std::size_t bin = 0; bin < kBins && all > 0; ++bin) {
            below += row[bin];
            if (below >= request.confidence * all) {
                thresholds[s] = static_cast<double>(bin + 1) / kBins;
                break;
            }
        }
    }
    return thresholds;
}

void fillMean(TokenCoherence& c)
{
    c.mean.assign(static_cast<std::size_t>(c.scales), std::numeric_limits<double>::quiet_NaN());
    for (int scale = 0; scale < c.scales; ++scale) {
        double sum = 0;
        int count = 0;
        for (int column = 0; column < c.positions; ++column)
            if (c.insideCone(scale, column)) {
                sum += c.squared[c.at(scale, column)];
                ++count;
            }
        if (count > 0)
            c.mean[static_cast<std::size_t>(scale)] = sum / count;
    }
}

} // namespace

Result<TokenCoherence> tokenCoherence(const Trace& trace, const CoherenceRequest& request, const JobContext& job)
{
    SignalRequest plain{.heads = {request.pair[0].head, request.pair[1].head}, .kind = request.kind};
    if (request.step)
        plain.steps = {*request.step};
    WINNOW_TRY(const SignalPlan plan, planSignals(trace, plain));
    const int positions = plan.shortest() - 2 * std::max(request.trim, 0);
    WINNOW_TRY(const Ladder ladder, ladderOf(request, positions));
    const bool heldAgainstNoise = request.noise != NoiseKind::None;
    const JobContext signals = heldAgainstNoise ? partOf(job, 0, kSignalsShare) : job;
    WINNOW_TRY(std::array both, bothSignals(trace, plan, request, signals));
    wavelet::Coherence coherence = coherenceOf(both, ladder, request.detrend);
    TokenCoherence result{.scales = static_cast<int>(ladder.scales.size()),
                          .positions = positions,
                          .firstPosition = request.trim,
                          .step = plan.steps.front(),
                          .squared = std::move(coherence.squared),
                          .phase = std::move(coherence.phase),
                          .scale = ladder.scales,
                          .cone = ladder.cone,
                          .wavelet = ladder.wavelet.name(),
                          .noise = request.noise,
                          .confidence = request.confidence,
                          .signalKind = request.kind,
                          .detrend = request.detrend,
                          .manifest = trace.info().manifest};
    for (const double scale : ladder.scales)
        result.period.push_back(scale * ladder.wavelet.periodOfScale());
    fillMean(result);
    if (heldAgainstNoise) {
        WINNOW_TRY(result.threshold, thresholdsOf(both, ladder, request, partOf(job, kSignalsShare, 1)));
    }
    result.signal = std::move(both);
    return result;
}

} // namespace winnow
