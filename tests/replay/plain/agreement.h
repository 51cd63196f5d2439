// SPDX-License-Identifier: GPL-3.0-or-later
// A replay beside the slow plain one, lane by lane. Rounding flips near-ties, so that "equal" means what the design says: where a
// lane first differs, the scores are within 1e-5 of each other, relatively. Up to there everything agrees. Where queries and
// keys are long, float32 allows more. A logit is a sum of d products, each off by (d + 8) · 2⁻²⁴ of its size at most, with the
// rotations before it, so that it is off by (d + 8) · 2⁻²⁴ · |q| · |k| · scale; a share, its exponential over a sum of such, by
// twice that, relatively, and by 2⁻²² · |lse| where it is exp(logit − lse). An output is a sum of values by their shares, and is
// off by that part of the sum of their lengths ("reach").
#pragma once

#include "core/replay/replay_result.h"
#include "tests/support/memory_trace.h"

#include <string>

namespace winnow::plain {

/// How lanes compared. The design allows one lifetime of a thousand to differ.
struct Agreement {
    std::int64_t lifetimes = 0, differ = 0;
    std::int64_t undecided = 0; ///< lanes in which rounding decides something; compared up to there
    std::int64_t undefined = 0; ///< errors where the full output is zero, or too small for float32 to square it
};

/// What differs without an excuse, with its place; "" = nothing. Where a policy has no plain form of its choices, its lifetimes
/// are taken as given, and everything else is compared.
std::string differenceFromPlain(const testing_support::MemoryTrace& trace, const PolicyReplay& kept, int prompt, Agreement& sum);

/// Whether the choices of a resolved line have a plain form, after a prompt of so many tokens.
bool choosesPlainly(const PolicySpec& spec, int prompt);

} // namespace winnow::plain
