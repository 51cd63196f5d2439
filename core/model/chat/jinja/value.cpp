// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/model/chat/jinja/value.h"

#include "core/model/chat/jinja/calls.h"
#include "core/model/chat/jinja/text.h"

#include <algorithm>
#include <cmath>

namespace winnow::jinja {

namespace {

constexpr int kMaxDepth = 150;
constexpr std::size_t kValueBytes = 48;
constexpr std::size_t kManyEntries = 8;

struct Undefined : Object {
    enum class How { Sentence, Name, Absent };
    Undefined(How reason, std::string said, std::string_view where) : how(reason), text(std::move(said)), type(where) {}
    How how;
    std::string text;
    std::string_view type;
};

Value undefinedFor(Undefined::How how, std::string text, std::string_view type = {})
{
    return {Kind::Undefined, std::make_shared<Undefined>(how, std::move(text), type)};
}

int depthOf(const Value& value)
{
    switch (value.kind()) {
    case Kind::Sequence:
        return value.sequence().depth;
    case Kind::Mapping:
        return value.mapping().depth;
    case Kind::Loop:
        return value.loop().depthOfItems();
    case Kind::Callable:
        return depthOf(value.callable().self);
    default:
        return 0;
    }
}

int deeper(int depth)
{
    if (depth >= kMaxDepth)
        stop("values are nested deeper than {} levels", kMaxDepth);
    return depth + 1;
}

} // namespace

Value Value::undefined(std::string why) { return undefinedFor(Undefined::How::Sentence, std::move(why)); }
Value Value::undefinedName(std::string name) { return undefinedFor(Undefined::How::Name, std::move(name)); }
Value Value::absent(std::string_view type, std::string name)
{
    return undefinedFor(Undefined::How::Absent, std::move(name), type);
}

const Text& Value::text() const { return static_cast<const Text&>(*m_object); }
const std::string& Value::bytes() const { return text().bytes; }
const Sequence& Value::sequence() const { return static_cast<const Sequence&>(*m_object); }
const Mapping& Value::mapping() const { return static_cast<const Mapping&>(*m_object); }
Namespace& Value::space() const { return const_cast<Namespace&>(static_cast<const Namespace&>(*m_object)); }
LoopState& Value::loop() const { return const_cast<LoopState&>(static_cast<const LoopState&>(*m_object)); }
const Callable& Value::callable() const { return static_cast<const Callable&>(*m_object); }

std::string Value::why() const
{
    const auto& undefined = static_cast<const Undefined&>(*m_object);
    switch (undefined.how) {
    case Undefined::How::Name:
        return fmt::format("'{}' is undefined", undefined.text);
    case Undefined::How::Absent:
        return fmt::format("a value of type {} has no attribute or item '{}'", undefined.type, undefined.text);
    default:
        return undefined.text;
    }
}

Text::Text(std::string given, bool isMarkup) : bytes(std::move(given)), characters(countCharacters(bytes)), markup(isMarkup) {}

const Value* Mapping::find(std::string_view key) const
{
    if (!m_places.empty()) {
        const auto at = m_places.find(key);
        return at == m_places.end() ? nullptr : &entries[at->second].second;
    }
    for (const auto& [name, value] : entries)
        if (name.isText() && name.bytes() == key)
            return &value;
    return nullptr;
}

void Mapping::set(Budget& budget, Value key, Value value)
{
    depth = std::max({depth, deeper(depthOf(key)), deeper(depthOf(value))});
    if (const Value* there = find(budget, key)) {
        const_cast<Value&>(*there) = std::move(value);
        return;
    }
    entries.emplace_back(std::move(key), std::move(value));
    if (entries.size() <= kManyEntries)
        return;
    for (std::size_t i = m_places.empty() ? 0 : entries.size() - 1; i < entries.size(); ++i)
        if (entries[i].first.isText())
            m_places.emplace(entries[i].first.bytes(), i);
}

Value makeText(Budget& budget, std::string text, bool markup)
{
    budget.make(text.size() + kValueBytes);
    return {Kind::Text, std::make_shared<Text>(std::move(text), markup)};
}

Value makeSequence(Budget& budget, std::vector<Value> items, SequenceType type)
{
    budget.make((items.size() + 2) * kValueBytes);
    auto sequence = std::make_shared<Sequence>();
    for (const Value& item : items)
        sequence->depth = std::max(sequence->depth, deeper(depthOf(item)));
    sequence->type = type;
    sequence->items = std::move(items);
    return {Kind::Sequence, std::move(sequence)};
}

Value makeGroup(Budget& budget, Value name, Value members)
{
    budget.make(4 * kValueBytes);
    auto group = std::make_shared<Sequence>();
    group->type = SequenceType::Tuple;
    group->isGroup = true;
    group->depth = std::max(deeper(depthOf(name)), deeper(depthOf(members)));
    group->items = {std::move(name), std::move(members)};
    return {Kind::Sequence, std::move(group)};
}

Value makeRange(Budget& budget, std::int64_t start, std::int64_t end, std::int64_t step)
{
    constexpr std::int64_t kMost = 100'000; // the sandbox's own
    if (step == 0)
        stop("range() takes no step of 0");
    const long double wide = (static_cast<long double>(end) - start) / step;
    if (wide > kMost)
        stop("range() goes over more than {} numbers", kMost);
    const auto count = wide > 0 ? static_cast<std::size_t>(std::ceil(wide)) : 0;
    budget.make((count + 2) * kValueBytes);
    auto range = std::make_shared<Sequence>();
    range->type = SequenceType::Range;
    range->start = start;
    range->end = end;
    range->step = step;
    for (std::size_t i = 0; i < count; ++i)
        range->items.emplace_back(start + static_cast<std::int64_t>(i) * step);
    return {Kind::Sequence, std::move(range)};
}

Value finished(Budget& budget, std::shared_ptr<Mapping> mapping)
{
    budget.make((mapping->entries.size() + 2) * 2 * kValueBytes);
    return {Kind::Mapping, std::move(mapping)};
}

Value makeMapping(Budget& budget, std::vector<std::pair<Value, Value>> entries)
{
    auto mapping = std::make_shared<Mapping>();
    for (auto& [key, value] : entries)
        mapping->set(budget, std::move(key), std::move(value));
    return finished(budget, std::move(mapping));
}

std::string_view typeName(const Value& value)
{
    switch (value.kind()) {
    case Kind::Missing:
    case Kind::Undefined:
        return "Undefined";
    case Kind::None:
        return "NoneType";
    case Kind::Boolean:
        return "bool";
    case Kind::Integer:
        return "int";
    case Kind::Float:
        return "float";
    case Kind::Text:
        return "str";
    case Kind::Mapping:
        return "dict";
    case Kind::Namespace:
        return "Namespace";
    case Kind::Loop:
        return "LoopContext";
    case Kind::Callable:
        return value.callable().isMacro() ? "Macro" : "function";
    case Kind::Sequence:
        break;
    }
    switch (value.sequence().type) {
    case SequenceType::List:
        return "list";
    case SequenceType::Tuple:
        return "tuple";
    case SequenceType::Range:
        return "range";
    case SequenceType::Keys:
        return "dict_keys";
    case SequenceType::Values:
        return "dict_values";
    case SequenceType::Items:
        return "dict_items";
    case SequenceType::Generator:
        break;
    }
    return "generator";
}

bool isTrue(const Value& value)
{
    switch (value.kind()) {
    case Kind::Missing:
    case Kind::Undefined:
    case Kind::None:
        return false;
    case Kind::Boolean:
    case Kind::Integer:
        return value.whole() != 0;
    case Kind::Float:
        return value.number() != 0;
    case Kind::Text:
        return !value.bytes().empty();
    case Kind::Sequence:
        return value.sequence().isOf(SequenceType::Generator) || !value.sequence().items.empty();
    case Kind::Mapping:
        return !value.mapping().entries.empty();
    case Kind::Loop:
        return lengthOf(value) != 0;
    case Kind::Namespace:
    case Kind::Callable:
        break;
    }
    return true;
}

bool isIterable(const Value& value)
{
    switch (value.kind()) {
    case Kind::Undefined:
    case Kind::Text:
    case Kind::Sequence:
    case Kind::Mapping:
    case Kind::Loop:
        return true;
    default:
        return false;
    }
}

std::vector<Value> itemsOf(Budget& budget, const Value& value)
{
    std::vector<Value> items;
    switch (value.kind()) {
    case Kind::Undefined:
        break;
    case Kind::Text:
        budget.make(value.text().characters * kValueBytes);
        for (const std::string_view character : charactersOf(value.bytes()))
            items.push_back(makeText(budget, std::string(character), value.text().markup));
        break;
    case Kind::Sequence: {
        const Sequence& sequence = value.sequence();
        budget.make(sequence.items.size() * kValueBytes);
        items.assign(sequence.items.begin() + static_cast<std::ptrdiff_t>(sequence.used), sequence.items.end());
        if (sequence.isOf(SequenceType::Generator))
            sequence.used = sequence.items.size();
        break;
    }
    case Kind::Mapping:
        budget.make(value.mapping().entries.size() * kValueBytes);
        for (const auto& [key, ignored] : value.mapping().entries)
            items.push_back(key);
        break;
    default:
        stop("a value of type {} cannot be gone through", typeName(value));
    }
    return items;
}

bool hasLength(const Value& value)
{
    return isIterable(value) && !(value.is(Kind::Sequence) && value.sequence().isOf(SequenceType::Generator));
}

std::int64_t lengthOf(const Value& value)
{
    if (!hasLength(value))
        stop("a value of type {} has no length", typeName(value));
    switch (value.kind()) {
    case Kind::Text:
        return static_cast<std::int64_t>(value.text().characters);
    case Kind::Sequence:
        return static_cast<std::int64_t>(value.sequence().items.size());
    case Kind::Mapping:
        return static_cast<std::int64_t>(value.mapping().entries.size());
    case Kind::Loop:
        return value.loop().length();
    default:
        return 0;
    }
}

std::int64_t wholeOf(const Value& value, std::string_view what)
{
    if (!value.isWhole())
        stop("{} must be a whole number, not {}", what, typeName(value));
    return value.whole();
}

const std::string& textOf(const Value& value, std::string_view what)
{
    if (value.is(Kind::Undefined))
        stop("{}", value.why());
    if (!value.isText())
        stop("{} must be a text, not {}", what, typeName(value));
    return value.bytes();
}

} // namespace winnow::jinja
