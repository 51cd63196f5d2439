// SPDX-License-Identifier: GPL-3.0-or-later
// SentencePiece's compiled normalization ("precompiled_charsmap"): a Darts double-array trie from text to text.
#pragma once

#include "core/base/result.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace winnow {

/// Immutable; any thread may use it.
class Charsmap {
public:
    /// `bytes`: the length of the trie as uint32, the trie (uint32 units, little-endian), and the texts, each ended by NUL.
    static Result<Charsmap> parse(std::string_view bytes, const std::string& where);

    struct Match {
        std::size_t length = 0; ///< bytes of the text
        std::string_view text;  ///< what stands for them; valid while this lives
    };
    /// What `text` begins with: the shortest entry, or the longest.
    std::optional<Match> shortest(std::string_view text) const { return find(text, false); }
    std::optional<Match> longest(std::string_view text) const { return find(text, true); }

private:
    std::optional<Match> find(std::string_view text, bool longest) const;
    std::uint32_t unit(std::size_t at) const { return at < m_units.size() ? m_units[at] : 0; }

    std::vector<std::uint32_t> m_units;
    std::string m_texts; // valid UTF-8 between NULs
};

/// The bytes that Base64 (RFC 4648, with or without "=") stands for; nothing when it holds anything else.
std::optional<std::string> bytesOfBase64(std::string_view text);

} // namespace winnow
