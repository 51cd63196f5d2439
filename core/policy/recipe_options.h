// SPDX-License-Identifier: GPL-3.0-or-later
// For the presets: parameters and conventions that policies share, read from a resolved spec.
#pragma once

#include "core/policy/recipe.h"

namespace winnow {

/// A recipe with granularity, group and positions as the spec says; the parts are still to be set.
Recipe recipeWithShared(const PolicySpec& spec, Acts acts);

/// A recipe that acts at the end of the prompt: the lowest of `scorer`'s scores go.
Recipe promptRecipe(const PolicySpec& spec, std::shared_ptr<const PromptScorer> scorer, std::shared_ptr<const BudgetRule> budget);

/// Short forms of ParameterSpec, for the presets' tables.
ParameterSpec wholeParameter(std::string_view id, std::string_view title, std::string_view help, double least, double most,
                             std::string_view initial);
ParameterSpec realParameter(std::string_view id, std::string_view title, std::string_view help, double least, double most,
                            std::string_view initial);
ParameterSpec choiceParameter(std::string_view id, std::string_view title, std::string_view help,
                              std::vector<std::string_view> choices);

/// The parameters of a prompt-time policy: budget, `own` (its scorer's), positions, group and granularity (KV head by default).
std::vector<ParameterSpec> withOwn(std::span<const ParameterSpec> own);

/// Parameters that policies share.
namespace shared_parameters {
ParameterSpec budget();
ParameterSpec positions(std::string_view initial);
/// For policies whose slots have no position of their own to move to: keep is the only choice.
ParameterSpec keptPositions();
ParameterSpec group();
ParameterSpec granularity(std::string_view initial);
ParameterSpec sinks(std::string_view initial);
ParameterSpec every();
ParameterSpec window(std::string_view initial);
ParameterSpec kernel(std::string_view initial);
ParameterSpec pool(std::string_view initial);
ParameterSpec reduce();
ParameterSpec scoreNumbers();
ParameterSpec beta();
ParameterSpec pyramidBudgets();
} // namespace shared_parameters

} // namespace winnow
