// SPDX-License-Identifier: GPL-3.0-or-later
// Policies tried with several budgets. Pure, free of Torch.
#pragma once

#include "core/policy/policy_spec.h"

#include <span>
#include <string>
#include <vector>

namespace winnow {

/// Whether the policy has a budget that its line does not say.
bool takesBudget(const PolicySpec& spec);

/// Every policy once for each budget ("128", "25%"); one that takes none (takesBudget) once, as it is. By policy, then budget.
Result<std::vector<PolicySpec>> atBudgets(std::span<const PolicySpec> specs, std::span<const std::string> budgets);

} // namespace winnow
