// SPDX-License-Identifier: GPL-3.0-or-later
// Tokenizers in the layouts of published families: the ids, offsets and decoded text of Hugging Face's tokenizers, line by line.
// fixtures/tokenizer/make_tokenizers.py wrote what is expected.
#include "core/model/config/model_folder.h"
#include "core/model/tokenizer/tokenizer.h"
#include "tests/model/fixture_files.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace winnow {
namespace {

namespace fs = std::filesystem;

std::vector<std::string> names()
{
    std::vector<std::string> result;
    for (const auto& entry : fs::directory_iterator(tokenizerFixture("")))
        if (entry.path().extension() == ".json")
            result.push_back(entry.path().stem().string());
    std::ranges::sort(result);
    return result;
}

std::string encoded(const Encoding& encoding)
{
    std::vector<std::int32_t> numbers = encoding.ids;
    for (const auto& range : encoding.offsets)
        numbers.insert(numbers.end(), range.begin(), range.end());
    return fmt::format("{} {}", encoding.ids.size(), contentHash(std::as_bytes(std::span(numbers))));
}

class TokenizerLayouts : public testing::TestWithParam<std::string> {};

TEST_P(TokenizerLayouts, giveIdsOffsetsAndTextOfTheReference)
{
    const auto tokenizer = Tokenizer::load(tokenizerFixture(GetParam() + ".json"));
    ASSERT_TRUE(tokenizer) << tokenizer.error().message;
    const auto lines = split(readText(tokenizerFixture("lines.txt")), '\0');
    const auto expected = split(readText(tokenizerFixture(GetParam() + ".txt")), '\n');
    ASSERT_EQ(expected.size(), lines.size() + 1); // it ends with a line end
    int different = 0;
    for (std::size_t i = 0; i < lines.size(); ++i) {
        const auto encoding = (*tokenizer)->encode(lines[i]);
        ASSERT_TRUE(encoding) << encoding.error().message;
        const std::string text = (*tokenizer)->decode((*tokenizer)->encode(lines[i], false).value().ids);
        const bool cut = expected[i].ends_with('-'); // the reference had to write replacement characters
        const std::string found = fmt::format("{} {}", encoded(*encoding), cut ? "-" : contentHash(text));
        if (found == expected[i] || ++different > 5)
            continue;
        std::string tokens;
        for (std::size_t t = 0; t < encoding->ids.size(); ++t)
            tokens += fmt::format("{}[{},{}] ", (*tokenizer)->token(encoding->ids[t]), encoding->offsets[t][0],
                                  encoding->offsets[t][1]);
        ADD_FAILURE() << "line " << i << ": " << found << ", expected " << expected[i] << "\n"
                      << testing::PrintToString(lines[i]) << "\n"
                      << tokens << "\n"
                      << text;
    }
    EXPECT_EQ(different, 0) << "of " << lines.size();
}

INSTANTIATE_TEST_SUITE_P(Fixtures, TokenizerLayouts, testing::ValuesIn(names()), [](const auto& each) { return each.param; });

} // namespace
} // namespace winnow
