// SPDX-License-Identifier: GPL-3.0-or-later
// When values are equal, which comes first, and what is in what.
#include "core/model/chat/jinja/text.h"
#include "core/model/chat/jinja/value.h"

#include <algorithm>

namespace winnow::jinja {

namespace {

/// Exact, as Python compares an int with a float.
int compareNumbers(const Value& a, const Value& b)
{
    if (a.isWhole() && b.isWhole())
        return a.whole() < b.whole() ? -1 : a.whole() > b.whole() ? 1 : 0;
    const auto exact = [](const Value& value) {
        return value.isWhole() ? static_cast<long double>(value.whole()) : value.number();
    };
    const long double x = exact(a), y = exact(b);
    return x < y ? -1 : x > y ? 1 : x == y ? 0 : 2;
}

bool isHashable(Budget& budget, const Value& key)
{
    budget.step();
    if (key.is(Kind::Mapping))
        return false;
    if (!key.is(Kind::Sequence))
        return true;
    const Sequence& sequence = key.sequence();
    if (sequence.isOf(SequenceType::List))
        return false;
    return !sequence.isOf(SequenceType::Tuple) ||
           std::ranges::all_of(sequence.items, [&](const Value& item) { return isHashable(budget, item); });
}

/// Tuples are equal to tuples and lists to lists.
bool areAlike(const Sequence& a, const Sequence& b) { return a.type == b.type && a.hasPlaces(); }

} // namespace

const Value* Mapping::find(Budget& budget, const Value& key) const
{
    if (key.isText())
        return find(key.bytes());
    if (!isHashable(budget, key))
        stop("a value of type {} cannot be a key", typeName(key));
    for (const auto& [name, value] : entries)
        if (!name.isText() && isEqual(budget, name, key))
            return &value;
    return nullptr;
}

bool isEqual(Budget& budget, const Value& a, const Value& b)
{
    budget.step();
    if (a.isNumber() && b.isNumber())
        return compareNumbers(a, b) == 0;
    if (a.kind() != b.kind())
        return false;
    switch (a.kind()) {
    case Kind::Undefined:
    case Kind::None:
        return true;
    case Kind::Text:
        return a.bytes() == b.bytes();
    case Kind::Mapping: {
        const auto& entries = a.mapping().entries;
        if (entries.size() != b.mapping().entries.size())
            return false;
        return std::ranges::all_of(entries, [&](const auto& entry) {
            const Value* other = b.mapping().find(budget, entry.first);
            return other != nullptr && isEqual(budget, entry.second, *other);
        });
    }
    case Kind::Sequence: {
        if (a.object() == b.object())
            return true;
        const Sequence &x = a.sequence(), &y = b.sequence();
        return areAlike(x, y) &&
               std::ranges::equal(x.items, y.items, [&](const Value& p, const Value& q) { return isEqual(budget, p, q); });
    }
    default:
        return a.object() == b.object();
    }
}

bool isLess(Budget& budget, const Value& a, const Value& b)
{
    budget.step();
    if (a.isNumber() && b.isNumber())
        return compareNumbers(a, b) == -1;
    if (a.isText() && b.isText())
        return a.bytes() < b.bytes(); // UTF-8 sorts as its code points do
    if (a.is(Kind::Sequence) && b.is(Kind::Sequence) && areAlike(a.sequence(), b.sequence()) &&
        !a.sequence().isOf(SequenceType::Range)) {
        const auto &x = a.sequence().items, &y = b.sequence().items;
        for (std::size_t i = 0; i < x.size() && i < y.size(); ++i)
            if (!isEqual(budget, x[i], y[i]))
                return isLess(budget, x[i], y[i]);
        return x.size() < y.size();
    }
    for (const Value* each : {&a, &b})
        if (each->is(Kind::Undefined))
            stop("{}", each->why());
    stop("{} and {} have no order", typeName(a), typeName(b));
}

bool contains(Budget& budget, const Value& whole, const Value& part)
{
    if (whole.isText()) {
        budget.read(whole.bytes().size());
        return findText(whole.bytes(), textOf(part, "what is sought in a text")) != std::string::npos;
    }
    if (whole.is(Kind::Mapping))
        return whole.mapping().find(budget, part) != nullptr;
    if (!isIterable(whole))
        stop("nothing can be in a value of type {}", typeName(whole));
    if (whole.is(Kind::Sequence) && !whole.sequence().isOf(SequenceType::Generator))
        return std::ranges::any_of(whole.sequence().items, [&](const Value& item) { return isEqual(budget, item, part); });
    return std::ranges::any_of(itemsOf(budget, whole), [&](const Value& item) { return isEqual(budget, item, part); });
}

} // namespace winnow::jinja
