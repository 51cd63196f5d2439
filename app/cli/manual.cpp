// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/manual.h"

#include "core/analysis/figures/figure_catalog.h"
#include "core/policy/policy_spec.h"
#include "core/tasks/task_catalog.h"

#include <CLI/CLI.hpp>
#include <fmt/ranges.h>

#include <algorithm>
#include <sstream>

namespace winnow::cli {

namespace {

using Names = std::vector<std::string>;

/// Text that man shows as it is.
std::string roff(std::string_view text)
{
    std::string safe;
    for (const char c : text)
        if (c == '\\')
            safe += "\\e";
        else if (c == '-')
            safe += "\\-";
        else
            safe += c;
    return safe.starts_with(".") || safe.starts_with("'") ? "\\&" + safe : safe;
}

std::string roffLines(std::string_view text)
{
    std::istringstream lines{std::string(text)};
    std::string page, line;
    while (std::getline(lines, line))
        page += roff(line) + "\n";
    return page;
}

std::vector<const CLI::App*> commandsOf(const CLI::App& app)
{
    return app.get_subcommands([](const CLI::App*) { return true; });
}

/// What a value of the option is called, without what checks it; "" of a flag.
std::string valueOf(const CLI::Option& option)
{
    const std::string name = option.get_items_expected_max() == 0 ? std::string() : option.get_type_name();
    return name.substr(0, name.find(':'));
}

Names wordsOf(const CLI::Option& option)
{
    Names words;
    for (const std::string& name : option.get_snames())
        words.push_back("-" + name);
    for (const std::string& name : option.get_lnames())
        words.push_back("--" + name);
    return words;
}

std::string optionEntry(const CLI::Option& option)
{
    const Names words = wordsOf(option);
    const std::string value = valueOf(option);
    std::string head = words.empty() ? fmt::format("\\fI{}\\fR", roff(value.empty() ? option.get_name() : value))
                                     : fmt::format("\\fB{}\\fR", roff(fmt::format("{}", fmt::join(words, ", "))));
    if (!words.empty() && !value.empty())
        head += fmt::format(" \\fI{}\\fR", roff(value));
    const std::string usual = option.get_default_str();
    return fmt::format(".TP\n{}\n{}{}\n", head, roff(option.get_description()),
                       usual.empty() ? "" : roff(fmt::format(" [{}]", usual)));
}

std::string entriesOf(const CLI::App& command)
{
    std::string entries;
    for (const bool positional : {true, false})
        for (const CLI::Option* option : command.get_options())
            if (wordsOf(*option).empty() == positional && option != command.get_help_ptr())
                entries += optionEntry(*option);
    return entries;
}

std::string synopsisOf(const CLI::App& command)
{
    std::string line = fmt::format("\\fBwinnow {}\\fR", roff(command.get_name()));
    bool options = false;
    for (const CLI::Option* option : command.get_options()) {
        if (wordsOf(*option).empty())
            line += fmt::format(" \\fI{}\\fR", roff(valueOf(*option)));
        options = options || (!wordsOf(*option).empty() && option != command.get_help_ptr());
    }
    return options ? line + " [\\fIoptions\\fR]" : line;
}

/// Options of a command, with their descriptions.
std::vector<std::pair<std::string, std::string>> optionsOf(const CLI::App& command)
{
    std::vector<std::pair<std::string, std::string>> options;
    for (const CLI::Option* option : command.get_options())
        for (const std::string& name : option->get_lnames())
            options.emplace_back("--" + name, option->get_description());
    return options;
}

/// What the words behind a command may be, beside files.
std::vector<std::pair<std::string, Names>> namesOfCommands()
{
    Names policies, figures, tasks;
    for (const PolicyInfo& policy : policyCatalog())
        policies.emplace_back(policy.name);
    for (const FigureKind& figure : figureCatalog())
        figures.emplace_back(figure.name);
    for (const tasks::TaskInfo& task : tasks::taskCatalog())
        tasks.emplace_back(task.name);
    return {{"policies", policies}, {"figure", figures}, {"tasks", tasks}, {"completion", {"bash", "zsh", "fish"}}};
}

/// In single quotes, for any shell.
std::string shellQuoted(std::string_view text)
{
    std::string safe = "'";
    for (const char c : text)
        if (c == '\'')
            safe += "’";
        else
            safe += c == '\n' ? ' ' : c;
    return safe + "'";
}

std::string bashScript(const CLI::App& app)
{
    Names commands;
    std::string cases;
    const auto named = namesOfCommands();
    for (const CLI::App* command : commandsOf(app)) {
        Names words;
        for (const auto& [option, help] : optionsOf(*command))
            words.push_back(option);
        const auto names = std::ranges::find(named, command->get_name(), &std::pair<std::string, Names>::first);
        cases += fmt::format("    {})\n        options='{}'\n        names='{}'\n        ;;\n", command->get_name(),
                             fmt::join(words, " "), names == named.end() ? "" : fmt::format("{}", fmt::join(names->second, " ")));
        commands.push_back(command->get_name());
    }
    return fmt::format(R"(# bash completion for winnow, printed by `winnow completion bash`
_winnow() {{
    local current=${{COMP_WORDS[COMP_CWORD]}} options='' names='' policies='{}'
    COMPREPLY=()
    if ((COMP_CWORD == 1)); then
        names='{}'
        options='--help --version --self-test'
    else
        case ${{COMP_WORDS[1]}} in
{}        esac
        [[ ${{COMP_WORDS[COMP_CWORD - 1]}} == --policy ]] && names=$policies
    fi
    if [[ $current == -* ]]; then
        mapfile -t COMPREPLY < <(compgen -W "$options" -- "$current")
    else
        mapfile -t COMPREPLY < <(compgen -W "$names" -- "$current"; compgen -f -- "$current")
        compopt -o filenames 2>/dev/null
    fi
}}
complete -F _winnow winnow
)",
                       fmt::join(named.front().second, " "), fmt::join(commands, " "), cases);
}

/// A colon parts a word from its description.
std::string zshEntry(std::string_view word, std::string_view help)
{
    return fmt::format("            {}\n", shellQuoted(fmt::format("{}:{}", word, help)));
}

std::string zshScript(const CLI::App& app)
{
    std::string commands, cases;
    const auto named = namesOfCommands();
    for (const CLI::App* command : commandsOf(app)) {
        commands += zshEntry(command->get_name(), command->get_description());
        std::string options;
        for (const auto& [option, help] : optionsOf(*command))
            options += zshEntry(option, help);
        const auto names = std::ranges::find(named, command->get_name(), &std::pair<std::string, Names>::first);
        cases += fmt::format("    {})\n        words_of=(\n{}        )\n        names=({})\n        ;;\n", command->get_name(),
                             options, names == named.end() ? "" : fmt::format("{}", fmt::join(names->second, " ")));
    }
    return fmt::format(R"(#compdef winnow
# zsh completion for winnow, printed by `winnow completion zsh`
_winnow() {{
    local -a words_of names
    if ((CURRENT == 2)); then
        words_of=(
{}        )
        _describe command words_of
        _files
        return
    fi
    case $words[2] in
{}    esac
    [[ $words[CURRENT-1] == --policy ]] && names=({})
    [[ $PREFIX == -* ]] && {{ _describe option words_of; return }}
    compadd -a names
    _files
}}
_winnow "$@"
)",
                       commands, cases, fmt::join(named.front().second, " "));
}

