// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/tasks/text/python_text.h"

#include <utf8proc.h>

#include <algorithm>

namespace winnow::tasks {

namespace {

constexpr char32_t kCapitalSigma = U'\u03A3', kSigma = U'\u03C3', kFinalSigma = U'\u03C2', kCapitalDottedI = U'\u0130';

utf8proc_category_t categoryOf(char32_t character) { return utf8proc_category(static_cast<utf8proc_int32_t>(character)); }

/// Has a case, as far as general categories tell.
bool isCased(char32_t character)
{
    const auto category = categoryOf(character);
    return category == UTF8PROC_CATEGORY_LU || category == UTF8PROC_CATEGORY_LL || category == UTF8PROC_CATEGORY_LT;
}

/// Unicode's Case_Ignorable: marks, and what may stand inside a word.
bool isCaseIgnorable(char32_t character)
{
    constexpr CharactersView kInsideWords =
        U"'.:\u00B7\u0387\u055F\u05F4\u2018\u2019\u2024\u2027\uFE13\uFE52\uFE55\uFF07\uFF0E\uFF1A";
    switch (categoryOf(character)) {
    case UTF8PROC_CATEGORY_MN:
    case UTF8PROC_CATEGORY_ME:
    case UTF8PROC_CATEGORY_CF:
    case UTF8PROC_CATEGORY_LM:
    case UTF8PROC_CATEGORY_SK:
        return true;
    default:
        return kInsideWords.find(character) != CharactersView::npos;
    }
}

/// Whether the Σ at `at` ends a word: something with a case before it, nothing with one after it.
bool endsWord(CharactersView text, std::size_t at)
{
    std::size_t before = at;
    while (before > 0 && isCaseIgnorable(text[before - 1]))
        --before;
    if (before == 0 || !isCased(text[before - 1]))
        return false;
    std::size_t after = at + 1;
    while (after < text.size() && isCaseIgnorable(text[after]))
        ++after;
    return after == text.size() || !isCased(text[after]);
}

template <class Inside>
std::vector<CharactersView> runs(CharactersView text, Inside inside)
{
    std::vector<CharactersView> found;
    for (std::size_t at = 0; at < text.size();) {
        if (!inside(text[at])) {
            ++at;
            continue;
        }
        const std::size_t begin = at;
        while (at < text.size() && inside(text[at]))
            ++at;
        found.push_back(text.substr(begin, at - begin));
    }
    return found;
}

} // namespace

Characters charactersOf(std::string_view utf8)
{
    Characters text;
    text.reserve(utf8.size());
    const auto* bytes = reinterpret_cast<const utf8proc_uint8_t*>(utf8.data());
    for (std::size_t at = 0; at < utf8.size();) {
        utf8proc_int32_t character = 0;
        const auto length = utf8proc_iterate(bytes + at, static_cast<utf8proc_ssize_t>(utf8.size() - at), &character);
        text += length > 0 ? static_cast<char32_t>(character) : U'\uFFFD';
        at += length > 0 ? static_cast<std::size_t>(length) : 1;
    }
    return text;
}

std::string utf8Of(CharactersView text)
{
    std::string bytes;
    bytes.reserve(text.size());
    for (const char32_t character : text) {
        utf8proc_uint8_t encoded[4];
        const auto length = utf8proc_encode_char(static_cast<utf8proc_int32_t>(character), encoded);
        bytes.append(reinterpret_cast<const char*>(encoded), static_cast<std::size_t>(std::max<utf8proc_ssize_t>(0, length)));
    }
    return bytes;
}

bool isBlank(char32_t character)
{
    if (character < 0x80)
        return (character >= 0x09 && character <= 0x0D) || (character >= 0x1C && character <= 0x20);
    constexpr CharactersView kWide = U"\u0085\u00A0\u1680\u2028\u2029\u202F\u205F\u3000";
    return (character >= 0x2000 && character <= 0x200A) || kWide.find(character) != CharactersView::npos;
}

bool isDigit(char32_t character)
{
    return character < 0x80 ? character >= U'0' && character <= U'9' : categoryOf(character) == UTF8PROC_CATEGORY_ND;
}

bool isWordCharacter(char32_t character)
{
    switch (categoryOf(character)) {
    case UTF8PROC_CATEGORY_LU:
    case UTF8PROC_CATEGORY_LL:
    case UTF8PROC_CATEGORY_LT:
    case UTF8PROC_CATEGORY_LM:
    case UTF8PROC_CATEGORY_LO:
    case UTF8PROC_CATEGORY_ND:
    case UTF8PROC_CATEGORY_NL:
    case UTF8PROC_CATEGORY_NO:
        return true;
    default:
        return character == U'_';
    }
}

bool isAsciiPunctuation(char32_t character)
{
    return (character >= 0x21 && character <= 0x2F) || (character >= 0x3A && character <= 0x40) ||
           (character >= 0x5B && character <= 0x60) || (character >= 0x7B && character <= 0x7E);
}

Characters lowered(CharactersView text)
{
    Characters lower;
    lower.reserve(text.size());
    for (std::size_t i = 0; i < text.size(); ++i) {
        const char32_t character = text[i];
        if (character < 0x80)
            lower += character >= U'A' && character <= U'Z' ? character + (U'a' - U'A') : character;
        else if (character == kCapitalDottedI)
            lower += U"i\u0307";
        else if (character == kCapitalSigma)
            lower += endsWord(text, i) ? kFinalSigma : kSigma;
        else
            lower += static_cast<char32_t>(utf8proc_tolower(static_cast<utf8proc_int32_t>(character)));
    }
    return lower;
}

CharactersView strippedLeft(CharactersView text)
{
    while (!text.empty() && isBlank(text.front()))
        text.remove_prefix(1);
    return text;
}

CharactersView stripped(CharactersView text)
{
    text = strippedLeft(text);
    while (!text.empty() && isBlank(text.back()))
        text.remove_suffix(1);
    return text;
}

CharactersView withoutLeadingLines(CharactersView text)
{
    text.remove_prefix(std::min(text.find_first_not_of(U'\n'), text.size()));
    return text;
}

CharactersView firstLine(CharactersView text) { return text.substr(0, text.find(U'\n')); }

std::vector<CharactersView> blankSeparated(CharactersView text)
{
    return runs(text, [](char32_t character) { return !isBlank(character); });
}

std::vector<CharactersView> separatedBy(CharactersView text, char32_t mark)
{
    std::vector<CharactersView> parts;
    for (std::size_t begin = 0;;) {
        const std::size_t end = text.find(mark, begin);
        parts.push_back(text.substr(begin, end - begin));
        if (end == CharactersView::npos)
            return parts;
        begin = end + 1;
    }
}

std::vector<CharactersView> digitRuns(CharactersView text) { return runs(text, isDigit); }

} // namespace winnow::tasks
