// SPDX-License-Identifier: GPL-3.0-or-later
// The frequencies of a rotary embedding, by the operators of transformers' modeling_rope_utils.py in their order, so that the
// bits agree.
#pragma once

#include "core/model/config/rotary_config.h"

#include <ATen/ATen.h>

namespace winnow {

struct RotaryFrequencies {
    at::Tensor inverse; ///< [dims / 2] float32, on the CPU
    double scale = 1;   ///< multiplies cos and sin of both q and k
};

/// For a text of `tokens` in all: dynamic and longrope choose by it, once for the whole text, as one forward pass of transformers
/// does; so the result does not depend on how the text is cut into chunks.
RotaryFrequencies rotaryFrequencies(const RotaryConfig& rotary, std::int64_t tokens);

} // namespace winnow
