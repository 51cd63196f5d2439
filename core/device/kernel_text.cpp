// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/device/kernel_text.h"

#include "core/device/kernels/walk_layout.h"
#include "core/kernels/block_team.h"
#include "core/policy/kernels/lowest.h"

namespace winnow {

static_assert(kWalkWorkers <= kernel::kMostWorkers);

namespace {
/// Blocks that a multiprocessor must hold at once. With two, a worker may use 128 registers, and nothing spills.
constexpr int kBlocksTogether = 2;

/// A kernel whose parameter `argument` is of type `argumentType`. Each block does `statement`, as `team`; `block` is its number.
KernelProgram programOf(std::string name, std::initializer_list<std::string_view> headers, std::string_view argumentType,
                        std::string_view statement)
{
    KernelProgram program{.name = std::move(name), .function = "winnowKernel"};
    program.source = "#include \"core/device/kernels/cuda_block.h\"\n";
    for (const std::string_view header : headers)
        program.source += fmt::format("#include \"{}\"\n", header);
    program.source += fmt::format(R"(
using namespace winnow::kernel;

extern "C" __global__ void __launch_bounds__({}, {}) {}(const {} argument)
{{
    using Team = BlockTeam<CudaBlock>;
    __shared__ BlockBoard board;
    const CudaBlock cudaBlock(board);
    const Team team(cudaBlock);
    const int block = static_cast<int>(blockIdx.x);
    {}
}}
)",
                                  kWalkWorkers, kBlocksTogether, program.function, argumentType, statement);
    return program;
}
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
    const bool chooses = recipe.acts == Acts::EveryStep; // at the prompt's end the host chooses, before the walk
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
    return programOf(fmt::format("walk {} {}", parts.scorer.type, parts.selector.type),
                     {"core/device/kernels/walk.h", parts.scorer.header, parts.selector.header}, "Walk",
                     fmt::format("LaneWalk<{}, {}, Team>(team, argument, block).run();", parts.scorer.type, parts.selector.type));
}

KernelProgram oracleProgram()
{
    return programOf("oracle", {"core/device/kernels/oracle.h"}, "Oracle", "oracleStripe(team, argument, block);");
}

KernelProgram columnSumsProgram()
{
    KernelProgram program =
        programOf("columns", {"core/device/kernels/column_sums.h"}, "ColumnSums", "sumColumns(team, argument, block);");
    program.fuses = true;
    return program;
}

} // namespace winnow
