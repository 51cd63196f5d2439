// SPDX-License-Identifier: GPL-3.0-or-later
// A template as a tree. Names are bound to places before it runs (names.h), so running it looks nothing up by name.
#pragma once

#include "core/model/chat/jinja/calls.h"

#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace winnow::jinja {

/// A place of a variable: in the activation that is `hops` macros further out.
struct Place {
    std::uint32_t hops = 0, slot = 0;
};

struct Expression;
using ExpressionPtr = std::unique_ptr<Expression>;

enum class Operator : std::uint8_t {
    Add,
    Subtract,
    Multiply,
    Divide,
    FloorDivide,
    Modulo,
    Power,
    Equal,
    NotEqual,
    Less,
    LessEqual,
    Greater,
    GreaterEqual,
    In,
    NotIn,
};

struct Expression {
    enum class Kind : std::uint8_t {
        Constant,
        Name,      ///< text, place
        Member,    ///< text.text as the target of a set: a namespace's attribute; `attribute`
        Tuple,     ///< parts
        List,      ///< parts
        Dict,      ///< parts: key, value, key, value, …
        Attribute, ///< parts[0].text
        Item,      ///< parts[0][parts[1]]
        Slice,     ///< parts[0][parts[1]:parts[2]:parts[3]], what is left out null
        Call,      ///< parts[0](…)
        Filter,    ///< parts[0] | text(…); parts[0] is null in a filter block
        Test,      ///< parts[0] is text(…)
        Not,
        Negate,
        Plus,
        And,
        Or,
        Concatenate, ///< parts joined by ~
        Compare,     ///< parts, with an operator between each two
        Binary,      ///< operators[0]
        Conditional, ///< parts[1] if parts[0] else parts[2], which may be null
    };
    Kind kind = Kind::Constant;
    std::size_t at = 0; ///< where it stands in the source
    int depth = 1;      ///< of expressions inside each other
    std::string text, attribute;
    Value constant;
    std::vector<ExpressionPtr> parts;
    std::vector<Operator> operators;
    // Of calls, filters and tests: what follows the value in parentheses.
    std::vector<ExpressionPtr> positional;
    std::vector<std::pair<std::string, ExpressionPtr>> named;
    ExpressionPtr spreadList, spreadMap; ///< *list, **dict
    Place place;
    Routine routine = nullptr; ///< of a filter or test; null for an unknown one, which may stand where it is never reached
};

/// What happens to a variable when its scope is entered.
struct Entry {
    enum class How : std::uint8_t { Clear, Copy, Given };
    How how = How::Clear;
    std::uint32_t slot = 0;
    Place from;       ///< of Copy
    std::string name; ///< of Given: the caller's variable, or one of the language's own
};

struct Statement;
using Block = std::vector<Statement>;

struct Parameter {
    std::string name;
    std::size_t at = 0;
    ExpressionPtr otherwise; ///< null: none
    std::uint32_t slot = 0;
};

struct Statement {
    enum class Kind : std::uint8_t {
        Data,        ///< text
        Output,      ///< values
        If,          ///< values: the conditions; bodies: one each, and one more for else
        For,         ///< targets[0] in values[0], [if values[1]]; bodies: each, else
        Set,         ///< targets[0] = values[0]
        SetBlock,    ///< targets[0] = bodies[0], through the filter values[0] if there is one
        Macro,       ///< text (parameters) bodies[0]
        CallBlock,   ///< values[0] with bodies[0] as its caller
        Generation,  ///< bodies[0], in a scope of its own as a macro's
        FilterBlock, ///< values[0] of bodies[0]
        With,        ///< targets = values around bodies[0]
        Scope,       ///< bodies[0]
        Break,
        Continue,
    };
    Kind kind = Kind::Data;
    std::size_t at = 0;
    std::string text;
    std::vector<ExpressionPtr> targets, values;
    std::vector<Block> bodies;
    bool recursive = false;

    // Written by bindNames.
    std::vector<std::vector<Entry>> entries; ///< of each body that is a scope; of a for loop a third one for its condition
    ExpressionPtr tested;                    ///< of a for loop with a condition: its target there
    bool usesLoop = false;
    std::uint32_t loopSlot = 0;
    Place own; ///< of a macro: the variable that it is
    std::vector<Parameter> parameters;
    std::uint32_t slots = 0; ///< of a macro's activation
    bool takesCaller = false, takesNamed = false, takesMore = false;
    std::uint32_t callerSlot = 0, namedSlot = 0, moreSlot = 0;
};

struct Syntax {
    std::string source; ///< with "\n" line ends
    Block body;
    std::vector<Entry> entry;
    std::uint32_t slots = 0;
};

} // namespace winnow::jinja
