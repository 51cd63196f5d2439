// SPDX-License-Identifier: GPL-3.0-or-later
// Inner loops over numbers that a policy keeps per slot, in double precision, compiled for several instruction sets and chosen at
// run time (Highway). Every result is the one of the plain loop, bit for bit: each entry is rounded as written here.
#pragma once

#include <cstddef>

namespace winnow::slot_kernels {

/// sums[i] += row[i]
void addRow(const float* row, std::size_t count, double* sums);

/// sums[i] = sums[i] · factor + row[i], the product rounded before the addition.
void scaleAndAddRow(const float* row, std::size_t count, double factor, double* sums);

/// The smallest of `values`, those that are no numbers left out; infinity where none is left.
double smallest(const double* values, std::size_t count);

} // namespace winnow::slot_kernels
