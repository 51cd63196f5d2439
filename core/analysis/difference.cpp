// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/analysis/difference.h"

#include "core/analysis/block_columns.h"
#include "core/analysis/kept_share.h"
#include "core/analysis/prefetch.h"
#include "core/analysis/reach.h"
#include "core/base/check.h"

#include <array>

namespace winnow {

namespace {

constexpr int kBlock = 128;       ///< tokens whose histograms stay in the cache, and of which a lane has lines in a row
constexpr std::size_t kAhead = 2; ///< pairs whose lifetimes are on their way

/// Cells by counts of pairs, with a table of the fifteenths where no lane has a window.
class CellMaker {
public:
    explicit CellMaker(const LanePairs& pairs) : m_lanes(static_cast<int>(pairs.size())), m_reach(pairs.size(), pairs.windows)
    {
        for (int count = 0; count <= m_lanes; ++count)
            m_fifteenths.push_back(static_cast<std::uint8_t>(fifteenths(count, m_lanes)));
    }
    DifferenceCell operator()(int thisOnly, int referenceOnly, int both, int age) const
    {
        if (!m_reach.limited())
            return differenceCell({at(thisOnly), at(referenceOnly), at(both)});
        const int lanes = m_reach.lanesAt(age);
        return lanes == 0
                   ? kDifferenceOutOfReach
                   : differenceCell({fifteenths(thisOnly, lanes), fifteenths(referenceOnly, lanes), fifteenths(both, lanes)});
    }

private:
    int at(int count) const { return m_fifteenths[static_cast<std::size_t>(count)]; }
    int m_lanes;
    Reach m_reach;
    std::vector<std::uint8_t> m_fifteenths;
};

/// Survivors of a block's tokens after the row at hand, and how many pairs end in which row.
struct Survivors {
    std::vector<std::uint16_t> leaving; ///< [rows + 1, kBlock]: pairs whose last row + 1 is this
    std::array<std::uint16_t, kBlock> kept{};

    void clear()
    {
        std::fill(leaving.begin(), leaving.end(), std::uint16_t{0});
        kept.fill(0);
    }
    void takeRow(int row)
    {
        const std::uint16_t* ends = leaving.data() + (static_cast<std::size_t>(row) + 1) * kBlock;
        for (std::size_t j = 0; j < kBlock; ++j)
            kept[j] = static_cast<std::uint16_t>(kept[j] + ends[j]);
    }
};

/// The kernel for evictors: three histograms over the rows, this, reference and both.
class PairBlocks {
public:
    PairBlocks(const PolicyReplay& policy, const PolicyReplay& reference, const LanePairs& pairs, const RetentionRaster& raster)
        : m_policy(policy), m_reference(reference), m_pairs(pairs)
    {
        for (Survivors* one : {&m_this, &m_other, &m_both})
            one->leaving.resize((static_cast<std::size_t>(raster.rows) + 1) * kBlock);
        int row = 0;
        for (int step = 0; step <= policy.tokens; ++step) {
            while (row < raster.rows && raster.firstStep(row) < step)
                ++row;
            m_rows.push_back(static_cast<std::uint16_t>(row));
        }
        m_rows.push_back(static_cast<std::uint16_t>(raster.rows)); // of what never leaves
    }

