// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/tasks/score_kinds.h"

#include "core/base/check.h"
#include "core/tasks/scores/answers_of_words.h"
#include "core/tasks/scores/code_similarity.h"
#include "core/tasks/scores/rouge.h"

#include <algorithm>
#include <cmath>

namespace winnow::tasks {

namespace {

using Score = std::optional<double>;

/// What `judge` says, watched where it takes long.
template <auto judge>
double judged(CharactersView prediction, CharactersView reference, Watch& watch)
{
    if constexpr (std::is_invocable_v<decltype(judge), CharactersView, CharactersView, Watch&>)
        return judge(prediction, reference, watch);
    else
        return judge(prediction, reference);
}

/// The best over the references, 0 where there is none: LongBench's rule.
template <auto judge>
Score best(const Judged& answer)
{
    double score = 0;
    for (const Characters& reference : answer.references)
        score = std::max(score, judged<judge>(answer.prediction, reference, *answer.watch));
    return score;
}

/// LongBench's rule for Chinese: words by jieba, each plain, none empty.
Score chineseF1(const Judged& answer)
{
    double score = 0;
    for (const Characters& reference : answer.references)
        score = std::max(score, plainWordsF1(answer.segmenter->cut(answer.prediction), answer.segmenter->cut(reference)));
    return score;
}

Characters spaced(const std::vector<CharactersView>& words)
{
    Characters text;
    for (const CharactersView word : words) {
        text += text.empty() ? CharactersView() : CharactersView(U" ");
        text += word;
    }
    return text;
}

Score chineseRouge(const Judged& answer)
{
    double score = 0;
    const Characters prediction = spaced(answer.segmenter->cut(answer.prediction));
    for (const Characters& reference : answer.references)
        score = std::max(score, rougeL(prediction, spaced(answer.segmenter->cut(reference)), *answer.watch));
    return score;
}

Score bestClass(const Judged& answer)
{
    if (answer.classes.empty())
        return std::nullopt;
    double score = 0;
    for (const Characters& reference : answer.references)
        score = std::max(score, classification(answer.prediction, reference, answer.classes));
    return score;
}

Score paragraph(const Judged& answer, CharactersView word)
{
    double score = 0;
    for (const Characters& reference : answer.references) {
        const auto number = numberBehind(reference, word);
        if (!number)
            return std::nullopt;
        score = std::max(score, numberShare(answer.prediction, *number));
    }
    return score;
}

Score bestCode(const Judged& answer, RatioBackEnd backEnd, bool skipBlank)
{
    const CharactersView line = judgedLine(withoutLeadingLines(answer.prediction), skipBlank);
    int score = 0;
    for (const Characters& reference : answer.references)
        score = std::max(score, fuzzyRatio(line, reference, backEnd, *answer.watch));
    return score / 100.0;
}

Score allHeld(const Judged& answer)
{
    return answer.references.empty() ? Score() : shareHeld(answer.prediction, answer.references);
}

Score anyHeld(const Judged& answer)
{
    return answer.references.empty() ? Score() : Score(shareHeld(answer.prediction, answer.references) > 0 ? 1 : 0);
}

Score letter(const Judged& answer)
{
    if (answer.references.empty())
        return std::nullopt;
    const auto chosen = chosenLetter(answer.prediction);
    return chosen && answer.references.front() == Characters(1, *chosen) ? 1 : 0;
}

Score anyLetter(const Judged& answer)
{
    return answer.references.empty() ? Score() : Score(namesLetter(answer.prediction, answer.references.front()) ? 1 : 0);
}

/// Of a needle's references the last one is the sentence that was hidden. kvpress hands it over as the hypothesis.
template <auto judge>
Score ofNeedle(const Judged& answer)
{
    if (answer.references.empty())
        return std::nullopt;
    return judged<judge>(stripped(answer.references.back()), stripped(answer.prediction), *answer.watch);
}

/// The first one is what is asked for.
Score firstHeld(const Judged& answer)
{
    return answer.references.empty() ? Score() : Score(shareHeld(answer.prediction, answer.references.first(1)));
}

Score firstWords(const Judged& answer)
{
    return answer.references.empty() ? Score() : Score(wordSetShare(answer.prediction, answer.references.front()));
}

double wordsRouge(CharactersView needle, CharactersView prediction) { return rougeN(needle, prediction, 1); }
double pairsRouge(CharactersView needle, CharactersView prediction) { return rougeN(needle, prediction, 2); }
double stemmed(CharactersView needle, CharactersView prediction) { return stemmedRouge1(prediction, needle); }

/// The prediction begins with the reference, blanks before both aside.
double opens(CharactersView prediction, CharactersView reference)
{
    return strippedLeft(prediction).starts_with(stripped(reference)) ? 1 : 0;
}

/// The share of the reference's words that stand in the prediction at their own place, counted from its begin.
double wordsInPlace(CharactersView prediction, CharactersView reference)
{
    const auto said = blankSeparated(prediction), wanted = blankSeparated(reference);
    std::size_t right = 0;
    for (std::size_t i = 0; i < std::min(said.size(), wanted.size()); ++i)
        right += said[i] == wanted[i] ? 1 : 0;
    return wanted.empty() ? 0 : static_cast<double>(right) / static_cast<double>(wanted.size());
}

double holdsLabel(CharactersView prediction, CharactersView label) { return holds(prediction, label) ? 1 : 0; }

/// SCBench tells every example of vt in whole hundredths.
Score roundedHeld(const Judged& answer)
{
    const Score share = allHeld(answer);
    return share ? Score(std::nearbyint(100 * *share) / 100) : share;
}

Score firstNumber(const Judged& answer)
{
    return answer.references.empty() ? Score() : Score(firstNumberIs(answer.prediction, answer.references.front()) ? 1 : 0);
}

Score label(const Judged& answer)
{
    return answer.references.empty() ? Score() : Score(choosesLabel(answer.prediction, answer.references) ? 1 : 0);
}

Score foundNumber(const Judged& answer)
{
    if (answer.references.empty())
        return std::nullopt;
    const std::string wanted = utf8Of(answer.references.front());
    char* end = nullptr;
    const double value = std::strtod(wanted.c_str(), &end);
    if (wanted.empty() || *end != '\0')
        return std::nullopt;
    return firstNumberEquals(answer.prediction, value, wanted.find('.') != std::string::npos) ? 1 : 0;
}

constexpr std::string_view kReference = "a reference";
constexpr std::string_view kLongBench = "THUDM/LongBench 2e00731, metrics.py", kRuler = "NVIDIA/RULER c3f5e3b, scripts/eval",
                           kKvpress = "NVIDIA/kvpress 8bb29b9, evaluation/benchmarks",
                           kFactory = "Zefan-Cai/KVCache-Factory c97f9d7", kLmEval = "EleutherAI/lm-evaluation-harness 4e7e0d4",
                           kScBench = "microsoft/MInference fb56c91, scbench/compute_scores.py", kOwn = "Winnow";

constexpr ScoreKind kKinds[] = {
    {"qa-f1", "QA-F1", 100, kLongBench, best<wordF1>, {}},
    {"qa-f1-zh", "QA-F1 for Chinese", 100, kLongBench, chineseF1, {}, true},
    {"rouge-l", "ROUGE-L of pltrdy/rouge", 100, kLongBench, best<rougeL>, {}},
    {"rouge-l-zh", "ROUGE-L for Chinese", 100, kLongBench, chineseRouge, {}, true},
    {"classification", "classification", 100, kLongBench, bestClass, "the names of all classes (all_classes)"},
    {"count", "count", 100, kLongBench, best<numberShare>, {}},
    {"retrieval", "retrieval", 100, kLongBench, [](const Judged& a) { return paragraph(a, U"Paragraph "); },
     "references like 'Paragraph 12'"},
    {"retrieval-zh", "retrieval, Chinese", 100, kLongBench, [](const Judged& a) { return paragraph(a, U"段落"); },
     "references like '段落12'"},
    {"code-difflib",
     "code similarity, fuzzywuzzy on difflib",
     100,
     kLongBench,
     [](const Judged& a) { return bestCode(a, RatioBackEnd::Difflib, false); },
     {}},
    {"code-levenshtein",
     "code similarity, fuzzywuzzy on python-Levenshtein",
     100,
     kLongBench,
     [](const Judged& a) { return bestCode(a, RatioBackEnd::Levenshtein, false); },
     {}},
    {"code-line-difflib",
     "code similarity of the first line that is not blank, on difflib",
     100,
     kLmEval,
     [](const Judged& a) { return bestCode(a, RatioBackEnd::Difflib, true); },
     {}},
    {"code-line-levenshtein",
     "code similarity of the first line that is not blank, on python-Levenshtein",
     100,
     kLmEval,
     [](const Judged& a) { return bestCode(a, RatioBackEnd::Levenshtein, true); },
     {}},
    {"choice", "choice of A to D", 100, "THUDM/LongBench 2e00731, pred.py", letter, kReference},
    {"choice-any", "choice of A to D, named anywhere", 100, kKvpress, anyLetter, kReference},
    {"match-all", "share of the references that are held", 100, kRuler, allHeld, kReference},
    {"match-any", "whether any reference is held", 100, kRuler, anyHeld, kReference},
    {"exact", "whether the answer is held, whatever the case", 100, kOwn, firstHeld, kReference},
    {"needle-rouge-1", "ROUGE-1 of pltrdy/rouge with the needle", 100, kKvpress, ofNeedle<wordsRouge>, kReference},
    {"needle-rouge-2", "ROUGE-2 of pltrdy/rouge with the needle", 100, kKvpress, ofNeedle<pairsRouge>, kReference},
    {"needle-rouge-l", "ROUGE-L of pltrdy/rouge with the needle", 100, kKvpress, ofNeedle<rougeL>, kReference},
    {"needle-stemmed", "ten times ROUGE-1 of rouge_score, stemmed, with the needle", 10, kFactory, ofNeedle<stemmed>, kReference},
    {"needle-words", "share of the answer's words that are held", 100, kFactory, firstWords, kReference},
    {"opens", "whether the answer opens what is said", 100, kOwn, best<opens>, {}},
    {"in-place", "share of words at their own place", 100, kOwn, best<wordsInPlace>, {}},
    {"label-held", "whether the label is held", 100, kScBench, best<holdsLabel>, {}},
    {"first-number", "whether the first number is the label", 100, kScBench, firstNumber, kReference},
    {"found-number", "whether the first number equals the label", 100, kScBench, foundNumber, "a number as its reference"},
    {"match-all-rounded", "share of the references that are held, in hundredths", 100, kScBench, roundedHeld, kReference},
    {"match-any-case", "whether any label is held, whatever the case", 100, kScBench, anyHeld, kReference},
    {"label-chosen", "whether the label is chosen", 100, kScBench, label, kReference},
    {"character-f1", "F1 over characters", 100, kScBench, best<characterF1>, {}},
    {"summary-rouge-l", "rougeLsum of rouge_score", 100, kScBench, best<summaryRougeL>, {}},
};

} // namespace

std::span<const ScoreKind> scoreKinds() { return kKinds; }

const ScoreKind& scoreKind(std::string_view name)
{
    const auto* const found = std::ranges::find(kKinds, name, &ScoreKind::name);
    WINNOW_CHECK(found != std::end(kKinds), "no score is called '{}'", name);
    return *found;
}

} // namespace winnow::tasks
