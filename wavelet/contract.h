// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdio>
#include <cstdlib>

/// The contract check of this room, which includes nothing of core and so cannot use core/base/check.h. It stops the program at a
/// program error, never at bad data.
#define WINNOW_WAVELET_CHECK(condition, explanation)                                                                             \
    do {                                                                                                                         \
        if (!(condition)) {                                                                                                      \
            std::fprintf(stderr, "%s:%d: contract broken: %s (%s)\n", __FILE__, __LINE__, #condition, explanation);              \
            std::abort();                                                                                                        \
        }                                                                                                                        \
    } while (false)
