// SPDX-License-Identifier: GPL-3.0-or-later
// A recipe: what a policy line means. Four interchangeable parts (scorer, selector, budget rule, protection) and the declared
// conventions (granularity, positions). Free of Torch. Each part makes its worker, which acts on one unit's plain arrays
// (policy/lane_parts.h). A choice made once, at the end of the prompt, sees the whole layer instead: policy/prompt_layer.h.
#pragma once

#include "core/base/indices.h"
#include "core/cache/lane_cache.h"
#include "core/policy/policy_spec.h"

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace winnow {

class LaneReader;
class LaneScorer;
class PromptScorer;
class LaneSelector;

/// Who decides together: each query head for itself, the query heads of a KV head, or all heads of a layer. A group of heads
/// that decides together is a unit: it owns one list of slots.
enum class Granularity { Query, Kv, Layer };
/// How the softmax rows of a unit's query heads become the one row that its scorer sees.
enum class GroupReduction { Mean, Max, Sum };

/// Slots that may not leave: those of the tokens [0, sinks), the last `recent` slots, and the last `window` slots before those
/// (the observation window of a prompt-time policy).
struct Protection {
    int sinks = 0;
    int recent = 0;
    int window = 0;
    int slots() const { return sinks + recent + window; }
    friend bool operator==(const Protection&, const Protection&) = default;
};

/// The lane that a part decides for. Its layer is the model's, so that a replay of fewer layers makes the same choices. Where a
/// policy decides for a whole layer at once, the lane's head is 0.
struct LaneInModel {
    Lane lane;
    int modelLayers = 0; ///< layers of the model, recorded or not
};

/// Scores the slots of a unit: how much each one matters. This is the immutable description; `lane` makes the worker
/// that does it.
class Scorer {
public:
    virtual ~Scorer() = default;
    /// `prompt`: number of prompt tokens, 0 = there is no prompt.
    virtual std::unique_ptr<LaneScorer> lane(int prompt) const = 0;
};

/// Names the slots that leave, given the scores. Immutable, as Scorer.
class Selector {
public:
    virtual ~Selector() = default;
    /// `regionSlots`: slots of the budget that are not protected.
    virtual std::unique_ptr<LaneSelector> lane(const LaneInModel& lane, int regionSlots) const = 0;
    /// Whether the oldest candidate always goes: then what stays is kept by rule, not by choice.
    virtual bool evictsOldest() const { return false; }
};

/// For policies that evict nothing: names the pages that a step attends to. Page p holds the tokens
/// [p · pageTokens, (p + 1) · pageTokens).
class Reader {
public:
    virtual ~Reader() = default;
    /// `slots`: the budget, tokens that a step may read.
    virtual std::unique_ptr<LaneReader> lane(const LaneInModel& lane, int slots) const = 0;
    virtual int pageTokens() const = 0;
};

/// What a budget rule may look at.
struct BudgetQuestion {
    int slots = 0;                    ///< the budget as asked for, window included
    int modelLayers = 0;              ///< layers of the model, recorded or not
    int tokens = 0;                   ///< tokens at the moment of the choice: the prompt, for prompt-time policies
    int window = 0;                   ///< observation window, part of `slots`
    std::vector<double> headScores{}; ///< [layers, query heads] of a head-score file, summing to 1; empty without one
};

/// One layer's scores at the end of the prompt, on the host.
struct PromptScores {
    int layer = 0;              ///< the model's number
    int units = 0, tokens = 0;  ///< live tokens
    int begin = 0, end = 0;     ///< candidates [begin, end) of them; the others are protected
    std::vector<double> scores; ///< [units, tokens]
    double preference = 1;      ///< PromptScorer::preference
    int candidates() const { return end - begin; }
    std::span<const double> of(int unit) const
    {
        return std::span(scores).subspan(static_cast<std::size_t>(unit) * tokens + begin, static_cast<std::size_t>(candidates()));
    }
};

/// A budget that depends on the scores of the prompt.
struct Division {
    std::vector<int> slots;            ///< [layers, units], protected slots included
    std::vector<int> atPromptEnd{};    ///< the same for the choice at the prompt's end, where it differs; empty: `slots`
    std::vector<std::int32_t> updates; ///< [updates, layers], slots per unit after every revision; empty: layers do not differ
};

/// How many slots each lane of each layer gets.
class BudgetRule {
public:
    virtual ~BudgetRule() = default;
    /// One number per layer of the model, window included; for rules that look at the prompt, what they give without looking.
    virtual std::vector<int> slots(const BudgetQuestion& question) const = 0;
    /// Whether `slots` gives every layer the same number.
    virtual bool uniform() const { return true; }
    /// Whether `divide` is to be asked, at the end of the prompt.
    virtual bool looksAtPrompt() const { return false; }
    /// `layers`: the replayed layers, ascending. They divide their own budgets among each other, as if the model had no other
    /// layers.
    virtual Division divide(std::span<const PromptScores> layers, const BudgetQuestion& question) const;
};

struct Recipe {
    Acts acts = Acts::Never;
    int every = 1; ///< EveryStep: steps from one choice to the next; in between up to every − 1 slots are stored above the budget
    Granularity granularity = Granularity::Kv;
    GroupReduction group = GroupReduction::Mean;
    PositionMode positions = PositionMode::Keep;
    Protection protection;
    std::optional<Protection> promptProtection{};     ///< for the choice by promptScorer, if it differs from `protection`
    int reserved = 0;                                 ///< slots that the selector needs for itself beside the protected ones
    std::shared_ptr<const Scorer> scorer;             ///< scores at every step; null: the selector needs no scores
    std::shared_ptr<const PromptScorer> promptScorer; ///< scores at the end of the prompt; null: only steps choose
    bool promptChooses = true;                ///< whether promptScorer's scores also decide who leaves, or only set the budgets
    std::shared_ptr<const Selector> selector; ///< null only where acts == Never, or where lifetimes are given
    std::shared_ptr<const Selector> promptSelector; ///< selects by promptScorer's scores, if `selector` does not
    std::shared_ptr<const BudgetRule> budget;
    std::shared_ptr<const Reader> reader; ///< acts == Never: what a step attends to; null: everything
    bool merges = false;                  ///< the selectors, or promptScorer, name merges
    double mergedLogit = 0;               ///< a slot that stands for n tokens has this · ln n added to its logit
    bool foresees = false;                ///< the scorer knows the attention still to come: an oracle
    std::string headScores{};             ///< file of scores per head that the budget wants; "" = none
    std::string lifetimes{};              ///< file that says when every token leaves; "" = the selector does

    const Protection& atPromptEnd() const { return promptProtection ? *promptProtection : protection; }
    /// Whether something may leave at the end of `step`; `prompt`: number of prompt tokens, 0 = there is no prompt.
    bool mayChoose(int step, int prompt) const
    {
        const int since = step - (prompt > 0 ? prompt - 1 : 0);
        return acts == Acts::EveryStep ? since >= 0 && since % every == 0 : acts == Acts::EndOfPrompt && prompt > 0 && since == 0;
    }
};

/// One policy of the catalog: its description, and the function that makes a recipe from a resolved spec.
struct Preset {
    PolicyInfo info;
    /// A default that depends on the budget, asked for where a value is empty; `slots` is the budget. Null: there are none.
    std::string (*derive)(const PolicySpec& spec, std::string_view key, int slots) = nullptr;
    Recipe (*recipe)(const PolicySpec& spec) = nullptr;
    /// What in a resolved spec contradicts itself, as the rest of a sentence that begins with the policy ("span=4 …; give …"); ""
    /// = nothing. `slots` is the budget. Null: nothing can.
    std::string (*contradiction)(const PolicySpec& spec, int slots) = nullptr;
};

std::span<const Preset* const> presets();

/// Fills every empty value of `spec` that `preset` derives from a budget of `slots`; none exceeds what its parameter may be.
void fillDerived(const Preset& preset, PolicySpec& spec, int slots);
/// `spec` with every derived default filled in for a trace of `tokens` tokens.
PolicySpec resolved(const PolicySpec& spec, int tokens);
/// The same for the policy's own parameters, not for those of one that follows it (core/policy/followed_by.h).
PolicySpec ownResolved(const PolicySpec& spec, int tokens);
/// The recipe of a resolved spec.
Recipe recipeOf(const PolicySpec& spec);
/// Preset::contradiction.
std::string contradictionIn(const PolicySpec& spec, int slots);

} // namespace winnow
