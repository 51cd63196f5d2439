#include "core/model/chat/jinja/operators.h"

#include "core/model/chat/jinja/format.h"
#include "core/model/chat/jinja/routines.h"
#include "core/model/chat/jinja/runtime.h"
#include "core/model/chat/jinja/text.h"
#include "core/model/tokenizer/byte_level.h"

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
    if (object.is(Kind::Callable) && object.callable().isMacro() && name == "name")
        return run.text(object.callable().name);
    if (const Routine routine = findMethod(object, name))
        return methodOf(object, name, routine);
    return std::nullopt;
}

Value absent(const Value& object, std::string name) { return Value::absent(typeName(object), std::move(name)); }

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
        return run.text(first < last ? text.bytes.substr(byteOf(first), byteOf(last) - byteOf(first)) : std::string(), text.markup);
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
        const bool isPlace = !step.empty() && step.size() < 10 && std::ranges::all_of(step, [](char c) { return c >= '0' && c <= '9'; });
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
