// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/policy/parts/step/decayed_attention.h"

#include "core/policy/lane_parts.h"
#include "core/policy/tensor_parts.h"

#include <deque>

namespace winnow {

namespace {

/// Rows that are remembered one by one, where there is a history; else only their decayed sum.
class LaneDecayed final : public LaneScorer {
public:
    explicit LaneDecayed(const DecayedAttention& options) : m_options(options) {}
    bool wantsRow(bool, int promptLeft) const override { return m_options.history == 0 || promptLeft < m_options.history; }
    void observe(int, std::span<const std::int32_t>, std::span<const float> row) override
    {
        if (m_options.history > 0) {
            m_rows.emplace_back(row.begin(), row.end());
            if (m_rows.size() > static_cast<std::size_t>(m_options.history))
                m_rows.pop_front();
            return;
        }
        m_sums.resize(row.size(), 0.0);
        for (std::size_t i = 0; i < row.size(); ++i)
            m_sums[i] = m_sums[i] * m_options.decay + static_cast<double>(row[i]);
    }
    std::span<const double> scores(int, std::span<const std::int32_t> positions) override
    {
        if (m_options.history == 0)
            return m_sums;
        m_sums.assign(positions.size(), 0.0);
        for (const auto& row : m_rows) {
            for (double& sum : m_sums)
                sum *= m_options.decay;
            for (std::size_t i = 0; i < row.size(); ++i)
                m_sums[i] += row[i];
        }
        return m_sums;
    }
    void erased(std::span<const int> victims) override
    {
        if (m_options.history == 0)
            return eraseSlots(m_sums, victims);
        for (auto& row : m_rows) {
            std::size_t known = 0; // older rows do not know the newest slots
            while (known < victims.size() && static_cast<std::size_t>(victims[known]) < row.size())
                ++known;
            eraseSlots(row, victims.first(known));
        }
    }

private:
    DecayedAttention m_options;
    std::deque<std::vector<double>> m_rows;
    std::vector<double> m_sums;
};

class DecayedScorer final : public Scorer {
public:
    explicit DecayedScorer(const DecayedAttention& options) : m_options(options) {}
    std::unique_ptr<LaneScorer> lane(int) const override { return std::make_unique<LaneDecayed>(m_options); }

private:
    DecayedAttention m_options;
};

} // namespace

std::shared_ptr<const Scorer> decayedAttention(const DecayedAttention& options)
{
    return std::make_shared<DecayedScorer>(options);
}

} // namespace winnow
