// SPDX-License-Identifier: GPL-3.0-or-later
// The rules of the policies that act at a step, and of some that act at the prompt's end, written down once more from the
// specification: plain loops, maps by token, double precision. They share nothing with the engine but the trace and the policy
// line, and are what it is compared with.
#pragma once

#include "core/policy/policy_spec.h"

#include <functional>
#include <map>
#include <memory>
#include <set>
#include <vector>

namespace winnow::plain {

using Vector = std::vector<double>;
using Tokens = std::vector<int>;
using Numbers = std::map<int, double>; ///< by token

inline constexpr double kLeastShare = 1e-36; ///< of attention; below it float32 runs out of digits

/// A token that the lane holds. `keys` and `values` are those of every KV head of the unit, keys rotated as they were recorded;
/// `tokens`: how many it stands for.
struct Slot {
    int token = 0;
    std::vector<Vector> keys, values;
    int tokens = 1;
};

/// What a rule may look at.
struct Scene {
    int step = 0, prompt = 0, budget = 0;
    int layer = 0, unit = 0, modelLayers = 0;
    double softcap = 0;
    double rounding = 1e-5;      ///< relative error of a share in float32
    std::vector<Slot> slots;     ///< the live ones, oldest first
    Numbers row;                 ///< softmax over the live slots, the unit's heads reduced to one row
    std::set<int> faint;         ///< tokens whose share of `row` comes from a head in which float32 loses their full share
    Numbers fullRow;             ///< full attention of the step, mean over the unit's heads
    Numbers toCome;              ///< full attention that later steps pay to a token in all, likewise
    std::vector<Vector> queries; ///< of the unit's heads, rotated, times the scale

    int place(int token) const;
};

/// `from` goes into `into`: key = keyStays · key + keyComes · key of `from`, and values likewise.
struct Merging {
    int from = 0, into = 0; ///< tokens
    double keyStays = 1, keyComes = 0, valueStays = 1, valueComes = 0;
};

/// What a step attends to. `bounds`: of every live token, the number by which it was chosen.
struct Reading {
    Tokens tokens;
    Numbers bounds;
};

/// One lane's policy. Functions that are not set do nothing.
struct Rule {
    int sinks = 0, recent = 0, every = 1;
    bool onlyAtPromptEnd = false;
    double mergedLogit = 0; ///< times ln n, on the logit of a slot that stands for n tokens
    std::function<void(const Scene&)> observe = [](const Scene&) {}; ///< every step, before anything leaves
    std::function<Numbers(const Scene&)> scores;
    /// Who leaves, of `candidates` in the order of their slots; `count` of them at least.
    std::function<Tokens(const Scene&, const Numbers& scores, const Tokens& candidates, int count)> choose;
    std::function<std::vector<Merging>(const Scene&, const Numbers& scores, const Tokens& leaving)> merge;
    /// Selections.
    std::function<Reading(const Scene&)> read;
    /// Set once a rule compared two numbers that rounding may set in either order.
    std::shared_ptr<bool> undecided = std::make_shared<bool>(false);
};

/// The rule of a resolved line; without `choose` and `read` where there is no plain form of it.
Rule ruleOf(const PolicySpec& spec);

/// Choices, for Rule::choose: the oldest candidates, and those with the lowest scores.
Tokens oldestOf(const Scene&, const Numbers&, const Tokens& candidates, int count);
Tokens lowest(const Scene&, const Numbers& scores, const Tokens& candidates, int count);
/// Of equal scores the newer token goes first.
Tokens lowestOf(const Numbers& scores, const Tokens& candidates, int count);

double dot(const Vector& a, const Vector& b);
/// Softmax; infinities of one sign are nothing.
Vector softmax(const Vector& logits);

/// Parts, by what they look at.
void addAttentionScores(Rule& rule, const PolicySpec& spec, std::string_view score);
void addKeyScores(Rule& rule, bool difference);
/// At the end of the prompt: attention received, from its last queries or all of them, pooled where the line pools.
void addVotes(Rule& rule, const PolicySpec& spec);
void addRkv(Rule& rule, const PolicySpec& spec);
void addWindowVotes(Rule& rule, const PolicySpec& spec);
void addBandEnergy(Rule& rule, const PolicySpec& spec);
void addZeroMerge(Rule& rule, const PolicySpec& spec);
void addLeavingValues(Rule& rule, const PolicySpec& spec);
void addReading(Rule& rule, const PolicySpec& spec);
void addTree(Rule& rule, const PolicySpec& spec);
void addFlattened(Rule& rule, const PolicySpec& spec);
void addLots(Rule& rule, const PolicySpec& spec);
void addLadder(Rule& rule, const PolicySpec& spec);
/// Of the expressions that plain_replay_test.cpp writes down; each is written once more here. No scores of others.
void addExpression(Rule& rule, const PolicySpec& spec);

} // namespace winnow::plain
