// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/policy/policy_spec.h"

#include "core/base/check.h"
#include "core/base/nearest.h"
#include "core/policy/recipe.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <optional>

namespace winnow {

namespace {

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

std::string choicesOf(const ParameterSpec& parameter) { return fmt::format("{}", fmt::join(parameter.choices, ", ")); }

Result<void> checkValue(std::string_view policy, const ParameterSpec& parameter, std::string_view value)
{
    const auto refuse = [&](std::string_view expected) {
        return fail(ErrorCode::Usage, "policy '{}': {}={} is not understood; expected {}", policy, parameter.id, value, expected);
    };
    switch (parameter.kind) {
    case ParameterKind::Budget: {
        const auto budget = budgetFrom(value);
        if (!budget)
            return refuse("a number of tokens such as 128, or a share of the text such as 25%");
        if (budget->amount == 0)
            return fail(ErrorCode::BadInput, "policy '{}': a budget of 0 keeps nothing; give at least 1 token", policy);
        return {};
    }
    case ParameterKind::Choice:
        if (std::find(parameter.choices.begin(), parameter.choices.end(), value) == parameter.choices.end())
            return fail(ErrorCode::Usage, "policy '{}': {}={} is not one of {}; did you mean {}={}?", policy, parameter.id, value,
                        choicesOf(parameter), parameter.id, nearest(value, parameter.choices));
        return {};
    case ParameterKind::File:
        return {};
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

/// Fills every derived value that can be known before the trace is: a budget in tokens, not in per cent.
void deriveKnown(PolicySpec& spec)
{
    if (!spec.value("budget").empty() && !spec.budget().percent)
        spec = resolved(spec, 0);
}

} // namespace

int Budget::slotCount(int tokens) const { return static_cast<int>(percent ? std::floor(tokens * amount / 100) : amount); }

std::string_view PolicySpec::value(std::string_view key) const
{
    const auto found = std::find_if(values.begin(), values.end(), [&](const auto& entry) { return entry.first == key; });
    return found == values.end() ? std::string_view() : std::string_view(found->second);
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

std::string PolicySpec::canonical() const
{
    std::string line = name;
    char separator = ':';
    for (const auto& [key, value] : values) {
        if (value.empty())
            continue; // derived from a budget in per cent, known once the trace is
        line += fmt::format("{}{}={}", separator, key, value);
        separator = ',';
    }
    return line;
}

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
            add(known, this->value(known));
    add(key, value);
    return parsePolicySpec(line);
}

Result<PolicySpec> parsePolicySpec(std::string_view line)
{
    const auto colon = line.find(':');
    const std::string_view name = line.substr(0, colon);
    const PolicyInfo* info = findPolicy(name);
    if (!info) {
        std::vector<std::string_view> names;
        for (const PolicyInfo& known : policyCatalog())
            names.push_back(known.name);
        return fail(ErrorCode::Usage, "there is no policy '{}'; did you mean '{}'? `winnow policies` lists them", name,
                    nearest(name, names));
    }
    PolicySpec spec{.name = std::string(name)};
    for (const ParameterSpec& parameter : info->parameters)
        spec.values.emplace_back(parameter.id, parameter.initial);

    std::string_view rest = colon == std::string_view::npos ? std::string_view() : line.substr(colon + 1);
    while (!rest.empty()) {
        const auto comma = rest.find(',');
        const std::string_view pair = rest.substr(0, comma);
        rest = comma == std::string_view::npos ? std::string_view() : rest.substr(comma + 1);
        const auto equals = pair.find('=');
        if (equals == std::string_view::npos)
            return fail(ErrorCode::Usage,
                        "policy '{}': '{}' is not key=value; a policy line looks like treekv:budget=128,sinks=4", name, pair);
        const std::string_view key = pair.substr(0, equals), value = pair.substr(equals + 1);
        const auto parameter = std::find_if(info->parameters.begin(), info->parameters.end(),
                                            [&](const ParameterSpec& known) { return known.id == key; });
        if (parameter == info->parameters.end()) {
            std::vector<std::string_view> keys;
            for (const ParameterSpec& known : info->parameters)
                keys.push_back(known.id);
            if (keys.empty())
                return fail(ErrorCode::Usage, "policy '{}' takes no parameters, but '{}' was given", name, key);
            return fail(ErrorCode::Usage, "policy '{}' has no key '{}'; did you mean '{}'? It takes {}", name, key,
                        nearest(key, keys), fmt::join(keys, ", "));
        }
        WINNOW_TRY_VOID(checkValue(name, *parameter, value));
        if (std::find(spec.typed.begin(), spec.typed.end(), key) != spec.typed.end())
            return fail(ErrorCode::Usage, "policy '{}': '{}' is given twice", name, key);
        spec.typed.emplace_back(key);
        spec.values[static_cast<std::size_t>(parameter - info->parameters.begin())].second = std::string(value);
    }
    if (const auto kernel = spec.value("kernel"); !kernel.empty() && spec.whole("kernel") % 2 == 0)
        return fail(ErrorCode::Usage,
                    "policy '{}': kernel={} is even, which would shift the scores; give an odd number from 1 to 1001", name,
                    kernel);
    deriveKnown(spec);
    return spec;
}

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
    const auto [sinks, recent, window] = recipe.protection;
    if (sinks + recent > slots) {
        std::vector<std::string> given, names; // the parameters that say so: "sinks=4", "recent=124"
        for (const std::string_view id : {"sinks", "recent", "tail", "window"})
            if (!spec.value(id).empty() && spec.whole(id) > 0 && (id != "window" || window == 0)) {
                given.push_back(fmt::format("{}={}", id, spec.value(id)));
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
    if (sinks + recent + window + recipe.reserved > slots)
        return fail(ErrorCode::BadInput,
                    "policy '{}': a budget of {} cannot hold {} merged slots beside {} that may not leave; raise the "
                    "budget or lower dense",
                    spec.name, slots, recipe.reserved, sinks + recent + window);
    if (info->acts == Acts::EndOfPrompt && prompt < 1)
        return fail(ErrorCode::BadInput,
                    "policy '{}' chooses once, at the end of the prompt, and there is no prompt; give its length "
                    "with --prompt N",
                    spec.name);
    return {};
}

} // namespace winnow
