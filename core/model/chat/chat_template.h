// Where a model keeps its chat template, the Jinja text that says how turns of a conversation are marked. Free of Torch.
#pragma once

#include "core/base/result.h"
#include "core/io/gguf.h"

#include <filesystem>
#include <string>
#include <string_view>

namespace winnow {

struct ChatTemplate {
    std::string source;     ///< Jinja, as the model has it; "" when it has none
    std::string from;       ///< the file that it stood in: "tokenizer_config.json"
    std::string begin, end; ///< the texts of the model's begin and end marks ("<s>", "</s>"); "" where there is none

    bool empty() const { return source.empty(); }
};

/// Pure: what a tokenizer_config.json or chat_template.json says, and what a GGUF file's metadata say; `where` opens every error
/// sentence, `from` is left to the caller. Of a list of templates the one called "default", or else the first.
Result<ChatTemplate> parseChatTemplate(std::string_view config, std::string_view where);
Result<ChatTemplate> ggufChatTemplate(const GgufTable& table, std::string_view where);

/// `model`: a folder, or a GGUF file. Of a folder in this order: chat_template.jinja, chat_template.json, tokenizer_config.json.
/// A model without a template gives an empty one. Errors: a file that is there and cannot be read.
Result<ChatTemplate> readChatTemplate(const std::filesystem::path& model);

} // namespace winnow
