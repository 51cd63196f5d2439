// The numbers of tests/fixtures/wavelet/make_continuous.py, and wavelets by name.
#pragma once

#include "wavelet/continuous/continuous_wavelet.h"

#include <nlohmann/json.hpp>

#include <fstream>
#include <string>

namespace winnow::wavelet {

inline nlohmann::json fixture()
{
    return nlohmann::json::parse(std::ifstream(std::string(WINNOW_FIXTURES) + "/wavelet/continuous.json"));
}

inline ContinuousWavelet named(std::string_view name) { return requireContinuousWavelet(name).value(); }

} // namespace winnow::wavelet
