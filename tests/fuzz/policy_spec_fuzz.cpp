// SPDX-License-Identifier: GPL-3.0-or-later
// A policy line: a policy that is read back from its canonical form, or a sentence.
#include "core/base/check.h"
#include "core/policy/policy_spec.h"

#include <cstdint>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    const auto spec = winnow::parsePolicySpec(std::string(reinterpret_cast<const char*>(data), size));
    if (!spec) {
        WINNOW_CHECK(!spec.error().message.empty(), "an error without a sentence");
        return 0;
    }
    const auto again = winnow::parsePolicySpec(spec->canonical());
    WINNOW_CHECK(again.has_value() && again->canonical() == spec->canonical(), "'{}' is not read back", spec->canonical());
    return 0;
}
