// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/analysis/distance_plane.h"

#include "core/analysis/kept_share.h"
#include "core/analysis/reach.h"

#include <array>
#include <bit>
#include <cmath>
#include <optional>
#include <utility>

namespace winnow {

namespace {

using Sums = std::vector<double>; ///< by distance

/// Sums by distance of what some lanes keep, row by row from the earliest step on. A lane keeps a token over one run of
/// distances, so only the ends of the runs are counted.
class KeptByDistance {
public:
    /// `left(lane, token)`: the step at whose end it left, as unsigned: never is the largest.
    template <class Left>
    KeptByDistance(int lanes, int tokens, Left left)
        : m_tokens(tokens), m_starts(static_cast<std::size_t>(tokens) + 1, 0), m_alive(static_cast<std::size_t>(tokens), lanes)
    {
        const auto each = [&](auto use) {
            for (int lane = 0; lane < lanes; ++lane)
                for (int token = 0; token < tokens; ++token)
                    if (const std::uint32_t at = left(lane, token); at < static_cast<std::uint32_t>(tokens))
                        use(at, token);
        };
        each([&](std::uint32_t at, int) { ++m_starts[at + 1]; });
        for (std::size_t step = 1; step < m_starts.size(); ++step)
            m_starts[step] += m_starts[step - 1];
        m_leaving.resize(static_cast<std::size_t>(m_starts.back()));
        std::vector<int> next(m_starts.begin(), m_starts.end() - 1);
        each([&](std::uint32_t at, int token) { m_leaving[static_cast<std::size_t>(next[at]++)] = token; });
    }

