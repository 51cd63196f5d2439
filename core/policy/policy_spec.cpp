// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/policy/policy_spec.h"

#include "core/base/check.h"
#include "core/base/nearest.h"
#include "core/base/printable.h"
#include "core/policy/meant_line.h"
#include "core/policy/quoted_value.h"
#include "core/policy/recipe.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <optional>

namespace winnow {

namespace {

/// Methods that people ask for and a trace cannot serve, with the reason.
constexpr std::pair<std::string_view, std::string_view> kNotServed[] = {
    {"kvzip", "it scores by a second pass, in which the model repeats the text, and a trace holds one pass; noncausal and "
              "expected-attention ask no question either"},
    {"kvcompose", "it scores by a second pass over the text, and a trace holds one pass"},
    {"fastkvzip", "it scores by a gate trained for each model, on hidden states that a trace does not hold"},
    {"kvzap", "it scores by a predictor trained for each model, on hidden states that a trace does not hold"},
    {"restorekv", "it adds tokens trained for each model"},
    {"dms", "it evicts by a threshold instead of a budget, on a model trained for it"},
    {"triattention",
     "it scores keys by the mean queries of every head, which its authors gather over other texts and a trace does "
     "not hold; qfilter and expected-attention take such means from the prompt"},
    {"think", "it prunes channels of keys, not tokens"},
    {"minference", "it never evicts; it leaves out parts of the prompt's attention"},
};

std::optional<double> number(std::string_view text)
{
    double value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc{} || end != text.data() + text.size() || !std::isfinite(value))
        return std::nullopt;
    return value;
}

std::optional<Budget> budgetFrom(std::string_view text)
{
    const bool percent = text.ends_with('%');
    const auto amount = number(percent ? text.substr(0, text.size() - 1) : text);
    if (!amount || *amount < 0 || (!percent && (*amount != std::floor(*amount) || *amount > 1e9)) || (percent && *amount > 100))
        return std::nullopt;
    return Budget{*amount, percent};
}

/// What was given, as a refusal repeats it: its reason stands behind and is not to be lost.
std::string echoed(std::string_view given) { return shortPrintable(given, 200); }

std::string choicesOf(const ParameterSpec& parameter) { return fmt::format("{}", fmt::join(parameter.choices, ", ")); }

/// `who`: whose parameter it is, as a sentence begins ("policy 'h2o'").
Result<void> checkValue(std::string_view who, const ParameterSpec& parameter, std::string_view value)
{
    const auto refuse = [&](std::string_view expected) {
        return fail(ErrorCode::Usage, "{}: {}={} is not understood; expected {}", who, parameter.id, echoed(value), expected);
    };
    switch (parameter.kind) {
    case ParameterKind::Budget: {
        const auto budget = budgetFrom(value);
        if (!budget)
            return refuse("a number of tokens such as 128, or a share of the text such as 25%");
        if (budget->amount == 0)
            return fail(ErrorCode::BadInput, "{}: a budget of 0 keeps nothing; give at least 1 token", who);
        return {};
    }
    case ParameterKind::Choice: {
        const std::string_view choice = parameter.own ? value.substr(0, value.find('{')) : value;
        if (std::find(parameter.choices.begin(), parameter.choices.end(), choice) == parameter.choices.end())
            return fail(ErrorCode::Usage, "{}: {}={} is not one of {}; did you mean {}={}?", who, parameter.id, echoed(choice),
                        choicesOf(parameter), parameter.id, nearest(choice, parameter.choices));
        return {};
    }
    case ParameterKind::File:
        return value.empty() ? refuse("the name of a file") : Result<void>();
    case ParameterKind::Text: {
        const std::string problem = parameter.problem(value);
        if (problem.empty())
            return {};
        return fail(ErrorCode::Usage, "{}: {}={} is not understood: {}", who, parameter.id, echoed(value), problem);
    }
    case ParameterKind::Whole:
    case ParameterKind::Real: {
        const auto given = number(value);
        const bool whole = parameter.kind == ParameterKind::Whole;
        if (!given || *given < parameter.least || *given > parameter.most || (whole && *given != std::floor(*given)))
            return refuse(fmt::format("a {} from {} to {}", whole ? "whole number" : "number", parameter.least, parameter.most));
        return {};
    }
    }
    return {};
}

using Values = std::vector<std::pair<std::string, std::string>>;

std::string joined(const Values& values)
{
    std::string text;
    for (const auto& [key, value] : values)
        if (!value.empty()) // else derived from a budget in per cent, known once the trace is
            text += fmt::format("{}{}={}", text.empty() ? "" : ",", key, value);
    return text;
}

Result<std::string> writtenOut(std::string_view who, const ParameterSpec& parameter, std::string_view value);

/// The defaults of `parameters`.
Values defaultsOf(std::span<const ParameterSpec> parameters)
{
    Values values;
    for (const ParameterSpec& parameter : parameters)
        values.emplace_back(parameter.id,
                            parameter.own ? *writtenOut("", parameter, parameter.initial) : std::string(parameter.initial));
    return values;
}

/// Reads key=value,… into `values`, which hold the defaults of `parameters`; `typed`: the keys that were given.
Result<void> readPairs(std::string_view who, std::string_view rest, std::span<const ParameterSpec> parameters, Values& values,
                       std::vector<std::string>& typed)
{
    while (!rest.empty()) {
        const auto equals = rest.find('=');
        if (equals >= rest.find(','))
            return fail(ErrorCode::Usage, "{}: '{}' is not key=value; a policy line looks like treekv:budget=128,sinks=4", who,
                        echoed(rest.substr(0, rest.find(','))));
        const std::string_view key = rest.substr(0, equals);
        const auto parameter =
            std::find_if(parameters.begin(), parameters.end(), [&](const ParameterSpec& known) { return known.id == key; });
        if (parameter == parameters.end()) {
            std::vector<std::string_view> keys;
            for (const ParameterSpec& known : parameters)
                keys.push_back(known.id);
            if (keys.empty())
                return fail(ErrorCode::Usage, "{} takes no parameters, but '{}' was given", who, echoed(key));
            return fail(ErrorCode::Usage, "{} has no key '{}'; did you mean '{}'? It takes {}", who, echoed(key),
                        nearest(key, keys), fmt::join(keys, ", "));
        }
        rest.remove_prefix(equals + 1);
        const auto end = endOfValue(rest, parameter->own != nullptr);
        const std::string_view written = rest.substr(0, end), value = unquoted(written);
        rest = end == std::string_view::npos ? std::string_view() : rest.substr(end + 1);
        if (value.starts_with('"'))
            return fail(ErrorCode::Usage, "{}: {}={} lacks its closing quote, or something follows it; expected {}=\"…\"", who,
                        key, echoed(written), key);
        if (!parameter->own && unquoted(quotedIfNeeded(value)) != value)
            return fail(ErrorCode::Usage,
                        "{}: {}={} holds a double quote beside a comma or a brace, which no policy line can say; leave one of "
                        "them out",
                        who, key, echoed(value));
        auto checked = checkValue(who, *parameter, value);
        if (!checked && parameter->kind == ParameterKind::Text && written == value && end != std::string_view::npos)
            checked.error().message += "; one with a comma stands in double quotes";
        WINNOW_TRY_VOID(std::move(checked));
        if (std::find(typed.begin(), typed.end(), key) != typed.end())
            return fail(ErrorCode::Usage, "{}: '{}' is given twice", who, key);
        if (key == "kernel" && static_cast<int>(*number(value)) % 2 == 0)
            return fail(ErrorCode::Usage,
                        "{}: kernel={} is even, which would shift the scores; give an odd number from 1 to 1001", who,
                        echoed(value));
        std::string& target = values[static_cast<std::size_t>(parameter - parameters.begin())].second;
        if (parameter->own) {
            WINNOW_TRY(target, writtenOut(who, *parameter, value));
        } else {
            target = quotedIfNeeded(value);
        }
        typed.emplace_back(key);
    }
    return {};
}

/// A choice with every parameter of its own: `expected` → `expected{future=512,…}`.
Result<std::string> writtenOut(std::string_view who, const ParameterSpec& parameter, std::string_view value)
{
    const auto open = value.find('{');
    const std::string_view choice = value.substr(0, open);
    const std::span<const ParameterSpec> own = parameter.own(choice);
    Values values = defaultsOf(own);
    if (open != std::string_view::npos) {
        if (!value.ends_with('}'))
            return fail(ErrorCode::Usage,
                        "{}: {}={} lacks its closing brace, or something follows it; expected {}{{key=value,…}}", who,
                        parameter.id, echoed(value), choice);
        std::vector<std::string> typed;
        WINNOW_TRY_VOID(readPairs(fmt::format("{}: {}={}", who, parameter.id, choice),
                                  value.substr(open + 1, value.size() - open - 2), own, values, typed));
    }
    const std::string text = joined(values);
    return text.empty() ? std::string(choice) : fmt::format("{}{{{}}}", choice, text);
}

/// Fills every derived value that can be known before the trace is: a budget in tokens, not in per cent.
void deriveKnown(PolicySpec& spec)
{
    if (!spec.value("budget").empty() && !spec.budget().percent)
        spec = ownResolved(spec, 0);
}

} // namespace

