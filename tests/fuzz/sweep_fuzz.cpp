// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/support/fuzz_sweep_entry.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    winnow::fuzzSweep(data, size);
    return 0;
}
