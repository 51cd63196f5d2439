// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/policy/parts/step/last_row.h"

#include "core/policy/kernels/last_row.h"
#include "core/policy/parts/step/row_history.h"
#include "core/policy/parts/step/step_workers.h"

namespace winnow {

namespace {

class LaneLastRow final : public LaneScorer {
public:
    explicit LaneLastRow(const kernel::LastRow& state) : m_state(state) {}
    bool wantsRow(bool mayEvict, int promptLeft) const override { return kernel::wantsRow(m_state, mayEvict, promptLeft); }
    void observe(int, std::span<const std::int32_t>, std::span<const float> row) override
    {
        const int slots = static_cast<int>(row.size());
        m_state.row = roomFor(m_row, row.size());
        if (m_state.newest > 1)
            m_earlier.makeRoom(m_state.earlier, m_state.newest - 1, slots);
        kernel::observe(kHostTeam, m_state, row.data(), slots);
    }
    std::span<const double> scores(int step, std::span<const std::int32_t> positions) override
    {
        double* averages = m_state.kernel > 1 ? roomFor(m_averages, static_cast<std::size_t>(m_state.slots)) : nullptr;
        return {kernel::scores(kHostTeam, m_state, liveAt(step, positions), averages), static_cast<std::size_t>(m_state.slots)};
    }
    void erased(std::span<const int> victims) override
    {
        kernel::erase(kHostTeam, m_state, victims.data(), static_cast<int>(victims.size()));
    }

private:
    kernel::LastRow m_state;
    RowHistory<float> m_earlier;
    std::vector<double> m_row, m_averages;
};

class LastRowScorer final : public Scorer, public KernelScorer {
public:
    explicit LastRowScorer(const LastRow& options) : m_options(options) {}
    std::unique_ptr<LaneScorer> lane(int) const override { return std::make_unique<LaneLastRow>(stateOf()); }
    KernelPart kernel(int) const override { return kernelPart("core/policy/kernels/last_row.h", "LastRow", stateOf()); }

private:
    kernel::LastRow stateOf() const { return {.kernel = m_options.kernel, .window = m_options.window, .newest = m_options.rows}; }

    LastRow m_options;
};

} // namespace

std::shared_ptr<const Scorer> lastRow(const LastRow& options) { return std::make_shared<LastRowScorer>(options); }

} // namespace winnow
