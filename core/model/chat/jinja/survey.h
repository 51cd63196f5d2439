// SPDX-License-Identifier: GPL-3.0-or-later
// The names of one scope of a template, found out before any of them is bound.
#pragma once

#include "core/model/chat/jinja/syntax.h"

#include <map>
#include <set>
#include <string>

namespace winnow::jinja {

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

/// The scope that owns `name`, from `scope` outwards; nullptr when none does.
Scope* ownerOf(Scope* scope, const std::string& name);

/// Calls `visit` with what an expression is made of.
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

/// Writes a scope's names into it. Bodies that are scopes themselves are left out.
class Survey {
public:
    explicit Survey(Scope& scope) : m_scope(scope), m_names(&scope.names) {}

    void load(const std::string& name);
    void store(const std::string& name);
    void declare(const std::string& name); ///< as a parameter, which always has a value
    void target(const Expression& target, bool declares);
    void expression(const Expression& expression);
    void block(const Block& body);

private:
    void statement(const Statement& each);
    Names branch(const Block& body);
    void branches(const Statement& each);
    void merge(const std::vector<Names>& branches);

    Scope& m_scope;
    Names* m_names;
};

} // namespace winnow::jinja
