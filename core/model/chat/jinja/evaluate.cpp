// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/model/chat/jinja/runtime.h"

#include "core/model/chat/jinja/operators.h"
#include "core/model/chat/jinja/print.h"
#include "core/model/chat/jinja/routines.h"

#include <algorithm>

namespace winnow::jinja {

namespace {

using ExpressionKind = Expression::Kind;

/// What a routine reads of a text, so that many reads of a long one count.
void countRead(Budget& budget, const Value& value)
{
    if (value.isText())
        budget.read(value.bytes().size());
}

} // namespace

Value Runtime::evaluate(const Expression& expression)
{
    budget.step();
    if (expression.kind == ExpressionKind::Constant)
        return expression.constant;
    if (expression.kind == ExpressionKind::Name)
        return evaluateName(expression);
    if (++m_depth > budget.limits().depth) // counted down on the way back only: a fault ends the run
        stop("the template is nested deeper than {} levels while it runs", budget.limits().depth);
    const auto part = [&](std::size_t i) { return evaluate(*expression.parts[i]); };
    const auto optional = [&](std::size_t i) { return expression.parts[i] ? evaluate(*expression.parts[i]) : Value::none(); };
    Value result;
    switch (expression.kind) {
    case ExpressionKind::Constant:
    case ExpressionKind::Name:
    case ExpressionKind::Member:
        break;
    case ExpressionKind::Tuple:
        result = makeSequence(budget, evaluateAll(expression.parts), SequenceType::Tuple);
        break;
    case ExpressionKind::List:
        result = list(evaluateAll(expression.parts));
        break;
    case ExpressionKind::Dict: {
        std::vector<std::pair<Value, Value>> entries;
        for (std::size_t i = 0; i < expression.parts.size(); i += 2) {
            Value key = part(i);
            entries.emplace_back(std::move(key), part(i + 1));
        }
        m_at = expression.at;
        result = makeMapping(budget, std::move(entries));
        break;
    }
    case ExpressionKind::Attribute: {
        const Value object = part(0);
        m_at = expression.at;
        result = attributeOf(*this, object, expression.text);
        break;
    }
    case ExpressionKind::Item: {
        const Value object = part(0), key = part(1);
        m_at = expression.at;
        result = itemOf(*this, object, key);
        break;
    }
    case ExpressionKind::Slice: {
        const Value object = part(0), start = optional(1), end = optional(2), step = optional(3);
        m_at = expression.at;
        result = sliceOf(*this, object, start, end, step);
        break;
    }
    case ExpressionKind::Call:
        result = evaluateCall(expression);
        break;
    case ExpressionKind::Filter:
        result = evaluateFilter(expression);
        break;
    case ExpressionKind::Test:
        result = evaluateTest(expression);
        break;
    case ExpressionKind::Not:
        result = Value(!isTrue(part(0)));
        break;
    case ExpressionKind::Negate:
    case ExpressionKind::Plus: {
        const Value value = part(0);
        m_at = expression.at;
        const Value negative = negated(value);
        result = expression.kind == ExpressionKind::Negate ? negative : negated(negative);
        break;
    }
    case ExpressionKind::And:
        result = part(0);
        if (isTrue(result))
            result = part(1);
        break;
    case ExpressionKind::Or:
        result = part(0);
        if (!isTrue(result))
            result = part(1);
        break;
    case ExpressionKind::Concatenate:
        result = evaluateConcatenation(expression);
        break;
    case ExpressionKind::Compare:
        result = evaluateComparison(expression);
        break;
    case ExpressionKind::Binary: {
        const Value left = part(0), right = part(1);
        m_at = expression.at;
        result = calculated(*this, expression.operators[0], left, right);
        break;
    }
    case ExpressionKind::Conditional:
        if (isTrue(part(0)))
            result = part(1);
        else if (expression.parts[2])
            result = part(2);
        else
            result = Value::undefined("the condition of an 'if' without 'else' is false");
        break;
    }
    --m_depth;
    return result;
}

Value Runtime::evaluateName(const Expression& expression)
{
    const Value& value = place(expression.place);
    if (value.is(Kind::Missing)) {
        m_at = expression.at;
        return Value::undefinedName(expression.text);
    }
    return value;
}

Value Runtime::evaluateConcatenation(const Expression& expression)
{
    std::string joined;
    for (const auto& each : expression.parts) {
        print(budget, evaluate(*each), joined);
        budget.make(0);
    }
    return text(std::move(joined));
}

Value Runtime::evaluateComparison(const Expression& expression)
{
    Value left = evaluate(*expression.parts[0]);
    for (std::size_t i = 0; i < expression.operators.size(); ++i) {
        Value right = evaluate(*expression.parts[i + 1]);
        m_at = expression.at;
        if (!compared(budget, expression.operators[i], left, right))
            return Value(false);
        left = std::move(right);
    }
    return Value(true);
}

std::vector<Value> Runtime::evaluateAll(const std::vector<ExpressionPtr>& parts)
{
    std::vector<Value> values;
    values.reserve(parts.size());
    for (const auto& each : parts)
        values.push_back(evaluate(*each));
    return values;
}

void Runtime::evaluateArguments(const Expression& call, Arguments& arguments)
{
    arguments.positional = evaluateAll(call.positional);
    for (const auto& [name, value] : call.named)
        arguments.named.emplace_back(name, evaluate(*value));
    if (call.spreadList)
        std::ranges::move(itemsOf(budget, evaluate(*call.spreadList)), std::back_inserter(arguments.positional));
    if (!call.spreadMap)
        return;
    const Value map = evaluate(*call.spreadMap);
    if (!map.is(Kind::Mapping))
        stop("what follows ** in a call must be a dict, not {}", typeName(map));
    for (const auto& [key, value] : map.mapping().entries)
        arguments.named.emplace_back(textOf(key, "a key of what follows ** in a call"), value);
}

Value Runtime::evaluateCall(const Expression& expression, const Value* caller)
{
    const Expression& callee = *expression.parts[0];
    Value self, function;
    Routine method = nullptr;
    if (callee.kind == ExpressionKind::Attribute) {
        self = evaluate(*callee.parts[0]);
        m_at = callee.at;
        if (!isForbidden(self, callee.text))
            method = findMethod(self, callee.text);
        if (method == nullptr)
            function = attributeOf(*this, self, callee.text);
    } else {
        function = evaluate(callee);
    }
    Arguments arguments;
    evaluateArguments(expression, arguments);
    if (caller != nullptr)
        arguments.named.emplace_back("caller", *caller);
    m_at = expression.at;
    countRead(budget, self);
    return method != nullptr ? method(*this, self, arguments) : call(function, arguments);
}

Value Runtime::call(const Value& callee, Arguments& arguments)
{
    if (callee.is(Kind::Undefined))
        stop("{}", callee.why());
    if (callee.is(Kind::Loop)) {
        const Bound bound(arguments, "loop()", {""}, 1);
        if (!callee.loop().again)
            stop("only the variable of a running loop that is marked 'recursive' can be called");
        const auto again = callee.loop().again;
        return again(bound[0]);
    }
    if (!callee.is(Kind::Callable))
        stop("a value of type {} cannot be called", typeName(callee));
    const std::shared_ptr<const Object> held = callee.shared();
    const Callable& callable = callee.callable();
    if (callable.isMacro())
        return callMacro(callable, arguments);
    countRead(budget, callable.self);
    // A function that remembers something is its own object.
    return callable.routine(*this, callable.self.is(Kind::Missing) ? callee : callable.self, arguments);
}

Value Runtime::evaluateFilter(const Expression& expression, const Value* input)
{
    // The innermost of a chain in a filter block takes what the block wrote.
    const Value value = !expression.parts[0]                                  ? *input
                        : expression.parts[0]->kind == ExpressionKind::Filter ? evaluateFilter(*expression.parts[0], input)
                                                                              : evaluate(*expression.parts[0]);
    Arguments arguments;
    evaluateArguments(expression, arguments);
    m_at = expression.at;
    if (expression.routine == nullptr)
        stop("there is no filter '{}'", expression.text);
    countRead(budget, value);
    return expression.routine(*this, value, arguments);
}

Value Runtime::evaluateTest(const Expression& expression)
{
    const Value value = evaluate(*expression.parts[0]);
    Arguments arguments;
    evaluateArguments(expression, arguments);
    m_at = expression.at;
    if (expression.routine == nullptr)
        stop("there is no test '{}'", expression.text);
    countRead(budget, value);
    return expression.routine(*this, value, arguments);
}

Value Runtime::filtered(const std::string& name, const Value& value, Arguments arguments)
{
    budget.step();
    const Routine routine = findFilter(name);
    if (routine == nullptr)
        stop("there is no filter '{}'", name);
    countRead(budget, value);
    return routine(*this, value, arguments);
}

bool Runtime::tested(const std::string& name, const Value& value, Arguments arguments)
{
    budget.step();
    const Routine routine = findTest(name);
    if (routine == nullptr)
        stop("there is no test '{}'", name);
    countRead(budget, value);
    return isTrue(routine(*this, value, arguments));
}

} // namespace winnow::jinja
