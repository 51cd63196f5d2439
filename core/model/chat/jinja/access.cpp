// SPDX-License-Identifier: GPL-3.0-or-later
// Attributes, items and slices of values, as the sandbox gives them.
#include "core/model/chat/jinja/operators.h"

#include "core/model/chat/jinja/routines.h"
#include "core/model/chat/jinja/runtime.h"
#include "core/model/chat/jinja/text.h"
#include "core/model/tokenizer/byte_level.h"

#include <algorithm>
#include <optional>

namespace winnow::jinja {

namespace {

/// `at` counted from the end when it is negative; nothing when it lies outside.
std::optional<std::size_t> placeOf(std::int64_t at, std::size_t size)
{
    const auto length = static_cast<std::int64_t>(size);
    if (at < 0)
        at += length;
    return at >= 0 && at < length ? std::optional(static_cast<std::size_t>(at)) : std::nullopt;
}

Value methodOf(const Value& self, const std::string& name, Routine routine)
{
    auto method = std::make_shared<Callable>();
    method->name = name;
    method->self = self;
    method->routine = routine;
    return {Kind::Callable, std::move(method)};
}

std::optional<Value> loopAttribute(LoopState& loop, std::string_view name)
{
    if (name == "index")
        return Value(loop.index + 1);
    if (name == "index0")
        return Value(loop.index);
    if (name == "first")
        return Value(loop.index == 0);
    if (name == "last")
        return Value(loop.peek() == nullptr);
    if (name == "length")
        return Value(loop.length());
    if (name == "revindex")
        return Value(loop.length() - loop.index);
    if (name == "revindex0")
        return Value(loop.length() - loop.index - 1);
    if (name == "depth")
        return Value(loop.nesting + 1);
    if (name == "depth0")
        return Value(loop.nesting);
    if (name == "previtem")
        return loop.index == 0 ? Value::undefined("there is no previous item") : loop.before;
    if (name == "nextitem") {
        const Value* next = loop.peek();
        return next == nullptr ? Value::undefined("there is no next item") : *next;
    }
    return std::nullopt;
}

/// What Python's getattr finds.
std::optional<Value> ownAttribute(Runtime& run, const Value& object, const std::string& name)
{
    if (isForbidden(object, name))
        return Value::undefined(fmt::format("the sandbox forbids '{}' of a value of type {}", name, typeName(object)));
    if (object.is(Kind::Namespace)) {
        for (const auto& [key, value] : object.space().attributes)
            if (key == name)
                return value;
        return std::nullopt;
    }
    if (object.is(Kind::Loop))
        if (auto value = loopAttribute(object.loop(), name))
            return value;
    if (object.is(Kind::Sequence) && object.sequence().isGroup && (name == "grouper" || name == "list"))
        return object.sequence().items[name == "list" ? 1 : 0];
    if (object.is(Kind::Callable) && object.callable().isMacro() && name == "name")
        return run.text(object.callable().name);
    if (const Routine routine = findMethod(object, name))
        return methodOf(object, name, routine);
    return std::nullopt;
}

Value absent(const Value& object, std::string name) { return Value::absent(typeName(object), std::move(name)); }

} // namespace

Value attributeOf(Runtime& run, const Value& object, const std::string& name)
{
    if (object.is(Kind::Undefined))
        stop("{}", object.why());
    if (auto own = ownAttribute(run, object, name))
        return *std::move(own);
    if (object.is(Kind::Mapping))
        if (const Value* item = object.mapping().find(name))
            return *item;
    return absent(object, name);
}

Value itemOf(Runtime& run, const Value& object, const Value& key)
{
    if (object.is(Kind::Undefined))
        stop("{}", object.why());
    if (object.is(Kind::Mapping)) {
        const bool canBeKey = !key.is(Kind::Mapping) && !(key.is(Kind::Sequence) && key.sequence().isOf(SequenceType::List));
        if (const Value* item = canBeKey ? object.mapping().find(run.budget, key) : nullptr)
            return *item;
    } else if (object.isText() && key.isWhole()) {
        const Text& text = object.text();
        run.budget.read(text.bytes.size());
        if (const auto at = placeOf(key.whole(), text.characters)) {
            const std::size_t begin = text.characters == text.bytes.size() ? *at : byteOfCharacter(text.bytes, *at);
            return run.text(text.bytes.substr(begin, codePointAt(text.bytes, begin).bytes), text.markup);
        }
    } else if (object.is(Kind::Sequence) && object.sequence().hasPlaces() && key.isWhole()) {
        if (const auto at = placeOf(key.whole(), object.sequence().items.size()))
            return object.sequence().items[*at];
    }
    if (!key.isText())
        return absent(object, key.isWhole() ? fmt::format("{}", key.whole()) : fmt::format("({})", typeName(key)));
    auto own = ownAttribute(run, object, key.bytes());
    return own ? *std::move(own) : absent(object, key.bytes());
}

Value sliceOf(Runtime& run, const Value& object, const Value& start, const Value& end, const Value& step)
{
    if (object.is(Kind::Undefined))
        stop("{}", object.why());
    const bool isSequence = object.is(Kind::Sequence) && object.sequence().hasPlaces();
    if (!object.isText() && !isSequence)
        stop("a value of type {} cannot be sliced", typeName(object));
    const auto size = lengthOf(object);
    const auto bound = [&](const Value& value, std::int64_t otherwise, std::int64_t least, std::int64_t most) {
        if (value.is(Kind::None))
            return otherwise;
        const std::int64_t at = wholeOf(value, "a bound of a slice");
        return std::clamp(at < 0 ? std::max(at, -size - 1) + size : at, least, most);
    };
    const std::int64_t by = step.is(Kind::None) ? 1 : wholeOf(step, "the step of a slice");
    if (by == 0)
        stop("the step of a slice cannot be 0");
    const std::int64_t least = by > 0 ? 0 : -1, most = by > 0 ? size : size - 1;
    const std::int64_t first = bound(start, by > 0 ? 0 : size - 1, least, most);
    const std::int64_t last = bound(end, by > 0 ? size : -1, least, most);
    std::vector<std::size_t> places;
    if (object.isText() && by == 1) {
        const Text& text = object.text();
        run.budget.read(text.bytes.size());
        const bool narrow = text.characters == text.bytes.size();
        const auto byteOf = [&](std::int64_t at) {
            return narrow ? static_cast<std::size_t>(at) : byteOfCharacter(text.bytes, static_cast<std::size_t>(at));
        };
        return run.text(first < last ? text.bytes.substr(byteOf(first), byteOf(last) - byteOf(first)) : std::string(),
                        text.markup);
    }
    run.budget.make(static_cast<std::size_t>(size) * sizeof(std::size_t));
    for (std::int64_t at = first; by > 0 ? at < last : at > last; at += by) {
        places.push_back(static_cast<std::size_t>(at));
        if (by > size || by < -size)
            break;
    }
    if (object.isText()) {
        const auto characters = charactersOf(object.bytes());
        std::string out;
        for (const std::size_t at : places)
            out += characters[at];
        return run.text(std::move(out), object.text().markup);
    }
    std::vector<Value> items;
    for (const std::size_t at : places)
        items.push_back(object.sequence().items[at]);
    const SequenceType type = object.sequence().type;
    return makeSequence(run.budget, std::move(items), type == SequenceType::Range ? SequenceType::List : type);
}

std::vector<Value> pathOf(Runtime& run, const Value& attribute)
{
    std::vector<Value> path;
    if (!attribute.isText()) {
        if (!attribute.is(Kind::None))
            path.push_back(attribute);
        return path;
    }
    const std::string_view text = attribute.bytes();
    for (std::size_t begin = 0; begin <= text.size();) {
        const std::size_t end = std::min(text.find('.', begin), text.size());
        const std::string step(text.substr(begin, end - begin));
        const bool isPlace =
            !step.empty() && step.size() < 10 && std::ranges::all_of(step, [](char c) { return c >= '0' && c <= '9'; });
        path.push_back(isPlace ? Value(static_cast<std::int64_t>(std::stoll(step))) : run.text(step));
        begin = end + 1;
    }
    return path;
}

Value followed(Runtime& run, Value object, const std::vector<Value>& path, const Value& otherwise)
{
    for (const Value& step : path) {
        run.budget.step();
        object = itemOf(run, object, step);
        if (object.is(Kind::Undefined) && !otherwise.is(Kind::None))
            object = otherwise;
    }
    return object;
}

} // namespace winnow::jinja
