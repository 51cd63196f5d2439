// For the presets: the conventions that policies share, read from a resolved spec.
#pragma once

#include "core/policy/recipe.h"

namespace winnow {

/// A recipe with granularity, group and positions as the spec says; the parts are still to be set.
Recipe recipeWithShared(const PolicySpec& spec, Acts acts);

} // namespace winnow
