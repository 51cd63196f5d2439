#include "app/cli/chat_option.h"

#include "core/model/chat/chat_format.h"
#include "core/model/config/model_folder.h"

#include <CLI/CLI.hpp>

namespace winnow::cli {

namespace fs = std::filesystem;

void addChat(CLI::App& command, ChatLine& line)
{
    CLI::Option* chat =
        command.add_flag("--chat", line.chat,
                         "write the text as the model's chat template does: it is a user's message, or a JSON list of "
                         "{\"role\": \"user\", \"content\": \"…\"}");
    command.add_option("--system", line.system, "with --chat: a system message before the text")->type_name("TEXT")->needs(chat);
}

namespace {

Result<ChatTemplate> templateOf(const fs::path& model)
{
    WINNOW_TRY(const fs::path place, resolveModel(model));
    return readChatTemplate(place);
}

Result<std::string> written(const ChatFormat& format, const std::string& text, const std::string& system)
{
    std::vector<ChatTurn> turns = chatTurns(text);
    if (!system.empty())
        turns.insert(turns.begin(), {"system", system});
    return format.write(turns, turns.back().role != "assistant", chatDate());
}

} // namespace

Result<bool> writeChat(const ChatLine& line, const fs::path& model, std::string& text, Console& console)
{
    if (!line.chat)
        return false;
    WINNOW_TRY(const ChatTemplate chat, templateOf(model));
    const auto format = ChatFormat::of(chat);
    if (!format) {
        console.warn(format.error().message + "; the text is used as it is");
        return false;
    }
    WINNOW_TRY(text, written(*format, text, line.system));
    return true;
}

Result<std::string> asChat(const fs::path& model, const std::string& text)
{
    WINNOW_TRY(const ChatTemplate chat, templateOf(model));
    WINNOW_TRY(const ChatFormat format, ChatFormat::of(chat));
    return written(format, text, "");
}

std::string chatTemplateText(const fs::path& model)
{
    const auto chat = readChatTemplate(model);
    if (!chat)
        return chat.error().message;
    if (chat->empty())
        return "none";
    const auto format = ChatFormat::of(*chat);
    return fmt::format("{} ({})", format ? format->name() : "of a kind that --chat cannot write", chat->from);
}

} // namespace winnow::cli