    void open(int begin, int size)
    {
        for (Survivors* one : {&m_this, &m_other, &m_both})
            one->clear();
        for (std::size_t pair = 0; pair < m_pairs.size(); ++pair) {
            const std::int32_t *a = rowOf(m_policy, m_pairs.first[pair], begin),
                               *b = rowOf(m_reference, m_pairs.second[pair], begin);
            const int window = m_pairs.windows.empty() ? 0 : m_pairs.windows[pair];
            if (const std::size_t next = pair + kAhead; next < m_pairs.size()) {
                prefetchRow(rowOf(m_policy, m_pairs.first[next], begin), size);
                prefetchRow(rowOf(m_reference, m_pairs.second[next], begin), size);
            }
            for (int j = 0; j < size; ++j) {
                const auto token = static_cast<std::uint32_t>(begin + j);
                const auto limit = window > 0 ? token + static_cast<std::uint32_t>(window) - 1 : 0xFFFFFFFFU;
                const std::size_t mine = endOf(std::min(static_cast<std::uint32_t>(a[j]), limit), token),
                                  theirs = endOf(std::min(static_cast<std::uint32_t>(b[j]), limit), token);
                ++m_this.leaving[mine * kBlock + static_cast<std::size_t>(j)];
                ++m_other.leaving[theirs * kBlock + static_cast<std::size_t>(j)];
                ++m_both.leaving[std::min(mine, theirs) * kBlock + static_cast<std::size_t>(j)];
            }
        }
    }
    void takeRow(int row)
    {
        for (Survivors* one : {&m_this, &m_other, &m_both})
            one->takeRow(row);
    }
    DifferenceCell cell(const CellMaker& make, int j, int age) const
    {
        const auto at = static_cast<std::size_t>(j);
        const int both = m_both.kept[at];
        return make(m_this.kept[at] - both, m_other.kept[at] - both, both, age);
    }

private:
    static const std::int32_t* rowOf(const PolicyReplay& policy, int lane, int begin)
    {
        return policy.evictStep.data() + static_cast<std::size_t>(lane) * policy.tokens + begin;
    }
    /// The first row that does not show the token any more; none before it is read.
    std::size_t endOf(std::uint32_t left, std::uint32_t token) const
    {
        const std::size_t row = m_rows[std::min<std::size_t>(left, m_rows.size() - 1)];
        return left <= token ? 0 : row;
    }

