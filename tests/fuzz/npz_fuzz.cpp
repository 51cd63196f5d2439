// SPDX-License-Identifier: GPL-3.0-or-later
// Whatever the bytes are, readNpz opens arrays whose numbers fit their shapes, or gives a sentence.
#include "core/io/npz.h"
#include "tests/support/fuzz_file.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    static const winnow::FuzzFile file(".npz");
    const auto npz = winnow::readNpz(file.write(data, size));
    if (!npz) {
        WINNOW_CHECK(!npz.error().message.empty(), "an error without a sentence");
        return 0;
    }
    for (const std::string& name : npz->names()) {
        const auto shape = npz->shape(name);
        std::size_t count = 1;
        for (const std::size_t extent : *shape)
            count *= extent;
        if (count > 1 << 20)
            continue;
        if (const auto numbers = npz->numbers<double>(name))
            WINNOW_CHECK(numbers->size() == count, "{} numbers for {}", numbers->size(), count);
        if (const auto strings = npz->strings(name))
            WINNOW_CHECK(strings->size() == count, "{} strings for {}", strings->size(), count);
    }
    return 0;
}
