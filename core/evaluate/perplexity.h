// SPDX-License-Identifier: GPL-3.0-or-later
// The loss of a text under policies, token by token, by one of the protocols that papers use: model folder + text + policies →
// log-probabilities. Free of Torch.
#pragma once

#include "core/evaluate/run.h"

#include <string>
#include <vector>

namespace winnow {

struct PerplexityOptions {
    RecordOptions text; ///< as for a run
    std::vector<PolicySpec> policies;
    int window = 0;   ///< tokens of a window, whose cache begins empty; 0: one pass, the cache is carried from begin to end
    int stride = 0;   ///< tokens between the begins of windows, at most `window`; 0: `window`
    bool full = true; ///< also the full cache
};

/// By token of the text, as RunCosts::logprob: NaN where none is judged.
struct PerplexityResult {
    std::vector<std::int32_t> tokens;
    int windows = 1;
    std::vector<float> full; ///< empty without the full cache
    struct Policy {
        PolicySpec spec; ///< as asked for
        std::vector<float> logprob;
        double stored = 0; ///< slots per lane, mean over all steps
    };
    std::vector<Policy> policies;
};

/// A part of the text that is read from an empty cache, and the tokens of it that count: those that no window before held.
struct TextWindow {
    int begin = 0, end = 0;
    int judged = 0; ///< the first that counts, in the text; `begin` itself is never judged, nothing stands before it

    friend bool operator==(const TextWindow&, const TextWindow&) = default;
};
std::vector<TextWindow> textWindows(int tokens, int window, int stride);

/// Whose protocol this is, in a sentence without its full stop.
std::string protocolOf(const PerplexityOptions& options);

/// Every window is read token by token, by all policies. Errors as runText's, a window of less than two tokens, a stride beyond
/// the window, a window that a budget does not fill.
Result<PerplexityResult> measurePerplexity(const PerplexityOptions& options, const RunHooks& hooks, const JobContext& job);

} // namespace winnow
