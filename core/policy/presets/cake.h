// SPDX-License-Identifier: GPL-3.0-or-later
// CAKE: Qin et al., "CAKE: Cascading and Adaptive KV Cache Eviction with Layer Preferences", ICLR 2025; antgroup/cakekv.
#pragma once

#include "core/policy/parts/prompt/observation_window.h"

namespace winnow {

const Preset& cakePreset();

/// The indicator of section 4.3 (mean + gamma · variance of the window's rows, average pooling, then the mean over the group),
/// and the layer preference of section 4.1: entropy^(1/tau1) · variance^(1/tau2) of the window's rows on the tokens before it.
std::shared_ptr<const PromptScorer> cakeScores(int window, double gamma, double tau1, double tau2);

/// Entropy and summed variance of rows [heads, window, old tokens], from which the preference is made: float64, one number each.
std::pair<at::Tensor, at::Tensor> dispersion(const at::Tensor& rows);

} // namespace winnow
