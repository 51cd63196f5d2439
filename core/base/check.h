// SPDX-License-Identifier: GPL-3.0-or-later
// Contract checks: a broken one is a bug in the program, so it stops, with the place and the reason.
#pragma once

#include <fmt/format.h>

#include <cstdio>
#include <cstdlib>

namespace winnow::detail {
[[noreturn]] inline void contractBroken(const char* file, int line, const char* condition, const std::string& why)
{
    fmt::print(stderr, "{}:{}: contract broken: {} ({})\n", file, line, condition, why);
    std::abort();
}
} // namespace winnow::detail

/// `WINNOW_CHECK(slots <= budget, "lane {} holds {}", lane, slots);` always on: it guards results that people publish.
#define WINNOW_CHECK(condition, ...)                                                                                             \
    do {                                                                                                                         \
        if (!(condition)) [[unlikely]]                                                                                           \
            ::winnow::detail::contractBroken(__FILE__, __LINE__, #condition, fmt::format(__VA_ARGS__));                          \
    } while (false)
