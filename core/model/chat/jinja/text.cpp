// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/model/chat/jinja/text.h"

#include "core/model/tokenizer/byte_level.h"
#include "core/model/tokenizer/normalized_text.h"

#include <utf8proc.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <utility>

namespace winnow::jinja {

namespace {

utf8proc_category_t categoryOf(char32_t c) { return utf8proc_category(static_cast<utf8proc_int32_t>(c)); }

bool isUpper(char32_t c) { return utf8proc_isupper(static_cast<utf8proc_int32_t>(c)) != 0; }
bool isLower(char32_t c) { return utf8proc_islower(static_cast<utf8proc_int32_t>(c)) != 0; }
bool isTitle(char32_t c) { return categoryOf(c) == UTF8PROC_CATEGORY_LT; }
bool isCased(char32_t c) { return isUpper(c) || isLower(c) || isTitle(c); }

bool isLetter(char32_t c)
{
    const auto category = categoryOf(c);
    return category >= UTF8PROC_CATEGORY_LU && category <= UTF8PROC_CATEGORY_LO;
}

/// Letters that become several ones in upper case, and what they become at the start of a word.
struct Longer {
    char32_t letter;
    std::string_view upper, title;
};
constexpr std::array kLonger{
    Longer{0xDF, "SS", "Ss"},           Longer{0xFB00, "FF", "Ff"},   Longer{0xFB01, "FI", "Fi"},
    Longer{0xFB02, "FL", "Fl"},         Longer{0xFB03, "FFI", "Ffi"}, Longer{0xFB04, "FFL", "Ffl"},
    Longer{0xFB05, "ST", "St"},         Longer{0xFB06, "ST", "St"},   Longer{0x149, "\u02BCN", "\u02BCN"},
    Longer{0x1F0, "J\u030C", "J\u030C"}};

enum class Case { Upper, Lower, Title };

void append(std::string& out, char32_t c, Case to)
{
    if (c < 0x80) {
        const bool changes = to == Case::Lower ? c >= 'A' && c <= 'Z' : c >= 'a' && c <= 'z';
        out += static_cast<char>(changes ? c ^ 0x20 : c);
        return;
    }
    if (to != Case::Lower)
        for (const Longer& each : kLonger)
            if (each.letter == c) {
                out += to == Case::Upper ? each.upper : each.title;
                return;
            }
    if (to == Case::Lower && c == 0x130) {
        out += "i\u0307";
        return;
    }
    const auto code = static_cast<utf8proc_int32_t>(c);
    appendUtf8(out, static_cast<char32_t>(to == Case::Upper   ? utf8proc_toupper(code)
                                          : to == Case::Lower ? utf8proc_tolower(code)
                                                              : utf8proc_totitle(code)));
}

/// `next` says for each character which case it takes.
template <class Next>
std::string withCases(std::string_view text, Next next)
{
    std::string out;
    out.reserve(text.size());
    for (std::size_t at = 0; at < text.size();) {
        const CodePoint point = codePointAt(text, at);
        append(out, point.value, next(point.value));
        at += point.bytes;
    }
    return out;
}

/// The character that ends before `at`.
CodePoint pointBefore(std::string_view text, std::size_t at)
{
    std::size_t begin = at - 1;
    while (isContinuation(text[begin]))
        --begin;
    return codePointAt(text, begin);
}

/// One digit that is written small or inside something: "²", "①".
bool isCircledOrRaised(char32_t c)
{
    return c == 0xB2 || c == 0xB3 || c == 0xB9 || (c >= 0x2070 && c <= 0x2089) || (c >= 0x2460 && c <= 0x2468) ||
           (c >= 0x2474 && c <= 0x247C) || (c >= 0x2488 && c <= 0x2490) || c == 0x24EA || (c >= 0x24F5 && c <= 0x24FD) ||
           c == 0x24FF || (c >= 0x2776 && c <= 0x277E) || (c >= 0x2780 && c <= 0x2788) || (c >= 0x278A && c <= 0x2792);
}

bool endsLine(char32_t c)
{
    return (c >= 0x0A && c <= 0x0D) || (c >= 0x1C && c <= 0x1E) || c == 0x85 || c == 0x2028 || c == 0x2029;
}

} // namespace

std::size_t countCharacters(std::string_view text)
{
    return text.size() - static_cast<std::size_t>(std::ranges::count_if(text, isContinuation));
}

std::size_t byteOfCharacter(std::string_view text, std::size_t index)
{
    std::size_t at = 0;
    for (; index > 0 && at < text.size(); --index)
        at += codePointAt(text, at).bytes;
    return at;
}

std::vector<std::string_view> charactersOf(std::string_view text)
{
    std::vector<std::string_view> result;
    for (std::size_t at = 0; at < text.size();) {
        const std::size_t bytes = codePointAt(text, at).bytes;
        result.push_back(text.substr(at, bytes));
        at += bytes;
    }
    return result;
}

bool isBlank(char32_t character) { return isWhiteSpace(character) || (character >= 0x1C && character <= 0x1F); }

std::string_view stripped(std::string_view text, bool left, bool right, std::optional<std::string_view> characters)
{
    const auto goes = [&](std::size_t at, const CodePoint& point) {
        return characters ? characters->find(text.substr(at, point.bytes)) != std::string_view::npos : isBlank(point.value);
    };
    while (left && !text.empty()) {
        const CodePoint point = codePointAt(text, 0);
        if (!goes(0, point))
            break;
        text.remove_prefix(point.bytes);
    }
    while (right && !text.empty()) {
        const CodePoint point = pointBefore(text, text.size());
        if (!goes(text.size() - point.bytes, point))
            break;
        text.remove_suffix(point.bytes);
    }
    return text;
}

std::vector<std::string_view> linesOf(std::string_view text, bool keepEnds)
{
    std::vector<std::string_view> lines;
    std::size_t begin = 0;
    for (std::size_t at = 0; at < text.size();) {
        const CodePoint point = codePointAt(text, at);
        if (!endsLine(point.value)) {
            at += point.bytes;
            continue;
        }
        const std::size_t end = at + (text.substr(at, 2) == "\r\n" ? 2 : point.bytes);
        lines.push_back(text.substr(begin, (keepEnds ? end : at) - begin));
        begin = at = end;
    }
    if (begin < text.size())
        lines.push_back(text.substr(begin));
    return lines;
}

std::size_t findText(std::string_view text, std::string_view part, std::size_t from)
{
    if (from > text.size())
        return std::string_view::npos;
    if (part.empty())
        return from;
    const void* found = memmem(text.data() + from, text.size() - from, part.data(), part.size());
    return found == nullptr ? std::string_view::npos : static_cast<std::size_t>(static_cast<const char*>(found) - text.data());
}

std::size_t countText(std::string_view text, std::string_view part)
{
    if (part.empty())
        return countCharacters(text) + 1;
    std::size_t count = 0;
    for (std::size_t at = 0; (at = findText(text, part, at)) != std::string_view::npos; at += part.size())
        ++count;
    return count;
}

std::string replaced(std::string_view text, std::string_view part, std::string_view by, long long most)
{
    std::string out;
    std::size_t done = 0;
    if (part.empty()) { // between all characters
        for (; done < text.size() && most != 0; most -= most > 0 ? 1 : 0) {
            const std::size_t bytes = codePointAt(text, done).bytes;
            (out += by) += text.substr(done, bytes);
            done += bytes;
        }
        out += done == text.size() && most != 0 ? by : text.substr(done);
        return out;
    }
    for (std::size_t at = 0; most != 0 && (at = findText(text, part, done)) != std::string_view::npos; most -= most > 0 ? 1 : 0) {
        (out += text.substr(done, at - done)) += by;
        done = at + part.size();
    }
    return out += text.substr(done);
}

std::string upperCase(std::string_view text)
{
    return withCases(text, [](char32_t) { return Case::Upper; });
}

std::string lowerCase(std::string_view text)
{
    return withCases(text, [](char32_t) { return Case::Lower; });
}

std::string titleCase(std::string_view text)
{
    return withCases(
        text, [inWord = false](char32_t c) mutable { return std::exchange(inWord, isCased(c)) ? Case::Lower : Case::Title; });
}

std::string capitalized(std::string_view text)
{
    return withCases(text, [first = true](char32_t) mutable { return std::exchange(first, false) ? Case::Title : Case::Lower; });
}

std::string swappedCase(std::string_view text)
{
    return withCases(text, [](char32_t c) { return isUpper(c) ? Case::Lower : Case::Upper; });
}

bool isPrintable(char32_t character)
{
    if (character < 0x7F)
        return character >= 0x20;
    const auto category = categoryOf(character);
    return category != UTF8PROC_CATEGORY_CN && category < UTF8PROC_CATEGORY_ZS;
}

bool startsIdentifier(char32_t character)
{
    return character == '_' || isLetter(character) || categoryOf(character) == UTF8PROC_CATEGORY_NL;
}

bool continuesIdentifier(char32_t character)
{
    const auto category = categoryOf(character);
    return startsIdentifier(character) || category == UTF8PROC_CATEGORY_ND || category == UTF8PROC_CATEGORY_MN ||
           category == UTF8PROC_CATEGORY_MC || category == UTF8PROC_CATEGORY_PC;
}

bool isAll(std::string_view text, Class which)
{
    bool cased = false, inWord = false;
    for (std::size_t at = 0; at < text.size();) {
        const CodePoint point = codePointAt(text, at);
        const char32_t c = point.value;
        const bool first = at == 0;
        at += point.bytes;
        const auto category = categoryOf(c);
        const bool number = category == UTF8PROC_CATEGORY_ND || category == UTF8PROC_CATEGORY_NO;
        bool fits = true;
        switch (which) {
        case Class::Upper:
            fits = !isLower(c) && !isTitle(c);
            break;
        case Class::Lower:
            fits = !isUpper(c) && !isTitle(c);
            break;
        case Class::Title:
            fits = !isCased(c) || (inWord ? isLower(c) : isUpper(c) || isTitle(c));
            inWord = isCased(c);
            break;
        case Class::Alphabetic:
            fits = isLetter(c);
            break;
        case Class::AlphaNumeric:
            fits = isLetter(c) || number || category == UTF8PROC_CATEGORY_NL;
            break;
        case Class::Decimal:
            fits = category == UTF8PROC_CATEGORY_ND;
            break;
        case Class::Digit:
            fits = category == UTF8PROC_CATEGORY_ND || (category == UTF8PROC_CATEGORY_NO && isCircledOrRaised(c));
            break;
        case Class::Numeric:
            fits = number || category == UTF8PROC_CATEGORY_NL;
            break;
        case Class::Blank:
            fits = isBlank(c);
            break;
        case Class::Printable:
            fits = isPrintable(c);
            break;
        case Class::Ascii:
            fits = c < 0x80;
            break;
        case Class::Identifier:
            fits = first ? startsIdentifier(c) : continuesIdentifier(c);
            break;
        }
        if (!fits)
            return false;
        cased = cased || isCased(c);
    }
    if (which == Class::Upper || which == Class::Lower || which == Class::Title)
        return cased;
    return !text.empty() || which == Class::Ascii || which == Class::Printable;
}

std::string escapedHtml(std::string_view text)
{
    std::string out;
    for (const char c : text)
        switch (c) {
        case '&':
            out += "&amp;";
            break;
        case '<':
            out += "&lt;";
            break;
        case '>':
            out += "&gt;";
            break;
        case '\'':
            out += "&#39;";
            break;
        case '"':
            out += "&#34;";
            break;
        default:
            out += c;
        }
    return out;
}

} // namespace winnow::jinja
