// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/model/chat/jinja/format_spec.h"

#include "core/model/chat/jinja/budget.h"
#include "core/model/chat/jinja/print.h"
#include "core/model/chat/jinja/text.h"
#include "core/model/tokenizer/byte_level.h"
#include "core/model/tokenizer/normalized_text.h"

#include <algorithm>
#include <cmath>

namespace winnow::jinja {

namespace {

void group(std::string& digits, char separator)
{
    for (std::size_t end = std::min(digits.find_first_not_of("0123456789"), digits.size()); end > 3;)
        digits.insert(end -= 3, 1, separator);
}

/// Digits of a double without its sign, as C and Python write %e, %f and %g.
std::string digitsOf(double number, char type, std::int64_t precision, bool alternate)
{
    const double size = std::fabs(number);
    const auto digits = static_cast<int>(precision);
    const bool capital = type >= 'A' && type <= 'Z';
    if (!std::isfinite(size))
        return std::string(std::isnan(size) ? (capital ? "NAN" : "nan") : (capital ? "INF" : "inf"));
    switch (type) {
    case 'e':
        return alternate ? fmt::format("{:#.{}e}", size, digits) : fmt::format("{:.{}e}", size, digits);
    case 'E':
        return fmt::format("{:.{}E}", size, digits);
    case 'f':
    case 'F':
        return alternate ? fmt::format("{:#.{}f}", size, digits) : fmt::format("{:.{}f}", size, digits);
    case 'G':
        return fmt::format("{:.{}G}", size, digits);
    default:
        return alternate ? fmt::format("{:#.{}g}", size, digits) : fmt::format("{:.{}g}", size, digits);
    }
}

} // namespace

std::int64_t numberAt(std::string_view text, std::size_t& at, std::int64_t most)
{
    std::int64_t number = 0;
    for (; at < text.size() && text[at] >= '0' && text[at] <= '9'; ++at)
        if ((number = number * 10 + (text[at] - '0')) > most)
            stop("a format asks for more than {} characters", most);
    return number;
}

Spec specOf(std::string_view text)
{
    Spec spec;
    std::size_t at = 0;
    const auto isAlign = [](char c) { return c == '<' || c == '>' || c == '^' || c == '='; };
    if (!text.empty()) {
        const std::size_t fill = codePointAt(text, 0).bytes;
        if (fill < text.size() && isAlign(text[fill])) {
            spec.fill = text.substr(0, fill);
            spec.align = text[fill];
            at = fill + 1;
        } else if (isAlign(text[0])) {
            spec.align = text[0];
            at = 1;
        }
    }
    const auto next = [&](std::string_view any) { return at < text.size() && any.find(text[at]) != std::string_view::npos; };
    if (next("+- "))
        spec.sign = text[at++];
    if (next("#")) {
        spec.alternate = true;
        ++at;
    }
    if (next("0")) {
        if (spec.align == 0) {
            spec.align = '=';
            spec.fill = "0";
        }
        ++at;
    }
    spec.width = numberAt(text, at, kMaxWidth);
    if (next(",_"))
        spec.grouping = text[at++];
    if (next(".")) {
        ++at;
        spec.precision = numberAt(text, at, kMaxPrecision);
    }
    if (at < text.size())
        spec.type = text[at++];
    if (at < text.size())
        stop("'{}' is no format", text);
    return spec;
}

std::string padded(const std::string& text, const Spec& spec, char usual, std::size_t signs)
{
    const auto length = static_cast<std::int64_t>(countCharacters(text));
    if (length >= spec.width)
        return text;
    const std::int64_t gap = spec.width - length;
    const char align = spec.align == 0 ? usual : spec.align;
    const std::int64_t left = align == '<' ? 0 : align == '^' ? gap / 2 : gap;
    std::string out = align == '=' ? text.substr(0, signs) : "";
    for (std::int64_t i = 0; i < left; ++i)
        out += spec.fill;
    out += align == '=' ? text.substr(signs) : text;
    for (std::int64_t i = left; i < gap; ++i)
        out += spec.fill;
    return out;
}

std::string floatFormatted(double number, const Spec& spec)
{
    std::string digits;
    const bool percent = spec.type == '%';
    if (percent)
        digits = digitsOf(number * 100, 'f', spec.precision.value_or(6), spec.alternate) + "%";
    else if (spec.type == 0 && !spec.precision)
        digits = numberText(std::fabs(number));
    else if (std::string_view("eEfFgG").find(spec.type) != std::string_view::npos || spec.type == 0)
        digits = digitsOf(number, spec.type == 0 ? 'g' : spec.type, spec.precision.value_or(6), spec.alternate);
    else
        stop("a number with a point has no format '{}'", spec.type);
    if (spec.grouping != 0)
        group(digits, spec.grouping);
    const std::string sign = std::signbit(number) ? "-" : spec.sign == '-' ? "" : std::string(1, spec.sign);
    return padded(sign + digits, spec, '>', sign.size());
}

std::string wholeFormatted(std::int64_t number, const Spec& spec)
{
    const std::uint64_t size = number < 0 ? 0 - static_cast<std::uint64_t>(number) : static_cast<std::uint64_t>(number);
    std::string digits, mark;
    switch (spec.type) {
    case 'x':
        digits = fmt::format("{:x}", size);
        mark = "0x";
        break;
    case 'X':
        digits = fmt::format("{:X}", size);
        mark = "0X";
        break;
    case 'o':
        digits = fmt::format("{:o}", size);
        mark = "0o";
        break;
    case 'b':
        digits = fmt::format("{:b}", size);
        mark = "0b";
        break;
    case 'c':
        if (size > 0x10FFFF || (size >= 0xD800 && size <= 0xDFFF))
            stop("{} is no character", number);
        appendUtf8(digits, static_cast<char32_t>(size));
        return padded(digits, spec, '<');
    case 0:
    case 'd':
    case 'n':
        digits = fmt::format("{}", size);
        break;
    default:
        return floatFormatted(static_cast<double>(number), spec);
    }
    if (spec.grouping != 0)
        group(digits, spec.grouping);
    const std::string sign = (number < 0         ? "-"
                              : spec.sign == '-' ? ""
                                                 : std::string(1, spec.sign)) +
                             (spec.alternate ? mark : "");
    return padded(sign + digits, spec, '>', sign.size());
}

std::string textFormatted(const std::string& text, const Spec& spec)
{
    if (spec.type != 0 && spec.type != 's')
        stop("a text has no format '{}'", spec.type);
    const bool cuts = spec.precision && static_cast<std::size_t>(*spec.precision) < text.size();
    return padded(cuts ? text.substr(0, byteOfCharacter(text, static_cast<std::size_t>(*spec.precision))) : text, spec, '<');
}

} // namespace winnow::jinja
