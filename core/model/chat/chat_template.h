// SPDX-License-Identifier: GPL-3.0-or-later
// Where a model keeps its chat template, the Jinja text that says how turns of a conversation are marked. Free of Torch.
#pragma once

#include "core/base/result.h"
#include "core/io/gguf.h"

#include <filesystem>
#include <map>
#include <string>
#include <string_view>

namespace winnow {

struct ChatTemplate {
    std::string source;     ///< Jinja, as the model has it; "" when it has none
    std::string from;       ///< the file that it stood in: "tokenizer_config.json"
    std::string toolSource; ///< what the model has for conversations with tools, if that is a template of its own
    /// The model's special tokens by the names that templates use ("bos_token": "<s>"). What it has not is not here.
    std::map<std::string, std::string> marks;

    bool empty() const { return source.empty(); }
};

/// Pure: what a tokenizer_config.json or chat_template.json says, and what a GGUF file's metadata say; `where` opens every error
/// sentence, `from` is left to the caller. Of a list of templates the one called "default", or else the first; "tool_use" is kept
/// beside it.
Result<ChatTemplate> parseChatTemplate(std::string_view config, std::string_view where);
Result<ChatTemplate> ggufChatTemplate(const GgufTable& table, std::string_view where);

/// `model`: a folder, or a GGUF file. Of a folder in this order: chat_template.jinja (and
/// additional_chat_templates/tool_use.jinja), chat_template.json, tokenizer_config.json. A model without a template gives an
/// empty one. Errors: a file that is there and cannot be read.
Result<ChatTemplate> readChatTemplate(const std::filesystem::path& model);

} // namespace winnow
