// SPDX-License-Identifier: GPL-3.0-or-later
// What a template can call, with what, and the variable `loop`.
#pragma once

#include "core/model/chat/jinja/value.h"

#include <functional>
#include <initializer_list>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace winnow::jinja {

class Runtime;
struct Activation;
struct Statement;

struct Arguments {
    std::vector<Value> positional;
    std::vector<std::pair<std::string, Value>> named;

    /// Takes a named one out.
    std::optional<Value> take(std::string_view name);
};

/// A filter (of `self`), a test (gives a boolean), a method (of `self`) or a function. It may move from the arguments.
using Routine = Value (*)(Runtime& run, const Value& self, Arguments& arguments);

/// Arguments given to named parameters, as Python does it; faults for what does not fit. A parameter called "" takes no name.
class Bound {
public:
    Bound(Arguments& arguments, std::string_view function, std::initializer_list<std::string_view> parameters,
          std::size_t needed = 0);

    /// Given, and not none.
    bool has(std::size_t i) const { return !m_values[i].is(Kind::Missing) && !m_values[i].is(Kind::None); }
    /// None when it was not given.
    const Value& operator[](std::size_t i) const;
    std::int64_t whole(std::size_t i, std::int64_t otherwise) const;
    bool truth(std::size_t i, bool otherwise) const { return m_values[i].is(Kind::Missing) ? otherwise : isTrue(m_values[i]); }
    const std::string& text(std::size_t i) const; ///< faults when it is none

private:
    std::string_view m_function;
    std::vector<Value> m_values;
};

/// A function, a method with its object, or a macro with the names around it.
struct Callable : Object {
    std::string name;
    Value self;
    Routine routine = nullptr;
    const Statement* macro = nullptr;
    std::shared_ptr<Activation> outer;
    mutable bool called = false; ///< a joiner's one memory

    bool isMacro() const { return macro != nullptr; }
};

/// What one for loop goes through, and where it is. With a test (`for … if …`) items are tried as they are needed.
struct LoopState : Object {
    std::vector<Value> items;
    std::function<bool(const Value&)> test;   // lives as long as the loop runs
    std::function<Value(const Value&)> again; // of a recursive loop: renders its body for other items
    std::size_t next = 0;
    std::int64_t index = -1;
    std::int64_t nesting = 0; // of a recursive loop
    Value before, current;
    std::optional<Value> after; // looked at ahead of time
    std::optional<std::int64_t> count;
    std::optional<std::vector<Value>> lastChanged;
    bool closed = false;

    /// Goes to the next item; false at the end.
    bool advance();
    /// nullptr at the end.
    const Value* peek();
    std::int64_t length();
    int depthOfItems() const;
    /// The loop is over: nothing of it runs any more.
    void close();

private:
    std::optional<Value> fetch();
};

} // namespace winnow::jinja
