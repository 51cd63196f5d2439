// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/analysis/kept_share.h"

#include "core/analysis/reach.h"
#include "core/base/check.h"

#include <algorithm>
#include <array>
#include <cmath>

namespace winnow {

LaneChoice chooseLanes(const PolicyReplay& policy, std::span<const Lane> chosen, int kvHeads, std::span<const int> windows)
{
    LaneChoice choice;
    const int group = kvHeads > 0 && policy.lanes % kvHeads == 0 ? std::max(1, policy.lanes / kvHeads) : 1;
    if (chosen.empty()) {
        choice.lanes.resize(static_cast<std::size_t>(policy.layers) * policy.lanes);
        for (std::size_t i = 0; i < choice.lanes.size(); ++i)
            choice.lanes[i] = static_cast<int>(i);
    }
    for (const Lane& lane : chosen)
        for (int query = lane.head * group; query < (lane.head + 1) * group; ++query)
            if (lane.layer >= 0 && lane.layer < policy.layers && query >= 0 && query < policy.lanes)
                choice.lanes.push_back(lane.layer * policy.lanes + query);
    std::sort(choice.lanes.begin(), choice.lanes.end());
    choice.lanes.erase(std::unique(choice.lanes.begin(), choice.lanes.end()), choice.lanes.end());
    if (std::any_of(windows.begin(), windows.end(), [](int window) { return window > 0; }))
        for (const int lane : choice.lanes) {
            const auto layer = static_cast<std::size_t>(lane / policy.lanes);
            choice.windows.push_back(layer < windows.size() ? windows[layer] : 0);
        }
    return choice;
}

void countKept(const PolicyReplay& policy, std::span<const int> lanes, int step, int begin, std::span<std::uint16_t> kept)
{
    WINNOW_CHECK(begin >= 0 && begin + static_cast<int>(kept.size()) <= policy.tokens, "tokens {} + {} of {}", begin, kept.size(),
                 policy.tokens);
    constexpr int kBlock = 2048; // counters of a block stay in the first-level cache
    std::array<std::uint32_t, kBlock> counts;
    std::fill(kept.begin(), kept.end(), std::uint16_t{0});
    const int end = std::min(begin + static_cast<int>(kept.size()), step + 1);
    if (policy.selects()) {
        std::vector<std::uint16_t> readers;
        countReaders(policy, lanes, step, readers);
        for (int token = begin; token < end; ++token)
            kept[static_cast<std::size_t>(token - begin)] = readers[static_cast<std::size_t>(token / policy.pageTokens)];
        return;
    }
    const auto now = static_cast<std::uint32_t>(step);
    for (int at = begin; at < end; at += kBlock) {
        const int size = std::min(kBlock, end - at);
        std::fill_n(counts.begin(), size, 0u);
        const auto rowOf = [&](std::size_t i) {
            return policy.evictStep.data() + static_cast<std::size_t>(lanes[i]) * policy.tokens + at;
        };
        const auto stays = [now](std::int32_t evict) {
            return static_cast<std::uint32_t>(evict) > now ? 1u : 0u;
        }; // −1 is the largest
        std::size_t lane = 0;
        for (; lane + 4 <= lanes.size(); lane += 4) { // four at once: the counters are read and written a quarter as often
            const std::int32_t *a = rowOf(lane), *b = rowOf(lane + 1), *c = rowOf(lane + 2), *d = rowOf(lane + 3);
            for (int j = 0; j < size; ++j)
                counts[static_cast<std::size_t>(j)] += stays(a[j]) + stays(b[j]) + stays(c[j]) + stays(d[j]);
        }
        for (; lane < lanes.size(); ++lane) {
            const std::int32_t* evict = rowOf(lane);
            for (int j = 0; j < size; ++j)
                counts[static_cast<std::size_t>(j)] += stays(evict[j]);
        }
        for (int j = 0; j < size; ++j)
            kept[static_cast<std::size_t>(at - begin + j)] = static_cast<std::uint16_t>(counts[static_cast<std::size_t>(j)]);
    }
}

void keptBytes(const PolicyReplay& policy, const LaneChoice& choice, int step, int begin, std::span<std::uint8_t> bytes)
{
    std::vector<std::uint16_t> kept(bytes.size());
    countKept(policy, choice.lanes, step, begin, kept);
    const int end = begin + static_cast<int>(bytes.size()), read = std::clamp(step + 1, begin, end);
    std::fill(bytes.begin() + (read - begin), bytes.end(), kUnborn);
    const int lanes = static_cast<int>(choice.lanes.size());
    if (const Reach reach(choice.lanes.size(), choice.windows); reach.limited()) {
        for (int token = begin; token < read; ++token) {
            const auto j = static_cast<std::size_t>(token - begin);
            const int inReach = reach.lanesAt(step - token);
            bytes[j] = inReach == 0 ? kOutOfReach : shareByte(kept[j], inReach);
        }
    } else {
        std::vector<std::uint8_t> shares(static_cast<std::size_t>(lanes) + 1);
        for (int count = 0; count <= lanes; ++count)
            shares[static_cast<std::size_t>(count)] = shareByte(count, lanes);
        for (std::size_t j = 0; j < static_cast<std::size_t>(read - begin); ++j)
            bytes[j] = shares[kept[j]];
    }
    // By rule are the sinks, and everything from a token on.
    const KeptByRule& rule = policy.byRule;
    const bool everything = rule.everything || step < policy.choosesFrom;
    const int sinks = everything ? read : std::clamp(rule.sinks, begin, read);
    const int from = std::max(sinks, std::clamp(std::min(rule.from, step - rule.recent + 1), begin, read));
    const auto byRule = [&](int first, int last) {
        for (int token = first; token < last; ++token)
            if (std::uint8_t& byte = bytes[static_cast<std::size_t>(token - begin)]; byte > 0 && byte != kOutOfReach)
                byte = static_cast<std::uint8_t>(byte + kByRule);
    };
    byRule(begin, sinks);
    byRule(from, read);
}

std::uint8_t strongestByte(std::span<const std::uint8_t> bytes)
{
    // Ranks, without a branch so that many are found at once: 0 not read yet, 1 out of reach, then twice the share + 2, one more
    // by choice.
    std::uint8_t best = 0;
    for (const std::uint8_t byte : bytes) {
        const auto twice = static_cast<std::uint8_t>(2 * byte + (byte < kByRule ? 3 : 2)); // "not read" and "reach" wrap to 1, 0
        best = std::max(best, static_cast<std::uint8_t>(twice ^ (twice < 2 ? 1 : 0)));
    }
    if (best < 2)
        return best == 0 ? kUnborn : kOutOfReach;
    return static_cast<std::uint8_t>((best - 2) / 2 + (best % 2 == 0 ? kByRule : 0));
}

std::vector<int> leftAt(const PolicyReplay& policy, std::span<const int> lanes, int token)
{
    std::vector<int> steps;
    for (const int lane : lanes) {
        const std::int32_t step = policy.evictStep[static_cast<std::size_t>(lane) * policy.tokens + token];
        if (step >= 0)
            steps.push_back(step);
    }
    std::sort(steps.begin(), steps.end());
    return steps;
}

double distanceUnit(int largestBudget)
{
    return std::max(16.0, std::exp2(std::round(std::log2(std::max(1, largestBudget) / 2.0))));
}

DistanceCurve keptAgainstDistance(const PolicyReplay& policy, std::span<const int> lanes, int first, int last, double unit)
{
    last = std::min(last, policy.tokens);
    first = std::max(first, 0);
    DistanceCurve curve;
    if (first >= last || lanes.empty())
        return curve;
    // A token is kept over one run of distances in each lane, so only the ends of the runs are counted.
    std::vector<std::int64_t> kept(static_cast<std::size_t>(last) + 1, 0), read(kept.size(), 0);
    const auto addRun = [](std::vector<std::int64_t>& ends, int begin, int end, std::int64_t weight) {
        if (begin < end) {
            ends[static_cast<std::size_t>(begin)] += weight;
            ends[static_cast<std::size_t>(end)] -= weight;
        }
    };
    for (int token = 0; token < last; ++token)
        addRun(read, std::max(0, first - token), last - token, static_cast<std::int64_t>(lanes.size()));
    for (const int lane : lanes) {
        if (policy.selects()) { // runs of one page at one step
            for (int step = first; step < last; ++step)
                for (int page = 0; page * policy.pageTokens <= step; ++page)
                    if (policy.readsPage(lane / policy.lanes, lane % policy.lanes, page, step))
                        addRun(kept, std::max(0, step + 1 - (page + 1) * policy.pageTokens), step + 1 - page * policy.pageTokens,
                               1);
            continue;
        }
        const std::int32_t* evict = policy.evictStep.data() + static_cast<std::size_t>(lane) * policy.tokens;
        for (int token = 0; token < last; ++token)
            addRun(kept, std::max(0, first - token), (evict[token] < 0 ? last : std::min(evict[token], last)) - token, 1);
    }
    std::int64_t keptNow = 0, readNow = 0;
    double bin = -1, keptSum = 0, readSum = 0, distanceSum = 0;
    const auto close = [&] {
        if (readSum > 0) {
            curve.distance.push_back(distanceSum / readSum);
            curve.share.push_back(keptSum / readSum);
        }
        keptSum = readSum = distanceSum = 0;
    };
    for (int distance = 0; distance < last; ++distance) {
        keptNow += kept[static_cast<std::size_t>(distance)];
        readNow += read[static_cast<std::size_t>(distance)];
        const double now = std::floor(4 * std::log2(1 + distance / unit));
        if (now != bin)
            close();
        bin = now;
        keptSum += static_cast<double>(keptNow);
        readSum += static_cast<double>(readNow);
        distanceSum += static_cast<double>(readNow) * distance;
    }
    close();
    return curve;
}

std::optional<double> keptInRange(const PolicyReplay& policy, std::span<const int> lanes, int step, int begin, int end)
{
    begin = std::max(begin, 0);
    end = std::min({end, policy.tokens, step + 1});
    if (begin >= end || lanes.empty())
        return std::nullopt;
    std::vector<std::uint16_t> kept(static_cast<std::size_t>(end - begin));
    countKept(policy, lanes, step, begin, kept);
    double sum = 0;
    for (const std::uint16_t count : kept)
        sum += count;
    return sum / (static_cast<double>(kept.size()) * static_cast<double>(lanes.size()));
}

} // namespace winnow
