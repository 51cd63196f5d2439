// SPDX-License-Identifier: GPL-3.0-or-later
// TreeKV's selector: a cursor walks over the slots of the tree region, and of the two slots in its scope {idx, idx + 1} the one
// with the lower score goes; a tie evicts the older. He et al. 2025, arXiv 2501.04987, Algorithm 1.
// The paper contradicts itself on how the cursor moves: its text and Figure 3 say idx mod c + 1 (Unit, which makes the tree),
// line 16 of the algorithm says (idx + 1) mod c + 1 (Literal).
#pragma once

#include "core/policy/recipe.h"

namespace winnow {

enum class TreeNext { Unit, Literal };
enum class TreeKeep { Score, Left }; ///< Left: always evict the right one (the paper's ablation)

/// The region is what lies between the protected sinks and the protected recent slots.
std::shared_ptr<const Selector> treeScope(TreeNext next, TreeKeep keep);

} // namespace winnow
