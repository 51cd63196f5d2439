// SPDX-License-Identifier: GPL-3.0-or-later
// Makes the tokens of an example: cuts its text, and writes it in the model's chat template where the profile wants that. Free of
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
    bool chats = false;   ///< whether the template is used; `chat` is then not empty
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

/// The tokens of a further turn's question, which follows the prompt of the first. Its text is not changed.
Result<std::vector<std::int32_t>> furtherQuestion(const tasks::AskedExample& example, const Tokenizer& tokenizer);

} // namespace winnow
