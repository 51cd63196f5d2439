#include "core/model/chat/jinja/names.h"

#include <algorithm>
#include <map>
#include <optional>
#include <set>

namespace winnow::jinja {

namespace {

using ExpressionKind = Expression::Kind;
using StatementKind = Statement::Kind;

/// What holds variables while it runs: the template, a macro, or the body of a call.
struct Function {
    std::uint32_t level = 0;
    std::uint32_t slots = 0;
};

enum class Origin { Caller, Outer, Nothing, Parameter };

/// The names of a scope, or those that one branch of an `if` adds to it.
struct Names {
    const Names* base = nullptr;
    std::map<std::string, Origin> origins;
    std::set<std::string> stores;

    bool has(const std::string& name) const { return origins.contains(name) || (base != nullptr && base->has(name)); }
    bool stored(const std::string& name) const { return stores.contains(name) || (base != nullptr && base->stored(name)); }
};

struct Scope {
    Scope* outer = nullptr;
    Function* function = nullptr;
    Names names;
    std::map<std::string, std::uint32_t> slots;

    std::uint32_t slotOf(const std::string& name)
    {
        const auto [at, fresh] = slots.try_emplace(name, function->slots);
        function->slots += fresh ? 1 : 0;
        return at->second;
    }
};

/// The scope that owns `name`, from `scope` outwards.
Scope* ownerOf(Scope* scope, const std::string& name)
{
    while (scope != nullptr && !scope->names.has(name))
        scope = scope->outer;
    return scope;
}

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

template <class Visit>
void eachPart(const Expression& expression, Visit visit)
{
    for (const auto& part : expression.parts)
        if (part)
            visit(*part);
    for (const auto& part : expression.positional)
        visit(*part);
    for (const auto& [name, part] : expression.named)
        visit(*part);
    for (const auto* part : {&expression.spreadList, &expression.spreadMap})
        if (*part)
            visit(**part);
}

/// Collects which of the names that mean something special stand anywhere inside.
void collectSpecial(const Expression& expression, std::set<std::string>& found)
{
    static const std::set<std::string> kSpecial{"loop", "caller", "kwargs", "varargs"};
    if (expression.kind == ExpressionKind::Name && kSpecial.contains(expression.text))
        found.insert(expression.text);
    eachPart(expression, [&](const Expression& part) { collectSpecial(part, found); });
}

/// Finds out what a scope's names are, before any of them is bound. Bodies that are scopes themselves are left out.
class Survey {
public:
    explicit Survey(Scope& scope) : m_scope(scope), m_names(&scope.names) {}

    void load(const std::string& name)
    {
        if (!m_names->has(name) && ownerOf(m_scope.outer, name) == nullptr)
            m_names->origins[name] = Origin::Caller;
    }

    void store(const std::string& name)
    {
        m_names->stores.insert(name);
        if (!m_names->has(name))
            m_names->origins[name] = ownerOf(m_scope.outer, name) != nullptr ? Origin::Outer : Origin::Nothing;
    }

    void declare(const std::string& name)
    {
        m_names->stores.insert(name);
        m_names->origins[name] = Origin::Parameter;
    }

    void target(const Expression& target, bool declares)
    {
        if (target.kind == ExpressionKind::Tuple)
            for (const auto& part : target.parts)
                this->target(*part, declares);
        else if (target.kind == ExpressionKind::Member)
            load(target.text);
        else if (declares)
            declare(target.text);
        else
            store(target.text);
    }

    void expression(const Expression& expression)
    {
        if (expression.kind == ExpressionKind::Name)
            load(expression.text);
        eachPart(expression, [&](const Expression& part) { this->expression(part); });
    }

    void block(const Block& body)
    {
        for (const Statement& each : body)
            statement(each);
    }

private:
    void statement(const Statement& each)
    {
        switch (each.kind) {
        case StatementKind::If:
            branches(each);
            break;
        case StatementKind::For: // what it goes through is evaluated outside
            expression(*each.values[0]);
            break;
        case StatementKind::Set:
            expression(*each.values[0]);
            target(*each.targets[0], false);
            break;
        case StatementKind::SetBlock:
            target(*each.targets[0], false);
            break;
        case StatementKind::Macro:
            store(each.text);
            break;
        case StatementKind::Output:
        case StatementKind::CallBlock:
        case StatementKind::FilterBlock:
        case StatementKind::With:
            for (const auto& value : each.values)
                expression(*value);
            break;
        default:
            break;
        }
    }

    Names branch(const Block& body)
    {
        Names added{.base = m_names};
        Names* const outside = std::exchange(m_names, &added);
        block(body);
        m_names = outside;
        return added;
    }

    void branches(const Statement& each)
    {
        expression(*each.values[0]);
        std::vector<Names> added;
        added.push_back(branch(each.bodies[0]));
        Names others{.base = m_names};
        Names* const outside = std::exchange(m_names, &others);
        for (std::size_t i = 1; i < each.values.size(); ++i) {
            expression(*each.values[i]);
            std::vector<Names> one;
            one.push_back(branch(each.bodies[i]));
            merge(one);
        }
        m_names = outside;
        added.push_back(std::move(others));
        if (each.bodies.size() > each.values.size())
            added.push_back(branch(each.bodies.back()));
        merge(added);
    }

    /// A name that a branch assigns has its value from around here if that branch is not taken.
    void merge(const std::vector<Names>& branches)
    {
        std::set<std::string> fresh;
        for (const Names& each : branches)
            for (const std::string& name : each.stores)
                if (!m_names->stored(name))
                    fresh.insert(name);
        for (const Names& each : branches) {
            for (const auto& [name, origin] : each.origins)
                m_names->origins[name] = origin;
            m_names->stores.insert(each.stores.begin(), each.stores.end());
        }
        for (const std::string& name : fresh)
            m_names->origins[name] = ownerOf(m_scope.outer, name) != nullptr ? Origin::Outer : Origin::Caller;
    }

    Scope& m_scope;
    Names* m_names;
};

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
            const bool isOwn = std::ranges::any_of(each.parameters, [&](const Parameter& parameter) { return parameter.name == name; });
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
