// winnow policies: the catalog, as every part of the program reads it.
#include "app/cli/commands.h"
#include "core/policy/policy_spec.h"

#include <CLI/CLI.hpp>

namespace winnow::cli {

namespace {

std::string whenItActs(Acts acts)
{
    switch (acts) {
    case Acts::Never: return "never evicts";
    case Acts::EveryStep: return "evicts at every step";
    case Acts::EndOfPrompt: return "evicts once, at the end of the prompt (needs --prompt)";
    }
    return {};
}

std::string rangeOf(const ParameterSpec& parameter)
{
    switch (parameter.kind) {
    case ParameterKind::Budget: return "tokens or per cent";
    case ParameterKind::Whole:
    case ParameterKind::Real: return fmt::format("{:g} to {:g}", parameter.least, parameter.most);
    case ParameterKind::Choice: return fmt::format("{}", fmt::join(parameter.choices, " | "));
    }
    return {};
}

/// Breaks `text` into lines of at most `width` characters at spaces, each after the first led by `indent` spaces.
std::string wrapped(std::string_view text, std::size_t width, std::size_t indent)
{
    std::string lines;
    std::size_t column = 0;
    while (!text.empty()) {
        const std::size_t space = std::min(text.find(' '), text.size());
        const std::string_view word = text.substr(0, space);
        if (column > 0 && column + 1 + word.size() > width) {
            lines += "\n" + std::string(indent, ' ');
            column = 0;
        } else if (column > 0) {
            lines += ' ';
            ++column;
        }
        lines += word;
        column += word.size();
        text.remove_prefix(std::min(space + 1, text.size()));
    }
    return lines;
}

void listAll(Console& console)
{
    for (const PolicyInfo& policy : policyCatalog())
        console.say(fmt::format("{:<12} {:<14} {}", policy.name, policy.title, wrapped(policy.summary, 92, 28)));
    console.say("\nwinnow policies NAME tells a policy's parameters, defaults and paper.");
}

void describe(const PolicyInfo& policy, Console& console)
{
    console.say(fmt::format("{}: {}", policy.name, policy.title));
    console.say(fmt::format("  {}", wrapped(policy.summary, 100, 2)));
    console.say(fmt::format("  {}", whenItActs(policy.acts)));
    if (!policy.citation.empty())
        console.say(fmt::format("  paper: {}", wrapped(policy.citation, 92, 9)));
    if (!policy.reference.empty())
        console.say(fmt::format("  held to: {}", policy.reference));
    if (!policy.deviations.empty())
        console.say(fmt::format("  differs: {}", wrapped(policy.deviations, 90, 11)));
    console.say("\n  parameter     default       range");
    for (const ParameterSpec& parameter : policy.parameters)
        console.say(fmt::format("  {:<13} {:<13} {}\n{:31}{}", parameter.id, parameter.initial.empty() ? "derived" : parameter.initial,
                                rangeOf(parameter), "", wrapped(parameter.help, 70, 31)));
    if (const auto spec = parsePolicySpec(policy.name))
        console.say(fmt::format("\n  as typed with every default: {}", spec->canonical()));
}

Result<void> tell(const std::string& name, Console& console)
{
    if (name.empty()) {
        listAll(console);
        return {};
    }
    if (const PolicyInfo* policy = findPolicy(name)) {
        describe(*policy, console);
        return {};
    }
    const auto parsed = parsePolicySpec(name); // its sentence names the nearest right one
    return parsed ? tell(parsed->name, console) : fail(parsed.error());
}

} // namespace

void addPolicies(CLI::App& app, Chosen& chosen)
{
    auto name = std::make_shared<std::string>();
    CLI::App* command = app.add_subcommand("policies", "List the eviction policies, or tell all about one");
    command->add_option("name", *name, "a policy's name")->type_name("NAME");
    command->callback([name, &chosen] { chosen.work = [name](Console& console) { return tell(*name, console); }; });
}

} // namespace winnow::cli
