// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/policy/parts/step/last_row.h"

#include "core/policy/lane_parts.h"
#include "core/policy/tensor_parts.h"

#include <algorithm>
#include <deque>
#include <limits>

namespace winnow {

namespace {

constexpr double kNan = std::numeric_limits<double>::quiet_NaN();

class LaneLastRow final : public LaneScorer {
public:
    explicit LaneLastRow(const LastRow& options) : m_options(options) {}
    bool wantsRow(bool mayEvict, int promptLeft) const override
    {
        return mayEvict || (m_options.rows > 1 && promptLeft < m_options.rows);
    }
    void observe(int, std::span<const std::int32_t>, std::span<const float> row) override
    {
        m_row.assign(row.begin(), row.end());
        if (m_options.rows == 1)
            return;
        for (const auto& earlier : m_earlier) // which do not know the newest slots
            for (std::size_t i = 0; i < earlier.size(); ++i)
                m_row[i] += earlier[i];
        for (double& share : m_row)
            share /= static_cast<double>(m_earlier.size() + 1);
        m_earlier.emplace_back(row.begin(), row.end());
        if (m_earlier.size() == static_cast<std::size_t>(m_options.rows))
            m_earlier.pop_front();
    }
    std::span<const double> scores(int, std::span<const std::int32_t>) override
    {
        if (m_options.kernel == 1)
            return m_row;
        const auto slots = static_cast<int>(m_row.size()), old = std::max(0, slots - m_options.window),
                   reach = m_options.kernel / 2;
        m_pooled.assign(m_row.size(), kNan);
        for (int slot = 0; slot < old; ++slot) {
            double sum = 0;
            for (int other = std::max(0, slot - reach); other < std::min(old, slot + reach + 1); ++other)
                sum += m_row[static_cast<std::size_t>(other)];
            m_pooled[static_cast<std::size_t>(slot)] = sum / m_options.kernel;
        }
        return m_pooled;
    }
    void erased(std::span<const int> victims) override
    {
        const auto eraseKnown = [&](std::vector<double>& row) {
            const auto known = std::lower_bound(victims.begin(), victims.end(), static_cast<int>(row.size())) - victims.begin();
            eraseSlots(row, victims.first(static_cast<std::size_t>(known)));
        };
        eraseKnown(m_row);
        for (auto& row : m_earlier)
            eraseKnown(row);
    }

private:
    LastRow m_options;
    std::deque<std::vector<double>> m_earlier;
    std::vector<double> m_row, m_pooled;
};

class TensorLastRow final : public TensorScorer {
public:
    explicit TensorLastRow(const LastRow& options) : m_options(options) {}
    bool wantsRow(bool mayEvict, int) const override { return mayEvict; }
    void observe(const TensorStep& step) override
    {
        m_row = step.row.to(at::kDouble);
        if (m_options.kernel == 1)
            return;
        const auto slot = at::arange(m_row.size(1), step.positions.options()).unsqueeze(0);
        const auto old = slot < step.live.sum(1, true) - m_options.window;
        const auto pooled =
            at::avg_pool1d(m_row.masked_fill(old.logical_not(), 0).unsqueeze(0), m_options.kernel, 1, m_options.kernel / 2)
                .squeeze(0);
        m_row = at::where(old, pooled, kNan);
    }
    at::Tensor scores(const TensorStep&) override { return m_row; }
    std::vector<at::Tensor*> states() override { return {&m_row}; }

private:
    LastRow m_options;
    at::Tensor m_row;
};

class LastRowScorer final : public Scorer {
public:
    explicit LastRowScorer(const LastRow& options) : m_options(options) {}
    std::unique_ptr<LaneScorer> lane(int) const override { return std::make_unique<LaneLastRow>(m_options); }
    std::unique_ptr<TensorScorer> tensors(int units, int prompt) const override
    {
        if (m_options.rows > 1)
            return Scorer::tensors(units, prompt);
        return std::make_unique<TensorLastRow>(m_options);
    }

private:
    LastRow m_options;
};

} // namespace

std::shared_ptr<const Scorer> lastRow(const LastRow& options) { return std::make_shared<LastRowScorer>(options); }

} // namespace winnow
