// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/model/chat/jinja/runtime.h"

#include "core/model/chat/jinja/print.h"
#include "core/model/chat/jinja/routines.h"

#include <algorithm>

namespace winnow::jinja {

class Runtime::Deeper {
public:
    explicit Deeper(Runtime& run) : m_run(run)
    {
        if (++run.m_depth > run.budget.limits().depth) {
            --run.m_depth;
            stop("the template is nested deeper than {} levels while it runs; does a macro call itself without an end?",
                 run.budget.limits().depth);
        }
    }
    ~Deeper() { --m_run.m_depth; }
    Deeper(const Deeper&) = delete;
    Deeper& operator=(const Deeper&) = delete;

private:
    Runtime& m_run;
};

Runtime::Runtime(const Syntax& syntax, const Variables& variables, const std::tm& now, const Limits& limits)
    : budget(limits), m_syntax(syntax), m_variables(variables), m_now(now), m_activation(std::make_shared<Activation>())
{
    m_activation->slots.resize(syntax.slots);
    m_captured.push_back(m_activation);
}

Runtime::~Runtime()
{
    // First all values are taken out of their holders, then they go: none of them is then the last to hold another holder.
    std::vector<Value> values;
    for (const auto& each : m_namespaces)
        for (auto& [name, value] : static_cast<const Namespace&>(*each).attributes)
            values.push_back(std::exchange(value, Value()));
    for (const auto& each : m_captured)
        std::ranges::move(std::exchange(each->slots, {}), std::back_inserter(values));
}

std::string Runtime::render()
{
    std::string out;
    m_out = &out;
    try {
        enter(m_syntax.entry);
        run(m_syntax.body);
    } catch (Fault& fault) {
        if (fault.at == Fault::kNowhere)
            fault.at = m_at;
        throw;
    }
    return out;
}

Value& Runtime::place(const Place& place)
{
    Activation* activation = m_activation.get();
    for (std::uint32_t i = 0; i < place.hops; ++i)
        activation = activation->outer.get();
    return activation->slots[place.slot];
}

void Runtime::enter(const std::vector<Entry>& entries)
{
    for (const Entry& entry : entries) {
        Value& slot = m_activation->slots[entry.slot];
        switch (entry.how) {
        case Entry::How::Clear:
            slot = Value();
            break;
        case Entry::How::Copy:
            slot = place(entry.from);
            break;
        case Entry::How::Given:
            if (const auto given = m_variables.find(entry.name); given != m_variables.end()) {
                slot = given->second;
            } else if (const Routine function = findFunction(entry.name)) {
                auto callable = std::make_shared<Callable>();
                callable->name = entry.name;
                callable->routine = function;
                slot = {Kind::Callable, std::move(callable)};
            } else {
                slot = Value();
            }
            break;
        }
    }
}

void Runtime::write(std::string_view text)
{
    if (text.size() > budget.limits().output - std::min(m_out->size(), budget.limits().output))
        stop("the template writes more than {} bytes", budget.limits().output);
    budget.read(text.size());
    *m_out += text;
}

void Runtime::write(const Value& value)
{
    if (value.isText())
        write(std::string_view(value.bytes()));
    else
        write(std::string_view(printed(budget, value)));
}

Runtime::Flow Runtime::run(const Block& body)
{
    for (const Statement& each : body)
        if (const Flow flow = run(each); flow != Flow::Next)
            return flow;
    return Flow::Next;
}

Runtime::Flow Runtime::run(const Statement& statement)
{
    const Deeper deeper(*this);
    budget.step();
    m_at = statement.at;
    Flow flow = Flow::Next;
    switch (statement.kind) {
    case Statement::Kind::Data:
        write(std::string_view(statement.text));
        break;
    case Statement::Kind::Output:
        for (const auto& value : statement.values)
            write(evaluate(*value));
        break;
    case Statement::Kind::If:
        return runIf(statement);
    case Statement::Kind::For:
        return runFor(statement);
    case Statement::Kind::Set:
        assign(*statement.targets[0], evaluate(*statement.values[0]));
        break;
    case Statement::Kind::SetBlock:
    case Statement::Kind::FilterBlock: {
        enter(statement.entries[0]);
        Value value = text(captured(statement.bodies[0], flow));
        if (flow != Flow::Next)
            return flow;
        if (!statement.values.empty())
            value = evaluateFilter(*statement.values[0], &value);
        if (statement.kind == Statement::Kind::FilterBlock)
            write(value);
        else
            assign(*statement.targets[0], value);
        break;
    }
    case Statement::Kind::Macro:
        runMacro(statement);
        break;
    case Statement::Kind::CallBlock:
    case Statement::Kind::Generation:
        runCall(statement);
        break;
    case Statement::Kind::With: {
        std::vector<Value> values = evaluateAll(statement.values);
        enter(statement.entries[0]);
        for (std::size_t i = 0; i < values.size(); ++i)
            assign(*statement.targets[i], values[i]);
        return run(statement.bodies[0]);
    }
    case Statement::Kind::Scope:
        if (!statement.values.empty() && isTrue(evaluate(*statement.values[0])))
            stop("'autoescape' is switched on, which is not supported; let the template say 'escape' where it is needed");
        enter(statement.entries[0]);
        return run(statement.bodies[0]);
    case Statement::Kind::Break:
        return Flow::Break;
    case Statement::Kind::Continue:
        return Flow::Continue;
    }
    return flow;
}

Runtime::Flow Runtime::runIf(const Statement& statement)
{
    for (std::size_t i = 0; i < statement.values.size(); ++i)
        if (isTrue(evaluate(*statement.values[i])))
            return run(statement.bodies[i]);
    return statement.bodies.size() > statement.values.size() ? run(statement.bodies.back()) : Flow::Next;
}

Runtime::Flow Runtime::runFor(const Statement& statement)
{
    Value items = evaluate(*statement.values[0]);
    m_at = statement.at;
    if (statement.recursive) {
        write(std::string_view(renderItems(statement, items, 0)));
        return Flow::Next;
    }
    const auto loop = std::make_shared<LoopState>();
    loop->items = itemsOf(budget, items);
    return runItems(statement, *loop, statement.usesLoop ? Value(Kind::Loop, loop) : Value());
}

/// The whole of a recursive loop over `items`, as text.
std::string Runtime::renderItems(const Statement& statement, const Value& items, std::int64_t nesting)
{
    const Deeper deeper(*this);
    const auto loop = std::make_shared<LoopState>();
    loop->items = itemsOf(budget, items);
    loop->nesting = nesting;
    m_captured.push_back(m_activation);
    loop->again = [this, &statement, nesting, home = m_activation](const Value& inner) {
        const std::vector<Value> kept = home->slots; // the loop around goes on with its own
        const std::shared_ptr<Activation> outside = std::exchange(m_activation, home);
        std::string text = renderItems(statement, inner, nesting + 1);
        m_activation = outside;
        home->slots = kept;
        return this->text(std::move(text));
    };
    std::string text;
    std::string* const outside = std::exchange(m_out, &text);
    runItems(statement, *loop, Value(Kind::Loop, loop));
    m_out = outside;
    return text;
}

Runtime::Flow Runtime::runItems(const Statement& statement, LoopState& loop, const Value& self)
{
    struct Closing {
        LoopState& loop;
        ~Closing() { loop.close(); }
    } const closing{loop};
    if (statement.values.size() > 1)
        loop.test = [this, &statement](const Value& item) {
            enter(statement.entries[2]);
            assign(*statement.tested, item);
            return isTrue(evaluate(*statement.values[1]));
        };
    while (loop.advance()) {
        budget.step();
        enter(statement.entries[0]);
        if (statement.usesLoop)
            m_activation->slots[statement.loopSlot] = self;
        assign(*statement.targets[0], loop.current);
        if (run(statement.bodies[0]) == Flow::Break)
            break;
    }
    if (statement.usesLoop)
        m_activation->slots[statement.loopSlot] = Value();
    if (loop.index >= 0 || statement.bodies.size() < 2)
        return Flow::Next;
    enter(statement.entries[1]);
    return run(statement.bodies[1]);
}

void Runtime::assign(const Expression& target, const Value& value)
{
    switch (target.kind) {
    case Expression::Kind::Name:
        place(target.place) = value;
        break;
    case Expression::Kind::Member: {
        m_at = target.at;
        const Value& space = place(target.place);
        if (!space.is(Kind::Namespace))
            stop("'{}' is no namespace, so it takes no attribute '{}'", target.text, target.attribute);
        if (target.attribute.starts_with('_'))
            stop("a namespace takes no attribute that starts with '_', as '{}' does", target.attribute);
        auto& attributes = space.space().attributes;
        const auto at = std::ranges::find(attributes, target.attribute, [](const auto& each) { return each.first; });
        if (at != attributes.end())
            at->second = value;
        else
            attributes.emplace_back(target.attribute, value);
        break;
    }
    default: {
        m_at = target.at;
        const std::vector<Value> items = itemsOf(budget, value);
        if (items.size() != target.parts.size())
            stop("{} names cannot take {} values", target.parts.size(), items.size());
        for (std::size_t i = 0; i < items.size(); ++i)
            assign(*target.parts[i], items[i]);
    }
    }
}

std::string Runtime::captured(const Block& body, Flow& flow)
{
    std::string text;
    std::string* const outside = std::exchange(m_out, &text);
    flow = run(body);
    m_out = outside;
    return text;
}

Value Runtime::makeNamespace(std::vector<std::pair<std::string, Value>> attributes)
{
    budget.make(200);
    auto space = std::make_shared<Namespace>();
    space->attributes = std::move(attributes);
    m_namespaces.push_back(space);
    return {Kind::Namespace, std::move(space)};
}

Value Runtime::makeMacro(const Statement& statement)
{
    budget.make(200);
    auto macro = std::make_shared<Callable>();
    macro->name = statement.text;
    macro->macro = &statement;
    macro->outer = m_activation;
    if (m_captured.back() != m_activation)
        m_captured.push_back(m_activation);
    return {Kind::Callable, std::move(macro)};
}

void Runtime::runMacro(const Statement& statement) { place(statement.own) = makeMacro(statement); }

void Runtime::runCall(const Statement& statement)
{
    Value body = makeMacro(statement);
    if (statement.kind == Statement::Kind::CallBlock) {
        write(evaluateCall(*statement.values[0], &body));
        return;
    }
    Arguments none;
    write(callMacro(body.callable(), none));
}

void Runtime::bindParameters(const Callable& callable, Arguments& arguments)
{
    const Statement& macro = *callable.macro;
    auto& slots = m_activation->slots;
    const std::size_t given = std::min(arguments.positional.size(), macro.parameters.size());
    bool hasCaller = false;
    for (std::size_t i = 0; i < macro.parameters.size(); ++i) {
        const Parameter& parameter = macro.parameters[i];
        hasCaller = hasCaller || parameter.name == "caller";
        if (i < given)
            slots[parameter.slot] = arguments.positional[i];
        else if (auto value = arguments.take(parameter.name))
            slots[parameter.slot] = std::move(*value);
    }
    if (macro.takesCaller && !hasCaller) {
        auto caller = arguments.take("caller");
        slots[macro.callerSlot] = caller ? std::move(*caller) : Value::undefined("the macro was called without a caller");
    }
    if (macro.takesNamed) {
        std::vector<std::pair<Value, Value>> named;
        for (auto& [name, value] : arguments.named)
            named.emplace_back(text(name), std::move(value));
        slots[macro.namedSlot] = makeMapping(budget, std::move(named));
    } else if (!arguments.named.empty()) {
        stop("the macro '{}' has no parameter '{}'", callable.name, arguments.named.front().first);
    }
    if (macro.takesMore) {
        std::vector<Value> more(arguments.positional.begin() + static_cast<std::ptrdiff_t>(given), arguments.positional.end());
        slots[macro.moreSlot] = makeSequence(budget, std::move(more), SequenceType::Tuple);
    } else if (arguments.positional.size() > given) {
        stop("the macro '{}' takes at most {} arguments, not {}", callable.name, given, arguments.positional.size());
    }
    enter(macro.entries[0]);
    for (const Parameter& parameter : macro.parameters)
        if (Value& slot = slots[parameter.slot]; slot.is(Kind::Missing))
            slot = parameter.otherwise ? evaluate(*parameter.otherwise)
                                       : Value::undefined(fmt::format("the parameter '{}' was not given", parameter.name));
}

Value Runtime::callMacro(const Callable& callable, Arguments& arguments)
{
    const Deeper deeper(*this);
    const Statement* macro = callable.macro;
    budget.make(macro->slots * sizeof(Value));
    auto activation = std::make_shared<Activation>();
    activation->outer = callable.outer;
    activation->slots.resize(macro->slots);
    const std::shared_ptr<Activation> outside = std::exchange(m_activation, std::move(activation));
    bindParameters(callable, arguments);
    Flow flow = Flow::Next;
    std::string result = captured(macro->bodies[0], flow);
    m_activation = outside;
    return text(std::move(result));
}

} // namespace winnow::jinja
