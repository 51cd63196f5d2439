// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/policy/parts/step/tree_blocks.h"

#include "core/policy/kernels/tree_blocks.h"
#include "core/policy/parts/step/step_workers.h"

namespace winnow {

namespace {

class LaneTreeBlocks final : public LaneSelector {
public:
    explicit LaneTreeBlocks(int block) : m_block(block) {}
    void choose(const SlotChoice& choice, std::vector<int>& victims) override
    {
        const std::size_t slots = choice.positions.size();
        const kernel::TreeBlocksScratch scratch{
            .means = roomFor(m_means, slots), .kept = roomFor(m_kept, slots), .stays = roomFor(m_stays, slots)};
        victims.resize(slots); // room for all while they are looked for
        const int count = kernel::treeBlocks(kHostTeam, choice.scores.data(), static_cast<int>(slots), m_block,
                                             kernelChoice(choice).among, scratch, victims.data());
        victims.resize(static_cast<std::size_t>(count));
    }

private:
    int m_block;
    std::vector<double> m_means;
    std::vector<int> m_kept;
    std::vector<kernel::Byte> m_stays;
};

class TreeBlocks final : public Selector {
public:
    explicit TreeBlocks(int block) : m_block(block) {}
    std::unique_ptr<LaneSelector> lane(const LaneInModel&, int) const override
    {
        return std::make_unique<LaneTreeBlocks>(m_block);
    }

private:
    int m_block;
};

} // namespace

std::vector<int> survivingBlocks(const std::vector<double>& scores, int capacity)
{
    const int blocks = static_cast<int>(scores.size());
    std::vector<int> kept(scores.size());
    kept.resize(static_cast<std::size_t>(kernel::survivingBlocks(kHostTeam, scores.data(), blocks, capacity, kept.data())));
    return kept;
}

std::shared_ptr<const Selector> treeBlocks(int block) { return std::make_shared<TreeBlocks>(block); }

} // namespace winnow
