// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/analysis/wavelet/scalogram_significance.h"

#include "core/base/check.h"
#include "wavelet/continuous/significance.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

namespace winnow {

namespace {

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

/// The number that `share` of the values stay below.
double quantile(std::vector<double>& values, double share)
{
    const auto place = std::min(values.size() - 1, static_cast<std::size_t>(share * static_cast<double>(values.size())));
    std::nth_element(values.begin(), values.begin() + static_cast<std::ptrdiff_t>(place), values.end());
    return values[place];
}

/// What chance stays below, of which some spectra are an example: the quantile of the chi-square with their mean and variance.
double likeThese(const std::vector<double>& examples, double confidence)
{
    const double count = static_cast<double>(examples.size());
    const double mean = std::accumulate(examples.begin(), examples.end(), 0.0) / count;
    double variance = 0;
    for (const double value : examples)
        variance += (value - mean) * (value - mean) / (count - 1);
    if (!(mean > 0) || !(variance > 0))
        return mean;
    const double freedom = 2 * mean * mean / variance;
    return mean * wavelet::chiSquareQuantile(confidence, freedom) / freedom;
}

} // namespace

void holdAgainstNoise(TokenScalogram& s, const std::vector<double>& noise, const wavelet::ContinuousWavelet& wavelet)
{
    const auto scales = static_cast<std::size_t>(s.scales);
    s.globalThreshold.assign(scales, kNaN);
    for (std::size_t scale = 0; scale < scales; ++scale) {
        // Noise of this power at every period: the functions of the room then only multiply by the quantile.
        const wavelet::NoiseModel flat{.variance = noise[scale]};
        const std::span<const double> one(&s.scale[scale], 1);
        s.threshold.push_back(wavelet::significantPower(one, wavelet, 1, flat, s.confidence, s.independent).front());
        const auto inside = static_cast<double>(
            std::count_if(s.cone.begin(), s.cone.end(), [&](double longest) { return s.period[scale] <= longest; }));
        if (const auto mean = wavelet::significantTimeMean(one, wavelet, 1, flat, inside, s.confidence, s.independent);
            mean && inside > 0)
            s.globalThreshold[scale] = mean->front();
    }
}

void holdAgainstShuffles(TokenScalogram& s, const std::vector<std::vector<double>>& shuffles)
{
    WINNOW_CHECK(shuffles.size() > 1, "{} shuffles tell no distribution", shuffles.size());
    const auto positions = static_cast<std::size_t>(s.positions);
    const double count = static_cast<double>(shuffles.size());
    s.cellThreshold.assign(s.power.size(), 0);
    s.globalThreshold.assign(static_cast<std::size_t>(s.scales), kNaN);
    for (int scale = 0; scale < s.scales; ++scale) {
        const std::size_t begin = static_cast<std::size_t>(scale) * positions;
        std::vector<double> ratios, means;
        for (std::size_t i = begin; i < begin + positions; ++i) {
            for (const std::vector<double>& power : shuffles)
                s.cellThreshold[i] += power[i] / count;
            for (const std::vector<double>& power : shuffles)
                if (const double others = (s.cellThreshold[i] * count - power[i]) / (count - 1); others > 0)
                    if (s.insideCone(scale, static_cast<int>(i - begin)))
                        ratios.push_back(power[i] / others);
        }
        for (const std::vector<double>& power : shuffles) {
            double sum = 0;
            int inside = 0;
            for (std::size_t i = 0; i < positions; ++i)
                if (s.insideCone(scale, static_cast<int>(i))) {
                    sum += power[begin + i];
                    ++inside;
                }
            if (inside > 0)
                means.push_back(sum / inside);
        }
        const std::span<double> cells(s.cellThreshold.data() + begin, positions);
        const double factor = ratios.empty() ? std::numeric_limits<double>::infinity() : quantile(ratios, s.confidence);
        for (double& cell : cells)
            cell *= factor;
        s.threshold.push_back(std::accumulate(cells.begin(), cells.end(), 0.0) / static_cast<double>(positions));
        if (!means.empty())
            s.globalThreshold[static_cast<std::size_t>(scale)] = likeThese(means, s.confidence);
    }
}

} // namespace winnow
