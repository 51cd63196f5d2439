// SPDX-License-Identifier: GPL-3.0-or-later
// A score as an expression over named quantities of a slot, such as mean/(1+age/512). muParser parses the text. The result is
// stored as a short program of operations on columns (one entry per slot), so that all slots of a lane are scored at once.
#pragma once

#include "core/base/result.h"

#include <array>
#include <span>
#include <string_view>
#include <vector>

namespace winnow {

/// What an expression may name. Attention is the unit's row over the live slots, its query heads reduced to one.
enum class Quantity : int { Position, Age, Step, Mean, Sum, Last, Max, KeyNorm, ValueNorm, Layer, Layers, Head };
inline constexpr std::size_t kQuantities = 12;

/// Names and meanings, in the order of Quantity.
struct QuantityInfo {
    std::string_view name, help;
};
std::span<const QuantityInfo, kQuantities> quantities();
/// Names of the functions, each with its opening parenthesis: "left(".
std::span<const std::string_view> expressionFunctions();

/// Values of every quantity that the expression uses, one per slot; null for the others.
using QuantityColumns = std::array<const double*, kQuantities>;

/// A score. Once parsed it does not change and may be shared by threads, each with a scratch of its own.
class Expression {
public:
    /// Longest expression, in characters, and most intermediate columns that one may need.
    static constexpr std::size_t kMostCharacters = 1000, kMostColumns = 32;

    /// Errors name the column, counted from 1, and the nearest right name.
    static Result<Expression> parse(std::string_view text);

    bool uses(Quantity quantity) const { return m_uses[static_cast<std::size_t>(quantity)]; }

    /// The value for each of `slots` slots; minus infinity where it is no number. Valid until `scratch` changes.
    /// Cost: one pass over the slots for every operation.
    std::span<const double> evaluate(const QuantityColumns& columns, std::size_t slots, std::vector<double>& scratch) const;

    enum class Code {
        Quantity,
        Number,
        Negate,
        Not,
        Abs,
        Sqrt,
        Exp,
        Log,
        Log2,
        Sin,
        Cos,
        Tanh,
        Floor,
        Sign,
        Left,
        Right,
        Add,
        Subtract,
        Multiply,
        Divide,
        Power,
        Less,
        AtMost,
        More,
        AtLeast,
        Equal,
        Differs,
        And,
        Or,
        Least,
        Most,
        Select
    };
    /// One step of the program, which works on a stack of columns: an operation takes as many columns as it has arguments and
    /// leaves one.
    struct Operation {
        Code code = Code::Number;
        int quantity = 0;
        double number = 0;
    };

private:
    std::vector<Operation> m_program;
    std::array<bool, kQuantities> m_uses{};
    std::size_t m_depth = 0; ///< columns of the stack
};

} // namespace winnow
