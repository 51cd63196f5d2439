// SPDX-License-Identifier: GPL-3.0-or-later
// The expressions of a template: from tokens to a tree, with Jinja's precedences.
#pragma once

#include "core/model/chat/jinja/syntax.h"
#include "core/model/chat/jinja/token_reader.h"

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

class ExpressionParser : protected TokenReader {
protected:
    using TokenReader::TokenReader;

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

    ExpressionPtr make(Expression::Kind kind, std::size_t at, std::vector<ExpressionPtr> parts = {}, std::string text = {}) const;
    void checkDepth(const Expression& node) const;
};

} // namespace winnow::jinja
