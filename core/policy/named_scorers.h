// SPDX-License-Identifier: GPL-3.0-or-later
// Prompt-time scorers by name, for policies that take one of them as their base, and the parameters of each.
#pragma once

#include "core/policy/parts/prompt/compactor_scores.h"
#include "core/policy/parts/prompt/expected_attention.h"
#include "core/policy/parts/prompt/observation_window.h"
#include "core/policy/parts/prompt/vector_scores.h"

namespace winnow {

/// Reads window, kernel, pool and reduce of a spec.
ObservationWindow observationOf(const PolicySpec& spec);
/// Reads the parameters of `scorerParameters("expected")`.
ExpectedAttention expectationOf(const PolicySpec& spec);
/// Reads the parameters of `scorerParameters("cur")`.
CurLeverage leverageOf(const PolicySpec& spec);

/// Reads the parameters of `scorerParameters("noncausal")`.
NonCausalAttention nonCausalOf(const PolicySpec& spec);
/// Reads the parameters of `scorerParameters("compactor")`.
CompactorScores compactorOf(const PolicySpec& spec);

/// The own parameters of the scorer `name`; empty if it has none. `window` reads window, kernel, pool and reduce of the policy.
std::span<const ParameterSpec> scorerParameters(std::string_view name);

/// The scorer that the value of `key` names, with its own parameters. Every token gets a score: those that the scorer leaves to a
/// protection (its sinks, its window, the newest token) get its highest score, as in NVIDIA's kvpress.
std::shared_ptr<const PromptScorer> scorerNamed(std::string_view key, const PolicySpec& spec);

/// A recipe that acts at the end of the prompt by the votes of its last queries, which stay: SnapKV's choice (window, kernel,
/// pool and reduce of the spec).
Recipe observedRecipe(const PolicySpec& spec, std::shared_ptr<const BudgetRule> budget);

/// The parameter that names such a scorer; its default is "window".
ParameterSpec scorerParameter(std::string_view id, std::string_view title);

} // namespace winnow
