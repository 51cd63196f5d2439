// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/policy/presets/zeromerge.h"

#include "core/policy/lane_parts.h"
#include "core/policy/parts/budget/budgets.h"
#include "core/policy/parts/step/decayed_attention.h"
#include "core/policy/recipe_options.h"

#include <algorithm>
#include <array>
#include <numeric>

namespace winnow {

namespace {

/// `from` goes into one slot, each weighing what it stands for.
Merge weighted(int from, int into, int fromTokens, int intoTokens)
{
    const float stays = static_cast<float>(intoTokens) / static_cast<float>(fromTokens + intoTokens), comes = 1 - stays;
    return {.from = from, .into = into, .keyStays = stays, .keyComes = comes, .valueStays = stays, .valueComes = comes};
}

class LaneZeroMerge final : public LaneSelector {
public:
    explicit LaneZeroMerge(int dense) : m_dense(dense) {}

    void choose(const SlotChoice& choice, std::vector<int>& victims) override
    {
        victims.clear();
        m_runs.clear();
        findStanding(choice);
        // In a sliding-window layer what stands for others may pass out of reach; where all has, new runs are cut.
        m_begun = m_standingSlots.empty();
        if (m_begun)
            m_standing.clear();
        if (m_begun)
            cutIntoRuns(choice, victims);
        else
            lowestOfOthers(choice, victims);
        std::sort(victims.begin(), victims.end());
    }

    void merges(const LaneSlots& slots, std::vector<Merge>& merges) override
    {
        if (m_begun) {
            for (const std::vector<int>& run : m_runs)
                for (std::size_t i = 1; i < run.size(); ++i)
                    merges.push_back(weighted(run[i], run.front(), 1, static_cast<int>(i)));
            return;
        }
        m_weights.clear();
        for (const int slot : m_standingSlots)
            m_weights.push_back(slots.tokens(slot));
        m_products.resize(m_standingSlots.size());
        for (const int victim : m_leaving) {
            multiply(slots, victim);
            const auto best = static_cast<std::size_t>(std::ranges::max_element(m_products) - m_products.begin());
            merges.push_back(weighted(victim, m_standingSlots[best], slots.tokens(victim), m_weights[best]));
            m_weights[best] += slots.tokens(victim);
        }
    }

private:
    /// The candidates that stand for runs, into m_standingSlots.
    void findStanding(const SlotChoice& choice)
    {
        const auto begin = choice.positions.begin(), last = begin + choice.end;
        auto at = begin + choice.begin;
        m_standingSlots.clear();
        for (const std::int32_t token : m_standing) {
            at = std::lower_bound(at, last, token);
            if (at != last && *at == token)
                m_standingSlots.push_back(static_cast<int>(at - begin));
        }
    }
    /// What does not stay is cut into runs, the first ones longer by one where it does not divide.
    void cutIntoRuns(const SlotChoice& choice, std::vector<int>& victims)
    {
        std::vector<int> order(static_cast<std::size_t>(choice.end - choice.begin));
        std::iota(order.begin(), order.end(), choice.begin);
        const std::size_t rest = std::min(order.size(), static_cast<std::size_t>(choice.count + m_dense));
        std::stable_sort(order.begin(), order.end(), [&](int a, int b) {
            return choice.scores[static_cast<std::size_t>(a)] > choice.scores[static_cast<std::size_t>(b)];
        });
        std::vector<int> others(order.end() - static_cast<std::ptrdiff_t>(rest), order.end());
        std::sort(others.begin(), others.end());
        const auto runs = std::min(static_cast<std::size_t>(m_dense), rest);
        for (std::size_t run = 0, begin = 0; run < runs; ++run) {
            const std::size_t length = rest / runs + (run < rest % runs ? 1 : 0);
            auto& slots = m_runs.emplace_back(others.begin() + static_cast<std::ptrdiff_t>(begin),
                                              others.begin() + static_cast<std::ptrdiff_t>(begin + length));
            m_standing.push_back(choice.positions[static_cast<std::size_t>(slots.front())]);
            victims.insert(victims.end(), slots.begin() + 1, slots.end());
            begin += length;
        }
    }
    void lowestOfOthers(const SlotChoice& choice, std::vector<int>& victims)
    {
        std::vector<int>& others = m_others;
        others.clear();
        auto standing = m_standingSlots.begin();
        for (int slot = choice.begin; slot < choice.end; ++slot) {
            if (standing != m_standingSlots.end() && slot == *standing)
                ++standing;
            else
                others.push_back(slot);
        }
        const std::size_t count = std::min(static_cast<std::size_t>(choice.count), others.size()),
                          known = others.size() - (others.size() > count ? 1 : 0); // the newest came in just now
        const auto before = [&](int a, int b) {                                    // of equals the older goes first
            const double x = choice.scores[static_cast<std::size_t>(a)], y = choice.scores[static_cast<std::size_t>(b)];
            return x < y || (x == y && a < b);
        };
        const auto end = others.begin() + static_cast<std::ptrdiff_t>(count);
        std::partial_sort(others.begin(), end, others.begin() + static_cast<std::ptrdiff_t>(known), before);
        victims.assign(others.begin(), end);
        m_leaving = victims;
        std::sort(m_leaving.begin(), m_leaving.end());
    }
    /// The products of the key of slot `leaving` with those that stand, into m_products. A sum waits for itself, so those of
    /// several slots go side by side.
    void multiply(const LaneSlots& slots, int leaving)
    {
        constexpr std::size_t kTogether = 4;
        const std::size_t count = m_standingSlots.size();
        for (std::size_t begin = 0; begin < count; begin += kTogether) {
            std::array<double, kTogether> some{};
            for (int head = 0; head < slots.keyHeads; ++head) {
                std::array<const float*, kTogether> key{};
                for (std::size_t i = 0; i < kTogether; ++i)
                    key[i] = slots.key(head, m_standingSlots[std::min(begin + i, count - 1)]);
                const float* own = slots.key(head, leaving);
                for (int c = 0; c < slots.headDim; ++c)
                    for (std::size_t i = 0; i < kTogether; ++i)
                        some[i] += static_cast<double>(own[c]) * key[i][c];
            }
            std::copy_n(some.begin(), std::min(kTogether, count - begin),
                        m_products.begin() + static_cast<std::ptrdiff_t>(begin));
        }
    }

