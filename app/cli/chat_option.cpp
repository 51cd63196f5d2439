// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/chat_option.h"

#include "core/model/chat/conversation.h"
#include "core/model/config/model_folder.h"

#include <CLI/CLI.hpp>

namespace winnow::cli {

namespace fs = std::filesystem;

void addChat(CLI::App& command, ChatLine& line)
{
    CLI::Option* chat = command.add_flag(
        "--chat", line.chat,
        "apply the model's chat template to the text, which is a user's message, or a JSON list of "
        "{\"role\": \"user\", \"content\": \"…\"}, or {\"messages\": […], \"tools\": […]} with the template's own variables");
    command.add_option("--system", line.system, "with --chat: a system message before the text")->type_name("TEXT")->needs(chat);
}

namespace {

Result<ChatTemplate> templateOf(const fs::path& model)
{
    WINNOW_TRY(const fs::path place, resolveModel(model));
    return readChatTemplate(place);
}

} // namespace

Result<bool> writeChat(const ChatLine& line, const fs::path& model, std::string& text, Console& console)
{
    if (!line.chat)
        return false;
    WINNOW_TRY(const ChatTemplate chat, templateOf(model));
    WINNOW_TRY(Conversation conversation, conversationIn(text));
    auto& messages = conversation.messages;
    const bool isPlain = messages.size() == 1 && messages[0].contains("content") && messages[0]["content"] == text;
    if (chat.empty() && isPlain && line.system.empty()) {
        console.warn("the model has no chat template; the text is used as it is");
        return false;
    }
    if (!line.system.empty())
        messages.insert(messages.begin(), nlohmann::ordered_json::object({{"role", "system"}, {"content", line.system}}));
    WINNOW_TRY(text, writeConversation(chat, conversation, localNow()));
    return true;
}

Result<std::string> asChat(const fs::path& model, const std::string& text)
{
    WINNOW_TRY(const ChatTemplate chat, templateOf(model));
    WINNOW_TRY(const Conversation conversation, conversationIn(text));
    return writeConversation(chat, conversation, localNow());
}

std::vector<std::pair<std::string, std::string>> chatFacts(const fs::path& model)
{
    const auto chat = readChatTemplate(model);
    if (!chat)
        return {{"chat template", chat.error().message}};
    if (chat->empty())
        return {{"chat template", "none"}};
    const auto habits = chatHabits(*chat);
    if (!habits)
        return {{"chat template", fmt::format("{}, which cannot be run: {}", chat->from, habits.error().message)}};
    return {{"chat template", chat->from}, {"system message", habits->systemMessage}, {"tools", habits->tools}};
}

} // namespace winnow::cli
