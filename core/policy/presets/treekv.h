// SPDX-License-Identifier: GPL-3.0-or-later
// TreeKV: keeps a tree, dense near the newest token and ever sparser far away.
// He, Yuan, Bai, Leng, Jiang: TreeKV: Smooth Key-Value Cache Compression with Tree Structures. IJCAI 2025, arXiv 2501.04987,
// section 3.4 and Algorithm 1 (decode). The authors' code could not be had.
#pragma once

#include "core/policy/recipe.h"

namespace winnow {

const Preset& treekvPreset();

} // namespace winnow
