// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/policy/parts/step/low_counts.h"

#include "core/policy/kernels/low_counts.h"
#include "core/policy/parts/step/row_history.h"
#include "core/policy/parts/step/step_workers.h"

namespace winnow {

namespace {

class LaneLowCounts final : public LaneScorer {
public:
    explicit LaneLowCounts(int history) : m_state{.history = history} {}
    bool wantsRow(bool mayEvict, int promptLeft) const override { return kernel::wantsRow(m_state, mayEvict, promptLeft); }
    void observe(int, std::span<const std::int32_t>, std::span<const float> row) override
    {
        const int slots = static_cast<int>(row.size());
        m_state.counts = roomFor(m_counts, row.size());
        if (m_state.history > 0)
            m_rows.makeRoom(m_state.rows, m_state.history, slots);
        kernel::observe(kHostTeam, m_state, row.data(), slots);
    }
    std::span<const double> scores(int step, std::span<const std::int32_t> positions) override
    {
        m_state.counts = roomFor(m_counts, positions.size());
        return {kernel::scores(kHostTeam, m_state, liveAt(step, positions), nullptr), positions.size()};
    }
    void erased(std::span<const int> victims) override
    {
        kernel::erase(kHostTeam, m_state, victims.data(), static_cast<int>(victims.size()));
    }

private:
    kernel::LowCounts m_state;
    RowHistory<kernel::Byte> m_rows;
    std::vector<double> m_counts;
};

class LowCounts final : public Scorer, public KernelScorer {
public:
    explicit LowCounts(int history) : m_history(history) {}
    std::unique_ptr<LaneScorer> lane(int) const override { return std::make_unique<LaneLowCounts>(m_history); }
    KernelPart kernel(int) const override
    {
        return kernelPart("core/policy/kernels/low_counts.h", "LowCounts", kernel::LowCounts{.history = m_history});
    }

private:
    int m_history;
};

} // namespace

std::shared_ptr<const Scorer> lowCounts(int history) { return std::make_shared<LowCounts>(history); }

} // namespace winnow
