// "--chat": a text as the model's chat template writes it, for the commands that give a model a text.
#pragma once

#include "app/cli/console.h"
#include "core/base/result.h"

#include <filesystem>
#include <string>

namespace CLI {
class App;
} // namespace CLI

namespace winnow::cli {

struct ChatLine {
    bool chat = false;
    std::string system;
};

/// Adds --chat and --system to a command.
void addChat(CLI::App& command, ChatLine& line);

/// With --chat, puts what the chat template of `model` (a folder, any file of it, or a .gguf file) makes of `text` in its place,
/// marks included: it is then to be encoded without the tokenizer's own. Gives whether it did; not, with a warning, where the
/// template cannot be applied. Errors: a conversation that the template refuses.
Result<bool> writeChat(const ChatLine& line, const std::filesystem::path& model, std::string& text, Console& console);

/// What the chat template of `model` makes of `text`, a user's message or a JSON list of turns. Errors: there is no template, it is of a
/// kind that cannot be written, or it refuses this conversation.
Result<std::string> asChat(const std::filesystem::path& model, const std::string& text);

/// For `winnow info`: "ChatML (tokenizer_config.json)", or why there is nothing to apply.
std::string chatTemplateText(const std::filesystem::path& model);

} // namespace winnow::cli
