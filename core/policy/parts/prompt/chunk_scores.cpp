// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/policy/parts/prompt/chunk_scores.h"

#include "core/policy/lane_parts.h"

#include <algorithm>
#include <numeric>

namespace winnow {

namespace {

class ChunkScorer final : public PromptScorer {
public:
    ChunkScorer(std::shared_ptr<const PromptScorer> base, int chunk) : m_base(std::move(base)), m_chunk(chunk) {}
    at::Tensor scores(PromptLayer& layer, const PromptUnits& units, const BudgetQuestion& question) const override
    {
        const auto base = m_base->scores(layer, units, question);
        auto scores = at::empty_like(base);
        const auto fill = [&](int begin, int end, int chunk) {
            if (begin < end)
                scores.slice(1, begin, end)
                    .unflatten(1, {-1, chunk})
                    .copy_(base.slice(1, begin, end).unflatten(1, {-1, chunk}).mean(2, true).expand({-1, -1, chunk}));
        };
        const int whole = layer.tokens / m_chunk * m_chunk; // tokens in chunks of full length; the others are one more
        fill(0, whole, m_chunk);
        fill(whole, layer.tokens, layer.tokens - whole);
        return scores;
    }

private:
    std::shared_ptr<const PromptScorer> m_base;
    int m_chunk;
};

class LaneChunks final : public LaneSelector {
public:
    explicit LaneChunks(int chunk) : m_chunk(chunk) {}
    void choose(const SlotChoice& choice, std::vector<int>& victims) override
    {
        std::vector<int> begins;
        for (int begin = choice.begin; begin < choice.end; begin += m_chunk)
            begins.push_back(begin);
        std::stable_sort(begins.begin(), begins.end(), [&](int a, int b) {
            return choice.scores[static_cast<std::size_t>(a)] > choice.scores[static_cast<std::size_t>(b)];
        });
        int room = choice.end - choice.begin - choice.count;
        victims.clear();
        for (const int begin : begins) {
            const int end = std::min(choice.end, begin + m_chunk);
            if (end - begin <= room)
                room -= end - begin;
            else
                for (int slot = begin; slot < end; ++slot)
                    victims.push_back(slot);
        }
        std::sort(victims.begin(), victims.end());
    }

private:
    int m_chunk;
};

class WholeChunks final : public Selector {
public:
    explicit WholeChunks(int chunk) : m_chunk(chunk) {}
    std::unique_ptr<LaneSelector> lane(const LaneInModel&, int) const override { return std::make_unique<LaneChunks>(m_chunk); }

private:
    int m_chunk;
};

} // namespace

std::shared_ptr<const PromptScorer> chunkScores(std::shared_ptr<const PromptScorer> base, int chunk)
{
    return std::make_shared<ChunkScorer>(std::move(base), chunk);
}

std::shared_ptr<const Selector> wholeChunks(int chunk) { return std::make_shared<WholeChunks>(chunk); }

} // namespace winnow
