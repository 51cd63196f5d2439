// SPDX-License-Identifier: GPL-3.0-or-later
// How much memory this process may still take.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>

namespace winnow {

/// Bytes that can be had without swapping: what the system calls available, or less where a control group (version 1 or 2) of
/// this process, or one above it, allows less. Nothing where neither is told. `root`: where proc and sys lie, for tests.
std::optional<std::uint64_t> availableMemory(const std::filesystem::path& root = "/");

} // namespace winnow