    int m_dense;
    bool m_begun = false;                                  ///< whether the present choice is the first
    std::vector<std::int32_t> m_standing;                  ///< tokens that stand for runs, ascending
    std::vector<std::vector<int>> m_runs;                  ///< slots, of the first choice
    std::vector<int> m_standingSlots, m_leaving, m_others; ///< m_others: the candidates that do not stand
    std::vector<int> m_weights;                            ///< tokens of the standing slots, as they grow
    std::vector<double> m_products;                        ///< of a leaving key with those of the standing slots
};

class ZeroMergeSelector final : public Selector {
public:
    explicit ZeroMergeSelector(int dense) : m_dense(dense) {}
    std::unique_ptr<LaneSelector> lane(const LaneInModel&, int) const override
    {
        return std::make_unique<LaneZeroMerge>(m_dense);
    }

private:
    int m_dense;
};

} // namespace

std::shared_ptr<const Selector> zeroMergeSelector(int dense) { return std::make_shared<ZeroMergeSelector>(dense); }

const Preset& zeromergePreset()
{
    static const Preset preset{
        .info = {.name = "zeromerge",
                 .title = "ZeroMerge",
                 .summary =
                     "Keeps heavy hitters and recent tokens; all others are merged into a few slots, keys and values averaged.",
                 .citation = "Liu, Wang, Xu: ZeroMerge: Parameter-Free KV Cache Compression for Memory-Efficient Long-Context "
                             "LLMs. 2025, arXiv "
                             "2503.10714.",
                 .reference = "SusCom-Lab/ZeroMerge",
                 .parameters =
                     {shared_parameters::budget(),
                      wholeParameter("tail", "Tail",
                                     "Newest tokens that may not leave. A tenth of the budget, at least 2, unless said.", 1, 1e6,
                                     ""),
                      wholeParameter("dense", "Dense", "Slots that stand for merged tokens; part of the budget.", 1, 1e6, "1"),
                      realParameter("scale", "Scale", "This times ln n is added to the logit of a slot that stands for n tokens.",
                                    0, 1e3, "1"),
                      realParameter("shrink", "Shrink", "Each new row multiplies the earlier ones by this.", 0, 1, "0.98"),
                      shared_parameters::keptPositions(),
                      choiceParameter("group", "Group",
                                      "How the attention rows of the query heads that decide together are reduced to one.",
                                      {"sum", "mean", "max"}),
                      shared_parameters::granularity("kv")},
                 .deviations = "Keys are averaged as they are rotated, like in the reference, so positions stay. Its ring "
                               "pointer advances on layer 0 "
                               "only and is shared; here every lane drops its own oldest. Mass counts tokens that stayed, not "
                               "those merged: what "
                               "merging saves shows in the error. A layer of several KV heads merges all of them alike.",
                 .ties =
                     "of equal scores the older token stays when the first runs are cut; later the older goes, as argmin of the "
                     "reference takes the first",
                 .merges = true},
        .derive = [](const PolicySpec&, std::string_view, int slots) { return std::to_string(std::max(2, slots / 10)); },
        .recipe =
            [](const PolicySpec& spec) {
                Recipe recipe = recipeWithShared(spec, Acts::EveryStep);
                recipe.protection.recent = spec.whole("tail");
                recipe.reserved = spec.whole("dense");
                recipe.scorer = decayedAttention({.decay = spec.real("shrink")});
                recipe.selector = zeroMergeSelector(spec.whole("dense"));
                recipe.budget = uniformBudget();
                recipe.merges = true;
                recipe.mergedLogit = spec.real("scale");
                return recipe;
            },
    };
    return preset;
}

} // namespace winnow
