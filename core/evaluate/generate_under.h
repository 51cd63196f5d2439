// SPDX-License-Identifier: GPL-3.0-or-later
// A prompt answered under several policies: model folder + prompt + policies → answers side by side. Free of Torch.
#pragma once

#include "core/evaluate/run.h"
#include "core/model/session/generate.h"
#include "core/policy/policy_spec.h"

#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace winnow {

struct TextAnswer {
    PolicySpec spec; ///< resolved
    std::string text;
    std::vector<std::int32_t> ids; ///< its end token included
    bool ended = false;            ///< the model ended it; otherwise it was cut
    double stored = 0;             ///< slots per lane after the last step that was run, on average
    /// [layers][lanes]: the tokens of prompt and answer that are held then, ascending.
    std::vector<std::vector<std::vector<std::int32_t>>> kept;
    /// The first difference from the first answer: the number of the token, the common text before it, and this answer's text
    /// from it on. Unset where there is none.
    struct Difference {
        std::size_t token = 0;
        std::string same, own;
    };
    std::optional<Difference> difference;
};

struct TextAnswers {
    int promptTokens = 0;
    std::vector<TextAnswer> answers;
    std::vector<std::string> warnings;
};

/// `options`: as for generate(); out and layers are not looked at. `given`: the prompt as token ids, used in place of the
/// prompt's text unless empty. Of `hooks`, `planned` and `memory` are used. Memory: the caches of one policy at a time; the full
/// cache of the prompt only where there is room for it. Errors, before the model is loaded: generate()'s, planRun's, memory that
/// does not suffice.
Result<TextAnswers> generateUnder(const GenerateOptions& options, std::span<const PolicySpec> specs, const JobContext& job,
                                  std::span<const std::int32_t> given = {}, const RunHooks& hooks = {});

} // namespace winnow
