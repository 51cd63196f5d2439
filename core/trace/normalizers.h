// SPDX-License-Identifier: GPL-3.0-or-later
// Whether a layer's row normalizers belong to its queries and keys. With others every attention that is derived would be wrong,
// and no single number would show it.
#pragma once

#include "core/trace/trace.h"

#include <functional>

namespace winnow {

/// As Trace::readHeads, of one layer.
using ReadRows =
    std::function<Result<void>(Rows what, Head first, int count, Position begin, Position end, std::span<float> out)>;

/// Adds up the attention of every query head at up to 16 steps, spread over all tokens or outstanding for their normalizers: each
/// sum must be 1, give or take mostLogSum(). Returns "" or what is wrong, to follow what the object is called. Reads the
/// normalizers, and the keys in blocks of 16 MB.
Result<std::string> wrongNormalizers(const TraceInfo& info, int layerIndex, const ReadRows& read);

/// How far from 0 the logarithm of a row's sum may lie: what rounding in the arithmetic of the run can do to logits of up to
/// `largestLogit` (product of the lengths of query and key, scaled).
double mostLogSum(const TraceInfo& info, double largestLogit, double lse);

/// How the sentence goes on where a sum is none of 1.
std::string describeSum(double sum, int head, int token);

} // namespace winnow
