// SPDX-License-Identifier: GPL-3.0-or-later
// What the fuzzers of policy lines and of expressions call with arbitrary bytes, and tests/policy with mutated seeds.
#pragma once

#include "core/base/check.h"
#include "core/policy/expression.h"
#include "core/policy/policy_spec.h"

#include <cmath>
#include <cstdint>
#include <string>
#include <vector>

namespace winnow {

/// A policy that is read back from its canonical form, or a sentence.
inline void fuzzPolicySpec(const std::uint8_t* data, std::size_t size)
{
    const auto spec = parsePolicySpec(std::string(reinterpret_cast<const char*>(data), size));
    if (!spec) {
        WINNOW_CHECK(!spec.error().message.empty(), "an error without a sentence");
        return;
    }
    const auto again = parsePolicySpec(spec->canonical());
    WINNOW_CHECK(again.has_value() && again->canonical() == spec->canonical(), "'{}' is not read back", spec->canonical());
}

/// A score that is a number for every slot, or a sentence.
inline void fuzzExpression(const std::uint8_t* data, std::size_t size)
{
    const auto expression = Expression::parse(std::string(reinterpret_cast<const char*>(data), size));
    if (!expression) {
        WINNOW_CHECK(!expression.error().message.empty(), "an error without a sentence");
        return;
    }
    const std::vector<double> values{0, -1, 0.25, 1e300, 7};
    QuantityColumns columns{};
    for (std::size_t quantity = 0; quantity < kQuantities; ++quantity)
        columns[quantity] = expression->uses(static_cast<Quantity>(quantity)) ? values.data() : nullptr;
    std::vector<double> scratch;
    for (std::size_t slots = 0; slots <= values.size(); ++slots)
        for (const double score : expression->evaluate(columns, slots, scratch))
            WINNOW_CHECK(!std::isnan(score), "a score that is no number");
}

} // namespace winnow
