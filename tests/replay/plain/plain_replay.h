// SPDX-License-Identifier: GPL-3.0-or-later
// The slow obvious replay of one lane: slots in a list, attention straight from its definition, in double. The engine is held
// against it.
#pragma once

#include "tests/replay/plain/plain_rules.h"
#include "tests/support/synthetic_trace.h"

#include <cstdint>
#include <span>

namespace winnow::plain {

/// The lane of which a replay is asked for.
struct Place {
    int layer = 0, unit = 0;
    int heads = 1, lanes = 1; ///< query heads that decide together; lanes that are reported of them
    int prompt = 0, budget = 0;
    double rounding = 1e-5;                    ///< relative error of a share in float32; what is closer is undecided
    std::span<const std::int32_t> lifetimes{}; ///< [T], in place of the policy's choices; empty: it chooses
};

struct Outcome {
    std::vector<int> evictStep, mergedInto; ///< [T], −1 = never, not merged
    std::vector<int> occupancy;             ///< [T]
    std::vector<Vector> mass, error;        ///< [lanes][T]; no error (NaN) where the full output is too short for float32
    std::vector<Vector> reach;              ///< likewise: lengths of the values by their shares, in lengths of the full output
    std::vector<Reading> read;              ///< [T]
    int undecided = -1;                     ///< the step at which a rule's numbers were too close to tell; −1 = none
    std::map<int, Numbers> scores;          ///< of the live tokens, by the step of every choice that had scores
    std::map<int, Tokens> candidates;       ///< likewise: the tokens that could go
};

/// `spec`: resolved, of a policy that ruleOf knows.
Outcome replay(const testing_support::SyntheticTrace& trace, const PolicySpec& spec, const Place& place);

} // namespace winnow::plain
