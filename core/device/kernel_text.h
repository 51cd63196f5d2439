// SPDX-License-Identifier: GPL-3.0-or-later
// The kernel text of recipes, as a device compiler reads it. Free of Torch and of CUDA.
#pragma once

#include "core/policy/kernel_part.h"

#include <optional>
#include <span>
#include <string>

namespace winnow {

/// A header of kernel text: the name by which it is included, and what stands in it; both end with a zero byte.
struct KernelHeader {
    const char* name;
    const char* text;
};
/// All of them, as they were when the program was built.
std::span<const KernelHeader> kernelHeaders();

/// The two parts of a recipe that decide which text its walk runs.
struct WalkParts {
    KernelPart scorer, selector;
};
/// The parts of a lane; nothing where a part is no kernel text, or where the recipe does what the walk does not know: merging,
/// reading pages, foreseeing, lifetimes that are given. A scorer that acts only at the prompt's end is asked on the host before
/// the walk, and need not be kernel text.
std::optional<WalkParts> walkParts(const Recipe& recipe, const LaneInModel& lane, int prompt, int regionSlots);
/// Why a recipe has no such parts and runs on the CPU: "it merges slots"; "" where it has them.
std::string whyOnHost(const Recipe& recipe);

/// A program for a device: one kernel.
struct KernelProgram {
    std::string name;     ///< "walk AttentionSums LowestGoes"; programs of one name have the same source
    std::string source;   ///< CUDA C++, which includes kernelHeaders()
    std::string function; ///< name of the kernel
    bool fuses = false; ///< whether products and sums may become fused multiply-adds; not in a walk, which rounds as the CPU does
};
/// The walk (core/device/kernels/walk.h) of lanes with these parts.
KernelProgram walkProgram(const WalkParts& parts);
/// The top-k oracle (core/device/kernels/oracle.h).
KernelProgram oracleProgram();
/// The attention that tokens received (core/device/kernels/column_sums.h).
KernelProgram columnSumsProgram();
/// Workers of each block, of every program; at most kernel::kMostWorkers.
inline constexpr int kWalkWorkers = 256;

} // namespace winnow