std::string fishScript(const CLI::App& app)
{
    std::string script = "# fish completion for winnow, printed by `winnow completion fish`\n";
    for (const CLI::App* command : commandsOf(app)) {
        script += fmt::format("complete -c winnow -n __fish_use_subcommand -a {} -d {}\n", command->get_name(),
                              shellQuoted(command->get_description()));
        for (const CLI::Option* option : command->get_options())
            for (const std::string& name : option->get_lnames())
                script +=
                    fmt::format("complete -c winnow -n '__fish_seen_subcommand_from {}' -l {}{} -d {}\n", command->get_name(),
                                name, valueOf(*option).empty() ? "" : " -r", shellQuoted(option->get_description()));
    }
    for (const auto& [command, names] : namesOfCommands())
        script += fmt::format("complete -c winnow -n '__fish_seen_subcommand_from {}' -a '{}'\n", command, fmt::join(names, " "));
    return script;
}

} // namespace

std::string manualPage(const CLI::App& app, std::string_view version)
{
    std::string page = fmt::format(".TH WINNOW 1 \"\" \"winnow {}\" \"User Commands\"\n.SH NAME\nwinnow \\- {}\n.SH SYNOPSIS\n"
                                   "\\fBwinnow\\fR [\\fIfile or folder\\fR ...]\n",
                                   version, "which tokens a KV-cache eviction policy keeps, and what that costs");
    for (const CLI::App* command : commandsOf(app))
        page += ".br\n" + synopsisOf(*command) + "\n";
    page += ".SH DESCRIPTION\n.nf\n" + roffLines(app.get_footer()) + ".fi\n.SH OPTIONS\n" + entriesOf(app) + ".SH COMMANDS\n";
    for (const CLI::App* command : commandsOf(app)) {
        page += fmt::format(".SS {}\n{}\n{}", roff("winnow " + command->get_name()), roffLines(command->get_description()),
                            entriesOf(*command));
        if (const std::string footer = command->get_footer(); footer != app.get_footer()) // which commands inherit
            page += ".PP\n.nf\n" + roffLines(footer) + ".fi\n";
    }
    return page;
}

std::string completionScript(const CLI::App& app, Shell shell)
{
    return shell == Shell::Bash ? bashScript(app) : shell == Shell::Zsh ? zshScript(app) : fishScript(app);
}

void addManual(CLI::App& app, Chosen& chosen)
{
    CLI::App* command = app.add_subcommand("manual", "Print this help as a manual page: winnow manual | man -l -");
    command->callback([&app, &chosen] {
        chosen.work = [&app](Console& console) -> Result<void> {
            console.sayText(manualPage(app, WINNOW_VERSION));
            return {};
        };
    });
}

void addCompletion(CLI::App& app, Chosen& chosen)
{
    auto shell = std::make_shared<std::string>();
    CLI::App* command = app.add_subcommand(
        "completion", "Print a script that completes winnow's commands and options in a shell, which sources it");
    command->add_option("shell", *shell, "bash, zsh or fish")
        ->required()
        ->type_name("SHELL")
        ->check(CLI::IsMember({"bash", "zsh", "fish"}));
    command->callback([shell, &app, &chosen] {
        chosen.work = [shell, &app](Console& console) -> Result<void> {
            console.sayText(completionScript(app, *shell == "bash" ? Shell::Bash : *shell == "zsh" ? Shell::Zsh : Shell::Fish));
            return {};
        };
    });
}

} // namespace winnow::cli
