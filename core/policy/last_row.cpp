#include "core/policy/last_row.h"

#include "core/policy/lane_parts.h"
#include "core/policy/tensor_parts.h"

namespace winnow {

namespace {

class LaneLastRow final : public LaneScorer {
public:
    bool wantsRow(bool mayEvict, int) const override { return mayEvict; }
    void observe(int, std::span<const std::int32_t>, std::span<const float> row) override { m_row.assign(row.begin(), row.end()); }
    std::span<const double> scores(int, std::span<const std::int32_t>) override { return m_row; }
    void erased(std::span<const int> victims) override { eraseSlots(m_row, victims); }

private:
    std::vector<double> m_row;
};

class TensorLastRow final : public TensorScorer {
public:
    bool wantsRow(bool mayEvict, int) const override { return mayEvict; }
    void observe(const TensorStep& step) override { m_row = step.row.to(at::kDouble); }
    at::Tensor scores(const TensorStep&) override { return m_row; }
    at::Tensor* state() override { return &m_row; }

private:
    at::Tensor m_row;
};

class LastRow final : public Scorer {
public:
    std::unique_ptr<LaneScorer> lane() const override { return std::make_unique<LaneLastRow>(); }
    std::unique_ptr<TensorScorer> tensors() const override { return std::make_unique<TensorLastRow>(); }
};

} // namespace

std::shared_ptr<const Scorer> lastRow() { return std::make_shared<LastRow>(); }

} // namespace winnow
