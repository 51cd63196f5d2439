// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/support/fuzz_session_entry.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    winnow::fuzzSession(data, size);
    return 0;
}
