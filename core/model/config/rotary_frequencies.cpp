// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/model/config/rotary_frequencies.h"

#include <cmath>
#include <numbers>

namespace winnow {
namespace {

constexpr double kTurn = 2 * std::numbers::pi;

at::Tensor exponents(const RotaryConfig& rotary) { return at::arange(0, rotary.dims, 2, at::kFloat) / rotary.dims; }

at::Tensor plainFrequencies(const RotaryConfig& rotary)
{
    return at::reciprocal(at::pow(at::Scalar(rotary.theta), exponents(rotary)));
}

/// NTK-aware: the base grows with the text once that is longer than the model was made for.
at::Tensor dynamicFrequencies(const RotaryConfig& rotary, std::int64_t tokens)
{
    if (static_cast<double>(tokens) <= rotary.maxPositions)
        return plainFrequencies(rotary); // where the stretch is 1
    const at::Tensor length = at::scalar_tensor(at::Scalar(tokens), at::kLong);
    const at::Tensor stretch = length * rotary.factor / rotary.maxPositions - (rotary.factor - 1); // float32 from here on
    const at::Tensor base = at::pow(stretch, rotary.dims / (rotary.dims - 2.0)) * rotary.theta;
    return at::reciprocal(at::pow(base, exponents(rotary)));
}

at::Tensor llama3Frequencies(const RotaryConfig& rotary)
{
    const at::Tensor plain = plainFrequencies(rotary);
    const double lowWavelength = rotary.originalPositions / rotary.lowFrequencyFactor;
    const double highWavelength = rotary.originalPositions / rotary.highFrequencyFactor;
    const at::Tensor wavelength = kTurn / plain;
    const at::Tensor scaled = at::where(wavelength > lowWavelength, plain / rotary.factor, plain);
    const at::Tensor smooth = (rotary.originalPositions / wavelength - rotary.lowFrequencyFactor) /
                              (rotary.highFrequencyFactor - rotary.lowFrequencyFactor);
    const at::Tensor smoothed = (1 - smooth) * scaled / rotary.factor + smooth * scaled;
    const at::Tensor between = at::logical_and(wavelength >= highWavelength, wavelength <= lowWavelength);
    return at::where(between, smoothed, scaled);
}

/// Peng et al. 2023, arXiv 2309.00071: fast turns stay, slow ones are stretched, with a ramp between.
at::Tensor yarnFrequencies(const RotaryConfig& rotary)
{
    const auto dimensionOf = [&](double turns) {
        return rotary.dims * std::log(rotary.originalPositions / (turns * kTurn)) / (2 * std::log(rotary.theta));
    };
    double low = dimensionOf(rotary.betaFast), high = dimensionOf(rotary.betaSlow);
    if (rotary.truncate) {
        low = std::floor(low);
        high = std::ceil(high);
    }
    low = std::max(low, 0.0);
    high = std::min(high, rotary.dims - 1.0);
    if (low == high)
        high += 0.001; // as the reference does, so as not to divide by 0
    const at::Tensor ramp = at::clamp((at::arange(rotary.dims / 2, at::kFloat) - low) / (high - low), 0, 1);
    const at::Tensor kept = 1 - ramp;
    const at::Tensor wavelengths = at::pow(at::Scalar(rotary.theta), exponents(rotary));
    return at::reciprocal(rotary.factor * wavelengths) * (1 - kept) + at::reciprocal(wavelengths) * kept;
}

double yarnScale(const RotaryConfig& rotary)
{
    const auto magnitude = [&](double weight) { return rotary.factor <= 1 ? 1.0 : 0.1 * weight * std::log(rotary.factor) + 1.0; };
    if (rotary.mscale != 0 && rotary.mscaleAllDim != 0)
        return magnitude(rotary.mscale) / magnitude(rotary.mscaleAllDim);
    return magnitude(1);
}

/// Ding et al. 2024, arXiv 2402.13753: a factor of its own for every frequency, one set for short texts and one for long.
at::Tensor longRopeFrequencies(const RotaryConfig& rotary, std::int64_t tokens)
{
    const bool isLong = static_cast<double>(tokens) > rotary.originalPositions;
    const std::vector<double>& factors = isLong ? rotary.longFactor : rotary.shortFactor;
    const at::Tensor stretch = at::empty({static_cast<std::int64_t>(factors.size())}, at::kFloat);
    for (std::size_t i = 0; i < factors.size(); ++i)
        stretch.mutable_data_ptr<float>()[i] = static_cast<float>(factors[i]);
    return at::reciprocal(stretch * at::pow(at::Scalar(rotary.theta), exponents(rotary)));
}

/// What transformers calls proportional: the exponents of a whole head, but only the first pairs turn.
at::Tensor proportionalFrequencies(const RotaryConfig& rotary)
{
    at::Tensor frequencies = plainFrequencies(rotary);
    frequencies.slice(0, rotary.turned).zero_();
    return frequencies.div_(rotary.factor);
}

double longRopeScale(const RotaryConfig& rotary)
{
    return rotary.factor <= 1 ? 1.0 : std::sqrt(1 + std::log(rotary.factor) / std::log(rotary.originalPositions));
}

} // namespace

RotaryFrequencies rotaryFrequencies(const RotaryConfig& rotary, std::int64_t tokens)
{
    switch (rotary.scaling) {
    case RotaryScaling::Default:
        break;
    case RotaryScaling::Linear:
        return {.inverse = plainFrequencies(rotary) / rotary.factor};
    case RotaryScaling::Dynamic:
        return {.inverse = dynamicFrequencies(rotary, tokens)};
    case RotaryScaling::Llama3:
        return {.inverse = llama3Frequencies(rotary)};
    case RotaryScaling::Yarn:
        return {.inverse = yarnFrequencies(rotary), .scale = rotary.attentionFactor.value_or(yarnScale(rotary))};
    case RotaryScaling::Proportional:
        return {.inverse = proportionalFrequencies(rotary)};
    case RotaryScaling::LongRope:
        return {.inverse = longRopeFrequencies(rotary, tokens), .scale = rotary.attentionFactor.value_or(longRopeScale(rotary))};
    }
    return {.inverse = plainFrequencies(rotary)};
}

} // namespace winnow
