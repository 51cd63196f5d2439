// SPDX-License-Identifier: GPL-3.0-or-later
// What libraries throw, as sentences. Their own words ("enforce fail at alloc_cpu.cpp:114") never reach a person.
#pragma once

#include "core/base/result.h"

#include <string_view>

namespace winnow {

/// `doing` as in "memory ran out during the replay"; `said` is what the library said. It is added to a sentence that cannot say
/// what went wrong, where the environment holds WINNOW_DETAILS.
Error libraryError(std::string_view doing, std::string_view said);

} // namespace winnow
