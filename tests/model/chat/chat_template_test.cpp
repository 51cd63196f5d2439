// Chat templates: found where models keep them, and written as transformers writes them; fixtures/chat/make_chat.py wrote what is
// expected.
#include "core/io/json.h"
#include "core/model/chat/chat_format.h"
#include "core/model/chat/template_scan.h"
#include "tests/model/fixture_files.h"
#include "tests/support/temporary_folder.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace winnow {
namespace {

using nlohmann::json;
using testing::HasSubstr;
using testing_support::TemporaryFolder;

ChatTemplate made(std::string source) { return {std::move(source), "tokenizer_config.json", "<s>", "</s>"}; }

TEST(ChatTemplates, areWrittenAsTransformersWritesThem)
{
    const json fixture = readJson(std::filesystem::path(WINNOW_FIXTURES) / "chat/chat.json").value();
    int conversations = 0;
    for (const json& each : fixture["cases"]) {
        const auto format = ChatFormat::of(made(each["source"].get<std::string>()));
        ASSERT_TRUE(format) << each["name"] << ": " << format.error().message;
        for (const json& conversation : each["conversations"]) {
            const auto turns = chatTurns(conversation["turns"].dump());
            const auto text = format->write(turns, conversation["opens"].get<bool>(), fixture["today"].get<std::string>());
            EXPECT_EQ(text ? json(*text) : json(), conversation["text"]) << each["name"] << " " << conversation["turns"];
            ++conversations;
        }
    }
    EXPECT_GT(conversations, 300);
}

TEST(ChatTemplates, meanTheSameWithTheirLineEndsAsTheyAre)
{
    const json fixture = readJson(std::filesystem::path(WINNOW_FIXTURES) / "chat/chat.json").value();
    int changed = 0;
    for (const json& each : fixture["cases"]) {
        auto source = each["source"].get<std::string>();
        const auto escaped = source;
        const TemplateScan scan(escaped);
        for (const auto& literal : scan.literals()) {
            const char quote = escaped[literal.at - 1];
            const std::string kept = escaped.substr(literal.at, escaped.find(quote, literal.at) - literal.at);
            if (literal.text.find('\n') == std::string::npos || kept.find("\\'") != std::string::npos || kept.find("\\\"") != std::string::npos)
                continue;
            const std::string old = quote + kept + quote;
            for (std::size_t at = source.find(old); at != std::string::npos; at = source.find(old, at + 1))
                source.replace(at, old.size(), quote + literal.text + quote);
        }
        changed += source != escaped ? 1 : 0;
        const auto format = ChatFormat::of(made(source));
        ASSERT_TRUE(format) << each["name"] << ": " << format.error().message;
        for (const json& conversation : each["conversations"]) {
            const auto text = format->write(chatTurns(conversation["turns"].dump()), conversation["opens"].get<bool>(), fixture["today"].get<std::string>());
            EXPECT_EQ(text ? json(*text) : json(), conversation["text"]) << each["name"] << " " << conversation["turns"];
        }
    }
    EXPECT_GT(changed, 10);
}

TEST(ChatTemplates, ofOtherKindsAreToldApart)
{
    const auto problem = [](const char* source) {
        const auto format = ChatFormat::of(made(source));
        return format ? format->name() : format.error().message;
    };
    EXPECT_EQ(problem(""), "the model has no chat template");
    for (const char* other :
         {"{% for message in messages %}{{ '<|user|>\n' + message['content'] + eos_token }}{% endfor %}",
          "{{ '<|im_start|>' + message['role'] + '<|im_sep|>' + message['content'] + '<|im_end|>' }}",
          "{{ '<|im_start|>system\nToday: ' + strftime_now('%d') + '<|im_end|>' }}",
          "{% for m in messages %}[INST] {{ m.content }} [/INST]{% endfor %}",
          "{{ '[INST] ' + message['content'] + ' [/INST]' }}{{ '[INST]' + message['content'] + '[/INST]' }}{{ message['content'] "
          "+ eos_token }}",
          "{{ '[INST] ' + other(message['content']) + ' [/INST]' }}{{ message['content'] + eos_token }}",
          "{{ '<|start_header_id|>' }}<|end_header_id|><|eot_id|>Cutting Knowledge Date", "{{ '", "{%", "{#", "{{ \"\\"})
        EXPECT_THAT(problem(other), HasSubstr("in tokenizer_config.json is none of those that can be written here")) << other;
}

TEST(ChatTemplates, sayWhatTheyTakeNot)
{
    const auto written = [](const char* source, std::vector<ChatTurn> turns) {
        const auto text = ChatFormat::of(made(source)).value().write(turns, true, "");
        return text ? *text : text.error().message;
    };
    const char* chatMl = "<|im_start|><|im_end|>";
    const char* gemma = "<start_of_turn><end_of_turn>";
    const char* gemma3 = "<start_of_turn><end_of_turn>first_user_prefix";
    EXPECT_THAT(written(chatMl, {}), HasSubstr("needs a turn"));
    EXPECT_THAT(written(chatMl, {{"user", "a"}, {"system", "b"}}), HasSubstr("turn 2 of the conversation is 'system's"));
    EXPECT_THAT(written(chatMl, {{"tool", "a"}}), HasSubstr("turn 1 of the conversation is 'tool's"));
    EXPECT_THAT(written(gemma, {{"system", "a"}, {"user", "b"}}), HasSubstr("(Gemma) takes no system message"));
    EXPECT_THAT(written(gemma, {{"user", "a"}, {"user", "b"}}), HasSubstr("wants user and assistant by turns"));
    EXPECT_THAT(written(gemma3, {{"system", "a"}}), HasSubstr("puts a system message into the user's, and there is none"));
}

TEST(ChatTurns, areAListOrOneUsersTurn)
{
    const auto list = chatTurns(R"( [{"role":"system","content":"a"},{"role":"user","content":"b"}])");
    ASSERT_EQ(list.size(), 2U);
    EXPECT_EQ(list[0].role + list[0].text + list[1].role + list[1].text, "systemauserb");
    for (const char* text :
         {"Hello", "", "[1, 2]", "[]", R"([{"role":"user"}])", "[see", "{\"role\":\"user\",\"content\":\"a\"}"}) {
        const auto turns = chatTurns(text);
        ASSERT_EQ(turns.size(), 1U);
        EXPECT_EQ(turns[0].role, "user");
        EXPECT_EQ(turns[0].text, text);
    }
}

class ChatTemplateFiles : public testing::Test {
protected:
    void put(const char* name, const std::string& text) { std::ofstream(m_folder.path() / name) << text; }
    ChatTemplate read() const { return readChatTemplate(m_folder.path()).value(); }
    TemporaryFolder m_folder;
};

TEST_F(ChatTemplateFiles, areSearchedInTheOrderOfTransformers)
{
    EXPECT_TRUE(read().empty());
    put("tokenizer_config.json", R"({"bos_token":{"content":"<s>"},"eos_token":"</s>","chat_template":"one"})");
    EXPECT_EQ(read().source, "one");
    EXPECT_EQ(read().from, "tokenizer_config.json");
    EXPECT_EQ(read().begin + read().end, "<s></s>");
    put("chat_template.jinja", "two\n");
    EXPECT_EQ(read().source, "two\n");
    EXPECT_EQ(read().from, "chat_template.jinja");
    EXPECT_EQ(read().begin + read().end, "<s></s>");
}

TEST_F(ChatTemplateFiles, mayHoldSeveral)
{
    put("tokenizer_config.json", R"({"chat_template":[{"name":"tool_use","template":"t"},{"name":"default","template":"d"}]})");
    EXPECT_EQ(read().source, "d");
    put("tokenizer_config.json", R"({"chat_template":[{"name":"a","template":"first"},{"name":"b","template":"second"}]})");
    EXPECT_EQ(read().source, "first");
    put("tokenizer_config.json", R"({"chat_template":[{"name":"a"}, 3]})");
    EXPECT_TRUE(read().empty());
}

TEST_F(ChatTemplateFiles, areRefusedWhenTheyAreNoText)
{
    put("chat_template.jinja", "a\xFF");
    EXPECT_THAT(readChatTemplate(m_folder.path()).error().message, HasSubstr("its chat template is not UTF-8 (byte 1)"));
    put("chat_template.jinja", std::string((1 << 20) + 1, 'a'));
    EXPECT_THAT(readChatTemplate(m_folder.path()).error().message, HasSubstr("has 1048577 bytes"));
    put("tokenizer_config.json", "{");
    EXPECT_FALSE(readChatTemplate(m_folder.path()));
}

TEST(ChatTemplates, standInGgufFilesToo)
{
    const ChatTemplate found = readChatTemplate(std::filesystem::path(WINNOW_FIXTURES) / "tokenizer/llama3.gguf").value();
    EXPECT_EQ(found.begin, "<s>");
    EXPECT_EQ(ChatFormat::of(found).value().name(), "Llama 3");
}

} // namespace
} // namespace winnow
