// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/policy/parts/prompt/compactor_scores.h"

#include "core/policy/parts/prompt/head_algebra.h"
#include "core/policy/seeded_hash.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>

namespace winnow {

namespace {

constexpr double kJitter = 1e-2, kLeastSpread = 1e-6; // as in the press

/// float64 [Hkv, n] → the same with mean 0 and deviation 1 over all heads together.
at::Tensor standardized(const at::Tensor& scores)
{
    if (scores.numel() < 2)
        return at::zeros_like(scores);
    return (scores - scores.mean()) / scores.std().clamp_min(kLeastSpread);
}

/// Of the live tokens [begin, end), float64 [Hkv, end − begin].
at::Tensor nonCausal(PromptLayer& layer, int begin, int end, const NonCausalAttention& options)
{
    const int n = end - begin, chunk = options.chunk;
    const auto queries = layer.queries().slice(1, begin, end), keys = layer.keys().slice(1, begin, end);
    auto received = at::empty({layer.queryHeads, n}, queries.options().dtype(at::kDouble));
    for (int from = 0; from < n; from += chunk) {
        const int until = std::min(n, from + chunk), padding = options.paddingCounts ? chunk - (until - from) : 0;
        const auto near = keys.slice(1, from, until).repeat_interleave(layer.group(), 0);
        auto logits = at::matmul(queries.slice(1, from, until), near.transpose(1, 2)).to(at::kDouble);
        const auto top = logits.amax(-1, true).clamp_min(padding > 0 ? 0.0 : -std::numeric_limits<double>::infinity());
        logits = (logits - top).exp();
        auto sums = logits.sum(-1, true);
        if (padding > 0)
            sums += padding * (-top).exp(); // padding keys have the logit 0
        received.slice(1, from, until).copy_((logits / sums).sum(1) + static_cast<double>(padding) / chunk);
    }
    const auto perKeyHead = received.view({layer.keyHeads, layer.group(), n}).mean(1);
    const auto scores = perKeyHead * lengthsOf(layer.values().slice(1, begin, end));
    return standardized(at::avg_pool1d(scores.unsqueeze(0), 3, 1, 1).squeeze(0));
}

/// Independent normal numbers [heads, d, sketch], of a seed, divided by the root of their row's length.
at::Tensor randomSketch(const PromptLayer& layer, std::int64_t width, const LeverageScores& options)
{
    auto numbers = at::empty({layer.keyHeads, width, options.sketch}, at::kDouble);
    double* to = numbers.data_ptr<double>();
    const auto uniform = [](std::uint64_t hash) { return (static_cast<double>(hash >> 11) + .5) * 0x1p-53; };
    for (int head = 0; head < layer.keyHeads; ++head) {
        const std::uint64_t seed = laneSeed(options.seed, {{layer.layer, head}, 0});
        for (std::int64_t i = 0; i < width * options.sketch; ++i) // Box and Muller 1958
            *to++ = std::sqrt(-2 * std::log(uniform(mixed(seed, static_cast<std::uint64_t>(2 * i))))) *
                    std::cos(2 * std::numbers::pi * uniform(mixed(seed, static_cast<std::uint64_t>(2 * i + 1))));
    }
    return numbers / std::sqrt(static_cast<double>(options.sketch));
}

/// Of the live tokens [begin, end), float64 [Hkv, end − begin].
at::Tensor leverage(PromptLayer& layer, int begin, int end, const LeverageScores& options)
{
    auto keys = layer.plainKeys().slice(1, begin, end).to(at::kDouble);
    keys = keys - keys.mean(1, true);
    if (options.sketch > 0)
        keys = at::matmul(keys, randomSketch(layer, keys.size(2), options).to(keys.device(), keys.scalar_type(), true));
    return standardized(leverageOf(keys, kJitter));
}

class NonCausalScorer final : public PromptScorer {
public:
    explicit NonCausalScorer(const NonCausalAttention& options) : m_options(options) {}
    at::Tensor scores(PromptLayer& layer, const PromptUnits& units, const BudgetQuestion&) const override
    {
        return units.ofKeyHeads(nonCausal(layer, 0, layer.tokens, m_options));
    }

private:
    NonCausalAttention m_options;
};

class LeverageScorer final : public PromptScorer {
public:
    explicit LeverageScorer(const LeverageScores& options) : m_options(options) {}
    at::Tensor scores(PromptLayer& layer, const PromptUnits& units, const BudgetQuestion&) const override
    {
        return units.ofKeyHeads(leverage(layer, 0, layer.tokens, m_options));
    }

private:
    LeverageScores m_options;
};

class CompactorScorer final : public PromptScorer {
public:
    explicit CompactorScorer(const CompactorScores& options) : m_options(options) {}
    at::Tensor scores(PromptLayer& layer, const PromptUnits& units, const BudgetQuestion& question) const override
    {
        const int begin = std::clamp(m_options.sinks - layer.first, 0, layer.tokens),
                  end = std::max(begin, layer.tokens - m_options.recent);
        auto scores = at::zeros({layer.keyHeads, layer.tokens}, layer.keys().options().dtype(at::kDouble));
        if (begin < end) {
            const double leaving = std::max(0.0, 1 - static_cast<double>(question.slots) / layer.tokens);
            scores.slice(1, begin, end)
                .copy_(nonCausal(layer, begin, end, m_options.attention) +
                       (m_options.blend < 0 ? leaving : m_options.blend) * leverage(layer, begin, end, m_options.leverage));
        }
        const auto top = begin < end ? scores.slice(1, begin, end).max() + 1 : at::ones({}, scores.options());
        scores.slice(1, 0, begin).fill_(top);
        scores.slice(1, end).fill_(top);
        return units.ofKeyHeads(scores);
    }

private:
    CompactorScores m_options;
};

} // namespace

std::shared_ptr<const PromptScorer> nonCausalAttention(const NonCausalAttention& options)
{
    return std::make_shared<NonCausalScorer>(options);
}
std::shared_ptr<const PromptScorer> leverageScores(const LeverageScores& options)
{
    return std::make_shared<LeverageScorer>(options);
}
std::shared_ptr<const PromptScorer> compactorScores(const CompactorScores& options)
{
    return std::make_shared<CompactorScorer>(options);
}

} // namespace winnow
