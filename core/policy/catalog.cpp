// SPDX-License-Identifier: GPL-3.0-or-later
// The catalog: one line per policy. Tests, the parameter panel and the command line read it.
#include "core/policy/presets/baselines.h"
#include "core/policy/presets/cake.h"
#include "core/policy/presets/cam.h"
#include "core/policy/presets/expr.h"
#include "core/policy/presets/future_mass.h"
#include "core/policy/presets/given.h"
#include "core/policy/presets/heavy_hitters.h"
#include "core/policy/presets/keyformer.h"
#include "core/policy/presets/ladder.h"
#include "core/policy/presets/mix.h"
#include "core/policy/presets/morphkv.h"
#include "core/policy/presets/prompt/adakv.h"
#include "core/policy/presets/prompt/chunkkv.h"
#include "core/policy/presets/prompt/compactor.h"
#include "core/policy/presets/prompt/criticalkv.h"
#include "core/policy/presets/prompt/curdkv.h"
#include "core/policy/presets/prompt/duoattention.h"
#include "core/policy/presets/prompt/dynamickv.h"
#include "core/policy/presets/prompt/expected_attention.h"
#include "core/policy/presets/prompt/finch.h"
#include "core/policy/presets/prompt/headkv.h"
#include "core/policy/presets/prompt/keydiff.h"
#include "core/policy/presets/prompt/knorm.h"
#include "core/policy/presets/prompt/lagkv.h"
#include "core/policy/presets/prompt/qfilter.h"
#include "core/policy/presets/prompt/received_attention.h"
#include "core/policy/presets/prompt/simlayerkv.h"
#include "core/policy/presets/prompt/snapkv.h"
#include "core/policy/presets/quest.h"
#include "core/policy/presets/rkv.h"
#include "core/policy/presets/treekv.h"
#include "core/policy/presets/wavelet_energy.h"
#include "core/policy/presets/zeromerge.h"

#include "core/base/check.h"
#include "core/policy/followed_by.h"

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
        &morphkvPreset(),
        &keyformerPreset(),
        &lacachePreset(),
        &cakePreset(),
        &zeromergePreset(),
        &camDecodePreset(),
        &mixPreset(),
        &exprPreset(),
        &waveletPreset(),
        &randomPreset(),
        &futurePreset(),
        &givenPreset(),
        // that act once, at the end of the prompt
        &snapkvPreset(),
        &pyramidkvPreset(),
        &dynamickvPreset(),
        &adaSnapkvPreset(),
        &adaPyramidkvPreset(),
        &adakvPreset(),
        &headkvPreset(),
        &duoattentionPreset(),
        &simlayerkvPreset(),
        &finchPreset(),
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
        &nonCausalPreset(),
        &compactorPreset(),
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
        for (PolicyInfo& info : list)
            if (info.acts == Acts::EndOfPrompt)
                info.parameters.push_back(thenParameter());
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

void fillDerived(const Preset& preset, PolicySpec& spec, int slots)
{
    for (auto& [key, value] : spec.values) {
        if (!preset.derive || !value.empty())
            continue;
        value = preset.derive(spec, key, slots);
        const auto parameter = std::ranges::find(preset.info.parameters, std::string_view(key), &ParameterSpec::id);
        if (parameter->kind == ParameterKind::Whole && !value.empty() && spec.real(key) > parameter->most)
            value = fmt::format("{:.0f}", parameter->most);
    }
}

PolicySpec ownResolved(const PolicySpec& spec, int tokens)
{
    PolicySpec full = spec;
    fillDerived(presetOf(spec.name), full, full.budget().slotCount(tokens));
    return full;
}

PolicySpec resolved(const PolicySpec& spec, int tokens)
{
    return derivedThen(ownResolved(spec, tokens), spec.budget().slotCount(tokens));
}

Recipe recipeOf(const PolicySpec& spec) { return followedBy(presetOf(spec.name).recipe(spec), spec); }

std::string contradictionIn(const PolicySpec& spec, int slots)
{
    const Preset& preset = presetOf(spec.name);
    std::string found = preset.contradiction ? preset.contradiction(spec, slots) : std::string();
    return found.empty() ? contradictionInThen(spec, slots) : found;
}

} // namespace winnow
