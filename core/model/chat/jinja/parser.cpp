// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/model/chat/jinja/parser.h"

#include <algorithm>
#include <array>

namespace winnow::jinja {

Block Parser::parse() { return parseBody({}); }

/// Up to a tag of `ends`, whose name is then the next token; without ends up to the end of the template.
Block Parser::parseBody(std::initializer_list<std::string_view> ends)
{
    const Nested nested(*this);
    Block body;
    for (;;) {
        const Token& token = now();
        switch (token.type) {
        case Token::Type::End:
            if (ends.size() > 0)
                unexpected(fmt::format("'{}'", *(ends.end() - 1)));
            return body;
        case Token::Type::Data: {
            Statement& data = body.emplace_back();
            data.kind = Statement::Kind::Data;
            data.at = token.at;
            data.text = token.text;
            take();
            break;
        }
        case Token::Type::PrintBegin: {
            take();
            Statement print;
            print.kind = Statement::Kind::Output;
            print.at = token.at;
            print.values.push_back(parseTuple(true));
            expect(Token::Type::PrintEnd, "'}}'");
            body.push_back(std::move(print));
            break;
        }
        default: // a block begins
            take();
            if (now().type == Token::Type::Name && std::ranges::find(ends, std::string_view(now().text)) != ends.end())
                return body;
            body.push_back(parseStatement());
            expect(Token::Type::BlockEnd, "'%}'");
        }
    }
}

/// The rest of an opening tag, and the body behind it.
Block Parser::parseBlock(std::initializer_list<std::string_view> ends)
{
    takeOperator(":");
    expect(Token::Type::BlockEnd, "'%}'");
    return parseBody(ends);
}

Statement Parser::parseStatement()
{
    if (now().type != Token::Type::Name)
        unexpected("the name of a tag");
    const Token& tag = now();
    static constexpr std::array<std::string_view, 5> kRefused{"extends", "block", "include", "import", "from"};
    if (std::ranges::find(kRefused, std::string_view(tag.text)) != kRefused.end())
        stopAt(tag.at, "'{}' needs other templates, and a chat template stands alone", tag.text);
    using Read = Statement (Parser::*)();
    static constexpr std::array<std::pair<std::string_view, Read>, 10> kTags{{{"if", &Parser::parseIf},
                                                                              {"for", &Parser::parseFor},
                                                                              {"set", &Parser::parseSet},
                                                                              {"macro", &Parser::parseMacro},
                                                                              {"call", &Parser::parseCallBlock},
                                                                              {"filter", &Parser::parseFilterBlock},
                                                                              {"with", &Parser::parseWith},
                                                                              {"print", &Parser::parsePrint},
                                                                              {"break", &Parser::parseLoopControl},
                                                                              {"continue", &Parser::parseLoopControl}}};
    const auto known = std::ranges::find(kTags, std::string_view(tag.text), &std::pair<std::string_view, Read>::first);
    const bool scopes = tag.text == "generation" || tag.text == "autoescape";
    if (known == kTags.end() && !scopes)
        stopAt(tag.at, "there is no tag '{}'{}", tag.text,
               m_open.empty() ? "" : fmt::format(" here (the innermost open tag is '{}')", m_open.back()));
    m_open.push_back(tag.text);
    Statement statement =
        scopes ? parseScope(tag.text == "generation" ? "endgeneration" : "endautoescape") : (this->*known->second)();
    statement.at = tag.at;
    m_open.pop_back();
    return statement;
}

Statement Parser::parseIf()
{
    Statement result;
    result.kind = Statement::Kind::If;
    do {
        take();
        result.values.push_back(parseTuple(false));
        result.bodies.push_back(parseBlock({"elif", "else", "endif"}));
    } while (isName("elif"));
    if (take().text == "else") {
        result.bodies.push_back(parseBlock({"endif"}));
        take();
    }
    return result;
}

Statement Parser::parseFor()
{
    Statement result;
    result.kind = Statement::Kind::For;
    take();
    ++m_loops;
    result.targets.push_back(parseTarget(false, "in"));
    expectName("in");
    result.values.push_back(parseTuple(false, false, "recursive"));
    if (takeName("if"))
        result.values.push_back(parseExpression());
    result.recursive = takeName("recursive");
    result.bodies.push_back(parseBlock({"endfor", "else"}));
    --m_loops;
    if (take().text == "else") {
        result.bodies.push_back(parseBlock({"endfor"}));
        take();
    }
    return result;
}

Statement Parser::parseSet()
{
    Statement result;
    take();
    result.targets.push_back(parseTarget(true));
    if (takeOperator("=")) {
        result.kind = Statement::Kind::Set;
        result.values.push_back(parseTuple(true));
        return result;
    }
    result.kind = Statement::Kind::SetBlock;
    ExpressionPtr filter = parseFilters(nullptr);
    if (filter)
        result.values.push_back(std::move(filter));
    result.bodies.push_back(parseBlock({"endset"}));
    take();
    return result;
}

void Parser::parseSignature(Statement& statement)
{
    expectOperator("(");
    while (!isOperator(")")) {
        if (!statement.parameters.empty())
            expectOperator(",");
        const Token& name = expect(Token::Type::Name, "the name of a parameter");
        Parameter parameter{.name = name.text, .at = name.at};
        if (takeOperator("="))
            parameter.otherwise = parseExpression();
        else if (!statement.parameters.empty() && statement.parameters.back().otherwise)
            stopAt(name.at, "the parameter '{}' needs a default value, as those before it have one", name.text);
        statement.parameters.push_back(std::move(parameter));
    }
    expectOperator(")");
}

Statement Parser::parseMacro()
{
    Statement result;
    result.kind = Statement::Kind::Macro;
    take();
    result.text = expect(Token::Type::Name, "the name of a macro").text;
    parseSignature(result);
    const int loops = std::exchange(m_loops, 0);
    result.bodies.push_back(parseBlock({"endmacro"}));
    m_loops = loops;
    take();
    return result;
}

Statement Parser::parseCallBlock()
{
    Statement result;
    result.kind = Statement::Kind::CallBlock;
    result.text = "caller";
    take();
    if (isOperator("("))
        parseSignature(result);
    const std::size_t at = now().at;
    result.values.push_back(parseExpression());
    if (result.values[0]->kind != Expression::Kind::Call)
        stopAt(at, "'call' needs the call of a macro");
    const int loops = std::exchange(m_loops, 0);
    result.bodies.push_back(parseBlock({"endcall"}));
    m_loops = loops;
    take();
    return result;
}

Statement Parser::parseFilterBlock()
{
    Statement result;
    result.kind = Statement::Kind::FilterBlock;
    take();
    result.values.push_back(parseFilters(parseFilter(nullptr)));
    result.bodies.push_back(parseBlock({"endfilter"}));
    take();
    return result;
}

Statement Parser::parseWith()
{
    Statement result;
    result.kind = Statement::Kind::With;
    take();
    while (now().type != Token::Type::BlockEnd) {
        if (!result.targets.empty())
            expectOperator(",");
        result.targets.push_back(parseTarget(false));
        expectOperator("=");
        result.values.push_back(parseExpression());
    }
    result.bodies.push_back(parseBlock({"endwith"}));
    take();
    return result;
}

Statement Parser::parsePrint()
{
    Statement result;
    result.kind = Statement::Kind::Output;
    take();
    while (now().type != Token::Type::BlockEnd) {
        if (!result.values.empty())
            expectOperator(",");
        result.values.push_back(parseExpression());
    }
    return result;
}

/// "generation", and "autoescape", which changes nothing where it is off but is a scope; on, it is an error when it runs.
Statement Parser::parseScope(std::string_view end)
{
    Statement result;
    const bool isGeneration = take().text == "generation";
    result.kind = isGeneration ? Statement::Kind::Generation : Statement::Kind::Scope;
    if (!isGeneration)
        result.values.push_back(parseExpression());
    const int loops = isGeneration ? std::exchange(m_loops, 0) : m_loops;
    result.bodies.push_back(parseBlock({end}));
    m_loops = loops;
    take();
    return result;
}

Statement Parser::parseLoopControl()
{
    Statement result;
    const Token& tag = take();
    if (m_loops == 0)
        stopAt(tag.at, "'{}' stands outside a for loop", tag.text);
    result.kind = tag.text == "break" ? Statement::Kind::Break : Statement::Kind::Continue;
    return result;
}

/// A name, several between commas, or with `allowsMember` also "name.attribute".
ExpressionPtr Parser::parseTarget(bool allowsMember, std::string_view end)
{
    const std::size_t at = now().at;
    std::vector<ExpressionPtr> parts;
    bool isTuple = false;
    do {
        if (!parts.empty() && (tupleEnds(end) || isOperator("=")))
            break;
        if (allowsMember && now().type == Token::Type::Name && ahead().is(Token::Type::Operator, ".")) {
            const Token& name = take();
            take();
            parts.push_back(make(Expression::Kind::Member, name.at, {}, name.text));
            parts.back()->attribute = expect(Token::Type::Name, "the name of an attribute").text;
        } else {
            parts.push_back(parsePrimary());
        }
        isTuple = isTuple || isOperator(",");
    } while (takeOperator(","));
    ExpressionPtr target = isTuple ? make(Expression::Kind::Tuple, at, std::move(parts)) : std::move(parts[0]);
    checkTarget(*target);
    return target;
}

void Parser::checkTarget(const Expression& target) const
{
    if (target.kind == Expression::Kind::Tuple)
        for (const ExpressionPtr& part : target.parts)
            checkTarget(*part);
    else if (target.kind != Expression::Kind::Name && target.kind != Expression::Kind::Member)
        stopAt(target.at, "nothing can be assigned to this; a name is expected");
    if (target.kind == Expression::Kind::Name && target.text == "loop" && m_loops > 0)
        stopAt(target.at, "nothing can be assigned to 'loop' inside a for loop");
}

} // namespace winnow::jinja
