#include "core/model/normalized_text.h"

#include "core/model/byte_level.h"

#include <utf8proc.h>

#include <algorithm>
#include <array>
#include <iterator>
#include <optional>
#include <utility>

namespace winnow {

TextRange NormalizedText::origin(std::size_t begin, std::size_t end) const
{
    if (!m_origins.empty())
        return {m_origins[begin].begin, m_origins[end - 1].end};
    while (begin > 0 && isContinuation(m_view[begin]))
        --begin;
    while (end < m_view.size() && isContinuation(m_view[end]))
        ++end;
    return {m_base + begin, m_base + end};
}

void NormalizedText::replace(std::string text, std::vector<TextRange> origins)
{
    m_own = std::move(text);
    m_view = m_own;
    m_origins = std::move(origins);
}

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

int combiningClassOf(utf8proc_int32_t c)
{
    const int combining = utf8proc_get_property(c)->combining_class;
    if (combining == 0)
        return 0;
    const auto range = std::ranges::upper_bound(kStartersInUnicode9, c, {}, [](const auto& each) { return each.first; });
    return range != kStartersInUnicode9.begin() && c <= std::prev(range)->second ? 0 : combining;
}

/// A character on its way through decomposition and composition. `change`, as in the reference: 0 replaces one character of the
/// input, 1 is inserted beside it, −n replaces one and removes the n that follow.
struct Char {
    utf8proc_int32_t value = 0;
    int change = 0;
    int combiningClass() const { return combiningClassOf(value); }
};

std::vector<Char> decomposed(std::string_view text)
{
    std::vector<Char> chars;
    std::size_t starter = 0; // chars before it are in canonical order and stay
    const auto sort = [&] {
        std::stable_sort(chars.begin() + static_cast<std::ptrdiff_t>(starter), chars.end(),
                         [](const Char& a, const Char& b) { return a.combiningClass() < b.combiningClass(); });
    };
    for (std::size_t at = 0; at < text.size();) {
        const CodePoint c = codePointAt(text, at);
        at += c.bytes;
        std::array<utf8proc_int32_t, 8> parts{};
        int boundary = 0;
        const bool whole = static_cast<utf8proc_int32_t>(c.value) == kComposedSinceUnicode13;
        if (whole)
            parts[0] = kComposedSinceUnicode13;
        const auto count =
            whole ? 1
                  : utf8proc_decompose_char(static_cast<utf8proc_int32_t>(c.value), parts.data(), parts.size(),
                                            static_cast<utf8proc_option_t>(UTF8PROC_STABLE | UTF8PROC_DECOMPOSE), &boundary);
        for (utf8proc_ssize_t i = 0; i < count && i < static_cast<utf8proc_ssize_t>(parts.size()); ++i) {
            const Char part{parts[static_cast<std::size_t>(i)], i > 0 ? 1 : 0};
            const bool isStarter = part.combiningClass() == 0;
            if (isStarter)
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

void composeCanonically(NormalizedText& text)
{
    const std::string_view before = text.text();
    // Characters below U+0300 neither decompose nor compose among themselves.
    if (std::ranges::none_of(before, [](char byte) { return static_cast<unsigned char>(byte) >= 0xCC; }))
        return;

    std::vector<std::size_t> starts; // of the characters of `before`
    for (std::size_t i = 0; i < before.size(); ++i)
        if (!isContinuation(before[i]))
            starts.push_back(i);
    starts.push_back(before.size());

    std::string after;
    std::vector<TextRange> origins;
    std::size_t taken = 0; // characters of `before` that are replaced or removed already
    for (const Char& c : composed(decomposed(before))) {
        const std::size_t source = c.change > 0 ? (taken > 0 ? taken - 1 : 0) : std::min(taken, starts.size() - 2);
        const TextRange origin = c.change > 0 && taken == 0 ? TextRange{} : text.origin(starts[source], starts[source + 1]);
        std::array<utf8proc_uint8_t, 4> bytes{};
        const auto length = static_cast<std::size_t>(utf8proc_encode_char(c.value, bytes.data()));
        after.append(reinterpret_cast<const char*>(bytes.data()), length);
        origins.insert(origins.end(), length, origin);
        if (c.change <= 0)
            taken += static_cast<std::size_t>(1 - c.change);
    }
    if (after != before)
        text.replace(std::move(after), std::move(origins));
}

} // namespace winnow
