// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/support/fuzz_policy_entries.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    winnow::fuzzExpression(data, size);
    return 0;
}
