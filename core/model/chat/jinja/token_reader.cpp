// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/model/chat/jinja/token_reader.h"

#include "core/model/chat/jinja/budget.h"

namespace winnow::jinja {

namespace {

constexpr int kMaxDepth = 120;

} // namespace

TokenReader::Nested::Nested(TokenReader& reader) : m_reader(reader)
{
    if (++reader.m_depth > kMaxDepth) {
        --reader.m_depth;
        stopAt(reader.now().at, "the template is nested deeper than {} levels", kMaxDepth);
    }
}

const Token& TokenReader::take()
{
    const Token& token = now();
    if (token.type != Token::Type::End)
        ++m_next;
    return token;
}

bool TokenReader::takeName(std::string_view word)
{
    const bool there = isName(word);
    if (there)
        take();
    return there;
}

bool TokenReader::takeOperator(std::string_view sign)
{
    const bool there = isOperator(sign);
    if (there)
        take();
    return there;
}

void TokenReader::expectName(std::string_view word)
{
    if (!takeName(word))
        unexpected(fmt::format("'{}'", word));
}

void TokenReader::expectOperator(std::string_view sign)
{
    if (!takeOperator(sign))
        unexpected(fmt::format("'{}'", sign));
}

const Token& TokenReader::expect(Token::Type type, std::string_view what)
{
    if (now().type != type)
        unexpected(what);
    return take();
}

void TokenReader::unexpected(std::string_view wanted) const
{
    const bool isOpen = now().type == Token::Type::End && !m_open.empty();
    stopAt(now().at, "{} is expected, not {}{}", wanted, described(now()),
           isOpen ? fmt::format(" (the innermost open tag is '{}')", m_open.back()) : "");
}

} // namespace winnow::jinja
