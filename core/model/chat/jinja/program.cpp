// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/model/chat/jinja/program.h"

#include "core/model/chat/jinja/names.h"
#include "core/model/chat/jinja/parser.h"
#include "core/model/chat/jinja/runtime.h"
#include "core/model/chat/jinja/text.h"

#include <nlohmann/json.hpp>

#include <algorithm>

namespace winnow::jinja {

namespace {

using nlohmann::ordered_json;

Value valueOf(Budget& budget, const ordered_json& json)
{
    switch (json.type()) {
    case ordered_json::value_t::boolean:
        return Value(json.get<bool>());
    case ordered_json::value_t::number_integer:
        return Value(json.get<std::int64_t>());
    case ordered_json::value_t::number_unsigned:
        if (json.get<std::uint64_t>() > static_cast<std::uint64_t>(INT64_MAX))
            stop("the number {} of the conversation is larger than 63 bits", json.get<std::uint64_t>());
        return Value(json.get<std::int64_t>());
    case ordered_json::value_t::number_float:
        return Value(json.get<double>());
    case ordered_json::value_t::string:
        return makeText(budget, json.get<std::string>());
    case ordered_json::value_t::array: {
        std::vector<Value> items;
        for (const ordered_json& item : json)
            items.push_back(valueOf(budget, item));
        return makeSequence(budget, std::move(items));
    }
    case ordered_json::value_t::object: {
        std::vector<std::pair<Value, Value>> entries;
        for (const auto& [key, value] : json.items())
            entries.emplace_back(makeText(budget, key), valueOf(budget, value));
        return makeMapping(budget, std::move(entries));
    }
    default:
        return Value::none();
    }
}

Error errorOf(const Fault& fault, std::string_view source, std::string_view where)
{
    if (fault.at == Fault::kNowhere)
        return {ErrorCode::BadInput, fmt::format("{}: {}", where, fault.message)};
    const std::string_view before = source.substr(0, fault.at);
    const std::size_t lineStart = before.rfind('\n') + 1;
    return {ErrorCode::BadInput, fmt::format("{}, line {}, column {}: {}", where, std::ranges::count(before, '\n') + 1,
                                             countCharacters(before.substr(lineStart)) + 1, fault.message)};
}

} // namespace

Result<Program> Program::read(std::string_view source, std::string_view where)
{
    auto syntax = std::make_shared<Syntax>();
    syntax->source = withPlainLineEnds(source);
    try {
        syntax->body = Parser(syntax->source).parse();
        bindNames(*syntax);
    } catch (const Fault& fault) {
        return fail(errorOf(fault, syntax->source, where));
    }
    Program program;
    program.m_syntax = std::move(syntax);
    program.m_where = where;
    return program;
}

Result<std::string> Program::render(const ordered_json& variables, const std::tm& now, const Limits& limits) const
{
    try {
        Budget budget(limits);
        Variables values;
        for (const auto& [name, value] : variables.items())
            values.emplace(name, valueOf(budget, value));
        return Runtime(*m_syntax, values, now, limits).render();
    } catch (const Fault& fault) {
        return fail(errorOf(fault, m_syntax->source, m_where));
    } catch (const std::bad_alloc&) {
        return fail(ErrorCode::OutOfMemory, "{}: the template needs more memory than there is", m_where);
    }
}

} // namespace winnow::jinja
