// SPDX-License-Identifier: GPL-3.0-or-later
// "--chat": a text as the model's chat template writes it, for the commands that give a model a text.
#pragma once

#include "app/cli/console.h"
#include "core/base/result.h"

#include <filesystem>
#include <string>
#include <utility>
#include <vector>

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
/// marks included: it is then to be encoded without the tokenizer's own. Gives whether it did; not, with a warning, where a plain
/// text meets a model without a template. Errors: a template that cannot be run, and a conversation that it refuses.
Result<bool> writeChat(const ChatLine& line, const std::filesystem::path& model, std::string& text, Console& console);

/// What the chat template of `model` makes of `text`, as conversationIn reads it. Errors: there is no template, it cannot be run,
/// or it refuses this conversation.
Result<std::string> asChat(const std::filesystem::path& model, const std::string& text);

/// For `winnow info`, names and values: where the chat template stands and what it does with a system message and tools, or why
/// there is nothing to apply. Runs the template.
std::vector<std::pair<std::string, std::string>> chatFacts(const std::filesystem::path& model);

} // namespace winnow::cli
