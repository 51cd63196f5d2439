// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/tasks/scores/answers_of_words.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <map>
#include <set>

namespace winnow::tasks {

namespace {

/// Chinese and wide punctuation, which LongBench strikes out of Chinese answers.
constexpr CharactersView kWidePunctuation = U"！？｡。＂＃＄％＆＇（）＊＋，－／：；＜＝＞＠［＼］＾＿｀｛｜｝～｟｠｢｣､、〃》「」"
                                            U"『』【】〔〕〖〗〘〙〚〛〜〝〞〟〰〾〿–—‘’‛“”„‟…‧﹏.";

template <class Item>
double bagF1(const std::vector<Item>& prediction, const std::vector<Item>& reference)
{
    std::map<Item, std::size_t> left;
    for (const Item& item : reference)
        ++left[item];
    std::size_t common = 0;
    for (const Item& item : prediction)
        if (const auto found = left.find(item); found != left.end() && found->second > 0) {
            --found->second;
            ++common;
        }
    if (common == 0)
        return 0;
    const double precision = static_cast<double>(common) / static_cast<double>(prediction.size());
    const double recall = static_cast<double>(common) / static_cast<double>(reference.size());
    return (2 * precision * recall) / (precision + recall);
}

/// In lower case, without punctuation, every whole word a, an, the replaced by a blank.
Characters plainAnswer(CharactersView text)
{
    Characters lower = lowered(text);
    std::erase_if(lower, isAsciiPunctuation);
    Characters plain;
    for (std::size_t at = 0; at < lower.size();) {
        std::size_t end = at;
        while (end < lower.size() && isWordCharacter(lower[end]))
            ++end;
        const CharactersView word = CharactersView(lower).substr(at, end - at);
        if (word == U"a" || word == U"an" || word == U"the")
            plain += U' ';
        else
            plain += word;
        if (end < lower.size())
            plain += lower[end];
        at = end + 1;
    }
    return plain;
}

std::vector<char32_t> plainCharacters(CharactersView text)
{
    std::vector<char32_t> plain;
    for (const char32_t character : lowered(text))
        if (!isBlank(character) && !isAsciiPunctuation(character) && kWidePunctuation.find(character) == CharactersView::npos)
            plain.push_back(character);
    return plain;
}

std::set<CharactersView> wordsOf(CharactersView text)
{
    const auto words = blankSeparated(text);
    return {words.begin(), words.end()};
}

bool isAsciiDigit(char32_t character) { return character >= U'0' && character <= U'9'; }

/// The first run of digits 0 to 9 that begins at or behind `from`.
CharactersView asciiDigits(CharactersView text, std::size_t from = 0)
{
    const auto begin = std::find_if(text.begin() + static_cast<std::ptrdiff_t>(from), text.end(), isAsciiDigit);
    return {begin, std::find_if_not(begin, text.end(), isAsciiDigit)};
}

Characters without(CharactersView text, char32_t mark)
{
    Characters rest(text);
    std::erase(rest, mark);
    return rest;
}

constexpr CharactersView kAnswerIs = U"The correct answer is ";

} // namespace

double wordF1(CharactersView prediction, CharactersView reference)
{
    const Characters predicted = plainAnswer(prediction), wanted = plainAnswer(reference);
    return bagF1(blankSeparated(predicted), blankSeparated(wanted));
}

double characterF1(CharactersView prediction, CharactersView reference)
{
    return bagF1(plainCharacters(prediction), plainCharacters(reference));
}

double classification(CharactersView prediction, CharactersView reference, std::span<const Characters> classes)
{
    std::vector<CharactersView> held;
    for (const Characters& name : classes)
        if (holds(prediction, name))
            held.push_back(name);
    for (std::size_t i = 0; i < held.size(); ++i) { // an erased name moves the next one to i, which is then passed over
        const CharactersView name = held[i];
        if (holds(reference, name) && name != reference)
            held.erase(std::ranges::find(held, name));
    }
    const bool right = std::ranges::find(held, reference) != held.end();
    return right ? 1.0 / static_cast<double>(held.size()) : 0;
}

double numberShare(CharactersView prediction, CharactersView reference)
{
    const auto numbers = digitRuns(prediction);
    if (numbers.empty())
        return 0;
    return static_cast<double>(std::ranges::count(numbers, reference)) / static_cast<double>(numbers.size());
}

std::optional<Characters> numberBehind(CharactersView reference, CharactersView word)
{
    for (std::size_t at = reference.find(word); at != CharactersView::npos; at = reference.find(word, at + 1)) {
        const CharactersView rest = reference.substr(at + word.size());
        if (!rest.empty() && isDigit(rest.front()))
            return Characters(digitRuns(rest).front());
    }
    return std::nullopt;
}

bool firstNumberIs(CharactersView prediction, CharactersView reference) { return asciiDigits(prediction) == reference; }

bool firstNumberEquals(CharactersView prediction, double reference, bool fraction)
{
    const auto runs = digitRuns(prediction);
    if (runs.empty())
        return false;
    const auto* const end = runs.front().data() + runs.front().size();
    const CharactersView rest(end, static_cast<std::size_t>(prediction.data() + prediction.size() - end));
    std::string number = utf8Of(runs.front());
    if (rest.size() > 1 && rest[0] == U'.' && isDigit(rest[1]))
        number.append(1, '.').append(utf8Of(digitRuns(rest.substr(1)).front()));
    double value = 0;
    const auto [stop, error] = std::from_chars(number.data(), number.data() + number.size(), value);
    if (error != std::errc() || stop != number.data() + number.size())
        return false;
    return (fraction ? value : std::trunc(value)) == reference;
}

double shareHeld(CharactersView prediction, std::span<const Characters> references)
{
    const Characters lower = lowered(prediction);
    std::size_t held = 0;
    for (const Characters& reference : references)
        held += holds(lower, lowered(reference)) ? 1 : 0;
    return static_cast<double>(held) / static_cast<double>(references.size());
}

double wordSetShare(CharactersView prediction, CharactersView reference)
{
    const Characters predicted = lowered(prediction), wanted = lowered(reference);
    const auto said = wordsOf(predicted), expected = wordsOf(wanted);
    const auto common = std::ranges::count_if(expected, [&](CharactersView word) { return said.contains(word); });
    return expected.empty() ? 0 : static_cast<double>(common) / static_cast<double>(expected.size());
}

std::optional<char32_t> chosenLetter(CharactersView prediction)
{
    const Characters plain = without(prediction, U'*');
    const auto isChoice = [](char32_t letter) { return letter >= U'A' && letter <= U'D'; };
    for (const bool parentheses : {true, false})
        for (std::size_t at = plain.find(kAnswerIs); at != Characters::npos; at = plain.find(kAnswerIs, at + 1)) {
            const CharactersView rest = CharactersView(plain).substr(at + kAnswerIs.size());
            if (parentheses && rest.size() >= 3 && rest[0] == U'(' && isChoice(rest[1]) && rest[2] == U')')
                return rest[1];
            if (!parentheses && !rest.empty() && isChoice(rest[0]))
                return rest[0];
        }
    return std::nullopt;
}

bool namesLetter(CharactersView prediction, CharactersView letter)
{
    const Characters plain = without(prediction, U'*');
    return holds(plain, Characters(kAnswerIs) + U"(" + Characters(letter) + U")") ||
           holds(plain, Characters(kAnswerIs) + Characters(letter));
}

bool choosesLabel(CharactersView prediction, std::span<const Characters> labels)
{
    Characters text(stripped(prediction));
    const auto among = [&](CharactersView word) { return std::ranges::find(labels, word) != labels.end(); };
    if (text.empty())
        return false;
    if (text[0] >= U'A' && text[0] <= U'D')
        return among(CharactersView(text).substr(0, 1));
    if (among(text))
        return true;
    for (char32_t& character : text)
        if (CharactersView(U"\n\"'.,?!{}").find(character) != CharactersView::npos)
            character = U' ';
    for (std::size_t at = text.find(U"  "); at != Characters::npos; at = text.find(U"  ", at))
        text.erase(at, 1);
    for (const CharactersView lead : {U"answer is:", U"answer:", U"answer is", U"option is"}) {
        const std::size_t at = text.find(lead);
        if (at == Characters::npos)
            continue;
        const CharactersView rest = CharactersView(text).substr(std::min(text.size(), at + lead.size() + 1));
        return at + lead.size() + 1 <= text.size() &&
               std::ranges::any_of(labels, [&](const Characters& label) { return rest.starts_with(label); });
    }
    for (const CharactersView word : blankSeparated(text)) // the reference takes every piece of "ABCD" for a choice
        if (holds(U"ABCD", word))
            return among(word);
    return false;
}

} // namespace winnow::tasks
