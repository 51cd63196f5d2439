// SPDX-License-Identifier: GPL-3.0-or-later
// Two policies under one budget: a prompt-time policy, and a second one that acts at every step after the prompt:
// `snapkv:budget=128,then=h2o{recent=32}`. The parameter `then` stands last in every line of the catalog that acts at the
// prompt's end.
#pragma once

#include "core/policy/recipe.h"

namespace winnow {

/// The choices: "none", and every policy that acts at each step, looks at no prompt of its own and foresees nothing. Each choice
/// takes its own parameters, except budget, positions, group and granularity, which both policies take from the first.
ParameterSpec thenParameter();

/// `spec` with the second policy's derived defaults filled in; `slots`: the budget.
PolicySpec derivedThen(PolicySpec spec, int slots);

/// `first` at the prompt's end; at every later step what `then` of `spec` names, if anything.
Recipe followedBy(Recipe first, const PolicySpec& spec);

/// As Preset::contradiction, of the second policy.
std::string contradictionInThen(const PolicySpec& spec, int slots);

} // namespace winnow
