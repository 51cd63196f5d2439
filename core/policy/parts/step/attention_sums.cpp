// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/policy/parts/step/attention_sums.h"

#include "core/policy/kernels/attention_sums.h"
#include "core/policy/parts/step/step_workers.h"

namespace winnow {

namespace {

class LaneSums final : public LaneScorer {
public:
    explicit LaneSums(const kernel::AttentionSums& state) : m_state(state) {}
    bool wantsRow(bool mayEvict, int promptLeft) const override { return kernel::wantsRow(m_state, mayEvict, promptLeft); }
    void observe(int, std::span<const std::int32_t>, std::span<const float> row) override
    {
        m_state.sums = roomFor(m_sums, row.size());
        kernel::observe(kHostTeam, m_state, row.data(), static_cast<int>(row.size()));
    }
    std::span<const double> scores(int step, std::span<const std::int32_t> positions) override
    {
        double* means = m_state.mean ? roomFor(m_means, positions.size()) : nullptr;
        return {kernel::scores(kHostTeam, m_state, liveAt(step, positions), means), static_cast<std::size_t>(m_state.slots)};
    }
    void erased(std::span<const int> victims) override
    {
        kernel::erase(kHostTeam, m_state, victims.data(), static_cast<int>(victims.size()));
    }

private:
    kernel::AttentionSums m_state;
    std::vector<double> m_sums, m_means;
};

class AttentionSums final : public Scorer, public KernelScorer {
public:
    AttentionSums(bool mean, int window) : m_mean(mean), m_window(window) {}
    std::unique_ptr<LaneScorer> lane(int prompt) const override { return std::make_unique<LaneSums>(stateOf(prompt)); }
    KernelPart kernel(int prompt) const override
    {
        return kernelPart("core/policy/kernels/attention_sums.h", "AttentionSums", stateOf(prompt));
    }

private:
    kernel::AttentionSums stateOf(int prompt) const { return {.mean = m_mean, .prompt = prompt, .window = m_window}; }

    bool m_mean;
    int m_window;
};

} // namespace

std::shared_ptr<const Scorer> accumulatedAttention() { return std::make_shared<AttentionSums>(false, 0); }
std::shared_ptr<const Scorer> meanAttention(int promptWindow) { return std::make_shared<AttentionSums>(true, promptWindow); }

} // namespace winnow
