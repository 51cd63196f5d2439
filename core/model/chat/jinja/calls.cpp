// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/model/chat/jinja/calls.h"

#include <algorithm>

namespace winnow::jinja {

std::optional<Value> Arguments::take(std::string_view name)
{
    const auto at = std::ranges::find(named, name, [](const auto& each) { return std::string_view(each.first); });
    if (at == named.end())
        return std::nullopt;
    Value value = std::move(at->second);
    named.erase(at);
    return value;
}

Bound::Bound(Arguments& arguments, std::string_view function, std::initializer_list<std::string_view> parameters,
             std::size_t needed)
    : m_function(function), m_values(parameters.size())
{
    if (arguments.positional.size() > parameters.size())
        stop("{} takes at most {} arguments, not {}", function, parameters.size(), arguments.positional.size());
    std::ranges::move(arguments.positional, m_values.begin());
    for (auto& [name, value] : arguments.named) {
        const auto at = std::ranges::find(parameters, std::string_view(name));
        if (name.empty() || at == parameters.end())
            stop("{} has no parameter '{}'", function, name);
        Value& place = m_values[static_cast<std::size_t>(at - parameters.begin())];
        if (!place.is(Kind::Missing))
            stop("{} was given '{}' twice", function, name);
        place = std::move(value);
    }
    for (std::size_t i = 0; i < needed; ++i)
        if (m_values[i].is(Kind::Missing))
            stop("{} needs {} argument{}", function, needed, needed == 1 ? "" : "s");
}

const Value& Bound::operator[](std::size_t i) const
{
    static const Value none = Value::none();
    return m_values[i].is(Kind::Missing) ? none : m_values[i];
}

std::int64_t Bound::whole(std::size_t i, std::int64_t otherwise) const
{
    return m_values[i].is(Kind::Missing) ? otherwise : wholeOf(m_values[i], m_function);
}

const std::string& Bound::text(std::size_t i) const { return textOf((*this)[i], fmt::format("an argument of {}", m_function)); }

std::optional<Value> LoopState::fetch()
{
    while (next < items.size()) {
        const Value& item = items[next++];
        if (!test || test(item))
            return item;
    }
    return std::nullopt;
}

const Value* LoopState::peek()
{
    if (!after)
        after = fetch();
    return after ? &*after : nullptr;
}

bool LoopState::advance()
{
    std::optional<Value> item = after ? std::exchange(after, std::nullopt) : fetch();
    if (!item)
        return false;
    ++index;
    before = std::move(current);
    current = std::move(*item);
    return true;
}

std::int64_t LoopState::length()
{
    if (!count) {
        if (test) {
            std::vector<Value> rest;
            while (auto item = fetch())
                rest.push_back(std::move(*item));
            items = std::move(rest);
            next = 0;
            test = nullptr;
        }
        count = index + 1 + (after ? 1 : 0) + static_cast<std::int64_t>(items.size() - next);
    }
    return *count;
}

int LoopState::depthOfItems() const
{
    Budget budget{Limits{}};
    return makeSequence(budget, items).sequence().depth;
}

void LoopState::close()
{
    test = nullptr;
    again = nullptr;
    lastChanged.reset();
    next = items.size();
    closed = true;
}

} // namespace winnow::jinja
