// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/model/chat/jinja/operators.h"

#include "core/model/chat/jinja/format.h"
#include "core/model/chat/jinja/runtime.h"
#include "core/model/chat/jinja/text.h"

#include <algorithm>
#include <cmath>
#include <optional>

namespace winnow::jinja {

namespace {

constexpr std::string_view signText(Operator sign)
{
    switch (sign) {
    case Operator::Add:
        return "+";
    case Operator::Subtract:
        return "-";
    case Operator::Multiply:
        return "*";
    case Operator::Divide:
        return "/";
    case Operator::FloorDivide:
        return "//";
    case Operator::Modulo:
        return "%";
    default:
        return "**";
    }
}

Value powerOf(std::int64_t base, std::int64_t exponent)
{
    if (exponent < 0)
        return Value(std::pow(static_cast<double>(base), static_cast<double>(exponent)));
    std::int64_t result = 1;
    for (; exponent > 0; exponent /= 2) {
        if (exponent % 2 == 1 && __builtin_mul_overflow(result, base, &result))
            stop("the result of ** is larger than 63 bits");
        if (exponent > 1 && __builtin_mul_overflow(base, base, &base))
            stop("the result of ** is larger than 63 bits");
    }
    return Value(result);
}

Value wholeResult(Operator sign, std::int64_t a, std::int64_t b)
{
    std::int64_t result = 0;
    bool overflows = false;
    switch (sign) {
    case Operator::Add:
        overflows = __builtin_add_overflow(a, b, &result);
        break;
    case Operator::Subtract:
        overflows = __builtin_sub_overflow(a, b, &result);
        break;
    case Operator::Multiply:
        overflows = __builtin_mul_overflow(a, b, &result);
        break;
    case Operator::Power:
        return powerOf(a, b);
    case Operator::Divide:
        return Value(static_cast<double>(a) / static_cast<double>(b));
    default:
        if (b == -1) { // the one quotient that does not fit
            overflows = __builtin_sub_overflow(std::int64_t{0}, a, &result);
            result = sign == Operator::Modulo ? 0 : result;
            overflows = overflows && sign == Operator::FloorDivide;
            break;
        }
        const std::int64_t rest = a % b;
        const bool rounds = rest != 0 && (rest < 0) != (b < 0);
        result = sign == Operator::Modulo ? rest + (rounds ? b : 0) : a / b - (rounds ? 1 : 0);
    }
    if (overflows)
        stop("the result of {} is larger than 63 bits", signText(sign));
    return Value(result);
}

Value floatResult(Operator sign, double a, double b)
{
    switch (sign) {
    case Operator::Add:
        return Value(a + b);
    case Operator::Subtract:
        return Value(a - b);
    case Operator::Multiply:
        return Value(a * b);
    case Operator::Divide:
        return Value(a / b);
    case Operator::Power: {
        const double power = std::pow(a, b);
        if (!std::isfinite(power) && std::isfinite(a) && std::isfinite(b))
            stop("the result of ** is larger than a double");
        return Value(power);
    }
    default:
        break;
    }
    double rest = std::fmod(a, b);
    if (rest != 0 && (rest < 0) != (b < 0))
        rest += b;
    else if (rest == 0)
        rest = std::copysign(0.0, b);
    return Value(sign == Operator::Modulo ? rest : std::floor((a - rest) / b + 0.5));
}

Value repeated(Runtime& run, const Value& value, std::int64_t count)
{
    const auto times = static_cast<std::size_t>(std::max<std::int64_t>(count, 0));
    const std::size_t size = value.isText() ? value.bytes().size() : value.sequence().items.size() * sizeof(Value);
    if (size > 0 && times > run.budget.limits().bytes / size)
        stop("repeating a value makes more than {} bytes", run.budget.limits().bytes);
    run.budget.make(size * times);
    if (value.isText()) {
        std::string out;
        out.reserve(size * times);
        for (std::size_t i = 0; size > 0 && i < times; ++i)
            out += value.bytes();
        return run.text(std::move(out), value.text().markup);
    }
    std::vector<Value> items;
    for (std::size_t i = 0; size > 0 && i < times; ++i)
        items.insert(items.end(), value.sequence().items.begin(), value.sequence().items.end());
    return makeSequence(run.budget, std::move(items), value.sequence().type);
}

bool isPlainSequence(const Value& value)
{
    return value.is(Kind::Sequence) && (value.sequence().isOf(SequenceType::List) || value.sequence().isOf(SequenceType::Tuple));
}

std::optional<Value> joined(Runtime& run, const Value& left, const Value& right)
{
    if (left.isText() && right.isText()) {
        const Text &a = left.text(), &b = right.text();
        const bool markup = a.markup || b.markup;
        std::string out;
        out.reserve(a.bytes.size() + b.bytes.size());
        out += markup && !a.markup ? escapedHtml(a.bytes) : a.bytes;
        out += markup && !b.markup ? escapedHtml(b.bytes) : b.bytes;
        return run.text(std::move(out), markup);
    }
    if (isPlainSequence(left) && isPlainSequence(right) && left.sequence().type == right.sequence().type) {
        run.budget.make((left.sequence().items.size() + right.sequence().items.size()) * sizeof(Value));
        std::vector<Value> items = left.sequence().items;
        items.insert(items.end(), right.sequence().items.begin(), right.sequence().items.end());
        return makeSequence(run.budget, std::move(items), left.sequence().type);
    }
    return std::nullopt;
}

} // namespace

Value calculated(Runtime& run, Operator sign, const Value& left, const Value& right)
{
    for (const Value* each : {&left, &right})
        if (each->is(Kind::Undefined))
            stop("{}", each->why());
    if (left.isNumber() && right.isNumber()) {
        const bool divides = sign == Operator::Divide || sign == Operator::FloorDivide || sign == Operator::Modulo;
        if ((divides && right.number() == 0) || (sign == Operator::Power && left.number() == 0 && right.number() < 0))
            stop("{} divides by zero", signText(sign));
        return left.isWhole() && right.isWhole() ? wholeResult(sign, left.whole(), right.whole())
                                                 : floatResult(sign, left.number(), right.number());
    }
    if (sign == Operator::Add)
        if (auto sum = joined(run, left, right))
            return *std::move(sum);
    if (sign == Operator::Multiply) {
        if ((left.isText() || isPlainSequence(left)) && right.isWhole())
            return repeated(run, left, right.whole());
        if ((right.isText() || isPlainSequence(right)) && left.isWhole())
            return repeated(run, right, left.whole());
    }
    if (sign == Operator::Modulo && left.isText())
        return percentFormatted(run, left, right);
    stop("{} cannot join values of type {} and {}", signText(sign), typeName(left), typeName(right));
}

Value negated(const Value& value)
{
    if (value.is(Kind::Undefined))
        stop("{}", value.why());
    if (value.is(Kind::Float))
        return Value(-value.number());
    if (!value.isWhole())
        stop("a value of type {} has no sign", typeName(value));
    return wholeResult(Operator::Subtract, 0, value.whole());
}

bool compared(Budget& budget, Operator sign, const Value& left, const Value& right)
{
    switch (sign) {
    case Operator::Equal:
        return isEqual(budget, left, right);
    case Operator::NotEqual:
        return !isEqual(budget, left, right);
    case Operator::Less:
        return isLess(budget, left, right);
    case Operator::Greater:
        return isLess(budget, right, left);
    case Operator::LessEqual:
        return isLess(budget, left, right) || isEqual(budget, left, right);
    case Operator::GreaterEqual:
        return isLess(budget, right, left) || isEqual(budget, left, right);
    case Operator::In:
        return contains(budget, right, left);
    default:
        return !contains(budget, right, left);
    }
}

} // namespace winnow::jinja
