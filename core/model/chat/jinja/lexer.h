// SPDX-License-Identifier: GPL-3.0-or-later
// A template cut into tokens: text between tags as it is to be written (blanks stripped as the tags ask), and what stands in
// tags.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace winnow::jinja {

struct Token {
    enum class Type : std::uint8_t {
        Data,
        PrintBegin,
        PrintEnd,
        BlockBegin,
        BlockEnd,
        Name,
        String,
        Integer,
        Float,
        Operator,
        End
    };
    Type type = Type::End;
    std::size_t at = 0;
    std::string text; ///< a string's without quotes and escapes
    std::int64_t whole = 0;
    double number = 0;

    bool is(Type wanted, std::string_view spelled) const { return type == wanted && text == spelled; }
};

/// "\r\n" and "\r" become "\n", and one line end at the very end goes.
std::string withPlainLineEnds(std::string_view source);

/// `source`: valid UTF-8 with "\n" line ends. trim_blocks and lstrip_blocks are on. Faults with the place of what it cannot read.
/// The last token is an End.
std::vector<Token> tokenize(std::string_view source);

/// For error sentences: "'endif'", "the end of the template".
std::string described(const Token& token);

} // namespace winnow::jinja
