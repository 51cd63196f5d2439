// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/evaluate/asked_text.h"

#include "core/model/chat/conversation.h"
#include "core/tasks/task_catalog.h"

namespace winnow {

namespace {

using tasks::AskedExample;

using Ids = std::vector<std::int32_t>;

/// Where the question begins while a context goes through a chat template.
constexpr std::string_view kParting = "<|winnow: the question|>";

Result<std::string> asMessage(const ChatTemplate& chat, const std::string& text)
{
    Conversation conversation;
    conversation.messages.push_back({{"role", "user"}, {"content", text}});
    return writeConversation(chat, conversation, localNow());
}

/// LongBench puts what the answer begins with into the user's message; the others behind the mark that opens an answer.
bool leadIsAsked(const AskedExample& example)
{
    const tasks::TaskFamily family = tasks::findTask(example.answer.task)->family;
    return family == tasks::TaskFamily::LongBench || family == tasks::TaskFamily::LongBench2;
}

tl::unexpected<Error> tooLong(const AskedExample& example, std::size_t count, std::size_t most)
{
    return fail(ErrorCode::BadInput,
                "example {} of {} has a prompt of {} tokens, {} may be there, and its profile cuts nothing that would help; give "
                "another --cut-to or --profile, or shorter examples",
                example.answer.id, example.answer.task, count, most);
}

/// LongBench's cut: both ends of the tokens, decoded and joined. The text as it is where it has no more than `most`.
Result<std::string> withoutMiddle(const std::string& text, const AskedExample& example, const AskedTextOptions& options,
                                  std::string& cut)
{
    WINNOW_TRY(const Encoding encoding, options.tokenizer.encode(text, true));
    if (options.most == 0 || encoding.ids.size() <= options.most)
        return text;
    const bool second = tasks::findTask(example.answer.task)->family == tasks::TaskFamily::LongBench2;
    const auto [head, tail] = tasks::keptTokens(tasks::Cut::Middle, encoding.ids.size(), options.most, second);
    const std::span<const std::int32_t> ids(encoding.ids);
    cut = "middle";
    // A character that is cut in two is no UTF-8 any more; published code decodes it to U+FFFD, too.
    return tasks::utf8Of(tasks::charactersOf(options.tokenizer.decode(ids.first(head), true))) +
           tasks::utf8Of(tasks::charactersOf(options.tokenizer.decode(ids.last(tail), true)));
}

Result<AskedText> inPrompt(const AskedExample& example, const AskedTextOptions& options)
{
    AskedText asked{.cut = "none"};
    const bool leadInside = !options.chats || leadIsAsked(example);
    std::string text = example.context + example.question + (leadInside ? example.lead : "");
    if (example.rule.cut == tasks::Cut::Middle) {
        WINNOW_TRY(text, withoutMiddle(text, example, options, asked.cut));
    } else if (example.rule.cut == tasks::Cut::EndOfContext && options.most > 0) {
        WINNOW_TRY(const Encoding whole, options.tokenizer.encode(text, true));
        if (whole.ids.size() > options.most) {
            WINNOW_TRY(const Encoding context, options.tokenizer.encode(example.context, true));
            const std::size_t over = whole.ids.size() - options.most;
            if (over >= context.ids.size())
                return tooLong(example, whole.ids.size(), options.most);
            text = tasks::utf8Of(tasks::charactersOf(
                       options.tokenizer.decode(std::span(context.ids).first(context.ids.size() - over), true))) +
                   example.question + (leadInside ? example.lead : "");
            asked.cut = "end";
        }
    }
    if (options.chats) {
        WINNOW_TRY(text, asMessage(options.chat, text));
        text += leadInside ? "" : example.lead;
    }
    WINNOW_TRY(Encoding prompt, options.tokenizer.encode(text, !options.chats));
    asked.prompt = std::move(prompt.ids);
    // What was cut to fit may be a token or two longer once it is tokenized again, or wrapped by a template.
    if (options.most > 0 && asked.prompt.size() > options.most && example.rule.cut == tasks::Cut::None)
        return tooLong(example, asked.prompt.size(), options.most);
    return asked;
}

Result<AskedText> behindContext(const AskedExample& example, const AskedTextOptions& options)
{
    AskedText asked{.cut = "none"};
    std::string context = example.context, question = example.question;
    if (options.chats) {
        std::string parting(kParting);
        while (context.find(parting) != std::string::npos || question.find(parting) != std::string::npos)
            parting += '|';
        WINNOW_TRY(const std::string message, asMessage(options.chat, context + parting + question));
        const std::size_t at = message.find(parting);
        if (at == std::string::npos)
            return fail(ErrorCode::BadInput,
                        "the model's chat template does not write a message as it is, so that the context of "
                        "example {} of {} cannot be told from its question",
                        example.answer.id, example.answer.task);
        context = message.substr(0, at);
        question = message.substr(at + parting.size());
    }
    WINNOW_TRY(Encoding prompt, options.tokenizer.encode(context, !options.chats));
    WINNOW_TRY(Encoding behind, options.tokenizer.encode(question + example.lead, false));
    if (behind.ids.empty())
        return fail(ErrorCode::BadInput, "example {} of {} has no question that could come behind its context", example.answer.id,
                    example.answer.task);
    if (options.most > 0 && prompt.ids.size() + behind.ids.size() > options.most) {
        if (example.rule.cut == tasks::Cut::None || behind.ids.size() >= options.most)
            return tooLong(example, prompt.ids.size() + behind.ids.size(), options.most);
        prompt.ids.resize(options.most - behind.ids.size());
        asked.cut = "end";
    }
    asked.prompt = std::move(prompt.ids);
    asked.question = std::move(behind.ids);
    return asked;
}

} // namespace

Result<AskedText> askedText(const AskedExample& example, const AskedTextOptions& options)
{
    WINNOW_TRY(AskedText asked, options.behind ? behindContext(example, options) : inPrompt(example, options));
    if (asked.prompt.empty())
        return fail(ErrorCode::BadInput, "example {} of {} has no {}", example.answer.id, example.answer.task,
                    options.behind ? "context" : "prompt");
    return asked;
}

Result<std::vector<std::int32_t>> furtherQuestion(const AskedExample& example, const Tokenizer& tokenizer)
{
    WINNOW_TRY(Encoding encoding, tokenizer.encode(example.question + example.lead, false));
    if (encoding.ids.empty())
        return fail(ErrorCode::BadInput, "example {} of {} has no question in turn {}", example.answer.id, example.answer.task,
                    example.answer.turn);
    return std::move(encoding.ids);
}

} // namespace winnow
