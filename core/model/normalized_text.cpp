#include "core/model/normalized_text.h"

#include "core/model/byte_level.h"

#include <utf8proc.h>

#include <algorithm>
#include <array>

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

void NormalizedText::transform(std::span<const TextChange> changes, std::size_t removed)
{
    const std::string_view before = m_view;
    const auto next = [&](std::size_t at) { return at < before.size() ? at + codePointAt(before, at).bytes : at; };
    std::string after;
    after.reserve(before.size());
    std::vector<TextRange> origins;
    origins.reserve(before.size());
    std::size_t at = 0; // what is before it is replaced or removed already
    for (; removed > 0; --removed)
        at = next(at);
    for (const TextChange& each : changes) {
        TextRange from{m_base, m_base};
        if (each.change > 0)
            from = at > 0 ? origin(at - 1, at) : from;
        else if (at < before.size())
            from = origin(at, at + 1);
        appendUtf8(after, each.value);
        origins.resize(after.size(), from);
        for (int count = each.change; count <= 0; ++count)
            at = next(at);
    }
    if (after != before)
        replace(std::move(after), std::move(origins));
}

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
