// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/analysis/figures/figure_values.h"

#include "core/analysis/running_mean.h"
#include "core/base/nearest.h"

#include <algorithm>
#include <charconv>

namespace winnow::figure_values {

// --- what was typed, as values

namespace {

template <class Number>
std::optional<Number> numberIn(std::string_view typed)
{
    Number number{};
    const auto [end, error] = std::from_chars(typed.data(), typed.data() + typed.size(), number);
    return error == std::errc() && end == typed.data() + typed.size() ? std::optional(number) : std::nullopt;
}

bool isTooLarge(std::string_view typed)
{
    int number = 0;
    return std::from_chars(typed.data(), typed.data() + typed.size(), number).ec == std::errc::result_out_of_range;
}

std::vector<std::string_view> partsOf(std::string_view typed)
{
    std::vector<std::string_view> parts;
    while (true) {
        const std::size_t comma = std::min(typed.find(','), typed.size());
        parts.push_back(typed.substr(0, comma));
        if (comma == typed.size())
            return parts;
        typed.remove_prefix(comma + 1);
    }
}

} // namespace

ReadValue<int> whole(int least, int most)
{
    return [least, most](std::string_view typed) -> Result<int> {
        const auto number = numberIn<int>(typed);
        if (number && *number >= least && *number <= most)
            return *number;
        if (most == std::numeric_limits<int>::max() && !isTooLarge(typed))
            return fail(ErrorCode::Usage, "takes a whole number of {} or more, not '{}'", least, typed);
        return fail(ErrorCode::Usage, "takes a whole number from {} to {}, not '{}'", least, most, typed);
    };
}

ReadValue<double> real(double least, double most)
{
    return [least, most](std::string_view typed) -> Result<double> {
        const auto number = numberIn<double>(typed);
        if (number && *number >= least && *number <= most)
            return *number;
        return fail(ErrorCode::Usage, "takes a number from {} to {}, not '{}'", least, most, typed);
    };
}

ReadValue<std::vector<int>> wholes(int least)
{
    return [read = whole(least)](std::string_view typed) -> Result<std::vector<int>> {
        std::vector<int> numbers;
        for (const std::string_view part : partsOf(typed)) {
            WINNOW_TRY(const int number, read(part));
            numbers.push_back(number);
        }
        return numbers;
    };
}

Result<IntRange> rangeIn(std::string_view typed)
{
    const std::size_t dash = typed.find('-');
    const auto first = numberIn<int>(typed.substr(0, dash));
    const auto last = dash == std::string_view::npos ? first : numberIn<int>(typed.substr(dash + 1));
    if (!first || !last || *first < 0 || *last < *first)
        return fail(ErrorCode::Usage, "takes a number or a range like 0-5, first to last, not '{}'", typed);
    return IntRange{*first, *last};
}

Result<std::vector<IntRange>> rangesIn(std::string_view typed)
{
    std::vector<IntRange> ranges;
    for (const std::string_view part : partsOf(typed)) {
        WINNOW_TRY(const IntRange range, rangeIn(part));
        ranges.push_back(range);
    }
    return ranges;
}

Result<Lanes> lanesIn(std::string_view typed)
{
    Lanes lanes;
    if (typed == "all")
        return lanes;
    for (const std::string_view part : partsOf(typed)) {
        const std::size_t point = std::min(part.find('.'), part.size());
        const auto layer = numberIn<int>(part.substr(0, point)),
                   head = numberIn<int>(part.substr(std::min(point + 1, part.size())));
        if (!layer || !head || *layer < 0 || *head < 0)
            return fail(ErrorCode::Usage, "takes layer.head, for example 0.3, not '{}'", part);
        lanes.push_back({*layer, *head});
    }
    return lanes;
}

Result<std::vector<FigureSpan>> spansIn(std::string_view typed)
{
    std::vector<FigureSpan> spans;
    for (const std::string_view part : partsOf(typed)) {
        const std::size_t equals = std::min(part.find('='), part.size());
        WINNOW_TRY(const IntRange tokens, rangeIn(part.substr(0, equals)));
        spans.push_back({tokens, std::string(part.substr(std::min(equals + 1, part.size())))});
    }
    return spans;
}

ReadValue<std::string> oneOf(std::vector<std::string_view> names)
{
    return [names = std::move(names)](std::string_view typed) -> Result<std::string> {
        if (std::find(names.begin(), names.end(), typed) != names.end())
            return std::string(typed);
        return fail(ErrorCode::Usage, "takes {}, not '{}'; the nearest is '{}'", fmt::join(names, ", "), typed,
                    nearest(typed, names));
    };
}

Result<int> smoothingIn(std::string_view typed)
{
    if (typed == kSoFar)
        return kMeanSoFar;
    const auto steps = numberIn<int>(typed);
    if (steps && *steps >= 1)
        return *steps;
    return fail(ErrorCode::Usage, "takes a number of steps, 1 or more, or {}, not '{}'", kSoFar, typed);
}

// --- values, as they are typed

std::string textOf(int number) { return std::to_string(number); }
std::string textOf(double number) { return fmt::format("{}", number); }
std::string textOf(const std::string& word) { return word; }
std::string textOf(IntRange range) { return fmt::format("{}-{}", range.first, range.second); }
std::string textOf(const std::vector<int>& numbers) { return fmt::format("{}", fmt::join(numbers, ",")); }
std::string textOf(const std::vector<IntRange>& ranges)
{
    std::string text;
    for (const IntRange& range : ranges)
        text += fmt::format("{}{}", text.empty() ? "" : ",", range.first == range.second ? textOf(range.first) : textOf(range));
    return text;
}
std::string textOf(const Lanes& lanes)
{
    std::string text;
    for (const auto& [layer, head] : lanes)
        text += fmt::format("{}{}.{}", text.empty() ? "" : ",", layer, head);
    return text.empty() ? "all" : text;
}

/// A comma in a name would part it.
std::string textOf(const std::vector<FigureSpan>& spans)
{
    std::string text;
    for (const FigureSpan& span : spans) {
        std::string name = span.name;
        std::replace(name.begin(), name.end(), ',', ' ');
        text += fmt::format("{}{}{}{}", text.empty() ? "" : ",", textOf(span.tokens), name.empty() ? "" : "=", name);
    }
    return text;
}

} // namespace winnow::figure_values
