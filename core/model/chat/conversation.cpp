// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/model/chat/conversation.h"

#include "core/io/ordered_json.h"
#include "core/model/chat/jinja/program.h"
#include "core/model/chat/jinja/text.h"

#include <algorithm>
#include <array>

namespace winnow {
namespace {

using Json = nlohmann::ordered_json;

constexpr JsonLimits kLimits{.maxBytes = std::size_t{64} << 20, .maxValues = 500'000, .maxDepth = 64};

bool areMessages(const Json& list)
{
    return list.is_array() && !list.empty() && std::ranges::all_of(list, [](const Json& message) {
               return message.is_object() && message.contains("role") && message["role"].is_string();
           });
}

Conversation userSays(std::string_view text)
{
    Conversation conversation;
    conversation.messages.push_back({{"role", "user"}, {"content", text}});
    return conversation;
}

/// As transformers hands it over: without members that are null, and with what a reasoning model thought under the names in use.
Json normalized(const Json& message)
{
    static constexpr std::array kThoughts{"reasoning_content", "thinking", "reasoning"};
    Json result = Json::object();
    for (const char* name : kThoughts)
        if (message.contains(name) && !message[name].is_null()) {
            result["thinking"] = message[name];
            for (const auto& [key, value] : message.items())
                if (!value.is_null())
                    result[key] = value;
            result["reasoning_content"] = message[name];
            return result;
        }
    for (const auto& [key, value] : message.items())
        if (!value.is_null())
            result[key] = value;
    return result;
}

Result<Conversation> fromObject(Json& given)
{
    Conversation conversation;
    for (const auto& [name, value] : given.items()) {
        if (name == "messages")
            conversation.messages = std::move(value);
        else if (name == "tools" || name == "documents")
            (name == "tools" ? conversation.tools : conversation.documents) = std::move(value);
        else
            conversation.variables[name] = std::move(value);
    }
    for (const auto* list : {&conversation.tools, &conversation.documents})
        if (!list->is_null() &&
            !(list->is_array() && std::ranges::all_of(*list, [](const Json& each) { return each.is_object(); })))
            return fail(ErrorCode::BadInput, "the conversation's tools and documents must be lists of JSON objects");
    return conversation;
}

/// What stands before a piece of text, up to the white space around it.
std::string shortened(std::string_view text)
{
    text = jinja::stripped(text, true, true);
    std::string line;
    for (const char c : text.substr(0, jinja::byteOfCharacter(text, 60)))
        line += c == '\n' ? ' ' : c;
    return line.size() < text.size() ? line + "…" : line;
}

std::string systemHabit(const std::string& plain, const Result<std::string>& instructed, std::string_view system,
                        std::string_view user)
{
    if (!instructed)
        return "refused: " + instructed.error().message;
    const std::size_t at = instructed->find(system), question = instructed->find(user);
    if (at == std::string::npos)
        return "left out";
    if (question == std::string::npos || question < at)
        return "behind the user's message";
    const std::string before = instructed->substr(0, at);
    const std::string between = instructed->substr(at + system.size(), question - at - system.size());
    std::string habit = jinja::stripped(between, true, true).empty() ? "in the user's message" : "in a turn of its own";
    // The same without one: does another text stand in its place?
    if (const std::size_t end = plain.find(between, before.size());
        plain.starts_with(before) && end != std::string::npos && end > before.size())
        habit +=
            fmt::format("; without one: \"{}\"", shortened(std::string_view(plain).substr(before.size(), end - before.size())));
    return habit;
}

} // namespace

bool Conversation::opensAnswer() const { return messages.empty() || messages.back().value("role", "") != "assistant"; }

Result<Conversation> conversationIn(std::string_view text)
{
    const std::string_view inner = jinja::stripped(text, true, true);
    const bool isList = inner.starts_with('['), isObject = inner.starts_with('{');
    if (!isList && !isObject)
        return userSays(text);
    auto parsed = parseOrderedJson(inner, "the conversation", kLimits);
    if (!parsed) { // a text may begin with a bracket, but this one wants to be a conversation
        const std::string_view first = isList ? jinja::stripped(inner.substr(1), true, false) : inner;
        const std::string_view name = first.starts_with('{') ? jinja::stripped(first.substr(1), true, false) : "";
        if (name.starts_with("\"role\"") || (isObject && name.starts_with("\"messages\"")))
            return fail(std::move(parsed).error());
        return userSays(text);
    }
    if (isObject && parsed->contains("messages") && areMessages((*parsed)["messages"]))
        return fromObject(*parsed);
    if (!areMessages(*parsed))
        return userSays(text);
    Conversation conversation;
    conversation.messages = std::move(*parsed);
    return conversation;
}

Result<std::string> writeConversation(const ChatTemplate& chat, const Conversation& conversation, const std::tm& now)
{
    const bool hasTools = !conversation.tools.is_null();
    const std::string& source = hasTools && !chat.toolSource.empty() ? chat.toolSource : chat.source;
    if (source.empty())
        return fail(ErrorCode::NotFound, "the model has no chat template");
    if (conversation.messages.empty())
        return fail(ErrorCode::BadInput, "a conversation needs at least one message");
    WINNOW_TRY(const jinja::Program program, jinja::Program::read(source, fmt::format("the chat template in {}", chat.from)));
    Json variables = Json::object();
    for (const auto& [name, mark] : chat.marks)
        variables[name] = mark;
    variables["messages"] = Json::array();
    for (const Json& message : conversation.messages)
        variables["messages"].push_back(normalized(message));
    variables["tools"] = conversation.tools;
    variables["documents"] = conversation.documents;
    variables["add_generation_prompt"] = conversation.opensAnswer();
    for (const auto& [name, value] : conversation.variables.items())
        variables[name] = value;
    return program.render(variables, now);
}

std::tm localNow()
{
    const std::time_t now = std::time(nullptr);
    std::tm local{};
    localtime_r(&now, &local);
    return local;
}

Result<ChatHabits> chatHabits(const ChatTemplate& chat)
{
    constexpr std::string_view kSystem = "SystemProbe", kUser = "UserProbe", kTool = "tool_probe";
    const std::tm now = localNow();
    const Conversation plain = userSays(kUser);
    WINNOW_TRY(const std::string text, writeConversation(chat, plain, now));
    Conversation instructed = plain;
    instructed.messages.insert(instructed.messages.begin(), Json{{"role", "system"}, {"content", kSystem}});
    Conversation equipped = plain;
    const Json parameters{
        {"type", "object"}, {"properties", {{"a", {{"type", "number"}, {"description", "a number"}}}}}, {"required", {"a"}}};
    equipped.tools = Json::array();
    equipped.tools.push_back(
        {{"type", "function"}, {"function", {{"name", kTool}, {"description", "a tool"}, {"parameters", parameters}}}});
    const auto tooled = writeConversation(chat, equipped, now);
    const std::string tools = !tooled                                    ? "refused: " + tooled.error().message
                              : tooled->find(kTool) == std::string::npos ? "left out"
                                                                         : "written";
    return ChatHabits{systemHabit(text, writeConversation(chat, instructed, now), kSystem, kUser), tools};
}

} // namespace winnow
