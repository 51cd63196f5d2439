// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/model/chat/jinja/names.h"

#include "core/model/chat/jinja/survey.h"

#include <algorithm>
#include <set>

namespace winnow::jinja {

namespace {

using ExpressionKind = Expression::Kind;
using StatementKind = Statement::Kind;

Place placeIn(Scope& owner, const std::string& name, const Function& from)
{
    return {from.level - owner.function->level, owner.slotOf(name)};
}

/// Calls `visit` with every expression of a statement itself, not of its bodies.
template <class Visit>
void eachExpression(const Statement& statement, Visit visit)
{
    for (const auto& value : statement.values)
        visit(*value);
    for (const auto& target : statement.targets)
        visit(*target);
    for (const Parameter& parameter : statement.parameters)
        if (parameter.otherwise)
            visit(*parameter.otherwise);
}

/// Collects which of the names that mean something special stand anywhere inside.
void collectSpecial(const Expression& expression, std::set<std::string>& found)
{
    static const std::set<std::string> kSpecial{"loop", "caller", "kwargs", "varargs"};
    if (expression.kind == ExpressionKind::Name && kSpecial.contains(expression.text))
        found.insert(expression.text);
    eachPart(expression, [&](const Expression& part) { collectSpecial(part, found); });
}

class Binder {
public:
    void run(Syntax& syntax)
    {
        Function function;
        Scope scope{.function = &function};
        Survey(scope).block(syntax.body);
        block(syntax.body, scope, false);
        syntax.entry = entriesOf(scope);
        syntax.slots = function.slots;
    }

private:
    static std::vector<Entry> entriesOf(Scope& scope)
    {
        std::vector<Entry> entries;
        for (const auto& [name, origin] : scope.names.origins) {
            Entry entry{.slot = scope.slotOf(name)};
            switch (origin) {
            case Origin::Parameter:
                continue;
            case Origin::Caller:
                entry.how = Entry::How::Given;
                entry.name = name;
                break;
            case Origin::Outer:
                entry.how = Entry::How::Copy;
                entry.from = placeIn(*ownerOf(scope.outer, name), name, *scope.function);
                break;
            case Origin::Nothing:
                break;
            }
            entries.push_back(std::move(entry));
        }
        return entries;
    }

    void block(Block& body, Scope& scope, bool isBranch)
    {
        for (Statement& each : body)
            statement(each, scope, isBranch);
    }

    /// `isBranch`: an unknown filter may stand here, for it may never be reached.
    void expression(Expression& expression, Scope& scope, bool isBranch)
    {
        if (expression.kind == ExpressionKind::Name || expression.kind == ExpressionKind::Member)
            if (Scope* owner = ownerOf(&scope, expression.text))
                expression.place = placeIn(*owner, expression.text, *scope.function);
        const bool isFilter = expression.kind == ExpressionKind::Filter;
        if ((isFilter || expression.kind == ExpressionKind::Test) && expression.routine == nullptr && !isBranch)
            stopAt(expression.at, "there is no {} '{}'", isFilter ? "filter" : "test", expression.text);
        eachPart(expression, [&](const Expression& part) {
            this->expression(const_cast<Expression&>(part), scope, isBranch || expression.kind == ExpressionKind::Conditional);
        });
    }

    void statement(Statement& each, Scope& scope, bool isBranch)
    {
        switch (each.kind) {
        case StatementKind::For:
            return loop(each, scope, isBranch);
        case StatementKind::Macro:
            each.own = placeIn(*ownerOf(&scope, each.text), each.text, *scope.function);
            return function(each, scope);
        case StatementKind::CallBlock:
        case StatementKind::Generation:
            for (auto& value : each.values)
                expression(*value, scope, isBranch);
            return function(each, scope);
        case StatementKind::SetBlock:
        case StatementKind::FilterBlock:
        case StatementKind::With:
        case StatementKind::Scope:
            return inner(each, scope, isBranch);
        default:
            break;
        }
        const bool isIf = each.kind == StatementKind::If;
        for (auto& value : each.values)
            expression(*value, scope, isBranch || isIf);
        for (auto& target : each.targets)
            expression(*target, scope, isBranch);
        for (Block& body : each.bodies)
            block(body, scope, isBranch || isIf);
    }

