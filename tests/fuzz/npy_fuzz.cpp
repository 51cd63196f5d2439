// SPDX-License-Identifier: GPL-3.0-or-later
// Whatever the bytes are, parseNpy gives an array whose size fits its shape, or a sentence.
#include "core/io/npz.h"

#include <cstdlib>

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size)
{
    const auto array = winnow::parseNpy(std::as_bytes(std::span(data, size)), "fuzz");
    if (array && array->bytes.size() > size)
        std::abort();
    if (!array && array.error().message.empty())
        std::abort();
    return 0;
}
