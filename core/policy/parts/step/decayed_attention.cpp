// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/policy/parts/step/decayed_attention.h"

#include "core/policy/kernels/decayed_attention.h"
#include "core/policy/parts/step/row_history.h"
#include "core/policy/parts/step/step_workers.h"

namespace winnow {

namespace {

class LaneDecayed final : public LaneScorer {
public:
    explicit LaneDecayed(const kernel::DecayedSums& state) : m_state(state) {}
    bool wantsRow(bool mayEvict, int promptLeft) const override { return kernel::wantsRow(m_state, mayEvict, promptLeft); }
    void observe(int, std::span<const std::int32_t>, std::span<const float> row) override
    {
        const int slots = static_cast<int>(row.size());
        if (m_state.history > 0)
            m_rows.makeRoom(m_state.rows, m_state.history, slots);
        else
            m_state.sums = roomFor(m_sums, row.size());
        kernel::observe(kHostTeam, m_state, row.data(), slots);
    }
    std::span<const double> scores(int step, std::span<const std::int32_t> positions) override
    {
        m_state.sums = roomFor(m_sums, positions.size());
        const double* scores = kernel::scores(kHostTeam, m_state, liveAt(step, positions), nullptr);
        return {scores, static_cast<std::size_t>(m_state.slots)};
    }
    void erased(std::span<const int> victims) override
    {
        kernel::erase(kHostTeam, m_state, victims.data(), static_cast<int>(victims.size()));
    }

private:
    kernel::DecayedSums m_state;
    RowHistory<float> m_rows;
    std::vector<double> m_sums;
};

class DecayedScorer final : public Scorer, public KernelScorer {
public:
    explicit DecayedScorer(const DecayedAttention& options) : m_options(options) {}
    std::unique_ptr<LaneScorer> lane(int) const override { return std::make_unique<LaneDecayed>(stateOf()); }
    KernelPart kernel(int) const override
    {
        return kernelPart("core/policy/kernels/decayed_attention.h", "DecayedSums", stateOf());
    }

private:
    kernel::DecayedSums stateOf() const { return {.decay = m_options.decay, .history = m_options.history}; }

    DecayedAttention m_options;
};

} // namespace

std::shared_ptr<const Scorer> decayedAttention(const DecayedAttention& options)
{
    return std::make_shared<DecayedScorer>(options);
}

} // namespace winnow
