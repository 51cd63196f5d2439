// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/replay/plain/plain_rules.h"

#include <algorithm>

namespace winnow::plain {

Rule ruleOf(const PolicySpec& spec)
{
    const auto number = [&](const char* key) { return spec.value(key).empty() ? 0 : spec.whole(key); };
    Rule rule{.sinks = number("sinks"), .recent = number("recent"), .every = std::max(1, number("every"))};
    const std::string& name = spec.name;
    rule.choose = lowest;
    if (name == "window" || name == "streaming") {
        rule.choose = oldestOf;
    } else if (name == "random") {
        addLots(rule, spec);
    } else if (name == "lacache") {
        addLadder(rule, spec);
    } else if (name == "keyformer") {
        addFlattened(rule, spec);
    } else if (name == "h2o") {
        addAttentionScores(rule, spec, "accumulated");
    } else if (name == "tova") {
        addAttentionScores(rule, spec, "last");
    } else if (name == "treekv" && number("block") == 0) {
        addAttentionScores(rule, spec, "mean");
        addTree(rule, spec);
    } else if (name == "scissorhands") {
        addAttentionScores(rule, spec, spec.value("rule") == "counts" ? "counts" : "decayed");
        const int drop = spec.whole("drop");
        rule.choose = [drop](const Scene&, const Numbers& scores, const Tokens& candidates, int count) {
            return lowestOf(scores, candidates, std::max(count, std::min(drop, static_cast<int>(candidates.size()))));
        };
    } else if (name == "rkv") {
        rule.recent = spec.whole("window");
        addRkv(rule, spec);
    } else if (name == "morphkv") {
        rule.recent = spec.whole("window");
        addWindowVotes(rule, spec);
    } else if (name == "cake") {
        rule.recent = spec.whole("window");
        rule.every = spec.whole("together");
        addAttentionScores(rule, spec, "last");
    } else if (name == "zeromerge") {
        rule.recent = spec.whole("tail");
        addAttentionScores(rule, spec, "decayed");
        addZeroMerge(rule, spec);
    } else if (name == "cam-decode") {
        addAttentionScores(rule, spec, "accumulated");
        addLeavingValues(rule, spec);
    } else if (name == "wavelet") {
        addBandEnergy(rule, spec);
    } else if (name == "future") {
        rule.scores = [](const Scene& scene) {
            Numbers scores;
            for (const Slot& slot : scene.slots)
                scores[slot.token] = scene.toCome.at(slot.token) < 1e-6 ? 0 : scene.toCome.at(slot.token);
            return scores;
        };
    } else if ((name == "snapkv" && spec.value("reduce") == "before") || name == "observed-attention" ||
               (name == "h2o-prompt" && spec.value("mask") == "causal")) {
        addVotes(rule, spec);
    } else if (name == "knorm" || name == "keydiff") {
        rule.onlyAtPromptEnd = true;
        addKeyScores(rule, name == "keydiff");
    } else if (name == "quest" || name == "topk") {
        rule.choose = nullptr;
        addReading(rule, spec);
    } else if (name == "mix" || name == "expr") {
        if (name == "expr")
            addExpression(rule, spec);
        else if (spec.value("score").starts_with("k"))
            addKeyScores(rule, spec.value("score") == "keydiff");
        else
            addAttentionScores(rule, spec, spec.value("score"));
        if (spec.value("select") == "tree")
            addTree(rule, spec);
        else if (spec.value("select") == "oldest")
            rule.choose = oldestOf;
        else if (spec.value("select") == "random")
            addLots(rule, spec);
        if (spec.value("budgets") != "uniform")
            rule.choose = nullptr;
    } else {
        rule.choose = nullptr;
    }
    const auto otherwise = [&](const char* key, const char* usual) {
        return !spec.value(key).empty() && spec.value(key) != usual;
    };
    if (otherwise("then", "none") || otherwise("scores", "float32") || spec.value("order") == "score" ||
        (rule.onlyAtPromptEnd && otherwise("group", "mean")) || // heads are scored one by one, and then put together

        (name == "expr" && !rule.scores))
        rule.choose = nullptr;
    return rule;
}

} // namespace winnow::plain
