// SPDX-License-Identifier: GPL-3.0-or-later
// The catalog: one line per policy. Tests, the parameter panel and the command line read it.
#include "core/policy/presets/attention_presets.h"
#include "core/policy/presets/baselines.h"
#include "core/policy/presets/cake.h"
#include "core/policy/presets/cam.h"
#include "core/policy/presets/divided_presets.h"
#include "core/policy/presets/future_mass.h"
#include "core/policy/presets/key_presets.h"
#include "core/policy/presets/ladder.h"
#include "core/policy/presets/mix.h"
#include "core/policy/presets/prompt_presets.h"
#include "core/policy/presets/quest.h"
#include "core/policy/presets/rkv.h"
#include "core/policy/presets/snapkv_presets.h"
#include "core/policy/presets/treekv.h"
#include "core/policy/presets/vector_presets.h"
#include "core/policy/presets/wavelet_energy.h"
#include "core/policy/presets/zeromerge.h"

#include "core/base/check.h"

#include <algorithm>
#include <array>

namespace winnow {

std::span<const Preset* const> presets()
{
    static const std::array catalog{
        // that act at every step
        &fullPreset(),
        &windowPreset(),
        &streamingPreset(),
        &h2oPreset(),
        &tovaPreset(),
        &treekvPreset(),
        &scissorhandsPreset(),
        &rkvPreset(),
        &lacachePreset(),
        &cakePreset(),
        &zeromergePreset(),
        &camDecodePreset(),
        &mixPreset(),
        &waveletPreset(),
        &randomPreset(),
        &futurePreset(),
        // that act once, at the end of the prompt
        &snapkvPreset(),
        &pyramidkvPreset(),
        &dynamickvPreset(),
        &adaSnapkvPreset(),
        &adaPyramidkvPreset(),
        &headkvPreset(),
        &h2oPromptPreset(),
        &observedAttentionPreset(),
        &expectedAttentionPreset(),
        &criticalkvPreset(),
        &criticalAdakvPreset(),
        &chunkkvPreset(),
        &rocketkvPreset(),
        &naclPreset(),
        &l2normPreset(),
        &knormPreset(),
        &keydiffPreset(),
        &lagkvPreset(),
        &qfilterPreset(),
        &curPreset(),
        &camPreset(),
        &mixPromptPreset(),
        // from which nothing leaves: every step reads a selection
        &questPreset(),
        &topkPreset(),
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

std::string contradictionIn(const PolicySpec& spec, int slots)
{
    const Preset& preset = presetOf(spec.name);
    return preset.contradiction ? preset.contradiction(spec, slots) : std::string();
}

} // namespace winnow
