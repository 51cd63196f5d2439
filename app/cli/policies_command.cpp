// SPDX-License-Identifier: GPL-3.0-or-later
// winnow policies: the catalog, as every part of the program reads it.
#include "app/cli/commands.h"
#include "core/policy/policy_spec.h"

#include <CLI/CLI.hpp>

#include <algorithm>
#include <array>

namespace winnow::cli {

namespace {

constexpr std::array kActs{Acts::Never, Acts::EveryStep, Acts::EndOfPrompt};

std::string_view whenItActs(Acts acts)
{
    switch (acts) {
    case Acts::Never:
        return "never evicts";
    case Acts::EveryStep:
        return "evicts at every step";
    case Acts::EndOfPrompt:
        return "evicts once, at the end of the prompt";
    }
    return {};
}

const ParameterSpec* parameterOf(const PolicyInfo& policy, std::string_view id)
{
    const auto found =
        std::find_if(policy.parameters.begin(), policy.parameters.end(), [&](const auto& known) { return known.id == id; });
    return found == policy.parameters.end() ? nullptr : &*found;
}

/// What must be there beside any trace, as words after "needs:"; empty if nothing.
std::vector<std::string> needsOf(const PolicyInfo& policy)
{
    std::vector<std::string> needs;
    if (policy.acts == Acts::EndOfPrompt)
        needs.push_back("a prompt: --prompt N");
    if (policy.needsValueOutputNorm)
        needs.push_back("a trace with vo_norm, as winnow record and docs/record_trace.py write it");
    for (const ParameterSpec& parameter : policy.parameters)
        if (parameter.kind == ParameterKind::File && parameter.initial.empty())
            needs.push_back(fmt::format("a file: {}=FILE", parameter.id));
    if (const ParameterSpec* positions = parameterOf(policy, "positions"))
        if (std::find(positions->choices.begin(), positions->choices.end(), "reassign") != positions->choices.end())
            needs.push_back("for positions=reassign and once, a model with a rotary embedding");
    return needs;
}

std::string defaultOf(const ParameterSpec& parameter)
{
    if (!parameter.initial.empty())
        return std::string(parameter.initial);
    return parameter.kind == ParameterKind::File ? "none" : "derived";
}

std::string rangeOf(const ParameterSpec& parameter)
{
    constexpr double kOpen = 1e6; // an end so far off is there for the parser only
    const auto numbers = [&](std::string_view kind) {
        return parameter.most >= kOpen ? fmt::format("{}, {:g} or more", kind, parameter.least)
                                       : fmt::format("{}, {:g} to {:g}", kind, parameter.least, parameter.most);
    };
    switch (parameter.kind) {
    case ParameterKind::Budget:
        return "tokens, or per cent of the text such as 25%";
    case ParameterKind::Whole:
        return numbers("whole number");
    case ParameterKind::Real:
        return numbers("number");
    case ParameterKind::Choice:
        return fmt::format("{}", fmt::join(parameter.choices, " | "));
    case ParameterKind::File:
        return "path of a file";
    case ParameterKind::Text:
        return "text";
    }
    return {};
}

/// Whether `winnow policies NAME` tells all that the choice NAME takes of its own.
bool isToldElsewhere(std::string_view choice, std::span<const ParameterSpec> own)
{
    const PolicyInfo* policy = findPolicy(choice);
    return policy != nullptr && std::ranges::all_of(own, [&](const ParameterSpec& one) {
               const ParameterSpec* there = parameterOf(*policy, one.id);
               return there != nullptr && there->help == one.help && there->initial == one.initial;
           });
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
    std::size_t width = 0;
    for (const PolicyInfo& policy : policyCatalog())
        width = std::max(width, policy.name.size());
    for (const Acts acts : kActs) {
        console.say(fmt::format("{}{}:", whenItActs(acts), acts == Acts::EndOfPrompt ? " (needs --prompt)" : ""));
        for (const PolicyInfo& policy : policyCatalog())
            if (policy.acts == acts)
                console.say(fmt::format("  {:<{}}  {}", policy.name, width, policy.summary));
        console.say("");
    }
    console.say("winnow policies NAME shows a policy's parameters, ranges and defaults, what it needs, its paper and its "
                "reference code.");
}

void describe(const PolicyInfo& policy, Console& console)
{
    constexpr std::size_t kWidth = 90, kIndent = 13;
    const auto line = [&](std::string_view name, std::string_view text) {
        console.say(fmt::format("  {:<10} {}", fmt::format("{}:", name), wrapped(text, kWidth, kIndent)));
    };
    console.say(fmt::format("{}: {}", policy.name, policy.title));
    console.say(fmt::format("  {}\n", wrapped(policy.summary, kWidth + kIndent - 2, 2)));
    line("acts", policy.selects ? "never evicts: a selection, every step of which reads part of what is stored"
                                : whenItActs(policy.acts));
    if (policy.merges)
        line("merges", "what leaves goes into slots that stay");
    const auto needs = needsOf(policy);
    line("needs", needs.empty() ? "nothing beyond a trace" : fmt::format("{}", fmt::join(needs, "; ")));
    line("paper", policy.citation.empty() ? "none" : policy.citation);
    line("reference", policy.reference.empty() ? "none published" : policy.reference);
    line("differs", policy.deviations.empty() ? "in nothing that is known" : policy.deviations);
    if (!policy.ties.empty())
        line("ties", policy.ties);
    if (!policy.parameters.empty())
        console.say("\n  parameter     default       range");
    const auto row = [&](std::string_view name, const ParameterSpec& parameter) {
        console.say(fmt::format("  {:<13} {:<13} {}\n{:30}{}", name, defaultOf(parameter), rangeOf(parameter), "",
                                wrapped(parameter.help, 73, 30)));
    };
    for (const ParameterSpec& parameter : policy.parameters) {
        row(parameter.id, parameter);
        std::vector<std::string> elsewhere;
        for (const std::string_view choice : parameter.choices)
            if (const auto own = parameter.own ? parameter.own(choice) : std::span<const ParameterSpec>();
                !own.empty() && isToldElsewhere(choice, own)) {
                elsewhere.emplace_back(choice);
            } else if (!own.empty()) {
                console.say(fmt::format("    of {}={}:", parameter.id, choice));
                for (const ParameterSpec& one : own)
                    row(fmt::format("  {}", one.id), one);
            }
        if (!elsewhere.empty())
            console.say(fmt::format(
                "{:30}{}", "",
                wrapped(fmt::format("`winnow policies NAME` tells what each of {} takes.", fmt::join(elsewhere, ", ")), 73, 30)));
    }
    if (const auto spec = parsePolicySpec(policy.name))
        console.say(fmt::format("\n  with every default written out: {}", spec->canonical()));
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
    CLI::App* command = app.add_subcommand("policies", "List the eviction policies, or describe one");
    command->add_option("name", *name, "a policy's name")->type_name("NAME");
    command->callback([name, &chosen] {
        chosen.usageIsWrongLine = true;
        chosen.work = [name](Console& console) { return tell(*name, console); };
    });
}

} // namespace winnow::cli