int Budget::slotCount(int tokens) const { return static_cast<int>(percent ? std::floor(tokens * amount / 100) : amount); }

std::string_view PolicySpec::value(std::string_view key) const
{
    const auto found = std::find_if(values.begin(), values.end(), [&](const auto& entry) { return entry.first == key; });
    return found == values.end() ? std::string_view() : unquoted(found->second);
}

int PolicySpec::whole(std::string_view key) const { return static_cast<int>(real(key)); }

double PolicySpec::real(std::string_view key) const
{
    const auto parsed = number(value(key));
    WINNOW_CHECK(parsed, "policy '{}' has no number '{}' (resolve the spec first)", name, key);
    return *parsed;
}

Budget PolicySpec::budget() const
{
    const auto text = value("budget");
    return text.empty() ? Budget{100, true} : budgetFrom(text).value_or(Budget{});
}

PolicySpec PolicySpec::choice(std::string_view key) const
{
    const std::string_view text = value(key);
    const auto open = std::min(text.find('{'), text.size());
    PolicySpec own{.name = std::string(text.substr(0, open))};
    for (std::string_view rest = open < text.size() ? text.substr(open + 1, text.size() - open - 2) : ""; !rest.empty();) {
        const auto equals = rest.find('=');
        const std::string_view key = rest.substr(0, equals);
        rest.remove_prefix(equals + 1);
        const auto comma = std::min(endOfValue(rest, false), rest.size());
        own.values.emplace_back(key, rest.substr(0, comma));
        rest.remove_prefix(std::min(comma + 1, rest.size()));
    }
    return own;
}

