// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/policy/followed_by.h"

#include "core/policy/quoted_value.h"

#include <algorithm>
#include <array>
#include <map>

namespace winnow {

namespace {

constexpr std::array<std::string_view, 4> kShared{"budget", "positions", "group", "granularity"};

bool isShared(std::string_view key) { return std::find(kShared.begin(), kShared.end(), key) != kShared.end(); }

/// A second policy with every parameter it knows; the shared ones from `first`, as far as both have them.
PolicySpec secondOf(const Preset& preset, const PolicySpec& first, const PolicySpec& own)
{
    PolicySpec second{.name = own.name};
    for (const ParameterSpec& parameter : preset.info.parameters) {
        const std::string_view given = (isShared(parameter.id) ? first : own).value(parameter.id);
        second.values.emplace_back(parameter.id, given.empty() ? parameter.initial : given);
    }
    return second;
}

bool mayFollow(const Preset& preset)
{
    if (preset.info.acts != Acts::EveryStep || preset.info.oracle)
        return false;
    PolicySpec spec = secondOf(preset, {}, {.name = std::string(preset.info.name)});
    fillDerived(preset, spec, 128);
    const Recipe recipe = preset.recipe(spec);
    return recipe.selector && !recipe.promptScorer && !recipe.merges && !recipe.foresees;
}

/// The policies that may follow, each with its own parameters.
const std::map<std::string_view, std::pair<const Preset*, std::vector<ParameterSpec>>, std::less<>>& followers()
{
    static const auto all = [] {
        std::map<std::string_view, std::pair<const Preset*, std::vector<ParameterSpec>>, std::less<>> found;
        for (const Preset* preset : presets())
            if (mayFollow(*preset)) {
                auto& [policy, own] = found[preset->info.name];
                policy = preset;
                std::copy_if(preset->info.parameters.begin(), preset->info.parameters.end(), std::back_inserter(own),
                             [](const ParameterSpec& parameter) { return !isShared(parameter.id); });
            }
        return found;
    }();
    return all;
}

const Preset* followerIn(const PolicySpec& spec)
{
    const auto found = followers().find(spec.choice("then").name);
    return found == followers().end() ? nullptr : found->second.first;
}

std::span<const ParameterSpec> ownOfFollower(std::string_view name)
{
    const auto found = followers().find(name);
    return found == followers().end() ? std::span<const ParameterSpec>() : found->second.second;
}

} // namespace

ParameterSpec thenParameter()
{
    ParameterSpec parameter{.id = "then",
                            .title = "Then",
                            .help = "A policy that goes on choosing at every later step, under the same budget; none: later "
                                    "tokens are appended and never leave. Its own parameters stand in braces, as in "
                                    "then=h2o{recent=32}.",
                            .kind = ParameterKind::Choice,
                            .initial = "none",
                            .choices = {"none"},
                            .own = ownOfFollower};
    for (const Preset* preset : presets())
        if (followers().contains(preset->info.name))
            parameter.choices.push_back(preset->info.name);
    return parameter;
}

PolicySpec derivedThen(PolicySpec spec, int slots)
{
    const Preset* preset = followerIn(spec);
    if (!preset || !preset->derive)
        return spec;
    PolicySpec second = secondOf(*preset, spec, spec.choice("then"));
    fillDerived(*preset, second, slots);
    std::string own;
    for (const auto& [key, value] : second.values)
        if (!isShared(key))
            own += fmt::format("{}{}={}", own.empty() ? "" : ",", key, quotedIfNeeded(unquoted(value)));
    for (auto& [key, value] : spec.values)
        if (key == "then" && !own.empty())
            value = fmt::format("{}{{{}}}", second.name, own);
    return spec;
}

Recipe followedBy(Recipe first, const PolicySpec& spec)
{
    const Preset* preset = followerIn(spec);
    if (!preset)
        return first;
    Recipe recipe = preset->recipe(secondOf(*preset, spec, spec.choice("then")));
    recipe.granularity = first.granularity;
    recipe.group = first.group;
    recipe.positions = first.positions;
    recipe.promptProtection = first.protection;
    recipe.promptScorer = std::move(first.promptScorer);
    recipe.promptSelector = first.promptSelector ? std::move(first.promptSelector) : std::move(first.selector);
    recipe.budget = std::move(first.budget);
    recipe.merges = first.merges;
    recipe.mergedLogit = first.mergedLogit;
    recipe.headScores = std::move(first.headScores);
    return recipe;
}

std::string contradictionInThen(const PolicySpec& spec, int slots)
{
    const Preset* preset = followerIn(spec);
    if (!preset)
        return {};
    const PolicySpec second = secondOf(*preset, spec, spec.choice("then"));
    if (preset->contradiction)
        if (const std::string own = preset->contradiction(second, slots); !own.empty())
            return fmt::format("then={}: {}", second.name, own);
    const Recipe recipe = preset->recipe(second);
    if (recipe.promptScorer || !recipe.budget->uniform())
        return fmt::format("then={} is asked to choose or to divide the budget at the prompt's end itself, which is the first "
                           "policy's; leave that parameter out",
                           second.name);
    return {};
}

} // namespace winnow
