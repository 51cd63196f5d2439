// SPDX-License-Identifier: GPL-3.0-or-later
// An experiment of our own, from no paper: keep what makes the contribution signal change. TreeKV's observation (arXiv
// 2501.04987, section 3.3) is that the contributions a_t[i] · v[i] of far tokens are smooth and those of near ones are not; here
// that is turned into a score, the energy of chosen Haar bands at a slot.
#pragma once

#include "core/policy/recipe.h"

#include <span>
#include <vector>

namespace winnow {

/// Adds to energy[i] the squared magnitude at i of the detail bands `finest`…`coarsest` (1 = neighbors) of a Haar decomposition
/// along the `slots` rows of `signal` [slots, d]. Blocks begin at slot 0; a last one that is not full is as if its end were
/// repeated.
void addBandEnergy(std::span<const double> signal, std::size_t slots, int finest, int coarsest, std::span<double> energy);

/// Energy of the bands over all rows so far, earlier ones multiplied by `decay` with every row. Cost of a step: slots · d · 2 of
/// each KV head.
std::shared_ptr<const Scorer> bandEnergy(int finest, int coarsest, double decay);

const Preset& waveletPreset();

} // namespace winnow
