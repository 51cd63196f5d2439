// SPDX-License-Identifier: GPL-3.0-or-later
// The facts that the demo model was trained to find: resources/models/demo/train/wording.py, which a test holds this to.
#pragma once

#include "core/base/draws.h"

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace winnow::tasks {

/// With the fields {name}, {thing}, {place}, {number}, {word}.
struct FactKind {
    std::string_view statement, question, answer;
};

std::span<const FactKind> factKinds();
std::span<const std::string_view> factNames();
std::span<const std::string_view> factThings();
std::span<const std::string_view> factPlaces();

struct Fact {
    std::string statement, question, answer;
};

/// `count` facts, no two with the same question. `oneKind`: all put in the same way.
std::vector<Fact> drawFacts(std::size_t count, bool oneKind, Draws& draws);

} // namespace winnow::tasks
