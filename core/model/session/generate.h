// SPDX-License-Identifier: GPL-3.0-or-later
// Generation: model + prompt → answer, and, when asked for, the trace of both together. Free of Torch.
#pragma once

#include "core/model/run/sampling.h"
#include "core/model/session/record.h"
#include "core/model/tokenizer/tokenizer.h"

namespace winnow {

struct GenerateOptions {
    std::filesystem::path model; ///< a Hugging Face folder, any file of it, or a GGUF file
    std::string prompt;          ///< UTF-8
    std::string promptName;      ///< for the manifest and for errors
    bool marks = true;           ///< as in RecordOptions
    int tokens = 128;            ///< to generate at most; fewer when the model ends its answer
    Sampling sampling;
    Dtype dtype = Dtype::Float32;
    std::string device = "auto";
    int chunk = kUsualChunk;                   ///< tokens of the prompt per forward chunk
    std::filesystem::path out;                 ///< where to record prompt and answer; empty = nowhere
    std::optional<std::pair<int, int>> layers; ///< to record, as in RecordOptions
};

struct Generated {
    std::string answer;            ///< UTF-8; a byte that is part of no character is a '?'
    std::vector<std::int32_t> ids; ///< of the answer, its end token included
    int promptTokens = 0;
    bool ended = false; ///< whether the model ended the answer; otherwise it was cut at `tokens`
    std::vector<std::string> warnings;
};

/// Runs the prompt in chunks, then token by token over a cache of keys and values. Rotary frequencies that depend on the length
/// are those of prompt and `tokens` together, from the start. With `out`, prompt and answer are then recorded as one text in one
/// further pass; the trace's `prompt` is the boundary.
Result<Generated> generate(const GenerateOptions& options, const RecordHooks& hooks, const JobContext& job);

/// `text` and what a loaded model makes of it: the likeliest token each time, `tokens` at most, fewer where it ends its answer.
/// Of what is returned, `prompt` is the number of tokens of `text`, and the manifest says how the rest came about. The cache that
/// this takes, of all tokens, is gone afterwards.
Result<TokenizedText> continued(TokenizedText text, int tokens, int chunk, const LoadedModel& model, const Tokenizer& tokenizer,
                                const JobContext& job);

/// The ids that end an answer: `eos_token_id` of generation_config.json, or else of config.json; or what a GGUF file
/// names. `model`: as resolveModel gives it.
std::vector<std::int32_t> endTokens(const std::filesystem::path& model);

} // namespace winnow
