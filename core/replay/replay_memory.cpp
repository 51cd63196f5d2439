// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/replay/replay_memory.h"

#include "core/io/disk.h"
#include "core/replay/attention_block.h"
#include "core/replay/evictor_oracle.h"

#include <algorithm>

namespace winnow {

namespace {

constexpr std::uint64_t kNumber = 4; ///< bytes of a result's entry, and of a row's number

std::uint64_t size(std::int64_t count) { return static_cast<std::uint64_t>(count); }

/// Bytes of a policy's results for one token of one lane.
std::uint64_t bytesOfCell(const PolicyPlan& policy, int tokens, const ReplayOptions& options)
{
    std::uint64_t numbers = 4; // lifetime, mass, error, occupancy
    if (policy.recipe.scorer || policy.recipe.promptScorer)
        numbers += 2;
    if (policy.recipe.merges)
        numbers += 1;
    if (options.oracle)
        numbers += 1;
    if (options.evictors)
        numbers += 2;
    std::uint64_t pages = 0;
    if (policy.recipe.reader)
        pages = size((tokens / policy.recipe.reader->pageTokens() + 8) / 8);
    return numbers * kNumber + pages;
}

/// Bytes that a policy remembers of the slots of one layer.
std::uint64_t bytesOfStates(const PolicyPlan& policy, const ReplayPlan& plan, const LayerInfo& layer, int index)
{
    const bool moves = policy.recipe.positions != PositionMode::Keep && policy.recipe.acts != Acts::Never;
    const std::uint64_t rows = (moves ? 1 : 0) + (policy.recipe.merges ? 2 : 0); // keys, or keys and values, of its own
    std::uint64_t bytes = 0;
    for (int unit = 0; unit < policy.units; ++unit) {
        const int slots = std::min(plan.tokens, std::max(policy.slotsOf(index, unit), plan.prompt) + 1);
        const std::uint64_t heads = size(std::max(1, policy.headsPerUnit / plan.group()));
        bytes += size(slots) * (4 * sizeof(double) + rows * heads * size(layer.headDim) * kNumber);
    }
    return bytes;
}

} // namespace

ReplayMemory replayMemory(const TraceInfo& info, const ReplayPlan& plan, const ReplayOptions& options)
{
    ReplayMemory memory;
    const std::uint64_t layers = plan.layers.size(), tokens = size(plan.tokens);
    for (const PolicyPlan& policy : plan.policies)
        memory.results += layers * size(policy.lanes) * tokens * bytesOfCell(policy, plan.tokens, options);
    if (options.advanced) // a copy for the one who looks, and the one that he looked at before
        memory.looks = 2 * memory.results;
    const bool moves = std::any_of(plan.policies.begin(), plan.policies.end(), [](const PolicyPlan& policy) {
        return policy.recipe.positions != PositionMode::Keep && policy.recipe.acts != Acts::Never;
    });
    const bool choosesAtPrompt = std::any_of(plan.policies.begin(), plan.policies.end(),
                                             [](const PolicyPlan& policy) { return policy.recipe.promptScorer != nullptr; });
    std::uint64_t rowsTogether = 0, statesTogether = 0; // of the layers that are replayed together
    for (std::size_t l = 0; l < plan.layers.size(); ++l) {
        const LayerInfo& layer = info.layerInfo[static_cast<std::size_t>(plan.layerIndices[l])];
        const std::uint64_t rows = LayerKeys::bytes(layer, plan.tokens, moves), width = size(layer.headDim) * kNumber;
        const std::uint64_t block = size(options.block), queryHeads = size(plan.queryHeads), keyHeads = size(plan.keyHeads);
        if (rowsTogether + rows > kRowsTogether) // this layer waits for those before it
            rowsTogether = statesTogether = 0;
        rowsTogether += rows;
        memory.rows = std::max(memory.rows, rowsTogether);
        const std::uint64_t tile = queryHeads * block * tokens * kNumber;
        const std::uint64_t tiles = std::clamp<std::uint64_t>(kTilesTogether / tile, 1, layers);
        const std::uint64_t longest = std::min(tokens, kBlocksWithoutTile * block);
        memory.tiles =
            std::max(memory.tiles, tiles * (tile + 3 * queryHeads * longest * width)); // queries twice and outputs beside each
        for (const PolicyPlan& policy : plan.policies)
            statesTogether += bytesOfStates(policy, plan, layer, static_cast<int>(l));
        memory.states = std::max(memory.states, statesTogether);
        if (choosesAtPrompt)
            memory.prompt = std::max(memory.prompt, (3 * keyHeads + 3 * queryHeads) * size(plan.prompt) * width + kTilesTogether);
        if (options.evictors) {
            const std::uint64_t lane = LaneAttention::cells(plan.tokens) * kNumber;
            memory.evictors =
                std::max(memory.evictors, rows + 2 * queryHeads * tokens * width + std::max(lane, kAttentionTogether));
        }
    }
    return memory;
}

Result<ResultPlace> placeOfResults(const ReplayMemory& need, const ReplayPlan& plan, const ReplayOptions& options,
                                   std::optional<std::uint64_t> available, std::uint64_t disk)
{
    if (!available || need.total() <= *available)
        return ResultPlace::Memory;
    if (need.work() <= *available && need.results <= disk)
        return ResultPlace::File;
    std::vector<std::string> advice{plan.policies.size() > 1 ? "replay fewer policies at once" : "close other programs"};
    if (const auto reads = std::find_if(plan.policies.begin(), plan.policies.end(),
                                        [](const PolicyPlan& policy) { return policy.recipe.reader != nullptr; });
        reads != plan.policies.end())
        advice.push_back(fmt::format("leave out {}, which keeps what every step reads", reads->spec.name));
    if (plan.layers.size() > 1)
        advice.push_back("fewer layers (--layers)");
    if (options.evictors)
        advice.push_back("leave out --evictors");
    else if (options.oracle)
        advice.push_back("add --no-oracle");
    return fail(
        ErrorCode::OutOfMemory,
        "the replay of {} tokens in {} layers takes about {}; {} of memory and {} of disk for temporary files can be had; {}",
        plan.tokens, plan.layers.size(), memoryText(need), sizeText(*available), sizeText(disk), fmt::join(advice, ", or "));
}

std::string memoryText(const ReplayMemory& memory, ResultPlace place)
{
    if (place == ResultPlace::File)
        return fmt::format("{} of memory, and {} of temporary files for the results", sizeText(memory.work()),
                           sizeText(memory.results));
    return fmt::format("{} of memory, {} of them results", sizeText(memory.total()), sizeText(memory.results + memory.looks));
}

} // namespace winnow