std::string PolicySpec::canonical() const
{
    const std::string text = joined(values);
    return text.empty() ? name : fmt::format("{}:{}", name, text);
}

namespace {

/// Whether a value of `key` may have braces that are its own.
bool isChoice(std::string_view policy, std::string_view key)
{
    const PolicyInfo* info = findPolicy(policy);
    return info && std::any_of(info->parameters.begin(), info->parameters.end(), [&](const ParameterSpec& parameter) {
               return parameter.id == key && parameter.kind == ParameterKind::Choice;
           });
}

} // namespace

Result<PolicySpec> PolicySpec::with(std::string_view key, std::string_view value) const
{
    std::string line = name;
    char separator = ':';
    const auto add = [&](std::string_view k, std::string_view v) {
        line += fmt::format("{}{}={}", separator, k, v);
        separator = ',';
    };
    for (const std::string& known : typed)
        if (known != key)
            add(known, isChoice(name, known) ? this->value(known) : quotedIfNeeded(this->value(known)));
    add(key, isChoice(name, key) || value.starts_with('"') ? std::string(value) : quotedIfNeeded(value));
    return parsePolicySpec(line);
}

namespace {

Result<PolicySpec> parseExactly(std::string_view line)
{
    const auto colon = line.find(':');
    const std::string_view name = line.substr(0, colon);
    const PolicyInfo* info = findPolicy(name);
    if (!info) {
        for (const auto& [unserved, why] : kNotServed)
            if (name == unserved)
                return fail(ErrorCode::Usage, "there is no policy '{}': {}; `winnow policies` lists those there are", name, why);
        std::vector<std::string_view> names;
        for (const PolicyInfo& known : policyCatalog())
            names.push_back(known.name);
        return fail(ErrorCode::Usage, "there is no policy '{}'; did you mean '{}'? `winnow policies` lists them", echoed(name),
                    nearest(name, names));
    }
    PolicySpec spec{.name = std::string(name), .values = defaultsOf(info->parameters)};
    WINNOW_TRY_VOID(readPairs(fmt::format("policy '{}'", name),
                              colon == std::string_view::npos ? std::string_view() : line.substr(colon + 1), info->parameters,
                              spec.values, spec.typed));
    deriveKnown(spec);
    return spec;
}

} // namespace

