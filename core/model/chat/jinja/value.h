// SPDX-License-Identifier: GPL-3.0-or-later
// The values of a running template: Python's, as far as templates meet them. A value is a number or a pointer to what all its
// copies share. Texts, sequences and mappings do not change once they are made, so no chain of them leads back to itself.
#pragma once

#include "core/model/chat/jinja/budget.h"

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

namespace winnow::jinja {

enum class Kind : std::uint8_t {
    Missing, ///< no value at all: a name that was never given one
    Undefined,
    None,
    Boolean,
    Integer,
    Float,
    Text,
    Sequence, ///< what can be iterated by place: lists, tuples, ranges, views of dicts, generators
    Mapping,
    Namespace,
    Loop,
    Callable,
};

struct Object {
    Object() = default;
    Object(const Object&) = delete;
    Object& operator=(const Object&) = delete;
    virtual ~Object() = default;
};

struct Text;
struct Sequence;
struct Mapping;
struct Namespace;
struct LoopState;
struct Callable;

class Value {
public:
    Value() = default;
    explicit Value(bool boolean) : m_kind(Kind::Boolean) { m_data.boolean = boolean; }
    explicit Value(std::int64_t integer) : m_kind(Kind::Integer) { m_data.integer = integer; }
    explicit Value(double number) : m_kind(Kind::Float) { m_data.number = number; }
    Value(Kind kind, std::shared_ptr<const Object> object) : m_kind(kind), m_object(std::move(object)) {}
    static Value none() { return {Kind::None, nullptr}; }
    /// `why` becomes the error when it is used.
    static Value undefined(std::string why);
    /// A name without a value, and an attribute or item that a value of some type has not. Their sentences are made when they are
    /// used.
    static Value undefinedName(std::string name);
    static Value absent(std::string_view type, std::string name);

    Kind kind() const { return m_kind; }
    bool is(Kind kind) const { return m_kind == kind; }
    bool isText() const { return m_kind == Kind::Text; }
    /// Python's int, to which bool belongs.
    bool isWhole() const { return m_kind == Kind::Integer || m_kind == Kind::Boolean; }
    bool isNumber() const { return isWhole() || m_kind == Kind::Float; }

    // Each only of a value of its kind; whole and number also of the kinds that Python converts.
    bool boolean() const { return m_data.boolean; }
    std::int64_t whole() const { return m_kind == Kind::Boolean ? (m_data.boolean ? 1 : 0) : m_data.integer; }
    double number() const { return m_kind == Kind::Float ? m_data.number : static_cast<double>(whole()); }
    const Text& text() const;
    const std::string& bytes() const;
    const Sequence& sequence() const;
    const Mapping& mapping() const;
    Namespace& space() const;
    LoopState& loop() const;
    const Callable& callable() const;
    std::string why() const; ///< of an undefined one
    const Object* object() const { return m_object.get(); }
    const std::shared_ptr<const Object>& shared() const { return m_object; }

private:
    Kind m_kind = Kind::Missing;
    union {
        bool boolean;
        std::int64_t integer;
        double number;
    } m_data{};
    std::shared_ptr<const Object> m_object;
};

struct Text : Object {
    Text(std::string bytes, bool markup);
    std::string bytes;
    std::size_t characters;
    bool markup; ///< made safe for HTML: what is added to it is escaped
};

enum class SequenceType : std::uint8_t { List, Tuple, Range, Keys, Values, Items, Generator };

struct Sequence : Object {
    SequenceType type = SequenceType::List;
    std::vector<Value> items;
    mutable std::size_t used = 0;              ///< of a generator: it gives each item once
    std::int64_t start = 0, end = 0, step = 1; ///< of a range
    int depth = 1;                             ///< of sequences and mappings inside each other
    bool isGroup = false;                      ///< one of groupby's pairs, which have names too: grouper and list

    bool isOf(SequenceType wanted) const { return type == wanted; }
    bool hasPlaces() const { return type == SequenceType::List || type == SequenceType::Tuple || type == SequenceType::Range; }
};

/// In the order of the first insertion.
struct Mapping : Object {
    std::vector<std::pair<Value, Value>> entries;
    int depth = 1;

    /// nullptr when there is none; faults for a key that Python cannot hash.
    const Value* find(Budget& budget, const Value& key) const;
    const Value* find(std::string_view key) const;
    /// Only while it is being made.
    void set(Budget& budget, Value key, Value value);

private:
    std::unordered_map<std::string_view, std::size_t> m_places; // of texts, once there are many
};

/// namespace(…): the one value that templates change. Those of a run are emptied at its end, for they may lead to themselves.
struct Namespace : Object {
    mutable std::vector<std::pair<std::string, Value>> attributes;
};

// Making values. Each counts what it makes, and faults when that is too much.
Value makeText(Budget& budget, std::string text, bool markup = false);
Value makeSequence(Budget& budget, std::vector<Value> items, SequenceType type = SequenceType::List);
Value makeGroup(Budget& budget, Value name, Value members); ///< a tuple
Value makeRange(Budget& budget, std::int64_t start, std::int64_t end, std::int64_t step);
Value makeMapping(Budget& budget, std::vector<std::pair<Value, Value>> entries);
Value finished(Budget& budget, std::shared_ptr<Mapping> mapping);

/// "str", as Python names the type.
std::string_view typeName(const Value& value);

bool isTrue(const Value& value);

/// How Python's == sees them.
bool isEqual(Budget& budget, const Value& a, const Value& b);
/// Python's <; faults for values that have no order.
bool isLess(Budget& budget, const Value& a, const Value& b);
/// Python's `part in whole`.
bool contains(Budget& budget, const Value& whole, const Value& part);

/// What a for loop goes through; faults for values that it cannot go through. Uses up a generator.
std::vector<Value> itemsOf(Budget& budget, const Value& value);
bool isIterable(const Value& value);
/// Python's len; faults where there is none.
std::int64_t lengthOf(const Value& value);
bool hasLength(const Value& value);

/// A whole number that an argument must be.
std::int64_t wholeOf(const Value& value, std::string_view what);
const std::string& textOf(const Value& value, std::string_view what);

} // namespace winnow::jinja
