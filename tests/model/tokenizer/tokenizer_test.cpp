// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/model/tokenizer/tokenizer.h"
#include "tests/model/fixture_files.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>

namespace winnow {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

/// "a|b|c": the tokens of `text` as the vocabulary writes them, with "~" for those that stand for no text.
std::string draw(const Tokenizer& tokenizer, std::string_view text)
{
    const Encoding encoding = tokenizer.encode(text).value();
    std::string drawn;
    for (std::size_t t = 0; t < encoding.ids.size(); ++t) {
        drawn += t > 0 ? "|" : "";
        drawn += tokenizer.token(encoding.ids[t]) + (encoding.offsets[t][0] == encoding.offsets[t][1] ? "~" : "");
    }
    return drawn;
}

std::shared_ptr<const Tokenizer> demo() { return Tokenizer::load(demoModel()).value(); }

/// A tokenizer.json with the vocabulary a, b, Ġ, ab, Ġab; `more` are further members, each with a comma in front.
std::string smallJson(const std::string& more = "",
                      const std::string& pre = R"({"type":"ByteLevel","add_prefix_space":false,"use_regex":true})")
{
    return R"({"model":{"type":"BPE","vocab":{"a":0,"b":1,"Ġ":2,"ab":3,"Ġab":4},"merges":[["a","b"],["Ġ","ab"]]},)"
           R"("pre_tokenizer":)" +
           pre + more + "}";
}

std::string problem(const std::string& json)
{
    const auto parsed = Tokenizer::parse(json, "'t.json'");
    return parsed ? "understood" : parsed.error().message;
}

TEST(Tokenizer, putsTheBeginMarkInFrontAndKeepsTheSpaceWithTheWord)
{
    EXPECT_EQ(draw(*demo(), "the secret of Harold"), "<s>~|the|Ġsecret|Ġof|ĠHar|old");
    EXPECT_EQ(demo()->addedByEncode(), 1);
}

TEST(Tokenizer, givesTokensThatShareACharacterItsWholeRange)
{
    const Encoding encoding = demo()
                                  ->encode("a\xE2\xAD\xA2"
                                           "b",
                                           false)
                                  .value(); // U+2B62, which has no token of its own
    ASSERT_EQ(encoding.ids.size(), 5u);
    EXPECT_EQ(encoding.offsets[0], (std::array<std::int32_t, 2>{0, 1}));
    for (std::size_t t = 1; t < 4; ++t)
        EXPECT_EQ(encoding.offsets[t], (std::array<std::int32_t, 2>{1, 4})) << t;
    EXPECT_EQ(encoding.offsets[4], (std::array<std::int32_t, 2>{4, 5}));
}

TEST(Tokenizer, findsSpecialTokensInTheTextAndSkipsThemOnRequest)
{
    const auto tokenizer = demo();
    const Encoding encoding = tokenizer->encode("one</s>two", false).value();
    EXPECT_EQ(tokenizer->decode(encoding.ids), "one</s>two");
    EXPECT_EQ(tokenizer->decode(encoding.ids, true), "onetwo");
    EXPECT_EQ(tokenizer->id("</s>"), 1);
    EXPECT_TRUE(tokenizer->isSpecial(1));
    EXPECT_FALSE(tokenizer->isSpecial(2));
}

TEST(Tokenizer, turnsAnEmptyTextIntoTheSpecialTokensAlone)
{
    EXPECT_EQ(draw(*demo(), ""), "<s>~");
    EXPECT_TRUE(demo()->encode("", false).value().ids.empty());
}

TEST(Tokenizer, refusesTextThatIsNotUtf8AndNamesTheByte)
{
    EXPECT_EQ(demo()->encode("caf\xE9 au lait").error().message,
              "the text is not UTF-8: byte 3 (0xE9) does not belong there; convert it first");
    for (const char* text :
         {"\x80", "\xC0\x80", "\xE0\x80\x80", "\xED\xA0\x80", "\xF4\x90\x80\x80", "\xF8\x88\x80\x80\x80", "ab\xE2\x82"})
        EXPECT_FALSE(demo()->encode(text)) << text;
}

TEST(Tokenizer, mergesTheLowestRankFirstAndOfEqualsTheLeftmost)
{
    const auto tokenizer = Tokenizer::parse(smallJson(), "t").value();
    EXPECT_EQ(draw(*tokenizer, "ab abba"), "ab|Ġab|b|a");
}

TEST(Tokenizer, readsAndBuildsTheDemoVocabularyInATenthOfASecond)
{
    const auto begin = std::chrono::steady_clock::now();
    const auto tokenizer = demo();
    const auto took = std::chrono::steady_clock::now() - begin;
    RecordProperty("milliseconds", static_cast<int>(std::chrono::duration_cast<std::chrono::milliseconds>(took).count()));
    EXPECT_LT(took, std::chrono::seconds(2)); // 100 ms on a quiet machine; a busy one is no reason to fail
}

TEST(Tokenizer, takesTimeInProportionToAWordWithoutEnd)
{
    const std::string word(400'000, 'a');
    const auto encoding = demo()->encode(word, false);
    ASSERT_TRUE(encoding);
    EXPECT_EQ(demo()->decode(encoding->ids), word);
}

TEST(Tokenizer, saysWhichKindItDoesNotKnow)
{
    EXPECT_EQ(problem(R"({"model":{"type":"WordPiece","vocab":{}}})"),
              "'t.json': the tokenizer kind 'WordPiece' is not supported; supported are: BPE, Unigram");
    EXPECT_THAT(problem(smallJson("", R"({"type":"UnicodeScripts"})")),
                HasSubstr("the pre-tokenizer 'UnicodeScripts' is not supported"));
    EXPECT_THAT(problem(smallJson(R"(,"normalizer":{"type":"Nmt"})")), HasSubstr("the normalizer 'Nmt' is not supported"));
    EXPECT_THAT(problem(smallJson(R"(,"post_processor":{"type":"BertProcessing"})")),
                HasSubstr("'BertProcessing' is not supported"));
    EXPECT_THAT(problem(smallJson(R"(,"decoder":{"type":"WordPiece"})")), HasSubstr("the decoder 'WordPiece' is not supported"));
    EXPECT_EQ(problem("[1]"), "'t.json' is no tokenizer: it has no object 'model'");
    EXPECT_THAT(problem("{"), StartsWith("'t.json' is not valid JSON: it ends"));
}

TEST(Tokenizer, saysWhatIsWrongInItsFile)
{
    const auto model = [](const std::string& inside) { return R"({"model":{"type":"BPE",)" + inside + "}}"; };
    EXPECT_THAT(problem(model(R"("merges":[])")), HasSubstr("no vocabulary"));
    EXPECT_THAT(problem(model(R"("vocab":{"a":-1},"merges":[])")), HasSubstr("the id of 'a' is no whole number"));
    EXPECT_THAT(problem(model(R"("vocab":{"a":18446744073709551615},"merges":[])")),
                HasSubstr("the id of 'a' is no whole number"));
    EXPECT_THAT(problem(model(R"("vocab":{"a":0,"b":0},"merges":[])")), HasSubstr("two entries have the id 0"));
    EXPECT_THAT(problem(model(R"("vocab":{"a":0},"merges":["a c"])")),
                HasSubstr("merge 0 ('a' and 'c') uses text that is not in the vocabulary"));
    EXPECT_THAT(problem(model(R"("vocab":{"a":0},"merges":[7])")), HasSubstr("merge 0 is no pair of texts"));
    EXPECT_THAT(problem(smallJson("", R"({"type":"Split","pattern":{"Regex":"("},"behavior":"Isolated"})")),
                HasSubstr("the regular expression '(' cannot be used"));
    EXPECT_THAT(problem(smallJson(R"(,"post_processor":{"type":"TemplateProcessing","single":[{"SpecialToken":{"id":"x"}}]})")),
                HasSubstr("a special token that it does not define"));
}

TEST(Tokenizer, saysWhatIsWrongInAUnigramModelAndItsNormalizer)
{
    const auto unigram = [](const std::string& inside, const std::string& more = "") {
        return R"({"model":{"type":"Unigram",)" + inside + "}" + more + "}";
    };
    EXPECT_THAT(problem(unigram(R"("vocab":[])")), HasSubstr("no vocabulary"));
    EXPECT_THAT(problem(unigram(R"("vocab":[["a"]])")), HasSubstr("entry 0 of its vocabulary is no pair of text and score"));
    EXPECT_THAT(problem(unigram(R"("vocab":[["a",0]],"unk_id":1)")), HasSubstr("its 'unk_id' is no entry"));
    const auto normalizer = [&](const std::string& object) {
        return problem(unigram(R"("vocab":[["a",0]])", ",\"normalizer\":" + object));
    };
    EXPECT_THAT(normalizer(R"({"type":"Precompiled","precompiled_charsmap":"*"})"), HasSubstr("is no Base64"));
    EXPECT_THAT(normalizer(R"({"type":"Precompiled","precompiled_charsmap":"AAEAAA=="})"), HasSubstr("announces a table of 256"));
    EXPECT_THAT(normalizer(R"({"type":"Replace","content":"x"})"), HasSubstr("neither a 'Regex' nor a 'String'"));
    EXPECT_THAT(normalizer(R"({"type":"Prepend"})"), HasSubstr("has no text 'prepend'"));
}

TEST(Tokenizer, cutsALongTextWithoutWordsWhereNoMergeReachesAcross)
{
    const auto model = [](const std::string& rules) {
        return R"({"model":{"type":"BPE","vocab":{"a":0,"b":1,"▁":2,"▁a":3,"b▁":4,"▁▁":5},"merges":[)" + rules +
               R"(]},"normalizer":{"type":"Replace","pattern":{"String":" "},"content":"▁"}})";
    };
    const auto usual = Tokenizer::parse(model(R"(["▁","a"],["▁","▁"])"), "t").value();
    EXPECT_EQ(draw(*usual, "ab ab  ab"), "a|b|▁a|b|▁|▁a|b");
    const auto across = Tokenizer::parse(model(R"(["b","▁"],["▁","a"])"), "t").value();
    EXPECT_EQ(draw(*across, "ab ab  ab"), "a|b▁|a|b▁|▁a|b");
}

TEST(Tokenizer, givesUpOnAPatternThatBacktracksWithoutEnd)
{
    const std::string pre =
        R"({"type":"Sequence","pretokenizers":[{"type":"Split","pattern":{"Regex":"(a|aa)+b"},"behavior":"Isolated"},)"
        R"({"type":"ByteLevel","add_prefix_space":false,"use_regex":false}]})";
    const auto tokenizer = Tokenizer::parse(smallJson("", pre), "t").value();
    const auto encoding = tokenizer->encode(std::string(200, 'a') + " b");
    ASSERT_FALSE(encoding);
    EXPECT_THAT(encoding.error().message, StartsWith("the tokenizer's regular expression gave up at byte 0 of the text: "));
}

TEST(Tokenizer, splitsAsEachBehaviorSays)
{
    const auto words = [](const std::string& behavior) {
        const std::string pre = R"({"type":"Sequence","pretokenizers":[{"type":"Split","pattern":{"String":"b"},"behavior":")" +
                                behavior + R"("},{"type":"ByteLevel","add_prefix_space":false,"use_regex":false}]})";
        // Every word is one token here: all runs of up to four letters are entries, and entries win over merges.
        std::string vocabulary = R"("a":0,"b":1)";
        int id = 2;
        for (const char* word : {"ab", "bb", "ba", "bba", "abb", "abba", "aa", "aabb"})
            vocabulary += fmt::format(R"(,"{}":{})", word, id++);
        const auto tokenizer = Tokenizer::parse(R"({"model":{"type":"BPE","ignore_merges":true,"vocab":{)" + vocabulary +
                                                    R"(},"merges":[]},"pre_tokenizer":)" + pre + "}",
                                                "t");
        return tokenizer ? draw(**tokenizer, "aabba") : tokenizer.error().message;
    };
    EXPECT_EQ(words("Isolated"), "aa|b|b|a");
    EXPECT_EQ(words("Removed"), "aa|a");
    EXPECT_EQ(words("Contiguous"), "aa|bb|a");
    EXPECT_EQ(words("MergedWithPrevious"), "a|a|b|b|a"); // "aab" is no entry, so its letters stand alone
    EXPECT_EQ(words("MergedWithNext"), "aa|b|ba");
}

} // namespace
} // namespace winnow
