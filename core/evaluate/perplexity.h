// SPDX-License-Identifier: GPL-3.0-or-later
// The loss of a text under policies, token by token, by one of the protocols that papers use: model folder + text + policies →
// log-probabilities. Free of Torch.
#pragma once

#include "core/evaluate/run.h"

#include <memory>
#include <string>
#include <vector>

namespace winnow {

class LoadedModel;

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
        double stored = 0;       ///< slots per lane, mean over all steps
        double milliseconds = 0; ///< a step, mean over all
        double bytes = 0;        ///< that keys and values of all lanes took at most
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

/// The policy with the positions of --positions, "text" or "slot", unless its line says them; "": as it is.
Result<PolicySpec> atPositions(const PolicySpec& spec, std::string_view positions);

/// Whose protocol this is, in a sentence without its full stop.
std::string protocolOf(const PerplexityOptions& options);

/// Every window is read token by token, by all policies. Errors as runText's, a window of less than two tokens, a stride beyond
/// the window, a window that a budget does not fill.
Result<PerplexityResult> measurePerplexity(const PerplexityOptions& options, const RunHooks& hooks, const JobContext& job);

/// Measures text after text with one model, which is loaded for the first. Not thread-safe.
class PerplexitySession {
public:
    /// Reads the small files of the model of `options`, whose dtype, device and chunk hold for all texts.
    /// `model`: as AskSession::open has it.
    static Result<PerplexitySession> open(const RecordOptions& options, std::shared_ptr<LoadedModel> model = nullptr);
    ~PerplexitySession();
    PerplexitySession(PerplexitySession&&) noexcept;

    const std::shared_ptr<LoadedModel>& model() const;
    /// Everything that can be known before the model is loaded: measurePerplexity's errors. Returns the tokens of the text.
    /// `warnings`: for the user.
    Result<int> check(const PerplexityOptions& options, std::vector<std::string>& warnings);
    /// As measurePerplexity, with the same numbers. The model of `options` is not looked at.
    Result<PerplexityResult> measure(const PerplexityOptions& options, const RunHooks& hooks, const JobContext& job);

private:
    struct Impl;
    explicit PerplexitySession(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> m_impl;
};

} // namespace winnow
