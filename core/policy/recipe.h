// A recipe: what a policy line means. Four interchangeable parts (scorer, selector, budget rule, protection) and the declared
// conventions (granularity, positions). Free of Torch; each part knows how to make its two workers, one on batched tensors
// (policy/tensor_parts.h) and one on a single unit's plain arrays (policy/lane_parts.h), which the suite holds equal.
#pragma once

#include "core/policy/policy_spec.h"

#include <cstdint>
#include <memory>
#include <vector>

namespace winnow {

class LaneScorer;
class LaneSelector;
class TensorScorer;
class TensorSelector;

/// Who decides together: each query head for itself, the query heads of a KV head, or all heads of a layer. A group of heads
/// that decides together is a unit: it owns one list of slots.
enum class Granularity { Query, Kv, Layer };
/// How the softmax rows of a unit's query heads become the one row that its scorer sees.
enum class GroupReduction { Mean, Max, Sum };
enum class PositionMode { Keep, Reassign };

/// Who may not go. Slots of tokens below `sinks`, the last `recent` slots; `window`: as `recent`, but of the prompt's end.
struct Protection {
    int sinks = 0;
    int recent = 0;
    int window = 0;
    friend bool operator==(const Protection&, const Protection&) = default;
};

/// A unit among the units of a replay; `layer` is the model's layer, so that a subset of layers gives the same choices.
struct UnitId {
    int layer = 0;
    int unit = 0;
};

/// How much a slot matters.
class Scorer {
public:
    virtual ~Scorer() = default;
    virtual std::unique_ptr<LaneScorer> lane() const = 0;
    virtual std::unique_ptr<TensorScorer> tensors() const = 0;
};

/// Who goes, given scores.
class Selector {
public:
    virtual ~Selector() = default;
    virtual std::unique_ptr<LaneSelector> lane(const UnitId& unit, int regionSlots) const = 0;
    virtual std::unique_ptr<TensorSelector> tensors(const std::vector<UnitId>& units, const std::vector<int>& regionSlots) const = 0;
};

/// What a budget rule may look at.
struct BudgetQuestion {
    int slots = 0;       ///< the budget as asked for
    int modelLayers = 0; ///< layers of the model, recorded or not
    int tokens = 0;      ///< tokens at the moment of the choice: the prompt, for prompt-time policies
    int window = 0;      ///< observation window, part of `slots`
};

/// How many slots each lane of each layer gets.
class BudgetRule {
public:
    virtual ~BudgetRule() = default;
    /// One number per layer of the model, window included.
    virtual std::vector<int> slots(const BudgetQuestion& question) const = 0;
    virtual bool uniform() const { return true; }
};

struct Recipe {
    Acts acts = Acts::Never;
    Granularity granularity = Granularity::Kv;
    GroupReduction group = GroupReduction::Mean;
    PositionMode positions = PositionMode::Keep;
    Protection protection;
    std::shared_ptr<const Scorer> scorer;     ///< null: the choice needs no attention
    std::shared_ptr<const Selector> selector; ///< null only where acts == Never
    std::shared_ptr<const BudgetRule> budget;
};

/// One line of the catalog: the description, and what a (resolved) spec means.
struct Preset {
    PolicyInfo info;
    /// A default that depends on the budget, asked for where a value is empty; `slots` is the budget. Null: there are none.
    std::string (*derive)(const PolicySpec& spec, std::string_view key, int slots) = nullptr;
    Recipe (*recipe)(const PolicySpec& spec) = nullptr;
};

std::span<const Preset* const> presets();

/// `spec` with every derived default filled in for a trace of `tokens` tokens.
PolicySpec resolved(const PolicySpec& spec, int tokens);
/// The recipe of a resolved spec.
Recipe recipeOf(const PolicySpec& spec);

/// Parameters that policies share, for the presets' tables.
namespace shared_parameters {
ParameterSpec budget();
ParameterSpec positions(std::string_view initial);
ParameterSpec group();
ParameterSpec granularity(std::string_view initial);
} // namespace shared_parameters

} // namespace winnow
