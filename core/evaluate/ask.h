// SPDX-License-Identifier: GPL-3.0-or-later
// Asks a model the examples of tasks while policies evict from its cache: model folder + examples + policies → answers, and which
// tokens each policy kept. Free of Torch, so that the window may call it.
#pragma once

#include "core/model/session/generate.h"
#include "core/replay/replay_result.h"
#include "core/tasks/asked_example.h"

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace winnow {

class LoadedModel;

struct AskOptions {
    std::filesystem::path model; ///< as for a recording
    Dtype dtype = Dtype::Float32;
    std::string device = "auto";
    int chunk = kUsualChunk;
    int most =
        0; ///< longest prompt in tokens; a longer one is cut as its profile says. 0: the model's positions, less the answer
    bool chat = false;                            ///< use the model's chat template, for profiles that leave this to the caller
    std::optional<tasks::QuestionPlace> question; ///< where the question stands; unset: as the profile says
    Sampling sampling;
    std::optional<std::uint64_t> memory{}; ///< available bytes, for tests; unset: asked of the system
};

/// One question about a context, as the model gets it.
struct AskedTurn {
    std::vector<std::int32_t> question; ///< tokens that follow the compressed prompt; empty: the question is part of the prompt
    int newTokens = 0;
    std::string stop;
    tasks::Answer answer; ///< the record to write, without series and prediction
};

/// Questions about one context. `prompt` is what policies compress: under QuestionPlace::BehindContext the context alone, else
/// the context with the first question. Further questions follow it, and policies do not see them.
struct AskedTurns {
    std::vector<std::int32_t> prompt;
    std::vector<AskedTurn> turns;
};

/// What one policy let the model say to one turn.
struct GivenAnswer {
    tasks::Answer answer;    ///< whole; the series is the policy as it was asked for, all parameters written out
    PolicyReplay kept;       ///< over prompt, question and answer, in slots of this prompt
    double milliseconds = 0; ///< that a token of the answer took, once prompt and question were read
};

/// Not thread-safe.
class AskSession {
public:
    /// Reads the model's small files. `model`: that of another session with the same model, dtype and device, which then is
    /// loaded once for both; null: its own.
    static Result<AskSession> open(const AskOptions& options, std::shared_ptr<LoadedModel> model = nullptr);
    ~AskSession();
    AskSession(AskSession&&) noexcept;

    const std::shared_ptr<LoadedModel>& model() const;
    const ModelConfig& config() const;
    bool hasChatTemplate() const;

    /// `examples`: about one context (sameContext). Tokens, after what the profile cuts and writes. Errors: a prompt that is too
    /// long where the profile cuts nothing, a chat template that refuses it, questions that do not fit.
    Result<AskedTurns> prepare(std::span<const tasks::AskedExample> examples) const;

    /// Checks `all` under `specs` before the model is loaded. Errors: a policy that cannot act, a prompt longer than the model
    /// allows, too little memory. `warnings`: for the user.
    Result<void> check(std::span<const AskedTurns> all, std::span<const PolicySpec> specs, std::vector<std::string>& warnings);
    /// Loads the model at the first call. Call it after check().
    Result<void> load(const JobContext& job);

    /// Returns [specs][turns]. Call it after load(). Budgets in per cent are of the prompt. A budget larger than the prompt
    /// evicts nothing.
    Result<std::vector<std::vector<GivenAnswer>>> ask(const AskedTurns& asked, std::span<const PolicySpec> specs,
                                                      const JobContext& job) const;

private:
    struct Impl;
    explicit AskSession(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> m_impl;
};

/// Whether the second is a further question about the first's context.
bool sameContext(const tasks::AskedExample& first, const tasks::AskedExample& second);

/// What a series is called: the policy with all its parameters.
std::string seriesOf(const PolicySpec& spec);

} // namespace winnow