    /// Adds what is kept after the steps [begin, end) to `byChoice` or, of tokens for which `byRule` holds, to `ruled`.
    template <class ByRule>
    void add(int begin, int end, Sums& byChoice, Sums& ruled, ByRule byRule)
    {
        std::vector<double> ends(static_cast<std::size_t>(m_tokens) + 1, 0), ruledEnds(ends.size(), 0);
        const auto run = [&](int token, int from, int to, double weight) {
            if (from >= to)
                return;
            auto& counts = byRule(token) ? ruledEnds : ends;
            counts[static_cast<std::size_t>(from)] += weight;
            counts[static_cast<std::size_t>(to)] -= weight;
        };
        for (; m_step < end; ++m_step)
            for (int i = m_starts[static_cast<std::size_t>(m_step)]; i < m_starts[static_cast<std::size_t>(m_step) + 1]; ++i) {
                const int token = m_leaving[static_cast<std::size_t>(i)];
                --m_alive[static_cast<std::size_t>(token)];
                run(token, std::max(begin, token) - token, m_step - token, 1);
            }
        for (int token = 0; token < end; ++token)
            if (const int alive = m_alive[static_cast<std::size_t>(token)]; alive > 0)
                run(token, std::max(begin, token) - token, end - token, alive);
        double now = 0, ruledNow = 0;
        for (std::size_t distance = 0; distance < static_cast<std::size_t>(end); ++distance) {
            byChoice[distance] += now += ends[distance];
            ruled[distance] += ruledNow += ruledEnds[distance];
        }
    }
    void add(int begin, int end, Sums& sums)
    {
        add(begin, end, sums, sums, [](int) { return false; });
    }

private:
    int m_tokens, m_step = 0;
    std::vector<int> m_starts, m_leaving; ///< tokens by the step at which a lane lost them
    std::vector<int> m_alive;             ///< lanes that have not lost the token before m_step
};

std::uint32_t leftBy(const PolicyReplay& policy, int lane, int token, int window)
{
    const auto left = static_cast<std::uint32_t>(policy.evictStep[static_cast<std::size_t>(lane) * policy.tokens + token]);
    return window > 0 ? std::min(left, static_cast<std::uint32_t>(token + window - 1)) : left;
}

int windowOf(std::span<const int> windows, std::size_t lane) { return windows.empty() ? 0 : windows[lane]; }

/// Pairs of a token and a step of [begin, end) at the distance.
int readAt(int distance, int begin, int end) { return std::max(0, end - std::max(begin, distance)); }

/// What the cells of one row are made of: sums over the distances of each column.
template <class Cell, class Make>
void fillRow(const DistanceColumns& columns, const Reach& reach, int begin, int end, Cell unborn, Cell outOfReach, Cell* out,
             Make make)
{
    for (int column = 0; column < columns.size(); ++column) {
        const int first = columns.first(column), last = std::min(columns.end(column), end);
        double read = 0, lanes = 0;
        for (int distance = first; distance < last; ++distance) {
            read += readAt(distance, begin, end);
            lanes += static_cast<double>(readAt(distance, begin, end)) * reach.lanesAt(distance);
        }
        out[column] = read == 0 ? unborn : lanes == 0 ? outOfReach : make(first, last, lanes);
    }
}

double sumOf(const Sums& sums, int first, int last)
{
    double sum = 0;
    for (int distance = first; distance < last; ++distance)
        sum += sums[static_cast<std::size_t>(distance)];
    return sum;
}

int meanFifteenths(double share)
{
    return share < 1.0 / 128 ? 0 : std::clamp(static_cast<int>(std::lround(kDifferenceSteps * share)), 1, kDifferenceSteps);
}

DifferenceCell meanCell(double thisOnly, double referenceOnly, double both)
{
    return differenceCell({meanFifteenths(thisOnly), meanFifteenths(referenceOnly), meanFifteenths(both)});
}

/// The shares at which the bytes 2 … 125 of logShareByte begin, and where to look for one: logarithms are slow.
class LogShares {
public:
    LogShares()
    {
        for (int byte = 2; byte < 126; ++byte)
            m_from[static_cast<std::size_t>(byte)] = std::exp2(6 * ((byte - 0.5) / 126 - 1));
        m_from[126] = 1; // all and nothing less
        std::uint8_t byte = 1;
        for (std::size_t i = 0; i < m_start.size(); ++i) {
            byte = above(byte, std::bit_cast<double>((kLeast + i) << kDropped));
            m_start[i] = byte;
        }
    }
    /// `share` is above 0.
    std::uint8_t byteOf(double share) const
    {
        const std::uint64_t bits = std::bit_cast<std::uint64_t>(share) >> kDropped;
        return bits < kLeast ? 1 : bits >= kLeast + m_start.size() ? 126 : above(m_start[bits - kLeast], share);
    }

private:
    static constexpr int kDropped = 47; ///< bits of a double; those left tell 32 places of an octave apart
    static constexpr std::uint64_t kLeast = std::bit_cast<std::uint64_t>(1.0 / 64) >> kDropped;

