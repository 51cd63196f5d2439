// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/model/chat/jinja/operators.h"
#include "core/model/chat/jinja/print.h"
#include "core/model/chat/jinja/routines.h"
#include "core/model/chat/jinja/runtime.h"
#include "core/model/chat/jinja/text.h"

#include <algorithm>
#include <array>

namespace winnow::jinja {

namespace {

Value withoutCase(Runtime& run, const Value& value) { return value.isText() ? run.text(lowerCase(value.bytes())) : value; }

/// Items with what they are ordered or told apart by.
struct Keyed {
    Value key, item;
};

std::vector<Keyed> keyed(Runtime& run, const Value& self, const Value& attribute, bool caseSensitive,
                         const Value& otherwise = Value::none())
{
    const auto path = pathOf(run, attribute);
    std::vector<Keyed> result;
    for (Value& item : itemsOf(run.budget, self)) {
        Value key = followed(run, item, path, otherwise);
        result.push_back({caseSensitive ? key : withoutCase(run, key), std::move(item)});
    }
    return result;
}

void sortByKeys(Runtime& run, std::vector<Keyed>& items, bool reverse)
{
    std::ranges::stable_sort(items, [&](const Keyed& a, const Keyed& b) {
        return reverse ? isLess(run.budget, b.key, a.key) : isLess(run.budget, a.key, b.key);
    });
}

std::vector<Value> itemsOnly(std::vector<Keyed> items)
{
    std::vector<Value> result;
    for (Keyed& each : items)
        result.push_back(std::move(each.item));
    return result;
}

Value batch(Runtime& run, const Value& self, Arguments& arguments)
{
    const Bound bound(arguments, "batch", {"linecount", "fill_with"}, 1);
    const std::int64_t size = bound.whole(0, 1);
    if (size < 1)
        stop("batch needs at least one item in a line");
    std::vector<Value> lines, line;
    const auto items = itemsOf(run.budget, self);
    for (std::size_t i = 0; i < items.size(); ++i) {
        line.push_back(items[i]);
        if (static_cast<std::int64_t>(line.size()) == size)
            lines.push_back(run.list(std::exchange(line, {})));
    }
    if (!line.empty()) {
        run.budget.make(bound.has(1) ? static_cast<std::size_t>(std::min<std::int64_t>(size, 1 << 20)) * sizeof(Value) : 0);
        while (bound.has(1) && static_cast<std::int64_t>(line.size()) < size) {
            run.budget.make(sizeof(Value));
            line.push_back(bound[1]);
        }
        lines.push_back(run.list(std::move(line)));
    }
    return run.generator(std::move(lines));
}

Value slice(Runtime& run, const Value& self, Arguments& arguments)
{
    const Bound bound(arguments, "slice", {"slices", "fill_with"}, 1);
    const std::int64_t count = bound.whole(0, 1);
    if (count == 0)
        stop("slice needs at least one slice");
    const auto items = itemsOf(run.budget, self);
    const auto length = static_cast<std::int64_t>(items.size());
    std::vector<Value> slices;
    auto at = items.begin();
    for (std::int64_t i = 0; i < count; ++i) {
        const bool extra = i < length % count;
        const auto end = at + length / count + (extra ? 1 : 0);
        std::vector<Value> one(at, end);
        if (bound.has(1) && !extra)
            one.push_back(bound[1]);
        slices.push_back(run.list(std::move(one)));
        at = end;
    }
    return run.generator(std::move(slices));
}

Value length(Runtime&, const Value& self, Arguments& arguments)
{
    const Bound bound(arguments, "length", {});
    return Value(lengthOf(self));
}

Value dictSort(Runtime& run, const Value& self, Arguments& arguments)
{
    const Bound bound(arguments, "dictsort", {"case_sensitive", "by", "reverse"});
    const bool byValue = bound.has(1) && bound.text(1) == "value";
    if (bound.has(1) && !byValue && bound.text(1) != "key")
        stop("dictsort sorts by 'key' or 'value', not by '{}'", bound.text(1));
    if (self.is(Kind::Undefined))
        stop("{}", self.why());
    if (!self.is(Kind::Mapping))
        stop("dictsort needs a dict, not {}", typeName(self));
    std::vector<Keyed> items;
    for (const auto& [key, value] : self.mapping().entries) {
        const Value& by = byValue ? value : key;
        items.push_back(
            {bound.truth(0, false) ? by : withoutCase(run, by), makeSequence(run.budget, {key, value}, SequenceType::Tuple)});
    }
    sortByKeys(run, items, bound.truth(2, false));
    return run.list(itemsOnly(std::move(items)));
}

Value first(Runtime& run, const Value& self, Arguments& arguments)
{
    const Bound bound(arguments, "first", {});
    if (self.is(Kind::Sequence)) {
        const Sequence& sequence = self.sequence();
        if (sequence.used < sequence.items.size())
            return sequence.items[sequence.isOf(SequenceType::Generator) ? sequence.used++ : 0];
    } else if (const auto items = itemsOf(run.budget, self); !items.empty()) {
        return items[0];
    }
    return Value::undefined("there is no first item of an empty sequence");
}

Value last(Runtime& run, const Value& self, Arguments& arguments)
{
    const Bound bound(arguments, "last", {});
    if (!hasLength(self) || self.is(Kind::Undefined) || self.is(Kind::Loop))
        stop("a value of type {} has no last item; make a list of it first", typeName(self));
    if (self.is(Kind::Sequence)) {
        const auto& items = self.sequence().items;
        return items.empty() ? Value::undefined("there is no last item of an empty sequence") : items.back();
    }
    const auto items = itemsOf(run.budget, self);
    return items.empty() ? Value::undefined("there is no last item of an empty sequence") : items.back();
}

Value items(Runtime& run, const Value& self, Arguments& arguments)
{
    const Bound bound(arguments, "items", {});
    if (self.is(Kind::Undefined))
        return run.generator({});
    if (!self.is(Kind::Mapping))
        stop("the filter 'items' needs a dict, not {}", typeName(self));
    return run.generator(itemsOf(run.budget, findMethod(self, "items")(run, self, arguments)));
}

Value join(Runtime& run, const Value& self, Arguments& arguments)
{
    const Bound bound(arguments, "join", {"d", "attribute"});
    const std::string between = bound.has(0) || bound[0].is(Kind::Undefined) ? printed(run.budget, bound[0]) : "";
    const auto path = pathOf(run, bound[1]);
    std::string out;
    bool isFirst = true;
    for (const Value& item : itemsOf(run.budget, self)) {
        const std::size_t before = out.size();
        out += isFirst ? "" : between;
        print(run.budget, followed(run, item, path), out);
        run.budget.make(out.size() - before);
        isFirst = false;
    }
    return run.text(std::move(out));
}

Value list(Runtime& run, const Value& self, Arguments& arguments)
{
    const Bound bound(arguments, "list", {});
    return run.list(itemsOf(run.budget, self));
}

Value reverse(Runtime& run, const Value& self, Arguments& arguments)
{
    const Bound bound(arguments, "reverse", {});
    if (self.isText()) {
        auto characters = charactersOf(self.bytes());
        std::string out;
        for (auto at = characters.rbegin(); at != characters.rend(); ++at)
            out += *at;
        return run.text(std::move(out), self.text().markup);
    }
    auto items = itemsOf(run.budget, self);
    std::ranges::reverse(items);
    return run.generator(std::move(items));
}

/// "a,b" sorts by several attributes.
Value sort(Runtime& run, const Value& self, Arguments& arguments)
{
    const Bound bound(arguments, "sort", {"reverse", "case_sensitive", "attribute"});
    const bool caseSensitive = bound.truth(1, false);
    std::vector<std::vector<Value>> paths;
    if (bound[2].isText())
        for (std::size_t begin = 0; begin <= bound.text(2).size();) {
            const std::size_t end = std::min(bound.text(2).find(',', begin), bound.text(2).size());
            paths.push_back(pathOf(run, run.text(bound.text(2).substr(begin, end - begin))));
            begin = end + 1;
        }
    else
        paths.push_back(pathOf(run, bound[2]));
    std::vector<Keyed> items;
    for (Value& item : itemsOf(run.budget, self)) {
        std::vector<Value> keys;
        for (const auto& path : paths) {
            Value key = followed(run, item, path);
            keys.push_back(caseSensitive ? std::move(key) : withoutCase(run, key));
        }
        items.push_back({run.list(std::move(keys)), std::move(item)});
    }
    sortByKeys(run, items, bound.truth(0, false));
    return run.list(itemsOnly(std::move(items)));
}

Value unique(Runtime& run, const Value& self, Arguments& arguments)
{
    const Bound bound(arguments, "unique", {"case_sensitive", "attribute"});
    Mapping seen;
    std::vector<Value> kept;
    for (Keyed& each : keyed(run, self, bound[1], bound.truth(0, false))) {
        if (seen.find(run.budget, each.key) != nullptr)
            continue;
        seen.set(run.budget, each.key, Value::none());
        kept.push_back(std::move(each.item));
    }
    return run.generator(std::move(kept));
}

Value sum(Runtime& run, const Value& self, Arguments& arguments)
{
    const Bound bound(arguments, "sum", {"attribute", "start"});
    const auto path = pathOf(run, bound[0]);
    Value total = bound.has(1) ? bound[1] : Value(std::int64_t{0});
    if (total.isText())
        stop("sum adds no texts; use join");
    for (const Value& item : itemsOf(run.budget, self))
        total = calculated(run, Operator::Add, total, followed(run, item, path));
    return total;
}

Value extreme(Runtime& run, const Value& self, Arguments& arguments, bool largest)
{
    const Bound bound(arguments, largest ? "max" : "min", {"case_sensitive", "attribute"});
    const auto items = keyed(run, self, bound[1], bound.truth(0, false));
    if (items.empty())
        return Value::undefined("there is no largest or smallest item of an empty sequence");
    const Keyed* best = &items[0];
    for (const Keyed& each : items)
        if (largest ? isLess(run.budget, best->key, each.key) : isLess(run.budget, each.key, best->key))
            best = &each;
    return best->item;
}

Value smallest(Runtime& run, const Value& self, Arguments& arguments) { return extreme(run, self, arguments, false); }
Value largest(Runtime& run, const Value& self, Arguments& arguments) { return extreme(run, self, arguments, true); }

Value groupBy(Runtime& run, const Value& self, Arguments& arguments)
{
    const Bound bound(arguments, "groupby", {"attribute", "default", "case_sensitive"}, 1);
    auto items = keyed(run, self, bound[0], bound.truth(2, false), bound[1]);
    sortByKeys(run, items, false);
    const auto path = pathOf(run, bound[0]);
    std::vector<Value> groups;
    for (std::size_t begin = 0; begin < items.size();) {
        std::vector<Value> group;
        std::size_t end = begin;
        for (; end < items.size() && isEqual(run.budget, items[end].key, items[begin].key); ++end)
            group.push_back(items[end].item);
        end = std::max(end, begin + 1); // what is not equal to itself
        if (group.empty())
            group.push_back(items[begin].item);
        Value name = followed(run, group[0], path, bound[1]);
        groups.push_back(makeGroup(run.budget, std::move(name), run.list(std::move(group))));
        begin = end;
    }
    return run.list(std::move(groups));
}

constexpr std::array<std::pair<std::string_view, Routine>, 17> kFilters{{
    {"batch", batch},
    {"count", length},
    {"dictsort", dictSort},
    {"first", first},
    {"groupby", groupBy},
    {"items", items},
    {"join", join},
    {"last", last},
    {"length", length},
    {"list", list},
    {"max", largest},
    {"min", smallest},
    {"reverse", reverse},
    {"slice", slice},
    {"sort", sort},
    {"sum", sum},
    {"unique", unique},
}};

} // namespace

RoutineTable sequenceFilters() { return kFilters; }

} // namespace winnow::jinja
