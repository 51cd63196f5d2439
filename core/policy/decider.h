// SPDX-License-Identifier: GPL-3.0-or-later
// The policy of one lane while it runs, made from a recipe. A decider says what it needs to see of a step, observes that, and
// names the slots that leave. It owns no cache and reads no tensor. Its caller (a replay, or the cache of a running model)
// appends the token, collects what the decider needs, applies the decision and measures.
#pragma once

#include "core/policy/lane_parts.h"

#include <memory>
#include <span>
#include <vector>

namespace winnow {

/// The lane that a decider decides for.
struct LanePlace {
    LaneInModel lane;
    int prompt = 0;    ///< tokens of the prompt; 0 = there is none
    int slots = 0;     ///< the lane's budget, protected slots included
    int readSlots = 0; ///< policies that select: slots that a step may read
    /// Where lifetimes are given: the step at whose end each token of the text leaves, −1 = never, [T]; else empty. Outlives the
    /// decider.
    std::span<const std::int32_t> lifetimes{};
};

/// What was decided for a lane beforehand, from the prompt as a whole (core/policy/prompt_layer.h).
struct PromptChoice {
    std::vector<int> victims;  ///< ascending slots; slot 0 is the first token that the layer can still attend to
    std::vector<float> scores; ///< of the live slots
    std::vector<Merge> merges; ///< before the victims leave
    int begin = 0, end = 0;    ///< the slots that could go; those outside were protected
};

/// What a decider needs to see of a step.
struct Needs {
    bool query = false;  ///< `look` is to be called, before anything else of the step
    bool row = false;    ///< `observe` is to be called with the lane's attention row
    bool shares = false; ///< the row holds shares of the full attention, not the softmax over the live slots
};

/// The slots that leave at the end of a step. Valid until the next call of the decider.
struct Decision {
    std::span<const int> victims;   ///< ascending slots
    std::span<const double> scores; ///< of all slots before the victims leave; empty for policies without scores
    std::span<const Merge> merges;  ///< to be applied in this order before the victims leave
    int begin = 0, end = 0;         ///< the slots that could go; those outside are protected. Empty where lifetimes are given
    std::span<const int> lostTo;    ///< LaneSelector::lostTo
};

/// Calls of one step, in this order: needs, look, pages, observe, mustGo, decide, erased. Not thread-safe.
class Decider {
public:
    /// `recipe`, `vectors` and `atPromptEnd` (null: nothing was decided beforehand) must outlive the decider.
    Decider(const Recipe& recipe, const LanePlace& place, const LaneVectors& vectors, const PromptChoice* atPromptEnd);

    /// `occupied`: slots of the lane, that of the step's own token included.
    /// `asked`: `judge` will be called at the end of the step.
    Needs needs(int step, int occupied, bool asked = false) const;
    /// Lets the policy read this step's query from the lane's vectors; called where `needs` asked for the query.
    void look(int step);
    /// `row`: over the live slots, the new one last. Slots that were appended since the last call are new to the policy.
    void observe(int step, std::span<const std::int32_t> tokens, std::span<const float> row);

    /// How many slots must go at the end of `step`; 0 where the policy does not choose then.
    int mustGo(int step, int occupied) const;
    /// At least `count` slots, none of them protected. `tokens`: of all live slots; `slots`: what they hold now.
    Decision decide(int step, int count, std::span<const std::int32_t> tokens, const LaneSlots& slots);
    /// The scores at the end of a step at which nothing has to leave, and the slots that could leave. The call may change the
    /// policy's state, so no further step may follow it.
    Decision judge(int step, std::span<const std::int32_t> tokens);
    /// The slots `victims` (ascending) have left, by a decision or out of a sliding window.
    void erased(std::span<const int> victims);

    /// Whether nothing ever leaves and every step reads pages that are selected for it.
    bool selects() const { return m_reader != nullptr; }
    /// Whether `pages` needs the row of the full attention at `step`.
    bool selectsByRow(int step) const { return m_reader && step >= m_place.prompt && m_reader->wantsRow(); }
    /// The pages that `step` reads, ascending; all of them in the prompt. `first`: the oldest token that the layer can still
    /// attend to; `row`: of the tokens [first, step], mean over the lane's heads, empty unless selectsByRow. Valid until the next
    /// call.
    std::span<const int> pages(int step, int first, int pageTokens, std::span<const float> row);

private:
    bool atPromptEnd(int step) const { return m_choice && step == m_place.prompt - 1; }
    SlotChoice choiceAt(int step, int count, std::span<const std::int32_t> tokens) const;

    const Recipe& m_recipe;
    LanePlace m_place;
    const PromptChoice* m_choice;
    std::unique_ptr<LaneScorer> m_scorer;
    std::unique_ptr<LaneSelector> m_selector;
    std::unique_ptr<LaneReader> m_reader;
    std::vector<int> m_leaving; ///< where lifetimes are given: tokens that leave at every step
    std::vector<int> m_victims, m_pages;
    std::vector<double> m_scores;
    std::vector<Merge> m_merges;
};

} // namespace winnow
