// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/tasks/generators/prose.h"

#include <algorithm>

namespace winnow::tasks {

namespace {

constexpr std::string_view kBlanks = " \t\r\n";

std::string_view trimmed(std::string_view text)
{
    const std::size_t first = text.find_first_not_of(kBlanks);
    return first == std::string_view::npos ? std::string_view() : text.substr(first, text.find_last_not_of(kBlanks) + 1 - first);
}

bool isBlankAt(std::string_view text, std::size_t at) { return kBlanks.find(text[at]) != std::string_view::npos; }

/// A sentence ends before the blank at `at`.
bool endsSentence(std::string_view text, std::size_t at)
{
    const std::size_t last = text.find_last_not_of("\"')", at - 1);
    return last != std::string_view::npos && std::string_view(".!?").find(text[last]) != std::string_view::npos;
}

} // namespace

Result<Prose> Prose::make(std::string text, std::size_t tokens, const TokenEnds& ends)
{
    const std::string once(trimmed(text));
    Prose prose;
    prose.m_text = once;
    WINNOW_TRY(prose.m_ends, ends(prose.m_text));
    if (prose.m_ends.empty())
        return fail(ErrorCode::BadInput, "the hay is empty; give a text with --hay");
    if (prose.m_ends.size() < tokens) {
        const std::size_t times = tokens / prose.m_ends.size() + 2;
        for (std::size_t i = 1; i < times; ++i)
            prose.m_text.append("\n\n").append(once);
        WINNOW_TRY(prose.m_ends, ends(prose.m_text));
    }
    return prose;
}

std::string Prose::cut(std::size_t begin, std::size_t count) const
{
    begin = std::min(begin, m_ends.size());
    const std::size_t end = std::min(m_ends.size(), begin + count);
    const std::size_t from = begin == 0 ? 0 : m_ends[begin - 1], to = end == 0 ? 0 : m_ends[end - 1];
    return std::string(trimmed(std::string_view(m_text).substr(from, to - from)));
}

std::size_t sentencePlace(std::string_view text, double place)
{
    if (place >= 1)
        return text.size();
    std::size_t blank = std::string_view::npos;
    for (auto at = static_cast<std::size_t>(std::max(0.0, place) * static_cast<double>(text.size())); at > 0; --at) {
        if (!isBlankAt(text, at))
            continue;
        if (blank == std::string_view::npos)
            blank = at;
        if (!isBlankAt(text, at - 1) && endsSentence(text, at))
            return at;
        if (blank - at > 600) // a text without full stops
            return blank;
    }
    return 0;
}

std::string withSentence(std::string_view text, double place, std::string_view sentence)
{
    const std::size_t at = sentencePlace(text, place);
    const std::string_view before = text.substr(0, at), after = text.substr(at);
    if (before.empty())
        return std::string(sentence).append(after.empty() ? "" : "\n\n").append(after);
    const bool paragraph = after.empty() || after.starts_with("\n\n");
    return std::string(before).append(paragraph ? "\n\n" : " ").append(sentence).append(after);
}

} // namespace winnow::tasks
