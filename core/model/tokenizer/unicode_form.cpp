// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/model/tokenizer/unicode_form.h"

#include "core/model/tokenizer/byte_level.h"

#include <utf8proc.h>

#include <algorithm>
#include <array>
#include <iterator>
#include <optional>
#include <utility>
#include <vector>

namespace winnow {
namespace {

/// The library `tokenizers` normalizes with the data of Unicode 9, and models were trained on what it gives. Characters that got
/// a combining class later count as starters (found by asking tokenizers 0.23.3 for each code point of Unicode 14).
constexpr std::array<std::pair<utf8proc_int32_t, utf8proc_int32_t>, 32> kStartersInUnicode9{{
    {0x7FD, 0x7FD},     {0x898, 0x89F},     {0x8CA, 0x8D3},     {0x9FE, 0x9FE},     {0xC3C, 0xC3C},     {0xD3B, 0xD3C},
    {0xEBA, 0xEBA},     {0x1715, 0x1715},   {0x1ABF, 0x1ACE},   {0x1DF6, 0x1DFA},   {0xA82C, 0xA82C},   {0x10D24, 0x10D27},
    {0x10EAB, 0x10EAC}, {0x10F46, 0x10F50}, {0x10F82, 0x10F85}, {0x11070, 0x11070}, {0x1133B, 0x1133B}, {0x1145E, 0x1145E},
    {0x11839, 0x1183A}, {0x1193D, 0x1193E}, {0x11943, 0x11943}, {0x119E0, 0x119E0}, {0x11A34, 0x11A34}, {0x11A47, 0x11A47},
    {0x11A99, 0x11A99}, {0x11D42, 0x11D42}, {0x11D44, 0x11D45}, {0x11D97, 0x11D97}, {0x16FF0, 0x16FF1}, {0x1E130, 0x1E136},
    {0x1E2AE, 0x1E2AE}, {0x1E2EC, 0x1E2EF},
}};
constexpr utf8proc_int32_t kComposedSinceUnicode13 = 0x11938; // the only one: it neither decomposes nor comes about

/// utf8proc takes it for a trailing consonant of Hangul, and swallows it.
constexpr utf8proc_int32_t kHangulBeforeTrails = 0x11A7;

/// Characters that got a compatibility decomposition later (found likewise).
constexpr std::array<std::pair<utf8proc_int32_t, utf8proc_int32_t>, 8> kWholeInUnicode9{{
    {0x32FF, 0x32FF},
    {0xA7F2, 0xA7F4},
    {0xAB69, 0xAB69},
    {0x10781, 0x10785},
    {0x10787, 0x107B0},
    {0x107B2, 0x107BA},
    {0x1F16C, 0x1F16C},
    {0x1FBF0, 0x1FBF9},
}};

template <std::size_t Size>
bool holds(const std::array<std::pair<utf8proc_int32_t, utf8proc_int32_t>, Size>& ranges, utf8proc_int32_t c)
{
    const auto range = std::ranges::upper_bound(ranges, c, {}, [](const auto& each) { return each.first; });
    return range != ranges.begin() && c <= std::prev(range)->second;
}

int combiningClassOf(utf8proc_int32_t c)
{
    const int combining = utf8proc_get_property(c)->combining_class;
    if (combining == 0)
        return 0;
    return holds(kStartersInUnicode9, c) ? 0 : combining;
}

/// A character on its way through decomposition and composition.
struct Char {
    utf8proc_int32_t value = 0;
    int change = 0; // see TextChange
    int combiningClass() const { return combiningClassOf(value); }
};

std::vector<Char> decomposed(std::string_view text, bool compatibility)
{
    const int options = UTF8PROC_STABLE | UTF8PROC_DECOMPOSE | (compatibility ? UTF8PROC_COMPAT : 0);
    std::vector<Char> chars;
    std::size_t starter = 0; // chars before it are in canonical order and stay
    const auto sort = [&] {
        std::stable_sort(chars.begin() + static_cast<std::ptrdiff_t>(starter), chars.end(),
                         [](const Char& a, const Char& b) { return a.combiningClass() < b.combiningClass(); });
    };
    for (std::size_t at = 0; at < text.size();) {
        const CodePoint c = codePointAt(text, at);
        at += c.bytes;
        std::array<utf8proc_int32_t, 20> parts{}; // U+FDFA decomposes into 18
        int boundary = 0;
        const auto value = static_cast<utf8proc_int32_t>(c.value);
        const bool whole = value == kComposedSinceUnicode13 || (compatibility && holds(kWholeInUnicode9, value));
        if (whole)
            parts[0] = value;
        const auto count = whole ? 1
                                 : utf8proc_decompose_char(static_cast<utf8proc_int32_t>(c.value), parts.data(), parts.size(),
                                                           static_cast<utf8proc_option_t>(options), &boundary);
        for (utf8proc_ssize_t i = 0; i < count && i < static_cast<utf8proc_ssize_t>(parts.size()); ++i) {
            const Char part{parts[static_cast<std::size_t>(i)], i > 0 ? 1 : 0};
            const bool isStarter = part.combiningClass() == 0;
            if (isStarter && chars.size() > starter + 1)
                sort();
            chars.push_back(part);
            if (isStarter)
                starter = chars.size();
        }
    }
    sort();
    return chars;
}

std::optional<utf8proc_int32_t> composedPair(utf8proc_int32_t first, utf8proc_int32_t second)
{
    if (second == kHangulBeforeTrails)
        return std::nullopt;
    std::array<utf8proc_int32_t, 2> pair{first, second};
    const auto length =
        utf8proc_normalize_utf32(pair.data(), 2, static_cast<utf8proc_option_t>(UTF8PROC_STABLE | UTF8PROC_COMPOSE));
    return length == 1 && pair[0] != kComposedSinceUnicode13 ? std::optional(pair[0]) : std::nullopt;
}

std::vector<Char> composed(const std::vector<Char>& chars)
{
    std::vector<Char> result;
    std::optional<std::size_t> starter; // index into result
    int lastClass = -1;                 // of what stands between the starter and here; −1: nothing
    for (const Char& c : chars) {
        const int combining = c.combiningClass();
        if (starter && lastClass < combining) {
            if (const auto pair = composedPair(result[*starter].value, c.value)) {
                result[*starter].value = *pair;
                result[*starter].change += c.change - 1;
                continue;
            }
        }
        if (combining == 0) {
            starter = result.size();
            lastClass = -1;
        } else if (starter) {
            lastClass = combining;
        }
        result.push_back(c);
    }
    return result;
}

} // namespace

void compose(NormalizedText& text, UnicodeForm form)
{
    const std::string_view before = text.text();
    // Characters below U+0300 neither decompose nor compose among themselves; canonically.
    const unsigned char least = form == UnicodeForm::Nfc ? 0xCC : 0x80;
    if (std::ranges::none_of(before, [least](char byte) { return static_cast<unsigned char>(byte) >= least; }))
        return;
    const auto mayChange = [&](std::size_t at) { return static_cast<unsigned char>(before[at]) >= least; };
    std::vector<TextChange> changes;
    changes.reserve(before.size());
    for (std::size_t at = 0; at < before.size();) {
        std::size_t end = at; // of what stays as it is
        while (end < before.size() && !mayChange(end))
            ++end;
        if (end < before.size() && end > at) // its last character may take what follows
            do
                --end;
            while (isContinuation(before[end]));
        for (; at < end; at += codePointAt(before, at).bytes)
            changes.push_back({codePointAt(before, at).value, 0});
        if (end < before.size() && !mayChange(end))
            end += codePointAt(before, end).bytes;
        while (end < before.size() && mayChange(end))
            end += codePointAt(before, end).bytes;
        for (const Char& c : composed(decomposed(before.substr(at, end - at), form == UnicodeForm::Nfkc)))
            changes.push_back({static_cast<char32_t>(c.value), c.change});
        at = end;
    }
    text.transform(changes);
}

} // namespace winnow
