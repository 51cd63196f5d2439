// SPDX-License-Identifier: GPL-3.0-or-later
// The numbers of tests/fixtures/wavelet/make_continuous.py, wavelets by name, the slow transform, and a tone.
#pragma once

#include "wavelet/continuous/continuous_wavelet.h"

#include <nlohmann/json.hpp>

#include <cmath>
#include <fstream>
#include <numbers>
#include <span>
#include <string>
#include <vector>

namespace winnow::wavelet {

inline nlohmann::json fixture()
{
    return nlohmann::json::parse(std::ifstream(std::string(WINNOW_FIXTURES) + "/wavelet/continuous.json"));
}

inline ContinuousWavelet named(std::string_view name) { return requireContinuousWavelet(name).value(); }

/// Torrence and Compo's equation 2, every sum spelled out, psi itself instead of its spectrum.
inline Complex slowTransform(std::span<const double> signal, const ContinuousWavelet& wavelet, double scale, double step,
                             std::size_t at)
{
    Complex sum = 0.0;
    for (std::size_t n = 0; n < signal.size(); ++n)
        sum += signal[n] * std::conj(wavelet.psi((static_cast<double>(n) - static_cast<double>(at)) * step / scale));
    return std::sqrt(step / scale) * sum;
}

inline std::vector<double> tone(std::size_t length, double period, double phase = 0.0)
{
    std::vector<double> signal(length);
    for (std::size_t n = 0; n < length; ++n)
        signal[n] = std::cos(2.0 * std::numbers::pi * static_cast<double>(n) / period + phase);
    return signal;
}

} // namespace winnow::wavelet
