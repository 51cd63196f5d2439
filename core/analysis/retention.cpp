// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/analysis/retention.h"

#include "core/analysis/block_columns.h"
#include "core/analysis/prefetch.h"
#include "core/analysis/reach.h"
#include "core/base/check.h"

#include <algorithm>
#include <cmath>

namespace winnow {

namespace {

constexpr int kBlock = 128;       ///< tokens whose histogram stays in the cache, and of which a lane has lines in a row
constexpr std::size_t kAhead = 4; ///< lanes whose lifetimes are on their way

int floorToInt(double x) { return static_cast<int>(std::floor(x)); }

/// What a cell holds while the largest is looked for: 0 not read yet, 1 out of reach, else 2 + 2 · share + (1 if by choice),
/// where share is the number of lanes or, with windows, the share byte.
using Key = std::uint16_t;

struct Block {
    int begin = 0, size = 0;                ///< tokens
    std::vector<std::uint16_t> leaving;     ///< [rows + 1, kBlock]: lanes whose last row + 1 is this
    std::array<std::uint16_t, kBlock> kept; ///< survivors of the row at hand
    std::array<Key, kBlock> keys;
};

/// rowsBefore[s] = how many pixel rows begin before step s; the last number: before never.
std::vector<std::uint16_t> rowsBefore(const RetentionRaster& raster, int steps)
{
    std::vector<std::uint16_t> rows(static_cast<std::size_t>(steps) + 1);
    int row = 0;
    for (int step = 0; step <= steps; ++step) {
        while (row < raster.rows && raster.firstStep(row) < step)
            ++row;
        rows[static_cast<std::size_t>(step)] = static_cast<std::uint16_t>(row);
    }
    rows.push_back(static_cast<std::uint16_t>(raster.rows));
    return rows;
}

void countLeaving(const PolicyReplay& policy, const LaneChoice& choice, std::span<const std::uint16_t> rows, Block& block)
{
    std::fill(block.leaving.begin(), block.leaving.end(), std::uint16_t{0});
    const auto never = static_cast<std::uint32_t>(rows.size() - 1);
    const auto rowOf = [&](int lane) {
        return policy.evictStep.data() + static_cast<std::size_t>(lane) * policy.tokens + block.begin;
    };
    for (std::size_t lane = 0; lane < choice.lanes.size(); ++lane) {
        const std::int32_t* evict = rowOf(choice.lanes[lane]);
        const int window = choice.windows.empty() ? 0 : choice.windows[lane];
        if (lane + kAhead < choice.lanes.size())
            prefetchRow(rowOf(choice.lanes[lane + kAhead]), block.size);
        for (int j = 0; j < block.size; ++j) {
            auto step = static_cast<std::uint32_t>(evict[j]);
            const auto token = static_cast<std::uint32_t>(block.begin + j);
            if (window > 0)
                step = std::min(step, token + static_cast<std::uint32_t>(window) - 1);
            const std::size_t row = rows[std::min(step, never)];
            ++block.leaving[(step <= token ? 0 : row) * kBlock + static_cast<std::size_t>(j)];
        }
    }
}

/// Keys of one row's tokens, every token at the row's first step or at its birth.
void rowKeys(const PolicyReplay& policy, const Reach& reach, int first, int end, Block& block)
{
    const KeptByRule& rule = policy.byRule;
    const int sinks = rule.everything ? std::numeric_limits<int>::max() : rule.sinks;
    const int recent = rule.recent, from = rule.from, choosesFrom = policy.choosesFrom;
    for (int j = 0; j < block.size; ++j) {
        const int token = block.begin + j;
        const int step = std::max(first, token);
        const bool chosen = !((token < sinks) | (step - token < recent) | (token >= from) | (step < choosesFrom));
        const int key = 2 + 2 * block.kept[static_cast<std::size_t>(j)] + (chosen ? 1 : 0);
        block.keys[static_cast<std::size_t>(j)] = static_cast<Key>(token < end ? key : 0);
    }
    if (!reach.limited())
        return;
    for (int j = 0; j < block.size; ++j) {
        Key& key = block.keys[static_cast<std::size_t>(j)];
        if (key == 0)
            continue;
        const int lanes = reach.lanesAt(std::max(first - (block.begin + j), 0));
        key = static_cast<Key>(lanes == 0 ? 1
                                          : 2 + 2 * shareByte(block.kept[static_cast<std::size_t>(j)], lanes) + ((key - 2) & 1));
    }
}

/// The kernel for selections: keys of every cell.
std::vector<Key> selectionKeys(const PolicyReplay& policy, const LaneChoice& choice, const RetentionRaster& raster,
                               const Reach& reach, const JobContext& job)
{
    std::vector<Key> keys(static_cast<std::size_t>(raster.columns) * raster.rows, 0);
    std::vector<std::uint16_t> readers, atBirth;
    for (int row = 0; row < raster.rows && !job.stopRequested(); ++row) {
        const int first = std::max(0, raster.firstStep(row)), end = raster.endStep(row, policy.tokens);
        if (first >= end)
            continue;
        countReaders(policy, choice.lanes, first, readers);
        int birth = -1;
        for (int column = 0; column < raster.columns; ++column) {
            Key& cell = keys[static_cast<std::size_t>(row) * raster.columns + static_cast<std::size_t>(column)];
            for (int token = std::max(0, raster.firstToken(column));
                 token < std::min(raster.endToken(column, policy.tokens), end); ++token) {
                const int step = std::max(first, token);
                if (token > first && birth != token) {
                    countReaders(policy, choice.lanes, token, atBirth);
                    birth = token;
                }
                const int kept = (token > first ? atBirth : readers)[static_cast<std::size_t>(token / policy.pageTokens)];
                const int lanes = reach.limited() ? reach.lanesAt(step - token) : 0;
                const int share = reach.limited() ? shareByte(kept, lanes) : kept;
                const bool chosen = step >= policy.choosesFrom;
                cell =
                    std::max(cell, reach.limited() && lanes == 0 ? Key{1} : static_cast<Key>(2 + 2 * share + (chosen ? 1 : 0)));
            }
        }
    }
    return keys;
}

std::vector<std::uint8_t> bytesOfKeys(const Reach& reach, int lanes)
{
    const int shares = reach.limited() ? 126 : lanes;
    std::vector<std::uint8_t> bytes(static_cast<std::size_t>(2 * shares + 4));
    bytes[0] = kUnborn;
    bytes[1] = kOutOfReach;
    for (int share = 0; share <= shares; ++share) {
        const std::uint8_t byte = reach.limited() ? static_cast<std::uint8_t>(share) : shareByte(share, lanes);
        bytes[static_cast<std::size_t>(2 * share + 2)] = byte == 0 ? byte : static_cast<std::uint8_t>(byte + kByRule);
        bytes[static_cast<std::size_t>(2 * share + 3)] = byte;
    }
    return bytes;
}

} // namespace

std::uint8_t shareByte(int kept, int lanes)
{
    if (kept <= 0 || lanes <= 0)
        return 0;
    if (kept >= lanes)
        return 126;
    return static_cast<std::uint8_t>(std::clamp((252 * kept + lanes) / (2 * lanes), 1, 125));
}

int RetentionRaster::firstToken(int column) const { return floorToInt(tokenBegin + column * (tokenEnd - tokenBegin) / columns); }
int RetentionRaster::endToken(int column, int tokens) const
{
    return std::min(std::max(firstToken(column) + 1, firstToken(column + 1)), tokens);
}
int RetentionRaster::firstStep(int row) const { return floorToInt(stepBegin + row * (stepEnd - stepBegin) / rows); }
int RetentionRaster::endStep(int row, int steps) const
{
    return std::min(std::max(firstStep(row) + 1, firstStep(row + 1)), steps);
}

void countReaders(const PolicyReplay& policy, std::span<const int> lanes, int step, std::vector<std::uint16_t>& readers)
{
    readers.assign(static_cast<std::size_t>(policy.pages()), 0);
    for (const int lane : lanes) {
        const std::uint8_t* row = policy.readRow(lane / policy.lanes, lane % policy.lanes, step);
        for (int page = 0; page * policy.pageTokens <= step; ++page)
            readers[static_cast<std::size_t>(page)] =
                static_cast<std::uint16_t>(readers[static_cast<std::size_t>(page)] + (row[page / 8] >> (7 - page % 8) & 1));
    }
}

void addShares(const RetentionPlane& plane, ShareHistogram& histogram)
{
    for (const std::uint8_t byte : plane.bytes) {
        if (byte < kUnborn)
            ++histogram[byte];
        else if (byte >= kByRule && byte < kOutOfReach)
            ++histogram[byte - kByRule];
    }
}

RetentionPlane retentionPlane(const PolicyReplay& policy, const LaneChoice& choice, const RetentionRaster& raster,
                              const JobContext& job)
{
    WINNOW_CHECK(raster.columns > 0 && raster.rows > 0 && raster.rows < 65535, "raster {} x {}", raster.columns, raster.rows);
    WINNOW_CHECK(choice.windows.empty() || choice.windows.size() == choice.lanes.size(), "{} windows", choice.windows.size());
    WINNOW_CHECK(choice.lanes.size() < 32000, "{} lanes", choice.lanes.size());
    RetentionPlane plane{raster, std::vector<std::uint8_t>(static_cast<std::size_t>(raster.columns) * raster.rows, kUnborn)};
    const int tokens = policy.tokens;
    const int firstToken = std::clamp(raster.firstToken(0), 0, tokens);
    const int endToken = std::clamp(raster.endToken(raster.columns - 1, tokens), firstToken, tokens);
    if (choice.lanes.empty() || firstToken == endToken)
        return plane;

    if (policy.selects()) {
        const Reach reach(choice.lanes.size(), choice.windows);
        const std::vector<Key> keys = selectionKeys(policy, choice, raster, reach, job);
        if (job.stopRequested())
            return {raster, {}};
        const std::vector<std::uint8_t> bytes = bytesOfKeys(reach, static_cast<int>(choice.lanes.size()));
        std::transform(keys.begin(), keys.end(), plane.bytes.begin(), [&](Key key) { return bytes[key]; });
        return plane;
    }

    BlockColumns columns(raster, tokens);
    const Reach reach(choice.lanes.size(), choice.windows);
    const std::vector<std::uint16_t> rows = rowsBefore(raster, tokens);
    std::vector<Key> keys(plane.bytes.size(), 0);
    Block block;
    block.leaving.resize((static_cast<std::size_t>(raster.rows) + 1) * kBlock);
    for (block.begin = firstToken; block.begin < endToken; block.begin += kBlock) {
        if (job.stopRequested())
            return {raster, {}};
        block.size = std::min(kBlock, endToken - block.begin);
        countLeaving(policy, choice, rows, block);
        columns.open(block.begin, block.size);
        block.kept.fill(0);
        for (int row = raster.rows - 1; row >= 0; --row) {
            const std::uint16_t* leaving = block.leaving.data() + (static_cast<std::size_t>(row) + 1) * kBlock;
            for (std::size_t j = 0; j < kBlock; ++j)
                block.kept[j] = static_cast<std::uint16_t>(block.kept[j] + leaving[j]);
            const int end = raster.endStep(row, tokens);
            if (end <= block.begin)
                break; // this row and those above end before the block's first token is read
            rowKeys(policy, reach, raster.firstStep(row), end, block);
            columns.raise(block.keys.data(), keys.data() + static_cast<std::size_t>(row) * raster.columns);
        }
    }
    const std::vector<std::uint8_t> bytes = bytesOfKeys(reach, static_cast<int>(choice.lanes.size()));
    std::transform(keys.begin(), keys.end(), plane.bytes.begin(), [&](Key key) { return bytes[key]; });
    return plane;
}

} // namespace winnow
