// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/policy/parts/step/low_counts.h"

#include "core/policy/kernels/low_counts.h"
#include "core/policy/parts/step/row_history.h"
#include "core/policy/parts/step/selectors.h"
#include "core/policy/parts/step/step_workers.h"

#include <algorithm>

namespace winnow {

namespace {

class LaneLowCounts final : public LaneScorer {
public:
    explicit LaneLowCounts(int history) : m_state{.history = history} {}
    bool wantsRow(bool, int promptLeft) const override { return m_state.history == 0 || promptLeft < m_state.history; }
    void observe(int, std::span<const std::int32_t>, std::span<const float> row) override
    {
        const int slots = static_cast<int>(row.size());
        m_state.counts = roomFor(m_counts, row.size());
        if (m_state.history > 0)
            m_rows.makeRoom(m_state.rows, m_state.history, slots);
        kernel::observe(kHostTeam, m_state, row.data(), slots);
    }
    std::span<const double> scores(int, std::span<const std::int32_t> positions) override
    {
        m_state.counts = roomFor(m_counts, positions.size());
        kernel::extend(kHostTeam, m_state, static_cast<int>(positions.size()));
        return {m_state.counts, static_cast<std::size_t>(m_state.slots)};
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

class LowCounts final : public Scorer {
public:
    explicit LowCounts(int history) : m_history(history) {}
    std::unique_ptr<LaneScorer> lane(int) const override { return std::make_unique<LaneLowCounts>(m_history); }

private:
    int m_history;
};

class LaneBulk final : public LaneSelector {
public:
    LaneBulk(std::unique_ptr<LaneSelector> lowest, int drop) : m_lowest(std::move(lowest)), m_drop(drop) {}
    void choose(const SlotChoice& choice, std::vector<int>& victims) override
    {
        SlotChoice all = choice;
        all.count = std::max(choice.count, std::min(m_drop, choice.end - choice.begin));
        m_lowest->choose(all, victims);
    }

private:
    std::unique_ptr<LaneSelector> m_lowest;
    int m_drop;
};

class LowestInBulk final : public Selector {
public:
    explicit LowestInBulk(int drop) : m_drop(drop) {}
    std::unique_ptr<LaneSelector> lane(const LaneInModel& unit, int region) const override
    {
        return std::make_unique<LaneBulk>(lowestScore()->lane(unit, region), m_drop);
    }

private:
    int m_drop;
};

} // namespace

std::shared_ptr<const Scorer> lowCounts(int history) { return std::make_shared<LowCounts>(history); }
std::shared_ptr<const Selector> lowestInBulk(int drop) { return std::make_shared<LowestInBulk>(drop); }

} // namespace winnow
