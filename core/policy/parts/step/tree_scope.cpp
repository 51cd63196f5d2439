// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/policy/parts/step/tree_scope.h"

#include "core/policy/kernels/tree_scope.h"
#include "core/policy/parts/step/step_workers.h"

#include <algorithm>

namespace winnow {

namespace {

class LaneTree final : public LaneSelector {
public:
    explicit LaneTree(const kernel::TreeScope& state) : m_state(state) {}
    void choose(const SlotChoice& choice, std::vector<int>& victims) override
    {
        const int candidates = choice.end - choice.begin;
        m_state.scratch = m_scratch.left(candidates);
        m_state.lostTo = roomFor(m_others, static_cast<std::size_t>(candidates));
        victims.resize(static_cast<std::size_t>(choice.count));
        kernel::choose(kHostTeam, m_state, kernelChoice(choice), victims.data());
        m_lostTo.clear();
        for (const int victim : victims) {
            const int other = m_others[static_cast<std::size_t>(victim - choice.begin)];
            m_lostTo.push_back(other == victim ? -1 : other);
        }
    }
    std::span<const int> lostTo() const override { return m_lostTo; }

private:
    kernel::TreeScope m_state;
    std::vector<int> m_others; ///< of every candidate that left: the slot that it was compared with
    std::vector<int> m_lostTo; ///< of every victim
    ChoiceScratch m_scratch;
};

class TreeScope final : public Selector, public KernelSelector {
public:
    TreeScope(TreeNext next, TreeKeep keep) : m_next(next), m_keep(keep) {}
    std::unique_ptr<LaneSelector> lane(const LaneInModel&, int regionSlots) const override
    {
        return std::make_unique<LaneTree>(stateOf(regionSlots));
    }
    KernelPart kernel(const LaneInModel&, int regionSlots) const override
    {
        return kernelPart("core/policy/kernels/tree_scope.h", "TreeScope", stateOf(regionSlots));
    }

private:
    kernel::TreeScope stateOf(int regionSlots) const
    {
        return {
            .region = std::max(1, regionSlots), .literal = m_next == TreeNext::Literal, .keepsLeft = m_keep == TreeKeep::Left};
    }

    TreeNext m_next;
    TreeKeep m_keep;
};

} // namespace

std::shared_ptr<const Selector> treeScope(TreeNext next, TreeKeep keep) { return std::make_shared<TreeScope>(next, keep); }

} // namespace winnow
