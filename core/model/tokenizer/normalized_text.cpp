// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/model/tokenizer/normalized_text.h"

#include "core/model/tokenizer/byte_level.h"

#include <utf8proc.h>

#include <algorithm>
#include <array>

namespace winnow {

TextRange NormalizedText::origin(std::size_t begin, std::size_t end) const
{
    return {originOf(begin).begin, originOf(end - 1).end};
}

Origin NormalizedText::originOf(std::size_t at) const
{
    if (!m_origins.empty())
        return m_origins[at];
    std::size_t begin = at, end = at + 1;
    if (static_cast<unsigned char>(m_view[at]) >= 0x80) {
        while (begin > 0 && isContinuation(m_view[begin]))
            --begin;
        while (end < m_view.size() && isContinuation(m_view[end]))
            ++end;
    }
    return {static_cast<std::uint32_t>(m_base + begin), static_cast<std::uint32_t>(m_base + end)};
}

void NormalizedText::replace(std::string text, std::vector<Origin> origins)
{
    m_own = std::move(text);
    m_view = m_own;
    m_origins = std::move(origins);
}

void NormalizedText::transform(std::span<const TextChange> changes, std::size_t removed)
{
    const std::string_view before = m_view;
    const auto next = [&](std::size_t at) { return at < before.size() ? at + codePointAt(before, at).bytes : at; };
    const auto isAscii = [](char byte) { return static_cast<unsigned char>(byte) < 0x80; };
    std::string after;
    after.reserve(before.size());
    std::vector<Origin> origins;
    origins.reserve(before.size());
    std::size_t at = 0; // what is before it is replaced or removed already
    for (; removed > 0; --removed)
        at = next(at);
    for (const TextChange& each : changes) {
        if (each.change == 0 && each.value < 0x80 && at < before.size() && isAscii(before[at])) { // nearly all of them
            after += static_cast<char>(each.value);
            origins.push_back(originOf(at));
            ++at;
            continue;
        }
        Origin from{static_cast<std::uint32_t>(m_base), static_cast<std::uint32_t>(m_base)};
        if (each.change > 0)
            from = at > 0 ? originOf(at - 1) : from;
        else if (at < before.size())
            from = originOf(at);
        appendUtf8(after, each.value);
        origins.resize(after.size(), from);
        for (int count = each.change; count <= 0; ++count)
            at = next(at);
    }
    if (after != before)
        replace(std::move(after), std::move(origins));
}

Rewriting::Rewriting(NormalizedText& text) : m_text(text)
{
    const std::size_t room = text.text().size() + text.text().size() / 2; // what is not written costs nothing
    m_after.reserve(room);
    m_origins.reserve(room);
}

void Rewriting::keep(std::size_t end)
{
    const std::size_t first = m_after.size();
    m_after += m_text.text().substr(m_reached, end - m_reached);
    m_origins.resize(m_after.size());
    for (auto origin = m_origins.begin() + static_cast<std::ptrdiff_t>(first); m_reached < end; ++m_reached, ++origin)
        *origin = m_text.originOf(m_reached);
}

void Rewriting::put(std::string_view text, Origin from)
{
    m_after += text;
    m_origins.resize(m_after.size(), from);
}

void Rewriting::finish() { m_text.replace(std::move(m_after), std::move(m_origins)); }

void appendUtf8(std::string& text, char32_t character)
{
    if (character < 0x80) {
        text += static_cast<char>(character);
        return;
    }
    std::array<utf8proc_uint8_t, 4> bytes{};
    const auto length = utf8proc_encode_char(static_cast<utf8proc_int32_t>(character), bytes.data());
    text.append(reinterpret_cast<const char*>(bytes.data()), static_cast<std::size_t>(length));
}

} // namespace winnow
