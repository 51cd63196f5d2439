// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/analysis/tune/tune_axis.h"

#include "core/base/nearest.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <optional>

namespace winnow {

namespace {

constexpr int kFew = 12;      ///< whole numbers that are all tried
constexpr int kRealSteps = 8; ///< parts of a range of real numbers

std::optional<double> number(std::string_view text)
{
    double value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    return error == std::errc() && end == text.data() + text.size() && std::isfinite(value) ? std::optional(value) : std::nullopt;
}

bool isNumber(const ParameterSpec& parameter)
{
    return parameter.kind == ParameterKind::Whole || parameter.kind == ParameterKind::Real;
}

Result<const ParameterSpec*> parameterOf(const PolicyInfo& policy, std::string_view name)
{
    std::vector<std::string_view> known;
    for (const ParameterSpec& parameter : policy.parameters) {
        const bool tuned = isNumber(parameter) || parameter.kind == ParameterKind::Choice;
        if (parameter.id == name && !tuned)
            return fail(ErrorCode::Usage, "'{}' of {} is no number and no choice, so there are no values of it to try{}", name,
                        policy.name, parameter.kind == ParameterKind::Budget ? "; say one budget with --budget" : "");
        if (parameter.id == name)
            return &parameter;
        if (tuned)
            known.push_back(parameter.id);
    }
    if (known.empty())
        return fail(ErrorCode::Usage, "{} has no parameter to tune", policy.name);
    return fail(ErrorCode::Usage, "{} has no parameter '{}' to tune; did you mean '{}'? It has {}", policy.name, name,
                nearest(name, known), fmt::join(known, ", "));
}

/// low, low + 1, low + 2, low + 4, … and high: what is small matters most.
std::vector<std::string> wholeValues(std::int64_t low, std::int64_t high)
{
    std::vector<std::string> values;
    if (high - low < kFew) {
        for (std::int64_t value = low; value <= high; ++value)
            values.push_back(std::to_string(value));
        return values;
    }
    values.push_back(std::to_string(low));
    for (std::int64_t step = 1; low + step < high; step *= 2)
        values.push_back(std::to_string(low + step));
    values.push_back(std::to_string(high));
    return values;
}

std::vector<std::string> realValues(double low, double high)
{
    std::vector<std::string> values;
    for (int i = 0; i <= kRealSteps; ++i)
        values.push_back(fmt::format("{:.6g}", low + (high - low) * i / kRealSteps));
    return values;
}

std::vector<std::string> evenly(const ParameterSpec& parameter, double low, double high)
{
    return parameter.kind == ParameterKind::Whole
               ? wholeValues(static_cast<std::int64_t>(std::ceil(low)), static_cast<std::int64_t>(std::floor(high)))
               : realValues(low, high);
}

/// "0-32" as its two ends; nothing where it is no range. The first sign belongs to the number.
std::optional<std::pair<double, double>> rangeOf(std::string_view typed)
{
    const std::size_t dash = typed.find('-', 1);
    if (dash == std::string_view::npos)
        return std::nullopt;
    const auto low = number(typed.substr(0, dash)), high = number(typed.substr(dash + 1));
    return low && high ? std::optional(std::pair(*low, *high)) : std::nullopt;
}

Result<std::vector<std::string>> valuesOf(const ParameterSpec& parameter, std::string_view typed, int slots)
{
    if (!typed.empty()) {
        if (const auto range = rangeOf(typed); range && isNumber(parameter)) {
            if (!(range->first < range->second))
                return fail(ErrorCode::Usage, "the range {} of '{}' has no values between its ends; give the lower end first",
                            typed, parameter.id);
            if (range->first < parameter.least || range->second > parameter.most)
                return fail(ErrorCode::Usage, "the range {} of '{}' goes beyond the values that it takes, {:g} to {:g}", typed,
                            parameter.id, parameter.least, parameter.most);
            return evenly(parameter, range->first, range->second);
        }
        std::vector<std::string> values;
        for (std::size_t begin = 0; begin <= typed.size();) {
            const std::size_t slash = std::min(typed.find('/', begin), typed.size());
            values.emplace_back(typed.substr(begin, slash - begin));
            begin = slash + 1;
        }
        return values;
    }
    if (parameter.kind == ParameterKind::Choice)
        return std::vector<std::string>(parameter.choices.begin(), parameter.choices.end());
    if (parameter.kind == ParameterKind::Whole)
        return evenly(parameter, parameter.least, std::max(parameter.least, std::min<double>(parameter.most, slots)));
    constexpr double kEndless = 1e6;
    if (parameter.most - parameter.least > kEndless)
        return fail(ErrorCode::Usage, "'{}' has no end to its range; say which values, for example --over {}=0-1", parameter.id,
                    parameter.id);
    return evenly(parameter, parameter.least, parameter.most);
}

} // namespace

Result<TuneAxis> tuneAxis(const PolicySpec& spec, std::string_view typed, int slots)
{
    const std::size_t equals = std::min(typed.find('='), typed.size());
    const std::string_view name = typed.substr(0, equals);
    const std::string_view list = equals < typed.size() ? typed.substr(equals + 1) : std::string_view();
    const PolicyInfo* policy = findPolicy(spec.name);
    if (!policy || (equals < typed.size() && list.empty()))
        return fail(ErrorCode::Usage, "--over takes parameters such as sinks, sinks=0-32 or sinks=0/4/8, not '{}'", typed);
    WINNOW_TRY(const ParameterSpec* parameter, parameterOf(*policy, name));
    WINNOW_TRY(const std::vector<std::string> tried, valuesOf(*parameter, list, slots));

    TuneAxis axis{.parameter = std::string(name)};
    const std::string start(spec.value(name));
    const bool choice = parameter->kind == ParameterKind::Choice;
    for (const std::string& value : tried) {
        WINNOW_TRY(const PolicySpec one, spec.with(name, value));
        std::string canonical(one.value(name));
        // A choice with what it takes of its own stands for the choice.
        if (choice && one.choice(name).name == spec.choice(name).name)
            canonical = start;
        if (std::find(axis.values.begin(), axis.values.end(), canonical) == axis.values.end())
            axis.values.push_back(std::move(canonical));
    }
    if (std::find(axis.values.begin(), axis.values.end(), start) == axis.values.end())
        axis.values.push_back(start);
    if (!choice)
        std::sort(axis.values.begin(), axis.values.end(),
                  [](const std::string& a, const std::string& b) { return number(a).value_or(0) < number(b).value_or(0); });
    axis.start = static_cast<std::size_t>(std::find(axis.values.begin(), axis.values.end(), start) - axis.values.begin());
    if (axis.values.size() < 2)
        return fail(ErrorCode::Usage, "'{}' has one value to try, {}; give more, for example --over {}=0-32", name, start, name);
    return axis;
}

} // namespace winnow
