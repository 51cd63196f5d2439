// SPDX-License-Identifier: GPL-3.0-or-later
// The entries of a tokenizer: text to id and back.
#pragma once

#include "core/base/result.h"

#include <nlohmann/json_fwd.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace winnow {

constexpr std::uint64_t kMaxTokenId = (1 << 21) - 1; ///< eight times the largest vocabulary there is

/// Immutable once filled; any thread may ask.
class Vocabulary {
public:
    /// From an object of text to id. `where` opens every error sentence; two entries may not share an id.
    static Result<Vocabulary> parse(const nlohmann::json& object, const std::string& where);

    /// Gives `token` the next id. If a text is added twice, `id` finds the last one.
    void add(std::string token);

    std::optional<std::int32_t> id(std::string_view token) const;
    /// "" for an id that is not there.
    const std::string& token(std::int32_t id) const;
    /// The largest id plus 1.
    std::size_t size() const { return m_tokens.size(); }

    /// The id of "<0x0A>" for the byte 10; −1 where there is none.
    std::int32_t byteId(std::uint8_t byte) const;

private:
    struct StringHash {
        using is_transparent = void;
        std::size_t operator()(std::string_view text) const { return std::hash<std::string_view>{}(text); }
    };
    std::unordered_map<std::string, std::int32_t, StringHash, std::equal_to<>> m_ids;
    std::vector<std::string> m_tokens;
};

/// The byte that "<0x0A>" stands for; nothing for any other text.
std::optional<std::uint8_t> byteOfFallback(std::string_view token);

} // namespace winnow
