// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/policy/parts/step/received_attention.h"

#include <algorithm>
#include <limits>

namespace winnow {

namespace {

constexpr int kChunk = 256; ///< queries whose rows are held at a time

/// Column sums of a softmax whose causal mask covers only the block of the last `window` rows and columns.
at::Tensor lookingAhead(PromptLayer& layer, int window)
{
    const int n = layer.tokens, firstMasked = n - std::min(window, n);
    auto sums = at::zeros({layer.queryHeads, n}, layer.keys().options().dtype(at::kDouble));
    for (int begin = 0; begin < n; begin += kChunk) {
        const int end = std::min(n, begin + kChunk);
        auto logits = layer.logits(begin, end);
        const auto integers = logits.options().dtype(at::kLong);
        const auto query = at::arange(begin, end, integers).unsqueeze(1), key = at::arange(n, integers).unsqueeze(0);
        const auto future = (key > query).logical_and(query >= firstMasked);
        sums += logits.masked_fill(future, -std::numeric_limits<float>::infinity()).softmax(2).sum(1, false, at::kDouble);
    }
    return sums;
}

class ReceivedScorer final : public PromptScorer {
public:
    ReceivedScorer(ReceivedAttention what, int window) : m_what(what), m_window(window) {}

    at::Tensor scores(PromptLayer& layer, const PromptUnits& units, const BudgetQuestion&) const override
    {
        switch (m_what) {
        case ReceivedAttention::LastRow:
            return units.ofQueryHeads(layer.rows(1).squeeze(1).to(at::kDouble));
        case ReceivedAttention::LastRowOfLayer:
            return layer.rows(1).squeeze(1).to(at::kDouble).mean(0, true).expand({units.count(), -1});
        case ReceivedAttention::SumAhead:
            return units.ofQueryHeads(lookingAhead(layer, m_window));
        case ReceivedAttention::Sum:
            return units.ofQueryHeads(layer.receivedAttention());
        case ReceivedAttention::Mean:
            break;
        }
        const auto received = layer.receivedAttention();
        return units.ofQueryHeads(received / at::arange(layer.tokens, 0, -1, received.options()));
    }

private:
    ReceivedAttention m_what;
    int m_window;
};

} // namespace

std::shared_ptr<const PromptScorer> receivedAttention(ReceivedAttention what, int window)
{
    return std::make_shared<ReceivedScorer>(what, window);
}

} // namespace winnow
