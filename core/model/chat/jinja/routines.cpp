// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/model/chat/jinja/routines.h"

#include "core/model/chat/jinja/runtime.h"

#include <algorithm>
#include <array>

namespace winnow::jinja {

namespace {

Routine in(RoutineTable table, std::string_view name)
{
    const auto at = std::ranges::lower_bound(table, name, {}, &std::pair<std::string_view, Routine>::first);
    return at != table.end() && at->first == name ? at->second : nullptr;
}

Value get(Runtime& run, const Value& self, Arguments& arguments)
{
    const Bound bound(arguments, "get", {"", ""}, 1);
    const Value* found = self.mapping().find(run.budget, bound[0]);
    return found != nullptr ? *found : bound[1];
}

template <SequenceType Type>
Value view(Runtime& run, const Value& self, Arguments& arguments)
{
    const Bound bound(arguments, "a view of a dict", {});
    std::vector<Value> items;
    run.budget.make(self.mapping().entries.size() * sizeof(Value));
    for (const auto& [key, value] : self.mapping().entries)
        items.push_back(Type == SequenceType::Keys     ? key
                        : Type == SequenceType::Values ? value
                                                       : makeSequence(run.budget, {key, value}, SequenceType::Tuple));
    return makeSequence(run.budget, std::move(items), Type);
}

/// Values do not change, so a copy is the value itself.
Value copy(Runtime&, const Value& self, Arguments& arguments)
{
    const Bound bound(arguments, "copy", {});
    return self;
}

Value count(Runtime& run, const Value& self, Arguments& arguments)
{
    const Bound bound(arguments, "count", {""}, 1);
    return Value(std::int64_t{
        std::ranges::count_if(self.sequence().items, [&](const Value& item) { return isEqual(run.budget, item, bound[0]); })});
}

Value index(Runtime& run, const Value& self, Arguments& arguments)
{
    const Bound bound(arguments, "index", {""}, 1);
    const auto& items = self.sequence().items;
    const auto at = std::ranges::find_if(items, [&](const Value& item) { return isEqual(run.budget, item, bound[0]); });
    if (at == items.end())
        stop("the sequence does not hold the value");
    return Value(std::int64_t{at - items.begin()});
}

Value cycle(Runtime&, const Value& self, Arguments& arguments)
{
    if (arguments.positional.empty())
        stop("loop.cycle needs values");
    return arguments.positional[static_cast<std::size_t>(self.loop().index) % arguments.positional.size()];
}

Value changed(Runtime& run, const Value& self, Arguments& arguments)
{
    LoopState& loop = self.loop();
    const auto& values = arguments.positional;
    const auto same = [&](const Value& a, const Value& b) { return isEqual(run.budget, a, b); };
    if (loop.lastChanged && std::ranges::equal(*loop.lastChanged, values, same))
        return Value(false);
    if (!loop.closed)
        loop.lastChanged = values;
    return Value(true);
}

using Methods = std::pair<std::string_view, Routine>;
constexpr std::array<Methods, 5> kMappingMethods{{{"copy", copy},
                                                  {"get", get},
                                                  {"items", view<SequenceType::Items>},
                                                  {"keys", view<SequenceType::Keys>},
                                                  {"values", view<SequenceType::Values>}}};
constexpr std::array<Methods, 3> kListMethods{{{"copy", copy}, {"count", count}, {"index", index}}};
constexpr std::array<Methods, 2> kTupleMethods{{{"count", count}, {"index", index}}};
constexpr std::array<Methods, 2> kLoopMethods{{{"changed", changed}, {"cycle", cycle}}};

} // namespace

Routine findFilter(std::string_view name)
{
    for (const RoutineTable table : {textFilters(), sequenceFilters(), choiceFilters(), numberFilters()})
        if (const Routine found = in(table, name))
            return found;
    return nullptr;
}

Routine findTest(std::string_view name) { return in(tests(), name); }

Routine findFunction(std::string_view name) { return in(functions(), name); }

Routine findMethod(const Value& self, std::string_view name)
{
    switch (self.kind()) {
    case Kind::Text:
        return in(textMethods(), name);
    case Kind::Mapping:
        return in(kMappingMethods, name);
    case Kind::Loop:
        return in(kLoopMethods, name);
    case Kind::Sequence:
        if (self.sequence().isOf(SequenceType::List))
            return in(kListMethods, name);
        return self.sequence().hasPlaces() ? in(kTupleMethods, name) : nullptr;
    default:
        return nullptr;
    }
}

bool isForbidden(const Value& self, std::string_view name)
{
    static constexpr std::array<std::string_view, 8> kOfLists{"append", "clear",  "extend",  "insert",
                                                              "pop",    "remove", "reverse", "sort"};
    static constexpr std::array<std::string_view, 5> kOfDicts{"clear", "pop", "popitem", "setdefault", "update"};
    if (name.starts_with("__") && name.ends_with("__"))
        return true;
    if (self.is(Kind::Mapping))
        return std::ranges::find(kOfDicts, name) != kOfDicts.end();
    return self.is(Kind::Sequence) && self.sequence().isOf(SequenceType::List) &&
           std::ranges::find(kOfLists, name) != kOfLists.end();
}

} // namespace winnow::jinja
