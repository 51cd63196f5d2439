// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/analysis/step_rows.h"

#include "core/analysis/kept_share.h"

namespace winnow {

namespace {

/// Tokens that a row of columns shows, first to one past the last.
std::pair<int, int> visibleTokens(const RetentionRaster& raster, const std::optional<DistanceAxis>& axis, int tokens, int step)
{
    if (axis)
        return {0, step + 1};
    const int first = std::clamp(raster.firstToken(0), 0, tokens);
    return {first, std::clamp(raster.endToken(raster.columns - 1, tokens), first, tokens)};
}

/// From the tokens begin, begin + 1, … of a row to its columns; worked out once for all rows.
class RowColumns {
public:
    RowColumns(const RetentionRaster& raster, const std::optional<DistanceAxis>& axis, int begin, int end)
    {
        if (axis) {
            m_distances.emplace(*axis);
            return;
        }
        for (int column = 0; column < raster.columns; ++column) {
            const int first = std::max(raster.firstToken(column), begin);
            m_tokens.emplace_back(first - begin, std::max(0, raster.endToken(column, end) - first));
        }
    }
    void put(std::span<const std::uint8_t> tokens, int step, std::uint8_t* out) const
    {
        if (m_distances)
            copy(bytesByDistance(tokens, step, *m_distances), out);
        else
            putStrongest(tokens, strongestByte, out);
    }
    void put(std::span<const DifferenceCell> tokens, int step, DifferenceCell* out) const
    {
        if (m_distances)
            copy(cellsByDistance(tokens, step, *m_distances), out);
        else
            putStrongest(tokens, strongestCell, out);
    }

private:
    template <class Cell>
    static void copy(const std::vector<Cell>& cells, Cell* out)
    {
        std::copy(cells.begin(), cells.end(), out);
    }
    template <class Cell, class Strongest>
    void putStrongest(std::span<const Cell> tokens, Strongest strongest, Cell* out) const
    {
        for (std::size_t column = 0; column < m_tokens.size(); ++column)
            if (const auto [first, count] = m_tokens[column]; count > 0)
                out[column] = strongest(tokens.subspan(static_cast<std::size_t>(first), static_cast<std::size_t>(count)));
    }

    std::vector<std::pair<int, int>> m_tokens; ///< of each column: the first, counted from `begin`, and how many
    std::optional<DistanceColumns> m_distances;
};

RetentionRaster rasterOf(RetentionRaster raster, const std::vector<StepRow>& rows, const std::optional<DistanceAxis>& axis)
{
    raster.columns = axis ? axis->columns : raster.columns;
    raster.rows = static_cast<int>(rows.size());
    raster.stepBegin = 0;
    raster.stepEnd = raster.rows;
    return raster;
}

} // namespace

std::vector<StepRow> stepRows(const PolicyReplay& policy, const LaneChoice& choice, bool perLane)
{
    std::vector<StepRow> rows;
    for (std::size_t i = 0; i < choice.lanes.size(); ++i) {
        const int layer = choice.lanes[i] / policy.lanes;
        if (perLane || rows.empty() || rows.back().layer != layer)
            rows.push_back({.layer = layer, .head = perLane ? choice.lanes[i] % policy.lanes : -1, .lanes = {}});
        rows.back().lanes.lanes.push_back(choice.lanes[i]);
        if (!choice.windows.empty())
            rows.back().lanes.windows.push_back(choice.windows[i]);
    }
    return rows;
}

void countSlots(const PolicyReplay& policy, int step, std::vector<StepRow>& rows)
{
    for (StepRow& row : rows) {
        double stored = 0;
        for (const int lane : policy.occupancy.empty() ? std::vector<int>() : row.lanes.lanes)
            stored += policy.occupancy[static_cast<std::size_t>(lane) * policy.tokens + static_cast<std::size_t>(step)];
        row.stored = stored / static_cast<double>(row.lanes.lanes.size());
        const auto layers = static_cast<std::size_t>(policy.layers);
        const bool ownBudgets = policy.budgets.size() >= layers;
        row.budget = policy.byRule.everything ? 0
                     : ownBudgets ? policy.budgets[policy.budgets.size() - layers + static_cast<std::size_t>(row.layer)]
                                  : policy.budget;
    }
}

RetentionPlane stepPlane(const PolicyReplay& policy, const std::vector<StepRow>& rows, const RetentionRaster& raster,
                         const std::optional<DistanceAxis>& axis, int step)
{
    const auto columns = static_cast<std::size_t>(axis ? axis->columns : raster.columns);
    RetentionPlane plane{rasterOf(raster, rows, axis), std::vector<std::uint8_t>(rows.size() * columns, kUnborn)};
    const auto [begin, end] = visibleTokens(raster, axis, policy.tokens, step);
    const RowColumns rowColumns(raster, axis, begin, end);
    std::vector<std::uint8_t> tokens(static_cast<std::size_t>(end - begin));
    for (std::size_t row = 0; row < rows.size(); ++row) {
        keptBytes(policy, rows[row].lanes, step, begin, tokens);
        rowColumns.put(tokens, step, plane.bytes.data() + row * columns);
    }
    return plane;
}

DifferencePlane stepDifference(const PolicyReplay& policy, const PolicyReplay& reference, const LanePairs& pairs,
                               const std::vector<StepRow>& rows, const RetentionRaster& raster,
                               const std::optional<DistanceAxis>& axis, int step)
{
    const auto columns = static_cast<std::size_t>(axis ? axis->columns : raster.columns);
    DifferencePlane plane{rasterOf(raster, rows, axis), std::vector<DifferenceCell>(rows.size() * columns, kDifferenceUnborn)};
    const auto [begin, end] = visibleTokens(raster, axis, policy.tokens, step);
    const RowColumns rowColumns(raster, axis, begin, end);
    for (std::size_t row = 0; row < rows.size(); ++row) {
        LanePairs own; // those whose lane of this policy stands in the row
        for (std::size_t pair = 0; pair < pairs.size(); ++pair)
            if (std::binary_search(rows[row].lanes.lanes.begin(), rows[row].lanes.lanes.end(), pairs.first[pair])) {
                own.first.push_back(pairs.first[pair]);
                own.second.push_back(pairs.second[pair]);
                if (!pairs.windows.empty())
                    own.windows.push_back(pairs.windows[pair]);
            }
        rowColumns.put(differenceCells(policy, reference, own, step, begin, end - begin), step,
                       plane.cells.data() + row * columns);
    }
    return plane;
}

} // namespace winnow
