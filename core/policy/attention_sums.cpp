#include "core/policy/attention_sums.h"

#include "core/policy/lane_parts.h"
#include "core/policy/tensor_parts.h"

namespace winnow {

namespace {

class LaneSums final : public LaneScorer {
public:
    explicit LaneSums(bool mean) : m_mean(mean) {}
    bool wantsRow(bool, int) const override { return true; }
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
            m_means[i] = m_sums[i] / (step - positions[i] + 1); // every query since its own has seen it
        return m_means;
    }
    void erased(std::span<const int> victims) override { eraseSlots(m_sums, victims); }

private:
    bool m_mean;
    std::vector<double> m_sums, m_means;
};

class TensorSums final : public TensorScorer {
public:
    explicit TensorSums(bool mean) : m_mean(mean) {}
    bool wantsRow(bool, int) const override { return true; }
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
        return m_mean ? m_sums / (step.step + 1 - step.positions).clamp_min(1) : m_sums;
    }
    at::Tensor* state() override { return &m_sums; }

private:
    bool m_mean;
    at::Tensor m_sums;
};

class AttentionSums final : public Scorer {
public:
    explicit AttentionSums(bool mean) : m_mean(mean) {}
    std::unique_ptr<LaneScorer> lane() const override { return std::make_unique<LaneSums>(m_mean); }
    std::unique_ptr<TensorScorer> tensors() const override { return std::make_unique<TensorSums>(m_mean); }

private:
    bool m_mean;
};

} // namespace

std::shared_ptr<const Scorer> accumulatedAttention() { return std::make_shared<AttentionSums>(false); }
std::shared_ptr<const Scorer> meanAttention() { return std::make_shared<AttentionSums>(true); }

} // namespace winnow
