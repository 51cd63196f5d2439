// SPDX-License-Identifier: GPL-3.0-or-later
// winnow tokenize: how a model's tokenizer cuts a text.
#include "app/cli/chat_option.h"
#include "app/cli/commands.h"
#include "core/base/printable.h"
#include "core/model/chat/chat_template.h"
#include "core/model/config/model_folder.h"
#include "core/model/tokenizer/tokenizer.h"

#include <CLI/CLI.hpp>
#include <fmt/ranges.h>

namespace winnow::cli {

namespace {

struct TokenizeLine {
    std::string model, text;
    bool ids = false, shownTemplate = false;
    ChatLine chat;
};

/// The model's chat template, as it has it.
Result<void> showTemplate(const std::filesystem::path& model, Console& console)
{
    WINNOW_TRY(const ChatTemplate chat, readChatTemplate(model));
    if (chat.empty())
        return fail(ErrorCode::NotFound, "'{}' has no chat template", model.string());
    console.sayText(chat.source);
    return {};
}

Result<void> tokenize(const TokenizeLine& line, Console& console)
{
    WINNOW_TRY(const std::filesystem::path folder, resolveModel(line.model));
    if (line.shownTemplate)
        return showTemplate(folder, console);
    WINNOW_TRY(const auto tokenizer, Tokenizer::load(folder));
    WINNOW_TRY(std::string text, readText(line.text, {}, console.job()));
    WINNOW_TRY(const bool chats, writeChat(line.chat, line.model, text, console));
    const auto encoding = tokenizer->encode(text, !chats);
    if (!encoding)
        return fail(encoding.error().code, "{}: {}", line.text == "-" ? "standard input" : fmt::format("'{}'", line.text),
                    encoding.error().message);
    if (line.ids) {
        console.say(fmt::format("{}", fmt::join(encoding->ids, " ")));
        return {};
    }
    console.say("position\tid\tbegin\tend\ttoken");
    for (std::size_t t = 0; t < encoding->ids.size(); ++t) {
        const auto [begin, end] = encoding->offsets[t];
        const std::string piece = begin == end
                                      ? tokenizer->token(encoding->ids[t])
                                      : text.substr(static_cast<std::size_t>(begin), static_cast<std::size_t>(end - begin));
        console.say(fmt::format("{}\t{}\t{}\t{}\t{}", t, encoding->ids[t], begin, end, printable(piece)));
    }
    return {};
}

} // namespace

void addTokenize(CLI::App& app, Chosen& chosen)
{
    auto line = std::make_shared<TokenizeLine>();
    CLI::App* command =
        app.add_subcommand("tokenize", "List the tokens of a text with their ids and bytes, as a tab-separated table");
    command->add_option("--model", line->model, "a Hugging Face folder, any file of it, or a GGUF file")
        ->required()
        ->type_name("PATH");
    CLI::Option_group* shown = command->add_option_group("what");
    shown->add_option("--text", line->text, "a UTF-8 text file, - for standard input")->type_name("FILE|-");
    shown->add_flag("--template", line->shownTemplate, "show the model's chat template (Jinja) instead");
    shown->require_option(1);
    command->add_flag("--ids", line->ids, "only the ids, in one line");
    addChat(*command, line->chat);
    command->callback([line, &chosen] { chosen.work = [line](Console& console) { return tokenize(*line, console); }; });
}

} // namespace winnow::cli
