// SPDX-License-Identifier: GPL-3.0-or-later
// The filters, tests, methods and functions that templates have, by name. Each is Jinja's or Python's, with their parameters.
#pragma once

#include "core/model/chat/jinja/calls.h"

#include <span>
#include <string_view>
#include <utility>

namespace winnow::jinja {

using RoutineTable = std::span<const std::pair<std::string_view, Routine>>;

// nullptr when there is none.
Routine findFilter(std::string_view name);
Routine findTest(std::string_view name);
Routine findFunction(std::string_view name); ///< range, dict, namespace, raise_exception, …
/// Of a text, sequence, mapping or loop. "append" and the like, which would change their object, are found too: calling them
/// faults.
Routine findMethod(const Value& self, std::string_view name);
/// Would the sandbox keep a template from it?
bool isForbidden(const Value& self, std::string_view name);

// The tables, in alphabetic order, each in the file that is named after it.
RoutineTable textFilters();
RoutineTable sequenceFilters();
RoutineTable choiceFilters(); ///< map, select and what else takes attributes
RoutineTable numberFilters();
RoutineTable tests();
RoutineTable functions();
RoutineTable textMethods();

} // namespace winnow::jinja