    std::uint8_t above(std::uint8_t byte, double share) const
    {
        while (byte < 126 && share >= m_from[byte + 1U])
            ++byte;
        return byte;
    }
    std::array<double, 127> m_from{};
    std::array<std::uint8_t, 6 * 32> m_start{};
};

/// Steps of a row; false where it shows none.
bool stepsOf(const RetentionRaster& rows, int row, int tokens, int& begin, int& end)
{
    begin = std::max(0, rows.firstStep(row));
    end = rows.endStep(row, tokens);
    return begin < end;
}

} // namespace

double DistanceAxis::at(double distance) const { return 1 - std::log2(1 + distance / unit) / std::log2(1 + most / unit); }
double DistanceAxis::distanceAt(double x) const { return unit * (std::exp2((1 - x) * std::log2(1 + most / unit)) - 1); }

DistanceColumns::DistanceColumns(const DistanceAxis& axis)
{
    const auto edge = [&](int column) { // of its left side: the distances of a column are below it
        return static_cast<int>(std::floor(axis.distanceAt(static_cast<double>(column) / axis.columns) + 1e-9));
    };
    int left = edge(0);
    for (int column = 0; column < axis.columns; ++column) {
        const int right = edge(column + 1);
        m_first.push_back(right);
        m_end.push_back(std::max(right + 1, left));
        left = right;
    }
}

std::uint8_t logShareByte(double share)
{
    static const LogShares shares;
    return share > 0 ? shares.byteOf(share) : 0;
}

RetentionPlane distancePlane(const PolicyReplay& policy, const LaneChoice& choice, const DistanceAxis& axis,
                             const RetentionRaster& rows, const JobContext& job)
{
    RetentionRaster raster = rows;
    raster.columns = axis.columns;
    RetentionPlane plane{raster, std::vector<std::uint8_t>(static_cast<std::size_t>(raster.columns) * raster.rows, kUnborn)};
    if (choice.lanes.empty())
        return plane;
    const Reach reach(choice.lanes.size(), choice.windows);
    const DistanceColumns columns(axis);
    const KeptByRule& rule = policy.byRule;
    const auto ofToken = [&](int token) { return rule.everything || token < rule.sinks || token >= rule.from; };
    std::optional<KeptByDistance> kept;
    if (!policy.selects())
        kept.emplace(static_cast<int>(choice.lanes.size()), policy.tokens, [&](int lane, int token) {
            return leftBy(policy, choice.lanes[static_cast<std::size_t>(lane)], token,
                          windowOf(choice.windows, static_cast<std::size_t>(lane)));
        });
    std::vector<std::uint8_t> tokens;
    for (int row = 0; row < raster.rows; ++row) {
        if (job.stopRequested())
            return {raster, {}};
        int begin = 0, end = 0;
        if (!stepsOf(raster, row, policy.tokens, begin, end))
            continue;
        std::uint8_t* out = plane.bytes.data() + static_cast<std::size_t>(row) * raster.columns;
        if (policy.selects()) {
            tokens.resize(static_cast<std::size_t>(begin) + 1);
            keptBytes(policy, choice, begin, 0, tokens);
            const auto bytes = bytesByDistance(tokens, begin, columns);
            std::copy(bytes.begin(), bytes.end(), out);
            continue;
        }
        Sums byChoice(static_cast<std::size_t>(end), 0), ruled(byChoice.size(), 0);
        const int chooses = std::clamp(policy.choosesFrom, begin, end); // before it nothing had to go
        if (begin < chooses)
            kept->add(begin, chooses, ruled, ruled, [](int) { return true; });
        if (chooses < end)
            kept->add(chooses, end, byChoice, ruled, ofToken);
        for (int distance = 0; distance < std::min(rule.recent, end); ++distance)
            ruled[static_cast<std::size_t>(distance)] += std::exchange(byChoice[static_cast<std::size_t>(distance)], 0);
        fillRow(columns, reach, begin, end, kUnborn, kOutOfReach, out, [&](int first, int last, double lanes) {
            const double chosen = sumOf(byChoice, first, last), forced = sumOf(ruled, first, last);
            const std::uint8_t share = logShareByte((chosen + forced) / lanes);
            return share > 0 && forced > chosen ? static_cast<std::uint8_t>(share + kByRule) : share;
        });
    }
    return plane;
}

DifferencePlane distanceDifference(const PolicyReplay& policy, const PolicyReplay& reference, const LanePairs& pairs,
                                   const DistanceAxis& axis, const RetentionRaster& rows, const JobContext& job)
{
    RetentionRaster raster = rows;
    raster.columns = axis.columns;
    DifferencePlane plane{raster,
                          std::vector<DifferenceCell>(static_cast<std::size_t>(raster.columns) * raster.rows, kDifferenceUnborn)};
    if (pairs.size() == 0)
        return plane;
    const Reach reach(pairs.size(), pairs.windows);
    const DistanceColumns columns(axis);
    const bool selects = policy.selects() || reference.selects();
    const int lanes = selects ? 0 : static_cast<int>(pairs.size());
    const auto mine = [&](int pair, int token) {
        const auto at = static_cast<std::size_t>(pair);
        return leftBy(policy, pairs.first[at], token, windowOf(pairs.windows, at));
    };
    const auto theirs = [&](int pair, int token) {
        const auto at = static_cast<std::size_t>(pair);
        return leftBy(reference, pairs.second[at], token, windowOf(pairs.windows, at));
    };
    KeptByDistance ofThis(lanes, policy.tokens, mine), ofReference(lanes, policy.tokens, theirs),
        ofBoth(lanes, policy.tokens, [&](int pair, int token) { return std::min(mine(pair, token), theirs(pair, token)); });
    for (int row = 0; row < raster.rows; ++row) {
        if (job.stopRequested())
            return {raster, {}};
        int begin = 0, end = 0;
        if (!stepsOf(raster, row, policy.tokens, begin, end))
            continue;
        DifferenceCell* out = plane.cells.data() + static_cast<std::size_t>(row) * raster.columns;
        if (selects) {
            const auto cells = cellsByDistance(differenceCells(policy, reference, pairs, begin, 0, begin + 1), begin, columns);
            std::copy(cells.begin(), cells.end(), out);
            continue;
        }
        Sums here(static_cast<std::size_t>(end), 0), there(here.size(), 0), both(here.size(), 0);
        ofThis.add(begin, end, here);
        ofReference.add(begin, end, there);
        ofBoth.add(begin, end, both);
        fillRow(columns, reach, begin, end, kDifferenceUnborn, kDifferenceOutOfReach, out, [&](int first, int last, double all) {
            const double shared = sumOf(both, first, last);
            return meanCell((sumOf(here, first, last) - shared) / all, (sumOf(there, first, last) - shared) / all, shared / all);
        });
    }
    return plane;
}

std::vector<std::uint8_t> bytesByDistance(std::span<const std::uint8_t> tokens, int step, const DistanceColumns& columns)
{
    std::vector<std::uint8_t> bytes(static_cast<std::size_t>(columns.size()), kUnborn);
    for (int column = 0; column < columns.size(); ++column) {
        const int first = columns.first(column), read = std::min(columns.end(column), step + 1) - first;
        if (read <= 0)
            continue;
        int chosen = 0, forced = 0, outOfReach = 0; // the first two in 126ths
        for (const std::uint8_t byte : tokens.subspan(static_cast<std::size_t>(step + 1 - first - read), std::size_t(read))) {
            chosen += byte < kByRule ? byte : 0;
            forced += byte >= kByRule ? byte - kByRule : 0;
            outOfReach += byte == kOutOfReach;
        }
        forced -= outOfReach * (kOutOfReach - kByRule);
        const int inReach = read - outOfReach;
        const std::uint8_t share = inReach == 0 ? kOutOfReach : logShareByte((chosen + forced) / (126.0 * inReach));
        bytes[static_cast<std::size_t>(column)] =
            share > 0 && share != kOutOfReach && forced > chosen ? static_cast<std::uint8_t>(share + kByRule) : share;
    }
    return bytes;
}

std::vector<DifferenceCell> cellsByDistance(std::span<const DifferenceCell> tokens, int step, const DistanceColumns& columns)
{
    std::vector<DifferenceCell> cells(static_cast<std::size_t>(columns.size()), kDifferenceUnborn);
    for (int column = 0; column < columns.size(); ++column) {
        double here = 0, there = 0, both = 0;
        int read = 0, inReach = 0;
        const int end = std::min(columns.end(column), step + 1);
        for (int distance = columns.first(column); distance < end; ++distance) {
            const DifferenceCell cell = tokens[static_cast<std::size_t>(step - distance)];
            ++read;
            if (cell == kDifferenceOutOfReach)
                continue;
            ++inReach;
            const DifferenceShares shares = differenceShares(cell);
            here += shares.thisOnly;
            there += shares.referenceOnly;
            both += shares.both;
        }
        if (read == 0)
            continue;
        const double all = static_cast<double>(inReach) * kDifferenceSteps;
        cells[static_cast<std::size_t>(column)] =
            inReach == 0 ? kDifferenceOutOfReach : meanCell(here / all, there / all, both / all);
    }
    return cells;
}

} // namespace winnow
