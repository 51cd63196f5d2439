// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/model/chat/jinja/survey.h"

namespace winnow::jinja {

using ExpressionKind = Expression::Kind;
using StatementKind = Statement::Kind;

Scope* ownerOf(Scope* scope, const std::string& name)
{
    while (scope != nullptr && !scope->names.has(name))
        scope = scope->outer;
    return scope;
}

void Survey::load(const std::string& name)
{
    if (!m_names->has(name) && ownerOf(m_scope.outer, name) == nullptr)
        m_names->origins[name] = Origin::Caller;
}

void Survey::store(const std::string& name)
{
    m_names->stores.insert(name);
    if (!m_names->has(name))
        m_names->origins[name] = ownerOf(m_scope.outer, name) != nullptr ? Origin::Outer : Origin::Nothing;
}

void Survey::declare(const std::string& name)
{
    m_names->stores.insert(name);
    m_names->origins[name] = Origin::Parameter;
}

void Survey::target(const Expression& target, bool declares)
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

void Survey::expression(const Expression& expression)
{
    if (expression.kind == ExpressionKind::Name)
        load(expression.text);
    eachPart(expression, [&](const Expression& part) { this->expression(part); });
}

void Survey::block(const Block& body)
{
    for (const Statement& each : body)
        statement(each);
}

void Survey::statement(const Statement& each)
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

Names Survey::branch(const Block& body)
{
    Names added{.base = m_names};
    Names* const outside = std::exchange(m_names, &added);
    block(body);
    m_names = outside;
    return added;
}

void Survey::branches(const Statement& each)
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
void Survey::merge(const std::vector<Names>& branches)
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

} // namespace winnow::jinja
