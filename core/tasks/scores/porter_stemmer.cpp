// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/tasks/scores/porter_stemmer.h"

#include <span>
#include <utility>

namespace winnow::tasks {

namespace {

using View = std::string_view;

bool isVowel(char letter) { return View("aeiou").find(letter) != View::npos; }

bool isConsonant(View word, std::size_t at)
{
    if (word[at] != 'y')
        return !isVowel(word[at]);
    return at == 0 || !isConsonant(word, at - 1);
}

/// How often a consonant follows a vowel.
int measure(View stem)
{
    int changes = 0;
    bool consonant = true;
    for (std::size_t i = 0; i < stem.size(); ++i) {
        const bool now = isVowel(stem[i]) ? false : stem[i] != 'y' || i == 0 || !consonant;
        changes += i > 0 && !consonant && now ? 1 : 0;
        consonant = now;
    }
    return changes;
}

bool holdsVowel(View stem)
{
    for (std::size_t i = 0; i < stem.size(); ++i)
        if (!isConsonant(stem, i))
            return true;
    return false;
}

bool endsDouble(View word)
{
    const std::size_t n = word.size();
    return n >= 2 && word[n - 1] == word[n - 2] && isConsonant(word, n - 1);
}

/// Consonant, vowel, consonant other than w, x, y; or a word of vowel and consonant.
bool endsShort(View word)
{
    const std::size_t n = word.size();
    if (n == 2)
        return !isConsonant(word, 0) && isConsonant(word, 1);
    return n >= 3 && isConsonant(word, n - 3) && !isConsonant(word, n - 2) && isConsonant(word, n - 1) &&
           View("wxy").find(word[n - 1]) == View::npos;
}

struct Rule {
    View suffix, replacement;
};

/// The first rule whose suffix the word ends with decides: it applies where the stem's measure is above `least`.
std::string applied(View word, std::span<const Rule> rules, int least)
{
    for (const auto& [suffix, replacement] : rules)
        if (word.ends_with(suffix)) {
            const View stem = word.substr(0, word.size() - suffix.size());
            return std::string(measure(stem) > least ? stem : word) + std::string(measure(stem) > least ? replacement : View());
        }
    return std::string(word);
}

std::string withoutPlural(View word)
{
    if (word.ends_with("ies"))
        return std::string(word.substr(0, word.size() - (word.size() == 4 ? 1 : 2)));
    if (word.ends_with("sses"))
        return std::string(word.substr(0, word.size() - 2));
    if (word.ends_with("s") && !word.ends_with("ss"))
        word.remove_suffix(1);
    return std::string(word);
}

/// What is left of a word whose "ed" or "ing" went.
std::string mended(View stem)
{
    if (stem.ends_with("at") || stem.ends_with("bl") || stem.ends_with("iz"))
        return std::string(stem) + "e";
    if (endsDouble(stem))
        return std::string(stem.substr(0, stem.size() - (View("lsz").find(stem.back()) == View::npos ? 1 : 0)));
    return std::string(stem) + (measure(stem) == 1 && endsShort(stem) ? "e" : "");
}

std::string withoutPast(View word)
{
    if (word.ends_with("ied"))
        return std::string(word.substr(0, word.size() - (word.size() == 4 ? 1 : 2)));
    if (word.ends_with("eed"))
        return std::string(word.substr(0, word.size() - (measure(word.substr(0, word.size() - 3)) > 0 ? 1 : 0)));
    for (const View suffix : {View("ed"), View("ing")})
        if (word.ends_with(suffix) && holdsVowel(word.substr(0, word.size() - suffix.size())))
            return mended(word.substr(0, word.size() - suffix.size()));
    return std::string(word);
}

std::string withI(std::string word)
{
    const std::size_t n = word.size();
    if (n > 2 && word.back() == 'y' && isConsonant(View(word).substr(0, n - 1), n - 2))
        word.back() = 'i';
    return word;
}

std::string withoutDoubleSuffix(View word)
{
    constexpr Rule kRules[] = {{"ational", "ate"}, {"tional", "tion"}, {"enci", "ence"}, {"anci", "ance"}, {"izer", "ize"},
                               {"bli", "ble"},     {"alli", "al"},     {"entli", "ent"}, {"eli", "e"},     {"ousli", "ous"},
                               {"ization", "ize"}, {"ation", "ate"},   {"ator", "ate"},  {"alism", "al"},  {"iveness", "ive"},
                               {"fulness", "ful"}, {"ousness", "ous"}, {"aliti", "al"},  {"iviti", "ive"}, {"biliti", "ble"},
                               {"fulli", "ful"}};
    if (word.ends_with("alli") && measure(word.substr(0, word.size() - 4)) > 0)
        return withoutDoubleSuffix(word.substr(0, word.size() - 2));
    for (const Rule& rule : kRules)
        if (word.ends_with(rule.suffix))
            return applied(word, kRules, 0);
    if (word.ends_with("logi") && measure(word.substr(0, word.size() - 3)) > 0)
        word.remove_suffix(1);
    return std::string(word);
}

std::string withoutSuffix(View word)
{
    constexpr Rule kRules[] = {{"icate", "ic"}, {"ative", ""}, {"alize", "al"}, {"iciti", "ic"},
                               {"ical", "ic"},  {"ful", ""},   {"ness", ""}};
    return applied(word, kRules, 0);
}

std::string withoutLastSuffix(View word)
{
    constexpr Rule kBefore[] = {{"al", ""},   {"ance", ""}, {"ence", ""},  {"er", ""},   {"ic", ""}, {"able", ""},
                                {"ible", ""}, {"ant", ""},  {"ement", ""}, {"ment", ""}, {"ent", ""}};
    constexpr Rule kAfter[] = {{"ou", ""}, {"ism", ""}, {"ate", ""}, {"iti", ""}, {"ous", ""}, {"ive", ""}, {"ize", ""}};
    for (const Rule& rule : kBefore)
        if (word.ends_with(rule.suffix))
            return applied(word, kBefore, 1);
    if (word.ends_with("ion")) {
        const View stem = word.substr(0, word.size() - 3);
        return std::string(measure(stem) > 1 && (stem.back() == 's' || stem.back() == 't') ? stem : word);
    }
    return applied(word, kAfter, 1);
}

std::string tidied(View word)
{
    if (word.ends_with("e")) {
        const View stem = word.substr(0, word.size() - 1);
        if (measure(stem) > 1 || (measure(stem) == 1 && !endsShort(stem)))
            word = stem;
    }
    if (word.ends_with("ll") && measure(word.substr(0, word.size() - 1)) > 1)
        word.remove_suffix(1);
    return std::string(word);
}

} // namespace

std::string porterStem(std::string_view word)
{
    constexpr std::pair<View, View> kIrregular[] = {
        {"sky", "sky"},        {"skies", "sky"},       {"dying", "die"},        {"lying", "lie"},
        {"tying", "tie"},      {"news", "news"},       {"innings", "inning"},   {"inning", "inning"},
        {"outings", "outing"}, {"outing", "outing"},   {"cannings", "canning"}, {"canning", "canning"},
        {"howe", "howe"},      {"proceed", "proceed"}, {"exceed", "exceed"},    {"succeed", "succeed"}};
    for (const auto& [one, stem] : kIrregular)
        if (word == one)
            return std::string(stem);
    if (word.size() <= 2)
        return std::string(word);
    return tidied(withoutLastSuffix(withoutSuffix(withoutDoubleSuffix(withI(withoutPast(withoutPlural(word)))))));
}

} // namespace winnow::tasks
