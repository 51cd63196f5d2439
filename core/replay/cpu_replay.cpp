// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/replay/cpu_replay.h"

#include "core/kernels/row_kernels.h"
#include "core/replay/attention_block.h"
#include "core/replay/lane_walker.h"
#include "core/replay/oracle.h"
#include "core/replay/replay_memory.h"
#include "core/trace/torch_parallel.h"

#include <algorithm>

namespace winnow {

namespace {

/// Keys and values are read so many tokens at a time in long texts: about a chunk of the file.
constexpr int kManyTokens = 4096, kPiece = 256;

/// A layer of the current batch with its walkers, [policy][unit].
struct LayerWork {
    int layer = 0; ///< among the replayed ones
    LayerKeys keys;
    std::vector<std::vector<std::unique_ptr<LaneWalker>>> walkers;
};

/// Oracle masses of one lane of one layer over a block, for every policy whose lanes are of this kind (KV or query heads).
void oracleLane(const ReplayPlan& plan, std::vector<PolicyReplay>& results, const LayerWork& work, const QueryBlock& block,
                int lanes, int lane)
{
    const int perLane = plan.queryHeads / lanes;
    std::vector<float> row, scratch;
    std::vector<std::pair<int, double>> known; // attended size → mass, at one step
    for (int step = block.begin; step < block.end; ++step) {
        const int reach = work.keys.info.window;
        const int first = reach > 0 ? std::max(0, step - reach + 1) : 0;
        const auto live = static_cast<std::size_t>(step + 1 - first);
        known.clear();
        bool haveRow = false;
        for (std::size_t p = 0; p < results.size(); ++p) {
            PolicyReplay& result = results[p];
            if (result.lanes != lanes || plan.policies[p].isWalked(work.layer))
                continue;
            const std::size_t cell = result.index(work.layer, lane, step);
            const int attended = result.attendedCount(work.layer, lane, step);
            if (static_cast<std::size_t>(attended) >= live) {
                result.oracleMass[cell] = 1;
                continue;
            }
            auto found = std::find_if(known.begin(), known.end(), [&](const auto& entry) { return entry.first == attended; });
            if (found == known.end()) {
                if (!haveRow) {
                    row.assign(live, 0.0F);
                    for (int head = lane * perLane; head < (lane + 1) * perLane; ++head)
                        row_kernels::addScaled(block.probability(head, step) + first, live, 1.0F / static_cast<float>(perLane),
                                               row.data());
                    haveRow = true;
                }
                known.emplace_back(attended, topMass(row, static_cast<std::size_t>(attended), scratch));
                found = known.end() - 1;
            }
            result.oracleMass[cell] = static_cast<float>(std::min(1.0, found->second));
        }
    }
}

/// Whether the walkers together read more cells of a row than it has: then computing the whole row once is less work.
bool tilePays(const ReplayPlan& plan, const ReplayOptions& options, int end)
{
    if (options.oracle)
        return true; // the oracle looks at every cell
    std::int64_t cells = 0;
    for (const PolicyPlan& policy : plan.policies) {
        const int grown = policy.recipe.acts == Acts::EndOfPrompt ? std::max(0, end - plan.prompt) : 0;
        const int slots = *std::max_element(policy.slots.begin(), policy.slots.end()) + grown;
        if (policy.recipe.acts != Acts::Never || policy.recipe.reader)
            cells += end <= plan.prompt ? end : std::min(end, slots + 1);
    }
    return cells > end;
}

/// The end of the block that begins at `begin`. Without tiles it is several times as long, so that more of a chunk of the file is
/// read at once.
int blockEnd(const ReplayPlan& plan, const ReplayOptions& options, int begin)
{
    int end = std::min(plan.tokens, begin + options.block);
    for (int blocks = 1; blocks < kBlocksWithoutTile && end < plan.tokens && !tilePays(plan, options, end); ++blocks) {
        const int next = std::min(plan.tokens, end + options.block);
        if (tilePays(plan, options, next))
            break;
        end = next;
    }
    return end;
}

void walkBlock(const ReplayPlan& plan, const ReplayOptions& options, std::vector<PolicyReplay>& results,
               std::span<LayerWork> layers, std::vector<QueryBlock>& blocks)
{
    const auto kvHeads = static_cast<std::size_t>(plan.keyHeads);
    if (blocks.front().hasTile)
        torchParallelFor(layers.size() * kvHeads, [&](std::size_t task) {
            blocks[task / kvHeads].computeTile(layers[task / kvHeads].keys, static_cast<int>(task % kvHeads));
        });
    std::vector<std::pair<std::size_t, LaneWalker*>> walks;
    for (std::size_t l = 0; l < layers.size(); ++l)
        for (auto& units : layers[l].walkers)
            for (auto& walker : units)
                walks.emplace_back(l, walker.get());
    torchParallelFor(walks.size(), [&](std::size_t task) {
        const auto [l, walker] = walks[task];
        walker->walk(layers[l].keys, blocks[l]);
    });
    if (!options.oracle)
        return;
    for (const int lanes : {plan.keyHeads, plan.queryHeads}) {
        if (std::none_of(results.begin(), results.end(), [&](const PolicyReplay& result) { return result.lanes == lanes; }))
            continue;
        torchParallelFor(layers.size() * static_cast<std::size_t>(lanes), [&](std::size_t task) {
            const std::size_t l = task / static_cast<std::size_t>(lanes);
            oracleLane(plan, results, layers[l], blocks[l], lanes, static_cast<int>(task % static_cast<std::size_t>(lanes)));
        });
        if (plan.keyHeads == plan.queryHeads)
            break;
    }
}

} // namespace

Result<void> replayOnCpu(const Trace& trace, const ReplayPlan& plan, const ReplayOptions& options,
                         std::vector<PolicyReplay>& results, const Advanced& advanced, const JobContext& job)
{
    const bool reassigns = std::any_of(plan.policies.begin(), plan.policies.end(), [](const PolicyPlan& policy) {
        return policy.recipe.positions != PositionMode::Keep && policy.recipe.acts != Acts::Never;
    });
    const int piece = plan.tokens < kManyTokens ? options.block : std::max(options.block, kPiece);
    const std::size_t layerCount = plan.layers.size();
    for (std::size_t first = 0; first < layerCount;) {
        std::vector<LayerWork> batch;
        std::size_t held = 0;
        while (first + batch.size() < layerCount) {
            const std::size_t layer = first + batch.size();
            const LayerInfo& info = trace.info().layerInfo[static_cast<std::size_t>(plan.layerIndices[layer])];
            held += LayerKeys::bytes(info, plan.tokens, reassigns);
            if (!batch.empty() && held > kRowsTogether)
                break;
            WINNOW_TRY_VOID(job.check("the replay"));
            LayerWork work{.layer = static_cast<int>(layer),
                           .keys = LayerKeys::room(trace, plan.layerIndices[layer], reassigns,
                                                   batch.empty() ? nullptr : &batch.back().keys)};
            for (std::size_t p = 0; p < plan.policies.size(); ++p) {
                auto& units = work.walkers.emplace_back();
                const bool walked = plan.policies[p].isWalked(work.layer);
                for (int unit = 0; !walked && unit < plan.policies[p].units; ++unit)
                    units.push_back(std::make_unique<LaneWalker>(plan, plan.policies[p], results[p], work.layer, unit));
            }
            batch.push_back(std::move(work));
        }
        std::vector<QueryBlock> blocks;
        for (int begin = 0, end = 0; begin < plan.tokens; begin = end) {
            end = blockEnd(plan, options, begin);
            const std::size_t tile =
                static_cast<std::size_t>(plan.queryHeads) * (end - begin) * static_cast<std::size_t>(end) * sizeof(float);
            const std::size_t together = std::max<std::size_t>(1, kTilesTogether / tile);
            for (std::size_t l = 0; l < batch.size(); l += together) {
                WINNOW_TRY_VOID(job.check("the replay"));
                const auto some = std::span(batch).subspan(l, std::min(together, batch.size() - l));
                for (LayerWork& work : some) // piece by piece: the trace may be one that is still being recorded
                    WINNOW_TRY_VOID(work.keys.readTo(trace, plan.layerIndices[static_cast<std::size_t>(work.layer)],
                                                     std::min(plan.tokens, (end + piece - 1) / piece * piece)));
                blocks.resize(std::max(blocks.size(), some.size()));
                for (std::size_t i = 0; i < some.size(); ++i)
                    WINNOW_TRY_VOID(blocks[i].load(trace, plan.layerIndices[static_cast<std::size_t>(some[i].layer)],
                                                   some[i].keys, Position{begin}, Position{end}, tilePays(plan, options, end)));
                walkBlock(plan, options, results, some, blocks);
            }
            for (std::size_t p = 0; p < results.size(); ++p)
                for (const LayerWork& work : batch)
                    for (const auto& walker : work.walkers[p])
                        results[p].choosesFrom = std::min(results[p].choosesFrom, walker->firstEviction());
            // Work grows with the square of the steps: a row attends to all before it.
            const double within = static_cast<double>(end) * end / (static_cast<double>(plan.tokens) * plan.tokens);
            const bool last = first + batch.size() == layerCount;
            advanced(last ? end : 0,
                     (static_cast<double>(first) + within * static_cast<double>(batch.size())) / static_cast<double>(layerCount));
        }
        first += batch.size();
    }
    return {};
}

} // namespace winnow