    const PolicyReplay &m_policy, &m_reference;
    const LanePairs& m_pairs;
    std::vector<std::uint16_t> m_rows; ///< how many pixel rows begin before the step 0, 1, …; the last: before never
    Survivors m_this, m_other, m_both;
};

/// What a picture shows of the pair, lanes out of reach left out.
DifferenceCell plainCell(const PolicyReplay& policy, const PolicyReplay& reference, const LanePairs& pairs, const CellMaker& make,
                         int token, int step)
{
    int thisOnly = 0, referenceOnly = 0, both = 0;
    for (std::size_t pair = 0; pair < pairs.size(); ++pair) {
        const int window = pairs.windows.empty() ? 0 : pairs.windows[pair];
        if (window > 0 && step - token >= window - 1)
            continue;
        const int a = pairs.first[pair], b = pairs.second[pair];
        const bool mine = policy.shows(a / policy.lanes, a % policy.lanes, token, step),
                   theirs = reference.shows(b / reference.lanes, b % reference.lanes, token, step);
        thisOnly += mine && !theirs;
        referenceOnly += theirs && !mine;
        both += mine && theirs;
    }
    return make(thisOnly, referenceOnly, both, step - token);
}

/// Pairs of which the first lane, the second and both keep a token after `now`, for evictors, in one pass. Counters of a block
/// stay in the first-level cache.
void countPairs(const PolicyReplay& policy, const PolicyReplay& reference, const LanePairs& pairs, std::uint32_t now, int begin,
                int end, DifferenceCounts& counts)
{
    constexpr int kTokens = 1024;
    constexpr std::uint32_t kOfSecond = 1U << 16; // two counts share a word
    std::array<std::uint32_t, kTokens> each, both;
    for (int at = 0; at < end; at += kTokens) {
        const int size = std::min(kTokens, end - at);
        std::fill_n(each.begin(), size, 0U);
        std::fill_n(both.begin(), size, 0U);
        const auto rowOf = [&](const PolicyReplay& of, int lane) {
            return of.evictStep.data() + static_cast<std::size_t>(lane) * of.tokens + begin + at;
        };
        const auto stays = [now](std::int32_t evict) {
            return static_cast<std::uint32_t>(evict) > now ? 1U : 0U;
        }; // −1 is the largest
        std::size_t pair = 0;
        for (; pair + 2 <= pairs.size(); pair += 2) { // two at once: the counters are read and written half as often
            const std::int32_t *a = rowOf(policy, pairs.first[pair]), *b = rowOf(policy, pairs.first[pair + 1]),
                               *c = rowOf(reference, pairs.second[pair]), *d = rowOf(reference, pairs.second[pair + 1]);
            for (int j = 0; j < size; ++j) {
                const std::uint32_t mine = stays(a[j]), mineToo = stays(b[j]), theirs = stays(c[j]), theirsToo = stays(d[j]);
                each[static_cast<std::size_t>(j)] += mine + mineToo + (theirs + theirsToo) * kOfSecond;
                both[static_cast<std::size_t>(j)] += (mine & theirs) + (mineToo & theirsToo);
            }
        }
        for (; pair < pairs.size(); ++pair) {
            const std::int32_t *a = rowOf(policy, pairs.first[pair]), *c = rowOf(reference, pairs.second[pair]);
            for (int j = 0; j < size; ++j) {
                each[static_cast<std::size_t>(j)] += stays(a[j]) + stays(c[j]) * kOfSecond;
                both[static_cast<std::size_t>(j)] += stays(a[j]) & stays(c[j]);
            }
        }
        for (int j = 0; j < size; ++j) {
            const auto from = static_cast<std::size_t>(j), to = static_cast<std::size_t>(at + j);
            counts.thisOnly[to] = static_cast<std::uint16_t>(each[from] % kOfSecond);
            counts.referenceOnly[to] = static_cast<std::uint16_t>(each[from] / kOfSecond);
            counts.both[to] = static_cast<std::uint16_t>(both[from]);
        }
    }
}

} // namespace

int fifteenths(int count, int lanes)
{
    if (count <= 0 || lanes <= 0)
        return 0;
    if (count >= lanes)
        return kDifferenceSteps;
    return std::clamp((2 * kDifferenceSteps * count + lanes) / (2 * lanes), 1, kDifferenceSteps - 1);
}

LanePairs pairLanes(const PolicyReplay& first, const PolicyReplay& second, std::span<const Lane> chosen, int kvHeads,
                    std::span<const int> windows)
{
    WINNOW_CHECK(first.layers == second.layers && first.tokens == second.tokens, "replays of different traces");
    const bool firstIsFiner = first.lanes >= second.lanes;
    const PolicyReplay &fine = firstIsFiner ? first : second, &coarse = firstIsFiner ? second : first;
    LaneChoice lanes = chooseLanes(fine, chosen, kvHeads, windows);
    std::vector<int> partners;
    for (const int lane : lanes.lanes)
        partners.push_back(lane / fine.lanes * coarse.lanes + lane % fine.lanes * coarse.lanes / fine.lanes);
    LanePairs pairs{std::move(lanes.lanes), std::move(partners), std::move(lanes.windows)};
    if (!firstIsFiner)
        std::swap(pairs.first, pairs.second);
    return pairs;
}

DifferencePlane differencePlane(const PolicyReplay& policy, const PolicyReplay& reference, const LanePairs& pairs,
                                const RetentionRaster& raster, const JobContext& job)
{
    WINNOW_CHECK(raster.columns > 0 && raster.rows > 0 && raster.rows < 65535, "raster {} x {}", raster.columns, raster.rows);
    DifferencePlane plane{raster,
                          std::vector<DifferenceCell>(static_cast<std::size_t>(raster.columns) * raster.rows, kDifferenceUnborn)};
    const int tokens = policy.tokens;
    const int firstToken = std::clamp(raster.firstToken(0), 0, tokens);
    const int endToken = std::clamp(raster.endToken(raster.columns - 1, tokens), firstToken, tokens);
    if (pairs.size() == 0 || firstToken == endToken)
        return plane;
    const CellMaker make(pairs);
    BlockColumns columns(raster, tokens);
    const auto rowOf = [&](int row) { return plane.cells.data() + static_cast<std::size_t>(row) * raster.columns; };
    if (policy.selects() || reference.selects()) {
        std::vector<DifferenceCell> cells(static_cast<std::size_t>(endToken - firstToken), kDifferenceUnborn);
        columns.open(firstToken, endToken - firstToken);
        for (int row = 0; row < raster.rows; ++row) { // later rows read more tokens
            if (job.stopRequested())
                return {raster, {}};
            for (int token = firstToken; token < std::min(endToken, raster.endStep(row, tokens)); ++token)
                cells[static_cast<std::size_t>(token - firstToken)] =
                    plainCell(policy, reference, pairs, make, token, std::max(raster.firstStep(row), token));
            columns.raise(cells.data(), rowOf(row));
        }
        return plane;
    }
    std::array<DifferenceCell, kBlock> cells;
    PairBlocks blocks(policy, reference, pairs, raster);
    for (int begin = firstToken; begin < endToken; begin += kBlock) {
        if (job.stopRequested())
            return {raster, {}};
        const int size = std::min(kBlock, endToken - begin);
        blocks.open(begin, size);
        columns.open(begin, size);
        for (int row = raster.rows - 1; row >= 0; --row) {
            blocks.takeRow(row);
            const int first = raster.firstStep(row), end = raster.endStep(row, tokens);
            if (end <= begin)
                break; // this row and those above end before the block's first token is read
            cells.fill(kDifferenceUnborn);
            for (int j = 0; j < std::min(size, end - begin); ++j)
                cells[static_cast<std::size_t>(j)] = blocks.cell(make, j, std::max(first - (begin + j), 0));
            columns.raise(cells.data(), rowOf(row));
        }
    }
    return plane;
}

DifferenceCounts countDifference(const PolicyReplay& policy, const PolicyReplay& reference, const LanePairs& pairs, int step,
                                 int begin, int size)
{
    const auto count = static_cast<std::size_t>(size);
    DifferenceCounts counts{std::vector<std::uint16_t>(count), std::vector<std::uint16_t>(count),
                            std::vector<std::uint16_t>(count)};
    const int read = std::clamp(step + 1 - begin, 0, size);
    const bool selects = policy.selects() || reference.selects();
    if (selects) {
        countKept(policy, pairs.first, step, begin, counts.thisOnly);
        countKept(reference, pairs.second, step, begin, counts.referenceOnly);
    } else {
        countPairs(policy, reference, pairs, static_cast<std::uint32_t>(step), begin, read, counts);
    }
    for (std::size_t pair = 0; pair < pairs.size() && selects; ++pair) {
        const int a = pairs.first[pair], b = pairs.second[pair];
        for (int j = 0; j < read; ++j)
            counts.both[static_cast<std::size_t>(j)] =
                static_cast<std::uint16_t>(counts.both[static_cast<std::size_t>(j)] +
                                           (policy.shows(a / policy.lanes, a % policy.lanes, begin + j, step) &&
                                            reference.shows(b / reference.lanes, b % reference.lanes, begin + j, step)));
    }
    for (std::size_t j = 0; j < count; ++j) {
        counts.thisOnly[j] = static_cast<std::uint16_t>(counts.thisOnly[j] - counts.both[j]);
        counts.referenceOnly[j] = static_cast<std::uint16_t>(counts.referenceOnly[j] - counts.both[j]);
    }
    return counts;
}

std::vector<DifferenceCell> differenceCells(const PolicyReplay& policy, const PolicyReplay& reference, const LanePairs& pairs,
                                            int step, int begin, int size)
{
    const DifferenceCounts counts = countDifference(policy, reference, pairs, step, begin, size);
    const CellMaker make(pairs);
    std::vector<DifferenceCell> cells(static_cast<std::size_t>(size), kDifferenceUnborn);
    for (int j = 0; j < std::clamp(step + 1 - begin, 0, size); ++j) {
        const auto at = static_cast<std::size_t>(j);
        cells[at] = make(counts.thisOnly[at], counts.referenceOnly[at], counts.both[at], step - begin - j);
    }
    return cells;
}

} // namespace winnow
