// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/policy/expression.h"

#include "core/base/check.h"
#include "core/base/nearest.h"
#include "core/policy/expression_text.h"

#include <muParser.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>

namespace winnow {

namespace {

using Code = Expression::Code;
using Operation = Expression::Operation;

constexpr std::array<QuantityInfo, kQuantities> kNames{{
    {"position", "place in the text, from 0"},
    {"age", "steps since it was read"},
    {"step", "the present step"},
    {"mean", "attention received per query that has seen it"},
    {"sum", "attention received so far"},
    {"last", "attention of the newest query"},
    {"max", "largest attention of any query so far"},
    {"key_norm", "length of its key"},
    {"value_norm", "length of its value"},
    {"layer", "the model's layer, from 0"},
    {"layers", "layers of the model"},
    {"head", "the head in its layer, from 0"},
}};

/// muParser is told that a function is there; what it does is the program's business (`apply` below).
struct Function {
    const char* name;
    Code code;
    int arguments;
};
constexpr Function kFunctions[] = {
    {"left", Code::Left, 1}, {"right", Code::Right, 1}, {"min", Code::Least, 2},   {"max", Code::Most, 2},  {"abs", Code::Abs, 1},
    {"sqrt", Code::Sqrt, 1}, {"exp", Code::Exp, 1},     {"log", Code::Log, 1},     {"log2", Code::Log2, 1}, {"sin", Code::Sin, 1},
    {"cos", Code::Cos, 1},   {"tanh", Code::Tanh, 1},   {"floor", Code::Floor, 1}, {"sign", Code::Sign, 1},
};

double unaryFunction(void*, double x) { return x; }
double binaryFunction(void*, double x, double) { return x; }
double plus(double x) { return x; }
double minus(double x) { return -x; }
double negation(double x) { return x == 0 ? 1 : 0; }

/// How many columns an operation takes.
int argumentsOf(Code code)
{
    return code == Code::Quantity || code == Code::Number ? 0 : code < Code::Add ? 1 : code < Code::Select ? 2 : 3;
}

/// The parser with every name that it may find. `cells`: what the quantities' names stand for, told apart by their addresses.
void define(mu::Parser& parser, std::array<double, kQuantities>& cells)
{
    parser.EnableOptimizer(false);
    parser.ClearFun();
    parser.ClearConst();
    parser.ClearInfixOprt();
    parser.DefineInfixOprt("-", minus, mu::prINFIX, false);
    parser.DefineInfixOprt("+", plus, mu::prINFIX, false);
    parser.DefineInfixOprt("!", negation, mu::prINFIX, false);
    for (std::size_t i = 0; i < kQuantities; ++i)
        parser.DefineVar(std::string(kNames[i].name), &cells[i]);
    for (const Function& function : kFunctions) {
        auto* const which = const_cast<Function*>(&function); // handed back as it is, never written to
        if (function.arguments == 1)
            parser.DefineFunUserData(function.name, unaryFunction, which, false);
        else
            parser.DefineFunUserData(function.name, binaryFunction, which, false);
    }
}

/// The nearest name to a misspelled one.
std::string_view nearestName(std::string_view name)
{
    static const auto known = [] {
        std::vector<std::string_view> names;
        for (const QuantityInfo& quantity : kNames)
            names.push_back(quantity.name);
        for (const Function& function : kFunctions)
            names.emplace_back(function.name);
        return names;
    }();
    return nearest(name, known);
}

/// The function of this name; null where there is none.
const Function* functionOf(std::string_view name)
{
    const auto* const found = std::find_if(std::begin(kFunctions), std::end(kFunctions),
                                           [&](const Function& function) { return function.name == name; });
    return found == std::end(kFunctions) ? nullptr : found;
}

/// What is said of a name that muParser does not know, or does not take where it stands.
std::string wrongName(std::string_view name)
{
    if (const Function* function = functionOf(name))
        return function->arguments == 1 ? fmt::format("'{0}' takes a value in parentheses, such as {0}(mean)", name)
                                        : fmt::format("'{0}' takes two values in parentheses, such as {0}(mean,last)", name);
    return fmt::format("'{}' is no quantity or function; did you mean '{}'?", name, nearestName(name));
}

std::string problemOf(const mu::ParserError& error, std::string_view text)
{
    constexpr std::string_view kSigns = "+-!";
    const std::string& found = error.GetToken();
    const std::size_t place = placeOf(error, text);
    const auto at = [&](std::string_view what) { return atColumn(place, what); };
    switch (error.GetCode()) {
    case mu::ecUNASSIGNABLE_TOKEN:
        if (!found.empty() && (std::isalpha(static_cast<unsigned char>(found.front())) != 0 || found.front() == '_'))
            return at(wrongName(found));
        return at(fmt::format("'{}' is not understood", found.substr(0, found.find(' '))));
    case mu::ecUNEXPECTED_EOF:
    case mu::ecEMPTY_EXPRESSION:
        return at("something is missing at the end");
    case mu::ecMISSING_PARENS:
        return at("a parenthesis is not closed");
    case mu::ecMISSING_ELSE_CLAUSE:
        return at("'?' has no ':'");
    case mu::ecMISPLACED_COLON:
        return at("':' has no '?'");
    case mu::ecTOO_MANY_PARAMS:
        return at("a function has too many arguments");
    case mu::ecTOO_FEW_PARAMS:
        return at("a function has too few arguments");
    case mu::ecUNEXPECTED_ARG:
        return at("a comma stands between values that no function takes");
    default:
        break;
    }
    const auto before = place == 0 ? std::string_view::npos : text.find_last_not_of(' ', place - 1);
    if (before != std::string_view::npos && found.size() == 1 && kSigns.find(found.front()) != std::string_view::npos &&
        kSigns.find(text[before]) != std::string_view::npos)
        return at(fmt::format("'{1}' may not follow the sign '{0}'; put parentheses between them, such as {0}({1}mean)",
                              text[before], found));
    return at(found.empty() ? std::string("this is not understood") : fmt::format("'{}' may not stand here", found));
}

/// The operation of one token of muParser's program; nothing for those that mean nothing here.
Result<std::optional<Operation>> operationOf(const mu::SToken& token, const double* cells)
{
    const auto as = [](Code code) { return std::optional(Operation{.code = code}); };
    switch (token.Cmd) {
    case mu::cmVAR:
        return std::optional(Operation{.code = Code::Quantity, .quantity = static_cast<int>(token.Val.ptr - cells)});
    case mu::cmVAL:
        return std::optional(Operation{.code = Code::Number, .number = token.Val.data2});
    case mu::cmADD:
        return as(Code::Add);
    case mu::cmSUB:
        return as(Code::Subtract);
    case mu::cmMUL:
        return as(Code::Multiply);
    case mu::cmDIV:
        return as(Code::Divide);
    case mu::cmPOW:
        return as(Code::Power);
    case mu::cmLT:
        return as(Code::Less);
    case mu::cmLE:
        return as(Code::AtMost);
    case mu::cmGT:
        return as(Code::More);
    case mu::cmGE:
        return as(Code::AtLeast);
    case mu::cmEQ:
        return as(Code::Equal);
    case mu::cmNEQ:
        return as(Code::Differs);
    case mu::cmLAND:
        return as(Code::And);
    case mu::cmLOR:
        return as(Code::Or);
    case mu::cmENDIF: // both branches are there by then: no jumps
        return as(Code::Select);
    case mu::cmIF:
    case mu::cmELSE:
        return std::optional<Operation>();
    case mu::cmFUNC:
        if (const auto* function = static_cast<const Function*>(token.Fun.cb._pUserData))
            return as(function->code);
        if (token.Fun.cb._pRawFun == reinterpret_cast<mu::erased_fun_type>(minus))
            return as(Code::Negate);
        if (token.Fun.cb._pRawFun == reinterpret_cast<mu::erased_fun_type>(negation))
            return as(Code::Not);
        return std::optional<Operation>();
    default:
        return fail(ErrorCode::Usage, "it has a part that is not understood");
    }
}

template <class Of>
void each(std::size_t slots, double* out, Of of)
{
    for (std::size_t i = 0; i < slots; ++i)
        out[i] = of(i);
}

void applyUnary(Code code, const double* x, double* out, std::size_t n)
{
    switch (code) {
    case Code::Negate:
        return each(n, out, [=](std::size_t i) { return -x[i]; });
    case Code::Not:
        return each(n, out, [=](std::size_t i) { return x[i] == 0 ? 1.0 : 0.0; });
    case Code::Abs:
        return each(n, out, [=](std::size_t i) { return std::abs(x[i]); });
    case Code::Sqrt:
        return each(n, out, [=](std::size_t i) { return std::sqrt(x[i]); });
    case Code::Exp:
        return each(n, out, [=](std::size_t i) { return std::exp(x[i]); });
    case Code::Log:
        return each(n, out, [=](std::size_t i) { return std::log(x[i]); });
    case Code::Log2:
        return each(n, out, [=](std::size_t i) { return std::log2(x[i]); });
    case Code::Sin:
        return each(n, out, [=](std::size_t i) { return std::sin(x[i]); });
    case Code::Cos:
        return each(n, out, [=](std::size_t i) { return std::cos(x[i]); });
    case Code::Tanh:
        return each(n, out, [=](std::size_t i) { return std::tanh(x[i]); });
    case Code::Floor:
        return each(n, out, [=](std::size_t i) { return std::floor(x[i]); });
    case Code::Sign:
        return each(n, out, [=](std::size_t i) { return static_cast<double>(x[i] > 0) - static_cast<double>(x[i] < 0); });
    case Code::Left: // the oldest slot has no older one and sees itself
        std::copy_backward(x, x + n - 1, out + n);
        if (out != x)
            out[0] = x[0];
        return;
    case Code::Right:
        std::copy(x + 1, x + n, out);
        out[n - 1] = x[n - 1];
        return;
    default:
        WINNOW_CHECK(false, "operation {} does not take one column", static_cast<int>(code));
    }
}

void applyBinary(Code code, const double* x, const double* y, double* out, std::size_t n)
{
    const auto when = [=](auto holds) { each(n, out, [=](std::size_t i) { return holds(x[i], y[i]) ? 1.0 : 0.0; }); };
    switch (code) {
    case Code::Add:
        return each(n, out, [=](std::size_t i) { return x[i] + y[i]; });
    case Code::Subtract:
        return each(n, out, [=](std::size_t i) { return x[i] - y[i]; });
    case Code::Multiply:
        return each(n, out, [=](std::size_t i) { return x[i] * y[i]; });
    case Code::Divide:
        return each(n, out, [=](std::size_t i) { return x[i] / y[i]; });
    case Code::Power:
        return each(n, out, [=](std::size_t i) { return std::pow(x[i], y[i]); });
    case Code::Least:
        return each(n, out, [=](std::size_t i) { return y[i] < x[i] ? y[i] : x[i]; });
    case Code::Most:
        return each(n, out, [=](std::size_t i) { return y[i] > x[i] ? y[i] : x[i]; });
    case Code::Less:
        return when([](double a, double b) { return a < b; });
    case Code::AtMost:
        return when([](double a, double b) { return a <= b; });
    case Code::More:
        return when([](double a, double b) { return a > b; });
    case Code::AtLeast:
        return when([](double a, double b) { return a >= b; });
    case Code::Equal:
        return when([](double a, double b) { return a == b; });
    case Code::Differs:
        return when([](double a, double b) { return a != b; });
    case Code::And:
        return when([](double a, double b) { return a != 0 && b != 0; });
    case Code::Or:
        return when([](double a, double b) { return a != 0 || b != 0; });
    default:
        WINNOW_CHECK(false, "operation {} does not take two columns", static_cast<int>(code));
    }
}

} // namespace

std::span<const QuantityInfo, kQuantities> quantities() { return kNames; }

std::span<const std::string_view> expressionFunctions()
{
    static const auto names = [] {
        static std::vector<std::string> opened;
        for (const Function& function : kFunctions)
            opened.push_back(fmt::format("{}(", function.name));
        return std::vector<std::string_view>(opened.begin(), opened.end());
    }();
    return names;
}

Result<Expression> Expression::parse(std::string_view text)
{
    if (text.find_first_not_of(' ') == std::string_view::npos)
        return fail(ErrorCode::Usage, "it is empty; expected an expression such as mean/(1+age/512)");
    if (text.size() > kMostCharacters)
        return fail(ErrorCode::Usage, "it has {} characters; at most {} are read", text.size(), kMostCharacters);
    if (const std::string strange = strangeCharacter(text); !strange.empty())
        return fail(ErrorCode::Usage, "{}", strange);
    std::array<double, kQuantities> cells{};
    Expression parsed;
    try {
        mu::Parser parser;
        define(parser, cells);
        parser.SetExpr(std::string(text));
        int results = 0;
        parser.Eval(results); // reads it
        if (results != 1)
            return fail(
                ErrorCode::Usage, "{}",
                atColumn(outerComma(text), fmt::format("it has {} values, with a comma in between; expected one", results)));
        const mu::ParserByteCode& code = parser.GetByteCode();
        std::size_t depth = 0;
        for (const mu::SToken* token = code.GetBase(); token->Cmd != mu::cmEND; ++token) {
            WINNOW_TRY(const auto operation, operationOf(*token, cells.data()));
            if (!operation)
                continue;
            parsed.m_program.push_back(*operation);
            if (operation->code == Code::Quantity)
                parsed.m_uses[static_cast<std::size_t>(operation->quantity)] = true;
            const auto taken = static_cast<std::size_t>(argumentsOf(operation->code));
            WINNOW_CHECK(depth >= taken, "'{}' takes more columns than there are", text);
            depth += 1 - taken;
            parsed.m_depth = std::max(parsed.m_depth, depth);
        }
        WINNOW_CHECK(depth == 1, "'{}' leaves {} columns", text, depth);
    } catch (const mu::ParserError& error) {
        return fail(ErrorCode::Usage, "{}", problemOf(error, text));
    }
    if (parsed.m_depth > kMostColumns)
        return fail(ErrorCode::Usage, "it is nested too deeply: it needs {} intermediate values, at most {} are kept",
                    parsed.m_depth, kMostColumns);
    return parsed;
}

std::span<const double> Expression::evaluate(const QuantityColumns& columns, std::size_t slots,
                                             std::vector<double>& scratch) const
{
    if (slots == 0)
        return {};
    if (scratch.size() < m_depth * slots)
        scratch.resize(m_depth * slots + m_depth * slots / 2);
    std::array<const double*, kMostColumns> stack{}; // a column of `columns`, or the stack's own one at that place
    std::size_t depth = 0;
    for (const Operation& operation : m_program) {
        depth -= static_cast<std::size_t>(argumentsOf(operation.code));
        const double** const from = &stack[depth];
        double* const out = scratch.data() + depth * slots;
        ++depth;
        if (operation.code == Code::Quantity) {
            *from = columns[static_cast<std::size_t>(operation.quantity)];
            continue;
        }
        if (operation.code == Code::Number)
            std::fill_n(out, slots, operation.number);
        else if (operation.code == Code::Select)
            each(slots, out, [=](std::size_t i) { return from[0][i] != 0 ? from[1][i] : from[2][i]; });
        else if (argumentsOf(operation.code) == 1)
            applyUnary(operation.code, from[0], out, slots);
        else
            applyBinary(operation.code, from[0], from[1], out, slots);
        *from = out;
    }
    double* const scores = scratch.data();
    each(slots, scores, [values = stack[0]](std::size_t i) {
        return std::isnan(values[i]) ? -std::numeric_limits<double>::infinity() : values[i];
    });
    return {scores, slots};
}

} // namespace winnow
