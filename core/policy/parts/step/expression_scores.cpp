// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/policy/parts/step/expression_scores.h"

#include "core/policy/kernels/attention_sums.h"
#include "core/policy/parts/step/step_workers.h"

#include <algorithm>
#include <cmath>

namespace winnow {

namespace {

double length(const float* vector, int channels)
{
    double sum = 0;
    for (int c = 0; c < channels; ++c)
        sum += static_cast<double>(vector[c]) * vector[c];
    return std::sqrt(sum);
}

/// One number per slot that stays with its slot.
class SlotColumn {
public:
    int slots() const { return m_slots; }
    const double* values() const { return m_values.data(); }
    /// Room for `count` slots; new ones begin at 0.
    double* grow(std::size_t count)
    {
        double* values = roomFor(m_values, count);
        std::fill(values + m_slots, values + count, 0.0);
        m_slots = static_cast<int>(count);
        return values;
    }
    void erase(std::span<const int> victims)
    {
        const int count = kernel::known(victims.data(), static_cast<int>(victims.size()), m_slots);
        kHostTeam.erase(m_values.data(), m_slots, victims.data(), count);
        m_slots -= count;
    }

private:
    std::vector<double> m_values;
    int m_slots = 0;
};

class LaneExpression final : public LaneScorer {
public:
    explicit LaneExpression(const Expression& expression) : m_expression(expression) {}
    void attach(const LaneVectors& vectors) override { m_vectors = &vectors; }
    bool wantsRow(bool mayEvict, int) const override
    {
        return uses(Quantity::Sum) || uses(Quantity::Mean) || uses(Quantity::Max) || (mayEvict && uses(Quantity::Last));
    }
    void observe(int, std::span<const std::int32_t>, std::span<const float> row) override
    {
        const auto slots = row.size();
        if (uses(Quantity::Sum) || uses(Quantity::Mean)) {
            m_sumState.sums = roomFor(m_sums, slots);
            kernel::observe(kHostTeam, m_sumState, row.data(), static_cast<int>(slots));
        }
        if (uses(Quantity::Last))
            std::copy(row.begin(), row.end(), m_last.grow(slots));
        if (uses(Quantity::Max)) {
            double* largest = m_largest.grow(slots);
            for (std::size_t slot = 0; slot < slots; ++slot)
                largest[slot] = std::max(largest[slot], static_cast<double>(row[slot]));
        }
    }
    std::span<const double> scores(int step, std::span<const std::int32_t> positions) override
    {
        const std::size_t slots = positions.size();
        QuantityColumns columns{};
        const auto put = [&](Quantity quantity, const auto& of) {
            if (!uses(quantity))
                return;
            const auto at = static_cast<std::size_t>(quantity);
            double* column = roomFor(m_columns[at], slots);
            for (std::size_t slot = 0; slot < slots; ++slot)
                column[slot] = of(slot);
            columns[at] = column;
        };
        const LaneInModel& lane = m_vectors->lane;
        put(Quantity::Position, [&](std::size_t slot) { return static_cast<double>(positions[slot]); });
        put(Quantity::Age, [&](std::size_t slot) { return static_cast<double>(step - positions[slot]); });
        put(Quantity::Step, [&](std::size_t) { return static_cast<double>(step); });
        put(Quantity::Layer, [&](std::size_t) { return static_cast<double>(lane.lane.layer); });
        put(Quantity::Layers, [&](std::size_t) { return static_cast<double>(lane.modelLayers); });
        put(Quantity::Head, [&](std::size_t) { return static_cast<double>(lane.lane.head); });
        put(Quantity::Mean, [&](std::size_t slot) { return m_sums[slot] / m_sumState.seen(step, positions[slot]); });
        if (uses(Quantity::Sum))
            columns[static_cast<std::size_t>(Quantity::Sum)] = m_sums.data();
        columns[static_cast<std::size_t>(Quantity::Last)] = m_last.values();
        columns[static_cast<std::size_t>(Quantity::Max)] = m_largest.values();
        if (uses(Quantity::KeyNorm))
            columns[static_cast<std::size_t>(Quantity::KeyNorm)] = lengths(m_keyNorms, positions, &LaneVectors::key);
        if (uses(Quantity::ValueNorm))
            columns[static_cast<std::size_t>(Quantity::ValueNorm)] = lengths(m_valueNorms, positions, &LaneVectors::value);
        return m_expression.evaluate(columns, slots, m_scratch);
    }
    void erased(std::span<const int> victims) override
    {
        kernel::erase(kHostTeam, m_sumState, victims.data(), static_cast<int>(victims.size()));
        for (SlotColumn* column : {&m_last, &m_largest, &m_keyNorms, &m_valueNorms})
            column->erase(victims);
    }

private:
    bool uses(Quantity quantity) const { return m_expression.uses(quantity); }

    /// `column` with the lengths of slots that are new to it.
    const double* lengths(SlotColumn& column, std::span<const std::int32_t> positions,
                          const float* (LaneVectors::*vector)(int, std::int32_t) const)
    {
        const auto known = static_cast<std::size_t>(column.slots());
        double* values = column.grow(positions.size());
        for (std::size_t slot = known; slot < positions.size(); ++slot) {
            for (int head = 0; head < m_vectors->keyHeads; ++head)
                values[slot] += length((m_vectors->*vector)(head, positions[slot]), m_vectors->headDim);
            values[slot] /= m_vectors->keyHeads;
        }
        return values;
    }

    const Expression& m_expression;
    const LaneVectors* m_vectors = nullptr;
    kernel::AttentionSums m_sumState;
    std::vector<double> m_sums, m_scratch;
    SlotColumn m_last, m_largest, m_keyNorms, m_valueNorms;
    std::array<std::vector<double>, kQuantities> m_columns; ///< of quantities that are made anew for every choice
};

class ExpressionScores final : public Scorer {
public:
    explicit ExpressionScores(Expression expression) : m_expression(std::move(expression)) {}
    std::unique_ptr<LaneScorer> lane(int) const override { return std::make_unique<LaneExpression>(m_expression); }

private:
    Expression m_expression;
};

} // namespace

std::shared_ptr<const Scorer> expressionScores(Expression expression)
{
    return std::make_shared<ExpressionScores>(std::move(expression));
}

} // namespace winnow
