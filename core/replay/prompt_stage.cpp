// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/replay/prompt_stage.h"

#include "core/policy/lane_parts.h"
#include "core/replay/trace_prompt_layer.h"
#include "core/trace/torch_work.h"

#include <algorithm>
#include <cmath>
#include <optional>

namespace winnow {

namespace {

/// Whose scores they are; the scores are still to come.
PromptScores frameOf(const PolicyPlan& policy, const PromptLayer& layer, const PromptUnits& units)
{
    const Protection& protection = policy.recipe.atPromptEnd();
    PromptScores scores{.layer = layer.layer, .units = units.count(), .tokens = layer.tokens};
    scores.begin = std::clamp(protection.sinks - layer.first, 0, layer.tokens);
    scores.end = std::max(scores.begin, layer.tokens - protection.recent - protection.window);
    return scores;
}

/// That a policy that chooses by `scores` finds one for each candidate. `first`: the first live token.
Result<void> checkScores(const PolicyPlan& policy, const PromptScores& scores, int first)
{
    for (int unit = 0; policy.recipe.promptChooses && unit < scores.units;
         ++unit) { // a budget alone may leave its voters without a score
        const auto candidates = scores.of(unit);
        const auto wrong = std::find_if(candidates.begin(), candidates.end(), [](double score) { return std::isnan(score); });
        if (wrong != candidates.end())
            return fail(ErrorCode::BadInput,
                        "policy '{}' finds no score for token {} in layer {}: its recorded vectors give none; leave the layer "
                        "out with --layers",
                        policy.spec.name, first + scores.begin + (wrong - candidates.begin()), scores.layer);
    }
    return {};
}

/// The live tokens of all layers, at the end of a prompt or, where `whole`, at that of the trace.
std::vector<LayerTokens> tokensOf(const Trace& trace, const ReplayPlan& plan, bool whole)
{
    std::vector<LayerTokens> all;
    for (const int index : plan.layerIndices) {
        const LayerInfo& info = trace.info().layerInfo[static_cast<std::size_t>(index)];
        all.push_back(whole ? LayerTokens{index, 0, trace.tokenCount()}
                            : LayerTokens{index, TracePromptLayer::firstLive(info, plan.prompt), plan.prompt});
    }
    return all;
}

/// The tokens that leave every unit of one layer. `staying`: slots of every unit, [layers, units].
void choose(const ReplayPlan& plan, const PolicyPlan& policy, const std::vector<int>& staying, const PromptScores& scores,
            const std::vector<std::vector<Merge>>& merges, int layer, PromptDecision& decision)
{
    const int prompt = plan.prompt;
    const int first = prompt - scores.tokens;
    std::vector<std::int32_t> positions(static_cast<std::size_t>(scores.tokens));
    for (int i = 0; i < scores.tokens; ++i)
        positions[static_cast<std::size_t>(i)] = first + i;
    std::vector<int> victims;
    for (int unit = 0; unit < scores.units; ++unit) {
        const auto all = std::span(scores.scores)
                             .subspan(static_cast<std::size_t>(unit) * scores.tokens, static_cast<std::size_t>(scores.tokens));
        const int excess = scores.tokens - staying[static_cast<std::size_t>(layer) * scores.units + unit];
        victims.clear();
        if (excess > 0) {
            const auto& recipe = policy.recipe;
            const auto selector = (recipe.promptSelector ? recipe.promptSelector : recipe.selector)
                                      ->lane(plan.lane(layer, unit), policy.regionSlots(layer, unit));
            selector->choose({.step = prompt - 1,
                              .positions = positions,
                              .scores = all,
                              .begin = scores.begin,
                              .end = scores.end,
                              .count = excess},
                             victims);
        }
        auto& chosen = decision.units[static_cast<std::size_t>(layer) * scores.units + unit];
        chosen.victims = victims;
        chosen.scores.assign(all.begin(), all.end());
        chosen.begin = scores.begin;
        chosen.end = scores.end;
        if (static_cast<std::size_t>(unit) < merges.size())
            chosen.merges = merges[static_cast<std::size_t>(unit)];
    }
}

} // namespace

/// A layer's scores for one policy, on the device of the tensors: [units, tokens] and then the layer's preference, if any.
struct PromptStage::Asked {
    std::size_t policy = 0, layer = 0;
    at::Tensor numbers;
};

PromptStage::PromptStage(ReplayPlan& plan, PromptDevice device)
    : m_plan(plan), m_device(std::move(device)), m_scores(plan.policies.size()), m_merges(plan.policies.size()),
      m_tables(std::make_unique<RotaryTables>(plan.prompt))
{
}

PromptStage::~PromptStage() = default;

bool PromptStage::isWanted() const
{
    return m_plan.prompt > 0 && std::any_of(m_plan.policies.begin(), m_plan.policies.end(),
                                            [](const PolicyPlan& policy) { return policy.recipe.promptScorer != nullptr; });
}

Result<void> PromptStage::score(const Trace& trace, const JobContext& job, ReceivedByGpu* byGpu)
{
    const TorchWork torch;
    try {
        return scoreNow(trace, job, byGpu);
    } catch (PromptReadFailed& failed) {
        return fail(std::move(failed.error));
    }
}

Result<void> PromptStage::scoreNow(const Trace& trace, const JobContext& job, ReceivedByGpu* byGpu)
{
    TracePromptLayer layer(trace, m_plan.layerIndices[m_layer], m_plan.prompt, at::Device(m_device.tensors), *m_tables);
    if (byGpu)
        layer.takeReceivedFrom(*byGpu);
    for (std::size_t p = 0; p < m_plan.policies.size(); ++p) {
        const PolicyPlan& policy = m_plan.policies[p];
        if (!policy.recipe.promptScorer)
            continue;
        WINNOW_TRY_VOID(job.check("the replay"));
        const PromptUnits units{policy.recipe.granularity, policy.recipe.group, m_plan.queryHeads, m_plan.keyHeads};
        m_scores[p].push_back(frameOf(policy, layer, units));
        m_merges[p].emplace_back();
        if (layer.tokens == 0) // a window of one token, which holds nothing after a step
            continue;
        const PromptScorer& scorer = *policy.recipe.promptScorer;
        auto numbers = scorer.scores(layer, units, policy.question).to(at::kDouble).flatten();
        if (const auto preference = scorer.preference(layer); preference.defined())
            numbers = at::cat({numbers, preference.view(1)});
        m_askedBytes += numbers.nbytes();
        m_asked.push_back({p, m_layer, std::move(numbers)});
        if (policy.recipe.merges)
            m_merges[p].back() = scorer.merges(layer, units);
    }
    ++m_layer;
    if (m_askedBytes > m_device.together)
        return fetch();
    return {};
}

Result<void> PromptStage::fetch()
{
    if (m_asked.empty())
        return {};
    std::vector<at::Tensor> all;
    for (const Asked& asked : m_asked)
        all.push_back(asked.numbers);
    const auto numbers = at::cat(all).to(at::kCPU);
    const double* next = numbers.data_ptr<double>();
    for (const Asked& asked : m_asked) {
        PromptScores& scores = m_scores[asked.policy][asked.layer];
        const double* end = next + asked.numbers.numel();
        const auto count = static_cast<std::ptrdiff_t>(scores.units) * scores.tokens;
        scores.scores.assign(next, next + count);
        if (next + count < end)
            scores.preference = next[count];
        next = end;
        WINNOW_TRY_VOID(checkScores(m_plan.policies[asked.policy], scores, m_plan.prompt - scores.tokens));
    }
    m_asked.clear();
    m_askedBytes = 0;
    return {};
}

Result<void> PromptStage::decide()
{
    const TorchWork torch;
    WINNOW_TRY_VOID(fetch());
    for (std::size_t p = 0; p < m_plan.policies.size(); ++p) {
        PolicyPlan& policy = m_plan.policies[p];
        if (!policy.recipe.promptScorer)
            continue;
        Division division = policy.recipe.budget->divide(m_scores[p], policy.question);
        const bool goesOn = policy.recipe.acts == Acts::EveryStep;
        std::vector<int> staying = division.atPromptEnd.empty() ? division.slots : std::move(division.atPromptEnd);
        policy.slots = std::move(division.slots);
        for (std::size_t i = 0; i < policy.slots.size(); ++i) { // what is protected has its place in every lane
            const PromptScores& layer = m_scores[p][i / static_cast<std::size_t>(policy.units)];
            const int later = goesOn ? policy.recipe.protection.slots() : 0; // of a short prompt some is still to come
            policy.slots[i] = std::max({policy.slots[i], layer.tokens - layer.candidates(), later});
            staying[i] = std::max(staying[i], layer.tokens - layer.candidates());
            if (!goesOn) // there is no later choice to wait for
                policy.slots[i] = staying[i] = std::min(policy.slots[i], staying[i]);
        }
        policy.budgets = std::move(division.updates);
        if (!policy.recipe.promptChooses)
            continue;
        auto decision = std::make_shared<PromptDecision>();
        decision->units.resize(policy.slots.size());
        for (std::size_t l = 0; l < m_plan.layers.size(); ++l)
            choose(m_plan, policy, staying, m_scores[p][l], m_merges[p][l], static_cast<int>(l), *decision);
        policy.decision = std::move(decision);
    }
    return {};
}

Result<void> decidePrompts(const Trace& trace, ReplayPlan& plan, const PromptDevice& device, const JobContext& job)
{
    PromptStage stage(plan, device);
    if (!stage.isWanted())
        return {};
    std::optional<ReceivedByGpu> byGpu;
    if (device.columns)
        byGpu.emplace(*device.columns, trace, tokensOf(trace, plan, false), job);
    for (std::size_t layer = 0; layer < plan.layers.size(); ++layer)
        WINNOW_TRY_VOID(stage.score(trace, job, byGpu ? &*byGpu : nullptr));
    return stage.decide();
}

Result<void> foresee(const Trace& trace, ReplayPlan& plan, const PromptDevice& device, const JobContext& job)
{
    if (std::none_of(plan.policies.begin(), plan.policies.end(), [](const PolicyPlan& policy) { return policy.recipe.foresees; }))
        return {};
    const TorchWork torch;
    try {
        RotaryTables tables(trace.tokenCount());
        std::optional<ReceivedByGpu> byGpu;
        if (device.columns)
            byGpu.emplace(*device.columns, trace, tokensOf(trace, plan, true), job);
        for (const int index : plan.layerIndices) {
            WINNOW_TRY_VOID(job.check("the replay"));
            auto layer = TracePromptLayer::whole(trace, index, at::Device(device.tensors), tables);
            if (byGpu)
                layer.takeReceivedFrom(*byGpu);
            const auto received = layer.receivedAttention();
            for (PolicyPlan& policy : plan.policies) {
                if (!policy.recipe.foresees)
                    continue;
                const PromptUnits units{policy.recipe.granularity, GroupReduction::Mean, plan.queryHeads, plan.keyHeads};
                const auto perUnit = units.ofQueryHeads(received).to(at::kCPU).contiguous();
                for (int unit = 0; unit < policy.units; ++unit) {
                    const double* row = perUnit.data_ptr<double>() + static_cast<std::ptrdiff_t>(unit) * plan.tokens;
                    policy.foreseen.emplace_back(row, row + plan.tokens);
                }
            }
        }
    } catch (PromptReadFailed& failed) {
        return fail(std::move(failed.error));
    }
    return {};
}

} // namespace winnow
