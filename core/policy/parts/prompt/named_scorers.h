// SPDX-License-Identifier: GPL-3.0-or-later
// Prompt-time scorers by name, for policies that can stand on any of them.
#pragma once

#include "core/policy/parts/prompt/observation_window.h"

namespace winnow {

/// Reads window, kernel, pool and reduce of a spec.
ObservationWindow observationOf(const PolicySpec& spec);

/// `window` (SnapKV's votes; reads window, kernel, pool), `received`, `observed`, `last`, `knorm`, `keydiff`, `lagkv`, `qfilter`,
/// `cur`, `expected`.
std::shared_ptr<const PromptScorer> scorerNamed(std::string_view name, const PolicySpec& spec);

/// The parameter that chooses one, "window" unless said.
ParameterSpec scorerParameter(std::string_view id, std::string_view title);

} // namespace winnow