    void loop(Statement& each, Scope& scope, bool isBranch)
    {
        expression(*each.values[0], scope, isBranch);
        std::set<std::string> special;
        collectSpecialNames(each.bodies[0], special);
        each.usesLoop = each.recursive || special.contains("loop");
        Scope body{.outer = &scope, .function = scope.function};
        Survey survey(body);
        if (each.usesLoop) {
            survey.declare("loop");
            each.loopSlot = body.slotOf("loop");
        }
        survey.target(*each.targets[0], true);
        survey.block(each.bodies[0]);
        if (each.values.size() > 1) {
            Scope test{.outer = &scope, .function = scope.function};
            Survey tested(test);
            tested.target(*each.targets[0], true);
            tested.expression(*each.values[1]);
            each.tested = copyOf(*each.targets[0]);
            expression(*each.tested, test, false);
            expression(*each.values[1], test, false);
            each.entries.resize(3);
            each.entries[2] = entriesOf(test);
        }
        expression(*each.targets[0], body, false);
        block(each.bodies[0], body, false);
        each.entries.resize(std::max<std::size_t>(each.entries.size(), 2));
        each.entries[0] = entriesOf(body);
        if (each.bodies.size() > 1) {
            Scope otherwise{.outer = &scope, .function = scope.function};
            Survey(otherwise).block(each.bodies[1]);
            block(each.bodies[1], otherwise, false);
            each.entries[1] = entriesOf(otherwise);
        }
    }

    /// A body in a scope of its own inside the same function.
    void inner(Statement& each, Scope& scope, bool isBranch)
    {
        Scope body{.outer = &scope, .function = scope.function};
        Survey survey(body);
        const bool isWith = each.kind == StatementKind::With;
        if (isWith)
            for (const auto& target : each.targets)
                survey.target(*target, true);
        else
            for (const auto& value : each.values)
                survey.expression(*value);
        survey.block(each.bodies[0]);
        for (auto& value : each.values)
            expression(*value, isWith ? scope : body, isWith && isBranch);
        for (auto& target : each.targets)
            expression(*target, isWith ? body : scope, isBranch);
        block(each.bodies[0], body, false);
        each.entries = {entriesOf(body)};
    }

    /// The body of a macro or call.
    void function(Statement& each, Scope& scope)
    {
        Function function{.level = scope.function->level + 1};
        Scope body{.outer = &scope, .function = &function};
        Survey survey(body);
        for (const Parameter& parameter : each.parameters)
            survey.declare(parameter.name);
        for (const Parameter& parameter : each.parameters)
            if (parameter.otherwise)
                survey.expression(*parameter.otherwise);
        survey.block(each.bodies[0]);
        std::set<std::string> special;
        collectSpecialNames(each.bodies[0], special);
        const auto takes = [&](const char* name, std::uint32_t& slot) {
            const bool isOwn =
                std::ranges::any_of(each.parameters, [&](const Parameter& parameter) { return parameter.name == name; });
            if (!special.contains(name) || isOwn)
                return false;
            survey.declare(name);
            slot = body.slotOf(name);
            return true;
        };
        each.takesCaller = takes("caller", each.callerSlot);
        each.takesNamed = takes("kwargs", each.namedSlot);
        each.takesMore = takes("varargs", each.moreSlot);
        for (Parameter& parameter : each.parameters) {
            parameter.slot = body.slotOf(parameter.name);
            if (parameter.otherwise)
                expression(*parameter.otherwise, body, false);
            else if (parameter.name == "caller" && special.contains("caller"))
                stopAt(parameter.at, "the parameter 'caller' needs a default value");
        }
        block(each.bodies[0], body, false);
        each.entries = {entriesOf(body)};
        each.slots = function.slots;
    }

    static void collectSpecialNames(const Block& body, std::set<std::string>& found)
    {
        for (const Statement& each : body) {
            eachExpression(each, [&](const Expression& part) { collectSpecial(part, found); });
            for (const Block& inside : each.bodies)
                collectSpecialNames(inside, found);
        }
    }

    static ExpressionPtr copyOf(const Expression& target)
    {
        auto copy = std::make_unique<Expression>();
        copy->kind = target.kind;
        copy->at = target.at;
        copy->text = target.text;
        copy->attribute = target.attribute;
        for (const auto& part : target.parts)
            copy->parts.push_back(copyOf(*part));
        return copy;
    }
};

} // namespace

void bindNames(Syntax& syntax) { Binder().run(syntax); }

} // namespace winnow::jinja
