// SPDX-License-Identifier: GPL-3.0-or-later
// Chat templates, found where models keep them.
#include "core/model/chat/chat_template.h"
#include "tests/model/fixture_files.h"
#include "tests/support/temporary_folder.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace winnow {
namespace {

using testing::HasSubstr;
using testing::Pair;
using testing::UnorderedElementsAre;
using testing_support::TemporaryFolder;

class ChatTemplateFiles : public testing::Test {
protected:
    void put(const char* name, const std::string& text) { m_folder.write(name, text); }
    ChatTemplate read() const { return readChatTemplate(m_folder.path()).value(); }
    TemporaryFolder m_folder;
};

TEST_F(ChatTemplateFiles, areSearchedInTheOrderOfTransformers)
{
    EXPECT_TRUE(read().empty());
    put("tokenizer_config.json", R"({"bos_token":{"content":"<s>"},"eos_token":"</s>","chat_template":"one"})");
    EXPECT_EQ(read().source, "one");
    EXPECT_EQ(read().from, "tokenizer_config.json");
    EXPECT_THAT(read().marks, UnorderedElementsAre(Pair("bos_token", "<s>"), Pair("eos_token", "</s>")));
    put("special_tokens_map.json", R"({"bos_token":"<other>","pad_token":{"content":"<pad>"}})");
    put("chat_template.jinja", "two\n");
    EXPECT_EQ(read().source, "two\n");
    EXPECT_EQ(read().from, "chat_template.jinja");
    EXPECT_THAT(read().marks,
                UnorderedElementsAre(Pair("bos_token", "<s>"), Pair("eos_token", "</s>"), Pair("pad_token", "<pad>")));
}

TEST_F(ChatTemplateFiles, mayHoldSeveral)
{
    put("tokenizer_config.json", R"({"chat_template":[{"name":"tool_use","template":"t"},{"name":"default","template":"d"}]})");
    EXPECT_EQ(read().source, "d");
    EXPECT_EQ(read().toolSource, "t");
    put("tokenizer_config.json", R"({"chat_template":[{"name":"a","template":"first"},{"name":"b","template":"second"}]})");
    EXPECT_EQ(read().source, "first");
    put("tokenizer_config.json", R"({"chat_template":[{"name":"a"}, 3]})");
    EXPECT_TRUE(read().empty());
    put("chat_template.jinja", "plain");
    put("additional_chat_templates/tool_use.jinja", "with tools");
    EXPECT_EQ(read().source, "plain");
    EXPECT_EQ(read().toolSource, "with tools");
}

TEST_F(ChatTemplateFiles, areRefusedWhenTheyAreNoText)
{
    put("chat_template.jinja", "a\xFF");
    EXPECT_THAT(readChatTemplate(m_folder.path()).error().message, HasSubstr("its chat template is not UTF-8 (byte 1)"));
    put("chat_template.jinja", std::string((1 << 20) + 1, 'a'));
    EXPECT_THAT(readChatTemplate(m_folder.path()).error().message, HasSubstr("has 1048577 bytes"));
    put("chat_template.jinja",
        "version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\n"); // would be the text of every chat
    EXPECT_THAT(readChatTemplate(m_folder.path()).error().message, HasSubstr("chat_template.jinja' is a Git LFS pointer"));
    put("tokenizer_config.json", "{");
    EXPECT_FALSE(readChatTemplate(m_folder.path()));
}

TEST(ChatTemplates, standInGgufFilesToo)
{
    const ChatTemplate found = readChatTemplate(std::filesystem::path(WINNOW_FIXTURES) / "tokenizer/llama3.gguf").value();
    EXPECT_EQ(found.marks.at("bos_token"), "<s>");
    EXPECT_THAT(found.source, HasSubstr("<|start_header_id|>"));
}

} // namespace
} // namespace winnow
