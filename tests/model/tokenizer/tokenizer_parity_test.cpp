// SPDX-License-Identifier: GPL-3.0-or-later
// The ids and offsets of Hugging Face's tokenizers, line by line; fixtures/model/make_tokenizers.py wrote what is expected.
#include "core/model/config/model_folder.h"
#include "core/model/tokenizer/tokenizer.h"
#include "tests/model/fixture_files.h"

#include <gtest/gtest.h>

namespace winnow {
namespace {

struct Case {
    std::string tokenizer, text;
    friend void PrintTo(const Case& each, std::ostream* out) { *out << each.tokenizer << " " << each.text; }
};

std::string summary(const Encoding& encoding)
{
    std::vector<std::int32_t> numbers = encoding.ids;
    for (const auto& range : encoding.offsets)
        numbers.insert(numbers.end(), range.begin(), range.end());
    return fmt::format("{} {}", encoding.ids.size(), contentHash(std::as_bytes(std::span(numbers))));
}

class TokenizerParity : public testing::TestWithParam<Case> {};

TEST_P(TokenizerParity, givesTheIdsAndOffsetsOfTheReference)
{
    const auto& [name, text] = GetParam();
    const auto tokenizer = Tokenizer::load(name == "demo" ? demoModel() : modelFixture("tokenizers") / (name + ".json"));
    ASSERT_TRUE(tokenizer) << tokenizer.error().message;
    const auto lines = split(readText(modelFixture("tokenizers") / (text + ".txt")), '\0');
    const auto expected = split(readText(modelFixture("tokenizers") / (name + "." + text + ".txt")), '\n');
    ASSERT_EQ(lines.size(), 2000u);
    ASSERT_EQ(expected.size(), lines.size() + 1); // it ends with a line end
    int different = 0;
    for (std::size_t i = 0; i < lines.size(); ++i) {
        const auto encoding = (*tokenizer)->encode(lines[i]);
        ASSERT_TRUE(encoding) << encoding.error().message;
        const std::string found = summary(*encoding);
        if (found == expected[i])
            continue;
        if (++different > 5)
            break;
        std::string tokens;
        for (std::size_t t = 0; t < encoding->ids.size(); ++t)
            tokens += fmt::format("{}[{},{}] ", encoding->ids[t], encoding->offsets[t][0], encoding->offsets[t][1]);
        ADD_FAILURE() << "line " << i << ": " << found << ", expected " << expected[i] << "\n" << lines[i] << "\n" << tokens;
    }
    EXPECT_EQ(different, 0);
}

TEST(Tokenizer, decodesWhatItEncoded)
{
    const auto tokenizer = Tokenizer::load(demoModel()).value();
    for (const char* text : {"prose.txt", "unicode.txt"})
        for (const std::string& line : split(readText(modelFixture("tokenizers") / text), '\0'))
            ASSERT_EQ(tokenizer->decode(tokenizer->encode(line, false).value().ids), line);
}

INSTANTIATE_TEST_SUITE_P(Fixtures, TokenizerParity,
                         testing::Values(Case{"demo", "prose"}, Case{"demo", "unicode"}, Case{"llama3", "prose"},
                                         Case{"llama3", "unicode"}, Case{"qwen", "prose"}, Case{"qwen", "unicode"},
                                         Case{"digits", "prose"}, Case{"digits", "unicode"}),
                         [](const auto& each) { return each.param.tokenizer + "_" + each.param.text; });

} // namespace
} // namespace winnow
