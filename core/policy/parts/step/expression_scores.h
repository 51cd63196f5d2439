// SPDX-License-Identifier: GPL-3.0-or-later
// Scores that an expression gives (core/policy/expression.h). Sums are kept in double, as attention_sums has them; `max` over the
// rows that the slot was part of; norms are means over the unit's KV heads.
#pragma once

#include "core/policy/expression.h"
#include "core/policy/recipe.h"

namespace winnow {

std::shared_ptr<const Scorer> expressionScores(Expression expression);

} // namespace winnow
