// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/memory_end.h"

#include "core/io/half_made.h"

#include <cstdio>
#include <cstdlib>
#include <exception>
#include <new>

namespace winnow::cli {

namespace {

[[noreturn]] void endWithoutMemory()
{
    try {
        if (const std::exception_ptr thrown = std::current_exception())
            std::rethrow_exception(thrown);
    } catch (const std::bad_alloc&) {
        removeHalfMade();
        sayMemoryRanOut();
        std::_Exit(1);
    } catch (...) {
    }
    std::abort();
}

} // namespace

void sayMemoryRanOut() { std::fputs("winnow: memory ran out; close other programs, then try again\n", stderr); }

void endWithSentence() { std::set_terminate(endWithoutMemory); }

} // namespace winnow::cli
