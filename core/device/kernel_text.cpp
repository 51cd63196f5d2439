// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/device/kernel_text.h"

#include "core/device/kernels/walk_layout.h"
#include "core/kernels/block_team.h"
#include "core/policy/kernels/lowest.h"

namespace winnow {

static_assert(kWalkWorkers <= kernel::kMostWorkers);

namespace {
/// Blocks that a multiprocessor holds at once: each worker may then use 128 registers, and nothing spills.
constexpr int kBlocksTogether = 2;
} // namespace

std::string whyOnHost(const Recipe& recipe)
{
    if (recipe.reader)
        return "it selects pages to read";
    if (recipe.merges)
        return "it merges slots";
    if (recipe.foresees)
        return "it foresees the text";
    if (!recipe.lifetimes.empty())
        return "its lifetimes are given";
    if (recipe.scorer && !dynamic_cast<const KernelScorer*>(recipe.scorer.get()))
        return "its scores are a host part";
    const bool chooses = recipe.acts == Acts::EveryStep; // what goes at the prompt's end is decided beforehand
    if (chooses && !dynamic_cast<const KernelSelector*>(recipe.selector.get()))
        return "its choice is a host part";
    return {};
}

std::optional<WalkParts> walkParts(const Recipe& recipe, const LaneInModel& lane, int prompt, int regionSlots)
{
    if (!whyOnHost(recipe).empty())
        return std::nullopt;
    WalkParts parts{.scorer = noKernelScorer(),
                    .selector = kernelPart("core/policy/kernels/lowest.h", "OldestGoes", kernel::OldestGoes())};
    if (const auto* scorer = dynamic_cast<const KernelScorer*>(recipe.scorer.get()))
        parts.scorer = scorer->kernel(prompt);
    if (const auto* selector = dynamic_cast<const KernelSelector*>(recipe.selector.get()))
        parts.selector = selector->kernel(lane, regionSlots);
    return parts;
}

KernelProgram walkProgram(const WalkParts& parts)
{
    KernelProgram program{.function = "winnowWalk"};
    program.source = fmt::format(R"(#include "core/device/kernels/cuda_block.h"
#include "core/device/kernels/walk.h"
#include "{}"
#include "{}"

using namespace winnow::kernel;

extern "C" __global__ void __launch_bounds__({}, {}) {}(const Walk walk)
{{
    __shared__ BlockBoard board;
    const CudaBlock block(board);
    const BlockTeam<CudaBlock> team(block);
    LaneWalk<{}, {}, BlockTeam<CudaBlock>>(team, walk, static_cast<int>(blockIdx.x)).run();
}}
)",
                                 parts.scorer.header, parts.selector.header, kWalkWorkers, kBlocksTogether, program.function,
                                 parts.scorer.type, parts.selector.type);
    return program;
}

} // namespace winnow
