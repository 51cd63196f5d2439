// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/policy_lines.h"

#include "core/policy/policy_budgets.h"

#include <CLI/CLI.hpp>

#include <algorithm>
#include <charconv>
#include <cmath>

namespace winnow::cli {

namespace {

std::vector<std::string> splitAtCommas(const std::string& list)
{
    std::vector<std::string> parts;
    for (std::size_t begin = 0; begin <= list.size();) {
        const std::size_t comma = std::min(list.find(',', begin), list.size());
        parts.push_back(list.substr(begin, comma - begin));
        begin = comma + 1;
    }
    return parts;
}

/// "" = understood.
std::string checkBudget(const std::string& typed)
{
    double amount = 0;
    const bool percent = typed.ends_with('%');
    const char* const last = typed.data() + typed.size() - (percent ? 1 : 0);
    const auto [end, error] = std::from_chars(typed.data(), last, amount);
    const bool understood =
        error == std::errc() && end == last && amount > 0 && (percent ? amount <= 100 : amount == std::floor(amount));
    return understood
               ? std::string()
               : fmt::format("takes numbers of tokens from 1 on or shares up to 100%, such as 64,128,25%, not '{}'", typed);
}

/// For --budget: budgets with commas between them.
std::string checkBudgets(const std::string& list)
{
    for (const std::string& budget : splitAtCommas(list))
        if (std::string problem = checkBudget(budget); !problem.empty())
            return problem;
    return {};
}

} // namespace

Result<std::vector<PolicySpec>> specsOf(const PolicyLines& line, Console& console)
{
    std::vector<PolicySpec> typed;
    for (const std::string& one : line.policies) {
        WINNOW_TRY(PolicySpec spec, parsePolicySpec(one));
        typed.push_back(std::move(spec));
    }
    if (line.budgets.empty())
        return typed;
    if (std::ranges::none_of(typed, takesBudget))
        console.warn("every policy has a budget of its own or needs none, so --budget changes nothing");
    return atBudgets(typed, splitAtCommas(line.budgets));
}

CLI::Option* addPolicyLines(CLI::App& command, FileOptions& files, PolicyLines& lines, const std::string& verb)
{
    CLI::Option* const policy = files.readsPolicies(
        command.add_option("--policy", lines.policies, "a policy, e.g. treekv:budget=128,sinks=4; give it once for each policy"));
    policy->required()->type_name("SPEC")->expected(1)->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
    command
        .add_option("--budget", lines.budgets,
                    verb + " every policy whose line names no budget at each of these, e.g. 64,128,25%")
        ->type_name("N,…")
        ->check(checkBudgets)
        ->needs(policy);
    return policy;
}

} // namespace winnow::cli
