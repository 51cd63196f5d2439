#include "core/model/normalized_text.h"

#include "core/model/byte_level.h"

#include <utf8proc.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <memory>
#include <new>
#include <optional>

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

/// A character on its way through decomposition and composition. `change`, as in the reference: 0 replaces one character of the
/// input, 1 is inserted beside it, −n replaces one and removes the n that follow.
struct Char {
    utf8proc_int32_t value = 0;
    int change = 0;
    int combiningClass() const { return utf8proc_get_property(value)->combining_class; }
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
        const auto count = utf8proc_decompose_char(static_cast<utf8proc_int32_t>(c.value), parts.data(), parts.size(),
                                                   static_cast<utf8proc_option_t>(UTF8PROC_STABLE | UTF8PROC_DECOMPOSE), &boundary);
        for (utf8proc_ssize_t i = 0; i < count && i < static_cast<utf8proc_ssize_t>(parts.size()); ++i) {
            const Char part{parts[static_cast<std::size_t>(i)], i > 0 ? 1 : 0};
            if (part.combiningClass() == 0) {
                sort();
                starter = chars.size() + 1;
            }
            chars.push_back(part);
            if (part.combiningClass() == 0)
                starter = chars.size();
        }
    }
    sort();
    return chars;
}

std::optional<utf8proc_int32_t> composedPair(utf8proc_int32_t first, utf8proc_int32_t second)
{
    std::array<utf8proc_int32_t, 2> pair{first, second};
    const auto length = utf8proc_normalize_utf32(pair.data(), 2, static_cast<utf8proc_option_t>(UTF8PROC_STABLE | UTF8PROC_COMPOSE));
    return length == 1 ? std::optional(pair[0]) : std::nullopt;
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
