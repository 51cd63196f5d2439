// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/model/chat/jinja/routines.h"
#include "core/model/chat/jinja/runtime.h"
#include "core/model/chat/jinja/text.h"

#include <array>
#include <charconv>
#include <cmath>
#include <optional>

namespace winnow::jinja {

namespace {

/// "12", "1_000", with `base` 16 also "0x1f"; nothing when Python's int takes it not.
std::optional<std::int64_t> wholeIn(std::string_view text, int base)
{
    text = stripped(text, true, true);
    const bool negative = text.starts_with('-');
    if (negative || text.starts_with('+'))
        text.remove_prefix(1);
    static constexpr std::array<std::pair<int, std::string_view>, 3> kPrefixes{{{16, "0x"}, {8, "0o"}, {2, "0b"}}};
    for (const auto& [digits, prefix] : kPrefixes)
        if ((base == digits || base == 0) && lowerCase(text.substr(0, 2)) == prefix) {
            base = digits;
            text.remove_prefix(2);
            if (text.starts_with('_'))
                text.remove_prefix(1);
        }
    std::string digits;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const bool between = text[i] == '_' && i > 0 && i + 1 < text.size() && text[i - 1] != '_' && text[i + 1] != '_';
        if (!between)
            digits += text[i];
    }
    std::uint64_t size = 0;
    const auto read = std::from_chars(digits.data(), digits.data() + digits.size(), size, base == 0 ? 10 : base);
    if (digits.empty() || read.ptr != digits.data() + digits.size() || digits[0] == '-')
        return std::nullopt;
    if (read.ec != std::errc() || size > static_cast<std::uint64_t>(INT64_MAX))
        stop("the number {} is larger than 63 bits", digits);
    return negative ? -static_cast<std::int64_t>(size) : static_cast<std::int64_t>(size);
}

std::optional<double> floatIn(std::string_view text)
{
    text = stripped(text, true, true);
    const bool negative = text.starts_with('-');
    if (negative || text.starts_with('+'))
        text.remove_prefix(1);
    double number = 0;
    const auto read = std::from_chars(text.data(), text.data() + text.size(), number);
    if (text.empty() || text[0] == '-' || read.ptr != text.data() + text.size())
        return std::nullopt;
    if (read.ec == std::errc::result_out_of_range)
        number = text.find("e-") == std::string_view::npos && text.find("E-") == std::string_view::npos ? INFINITY : 0;
    return negative ? -number : number;
}

std::optional<Value> truncated(double number)
{
    if (!std::isfinite(number))
        return std::nullopt;
    if (!(std::fabs(number) < 9.2e18))
        stop("the number {} is larger than 63 bits", number);
    return Value(static_cast<std::int64_t>(number));
}

void checkDefined(const Value& value)
{
    if (value.is(Kind::Undefined))
        stop("{}", value.why());
}

Value absolute(Runtime&, const Value& self, Arguments& arguments)
{
    const Bound bound(arguments, "abs", {});
    checkDefined(self);
    if (self.is(Kind::Float))
        return Value(std::fabs(self.number()));
    const std::int64_t whole = wholeOf(self, "what abs takes");
    if (whole == INT64_MIN)
        stop("the result of abs is larger than 63 bits");
    return Value(whole < 0 ? -whole : whole);
}

Value toWhole(Runtime&, const Value& self, Arguments& arguments)
{
    const Bound bound(arguments, "int", {"default", "base"});
    checkDefined(self);
    const std::int64_t base = bound.whole(1, 10);
    if (base != 0 && (base < 2 || base > 36))
        stop("int knows no base {}", base);
    const Value otherwise = bound.has(0) ? bound[0] : Value(std::int64_t{0});
    if (self.isWhole())
        return Value(self.whole());
    if (self.is(Kind::Float))
        return truncated(self.number()).value_or(otherwise);
    if (!self.isText())
        return otherwise;
    if (const auto whole = wholeIn(self.bytes(), static_cast<int>(base)))
        return Value(*whole);
    const auto number = floatIn(self.bytes());
    return number ? truncated(*number).value_or(otherwise) : otherwise;
}

Value toFloat(Runtime&, const Value& self, Arguments& arguments)
{
    const Bound bound(arguments, "float", {"default"});
    checkDefined(self);
    const Value otherwise = bound.has(0) ? bound[0] : Value(0.0);
    if (self.isNumber())
        return Value(self.number());
    const auto number = self.isText() ? floatIn(self.bytes()) : std::nullopt;
    return number ? Value(*number) : otherwise;
}

/// Half to even on what the double holds exactly, as Python rounds.
double rounded(double number, std::int64_t digits)
{
    if (!std::isfinite(number) || digits > 300)
        return number;
    if (digits < 0) {
        const double scale = std::pow(10.0, static_cast<double>(std::min<std::int64_t>(-digits, 400)));
        return std::isfinite(scale) ? std::nearbyint(number / scale) * scale : 0.0;
    }
    const std::string text = fmt::format("{:.{}f}", number, digits);
    double result = 0;
    std::from_chars(text.data(), text.data() + text.size(), result);
    return result;
}

Value round(Runtime&, const Value& self, Arguments& arguments)
{
    const Bound bound(arguments, "round", {"precision", "method"});
    checkDefined(self);
    if (!self.isNumber())
        stop("round needs a number, not {}", typeName(self));
    const std::int64_t digits = bound.whole(0, 0);
    const std::string method = bound.has(1) ? bound.text(1) : "common";
    if (method == "common") {
        if (!self.isWhole())
            return Value(rounded(self.number(), digits));
        return digits >= 0 ? Value(self.whole()) : Value(static_cast<std::int64_t>(rounded(self.number(), digits)));
    }
    if (method != "ceil" && method != "floor")
        stop("round knows the methods common, ceil and floor, not '{}'", method);
    const double scale = std::pow(10.0, static_cast<double>(digits));
    const double scaled = self.number() * scale;
    return Value((method == "ceil" ? std::ceil(scaled) : std::floor(scaled)) / scale);
}

Value fileSize(Runtime& run, const Value& self, Arguments& arguments)
{
    const Bound bound(arguments, "filesizeformat", {"binary"});
    const bool binary = bound.truth(0, false);
    const auto number = self.isNumber() ? self.number() : self.isText() ? floatIn(self.bytes()) : std::nullopt;
    if (!number)
        stop("filesizeformat needs a number, not {}", typeName(self));
    const double base = binary ? 1024 : 1000;
    if (*number == 1)
        return run.text("1 Byte");
    if (!(*number >= base))
        return run.text(fmt::format("{} Bytes", std::trunc(*number)));
    double unit = base;
    std::string_view letters = "kMGTPEZY";
    while (letters.size() > 1 && *number >= unit * base) {
        unit *= base;
        letters.remove_prefix(1);
    }
    const std::string letter = binary && letters[0] == 'k' ? "K" : std::string(letters.substr(0, 1));
    return run.text(fmt::format("{:.1f} {}{}", *number / unit, letter, binary ? "iB" : "B"));
}

constexpr std::array<std::pair<std::string_view, Routine>, 5> kFilters{
    {{"abs", absolute}, {"filesizeformat", fileSize}, {"float", toFloat}, {"int", toWhole}, {"round", round}}};

} // namespace

RoutineTable numberFilters() { return kFilters; }

} // namespace winnow::jinja
