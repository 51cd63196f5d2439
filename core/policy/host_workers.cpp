// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/policy/host_workers.h"

namespace winnow {

namespace {

/// Positions of every unit on the host.
class HostPositions {
public:
    explicit HostPositions(const at::Tensor& positions) : m_positions(positions.to(at::kCPU, at::kInt).contiguous()) {}
    std::span<const std::int32_t> of(std::size_t unit) const
    {
        const auto width = static_cast<std::size_t>(m_positions.size(1));
        const std::span row(m_positions.data_ptr<std::int32_t>() + unit * width, width);
        std::size_t length = 0;
        while (length < width && row[length] >= 0)
            ++length;
        return row.first(length);
    }

private:
    at::Tensor m_positions;
};

class HostScorer final : public TensorScorer {
public:
    explicit HostScorer(std::vector<std::unique_ptr<LaneScorer>> lanes) : m_lanes(std::move(lanes)) {}
    void attach(const std::vector<const LaneVectors*>& vectors) override
    {
        for (std::size_t unit = 0; unit < m_lanes.size(); ++unit)
            m_lanes[unit]->attach(*vectors[unit]);
    }
    bool wantsQuery(int promptLeft) const override { return m_lanes.front()->wantsQuery(promptLeft); }
    void look(int step) override
    {
        for (auto& lane : m_lanes)
            lane->look(step);
    }
    bool wantsRow(bool mayEvict, int promptLeft) const override { return m_lanes.front()->wantsRow(mayEvict, promptLeft); }
    bool wantsShares() const override { return m_lanes.front()->wantsShares(); }
    void observe(const TensorStep& step) override
    {
        const HostPositions positions(step.positions);
        const auto rows = step.row.to(at::kCPU, at::kFloat).contiguous();
        for (std::size_t unit = 0; unit < m_lanes.size(); ++unit) {
            const auto live = positions.of(unit);
            m_lanes[unit]->observe(step.step, live,
                                   {rows.data_ptr<float>() + static_cast<std::ptrdiff_t>(unit) * rows.size(1), live.size()});
        }
    }
    at::Tensor scores(const TensorStep& step) override
    {
        const HostPositions positions(step.positions);
        auto scores = at::zeros(step.positions.sizes(), at::kDouble);
        for (std::size_t unit = 0; unit < m_lanes.size(); ++unit) {
            const auto of = m_lanes[unit]->scores(step.step, positions.of(unit));
            std::copy(of.begin(), of.end(), scores.data_ptr<double>() + static_cast<std::ptrdiff_t>(unit) * scores.size(1));
        }
        return scores.to(step.positions.device());
    }
    std::vector<at::Tensor*> states() override { return {}; }
    void chosenBeforehand(const at::Tensor& leaving, const at::Tensor& scores) override
    {
        const auto known = scores.to(at::kCPU).contiguous(), takes = leaving.any(1).to(at::kCPU).contiguous();
        const auto width = static_cast<std::size_t>(known.size(1));
        for (std::size_t unit = 0; unit < m_lanes.size(); ++unit)
            if (takes.data_ptr<bool>()[unit])
                m_lanes[unit]->chosenBeforehand({known.data_ptr<double>() + unit * width, width});
    }
    void erased(const at::Tensor& leaving) override
    {
        const auto gone = leaving.to(at::kCPU).contiguous();
        std::vector<int> victims;
        for (std::size_t unit = 0; unit < m_lanes.size(); ++unit) {
            victims.clear();
            for (std::int64_t slot = 0; slot < gone.size(1); ++slot)
                if (gone.data_ptr<bool>()[static_cast<std::int64_t>(unit) * gone.size(1) + slot])
                    victims.push_back(static_cast<int>(slot));
            if (!victims.empty())
                m_lanes[unit]->erased(victims);
        }
    }

private:
    std::vector<std::unique_ptr<LaneScorer>> m_lanes;
};

class HostSelector final : public TensorSelector {
public:
    explicit HostSelector(std::vector<std::unique_ptr<LaneSelector>> lanes) : m_lanes(std::move(lanes)) {}
    at::Tensor choose(const TensorStep&, const at::Tensor&, const at::Tensor&, const at::Tensor&, int) override { return {}; }
    bool leavesAtOnce() const override { return true; }
    at::Tensor leaving(const TensorStep& step, const at::Tensor& scores, const at::Tensor& candidates,
                       const at::Tensor& excess) override
    {
        const HostPositions positions(step.positions);
        const auto known = scores.defined() ? scores.to(at::kCPU, at::kDouble).contiguous() : scores;
        const auto first = candidates.to(at::kLong).argmax(1).to(at::kCPU), count = candidates.sum(1).to(at::kCPU),
                   many = excess.to(at::kCPU);
        auto leaving = at::zeros(step.positions.sizes(), at::kBool);
        std::vector<int> victims;
        for (std::size_t unit = 0; unit < m_lanes.size(); ++unit) {
            const auto row = static_cast<std::int64_t>(unit);
            if (many.data_ptr<std::int64_t>()[row] <= 0)
                continue;
            const auto live = positions.of(unit);
            const int begin = static_cast<int>(first.data_ptr<std::int64_t>()[row]);
            SlotChoice choice{.step = step.step,
                              .positions = live,
                              .begin = begin,
                              .end = begin + static_cast<int>(count.data_ptr<std::int64_t>()[row]),
                              .count = static_cast<int>(many.data_ptr<std::int64_t>()[row])};
            if (known.defined())
                choice.scores = {known.data_ptr<double>() + row * known.size(1), live.size()};
            victims.clear();
            m_lanes[unit]->choose(choice, victims);
            for (const int victim : victims)
                leaving.data_ptr<bool>()[row * leaving.size(1) + victim] = true;
        }
        return leaving.to(step.positions.device());
    }
    void merges(int unit, const LaneSlots& slots, std::vector<Merge>& merges) override
    {
        m_lanes[static_cast<std::size_t>(unit)]->merges(slots, merges);
    }

private:
    std::vector<std::unique_ptr<LaneSelector>> m_lanes;
};

} // namespace

std::unique_ptr<TensorScorer> hostScorer(std::vector<std::unique_ptr<LaneScorer>> lanes)
{
    return std::make_unique<HostScorer>(std::move(lanes));
}
std::unique_ptr<TensorSelector> hostSelector(std::vector<std::unique_ptr<LaneSelector>> lanes)
{
    return std::make_unique<HostSelector>(std::move(lanes));
}

std::unique_ptr<TensorScorer> Scorer::tensors(int units, int prompt) const
{
    std::vector<std::unique_ptr<LaneScorer>> lanes;
    for (int unit = 0; unit < units; ++unit)
        lanes.push_back(lane(prompt));
    return hostScorer(std::move(lanes));
}

std::unique_ptr<TensorSelector> Selector::tensors(const std::vector<LaneInModel>& lanes,
                                                  const std::vector<int>& regionSlots) const
{
    std::vector<std::unique_ptr<LaneSelector>> workers;
    for (std::size_t i = 0; i < lanes.size(); ++i)
        workers.push_back(lane(lanes[i], regionSlots[i]));
    return hostSelector(std::move(workers));
}

} // namespace winnow
