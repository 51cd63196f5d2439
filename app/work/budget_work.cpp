// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/work/budget_work.h"

#include "core/analysis/budget_sweep.h"
#include "core/analysis/job_part.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>
#include <map>

namespace winnow::app {

namespace {

constexpr int kMostReplays = 8;  ///< of one policy, while its budget is looked for
constexpr double kNear = 0.0025; ///< bytes that differ by less are equal

bool hasBudget(const PolicySpec& spec) { return !spec.value("budget").empty(); }

std::vector<std::string_view> derivedKeys(const PolicySpec& spec)
{
    std::vector<std::string_view> keys;
    if (const PolicyInfo* info = findPolicy(spec.name))
        for (const ParameterSpec& parameter : info->parameters)
            if (parameter.initial.empty() && parameter.kind != ParameterKind::Budget)
                keys.push_back(parameter.id);
    return keys;
}

/// Bytes stored at a budget; below 0 where the policy cannot have so few slots.
Result<double> bytesAt(const Trace& trace, const PolicySpec& spec, int prompt, const JobContext& job)
{
    if (!checkSpec(spec, trace.tokenCount(), prompt))
        return -1;
    WINNOW_TRY(const auto result, replay(trace, std::span(&spec, 1), {.prompt = prompt, .oracle = false}, job));
    return meanBytes(*result, *result->policies.front(), {}, {prompt, trace.tokenCount()});
}

} // namespace

Result<PolicySpec> withBudget(const PolicySpec& spec, int budget)
{
    PolicySpec loose = spec;
    const std::vector<std::string_view> derived = derivedKeys(spec);
    std::erase_if(loose.typed,
                  [&](const std::string& key) { return std::find(derived.begin(), derived.end(), key) != derived.end(); });
    WINNOW_TRY(const PolicySpec usual, loose.with("budget", spec.value("budget")));
    for (const std::string_view key : derived) // what differs from the usual was chosen, and stays
        if (usual.value(key) != spec.value(key))
            loose.typed.emplace_back(key);
    return loose.with("budget", std::to_string(budget));
}

Result<std::vector<int>> readBudgets(std::string_view typed, int tokens)
{
    std::vector<int> budgets;
    while (!typed.empty()) {
        const std::size_t end = std::min(typed.find_first_of(", ;"), typed.size());
        std::string_view word = typed.substr(0, end);
        typed.remove_prefix(std::min(end + 1, typed.size()));
        if (word.empty())
            continue;
        Budget budget;
        const std::string_view whole = word;
        budget.percent = word.ends_with('%');
        if (budget.percent)
            word.remove_suffix(1);
        const auto [last, error] = std::from_chars(word.data(), word.data() + word.size(), budget.amount);
        const bool good = error == std::errc() && last == word.data() + word.size() && budget.amount > 0 &&
                          budget.amount <= 1e9 &&
                          (budget.percent ? budget.amount <= 100 : budget.amount == std::floor(budget.amount));
        if (!good)
            return fail(ErrorCode::Usage, "'{}' is no budget; type slots (128) or a share of the text (25%), with commas between",
                        whole);
        const int count = budget.slotCount(tokens);
        if (count < 1 || count > tokens)
            return fail(ErrorCode::Usage, "a budget of '{}' is {} slots, and the text has {} tokens; take fewer", whole, count,
                        tokens);
        budgets.push_back(count);
    }
    if (budgets.empty())
        return fail(ErrorCode::Usage, "there is no budget; type some, for example 32, 64, 128");
    std::sort(budgets.begin(), budgets.end());
    budgets.erase(std::unique(budgets.begin(), budgets.end()), budgets.end());
    return budgets;
}

Result<std::shared_ptr<const ReplayResult>> sweepBudgets(const Trace& trace, const PolicySpec& spec, std::span<const int> budgets,
                                                         int prompt,
                                                         const std::function<void(std::shared_ptr<const ReplayResult>)>& advanced,
                                                         const JobContext& job)
{
    std::shared_ptr<ReplayResult> all;
    for (std::size_t i = 0; i < budgets.size(); ++i) {
        WINNOW_TRY_VOID(job.check("the sweep"));
        WINNOW_TRY(const PolicySpec one, withBudget(spec, budgets[i]));
        WINNOW_TRY_VOID(checkSpec(one, trace.tokenCount(), prompt));
        const JobContext part = partOf(job, double(i) / double(budgets.size()), double(i + 1) / double(budgets.size()));
        WINNOW_TRY(const auto result, replay(trace, std::span(&one, 1), {.prompt = prompt}, part));
        auto more = std::make_shared<ReplayResult>(all ? *all : *result);
        if (all)
            more->policies.push_back(result->policies.front());
        all = std::move(more);
        advanced(all);
    }
    return all;
}

Result<std::vector<PolicySpec>> matchBytes(const Trace& trace, std::span<const PolicySpec> specs, int focus, int prompt,
                                           const JobContext& job)
{
    std::vector<PolicySpec> matched(specs.begin(), specs.end());
    WINNOW_TRY(const double wanted, bytesAt(trace, specs[static_cast<std::size_t>(focus)], prompt, job));
    if (!(wanted > 0))
        return fail(ErrorCode::BadInput, "the recording does not tell the bytes of a slot, so memory cannot be matched");
    for (std::size_t p = 0; p < specs.size(); ++p) {
        if (static_cast<int>(p) == focus || !hasBudget(specs[p]))
            continue;
        std::map<int, double> tried; // bytes by budget
        int budget = std::clamp(specs[p].budget().slotCount(trace.tokenCount()), 1, trace.tokenCount());
        int best = budget;
        while (static_cast<int>(tried.size()) < kMostReplays && !tried.contains(budget)) {
            WINNOW_TRY_VOID(job.check("matching memory"));
            const double at = (double(p) + double(tried.size()) / kMostReplays) / double(specs.size());
            WINNOW_TRY(const PolicySpec one, withBudget(specs[p], budget));
            WINNOW_TRY(const double bytes,
                       bytesAt(trace, one, prompt, partOf(job, at, at + 1.0 / kMostReplays / double(specs.size()))));
            tried[budget] = bytes;
            const auto far = [&](int at) { return tried.contains(at) && tried[at] > 0 ? std::abs(tried[at] - wanted) : 1e300; };
            if (far(budget) < far(best))
                best = budget;
            if (far(budget) <= kNear * wanted)
                break;
            int below = 0, above = trace.tokenCount() + 1;
            for (const auto& [budgetTried, stored] : tried)
                (stored < wanted ? below : above) = stored < wanted ? budgetTried : std::min(above, budgetTried);
            budget = bytes > 0 ? nextBudget(budget, bytes, wanted, trace.tokenCount()) : (below + above) / 2;
            if (budget <= below || budget >= above)
                budget = (below + above) / 2;
        }
        if (best != specs[p].budget().slotCount(trace.tokenCount())) {
            WINNOW_TRY(matched[p], withBudget(specs[p], best));
        }
    }
    return matched;
}

} // namespace winnow::app
