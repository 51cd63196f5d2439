// SPDX-License-Identifier: GPL-3.0-or-later
// What a sweep found, as one table: on the terminal, and as numbers.
#pragma once

#include "app/cli/console.h"
#include "core/analysis/tables.h"
#include "core/io/cell_result.h"

#include <vector>

namespace winnow::cli {

/// A row a cell, in their order; columns that no cell has something for are left out.
void tellCells(const std::vector<CellResult>& cells, Console& console);

/// The same as columns of numbers, protocol and all, for .csv and .npz.
Tables cellTables(const std::vector<CellResult>& cells);

} // namespace winnow::cli
