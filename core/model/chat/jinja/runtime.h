// SPDX-License-Identifier: GPL-3.0-or-later
// Runs a bound template: one object for one rendering, on one thread.
#pragma once

#include "core/model/chat/jinja/syntax.h"

#include <ctime>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace winnow::jinja {

/// The variables of the template or of one call of a macro.
struct Activation {
    std::shared_ptr<Activation> outer;
    std::vector<Value> slots;
};

using Variables = std::unordered_map<std::string, Value>;

class Runtime {
public:
    /// Keeps references to `syntax` and `variables`. `now`: for strftime_now.
    Runtime(const Syntax& syntax, const Variables& variables, const std::tm& now, const Limits& limits);
    ~Runtime();
    Runtime(const Runtime&) = delete;
    Runtime& operator=(const Runtime&) = delete;

    /// Once. Faults inside know their place.
    std::string render();

    Budget budget;
    const std::tm& now() const { return m_now; }
    Value call(const Value& callee, Arguments& arguments);
    /// By name, for map, select and their like; `knows` for faults.
    Value filtered(const std::string& name, const Value& value, Arguments arguments);
    bool tested(const std::string& name, const Value& value, Arguments arguments);
    Value makeNamespace(std::vector<std::pair<std::string, Value>> attributes);
    Value text(std::string bytes, bool markup = false) { return makeText(budget, std::move(bytes), markup); }
    Value list(std::vector<Value> items) { return makeSequence(budget, std::move(items)); }
    Value generator(std::vector<Value> items) { return makeSequence(budget, std::move(items), SequenceType::Generator); }

private:
    enum class Flow : std::uint8_t { Next, Break, Continue };
    class Deeper;

    // Statements: runtime.cpp.
    Flow run(const Block& body);
    Flow run(const Statement& statement);
    Flow runIf(const Statement& statement);
    Flow runFor(const Statement& statement);
    Flow runItems(const Statement& statement, LoopState& loop, const Value& self);
    std::string renderItems(const Statement& statement, const Value& items, std::int64_t nesting);
    void runMacro(const Statement& statement);
    void runCall(const Statement& statement);
    std::string captured(const Block& body, Flow& flow);
    void enter(const std::vector<Entry>& entries);
    void assign(const Expression& target, const Value& value);
    Value& place(const Place& place);
    Value makeMacro(const Statement& statement);
    Value callMacro(const Callable& macro, Arguments& arguments);
    void bindParameters(const Callable& macro, Arguments& arguments);
    void write(const Value& value);
    void write(std::string_view text);

    // Expressions: evaluate.cpp.
    Value evaluate(const Expression& expression);
    Value evaluateName(const Expression& expression);
    Value evaluateBinary(const Expression& expression);
    Value evaluateComparison(const Expression& expression);
    Value evaluateConcatenation(const Expression& expression);
    Value evaluateCall(const Expression& expression, const Value* caller = nullptr);
    Value evaluateFilter(const Expression& expression, const Value* input = nullptr);
    Value evaluateTest(const Expression& expression);
    std::vector<Value> evaluateAll(const std::vector<ExpressionPtr>& parts);
    void evaluateArguments(const Expression& call, Arguments& arguments);

    const Syntax& m_syntax;
    const Variables& m_variables;
    std::tm m_now;
    std::shared_ptr<Activation> m_activation;
    std::string* m_out = nullptr;
    std::size_t m_at = 0; // what is being run
    int m_depth = 0;
    // Emptied at the end, for these may hold each other.
    std::vector<std::shared_ptr<const Object>> m_namespaces;
    std::vector<std::shared_ptr<Activation>> m_captured;
};

} // namespace winnow::jinja
