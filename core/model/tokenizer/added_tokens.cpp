// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/model/tokenizer/added_tokens.h"

#include "core/model/tokenizer/byte_level.h"

#include <utf8proc.h>

#include <algorithm>

namespace winnow {
namespace {

bool isWordCharacter(char32_t c)
{
    switch (utf8proc_category(static_cast<utf8proc_int32_t>(c))) {
    case UTF8PROC_CATEGORY_LU:
    case UTF8PROC_CATEGORY_LL:
    case UTF8PROC_CATEGORY_LT:
    case UTF8PROC_CATEGORY_LM:
    case UTF8PROC_CATEGORY_LO:
    case UTF8PROC_CATEGORY_MN:
    case UTF8PROC_CATEGORY_MC:
    case UTF8PROC_CATEGORY_ME:
    case UTF8PROC_CATEGORY_ND:
    case UTF8PROC_CATEGORY_NL:
    case UTF8PROC_CATEGORY_PC:
        return true;
    default:
        return false;
    }
}

std::size_t characterBefore(std::string_view text, std::size_t at)
{
    do
        --at;
    while (at > 0 && isContinuation(text[at]));
    return at;
}

} // namespace

void AddedTokenFinder::add(const AddedToken& token, const std::string& content)
{
    std::size_t node = 0;
    for (const char byte : content) {
        const auto [at, fresh] = m_nodes[node].next.try_emplace(byte, m_nodes.size());
        const std::size_t next = at->second;
        if (fresh)
            m_nodes.emplace_back();
        node = next;
    }
    if (node == 0)
        return;
    m_starts[static_cast<unsigned char>(content.front())] = true;
    m_nodes[node].token = m_tokens.size();
    m_tokens.push_back(token);
}

std::optional<std::pair<std::size_t, std::size_t>> AddedTokenFinder::longestAt(std::string_view text, std::size_t at) const
{
    std::optional<std::pair<std::size_t, std::size_t>> best; // token, end
    std::size_t node = 0;
    while (at < text.size()) {
        const auto next = m_nodes[node].next.find(text[at]);
        if (next == m_nodes[node].next.end())
            break;
        node = next->second;
        ++at;
        if (m_nodes[node].token)
            best = {*m_nodes[node].token, at};
    }
    return best;
}

std::vector<AddedTokenFinder::Part> AddedTokenFinder::split(std::string_view text) const
{
    std::vector<Part> parts;
    std::size_t reached = 0; // the text before it is in `parts`
    const auto rest = [&](std::size_t end) {
        if (end > reached)
            parts.push_back({{reached, end}, nullptr});
    };
    for (std::size_t at = 0; !m_tokens.empty() && at < text.size();) {
        if (!m_starts[static_cast<unsigned char>(text[at])]) {
            ++at;
            continue;
        }
        const auto found = longestAt(text, at);
        if (!found) {
            ++at;
            continue;
        }
        const AddedToken& token = m_tokens[found->first];
        std::size_t begin = at, end = found->second;
        at = end;
        if (token.singleWord && ((begin > 0 && isWordCharacter(codePointAt(text, characterBefore(text, begin)).value)) ||
                                 (end < text.size() && isWordCharacter(codePointAt(text, end).value))))
            continue;
        if (begin < reached)
            continue; // a token before it took this white space along
        if (token.leftStrip)
            while (begin > reached && isWhiteSpace(codePointAt(text, characterBefore(text, begin)).value))
                begin = characterBefore(text, begin);
        if (token.rightStrip)
            while (end < text.size() && isWhiteSpace(codePointAt(text, end).value))
                end += codePointAt(text, end).bytes;
        rest(begin);
        parts.push_back({{begin, end}, &token});
        reached = end;
    }
    rest(text.size());
    return parts;
}

} // namespace winnow
