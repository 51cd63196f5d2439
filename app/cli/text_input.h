// SPDX-License-Identifier: GPL-3.0-or-later
// Texts that a command reads: files, FIFOs and standard input, also such that never end.
#pragma once

#include "core/base/job_context.h"

#include <cstdint>
#include <string>

namespace winnow::cli {

struct TextLimits {
    std::uint64_t enough = 0;                      ///< bytes after which reading ends, to a whole character; 0 = read all
    std::uint64_t most = std::uint64_t{256} << 20; ///< bytes above which a text is refused
};

/// The bytes of a text file or FIFO, or of standard input for "-". Waits until a FIFO has a writer, and stops when `job` says so.
Result<std::string> readText(const std::string& pathOrDash, const TextLimits& limits = {}, const JobContext& job = {});

/// What surely holds `tokens` tokens of a text, so that a long one need not be read whole; all where `tokens` is 0.
TextLimits limitsFor(int tokens);

} // namespace winnow::cli
