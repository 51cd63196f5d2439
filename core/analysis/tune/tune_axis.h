// SPDX-License-Identifier: GPL-3.0-or-later
// A parameter of a policy that is tuned, and the values that are tried. Pure, any thread.
#pragma once

#include "core/policy/policy_spec.h"

#include <string>
#include <string_view>
#include <vector>

namespace winnow {

struct TuneAxis {
    std::string parameter;
    std::vector<std::string> values; ///< as they are typed in a policy's line; at least two, all different, numbers ascending
    std::size_t start = 0;           ///< index of the value that the policy has before it is tuned
};

/// `typed`: a parameter ("sinks"), one with a range ("sinks=0-32"), or one with its values ("next=mean/min"). A parameter alone
/// tries all choices; of whole numbers those from its least one to `slots`, closer at the low end; of real numbers nine, evenly
/// over its range, which must end. The value that `spec` has is always among them. Errors, one sentence each: no such parameter,
/// a parameter that has no values to try (budgets, files, texts), a range or a value that the parameter does not take.
Result<TuneAxis> tuneAxis(const PolicySpec& spec, std::string_view typed, int slots);

} // namespace winnow
