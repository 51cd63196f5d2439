// SPDX-License-Identifier: GPL-3.0-or-later
// A policy as a line to type: `treekv:budget=128,sinks=4`. Parsing, canonical form, and the catalog's description of each
// policy, all free of Torch: the command line, the parameter panel and the tests read the same tables.
#pragma once

#include "core/base/result.h"

#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace winnow {

/// Slots a lane may keep: a number of tokens, or a share of the trace's length, floor(T · p / 100).
struct Budget {
    double amount = 128;
    bool percent = false;
    int slotCount(int tokens) const; ///< at least 0 (not named `slots`, which is a macro of Qt)
    friend bool operator==(const Budget&, const Budget&) = default;
};

/// File: a path; Text: what `problem` accepts. Both stand in double quotes where they hold a comma or a brace.
enum class ParameterKind { Budget, Whole, Real, Choice, File, Text };

/// One parameter of a policy: what the panel shows and what the parser checks.
struct ParameterSpec {
    std::string_view id, title, help;
    ParameterKind kind = ParameterKind::Whole;
    double least = 0, most = 0;              ///< inclusive, for Whole and Real
    std::string_view initial;                ///< default, as typed; "" = derived from the budget (see `help`)
    std::vector<std::string_view> choices{}; ///< for Choice; for Text: words that may stand in it
    /// For Choice: what a choice takes of its own, typed in braces behind it: `base=expected{sinks=0}`. Null: no choice does.
    std::span<const ParameterSpec> (*own)(std::string_view choice) = nullptr;
    /// For Text: what is wrong with a value, as the rest of a sentence; "" = nothing.
    std::string (*problem)(std::string_view value) = nullptr;
};

enum class Acts { Never, EveryStep, EndOfPrompt };

/// One line of the catalog.
struct PolicyInfo {
    std::string_view name, title, summary, citation, reference; ///< reference: the code it was held to, or ""
    Acts acts = Acts::EveryStep;
    std::vector<ParameterSpec> parameters; ///< own ones first, then the shared ones
    std::string_view deviations;           ///< known differences from the reference, one sentence, or ""
    /// Which token stays when scores are equal; "" for policies without scores.
    std::string_view ties = "of equal scores the older token stays; torch does not define which, so reference code may differ";
    bool needsValueOutputNorm = false; ///< reads the trace's vo_norm, which recordings may lack
    bool selects = false;              ///< nothing leaves; every step attends to what was selected for it (acts == Never)
    bool merges = false;               ///< what leaves goes into slots that stay
    bool oracle = false;               ///< reads the future of the recording, or the row that it is asked about
};

std::span<const PolicyInfo> policyCatalog();
/// nullptr if there is none of that name.
const PolicyInfo* findPolicy(std::string_view name);

/// A policy with every parameter written out; parameters stand in the order of the catalog.
struct PolicySpec {
    std::string name = "full";
    std::vector<std::pair<std::string, std::string>> values; ///< as `canonical` writes them, quotes included

    /// `name:key=value,…` with every value, the form that results store.
    std::string canonical() const;
    std::string_view value(std::string_view key) const; ///< without quotes; "" if it has no such key
    int whole(std::string_view key) const;
    double real(std::string_view key) const;
    /// A value such as `expected{sinks=0}`: the choice as name, and what is in its braces. See ParameterSpec::own.
    PolicySpec choice(std::string_view key) const;
    Budget budget() const;
    /// The same policy with one value changed. Defaults that depend on it are derived again, except where the user typed a value.
    Result<PolicySpec> with(std::string_view key, std::string_view value) const;
    friend bool operator==(const PolicySpec&, const PolicySpec&) = default;

    std::vector<std::string> typed; ///< keys that the user gave; the others are defaults
};

/// Errors are one sentence that names the nearest right policy or key.
Result<PolicySpec> parsePolicySpec(std::string_view line);

/// Checks that need the trace's length and the prompt: budget 0, budget below sinks + recent, prompt-time without a prompt.
Result<void> checkSpec(const PolicySpec& spec, int tokens, int prompt);

} // namespace winnow