Result<PolicySpec> parsePolicySpec(std::string_view line)
{
    auto spec = parseExactly(line);
    if (spec)
        return spec;
    if (const std::string meant = meantLine(line); meant != line && parseExactly(meant))
        return fail(ErrorCode::Usage, "the policy line '{}' cannot be read; did you mean '{}'?", echoed(line), echoed(meant));
    return spec;
}

namespace {

/// Whether a budget of `slots` holds what may not leave. `from`: whose parameters say so, `spec` or the policy that follows it.
Result<void> checkRoom(const PolicySpec& spec, const PolicySpec& from, const Protection& protection, int reserved, int slots)
{
    const auto [sinks, recent, window] = protection;
    if (sinks + recent > slots) {
        std::vector<std::string> given, names; // the parameters that say so: "sinks=4", "recent=124"
        for (const std::string_view id : {"sinks", "recent", "tail", "window"})
            if (!from.value(id).empty() && from.whole(id) > 0 && (id != "window" || window == 0)) {
                given.push_back(fmt::format("{}={}", id, from.value(id)));
                names.emplace_back(id);
            }
        if (given.empty()) { // a policy with words of its own
            given.push_back(fmt::format("{} tokens that may not leave", sinks + recent));
            names.emplace_back("their number");
        }
        return fail(ErrorCode::BadInput,
                    "policy '{}': a budget of {} cannot hold {}; raise the budget to {} or more, or lower {}", spec.name, slots,
                    fmt::join(given, " and "), sinks + recent, fmt::join(names, " or "));
    }
    if (sinks + recent + window > slots)
        return fail(ErrorCode::BadInput,
                    "policy '{}': a budget of {} cannot hold an observation window of {}{}; raise the budget to {} or "
                    "more, or lower window to {} or less",
                    spec.name, slots, window,
                    sinks + recent > 0 ? fmt::format(" beside {} sinks and {} recent tokens", sinks, recent) : std::string(),
                    sinks + recent + window, std::max(1, slots - sinks - recent));
    if (sinks + recent + window + reserved > slots)
        return fail(ErrorCode::BadInput,
                    "policy '{}': a budget of {} cannot hold {} merged slots beside {} that may not leave; raise the "
                    "budget or lower dense",
                    spec.name, slots, reserved, sinks + recent + window);
    return {};
}

} // namespace

Result<void> checkSpec(const PolicySpec& given, int tokens, int prompt)
{
    const PolicyInfo* info = findPolicy(given.name);
    WINNOW_CHECK(info, "no policy '{}'", given.name);
    if (info->acts == Acts::Never && !info->selects)
        return {};
    for (const ParameterSpec& parameter : info->parameters)
        if (parameter.kind == ParameterKind::File && given.value(parameter.id).empty())
            return fail(ErrorCode::BadInput, "policy '{}' reads a file that was not named; give {}=FILE", given.name,
                        parameter.id);
    const PolicySpec spec = resolved(given, tokens);
    const int slots = spec.budget().slotCount(tokens);
    if (slots < 1)
        return fail(ErrorCode::BadInput, "policy '{}': a budget of {} of {} tokens keeps nothing; give at least 1 token",
                    spec.name, spec.value("budget"), tokens);
    if (const std::string contradiction = contradictionIn(spec, slots); !contradiction.empty())
        return fail(ErrorCode::BadInput, "policy '{}': {}", spec.name, contradiction);
    const Recipe recipe = recipeOf(spec);
    WINNOW_TRY_VOID(checkRoom(spec, spec, recipe.atPromptEnd(), recipe.reserved, slots));
    WINNOW_TRY_VOID(checkRoom(spec, spec.choice("then"), recipe.protection, recipe.reserved, slots));
    if (info->acts == Acts::EndOfPrompt && prompt < 1)
        return fail(ErrorCode::BadInput,
                    "policy '{}' chooses once, at the end of the prompt, and there is no prompt; give its length "
                    "with --prompt N",
                    spec.name);
    return {};
}

} // namespace winnow
