// SPDX-License-Identifier: GPL-3.0-or-later
// A prompt-time policy that another one follows, step by step, under the same budget: `snapkv:budget=128,then=h2o{recent=32}`.
// The parameter `then` stands last in every line of the catalog that acts at the prompt's end.
#pragma once

#include "core/policy/recipe.h"

namespace winnow {

/// The choices: "none", and every policy that acts at each step, looks at no prompt of its own and foresees nothing. Each takes
/// its own parameters but those that the two share: budget, positions, group and granularity are the first one's.
ParameterSpec thenParameter();

/// `spec` with the second policy's derived defaults filled in; `slots`: the budget.
PolicySpec derivedThen(PolicySpec spec, int slots);

/// `first` at the prompt's end; at every later step what `then` of `spec` names, if anything.
Recipe followedBy(Recipe first, const PolicySpec& spec);

/// As Preset::contradiction, of the second policy.
std::string contradictionInThen(const PolicySpec& spec, int slots);

} // namespace winnow
