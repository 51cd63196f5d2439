// SPDX-License-Identifier: GPL-3.0-or-later
// Shared parameters that mean something else in one policy.
#pragma once

#include "core/policy/policy_spec.h"

namespace winnow {

/// The same parameter, told in another way. `help` lives as long as the program.
inline ParameterSpec withHelp(ParameterSpec parameter, std::string_view help)
{
    parameter.help = help;
    return parameter;
}

} // namespace winnow
