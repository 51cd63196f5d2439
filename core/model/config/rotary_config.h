// SPDX-License-Identifier: GPL-3.0-or-later
// How rotary frequencies come from config.json, in both of its dialects. Free of Torch; the numbers are made in
// core/model/config/rotary_frequencies.h.
#pragma once

#include "core/model/config/config_reader.h"

#include <optional>
#include <string_view>
#include <vector>

namespace winnow {

/// The names are those of transformers' modeling_rope_utils.py.
enum class RotaryScaling { Default, Linear, Dynamic, Llama3, Yarn, LongRope, Proportional };

/// "default", "linear", …
std::string_view rotaryScalingName(RotaryScaling scaling);

struct RotaryConfig {
    RotaryScaling scaling = RotaryScaling::Default;
    double theta = 10'000;
    int dims = 0; ///< leading numbers of each head that turn: 2 · frequencies
    double factor = 1;
    double maxPositions = 0;      ///< what the model is made for: dynamic, and the default factor of yarn and longrope
    double originalPositions = 0; ///< what it was trained on before it was stretched: llama3, yarn, longrope
    double lowFrequencyFactor = 1, highFrequencyFactor = 4; ///< llama3
    double betaFast = 32, betaSlow = 1;                     ///< yarn
    bool truncate = true;                                   ///< yarn
    double mscale = 0, mscaleAllDim = 0;                    ///< yarn; 0 = not given
    std::optional<double> attentionFactor;                  ///< yarn, longrope; computed when not given
    std::vector<double> shortFactor, longFactor;            ///< longrope, [frequencies]
    int turned = 0;                                         ///< proportional: the pairs that turn; the later ones stand still
    friend bool operator==(const RotaryConfig&, const RotaryConfig&) = default;
};

/// What a family takes when config.json does not say.
struct RotaryDefaults {
    int headDim = 0;
    int maxPositions = 0;
    double theta = 10'000;
    RotaryScaling scaling = RotaryScaling::Default;
    double partial = 1;                  ///< share of a head that turns
    bool partialAllowed = false;         ///< only some families turn a part of a head
    const char* thetaKey = "rope_theta"; ///< in the old dialect, beside the sizes
    const char* partialKey = "partial_rotary_factor";
    std::optional<double> originalPositions; ///< a family's own default
};

/// Of a model all of whose layers turn alike: `rope_scaling` or `rope_parameters`, and the keys beside the sizes. Settings that
/// are told apart by layer type count as none (a model with layer types is refused), as transformers 5.24 has it.
RotaryConfig readRotary(ConfigReader& root, const RotaryDefaults& absent);

/// From one object that holds rotary settings and nothing else; `root` is where old files put theta and the original positions.
RotaryConfig readRotary(ConfigReader& root, ConfigReader& settings, const RotaryDefaults& absent);

} // namespace winnow
