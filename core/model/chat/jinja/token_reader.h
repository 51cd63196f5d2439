// SPDX-License-Identifier: GPL-3.0-or-later
// The tokens of a template, taken one after the other, and how deep in them a parser is.
#pragma once

#include "core/model/chat/jinja/lexer.h"

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

namespace winnow::jinja {

/// Base of both parsers. The `expect…` functions stop with a fault that names the place and the token that stands there instead.
class TokenReader {
protected:
    /// `source`: as tokenize takes it.
    explicit TokenReader(std::string_view source) : m_tokens(tokenize(source)) {}
    ~TokenReader() = default;

    const Token& now() const { return m_tokens[m_next]; }
    const Token& ahead() const { return m_tokens[std::min(m_next + 1, m_tokens.size() - 1)]; }
    bool isName(std::string_view word) const { return now().is(Token::Type::Name, word); }
    bool isOperator(std::string_view sign) const { return now().is(Token::Type::Operator, sign); }
    const Token& take();
    bool takeName(std::string_view word);
    bool takeOperator(std::string_view sign);
    void expectName(std::string_view word);
    void expectOperator(std::string_view sign);
    const Token& expect(Token::Type type, std::string_view what);
    [[noreturn]] void unexpected(std::string_view wanted) const;

    /// Counts what is open around it, and faults when that is too much for the stack.
    class Nested {
    public:
        explicit Nested(TokenReader& reader);
        ~Nested() { --m_reader.m_depth; }
        Nested(const Nested&) = delete;
        Nested& operator=(const Nested&) = delete;

    private:
        TokenReader& m_reader;
    };

    std::vector<std::string> m_open; ///< the tags around the next token

private:
    std::vector<Token> m_tokens;
    std::size_t m_next = 0;
    int m_depth = 0;
};

} // namespace winnow::jinja
