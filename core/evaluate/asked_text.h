// SPDX-License-Identifier: GPL-3.0-or-later
// An example's parts as the texts that are tokenized: cut, and in the model's chat template where its profile wants it. Free of
// Torch.
#pragma once

#include "core/model/chat/chat_template.h"
#include "core/model/tokenizer/tokenizer.h"
#include "core/tasks/asked_example.h"

#include <optional>
#include <string>
#include <vector>

namespace winnow {

struct AskedTextOptions {
    const Tokenizer& tokenizer;
    const ChatTemplate& chat;
    bool chats = false;   ///< whether the template is used; it is there then
    bool behind = false;  ///< the question comes behind the compressed context
    std::size_t most = 0; ///< tokens that prompt and question may have together; 0: any number
};

struct AskedText {
    std::vector<std::int32_t> prompt;   ///< what is compressed
    std::vector<std::int32_t> question; ///< behind it; empty unless options.behind
    std::string cut;                    ///< "none", "middle", "end"
};

/// Errors: a template that refuses the text; a prompt beyond `most` where the profile cuts nothing, or where not even the
/// question fits.
Result<AskedText> askedText(const tasks::AskedExample& example, const AskedTextOptions& options);

/// The question of a further turn, behind a prompt that asked another: its text as it is.
Result<std::vector<std::int32_t>> furtherQuestion(const tasks::AskedExample& example, const Tokenizer& tokenizer);

} // namespace winnow
