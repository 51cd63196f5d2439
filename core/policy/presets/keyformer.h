// SPDX-License-Identifier: GPL-3.0-or-later
// Keyformer: accumulated attention as in H2O, over softmax rows that are flattened by Gumbel noise and a rising temperature.
// Adnan et al. 2024, MLSys, arXiv 2403.09054; the attention of d-matrix-ai/keyformer-llm.
#pragma once

#include "core/policy/recipe.h"

namespace winnow {

struct FlattenedAttention {
    double temperature = 1, rise = 0.01; ///< of the prompt's rows; more for every later row
    bool drawn = true;                   ///< Gumbel noise on every logit, the same for every seed, lane, step and token
    std::uint64_t seed = 0;
};

std::shared_ptr<const Scorer> flattenedAttention(const FlattenedAttention& options);

const Preset& keyformerPreset();

} // namespace winnow
