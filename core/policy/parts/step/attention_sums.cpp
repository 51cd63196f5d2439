// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/policy/parts/step/attention_sums.h"

#include "core/policy/lane_parts.h"
#include "core/policy/tensor_parts.h"

#include <algorithm>

namespace winnow {

namespace {

/// Queries that have seen a token, its own included: all since, or with a `window` only the prompt's last so many and those
/// after.
struct Seen {
    int prompt = 0, window = 0;
    bool wants(int promptLeft) const { return window == 0 || promptLeft < window; }
    double by(int step, std::int32_t position) const
    {
        return static_cast<double>(step - (window > 0 ? std::max(position, prompt - window) : position) + 1);
    }
};

class LaneSums final : public LaneScorer {
public:
    LaneSums(bool mean, const Seen& seen) : m_mean(mean), m_seen(seen) {}
    bool wantsRow(bool, int promptLeft) const override { return m_seen.wants(promptLeft); }
    void observe(int, std::span<const std::int32_t>, std::span<const float> row) override
    {
        m_sums.resize(row.size(), 0.0);
        for (std::size_t i = 0; i < row.size(); ++i)
            m_sums[i] += static_cast<double>(row[i]);
    }
    std::span<const double> scores(int step, std::span<const std::int32_t> positions) override
    {
        if (!m_mean)
            return m_sums;
        m_means.resize(m_sums.size());
        for (std::size_t i = 0; i < m_sums.size(); ++i)
            m_means[i] = m_sums[i] / m_seen.by(step, positions[i]);
        return m_means;
    }
    void erased(std::span<const int> victims) override { eraseSlots(m_sums, victims); }

private:
    bool m_mean;
    Seen m_seen;
    std::vector<double> m_sums, m_means;
};

class TensorSums final : public TensorScorer {
public:
    TensorSums(bool mean, const Seen& seen) : m_mean(mean), m_seen(seen) {}
    bool wantsRow(bool, int promptLeft) const override { return m_seen.wants(promptLeft); }
    void observe(const TensorStep& step) override
    {
        const auto row = step.row.to(at::kDouble);
        if (!m_sums.defined())
            m_sums = at::zeros_like(row);
        if (m_sums.size(1) < row.size(1))
            m_sums = at::constant_pad_nd(m_sums, {0, row.size(1) - m_sums.size(1)});
        m_sums = m_sums.slice(1, 0, row.size(1)) + row;
    }
    at::Tensor scores(const TensorStep& step) override
    {
        if (!m_mean)
            return m_sums;
        const auto first = m_seen.window > 0 ? step.positions.clamp_min(m_seen.prompt - m_seen.window) : step.positions;
        return m_sums / (step.step + 1 - first).clamp_min(1);
    }
    std::vector<at::Tensor*> states() override { return {&m_sums}; }

private:
    bool m_mean;
    Seen m_seen;
    at::Tensor m_sums;
};

class AttentionSums final : public Scorer {
public:
    AttentionSums(bool mean, int window) : m_mean(mean), m_window(window) {}
    std::unique_ptr<LaneScorer> lane(int prompt) const override
    {
        return std::make_unique<LaneSums>(m_mean, Seen{prompt, prompt > 0 ? m_window : 0});
    }
    std::unique_ptr<TensorScorer> tensors(int, int prompt) const override
    {
        return std::make_unique<TensorSums>(m_mean, Seen{prompt, prompt > 0 ? m_window : 0});
    }

private:
    bool m_mean;
    int m_window;
};

} // namespace

std::shared_ptr<const Scorer> accumulatedAttention() { return std::make_shared<AttentionSums>(false, 0); }
std::shared_ptr<const Scorer> meanAttention(int promptWindow) { return std::make_shared<AttentionSums>(true, promptWindow); }

} // namespace winnow
