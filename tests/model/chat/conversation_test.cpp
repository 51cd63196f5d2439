// SPDX-License-Identifier: GPL-3.0-or-later
// Conversations, written as transformers writes them; fixtures/chat/make_chat.py wrote what is expected. Published templates,
// which are other people's text, are read where they lie, if they do.
#include "core/model/chat/conversation.h"

#include "core/io/ordered_json.h"
#include "tests/model/fixture_files.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <iomanip>
#include <sstream>

namespace winnow {
namespace {

using Json = nlohmann::ordered_json;
using testing::HasSubstr;

Json readOrdered(const std::filesystem::path& path) { return parseOrderedJson(readText(path), path.string()).value(); }

std::tm dateOf(const std::string& text, const char* format)
{
    std::tm date{};
    std::istringstream(text) >> std::get_time(&date, format);
    return date;
}

ChatTemplate made(std::string source)
{
    return {.source = std::move(source),
            .from = "tokenizer_config.json",
            .toolSource = {},
            .marks = {{"bos_token", "<s>"}, {"eos_token", "</s>"}}};
}

TEST(Conversations, areWrittenAsTransformersWritesThem)
{
    const Json fixture = readOrdered(std::filesystem::path(WINNOW_FIXTURES) / "chat/chat.json");
    const std::tm today = dateOf(fixture["today"].get<std::string>(), "%d %b %Y");
    int conversations = 0;
    for (const Json& each : fixture["cases"])
        for (const Json& row : each["conversations"]) {
            Conversation conversation;
            conversation.messages = row["turns"];
            conversation.variables["add_generation_prompt"] = row["opens"];
            const auto text = writeConversation(made(each["source"].get<std::string>()), conversation, today);
            EXPECT_EQ(text ? Json(*text) : Json(), row["text"]) << each["name"] << " " << row["turns"];
            ++conversations;
        }
    EXPECT_GT(conversations, 300);
}

/// 103 templates of published models with eight conversations each, and what transformers made of them on the date below.
TEST(Conversations, ofPublishedTemplatesAreEqual)
{
    const char* given = std::getenv("WINNOW_CHAT_TEMPLATES");
    const std::filesystem::path path =
        given != nullptr ? given : std::filesystem::path(WINNOW_SOURCE).parent_path() / "shared/data/chat-templates.json";
    if (!std::filesystem::exists(path))
        GTEST_SKIP() << "no '" << path.string() << "'; WINNOW_CHAT_TEMPLATES names another place";
    const Json data = readOrdered(path);
    const std::tm today = dateOf("29 Nov 2026", "%d %b %Y");
    int equal = 0, all = 0;
    for (const Json& each : data["templates"]) {
        ChatTemplate chat = made(each["template"].get<std::string>());
        chat.marks = {{"bos_token", each["bos"].get<std::string>()}, {"eos_token", each["eos"].get<std::string>()}};
        for (const Json& expected : each["cases"]) {
            const Json& asked = data["conversations"][expected["case"].get<std::string>()];
            Conversation conversation;
            conversation.messages = asked["messages"];
            conversation.tools = asked["tools"];
            conversation.variables["add_generation_prompt"] = asked["add_generation_prompt"];
            const auto text = writeConversation(chat, conversation, today);
            const bool fits = expected.contains("error") ? !text : text && *text == expected["text"].get<std::string>();
            EXPECT_TRUE(fits) << each["name"] << ", " << expected["case"] << ": " << (text ? *text : text.error().message);
            equal += fits ? 1 : 0;
            ++all;
        }
    }
    EXPECT_EQ(equal, all);
    EXPECT_GE(all, 800);
}

TEST(Conversations, areAListOrAnObjectOrOneUsersMessage)
{
    const Conversation list = conversationIn(R"( [{"role":"system","content":"a"},{"role":"user","content":"b"}])").value();
    EXPECT_EQ(list.messages.dump(), R"([{"role":"system","content":"a"},{"role":"user","content":"b"}])");
    EXPECT_TRUE(list.opensAnswer());
    const Conversation object =
        conversationIn(R"({"messages":[{"role":"assistant","tool_calls":[]}],"tools":[{"b":1,"a":2}],"enable_thinking":false})")
            .value();
    EXPECT_EQ(object.tools.dump(), R"([{"b":1,"a":2}])");
    EXPECT_EQ(object.variables.dump(), R"({"enable_thinking":false})");
    EXPECT_FALSE(object.opensAnswer());
    for (const char* text : {"Hello", "", "[1, 2]", "[]", R"([{"content":"a"}])", "[see", "{x}",
                             R"({"role":"user","content":"a"})", R"({"messages":3})"}) {
        const Conversation plain = conversationIn(text).value();
        ASSERT_EQ(plain.messages.size(), 1U) << text;
        EXPECT_EQ(plain.messages[0]["role"], "user");
        EXPECT_EQ(plain.messages[0]["content"], text);
    }
}

TEST(Conversations, thatAreBrokenJsonAreNotTakenForProse)
{
    EXPECT_THAT(conversationIn(R"([{"role": "user", "content": "a",}])").error().message,
                HasSubstr("the conversation is not valid JSON"));
    EXPECT_THAT(conversationIn(R"({"messages": [)").error().message, HasSubstr("the conversation is not valid JSON"));
    EXPECT_THAT(conversationIn(R"({"messages": [{"role": "user"}], "tools": 3})").error().message, HasSubstr("must be lists"));
}

TEST(Conversations, giveTheTemplateWhatTransformersGivesIt)
{
    const auto written = [](const char* source, const char* conversation) {
        const auto text = writeConversation(made(source), conversationIn(conversation).value(),
                                            std::tm{.tm_mday = 5, .tm_mon = 2, .tm_year = 126});
        return text ? *text : text.error().message;
    };
    EXPECT_EQ(written("{{ bos_token }}{{ pad_token is defined }}{{ add_generation_prompt }}", "hi"), "<s>FalseTrue");
    EXPECT_EQ(written("{{ messages | tojson }}", R"([{"role":"user","name":null,"content":"a","reasoning":"b"}])"),
              R"([{"thinking": "b", "role": "user", "content": "a", "reasoning": "b", "reasoning_content": "b"}])");
    EXPECT_EQ(written("{{ mood }}{{ tools }}{{ strftime_now('%d.%m.%y') }}", R"({"messages":[{"role":"user"}],"mood":1})"),
              "1None05.03.26");
    ChatTemplate two = made("plain");
    two.toolSource = "tools";
    EXPECT_EQ(writeConversation(two, conversationIn("a").value(), {}).value(), "plain");
    EXPECT_EQ(writeConversation(two, conversationIn(R"({"messages":[{"role":"user"}],"tools":[]})").value(), {}).value(),
              "tools");
}

TEST(Conversations, failWithTheTemplatesLineAndColumn)
{
    const auto problem = [](const char* source) {
        return writeConversation(made(source), conversationIn("a").value(), {}).error().message;
    };
    EXPECT_EQ(problem(""), "the model has no chat template");
    EXPECT_EQ(problem("é\n {{ messages[0].x.y }}"),
              "the chat template in tokenizer_config.json, line 2, column 18: a value of type dict has no attribute or item 'x'");
    EXPECT_EQ(problem("a{% if %}"),
              "the chat template in tokenizer_config.json, line 1, column 8: a value is expected, not '%}'");
    EXPECT_EQ(problem("{% for m in messages %}\n{{ raise_exception('only ' ~ 1) }}{% endfor %}"),
              "the chat template in tokenizer_config.json, line 2, column 4: the template refuses this conversation: only 1");
    EXPECT_EQ(writeConversation(made("x"), {}, {}).error().message, "a conversation needs at least one message");
}

TEST(ChatHabits, areFoundByRunningTheTemplate)
{
    const auto habits = [](const std::string& source) {
        const auto found = chatHabits(made(source));
        return found ? found->systemMessage + " | " + found->tools : found.error().message;
    };
    const std::string turns = "{% for m in messages %}<{{ m.role }}>{{ m.content }}</>{% endfor %}";
    EXPECT_EQ(habits(turns), "in a turn of its own | left out");
    EXPECT_EQ(
        habits("{% if messages[0].role != 'system' %}<system>You help,\nalways.</>{% endif %}" + turns + "{{ tools | tojson }}"),
        "in a turn of its own; without one: \"You help, always.\" | written");
    EXPECT_EQ(
        habits("{% for m in messages %}{% if m.role == 'user' %}<u>{% if messages[0].role == 'system' %}{{ messages[0].content "
               "}}\n\n"
               "{% endif %}{{ m.content }}{% endif %}{% endfor %}{% if tools %}{{ raise_exception('no tools') }}{% endif %}"),
        "in the user's message | refused: the chat template in tokenizer_config.json, line 3, column 67: the template refuses "
        "this "
        "conversation: no tools");
    EXPECT_EQ(habits("{% for m in messages if m.role == 'user' %}{{ m.content }}{% endfor %}"), "left out | left out");
    EXPECT_THAT(habits("{% if messages[0].role == 'system' %}{{ raise_exception('none') }}{% endif %}"), HasSubstr("refused: "));
    EXPECT_THAT(habits("{% nope %}"), HasSubstr("line 1, column 4: there is no tag 'nope'"));
}

} // namespace
} // namespace winnow
