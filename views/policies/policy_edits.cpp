// SPDX-License-Identifier: GPL-3.0-or-later
#include "views/policies/policy_edits.h"

#include "core/replay/check_policy.h"

#include <algorithm>
#include <numeric>

namespace winnow::views {

bool sameSpec(const PolicySpec& a, const PolicySpec& b) { return a.name == b.name && a.values == b.values; }

const ParameterSpec* missingFile(const PolicySpec& spec)
{
    for (const ParameterSpec& parameter : findPolicy(spec.name)->parameters)
        if (parameter.kind == ParameterKind::File && spec.value(parameter.id).empty())
            return &parameter;
    return nullptr;
}

int PolicyEdits::Change::numberOf(int old) const
{
    const auto at = std::find(origin.begin(), origin.end(), old);
    return at != origin.end() ? static_cast<int>(at - origin.begin()) : std::min(old, static_cast<int>(origin.size()) - 1);
}

void PolicyEdits::setData(const ViewData& data)
{
    m_data = data;
    if (!data.replay)
        return;
    std::vector<PolicySpec> specs;
    for (const auto& policy : data.replay->policies)
        if (!policy->isRun())
            specs.push_back(policy->spec);
    if (m_own && !std::equal(specs.begin(), specs.end(), m_specs.begin(), m_specs.end(), sameSpec))
        return;
    m_own = false;
    m_specs = std::move(specs);
    m_notes.resize(m_specs.size());
}

void PolicyEdits::setSpecs(std::vector<PolicySpec> specs)
{
    m_specs = std::move(specs);
    m_notes.resize(m_specs.size());
    m_own = true;
}

int PolicyEdits::tokens() const
{
    return m_data.replay ? static_cast<int>(m_data.replay->tokenIds.size())
           : m_data.info ? static_cast<int>(m_data.info->tokens.size())
                         : 0;
}

int PolicyEdits::prompt() const
{
    return m_prompt >= 0 ? m_prompt : m_data.replay ? m_data.replay->prompt : m_data.info ? m_data.info->prompt : 0;
}

const PolicyReplay* PolicyEdits::replayOf(int policy, bool& stale) const
{
    if (!m_data.replay || policy >= static_cast<int>(m_data.replay->policies.size()))
        return nullptr;
    const PolicyReplay& replay = *m_data.replay->policies[static_cast<std::size_t>(policy)];
    if (replay.isRun()) // there are fewer replays than policies yet
        return nullptr;
    stale = !sameSpec(replay.spec, spec(policy));
    return replay.spec.name == spec(policy).name ? &replay : nullptr;
}

// --- values

Result<PolicySpec> PolicyEdits::checked(Result<PolicySpec> spec) const
{
    if (spec && m_data.info && !m_data.info->layers.empty())
        WINNOW_TRY_VOID(checkPolicy(*m_data.info, *spec, prompt()));
    else if (spec && tokens() > 0)
        WINNOW_TRY_VOID(checkSpec(*spec, tokens(), prompt()));
    return spec;
}

Result<PolicySpec> PolicyEdits::withValue(int policy, std::string_view key, std::string_view value) const
{
    return checked(spec(policy).with(std::string(key), std::string(value)));
}

Result<PolicySpec> PolicyEdits::withDefaults(int policy) const
{
    const std::string budget(spec(policy).value("budget"));
    return checked(parsePolicySpec(budget.empty() ? spec(policy).name : spec(policy).name + ":budget=" + budget));
}

Result<PolicySpec> PolicyEdits::fresh(std::string_view name, int like) const
{
    std::string line(name);
    if (const PolicyInfo* info = findPolicy(name); info && has(like)) {
        const std::string budget(spec(like).value("budget"));
        const bool takes = std::any_of(info->parameters.begin(), info->parameters.end(),
                                       [](const ParameterSpec& parameter) { return parameter.id == "budget"; });
        if (takes && !budget.empty())
            line += ":budget=" + budget;
    }
    return parsePolicySpec(line);
}

bool PolicyEdits::store(int policy, PolicySpec changed)
{
    note(policy).error.clear();
    note(policy).refused.clear();
    if (sameSpec(spec(policy), changed))
        return false;
    m_specs[static_cast<std::size_t>(policy)] = std::move(changed);
    m_own = true;
    return true;
}

// --- order

PolicyEdits::Change PolicyEdits::unchanged() const
{
    Change change{m_specs, std::vector<int>(m_specs.size())};
    std::iota(change.origin.begin(), change.origin.end(), 0);
    return change;
}

PolicyEdits::Change PolicyEdits::duplicated(int policy) const
{
    Change change = unchanged();
    change.specs.insert(change.specs.begin() + policy + 1, spec(policy));
    change.origin.insert(change.origin.begin() + policy + 1, -1);
    return change;
}

std::optional<PolicyEdits::Change> PolicyEdits::removed(int policy) const
{
    if (count() < 2 || !has(policy))
        return std::nullopt;
    Change change = unchanged();
    change.specs.erase(change.specs.begin() + policy);
    change.origin.erase(change.origin.begin() + policy);
    return change;
}

PolicyEdits::Change PolicyEdits::moved(int from, int to) const
{
    Change change = unchanged();
    change.specs.erase(change.specs.begin() + from);
    change.origin.erase(change.origin.begin() + from);
    change.specs.insert(change.specs.begin() + to, spec(from));
    change.origin.insert(change.origin.begin() + to, from);
    return change;
}

PolicyEdits::Change PolicyEdits::appended(PolicySpec spec) const
{
    Change change = unchanged();
    change.specs.push_back(std::move(spec));
    change.origin.push_back(-1);
    return change;
}

void PolicyEdits::apply(const Change& change)
{
    std::vector<Note> notes;
    for (const int old : change.origin)
        notes.push_back(old < 0 ? Note() : note(old));
    m_specs = change.specs;
    m_notes = std::move(notes);
    m_own = true;
}

} // namespace winnow::views
