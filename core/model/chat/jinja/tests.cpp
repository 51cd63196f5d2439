// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/model/chat/jinja/operators.h"
#include "core/model/chat/jinja/print.h"
#include "core/model/chat/jinja/routines.h"
#include "core/model/chat/jinja/runtime.h"
#include "core/model/chat/jinja/text.h"

#include <array>

namespace winnow::jinja {

namespace {

/// A test that asks the value alone.
template <bool (*Ask)(const Value&)>
Value asks(Runtime&, const Value& self, Arguments& arguments)
{
    const Bound bound(arguments, "a test", {});
    return Value(Ask(self));
}

bool isDefined(const Value& value) { return !value.is(Kind::Undefined); }
bool isUndefined(const Value& value) { return value.is(Kind::Undefined); }
bool isNone(const Value& value) { return value.is(Kind::None); }
bool isBoolean(const Value& value) { return value.is(Kind::Boolean); }
bool isTheTrue(const Value& value) { return value.is(Kind::Boolean) && value.boolean(); }
bool isTheFalse(const Value& value) { return value.is(Kind::Boolean) && !value.boolean(); }
bool isInteger(const Value& value) { return value.is(Kind::Integer); }
bool isFloat(const Value& value) { return value.is(Kind::Float); }
bool isNumeric(const Value& value) { return value.isNumber(); }
bool isString(const Value& value) { return value.isText(); }
bool isMapping(const Value& value) { return value.is(Kind::Mapping); }
bool isEscaped(const Value& value) { return value.isText() && value.text().markup; }
bool isCallable(const Value& value) { return value.is(Kind::Callable) || value.is(Kind::Undefined) || value.is(Kind::Loop); }

/// Has a length and takes places.
bool isSequence(const Value& value)
{
    return value.is(Kind::Undefined) || value.isText() || value.is(Kind::Mapping) ||
           (value.is(Kind::Sequence) && value.sequence().hasPlaces());
}

Value isLowerCase(Runtime& run, const Value& self, Arguments&) { return Value(isAll(printed(run.budget, self), Class::Lower)); }
Value isUpperCase(Runtime& run, const Value& self, Arguments&) { return Value(isAll(printed(run.budget, self), Class::Upper)); }

Value hasRest(Runtime& run, const Value& self, const Value& divisor, std::int64_t rest)
{
    const Value left = calculated(run, Operator::Modulo, self, divisor);
    return Value(isEqual(run.budget, left, Value(rest)));
}

Value isOdd(Runtime& run, const Value& self, Arguments&) { return hasRest(run, self, Value(std::int64_t{2}), 1); }
Value isEven(Runtime& run, const Value& self, Arguments&) { return hasRest(run, self, Value(std::int64_t{2}), 0); }

Value isDivisibleBy(Runtime& run, const Value& self, Arguments& arguments)
{
    const Bound bound(arguments, "divisibleby", {"num"}, 1);
    return hasRest(run, self, bound[0], 0);
}

template <Operator Sign>
Value compares(Runtime& run, const Value& self, Arguments& arguments)
{
    const Bound bound(arguments, "a comparison", {"other"}, 1);
    return Value(compared(run.budget, Sign, self, bound[0]));
}

/// Python's `is`: small numbers and what there is only one of are themselves.
Value isSameAs(Runtime& run, const Value& self, Arguments& arguments)
{
    const Bound bound(arguments, "sameas", {"other"}, 1);
    if (self.kind() != bound[0].kind())
        return Value(false);
    const bool isPlain = self.isNumber() || self.is(Kind::None);
    return Value(isPlain ? isEqual(run.budget, self, bound[0]) : self.object() == bound[0].object());
}

Value isFilter(Runtime&, const Value& self, Arguments&) { return Value(self.isText() && findFilter(self.bytes()) != nullptr); }
Value isTest(Runtime&, const Value& self, Arguments&) { return Value(self.isText() && findTest(self.bytes()) != nullptr); }

constexpr std::array<std::pair<std::string_view, Routine>, 39> kTests{{
    {"!=", compares<Operator::NotEqual>},
    {"<", compares<Operator::Less>},
    {"<=", compares<Operator::LessEqual>},
    {"==", compares<Operator::Equal>},
    {">", compares<Operator::Greater>},
    {">=", compares<Operator::GreaterEqual>},
    {"boolean", asks<isBoolean>},
    {"callable", asks<isCallable>},
    {"defined", asks<isDefined>},
    {"divisibleby", isDivisibleBy},
    {"eq", compares<Operator::Equal>},
    {"equalto", compares<Operator::Equal>},
    {"escaped", asks<isEscaped>},
    {"even", isEven},
    {"false", asks<isTheFalse>},
    {"filter", isFilter},
    {"float", asks<isFloat>},
    {"ge", compares<Operator::GreaterEqual>},
    {"greaterthan", compares<Operator::Greater>},
    {"gt", compares<Operator::Greater>},
    {"in", compares<Operator::In>},
    {"integer", asks<isInteger>},
    {"iterable", asks<isIterable>},
    {"le", compares<Operator::LessEqual>},
    {"lessthan", compares<Operator::Less>},
    {"lower", isLowerCase},
    {"lt", compares<Operator::Less>},
    {"mapping", asks<isMapping>},
    {"ne", compares<Operator::NotEqual>},
    {"none", asks<isNone>},
    {"number", asks<isNumeric>},
    {"odd", isOdd},
    {"sameas", isSameAs},
    {"sequence", asks<isSequence>},
    {"string", asks<isString>},
    {"test", isTest},
    {"true", asks<isTheTrue>},
    {"undefined", asks<isUndefined>},
    {"upper", isUpperCase},
}};

} // namespace

RoutineTable tests() { return kTests; }

} // namespace winnow::jinja
