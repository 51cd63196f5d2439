// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/work/text_match.h"

#include <algorithm>

namespace winnow::app {

namespace {

template <class List>
std::size_t sameAtStart(const List& a, const List& b)
{
    return static_cast<std::size_t>(std::mismatch(a.begin(), a.end(), b.begin(), b.end()).first - a.begin());
}

template <class List>
std::size_t sameAtEnd(const List& a, const List& b, std::size_t start)
{
    const std::size_t most = std::min(a.size(), b.size()) - start;
    std::size_t same = 0;
    while (same < most && a[a.size() - 1 - same] == b[b.size() - 1 - same])
        ++same;
    return same;
}

} // namespace

TextMatch::TextMatch(std::shared_ptr<const TraceInfo> from, std::shared_ptr<const TraceInfo> to)
    : m_from(std::move(from)), m_to(std::move(to)), m_byText(!m_from->text.empty() && !m_to->text.empty())
{
    if (m_byText) {
        m_sameStart = sameAtStart(m_from->text, m_to->text);
        m_sameEnd = sameAtEnd(m_from->text, m_to->text, m_sameStart);
    } else {
        m_sameStart = sameAtStart(m_from->tokens, m_to->tokens);
    }
}

std::optional<int> TextMatch::tokenOf(int token) const
{
    if (token < 0 || token >= static_cast<int>(m_from->tokens.size()))
        return std::nullopt;
    if (!m_byText)
        return static_cast<std::size_t>(token) < m_sameStart ? std::optional(token) : std::nullopt;
    const auto [begin, end] = m_from->offsets[static_cast<std::size_t>(token)];
    auto byte = static_cast<std::size_t>(begin);
    const std::size_t size = m_from->text.size(), otherSize = m_to->text.size();
    // The end of the text, at which special tokens may stand, belongs to the last byte.
    const std::size_t place = size > 0 ? std::min(byte, size - 1) : 0;
    if (place >= m_sameStart && place + m_sameEnd < size)
        return std::nullopt;
    byte = place < m_sameStart ? place : place + otherSize - size;
    int found = -1;
    for (int other = 0; other < static_cast<int>(m_to->offsets.size()); ++other) {
        const auto [first, last] = m_to->offsets[static_cast<std::size_t>(other)];
        const bool special = begin == end; // it finds a special token at the same place, if there is one
        if (special && first == last && static_cast<std::size_t>(first) == byte)
            return other;
        if (found < 0 && static_cast<std::size_t>(first) <= byte && byte < static_cast<std::size_t>(last))
            found = other;
    }
    return found < 0 ? std::nullopt : std::optional(found);
}

TextMatch TextMatch::reversed() const
{
    TextMatch other = *this;
    std::swap(other.m_from, other.m_to);
    return other;
}

} // namespace winnow::app
