// SPDX-License-Identifier: GPL-3.0-or-later
// The statements of a template: from tokens to a tree. The grammar is Jinja's, with the tags break, continue and generation; what
// needs other templates (extends, block, include, import, from) is refused.
#pragma once

#include "core/model/chat/jinja/expression_parser.h"

#include <initializer_list>
#include <string_view>

namespace winnow::jinja {

class Parser : private ExpressionParser {
public:
    /// `source`: as tokenize takes it.
    explicit Parser(std::string_view source) : ExpressionParser(source) {}

    /// The whole template; faults with the place of what cannot be read.
    Block parse();

private:
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

    int m_loops = 0; ///< around here, in the innermost macro
};

} // namespace winnow::jinja
