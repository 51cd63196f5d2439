// SPDX-License-Identifier: GPL-3.0-or-later
// Whether a trace can serve a policy, before any work. Free of Torch; any thread.
#pragma once

#include "core/base/result.h"
#include "core/policy/policy_spec.h"
#include "core/trace/trace.h"

namespace winnow {

/// Errors: checkSpec's, and what the trace lacks (rotary embedding, vo_norm), one sentence each. Reads a file of head scores that
/// the policy names, nothing of the trace.
Result<void> checkPolicy(const TraceInfo& info, const PolicySpec& spec, int prompt);

} // namespace winnow
