// SPDX-License-Identifier: GPL-3.0-or-later
// TreeKV's walk over blocks of the prompt. He et al. 2025, arXiv 2501.04987, section 3.4; what the paper leaves open is decided
// as the header says.
#pragma once

#include "core/policy/recipe.h"

namespace winnow {

/// At the end of the prompt only. The last `block` tokens stay, and what is protected. Before them lie blocks of `block` tokens,
/// the first one may be short. They are walked through once: of two neighbors the one with the lower mean score goes, so that as
/// many whole blocks stay as the budget holds. Where it holds less than the last block, that block's newest tokens stay.
std::shared_ptr<const Selector> treeBlocks(int block);

/// The numbers of the blocks that survive the walk.
std::vector<int> survivingBlocks(const std::vector<double>& scores, int capacity);

} // namespace winnow
