// SPDX-License-Identifier: GPL-3.0-or-later
// What follows a value: attributes, items, calls, filters and tests.
#include "core/model/chat/jinja/expression_parser.h"

#include "core/model/chat/jinja/routines.h"

#include <algorithm>

namespace winnow::jinja {

using Type = Token::Type;
using Node = Expression::Kind;

ExpressionPtr ExpressionParser::parsePostfix(ExpressionPtr node)
{
    for (;;) {
        if (isOperator(".") || isOperator("[")) {
            node = parseSubscript(std::move(node));
        } else if (isOperator("(")) {
            node = parseCall(std::move(node));
        } else {
            return node;
        }
    }
}

ExpressionPtr ExpressionParser::parseCall(ExpressionPtr callee)
{
    const std::size_t at = callee->at;
    ExpressionPtr call = make(Node::Call, at, listOf(std::move(callee)));
    parseArguments(*call);
    return call;
}

ExpressionPtr ExpressionParser::parseSubscript(ExpressionPtr node)
{
    const std::size_t at = now().at;
    if (takeOperator(".")) {
        const Token& name = now();
        if (name.type == Type::Name)
            return make(Node::Attribute, at, listOf(std::move(node)), take().text);
        ExpressionPtr place = make(Node::Constant, name.at);
        place->constant = Value(expect(Type::Integer, "the name of an attribute").whole);
        return make(Node::Item, at, listOf(std::move(node), std::move(place)));
    }
    take();
    if (isOperator(":"))
        return parseSubscribed(std::move(node));
    std::vector<ExpressionPtr> parts;
    bool isTuple = false;
    while (!isOperator("]")) {
        if (!parts.empty()) {
            expectOperator(",");
            isTuple = true;
        }
        parts.push_back(parseExpression());
        if (isOperator(":") && !isTuple) {
            node = make(Node::Slice, at, listOf(std::move(node), std::move(parts[0])));
            return parseSubscribed(std::move(node));
        }
    }
    expectOperator("]");
    ExpressionPtr index = parts.size() == 1 ? std::move(parts[0]) : make(Node::Tuple, at, std::move(parts));
    return make(Node::Item, at, listOf(std::move(node), std::move(index)));
}

/// The rest of a slice from its first ":" on; `node` is what is sliced, or a Slice that has its start.
ExpressionPtr ExpressionParser::parseSubscribed(ExpressionPtr node)
{
    const std::size_t at = now().at;
    if (node->kind != Node::Slice || node->parts.size() != 2)
        node = make(Node::Slice, at, listOf(std::move(node), ExpressionPtr()));
    for (int i = 0; i < 2; ++i)
        node->parts.push_back(takeOperator(":") && !isOperator(":") && !isOperator("]") ? parseExpression() : nullptr);
    expectOperator("]");
    return make(Node::Slice, at, std::move(node->parts));
}

void ExpressionParser::parseArguments(Expression& call)
{
    const Nested nested(*this);
    const std::size_t at = now().at;
    expectOperator("(");
    const auto ensure = [&](bool fits) {
        if (!fits)
            stopAt(at, "the arguments of the call are out of order");
    };
    for (bool first = true; !isOperator(")"); first = false) {
        if (!first)
            expectOperator(",");
        if (isOperator(")"))
            break;
        if (takeOperator("*")) {
            ensure(!call.spreadList && !call.spreadMap);
            call.spreadList = parseExpression();
        } else if (takeOperator("**")) {
            ensure(!call.spreadMap);
            call.spreadMap = parseExpression();
        } else if (now().type == Type::Name && ahead().is(Type::Operator, "=")) {
            ensure(!call.spreadMap);
            std::string name = take().text;
            take();
            if (std::ranges::find(call.named, name, [](const auto& each) { return each.first; }) != call.named.end())
                stopAt(at, "the call gives '{}' twice", name);
            ExpressionPtr value = parseExpression();
            call.named.emplace_back(std::move(name), std::move(value));
        } else {
            ensure(!call.spreadList && !call.spreadMap && call.named.empty());
            call.positional.push_back(parseExpression());
        }
    }
    expectOperator(")");
    const auto grow = [&](const ExpressionPtr& part) { call.depth = std::max(call.depth, part ? part->depth + 1 : 0); };
    std::ranges::for_each(call.positional, grow);
    for (const auto& [name, value] : call.named)
        grow(value);
    grow(call.spreadList);
    grow(call.spreadMap);
    checkDepth(call);
}

ExpressionPtr ExpressionParser::parseFilters(ExpressionPtr node)
{
    for (;;) {
        if (takeOperator("|")) {
            node = parseFilter(std::move(node));
        } else if (node && isName("is")) {
            node = parseTest(std::move(node));
        } else if (node && isOperator("(")) {
            node = parseCall(std::move(node));
        } else {
            return node;
        }
    }
}

ExpressionPtr ExpressionParser::parseFilter(ExpressionPtr node)
{
    const Token& name = expect(Type::Name, "the name of a filter");
    node = make(Node::Filter, name.at, listOf(std::move(node)), name.text);
    while (takeOperator("."))
        node->text += "." + expect(Type::Name, "the name of a filter").text;
    node->routine = findFilter(node->text);
    if (isOperator("("))
        parseArguments(*node);
    return node;
}

ExpressionPtr ExpressionParser::parseTest(ExpressionPtr node)
{
    const std::size_t at = take().at;
    const bool negated = takeName("not");
    const Token& name = expect(Type::Name, "the name of a test");
    node = make(Node::Test, name.at, listOf(std::move(node)), name.text);
    while (takeOperator("."))
        node->text += "." + expect(Type::Name, "the name of a test").text;
    node->routine = findTest(node->text);
    const Token& next = now();
    const bool opens =
        next.type == Type::String || next.type == Type::Integer || next.type == Type::Float || isOperator("[") || isOperator("{");
    if (isOperator("(")) {
        parseArguments(*node);
    } else if (opens || (next.type == Type::Name && !isName("else") && !isName("or") && !isName("and"))) {
        if (isName("is"))
            stopAt(next.at, "tests with 'is' cannot be chained");
        node->positional.push_back(parsePostfix(parsePrimary()));
    }
    return negated ? make(Node::Not, at, listOf(std::move(node))) : std::move(node);
}

} // namespace winnow::jinja
