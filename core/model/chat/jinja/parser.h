// SPDX-License-Identifier: GPL-3.0-or-later
// Tokens to a tree. The grammar is Jinja's, with the tags break, continue and generation; what needs other templates (extends,
// block, include, import, from) is refused.
#pragma once

#include "core/model/chat/jinja/lexer.h"
#include "core/model/chat/jinja/syntax.h"

#include <algorithm>
#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace winnow::jinja {

template <class... Parts>
std::vector<ExpressionPtr> listOf(Parts... parts)
{
    std::vector<ExpressionPtr> list;
    (list.push_back(std::move(parts)), ...);
    return list;
}

class Parser {
public:
    /// `source`: as tokenize takes it.
    explicit Parser(std::string_view source) : m_tokens(tokenize(source)) {}

    /// The whole template; faults with the place of what cannot be read.
    Block parse();

private:
    // Statements: parser.cpp.
    Block parseBody(std::initializer_list<std::string_view> ends);
    Block parseBlock(std::initializer_list<std::string_view> ends);
    Statement parseStatement();
    Statement parseIf();
    Statement parseFor();
    Statement parseSet();
    Statement parseMacro();
    Statement parseCallBlock();
    Statement parseFilterBlock();
    Statement parseWith();
    Statement parsePrint();
    Statement parseScope(std::string_view end);
    Statement parseLoopControl();
    void parseSignature(Statement& statement);
    ExpressionPtr parseTarget(bool allowsMember, std::string_view end = {});
    void checkTarget(const Expression& target) const;

    // Expressions: expression_parser.cpp, and from parsePostfix on suffix_parser.cpp.
    ExpressionPtr parseExpression();
    ExpressionPtr parseOr();
    ExpressionPtr parseAnd();
    ExpressionPtr parseNot();
    ExpressionPtr parseCompare();
    ExpressionPtr parseSum();
    ExpressionPtr parseConcatenation();
    ExpressionPtr parseProduct();
    ExpressionPtr parsePower();
    ExpressionPtr parseUnary(bool withFilters = true);
    ExpressionPtr parsePrimary();
    ExpressionPtr parseList();
    ExpressionPtr parseDict();
    ExpressionPtr parsePostfix(ExpressionPtr node);
    ExpressionPtr parseCall(ExpressionPtr callee);
    ExpressionPtr parseSubscript(ExpressionPtr node);
    ExpressionPtr parseSubscribed(ExpressionPtr node);
    ExpressionPtr parseFilters(ExpressionPtr node);
    ExpressionPtr parseFilter(ExpressionPtr node);
    ExpressionPtr parseTest(ExpressionPtr node);
    void parseArguments(Expression& call);
    /// One expression, or a tuple of those between commas; `conditional` allows "a if b else c".
    ExpressionPtr parseTuple(bool conditional, bool inParentheses = false, std::string_view end = {});
    bool tupleEnds(std::string_view end) const;

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
    ExpressionPtr make(Expression::Kind kind, std::size_t at, std::vector<ExpressionPtr> parts = {}, std::string text = {}) const;
    void checkDepth(const Expression& node) const;

    /// Counts what is open around it, and faults when that is too much for the stack.
    class Nested;

    std::vector<Token> m_tokens;
    std::size_t m_next = 0;
    int m_depth = 0;
    int m_loops = 0;                 // around here, in the innermost macro
    std::vector<std::string> m_open; // the tags around here
};

class Parser::Nested {
public:
    explicit Nested(Parser& parser);
    ~Nested() { --m_parser.m_depth; }
    Nested(const Nested&) = delete;
    Nested& operator=(const Nested&) = delete;

private:
    Parser& m_parser;
};

} // namespace winnow::jinja
