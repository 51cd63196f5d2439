// SPDX-License-Identifier: GPL-3.0-or-later
// Linear algebra of a layer's heads, each for itself, on the host, by Eigen.
#pragma once

#include <ATen/ATen.h>

namespace winnow {

/// Of each row x of a head's X its ridge leverage x (XᵀX + ridge · I)⁻¹ xᵀ: how little the other rows can stand for it.
/// `rows`: float64 [heads, n, d], on any device → [heads, n], there; not a number where XᵀX + ridge · I is singular. O(n d²) a
/// head, heads side by side.
at::Tensor leverageOf(const at::Tensor& rows, double ridge);

/// Of each head the unit vector along which its rows are longest, of either sign: the eigenvector of XᵀX with the largest
/// eigenvalue. Shapes and cost likewise: [heads, n, d] → [heads, d].
at::Tensor mainDirections(const at::Tensor& rows);

} // namespace winnow
