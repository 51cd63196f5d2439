// SPDX-License-Identifier: GPL-3.0-or-later
// "Did you mean …": the known name closest to a misspelled one.
#pragma once

#include <span>
#include <string_view>

namespace winnow {

/// The candidate at the smallest edit distance (insert, delete, replace, swap of neighbors); the first of equals; "" if none. A
/// candidate that begins with the name is as near as one edit: "sym" stands for "symmetric".
/// Cost: length of `name` times the total length of the candidates.
std::string_view nearest(std::string_view name, std::span<const std::string_view> candidates);

} // namespace winnow
