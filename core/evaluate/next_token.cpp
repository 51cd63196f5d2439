// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/evaluate/next_token.h"

#include <algorithm>
#include <limits>

namespace winnow {

namespace {

void store(const at::Tensor& values, int first, std::vector<float>& to)
{
    const at::Tensor floats = values.to(at::kCPU, at::kFloat).contiguous();
    std::copy_n(floats.const_data_ptr<float>(), floats.numel(), to.begin() + first);
}

} // namespace

NextTokenScores emptyScores(int tokens)
{
    const std::vector<float> none(static_cast<std::size_t>(tokens), std::numeric_limits<float>::quiet_NaN());
    return {none, none, none};
}

void scoreRows(std::span<const std::int32_t> tokens, int begin, const at::Tensor& logits, const at::Tensor& full,
               NextTokenScores& scores)
{
    const std::int64_t judged = std::min<std::int64_t>(logits.size(0), static_cast<std::int64_t>(tokens.size()) - begin - 1);
    if (judged <= 0)
        return;
    const at::Tensor next = at::empty({judged}, at::kLong);
    std::copy_n(tokens.begin() + begin + 1, judged, next.mutable_data_ptr<std::int64_t>());
    const at::Tensor said = logits.slice(0, 0, judged);
    const at::Tensor chosen = said.gather(1, next.to(said.device()).unsqueeze(1)).squeeze(1);
    store(chosen - said.logsumexp(1), begin + 1, scores.logprob);
    if (!full.defined())
        return;
    const at::Tensor wanted = full.slice(0, 0, judged).to(said.device());
    const at::Tensor p = wanted.to(at::kDouble).log_softmax(1), other = said.to(at::kDouble).log_softmax(1);
    // Rounding may leave a hair below zero. A token that the model rules out (minus infinity) has no part in the sum.
    store((p.exp() * (p - other)).masked_fill(p.isinf(), 0).sum(1).clamp_min(0), begin + 1, scores.kl);
    store(wanted.argmax(1) == said.argmax(1), begin + 1, scores.agrees);
}

} // namespace winnow
