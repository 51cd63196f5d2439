// SPDX-License-Identifier: GPL-3.0-or-later
// Checks that a layer's row normalizers (lse) belong to its queries and keys. If they do not, all derived attention is wrong,
// although no single number looks wrong.
#pragma once

#include "core/trace/trace.h"

#include <functional>

namespace winnow {

/// As Trace::readHeads, of one layer.
using ReadRows =
    std::function<Result<void>(Rows what, Head first, int count, Position begin, Position end, std::span<float> out)>;

/// Sums the attention of every query head at up to 16 steps: some are spread over all tokens, the others have the normalizers
/// farthest from the mean. The logarithm of a sum must lie within mostLogSum() of 0. Returns "", or what is wrong as the rest of
/// a sentence that begins with the object's name. Reads the normalizers, and the keys in blocks of 16 MB.
Result<std::string> wrongNormalizers(const TraceInfo& info, int layerIndex, const ReadRows& read);

/// How far from 0 the logarithm of a row's sum may lie: what rounding in the arithmetic of the run can do to logits of up to
/// `largestLogit` (product of the lengths of query and key, scaled).
double mostLogSum(const TraceInfo& info, double largestLogit, double lse);

/// The rest of that sentence for a sum that is not 1.
std::string describeSum(double sum, int head, int token);

} // namespace winnow
