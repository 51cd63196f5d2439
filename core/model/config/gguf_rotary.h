// SPDX-License-Identifier: GPL-3.0-or-later
// The rotary embedding of a GGUF file, in the words of a config.json. Free of Torch.
#pragma once

#include "core/model/config/gguf_reader.h"

#include <nlohmann/json.hpp>

namespace winnow {

/// The share of a head that turns: such that times headDim, rounded down, it is the stored number of dims again. 1 when the file
/// does not say.
double ggufRotaryShare(GgufReader& reader, std::int64_t headDim);

/// What stands below `rope_scaling`: null, or an object with `rope_type`. Members that belong beside it (the positions that a
/// longrope was trained on) go to `config`.
nlohmann::json ggufRotaryScaling(GgufReader& reader, std::int64_t headDim, double theta, nlohmann::json& config);

} // namespace winnow
