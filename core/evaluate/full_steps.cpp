// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/evaluate/full_steps.h"

#include <algorithm>

namespace winnow {

void copyFloats(const at::Tensor& values, std::vector<float>& to)
{
    const at::Tensor floats = values.to(at::kCPU, at::kFloat).contiguous();
    to.assign(floats.const_data_ptr<float>(), floats.const_data_ptr<float>() + floats.numel());
}

namespace {

class WatchedFullCache final : public LayerCache {
public:
    WatchedFullCache(int tokens, FullSteps& steps) : m_full(tokens), m_steps(steps) {}

    void append(int layer, const CacheRows& rows) override { m_full.append(layer, rows); }

    AttentionResult attend(int layer, const CacheRows& rows, const AttentionRule& rule, bool wantLse) override
    {
        const bool watched = rows.queries.size(1) == 1;
        AttentionResult result = m_full.attend(layer, rows, rule, wantLse || watched);
        if (watched)
            watch(layer, rows, rule, result);
        return result;
    }

    void settle(int tokens) override
    {
        m_full.settle(tokens);
        m_length += tokens;
    }

private:
    void watch(int layer, const CacheRows& rows, const AttentionRule& rule, const AttentionResult& result)
    {
        FullStep& step = m_steps[static_cast<std::size_t>(layer)];
        const at::Tensor keys = m_full.keys(layer);
        const std::int64_t queryHeads = rows.queries.size(0), keyHeads = keys.size(0);
        const at::Tensor queries = rows.turnedQueries.to(at::kFloat).reshape({keyHeads, queryHeads / keyHeads, keys.size(2)});
        at::Tensor logits = at::matmul(queries, keys.to(at::kFloat).transpose(1, 2)).mul_(rule.scale);
        if (rule.softcap > 0)
            logits.div_(rule.softcap).tanh_().mul_(rule.softcap);
        logits = logits.view({queryHeads, keys.size(1)}).sub_(result.lse).exp_();
        if (rule.window > 0 && rule.window < keys.size(1))
            logits.slice(1, 0, keys.size(1) - rule.window).zero_();
        step.step = m_length;
        copyFloats(logits, step.probabilities);
        copyFloats(result.output, step.outputs);
    }

    FullCache m_full;
    int m_length = 0;
    FullSteps& m_steps;
};

} // namespace

std::unique_ptr<LayerCache> watchedFullCache(int tokens, FullSteps& steps)
{
    return std::make_unique<WatchedFullCache>(tokens, steps);
}

} // namespace winnow
