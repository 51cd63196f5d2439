// SPDX-License-Identifier: GPL-3.0-or-later
// What +, [], . and the like do with values, as Python and Jinja's sandbox do it.
#pragma once

#include "core/model/chat/jinja/syntax.h"

namespace winnow::jinja {

class Runtime;

/// + - * / // % **; faults for values that have no such operation.
Value calculated(Runtime& run, Operator sign, const Value& left, const Value& right);
Value negated(const Value& value);

bool compared(Budget& budget, Operator sign, const Value& left, const Value& right);

/// object.name: an attribute or method, else the item of that name, else undefined. Faults for an undefined object.
Value attributeOf(Runtime& run, const Value& object, const std::string& name);
/// object[key]: the item, else for a text the attribute, else undefined. Faults for an undefined object.
Value itemOf(Runtime& run, const Value& object, const Value& key);
/// object[start:end:step], none where one is left out.
Value sliceOf(Runtime& run, const Value& object, const Value& start, const Value& end, const Value& step);

/// The steps of a filter's attribute "a.b.0" (or of a whole number): texts and places. None gives no step.
std::vector<Value> pathOf(Runtime& run, const Value& attribute);
/// Goes along them, item before attribute; `otherwise`, if not none, stands in for what is undefined.
Value followed(Runtime& run, Value object, const std::vector<Value>& path, const Value& otherwise = Value::none());

} // namespace winnow::jinja
