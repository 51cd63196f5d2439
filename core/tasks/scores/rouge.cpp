// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/tasks/scores/rouge.h"

#include "core/tasks/scores/common_subsequence.h"
#include "core/tasks/scores/porter_stemmer.h"

#include <algorithm>
#include <deque>
#include <map>
#include <optional>
#include <set>
#include <unordered_map>

namespace winnow::tasks {

namespace {

constexpr std::size_t kMostMoves = 990; // of Python's 1,000 frames ten stand below the recursion's last

constexpr std::size_t kStepsOfPair = 100; // what a pair of sentences takes beside its table, at least

using Words = std::vector<std::uint32_t>;
using Sentences = std::vector<Words>;

/// Numbers for words, the same for equal words of both texts.
class Vocabulary {
public:
    /// `word` is borrowed as long as this lives.
    std::uint32_t of(CharactersView word)
    {
        return m_numbers.try_emplace(word, static_cast<std::uint32_t>(m_numbers.size())).first->second;
    }
    std::uint32_t ofMade(const std::string& word)
    {
        m_made.push_back(charactersOf(word));
        return of(m_made.back());
    }
    std::size_t size() const { return m_numbers.size(); }

private:
    std::unordered_map<CharactersView, std::uint32_t> m_numbers;
    std::deque<Characters> m_made; // which stay where they are
};

/// Which of the words were met.
class WordSet {
public:
    explicit WordSet(std::size_t words) : m_met(words) {}
    void insert(std::uint32_t word)
    {
        m_size += m_met[word] ? 0 : 1;
        m_met[word] = true;
    }
    std::size_t size() const { return m_size; }

private:
    std::vector<bool> m_met;
    std::size_t m_size = 0;
};

/// What stands between full stops, split at blanks; blanks alone are a sentence of one empty word.
Sentences sentencesOf(CharactersView text, Vocabulary& vocabulary)
{
    Sentences sentences;
    for (const CharactersView part : separatedBy(text, U'.')) {
        if (part.empty())
            continue;
        Words& words = sentences.emplace_back();
        for (const CharactersView word : blankSeparated(part))
            words.push_back(vocabulary.of(word));
        if (words.empty())
            words.push_back(vocabulary.of({}));
    }
    return sentences;
}

double fOf(double common, double predicted, double wanted)
{
    const double precision = predicted == 0 ? 0 : common / predicted, recall = wanted == 0 ? 0 : common / wanted;
    return 2.0 * ((precision * recall) / (precision + recall + 1e-8));
}

std::size_t distinctWords(const Sentences& sentences, std::size_t words)
{
    WordSet met(words);
    for (const Words& sentence : sentences)
        for (const std::uint32_t word : sentence)
            met.insert(word);
    return met.size();
}

std::set<Words> distinctRuns(const Sentences& sentences, std::size_t n)
{
    Words all;
    for (const Words& sentence : sentences)
        all.insert(all.end(), sentence.begin(), sentence.end());
    std::set<Words> found;
    for (auto begin = all.begin(); static_cast<std::size_t>(all.end() - begin) >= n; ++begin)
        found.emplace(begin, begin + static_cast<std::ptrdiff_t>(n));
    return found;
}

/// How many distinct words of the reference's sentences belong to a common subsequence with one of the prediction's. Nothing
/// where Python would give up, or where the watch stops it.
std::optional<std::size_t> unionOfCommon(const Sentences& references, const Sentences& predictions, std::size_t words,
                                         Watch& watch)
{
    WordSet common(words);
    CommonPaths paths(words);
    std::size_t done = 0;
    for (const Words& prediction : predictions) {
        watch.at(static_cast<double>(done++) / static_cast<double>(predictions.size()));
        paths.setY(prediction);
        for (const Words& reference : references) {
            if (std::min(reference.size(), prediction.size()) > kMostMoves)
                return std::nullopt;
            const CommonPath path = paths.path(reference, CommonTies::LeaveY, watch);
            if (watch.stopped(kStepsOfPair) || path.moves > kMostMoves)
                return std::nullopt;
            for (const std::uint32_t at : path.inX)
                common.insert(reference[at]);
        }
    }
    return common.size();
}

/// rouge_score's tokens: lower case, runs of a to z and 0 to 9.
Words plainTokens(CharactersView text, bool stem, Vocabulary& vocabulary)
{
    Words tokens;
    const Characters lower = lowered(text);
    for (std::size_t at = 0; at < lower.size();) {
        std::string word;
        for (; at < lower.size() && ((lower[at] >= U'a' && lower[at] <= U'z') || (lower[at] >= U'0' && lower[at] <= U'9')); ++at)
            word += static_cast<char>(lower[at]);
        if (word.empty())
            ++at;
        else
            tokens.push_back(vocabulary.ofMade(stem && word.size() > 3 ? porterStem(word) : word));
    }
    return tokens;
}

std::map<std::uint32_t, std::size_t> countsOf(const Words& words)
{
    std::map<std::uint32_t, std::size_t> counts;
    for (const std::uint32_t word : words)
        ++counts[word];
    return counts;
}

double plainF(std::size_t common, std::size_t predicted, std::size_t wanted)
{
    if (common == 0)
        return 0;
    const double precision = static_cast<double>(common) / static_cast<double>(predicted);
    const double recall = static_cast<double>(common) / static_cast<double>(wanted);
    return 2 * precision * recall / (precision + recall);
}

Sentences linesOf(CharactersView text, Vocabulary& vocabulary)
{
    Sentences lines;
    for (const CharactersView line : separatedBy(text, U'\n'))
        if (!line.empty())
            lines.push_back(plainTokens(line, false, vocabulary));
    return lines;
}

Words joined(const Sentences& sentences)
{
    Words all;
    for (const Words& sentence : sentences)
        all.insert(all.end(), sentence.begin(), sentence.end());
    return all;
}

} // namespace

double rougeL(CharactersView prediction, CharactersView reference, Watch& watch)
{
    Vocabulary vocabulary;
    const Sentences predictions = sentencesOf(prediction, vocabulary), references = sentencesOf(reference, vocabulary);
    if (predictions.empty() || references.empty())
        return 0;
    const std::size_t words = vocabulary.size();
    const auto common = unionOfCommon(references, predictions, words, watch);
    return common ? fOf(static_cast<double>(*common), static_cast<double>(distinctWords(predictions, words)),
                        static_cast<double>(distinctWords(references, words)))
                  : 0;
}

double rougeN(CharactersView prediction, CharactersView reference, int n)
{
    Vocabulary vocabulary;
    const Sentences predictions = sentencesOf(prediction, vocabulary), references = sentencesOf(reference, vocabulary);
    if (predictions.empty() || references.empty())
        return 0;
    const auto length = static_cast<std::size_t>(n);
    const auto predicted = distinctRuns(predictions, length), wanted = distinctRuns(references, length);
    const auto common = std::ranges::count_if(predicted, [&](const Words& run) { return wanted.contains(run); });
    return fOf(static_cast<double>(common), static_cast<double>(predicted.size()), static_cast<double>(wanted.size()));
}

double stemmedRouge1(CharactersView prediction, CharactersView reference)
{
    Vocabulary vocabulary;
    const Words predicted = plainTokens(prediction, true, vocabulary), wanted = plainTokens(reference, true, vocabulary);
    const auto counts = countsOf(predicted);
    std::size_t common = 0;
    for (const auto& [word, count] : countsOf(wanted))
        if (const auto found = counts.find(word); found != counts.end())
            common += std::min(count, found->second);
    return plainF(common, predicted.size(), wanted.size());
}

double summaryRougeL(CharactersView prediction, CharactersView reference, Watch& watch)
{
    Vocabulary vocabulary;
    const Sentences predictions = linesOf(prediction, vocabulary), references = linesOf(reference, vocabulary);
    const Words predicted = joined(predictions), wanted = joined(references);
    auto left = countsOf(predicted), open = countsOf(wanted);
    std::size_t common = 0;
    CommonPaths paths(vocabulary.size());
    std::size_t done = 0;
    for (const Words& line : references) {
        watch.at(static_cast<double>(done++) / static_cast<double>(references.size()));
        std::set<std::uint32_t> places;
        for (const Words& other : predictions) {
            paths.setY(other);
            const CommonPath path = paths.path(line, CommonTies::LeaveX, watch);
            if (watch.stopped(kStepsOfPair))
                return 0;
            places.insert(path.inX.begin(), path.inX.end());
        }
        for (const std::uint32_t at : places)
            if (left[line[at]] > 0 && open[line[at]] > 0) {
                ++common;
                --left[line[at]];
                --open[line[at]];
            }
    }
    return plainF(common, predicted.size(), wanted.size());
}

} // namespace winnow::tasks
