// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/model/chat/jinja/expression_parser.h"

#include <algorithm>
#include <array>
#include <optional>

namespace winnow::jinja {

namespace {

using Type = Token::Type;
using Node = Expression::Kind;

constexpr int kMaxDepth = 500;

std::optional<Operator> comparisonOf(const Token& token)
{
    static constexpr std::array<std::pair<std::string_view, Operator>, 6> kSigns{{{"==", Operator::Equal},
                                                                                  {"!=", Operator::NotEqual},
                                                                                  {"<", Operator::Less},
                                                                                  {"<=", Operator::LessEqual},
                                                                                  {">", Operator::Greater},
                                                                                  {">=", Operator::GreaterEqual}}};
    for (const auto& [sign, meaning] : kSigns)
        if (token.is(Type::Operator, sign))
            return meaning;
    return std::nullopt;
}

} // namespace

ExpressionPtr ExpressionParser::make(Node kind, std::size_t at, std::vector<ExpressionPtr> parts, std::string text) const
{
    auto node = std::make_unique<Expression>();
    node->kind = kind;
    node->at = at;
    node->text = std::move(text);
    node->parts = std::move(parts);
    for (const ExpressionPtr& part : node->parts)
        if (part)
            node->depth = std::max(node->depth, part->depth + 1);
    checkDepth(*node);
    return node;
}

void ExpressionParser::checkDepth(const Expression& node) const
{
    if (node.depth > kMaxDepth)
        stopAt(node.at, "the expression has more than {} parts inside each other", kMaxDepth);
}

ExpressionPtr ExpressionParser::parseExpression()
{
    const Nested nested(*this);
    ExpressionPtr value = parseOr();
    while (isName("if")) {
        const std::size_t at = take().at;
        ExpressionPtr condition = parseOr();
        ExpressionPtr otherwise = takeName("else") ? parseExpression() : nullptr;
        value = make(Node::Conditional, at, listOf(std::move(condition), std::move(value), std::move(otherwise)));
    }
    return value;
}

ExpressionPtr ExpressionParser::parseOr()
{
    ExpressionPtr left = parseAnd();
    while (isName("or")) {
        const std::size_t at = take().at;
        left = make(Node::Or, at, listOf(std::move(left), parseAnd()));
    }
    return left;
}

ExpressionPtr ExpressionParser::parseAnd()
{
    ExpressionPtr left = parseNot();
    while (isName("and")) {
        const std::size_t at = take().at;
        left = make(Node::And, at, listOf(std::move(left), parseNot()));
    }
    return left;
}

ExpressionPtr ExpressionParser::parseNot()
{
    if (!isName("not"))
        return parseCompare();
    const Nested nested(*this);
    const std::size_t at = take().at;
    return make(Node::Not, at, listOf(parseNot()));
}

ExpressionPtr ExpressionParser::parseCompare()
{
    const std::size_t at = now().at;
    std::vector<ExpressionPtr> parts = listOf(parseSum());
    std::vector<Operator> operators;
    for (;;) {
        if (const auto comparison = comparisonOf(now())) {
            operators.push_back(*comparison);
            take();
        } else if (takeName("in")) {
            operators.push_back(Operator::In);
        } else if (isName("not") && ahead().is(Type::Name, "in")) {
            operators.push_back(Operator::NotIn);
            take();
            take();
        } else {
            break;
        }
        parts.push_back(parseSum());
    }
    if (operators.empty())
        return std::move(parts[0]);
    ExpressionPtr node = make(Node::Compare, at, std::move(parts));
    node->operators = std::move(operators);
    return node;
}

ExpressionPtr ExpressionParser::parseSum()
{
    ExpressionPtr left = parseConcatenation();
    while (isOperator("+") || isOperator("-")) {
        const Token& sign = take();
        left = make(Node::Binary, sign.at, listOf(std::move(left), parseConcatenation()));
        left->operators = {sign.text == "+" ? Operator::Add : Operator::Subtract};
    }
    return left;
}

ExpressionPtr ExpressionParser::parseConcatenation()
{
    const std::size_t at = now().at;
    std::vector<ExpressionPtr> parts = listOf(parseProduct());
    while (takeOperator("~"))
        parts.push_back(parseProduct());
    return parts.size() == 1 ? std::move(parts[0]) : make(Node::Concatenate, at, std::move(parts));
}

ExpressionPtr ExpressionParser::parseProduct()
{
    ExpressionPtr left = parsePower();
    while (isOperator("*") || isOperator("/") || isOperator("//") || isOperator("%")) {
        const Token& sign = take();
        left = make(Node::Binary, sign.at, listOf(std::move(left), parsePower()));
        left->operators = {sign.text == "*"    ? Operator::Multiply
                           : sign.text == "/"  ? Operator::Divide
                           : sign.text == "//" ? Operator::FloorDivide
                                               : Operator::Modulo};
    }
    return left;
}

ExpressionPtr ExpressionParser::parsePower()
{
    ExpressionPtr left = parseUnary();
    while (isOperator("**")) {
        const std::size_t at = take().at;
        left = make(Node::Binary, at, listOf(std::move(left), parseUnary()));
        left->operators = {Operator::Power};
    }
    return left;
}

ExpressionPtr ExpressionParser::parseUnary(bool withFilters)
{
    const Nested nested(*this);
    ExpressionPtr node;
    if (isOperator("-") || isOperator("+")) {
        const Token& sign = take();
        node = make(sign.text == "-" ? Node::Negate : Node::Plus, sign.at, listOf(parseUnary(false)));
    } else {
        node = parsePrimary();
    }
    node = parsePostfix(std::move(node));
    return withFilters ? parseFilters(std::move(node)) : std::move(node);
}

ExpressionPtr ExpressionParser::parsePrimary()
{
    const Token& token = now();
    if (isOperator("["))
        return parseList();
    if (isOperator("{"))
        return parseDict();
    if (takeOperator("(")) {
        ExpressionPtr node = parseTuple(true, true);
        expectOperator(")");
        return node;
    }
    ExpressionPtr node = make(Node::Constant, token.at);
    switch (token.type) {
    case Type::Name:
        take();
        if (token.text == "true" || token.text == "True" || token.text == "false" || token.text == "False")
            node->constant = Value(token.text == "true" || token.text == "True");
        else if (token.text == "none" || token.text == "None")
            node->constant = Value::none();
        else
            node = make(Node::Name, token.at, {}, token.text);
        return node;
    case Type::String: {
        std::string text;
        while (now().type == Type::String)
            text += take().text;
        Budget budget{Limits{}};
        node->constant = makeText(budget, std::move(text));
        return node;
    }
    case Type::Integer:
        node->constant = Value(take().whole);
        return node;
    case Type::Float:
        node->constant = Value(take().number);
        return node;
    default:
        unexpected("a value");
    }
}

ExpressionPtr ExpressionParser::parseList()
{
    const std::size_t at = take().at;
    std::vector<ExpressionPtr> parts;
    while (!isOperator("]")) {
        if (!parts.empty())
            expectOperator(",");
        if (isOperator("]"))
            break;
        parts.push_back(parseExpression());
    }
    expectOperator("]");
    return make(Node::List, at, std::move(parts));
}

ExpressionPtr ExpressionParser::parseDict()
{
    const std::size_t at = take().at;
    std::vector<ExpressionPtr> parts;
    while (!isOperator("}")) {
        if (!parts.empty())
            expectOperator(",");
        if (isOperator("}"))
            break;
        parts.push_back(parseExpression());
        expectOperator(":");
        parts.push_back(parseExpression());
    }
    expectOperator("}");
    return make(Node::Dict, at, std::move(parts));
}

bool ExpressionParser::tupleEnds(std::string_view end) const
{
    return now().type == Type::PrintEnd || now().type == Type::BlockEnd || isOperator(")") || (!end.empty() && isName(end));
}

ExpressionPtr ExpressionParser::parseTuple(bool conditional, bool inParentheses, std::string_view end)
{
    const std::size_t at = now().at;
    std::vector<ExpressionPtr> parts;
    bool isTuple = false;
    for (;;) {
        if (!parts.empty())
            expectOperator(",");
        if (tupleEnds(end))
            break;
        parts.push_back(conditional ? parseExpression() : parseOr());
        if (!isOperator(","))
            break;
        isTuple = true;
    }
    if (!isTuple && !parts.empty())
        return std::move(parts[0]);
    if (!isTuple && !inParentheses)
        unexpected("a value");
    return make(Node::Tuple, at, std::move(parts));
}

} // namespace winnow::jinja
