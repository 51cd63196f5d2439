// SPDX-License-Identifier: GPL-3.0-or-later
// The ids of the library sentencepiece, from its own files and from GGUF metadata; fixtures/tokenizer/make_sentencepiece.py wrote
// them.
#include "core/io/mapped_file.h"
#include "core/model/config/model_folder.h"
#include "core/model/tokenizer/sentencepiece_tokenizer.h"
#include "tests/model/fixture_files.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <optional>

namespace winnow {
namespace {

using testing::HasSubstr;

/// How many lines have other ids than expected; tells of the first.
int different(const Tokenizer& tokenizer, const std::string& expectedName)
{
    const auto lines = split(readText(tokenizerFixture("lines.txt")), '\0');
    const auto expected = split(readText(tokenizerFixture(expectedName)), '\n');
    EXPECT_EQ(expected.size(), lines.size() + 1);
    int count = 0;
    for (std::size_t i = 0; i < lines.size(); ++i) {
        const auto ids = tokenizer.encode(lines[i], false).value().ids;
        const std::string found = fmt::format("{} {}", ids.size(), contentHash(std::as_bytes(std::span(ids))));
        if (expected[i] == "-" || found == expected[i] || ++count > 1)
            continue;
        std::string tokens;
        for (const std::int32_t id : ids)
            tokens += tokenizer.token(id) + " ";
        ADD_FAILURE() << "line " << i << ": " << found << ", expected " << expected[i] << "\n" << lines[i] << "\n" << tokens;
    }
    return count;
}

TEST(SentencePiece, givesTheIdsOfTheLibrary)
{
    for (const std::string name : {"bpe", "unigram"}) {
        const auto tokenizer = Tokenizer::load(tokenizerFixture(name + ".model"));
        ASSERT_TRUE(tokenizer) << tokenizer.error().message;
        EXPECT_EQ(different(**tokenizer, name + ".ids"), 0) << name;
    }
}

TEST(SentencePiece, isMergedByScoreInGgufFilesToo)
{
    const auto tokenizer = Tokenizer::load(tokenizerFixture("bpe.gguf"));
    ASSERT_TRUE(tokenizer) << tokenizer.error().message;
    EXPECT_EQ(different(**tokenizer, "bpe.ids"), 0);
    EXPECT_EQ((*tokenizer)->addedByEncode(), 1);
}

TEST(SentencePiece, decodesWhatItEncoded)
{
    const auto tokenizer = Tokenizer::load(tokenizerFixture("bpe.model")).value();
    for (const std::string& line : split(readText(tokenizerFixture("lines.txt")), '\0'))
        if (line.find("▁") == std::string::npos) { // which comes back as the space that it stands for
            ASSERT_EQ(tokenizer->decode(tokenizer->encode(line, false).value().ids), line);
        }
}

TEST(GgufTokenizer, splitsWordsAsItsNameSays)
{
    for (const auto& [stored, name] :
         {std::pair("falcon", "falcon"), {"llama3", "llama3"}, {"o200k", "o200k"}, {"gemma4", "gemma"}}) {
        const auto file = Tokenizer::load(tokenizerFixture(std::string(stored) + ".gguf"));
        ASSERT_TRUE(file) << file.error().message;
        const auto folder = Tokenizer::load(tokenizerFixture(std::string(name) + ".json")).value();
        for (const std::string& line : split(readText(tokenizerFixture("lines.txt")), '\0')) {
            const Encoding ours = (*file)->encode(line).value(), theirs = folder->encode(line).value();
            ASSERT_EQ(ours.ids, theirs.ids) << line;
            ASSERT_EQ(ours.offsets, theirs.offsets) << line;
        }
    }
}

TEST(GgufTokenizer, knowsTheNamesOfItsFamilies)
{
    using Texts = std::vector<std::string_view>;
    const auto pieces = [](std::string_view pre) {
        GgufTable table;
        table.metadata["tokenizer.ggml.model"] = std::string_view("gpt2");
        table.metadata["tokenizer.ggml.pre"] = pre;
        table.metadata["tokenizer.ggml.tokens"] = Texts{"a", "B", "1", "11", "111", "aB", "B1", "a1"};
        table.metadata["tokenizer.ggml.merges"] = Texts{"1 1", "11 1", "a B", "B 1", "a 1"};
        const auto tokenizer = ggufTokenizer(table, "'f.gguf'");
        if (!tokenizer)
            return tokenizer.error().message;
        std::string text;
        const Encoding encoding = (*tokenizer)->encode("aB111").value();
        for (const std::int32_t id : encoding.ids)
            text += (*tokenizer)->token(id) + " ";
        return text;
    };
    EXPECT_EQ(pieces("gpt-2"), "aB 111 ");
    EXPECT_EQ(pieces("llama-bpe"), "aB 111 ");
    EXPECT_EQ(pieces("dbrx"), "aB 111 ");
    EXPECT_EQ(pieces("qwen2"), "aB 1 1 1 ");
    EXPECT_EQ(pieces("smollm"), "aB 1 1 1 ");
    EXPECT_EQ(pieces("stablelm2"), "aB 1 1 1 ");
    EXPECT_EQ(pieces("refact"), "aB 1 1 1 "); // Granite 3
    EXPECT_EQ(pieces("falcon"), "aB 111 ");
    EXPECT_EQ(pieces("gpt-4o"), "a B 111 ");
    EXPECT_EQ(pieces("tekken"), "a B 1 1 1 ");
}

TEST(GgufTokenizer, addsTheBeginMarkThatLlamaCppAddsUnasked)
{
    using Texts = std::vector<std::string_view>;
    const auto first = [](std::string_view kind, std::string_view pre, std::optional<bool> asked, std::int64_t begin) {
        GgufTable table;
        table.metadata["tokenizer.ggml.model"] = kind;
        table.metadata["tokenizer.ggml.pre"] = pre;
        table.metadata["tokenizer.ggml.tokens"] = Texts{"u", "<s>", "</s>", "a", "4", "5", "6", "7", "8", "9", "10", "<b>"};
        table.metadata["tokenizer.ggml.scores"] = std::vector<double>(12, -1);
        table.metadata["tokenizer.ggml.merges"] = Texts{};
        table.metadata["tokenizer.ggml.add_space_prefix"] = false;
        if (asked)
            table.metadata["tokenizer.ggml.add_bos_token"] = *asked;
        if (begin >= 0)
            table.metadata["tokenizer.ggml.bos_token_id"] = begin;
        const auto tokenizer = ggufTokenizer(table, "'f.gguf'").value();
        return tokenizer->token(tokenizer->encode("a").value().ids.front());
    };
    for (const char* pre : {"llama-bpe", "llama3", "llama-v3", "falcon3", "pixtral", "tekken"}) {
        EXPECT_EQ(first("gpt2", pre, {}, 1), "<s>") << pre;
        EXPECT_EQ(first("gpt2", pre, false, 1), "a") << pre;
    }
    EXPECT_EQ(first("gpt2", "llama-bpe", {}, -1), "<b>"); // 11, where the file names none
    EXPECT_EQ(first("gpt2", "qwen2", {}, 1), "a");
    EXPECT_EQ(first("gpt2", "qwen2", true, 1), "<s>");
    EXPECT_EQ(first("llama", "default", {}, -1), "<s>"); // 1
    EXPECT_EQ(first("llama", "default", false, 1), "a");
}

std::string problem(const GgufTable& table)
{
    const auto tokenizer = ggufTokenizer(table, "'f.gguf'");
    return tokenizer ? "understood" : tokenizer.error().message;
}

TEST(GgufTokenizer, saysWhatItLacks)
{
    using Texts = std::vector<std::string_view>;
    GgufTable table;
    EXPECT_THAT(problem(table), HasSubstr("holds no tokenizer"));
    table.metadata["tokenizer.ggml.model"] = std::string_view("bert");
    table.metadata["tokenizer.ggml.tokens"] = Texts{"a", "b"};
    EXPECT_THAT(problem(table), HasSubstr("the tokenizer kind 'bert' is not supported"));
    table.metadata["tokenizer.ggml.model"] = std::string_view("llama");
    EXPECT_THAT(problem(table), HasSubstr("without 'tokenizer.ggml.scores'"));
    table.metadata["tokenizer.ggml.scores"] = std::vector<double>{1};
    EXPECT_THAT(problem(table), HasSubstr("another number of types or scores"));
    table.metadata["tokenizer.ggml.scores"] = std::vector<double>{0, -1};
    EXPECT_EQ(problem(table), "understood");
    table.metadata["tokenizer.ggml.tokens"] = Texts{"a", "\xFF"};
    EXPECT_THAT(problem(table), HasSubstr("entry 1 of its vocabulary is empty, no UTF-8"));
    table.metadata["tokenizer.ggml.model"] = std::string_view("gpt2");
    EXPECT_THAT(problem(table), HasSubstr("without 'tokenizer.ggml.merges'"));
    table.metadata["tokenizer.ggml.merges"] = Texts{};
    table.metadata["tokenizer.ggml.pre"] = std::string_view("mystery");
    EXPECT_THAT(problem(table), HasSubstr("splits words as 'mystery', which is not known"));
}

TEST(SentencePiece, refusesEveryBeginningOfAFileOrReadsIt)
{
    const std::string file = readText(tokenizerFixture("bpe.model"));
    for (std::size_t size = 0; size < file.size(); size += 97) {
        const auto tokenizer = parseSentencePiece(std::as_bytes(std::span(file)).first(size), {}, "'t.model'");
        if (!tokenizer) {
            ASSERT_THAT(tokenizer.error().message, HasSubstr("'t.model'"));
        }
    }
    EXPECT_THAT(parseSentencePiece(std::as_bytes(std::span(file)).subspan(3), {}, "'t.model'").error().message,
                HasSubstr("is no SentencePiece model"));
}

} // namespace
} // namespace winnow
