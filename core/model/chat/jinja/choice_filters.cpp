// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/model/chat/jinja/operators.h"
#include "core/model/chat/jinja/routines.h"
#include "core/model/chat/jinja/runtime.h"

#include <array>

namespace winnow::jinja {

namespace {

Value attribute(Runtime& run, const Value& self, Arguments& arguments)
{
    const Bound bound(arguments, "attr", {"name"}, 1);
    Value value = attributeOf(run, self, bound.text(0));
    const bool isItem = self.is(Kind::Mapping) && findMethod(self, bound.text(0)) == nullptr;
    return isItem ? Value::undefined(fmt::format("a dict has no attribute '{}'", bound.text(0))) : value;
}

Value otherwise(Runtime&, const Value& self, Arguments& arguments)
{
    static const Value empty{Kind::Text, std::make_shared<Text>("", false)};
    const Bound bound(arguments, "default", {"default_value", "boolean"});
    const bool given = !arguments.positional.empty() || bound.has(0);
    const bool replaces = self.is(Kind::Undefined) || (bound.truth(1, false) && !isTrue(self));
    return !replaces ? self : given ? bound[0] : empty;
}

Value map(Runtime& run, const Value& self, Arguments& arguments)
{
    if (!isTrue(self))
        return run.generator({});
    std::vector<Value> result;
    if (arguments.positional.empty()) {
        const auto path = arguments.take("attribute");
        if (!path)
            stop("map needs the name of a filter, or attribute=");
        const auto otherwise = arguments.take("default");
        if (!arguments.named.empty())
            stop("map has no parameter '{}'", arguments.named.front().first);
        const auto steps = pathOf(run, *path);
        for (Value& item : itemsOf(run.budget, self))
            result.push_back(followed(run, std::move(item), steps, otherwise.value_or(Value::none())));
        return run.generator(std::move(result));
    }
    const std::string name = textOf(arguments.positional[0], "the name of a filter");
    arguments.positional.erase(arguments.positional.begin());
    for (const Value& item : itemsOf(run.budget, self))
        result.push_back(run.filtered(name, item, arguments));
    return run.generator(std::move(result));
}

Value chosen(Runtime& run, const Value& self, Arguments& arguments, bool keeps, bool byAttribute)
{
    if (!isTrue(self))
        return run.generator({});
    std::vector<Value> path, kept;
    auto& given = arguments.positional;
    if (byAttribute) {
        if (given.empty())
            stop("selectattr and rejectattr need the name of an attribute");
        path = pathOf(run, given[0]);
        given.erase(given.begin());
    }
    std::string test;
    if (!given.empty()) {
        test = textOf(given[0], "the name of a test");
        given.erase(given.begin());
    }
    for (Value& item : itemsOf(run.budget, self)) {
        const Value value = followed(run, item, path);
        if ((test.empty() ? isTrue(value) : run.tested(test, value, arguments)) == keeps)
            kept.push_back(std::move(item));
    }
    return run.generator(std::move(kept));
}

template <bool Keeps, bool ByAttribute>
Value choose(Runtime& run, const Value& self, Arguments& arguments)
{
    return chosen(run, self, arguments, Keeps, ByAttribute);
}

constexpr std::array<std::pair<std::string_view, Routine>, 8> kFilters{{
    {"attr", attribute},
    {"d", otherwise},
    {"default", otherwise},
    {"map", map},
    {"reject", choose<false, false>},
    {"rejectattr", choose<false, true>},
    {"select", choose<true, false>},
    {"selectattr", choose<true, true>},
}};

} // namespace

RoutineTable choiceFilters() { return kFilters; }

} // namespace winnow::jinja
