// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/policy/parts/step/tree_blocks.h"

#include "core/policy/lane_parts.h"

#include <algorithm>

namespace winnow {

namespace {

class LaneTreeBlocks final : public LaneSelector {
public:
    explicit LaneTreeBlocks(int block) : m_block(block) {}
    void choose(const SlotChoice& choice, std::vector<int>& victims) override
    {
        const int slots = static_cast<int>(choice.positions.size());
        const int end = std::max(choice.begin, std::min(choice.end, slots - m_block)); // where the blocks that may go end
        std::vector<int> starts;
        for (int start = end - m_block; start > choice.begin; start -= m_block)
            starts.push_back(start);
        if (end > choice.begin)
            starts.push_back(choice.begin);
        std::reverse(starts.begin(), starts.end());
        std::vector<double> means;
        for (std::size_t i = 0; i < starts.size(); ++i) {
            const int until = i + 1 < starts.size() ? starts[i + 1] : end;
            double sum = 0;
            for (int slot = starts[i]; slot < until; ++slot)
                sum += choice.scores[static_cast<std::size_t>(slot)];
            means.push_back(sum / (until - starts[i]));
        }
        const int capacity = std::max(0, (slots - choice.count - choice.begin - (slots - end)) / m_block);
        const std::vector<int> stay = survivingBlocks(means, capacity);
        victims.clear();
        for (std::size_t i = 0; i < starts.size(); ++i)
            if (!std::binary_search(stay.begin(), stay.end(), static_cast<int>(i)))
                for (int slot = starts[i]; slot < (i + 1 < starts.size() ? starts[i + 1] : end); ++slot)
                    victims.push_back(slot);
        for (int slot = end; static_cast<int>(victims.size()) < choice.count; ++slot) // slots for less than the last block
            victims.push_back(slot);
    }

private:
    int m_block;
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
    std::vector<int> kept;
    int idx = 1; // 1-based, as in the paper
    if (capacity == 0)
        return kept;
    for (int block = 0; block < static_cast<int>(scores.size()); ++block) {
        kept.push_back(block);
        if (static_cast<int>(kept.size()) <= capacity)
            continue;
        const auto left = kept.begin() + (idx - 1), right = left + 1;
        kept.erase(scores[static_cast<std::size_t>(*left)] > scores[static_cast<std::size_t>(*right)] ? right : left);
        idx = idx % capacity + 1;
    }
    return kept;
}

std::shared_ptr<const Selector> treeBlocks(int block) { return std::make_shared<TreeBlocks>(block); }

} // namespace winnow
