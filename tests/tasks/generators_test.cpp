// SPDX-License-Identifier: GPL-3.0-or-later
// Examples that are made here: RULER's shape and lengths, needles where they were wanted, the demo model's own wording, and the
// same ones again from the same seed.
#include "core/tasks/generators/demo_wording.h"
#include "core/tasks/generators/hay.h"
#include "core/tasks/generators/prose.h"
#include "core/tasks/generators/ruler.h"
#include "core/tasks/generators/word_lists.h"
#include "core/tasks/profiles.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <fstream>
#include <map>
#include <set>
#include <sstream>

namespace winnow::tasks {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::MatchesRegex;

/// A token is a run of letters and digits with the blank before it, or any other character.
Result<std::vector<std::size_t>> wordEnds(std::string_view text)
{
    std::vector<std::size_t> ends;
    const auto isWord = [&](std::size_t at) {
        return at < text.size() && (std::isalnum(static_cast<unsigned char>(text[at])) != 0);
    };
    for (std::size_t at = 0; at < text.size();) {
        if (text[at] == ' ' && isWord(at + 1))
            ++at;
        if (isWord(at))
            while (isWord(at))
                ++at;
        else
            ++at;
        ends.push_back(at);
    }
    return ends;
}

Result<std::size_t> wordCount(std::string_view text)
{
    WINNOW_TRY(const auto ends, wordEnds(text));
    return ends.size();
}

std::size_t occurrences(std::string_view text, std::string_view part)
{
    std::size_t count = 0;
    for (std::size_t at = text.find(part); at != std::string_view::npos; at = text.find(part, at + 1))
        ++count;
    return count;
}

std::vector<Example> ruler(std::string_view task, std::size_t length, std::size_t samples = 3, std::uint64_t seed = 42)
{
    auto examples = makeRuler(task, {.length = length, .samples = samples, .seed = seed}, wordCount, {});
    EXPECT_TRUE(examples) << examples.error().message;
    return examples.value_or(std::vector<Example>());
}

class RulerTask : public testing::TestWithParam<const char*> {};

TEST_P(RulerTask, fillsItsLengthAndHoldsItsAnswersAndIsTheSameAgain)
{
    for (const std::size_t length : {1500, 4096, 9000}) {
        const auto examples = ruler(GetParam(), length);
        ASSERT_EQ(examples.size(), 3U);
        for (const Example& example : examples) {
            EXPECT_EQ(example.length, *wordCount(example.prompt()) + static_cast<std::size_t>(example.newTokens));
            EXPECT_LE(example.length, length);
            EXPECT_GE(example.length, length - length / 8) << "as much as fits";
            EXPECT_EQ(example.newTokens, findTask(GetParam())->newTokens);
            for (const std::string& reference : example.references)
                EXPECT_THAT(example.context, HasSubstr(reference));
            EXPECT_EQ(example.prompt().find('{'), std::string::npos) << "a field was left open";
        }
        EXPECT_EQ(ruler(GetParam(), length), examples);
        EXPECT_EQ(ruler(GetParam(), length, 2), std::vector(examples.begin(), examples.begin() + 2)) << "whatever their number";
        EXPECT_NE(ruler(GetParam(), length, 3, 43).front().context, examples.front().context);
        EXPECT_NE(examples[0].context, examples[1].context);
    }
}

TEST_P(RulerTask, isRefusedWhereItDoesNotFit)
{
    const auto none = makeRuler(GetParam(), {.length = 150}, wordCount, {});
    ASSERT_FALSE(none);
    EXPECT_THAT(none.error().message, HasSubstr("does not fit into 150 tokens"));
}

INSTANTIATE_TEST_SUITE_P(All, RulerTask,
                         testing::Values("niah_single_1", "niah_multikey_2", "niah_multikey_3", "vt", "cwe", "fwe"));

TEST(Ruler, hidesOneNumberAmongSentencesThatSayNothing)
{
    const Example example = ruler("niah_single_1", 2000).front();
    EXPECT_THAT(example.context,
                testing::StartsWith("A special magic number is hidden within the following text. Make sure to memorize it. I "
                                    "will quiz you about the number afterwards.\n"));
    EXPECT_EQ(occurrences(example.context, "One of the special magic numbers for "), 1U);
    EXPECT_GT(occurrences(example.context,
                          "The grass is green. The sky is blue. The sun is yellow. Here we go. There and back again.\n"),
              20U);
    EXPECT_THAT(example.question,
                MatchesRegex("What is the special magic number for [a-z]+-[a-z]+ mentioned in the provided text\\?"));
    EXPECT_THAT(example.lead, MatchesRegex(" The special magic number for [a-z]+-[a-z]+ mentioned in the provided text is"));
    EXPECT_THAT(example.references, ElementsAre(MatchesRegex("[1-9][0-9]{6}")));
}

TEST(Ruler, hidesANeedleAmongNeedles)
{
    const Example words = ruler("niah_multikey_2", 2000).front(), uuids = ruler("niah_multikey_3", 2000).front();
    EXPECT_GT(occurrences(words.context, "One of the special magic numbers for "), 50U);
    EXPECT_THAT(words.context, HasSubstr(" is: " + words.references.front() + "."));
    EXPECT_THAT(uuids.references,
                ElementsAre(MatchesRegex("[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")));
    EXPECT_THAT(uuids.question,
                MatchesRegex("What is the special magic uuid for [-0-9a-f]{36} mentioned in the provided text\\?"));
}

TEST(Ruler, chainsFiveVariablesBehindAnExampleOfThreeLetters)
{
    const Example example = ruler("vt", 2500).front();
    ASSERT_EQ(example.references.size(), 5U);
    std::size_t at = 0;
    for (std::size_t i = 0; i < 5; ++i) {
        EXPECT_THAT(example.references[i], MatchesRegex("[A-Z]{5}"));
        const std::string line = i == 0 ? "VAR " + example.references[0] + " = "
                                        : fmt::format("VAR {} = VAR {} \n", example.references[i], example.references[i - 1]);
        const std::size_t found = example.context.find(line, at);
        EXPECT_NE(found, std::string::npos) << line;
        at = found;
    }
    EXPECT_EQ(occurrences(example.context, "Memorize and track the chain(s) of variable assignment"), 2U)
        << "the example, and the chain";
    EXPECT_THAT(example.context,
                testing::ContainsRegex("5 variables are assigned the value [0-9]{5}, they are:  [A-Z]{3} [A-Z]{3} [A-Z]{3} "
                                       "[A-Z]{3} [A-Z]{3}\n\nMemorize"));
    EXPECT_THAT(example.question,
                MatchesRegex("Question: Find all variables that are assigned the value [0-9]{5} in the text above\\."));
    EXPECT_EQ(occurrences(example.context, "12345"), 0U) << "the example's value is drawn anew";
}

/// How often each word stands in the last numbered list of a prompt.
std::map<std::string, int> listedWords(const Example& example)
{
    const std::string mark = "Memorize the ones that appear most often.\n";
    std::istringstream list(example.context.substr(example.context.rfind(mark) + mark.size()));
    std::map<std::string, int> counts;
    for (std::string number, word; list >> number >> word;)
        ++counts[word];
    return counts;
}

TEST(Ruler, repeatsTenWordsMoreOftenThanTheOthers)
{
    for (const auto& [length, often, seldom] : {std::tuple(2000, 6, 1), std::tuple(6000, 30, 3)}) {
        const Example example = ruler("cwe", static_cast<std::size_t>(length)).front();
        ASSERT_EQ(example.references.size(), 10U);
        const std::set<std::string> common(example.references.begin(), example.references.end());
        EXPECT_EQ(common.size(), 10U);
        for (const auto& [word, count] : listedWords(example))
            EXPECT_EQ(count, common.contains(word) ? often : seldom) << word;
        EXPECT_EQ(occurrences(example.context, "The top 10 words that appear most often in the list are: 1. "), 1U)
            << "the example's answer";
    }
    EXPECT_FALSE(makeRuler("cwe", {.words = {"a", "b"}}, wordCount, {}));
}

TEST(Ruler, drawsCodedWordsByAZetaDistribution)
{
    const Example example = ruler("fwe", 4096).front();
    ASSERT_EQ(example.references.size(), 3U);
    std::map<std::string, int> counts;
    std::istringstream words(example.context.substr(example.context.find("coded words. ") + 13));
    for (std::string word; words >> word;)
        ++counts[word];
    const int most = counts["..."];
    for (std::size_t i = 0; i < 3; ++i) {
        EXPECT_THAT(example.references[i], MatchesRegex("[a-z]{6}"));
        const double rank = static_cast<double>(i) + 2;
        EXPECT_NEAR(counts[example.references[i]], most / (rank * rank), 1.5) << "rank " << rank;
    }
}

const std::string& hay()
{
    static const std::string text = [] {
        std::ifstream file(WINNOW_RESOURCES "/texts/house-of-the-seven-gables.txt");
        return std::string(std::istreambuf_iterator<char>(file), {});
    }();
    return text;
}

std::vector<Example> hidden(std::string_view task, HayOptions options = {})
{
    options.hay = hay();
    auto examples = makeHidden(task, options, wordEnds, {});
    EXPECT_TRUE(examples) << examples.error().message;
    return examples.value_or(std::vector<Example>());
}

TEST(Needle, standsBehindASentenceAtItsDepth)
{
    const auto examples = hidden("needle", {.lengths = {600, 1200}, .depths = {0, 25, 50, 100}, .samples = 2});
    ASSERT_EQ(examples.size(), 16U);
    for (const Example& example : examples) {
        EXPECT_LE(example.length, example.index < 8 ? 600U : 1200U);
        EXPECT_GE(example.length, example.index < 8 ? 590U : 1190U);
        ASSERT_EQ(example.references.size(), 2U);
        EXPECT_EQ(occurrences(example.context, example.references.back()), 1U);
        const auto body = static_cast<double>(example.context.size());
        const auto at = static_cast<double>(example.context.find(example.references.back()));
        EXPECT_NEAR(100 * at / body, *example.depth, *example.depth == 100 ? 30 : 12) << example.index;
        if (*example.depth > 0 && *example.depth < 100) {
            const std::size_t before = example.context.find_last_not_of(" \n", static_cast<std::size_t>(at) - 1);
            EXPECT_THAT(std::string(".!?\"'"), HasSubstr(std::string(1, example.context[before]))) << "a sentence ends there";
        }
    }
    EXPECT_THAT(examples.front().prompt(), testing::EndsWith("Question: The best thing to do in San Francisco is: \nAnswer:"));
}

TEST(Needle, takesSentencesOfOnesOwnAndSeveral)
{
    const auto own = hidden(
        "needle", {.needles = {"Mina keeps bees.", "Otto keeps cats."}, .question = "What does Mina keep?", .answer = "bees"});
    EXPECT_THAT(own.front().references, ElementsAre("bees", "Mina keeps bees."));
    EXPECT_THAT(own.front().context, AllOf(HasSubstr("Mina keeps bees."), HasSubstr("Otto keeps cats.")));
    EXPECT_EQ(occurrences(hidden("needle", {.hidden = 4}).front().context, "The best thing to do in "), 4U);
    const auto refused = makeHidden("needle", {.hay = hay(), .needles = {"x"}}, wordEnds, {});
    ASSERT_FALSE(refused);
    EXPECT_THAT(refused.error().message, HasSubstr("--question"));
    const auto shortOne = makeHidden("needle", {.hay = hay(), .lengths = {60}}, wordEnds, {});
    ASSERT_FALSE(shortOne);
    EXPECT_THAT(shortOne.error().message, HasSubstr("does not fit into 60 tokens"));
    EXPECT_FALSE(makeHidden("needle", {.hay = " \n"}, wordEnds, {}));
}

TEST(DemoTasks, areWordedAsTheModelLearnedThem)
{
    std::ifstream file(WINNOW_RESOURCES "/models/demo/train/wording.py");
    const std::string wording((std::istreambuf_iterator<char>(file)), {});
    ASSERT_FALSE(wording.empty());
    for (const FactKind& kind : factKinds())
        for (const std::string_view text : {kind.statement, kind.question, kind.answer})
            EXPECT_THAT(wording, HasSubstr(std::string(text)));
    EXPECT_EQ(factKinds().size(), 16U);
    for (const auto list : {factNames(), factThings(), factPlaces()})
        for (const std::string_view word : list)
            EXPECT_THAT(wording, HasSubstr(std::string(word)));
}

TEST(DemoTasks, askAtTheirEndForWhatTheyHold)
{
    for (const Example& example : hidden("facts", {.lengths = {300}, .samples = 8})) {
        EXPECT_LE(example.length, 300U);
        EXPECT_TRUE(example.question.starts_with("\n\n")) << example.question;
        EXPECT_THAT(example.context, HasSubstr(example.references.front()));
    }
    const auto lists = hidden("lists", {.lengths = {800}, .samples = 4});
    for (const Example& example : lists)
        EXPECT_THAT(example.context, HasSubstr(example.references.front()));
    for (const Example& example : hidden("passages", {.lengths = {400}, .samples = 4})) {
        const std::string passage = example.question.substr(2) + example.references.front();
        EXPECT_TRUE(example.context.starts_with(passage)) << passage;
        EXPECT_LE(example.length, 400U);
        EXPECT_GE(example.length, 390U);
    }
    EXPECT_EQ(hidden("facts", {.samples = 3}), hidden("facts", {.samples = 3}));
}

TEST(Example, isReadBackAsItWas)
{
    for (const Example& example : {ruler("vt", 1500).front(), hidden("needle", {.depths = {33}}).front()}) {
        const std::string line = exampleLine(example);
        EXPECT_EQ(line.find('\n'), line.size() - 1);
        const auto again = parseExample(line);
        ASSERT_TRUE(again) << again.error().message;
        EXPECT_EQ(*again, example);
    }
    const auto official =
        parseExample(R"({"index":1,"input":"text What?","outputs":["1"],"length":9,"answer_prefix":" It is"})", "vt");
    ASSERT_TRUE(official);
    EXPECT_EQ(official->prompt(), "text What? It is");
    EXPECT_FALSE(parseExample(R"({"input":"text","outputs":[]})"));
    EXPECT_FALSE(parseExample(R"({"input":"text","question":"other","outputs":["1"]})"));
}

TEST(WordLists, holdDifferentWords)
{
    const auto words = wordsForLists(5000);
    EXPECT_GE(words.size(), 5000U);
    EXPECT_EQ(std::set(words.begin(), words.end()).size(), words.size());
}

TEST(Prose, takesASentencesEndBeforeThePlace)
{
    EXPECT_EQ(withSentence("One. Two three. Four.", 0.7, "N."), "One. N. Two three. Four.");
    EXPECT_EQ(withSentence("One. Two three. Four.", 0, "N."), "N.\n\nOne. Two three. Four.");
    EXPECT_EQ(withSentence("One. Two three. Four.", 1, "N."), "One. Two three. Four.\n\nN.");
    EXPECT_EQ(withSentence("One.\n\nTwo.", 0.9, "N."), "One.\n\nN.\n\nTwo.");
    EXPECT_THAT(evenDepths(10), ElementsAre(0, 11, 22, 33, 44, 56, 67, 78, 89, 100));
}

} // namespace
} // namespace winnow::tasks
