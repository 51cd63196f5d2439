// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/model/tokenizer/vocabulary.h"

#include "core/io/json.h"

#include <algorithm>
#include <charconv>

namespace winnow {

Result<Vocabulary> Vocabulary::parse(const nlohmann::json& object, const std::string& where)
{
    if (!object.is_object() || object.empty())
        return fail(ErrorCode::BadInput, "{}: its model has no vocabulary ('vocab', text to number)", where);
    std::uint64_t largest = 0;
    for (const auto& [token, id] : object.items()) {
        const auto number = wholeNumber(id, kMaxTokenId);
        if (!number)
            return fail(ErrorCode::BadInput, "{}: the id of '{}' is no whole number from 0 to {}", where, token.substr(0, 60),
                        kMaxTokenId);
        largest = std::max(largest, *number);
    }
    Vocabulary result;
    result.m_tokens.resize(static_cast<std::size_t>(largest) + 1);
    result.m_ids.reserve(object.size());
    std::vector<bool> taken(result.m_tokens.size());
    for (const auto& [token, value] : object.items()) {
        const auto id = value.get<std::int32_t>();
        if (taken[static_cast<std::size_t>(id)])
            return fail(ErrorCode::BadInput, "{}: two entries have the id {}", where, id);
        taken[static_cast<std::size_t>(id)] = true;
        result.m_tokens[static_cast<std::size_t>(id)] = token;
        result.m_ids.emplace(token, id);
    }
    return result;
}

void Vocabulary::add(std::string token)
{
    m_ids.insert_or_assign(token, static_cast<std::int32_t>(m_tokens.size()));
    m_tokens.push_back(std::move(token));
}

std::optional<std::int32_t> Vocabulary::id(std::string_view token) const
{
    const auto found = m_ids.find(token);
    return found == m_ids.end() ? std::nullopt : std::optional(found->second);
}

const std::string& Vocabulary::token(std::int32_t id) const
{
    static const std::string none;
    return id >= 0 && static_cast<std::size_t>(id) < m_tokens.size() ? m_tokens[static_cast<std::size_t>(id)] : none;
}

std::int32_t Vocabulary::byteId(std::uint8_t byte) const { return id(fmt::format("<0x{:02X}>", byte)).value_or(-1); }

std::optional<std::uint8_t> byteOfFallback(std::string_view token)
{
    std::uint8_t byte = 0;
    if (token.size() != 6 || !token.starts_with("<0x") || token.back() != '>')
        return std::nullopt;
    const auto [end, problem] = std::from_chars(token.data() + 3, token.data() + 5, byte, 16);
    return problem == std::errc() && end == token.data() + 5 ? std::optional(byte) : std::nullopt;
}

} // namespace winnow
