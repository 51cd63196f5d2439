// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/policy/presets/ladder.h"

#include "core/policy/lane_parts.h"
#include "core/policy/parts/budget/budgets.h"
#include "core/policy/recipe_options.h"

#include <algorithm>
#include <numeric>

namespace winnow {

namespace {

class LaneLadder final : public LaneSelector {
public:
    LaneLadder(const Ladder& ladder, const LaneInModel& lane, int sinks)
        : m_ladder(ladder), m_lane(lane), m_sinks(sinks), m_cursor(sinks)
    {
    }

    void choose(const SlotChoice& choice, std::vector<int>& victims) override
    {
        victims.clear();
        std::vector<int> left(choice.positions.size());
        std::iota(left.begin(), left.end(), 0);
        int excess = choice.count;
        while (excess > 0) {
            const int cache = static_cast<int>(left.size()) - excess;
            const int room = cache - m_cursor - m_lane.modelLayers;
            int rungs = std::max(0, room) / m_ladder.after;
            if (rungs * m_ladder.rung() < excess) {
                // Not enough ahead: thin out what there is, then start over behind the sinks.
                thin(left, std::min(rungs, fitting(left)), victims);
                excess = static_cast<int>(left.size()) - cache;
                m_cursor = m_sinks;
                if (excess <= 0)
                    break;
                rungs = fitting(left);
            }
            const int needed = (excess + m_ladder.rung() - 1) / m_ladder.rung();
            const int thinned = std::min({rungs, needed, fitting(left)});
            if (thinned == 0) { // a cache too small for one rung: the oldest goes
                victims.push_back(left[static_cast<std::size_t>(m_sinks)]);
                left.erase(left.begin() + m_sinks);
            } else {
                thin(left, thinned, victims);
            }
            excess = static_cast<int>(left.size()) - cache;
        }
        std::sort(victims.begin(), victims.end());
    }

private:
    /// Rungs that lie behind the cursor.
    int fitting(const std::vector<int>& left) const
    {
        return std::max(0, static_cast<int>(left.size()) - m_cursor) / m_ladder.before;
    }
    void thin(std::vector<int>& left, int rungs, std::vector<int>& victims)
    {
        const int shift = m_lane.lane.layer % (m_ladder.rung() + 1);
        std::vector<int> stay(left.begin(), left.begin() + m_cursor);
        for (int slot = m_cursor; slot < m_cursor + rungs * m_ladder.before; ++slot) {
            const int within = (slot - m_cursor) % m_ladder.before - shift;
            (within >= 0 && within < m_ladder.after ? stay : victims).push_back(left[static_cast<std::size_t>(slot)]);
        }
        stay.insert(stay.end(), left.begin() + m_cursor + rungs * m_ladder.before, left.end());
        left = std::move(stay);
        m_cursor += rungs * m_ladder.after;
    }

    Ladder m_ladder;
    LaneInModel m_lane;
    int m_sinks, m_cursor;
};

class LadderSelector final : public Selector {
public:
    LadderSelector(int span, int overlap, int sinks) : m_span(span), m_overlap(overlap), m_sinks(sinks) {}
    std::unique_ptr<LaneSelector> lane(const LaneInModel& lane, int) const override
    {
        return std::make_unique<LaneLadder>(ladderOf(lane.modelLayers, m_span, m_overlap), lane, m_sinks);
    }

private:
    int m_span, m_overlap, m_sinks;
};

} // namespace

Ladder ladderOf(int modelLayers, int span, int overlap)
{
    span = std::max(1, std::min(span, modelLayers));
    overlap = std::min(overlap, span - 1);
    const auto ceiled = [](int a, int b) { return (a + b - 1) / b; };
    Ladder ladder;
    ladder.before = 1 + std::max(1, ceiled(modelLayers - span, span - overlap));
    ladder.after = std::min(ceiled(span, span - overlap), ladder.before - 1);
    return ladder;
}

std::shared_ptr<const Selector> ladderSelector(int span, int overlap, int sinks)
{
    return std::make_shared<LadderSelector>(span, overlap, sinks);
}

const Preset& lacachePreset()
{
    static const Preset preset{
        .info = {.name = "lacache",
                 .title = "LaCache",
                 .summary = "Thins out runs of tokens by position alone; neighboring layers keep different tokens, like a ladder "
                            "over the layers.",
                 .citation = "Shi et al.: LaCache: Ladder-Shaped KV Caching for Efficient Long-Context Modeling of Large "
                             "Language Models. ICML 2025, "
                             "arXiv 2507.14204.",
                 .reference = "GATECH-EIC/LaCache",
                 .parameters = {shared_parameters::budget(), shared_parameters::sinks("4"),
                                wholeParameter("span", "Span", "Layers of a ladder; then the pattern of kept tokens repeats.", 1,
                                               1e6, "16"),
                                wholeParameter("overlap", "Overlap", "Layers that neighboring rungs share.", 0, 1e6, "0"),
                                shared_parameters::positions("reassign"), shared_parameters::group()},
                 .deviations =
                     "The reference enlarges its cache by half a rung; here the budget is what is stored at most. A span of all "
                     "layers or more is taken as the model's number of layers, and thins every second slot.",
                 .ties = ""},
        .recipe =
            [](const PolicySpec& spec) {
                Recipe recipe = recipeWithShared(spec, Acts::EveryStep);
                recipe.protection.sinks = spec.whole("sinks");
                recipe.selector = ladderSelector(spec.whole("span"), spec.whole("overlap"), spec.whole("sinks"));
                recipe.budget = uniformBudget();
                return recipe;
            },
        .contradiction =
            [](const PolicySpec& spec, int) {
                return spec.whole("overlap") < spec.whole("span")
                           ? std::string()
                           : fmt::format("overlap={} leaves nothing of span={}; give an overlap from 0 to {}",
                                         spec.whole("overlap"), spec.whole("span"), spec.whole("span") - 1);
            },
    };
    return preset;
}

} // namespace winnow
