// SPDX-License-Identifier: GPL-3.0-or-later
// Examples of tasks put to a model under policies: model folder + examples + policies → answers, and who was kept. Free of Torch,
// so that the window may call it.
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
    int most = 0;      ///< tokens of a prompt, above which its profile cuts; 0: what the model was made for, less the answer
    bool chat = false; ///< for profiles that leave the chat template to who asks
    std::optional<tasks::QuestionPlace> question; ///< in place of the profile's
    Sampling sampling;
};

/// One question about a context, as the model gets it.
struct AskedTurn {
    std::vector<std::int32_t> question; ///< behind the compressed prompt; empty: the prompt itself asks
    int newTokens = 0;
    std::string stop;
    tasks::Answer answer; ///< all but the series and what is said
};

/// Questions about one context. The prompt is what is compressed: under QuestionPlace::BehindContext the context, else the whole
/// prompt of the first question; the further ones then come behind it, and policies did not see them.
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

    /// Everything that can be known of `all` under `specs` before the model is loaded. Errors: policies that cannot act, prompts
    /// beyond what the model can, memory. `warnings`: for the user.
    Result<void> check(std::span<const AskedTurns> all, std::span<const PolicySpec> specs, std::vector<std::string>& warnings);
    /// The model, the first time. After check().
    Result<void> load(const JobContext& job);

    /// [specs][turns]. After load(). Budgets in per cent are of the prompt. A budget that the prompt does not fill evicts
    /// nothing.
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
