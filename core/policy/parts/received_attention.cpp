#include "core/policy/parts/received_attention.h"

namespace winnow {

namespace {

/// Column sums of a softmax whose causal mask covers only the block of the last `window` rows and columns.
at::Tensor lookingAhead(PromptLayer& layer, int window)
{
    const int n = layer.tokens, masked = std::min(window, n);
    auto logits = layer.logits(n);
    const auto future = at::ones({masked, masked}, logits.options().dtype(at::kBool)).triu(1);
    logits.slice(1, n - masked).slice(2, n - masked).masked_fill_(future, -std::numeric_limits<float>::infinity());
    return logits.softmax(2).sum(1, false, at::kDouble);
}

class ReceivedScorer final : public PromptScorer {
public:
    ReceivedScorer(ReceivedAttention what, int window) : m_what(what), m_window(window) {}

    at::Tensor scores(PromptLayer& layer, const PromptUnits& units, const BudgetQuestion&) const override
    {
        switch (m_what) {
        case ReceivedAttention::LastRow: return units.ofQueryHeads(layer.rows(1).squeeze(1).to(at::kDouble));
        case ReceivedAttention::SumAhead: return units.ofQueryHeads(lookingAhead(layer, m_window));
        case ReceivedAttention::Sum: return units.ofQueryHeads(layer.receivedAttention());
        case ReceivedAttention::Mean: break;
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
