// SPDX-License-Identifier: GPL-3.0-or-later
// Tokens that are found in the text as they stand, before any splitting: "added_tokens" of tokenizer.json.
#pragma once

#include "core/model/tokenizer/text_pattern.h"

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace winnow {

struct AddedToken {
    std::int32_t id = 0;
    std::string content;
    std::string text;        ///< what it decodes to: the content as the normalizer leaves it, if it is `normalized`
    bool singleWord = false; ///< only between characters that are no word characters
    bool leftStrip = false, rightStrip = false; ///< takes the white space on that side along
    bool normalized = false;                    ///< looked for after the normalizer ran
    bool special = false;
};

/// Finds the longest of many texts at the leftmost place, again and again. Linear in the text times the longest content.
class AddedTokenFinder {
public:
    struct Part {
        TextRange range;
        const AddedToken* token = nullptr; ///< null: text between tokens
    };

    void add(const AddedToken& token, const std::string& content);
    bool empty() const { return m_tokens.empty(); }
    /// Covers `text`, in order, no part empty. `token` points into this finder.
    std::vector<Part> split(std::string_view text) const;

private:
    struct Node {
        std::map<char, std::size_t> next;
        std::optional<std::size_t> token;
    };
    std::optional<std::pair<std::size_t, std::size_t>> longestAt(std::string_view text, std::size_t at) const;

    std::vector<Node> m_nodes{1};
    std::array<bool, 256> m_starts{}; // by byte: some content begins with it
    std::vector<AddedToken> m_tokens;
};

} // namespace winnow
