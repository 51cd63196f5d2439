// The catalog: one line per policy. Tests, the parameter panel and the command line read it.
#include "core/policy/attention_presets.h"
#include "core/policy/baselines.h"
#include "core/policy/recipe_options.h"
#include "core/policy/treekv.h"
#include "core/policy/window_presets.h"

#include "core/base/check.h"

#include <algorithm>
#include <array>

namespace winnow {

std::span<const Preset* const> presets()
{
    static const std::array catalog{
        &fullPreset(),   &windowPreset(),    &streamingPreset(), &h2oPreset(),    &tovaPreset(),
        &snapkvPreset(), &pyramidkvPreset(), &treekvPreset(),    &randomPreset(),
    };
    return catalog;
}

namespace {

const Preset& presetOf(std::string_view name)
{
    const auto all = presets();
    const auto found = std::find_if(all.begin(), all.end(), [&](const Preset* preset) { return preset->info.name == name; });
    WINNOW_CHECK(found != all.end(), "no policy '{}'", name);
    return **found;
}

} // namespace

std::span<const PolicyInfo> policyCatalog()
{
    static const std::vector<PolicyInfo> infos = [] {
        std::vector<PolicyInfo> list;
        for (const Preset* preset : presets())
            list.push_back(preset->info);
        return list;
    }();
    return infos;
}

const PolicyInfo* findPolicy(std::string_view name)
{
    const auto infos = policyCatalog();
    const auto found = std::find_if(infos.begin(), infos.end(), [&](const PolicyInfo& info) { return info.name == name; });
    return found == infos.end() ? nullptr : &*found;
}

PolicySpec resolved(const PolicySpec& spec, int tokens)
{
    const Preset& preset = presetOf(spec.name);
    PolicySpec full = spec;
    for (auto& [key, value] : full.values)
        if (preset.derive && value.empty())
            value = preset.derive(full, key, full.budget().slotCount(tokens));
    return full;
}

Recipe recipeOf(const PolicySpec& spec) { return presetOf(spec.name).recipe(spec); }

Recipe recipeWithShared(const PolicySpec& spec, Acts acts)
{
    Recipe recipe;
    recipe.acts = acts;
    const auto granularity = spec.value("granularity");
    recipe.granularity = granularity == "query" ? Granularity::Query : granularity == "layer" ? Granularity::Layer : Granularity::Kv;
    const auto group = spec.value("group");
    recipe.group = group == "max" ? GroupReduction::Max : group == "sum" ? GroupReduction::Sum : GroupReduction::Mean;
    recipe.positions = spec.value("positions") == "reassign" ? PositionMode::Reassign : PositionMode::Keep;
    return recipe;
}

namespace shared_parameters {

ParameterSpec budget()
{
    return {.id = "budget",
            .title = "Budget",
            .help = "Slots a lane may keep after a step: a number of tokens, or a share of the text such as 25%.",
            .kind = ParameterKind::Budget,
            .least = 1,
            .most = 1e9,
            .initial = "128"};
}

ParameterSpec positions(std::string_view initial)
{
    return {.id = "positions",
            .title = "Positions",
            .help = "Rotary positions after an eviction: keep the original ones, or reassign them by slot.",
            .kind = ParameterKind::Choice,
            .initial = initial,
            .choices = {"keep", "reassign"}};
}

ParameterSpec group()
{
    return {.id = "group",
            .title = "Group",
            .help = "How the rows of the query heads that decide together become one.",
            .kind = ParameterKind::Choice,
            .initial = "mean",
            .choices = {"mean", "max", "sum"}};
}

ParameterSpec granularity(std::string_view initial)
{
    return {.id = "granularity",
            .title = "Granularity",
            .help = "Who decides together: each query head alone, the query heads of a KV head, or all heads of a layer.",
            .kind = ParameterKind::Choice,
            .initial = initial,
            .choices = {"query", "kv", "layer"}};
}

} // namespace shared_parameters

} // namespace winnow
