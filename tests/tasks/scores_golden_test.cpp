// SPDX-License-Identifier: GPL-3.0-or-later
// The native scorers give what the published ones gave: tests/fixtures/tasks/scores.json (made by make_scores.py beside it), the
// vectors of LongBench's own scorer where ../shared has them, and any other file of that layout that WINNOW_SCORES_GOLDEN names.
#include "core/io/json.h"
#include "core/tasks/scores/answers_of_words.h"
#include "core/tasks/scores/code_similarity.h"
#include "core/tasks/scores/porter_stemmer.h"
#include "core/tasks/scores/rouge.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstdlib>
#include <functional>
#include <map>

namespace winnow::tasks {
namespace {

using nlohmann::json;

struct GoldenCase {
    Characters prediction, reference;
    std::vector<Characters> references, classes;
    double number = 0;
};

Characters charactersIn(const json& value) { return value.is_string() ? charactersOf(value.get<std::string>()) : Characters(); }

std::vector<Characters> listIn(const json& object, const char* key)
{
    std::vector<Characters> list;
    if (object.contains(key) && object[key].is_array())
        for (const json& entry : object[key])
            list.push_back(charactersIn(entry));
    return list;
}

double percent(int ratio) { return ratio / 100.0; }

double codeSimilarity(const GoldenCase& one, bool skipBlank)
{
    const CharactersView lines = skipBlank ? CharactersView(one.prediction) : withoutLeadingLines(one.prediction);
    return percent(fuzzyRatio(judgedLine(lines, skipBlank), one.reference, RatioBackEnd::Levenshtein));
}

const std::map<std::string, std::function<double(const GoldenCase&)>>& functions()
{
    static const std::map<std::string, std::function<double(const GoldenCase&)>> all = {
        {"qa_f1_score", [](const auto& c) { return wordF1(c.prediction, c.reference); }},
        {"rouge_score", [](const auto& c) { return rougeL(c.prediction, c.reference); }},
        {"rouge_1", [](const auto& c) { return rougeN(c.prediction, c.reference, 1); }},
        {"rouge_2", [](const auto& c) { return rougeN(c.prediction, c.reference, 2); }},
        {"stemmed_rouge_1", [](const auto& c) { return stemmedRouge1(c.prediction, c.reference); }},
        {"summary_rouge_l", [](const auto& c) { return summaryRougeL(c.prediction, c.reference); }},
        {"classification_score", [](const auto& c) { return classification(c.prediction, c.reference, c.classes); }},
        {"count_score", [](const auto& c) { return numberShare(c.prediction, c.reference); }},
        {"retrieval_score", [](const auto& c) { return numberShare(c.prediction, *numberBehind(c.reference, U"Paragraph ")); }},
        {"retrieval_zh_score", [](const auto& c) { return numberShare(c.prediction, *numberBehind(c.reference, U"段落")); }},
        {"code_sim_score",
         [](const auto& c) {
             return percent(fuzzyRatio(judgedLine(withoutLeadingLines(c.prediction), false), c.reference, RatioBackEnd::Difflib));
         }},
        {"code_sim_levenshtein", [](const auto& c) { return codeSimilarity(c, false); }},
        {"code_sim_lm_eval", [](const auto& c) { return codeSimilarity(c, true); }},
        {"ratio_levenshtein", [](const auto& c) { return fuzzyRatio(c.prediction, c.reference, RatioBackEnd::Levenshtein); }},
        {"ratio_difflib", [](const auto& c) { return fuzzyRatio(c.prediction, c.reference, RatioBackEnd::Difflib); }},
        {"match_all", [](const auto& c) { return std::round(1e4 * shareHeld(c.prediction, c.references)) / 1e4; }},
        {"match_part", [](const auto& c) { return shareHeld(c.prediction, c.references) > 0; }},
        {"kvpress_choice", [](const auto& c) { return namesLetter(c.prediction, c.reference); }},
        {"character_f1", [](const auto& c) { return characterF1(c.prediction, c.reference); }},
        {"first_number_is", [](const auto& c) { return firstNumberIs(c.prediction, c.reference); }},
        {"first_number_equals", [](const auto& c) { return firstNumberEquals(c.prediction, c.number, false); }},
        {"first_fraction_equals", [](const auto& c) { return firstNumberEquals(c.prediction, c.number, true); }},
        {"chooses_label", [](const auto& c) { return choosesLabel(c.prediction, c.references); }},
    };
    return all;
}

void holdTo(const json& cases)
{
    std::map<std::string, int> compared;
    for (const json& one : cases) {
        const auto function = functions().find(one["fn"].get<std::string>());
        ASSERT_NE(function, functions().end()) << one["fn"];
        GoldenCase golden{charactersIn(one["pred"]), charactersIn(one["ref"]), listIn(one, "ref"), listIn(one, "all_classes")};
        golden.number = one["ref"].is_number() ? one["ref"].get<double>() : 0;
        EXPECT_NEAR(function->second(golden), one["value"].get<double>(), 1e-9) << one.dump();
        ++compared[function->first];
    }
    for (const auto& [name, count] : compared)
        std::cout << name << " " << count << "\n";
}

TEST(ScoresGolden, equalThePublishedOnesOnSeededAnswers)
{
    const auto golden = readJson(WINNOW_FIXTURES "/tasks/scores.json");
    ASSERT_TRUE(golden) << golden.error().message;
    holdTo((*golden)["cases"]);
    for (const auto& [word, stem] : (*golden)["stems"].items())
        EXPECT_EQ(porterStem(word), stem.get<std::string>()) << word;
}

TEST(ScoresGolden, equalLongBenchsVectors)
{
    const auto golden = readJson(WINNOW_SOURCE "/../shared/data/longbench-golden.json");
    if (!golden)
        GTEST_SKIP() << golden.error().message;
    holdTo(*golden);
}

TEST(ScoresGolden, equalAnotherFileThatIsNamed)
{
    const char* const path = std::getenv("WINNOW_SCORES_GOLDEN");
    if (path == nullptr)
        GTEST_SKIP() << "WINNOW_SCORES_GOLDEN names no file";
    const auto golden = readJson(path);
    ASSERT_TRUE(golden) << golden.error().message;
    holdTo((*golden)["cases"]);
    for (const auto& [word, stem] : (*golden)["stems"].items())
        EXPECT_EQ(porterStem(word), stem.get<std::string>()) << word;
}

} // namespace
} // namespace winnow::tasks
