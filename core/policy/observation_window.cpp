#include "core/policy/observation_window.h"

#include "core/policy/lane_parts.h"
#include "core/policy/tensor_parts.h"

#include <algorithm>
#include <limits>

namespace winnow {

namespace {

/// Asked for rows of the last `window` steps of the prompt only: promptLeft = 0 at its last token.
bool inWindow(int promptLeft, int window) { return promptLeft >= 0 && promptLeft < window; }

class LaneWindow final : public LaneScorer {
public:
    explicit LaneWindow(const ObservationWindow& options) : m_options(options) {}
    bool wantsRow(bool, int promptLeft) const override { return inWindow(promptLeft, m_options.window); }
    void observe(int, std::span<const std::int32_t>, std::span<const float> row) override
    {
        m_sums.resize(row.size(), 0.0);
        for (std::size_t i = 0; i < row.size(); ++i)
            m_sums[i] += static_cast<double>(row[i]);
    }
    std::span<const double> scores(int, std::span<const std::int32_t> positions) override
    {
        const std::size_t slots = positions.size();
        const std::size_t old = slots - std::min(slots, static_cast<std::size_t>(m_options.window));
        m_scores.assign(slots, std::numeric_limits<double>::quiet_NaN());
        poolScores(std::span(m_sums).first(old), m_options.kernel, m_options.pooling, std::span(m_scores).first(old));
        return m_scores;
    }
    void erased(std::span<const int> victims) override { eraseSlots(m_sums, victims); }

private:
    ObservationWindow m_options;
    std::vector<double> m_sums, m_scores;
};

class TensorWindow final : public TensorScorer {
public:
    explicit TensorWindow(const ObservationWindow& options) : m_options(options) {}
    bool wantsRow(bool, int promptLeft) const override { return inWindow(promptLeft, m_options.window); }
    void observe(const TensorStep& step) override
    {
        const auto row = step.row.to(at::kDouble);
        if (!m_sums.defined())
            m_sums = at::zeros_like(row);
        if (m_sums.size(1) < row.size(1))
            m_sums = at::constant_pad_nd(m_sums, {0, row.size(1) - m_sums.size(1)});
        m_sums = m_sums.slice(1, 0, row.size(1)) + row;
        m_isPooled = false;
    }
    /// Computed once, at the first choice; later rounds of the same step work on the same, compacted, numbers.
    at::Tensor scores(const TensorStep& step) override
    {
        if (m_isPooled)
            return m_sums;
        // The window is the tail of every unit; units of a sliding-window layer may be shorter than others.
        const auto lengths = step.live.sum(1, true);
        const auto slot = at::arange(m_sums.size(1), m_sums.options().dtype(at::kLong)).unsqueeze(0);
        const auto old = slot < lengths - m_options.window;
        const auto nan = std::numeric_limits<double>::quiet_NaN();
        const int pad = m_options.kernel / 2;
        const auto pooled = m_options.pooling == Pooling::Average
            ? at::avg_pool1d(at::where(old, m_sums, 0.0), m_options.kernel, 1, pad)
            : at::max_pool1d(at::where(old, m_sums, std::numeric_limits<double>::lowest()), m_options.kernel, 1, pad);
        m_sums = at::where(old, pooled, nan);
        m_isPooled = true;
        return m_sums;
    }
    at::Tensor* state() override { return &m_sums; }

private:
    ObservationWindow m_options;
    at::Tensor m_sums;
    bool m_isPooled = false;
};

class WindowScorer final : public Scorer {
public:
    explicit WindowScorer(const ObservationWindow& options) : m_options(options) {}
    std::unique_ptr<LaneScorer> lane() const override { return std::make_unique<LaneWindow>(m_options); }
    std::unique_ptr<TensorScorer> tensors() const override { return std::make_unique<TensorWindow>(m_options); }

private:
    ObservationWindow m_options;
};

} // namespace

void poolScores(std::span<const double> in, int kernel, Pooling pooling, std::span<double> out)
{
    const auto count = static_cast<std::ptrdiff_t>(in.size());
    const std::ptrdiff_t reach = kernel / 2;
    for (std::ptrdiff_t i = 0; i < count; ++i) {
        const auto begin = in.begin() + std::max<std::ptrdiff_t>(0, i - reach);
        const auto end = in.begin() + std::min(count, i + reach + 1);
        if (pooling == Pooling::Max) {
            out[static_cast<std::size_t>(i)] = *std::max_element(begin, end);
            continue;
        }
        double sum = 0;
        for (auto it = begin; it != end; ++it)
            sum += *it;
        out[static_cast<std::size_t>(i)] = sum / kernel;
    }
}

std::shared_ptr<const Scorer> observationWindow(const ObservationWindow& options) { return std::make_shared<WindowScorer>(options); }

} // namespace winnow
