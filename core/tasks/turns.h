// SPDX-License-Identifier: GPL-3.0-or-later
// Examples that ask several questions about one context, as SCBench's data have them.
#pragma once

#include "core/base/result.h"

#include <nlohmann/json.hpp>

#include <vector>

namespace winnow::tasks {

/// An object with `multi_turns` as one object for every turn, each with the context; any other object as itself. A turn has the
/// members of the object and its own (input, answer, options), `turn` from 0, and what SCBench's wordings ask for besides:
/// `first_input`, `option_A` to `option_D`, and `statistic` ("the largest number", of an input that says "The largest number
/// is"). The error is the rest of a sentence that begins with the line. Pure.
Result<std::vector<nlohmann::json>> turnsOf(const nlohmann::json& object);

} // namespace winnow::tasks
