// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/policy/parts/step/low_counts.h"

#include "core/policy/lane_parts.h"
#include "core/policy/parts/step/selectors.h"

#include <algorithm>
#include <deque>

namespace winnow {

namespace {

class LaneLowCounts final : public LaneScorer {
public:
    explicit LaneLowCounts(int history) : m_history(history) {}
    bool wantsRow(bool, int promptLeft) const override { return m_history == 0 || promptLeft < m_history; }
    void observe(int, std::span<const std::int32_t>, std::span<const float> row) override
    {
        const float even = 1.0F / static_cast<float>(row.size());
        std::vector<std::uint8_t> low(row.size());
        std::transform(row.begin(), row.end(), low.begin(), [&](float share) { return static_cast<std::uint8_t>(share < even); });
        add(low, -1.0);
        if (m_history == 0)
            return;
        m_rows.push_back(std::move(low));
        if (m_rows.size() > static_cast<std::size_t>(m_history)) {
            add(m_rows.front(), 1.0);
            m_rows.pop_front();
        }
    }
    std::span<const double> scores(int, std::span<const std::int32_t> positions) override
    {
        m_counts.resize(positions.size(), 0.0);
        return m_counts;
    }
    void erased(std::span<const int> victims) override
    {
        const auto eraseKnown = [&](auto& values) { // older rows do not know the newest slots
            const auto known =
                std::lower_bound(victims.begin(), victims.end(), static_cast<int>(values.size())) - victims.begin();
            eraseSlots(values, victims.first(static_cast<std::size_t>(known)));
        };
        eraseKnown(m_counts);
        for (auto& row : m_rows)
            eraseKnown(row);
    }

private:
    void add(const std::vector<std::uint8_t>& low, double each)
    {
        m_counts.resize(std::max(m_counts.size(), low.size()), 0.0);
        for (std::size_t i = 0; i < low.size(); ++i)
            m_counts[i] += each * low[i];
    }

    int m_history;
    std::deque<std::vector<std::uint8_t>> m_rows;
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
