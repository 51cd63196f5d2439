// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/tasks/generators/ruler_parts.h"

#include "core/tasks/generators/word_lists.h"
#include "core/tasks/ruler_wording.h"

#include <fmt/format.h>

#include <algorithm>
#include <numbers>
#include <set>

namespace winnow::tasks {

namespace {

constexpr std::size_t kHops = 4, kCommon = 10;
constexpr std::string_view kCapitals = "ABCDEFGHIJKLMNOPQRSTUVWXYZ", kSmallLetters = "abcdefghijklmnopqrstuvwxyz",
                           kExampleValue = "12345";

std::string replaced(std::string_view text, std::string_view what, std::string_view by)
{
    std::string out(text);
    for (std::size_t at = out.find(what); at != std::string::npos; at = out.find(what, at + by.size()))
        out.replace(at, what.size(), by);
    return out;
}

std::string letters(std::size_t count, std::string_view alphabet, Draws& draws)
{
    std::string word;
    for (std::size_t i = 0; i < count; ++i)
        word += alphabet[draws.below(alphabet.size())];
    return word;
}

std::string number(Draws& draws) { return std::to_string(1'000'000 + draws.below(9'000'000)); }

/// Version 4, as Python's uuid writes it.
std::string uuid(Draws& draws)
{
    const std::uint64_t high = (draws.next() & ~std::uint64_t{0xF000}) | 0x4000;
    const std::uint64_t low = (draws.next() & ~(std::uint64_t{3} << 62)) | std::uint64_t{1} << 63;
    return fmt::format("{:08x}-{:04x}-{:04x}-{:04x}-{:012x}", high >> 32, (high >> 16) & 0xFFFF, high & 0xFFFF, low >> 48,
                       low & 0xFFFF'FFFF'FFFF);
}

std::string pairOfWords(Draws& draws)
{
    return fmt::format("{}-{}", adjectives()[draws.below(adjectives().size())], nouns()[draws.below(nouns().size())]);
}

std::string needle(std::string_view type, std::string_view key, std::string_view value)
{
    return replaced(replaced(replaced(kNeedleSentence, "{type}", type), "{key}", key), "{value}", value);
}

std::string joined(const std::vector<std::string>& parts, std::string_view between)
{
    std::string text;
    for (const std::string& part : parts)
        text.append(text.empty() ? std::string_view() : between).append(part);
    return text;
}

/// Names that differ, `letters` long.
std::vector<std::string> variableNames(std::size_t count, std::size_t length, Draws& draws)
{
    std::vector<std::string> names;
    while (names.size() < count) {
        std::string name = letters(length, kCapitals, draws);
        if (std::ranges::find(names, name) == names.end())
            names.push_back(std::move(name));
    }
    return names;
}

/// "VAR A = 12345", "VAR B = VAR A ", …, in their order at places drawn among the sentences.
std::string chainContext(const std::vector<std::string>& names, std::string_view value, std::size_t sentences, Draws& draws)
{
    std::vector<std::string> lines(sentences, std::string(kNoiseSentence));
    std::vector<std::string> chain{fmt::format("VAR {} = {}", names[0], value)};
    for (std::size_t i = 1; i < names.size(); ++i)
        chain.push_back(fmt::format("VAR {} = VAR {} ", names[i], names[i - 1]));
    auto places = draws.sample(chain.size(), std::max(sentences, chain.size()));
    std::ranges::sort(places);
    for (std::size_t i = 0; i < chain.size(); ++i)
        lines.insert(lines.begin() + static_cast<std::ptrdiff_t>(std::min(places[i] + i, lines.size())), chain[i]);
    return replaced(joined(lines, "\n"), ". \n", ".\n");
}

RulerText chainWorded(const std::string& context, std::string_view value)
{
    return worded(kVariables, context, std::string(value), std::to_string(kHops + 1));
}

/// "1. word 2. word …", every common word `often` times and every other one `seldom` times.
std::string numberedList(const std::vector<std::string>& words, std::size_t often, std::size_t seldom, Draws& draws)
{
    std::vector<std::string> list;
    for (std::size_t i = 0; i < words.size(); ++i)
        list.insert(list.end(), i < kCommon ? often : seldom, words[i]);
    draws.shuffle(list);
    std::string text;
    for (std::size_t i = 0; i < list.size(); ++i)
        text += fmt::format("{}{}. {}", i == 0 ? "" : " ", i + 1, list[i]);
    return text;
}

std::vector<std::string> drawnWords(std::size_t count, const std::vector<std::string>& vocabulary, Draws& draws)
{
    std::vector<std::string> words;
    for (const std::size_t at : draws.sample(count, vocabulary.size()))
        words.push_back(vocabulary[at]);
    return words;
}

} // namespace

RulerText worded(const Wording& wording, const std::string& context, const std::string& query, const std::string& count)
{
    const auto fill = [&](std::string_view text) { return replaced(replaced(text, "{query}", query), "{count}", count); };
    const std::size_t at = wording.context.find("{context}");
    return {fill(wording.context.substr(0, at)) + context +
                fill(wording.context.substr(at + std::string_view("{context}").size())),
            fill(wording.question),
            fill(wording.lead),
            {}};
}

RulerText needleText(const Wording& wording, std::size_t sentences, bool needlesOnly, bool uuids, Draws& draws)
{
    const std::string_view type = uuids ? "uuids" : "numbers";
    const auto key = [&] { return uuids ? uuid(draws) : pairOfWords(draws); };
    const auto value = [&] { return uuids ? uuid(draws) : number(draws); };
    const std::string asked = key(), answer = value();
    std::vector<std::string> lines;
    for (std::size_t i = 0; i < sentences; ++i) {
        std::string line(kNoiseSentence);
        if (needlesOnly) {
            std::string other = key();
            while (other == asked)
                other = key();
            line = needle(type, other, value());
        }
        lines.push_back(std::move(line));
    }
    lines.insert(lines.begin() + static_cast<std::ptrdiff_t>(draws.below(std::max<std::size_t>(1, sentences))),
                 needle(type, asked, answer));
    RulerText text = worded(wording, joined(lines, "\n"), asked);
    text.references = {answer};
    return text;
}

ChainExample chainExample(std::size_t sentences, Draws& draws)
{
    ChainExample example;
    example.variables = variableNames(kHops + 1, 3, draws);
    const RulerText text = chainWorded(chainContext(example.variables, kExampleValue, sentences, draws), kExampleValue);
    example.text = text.context + text.question + text.lead + " " + joined(example.variables, " ") + "\n";
    return example;
}

RulerText chainText(std::size_t sentences, const ChainExample& example, Draws& draws)
{
    const auto fiveDigits = [&] { return std::to_string(10'000 + draws.below(89'999)); };
    const auto names = variableNames(kHops + 1, 5, draws);
    const std::string value = fiveDigits();
    RulerText text = chainWorded(chainContext(names, value, sentences, draws), value);
    std::string before = example.text;
    const auto renamed = variableNames(example.variables.size(), 3, draws);
    for (std::size_t i = 0; i < renamed.size(); ++i) // over a mark that no name holds, so that no name is renamed twice
        before = replaced(before, example.variables[i], fmt::format("\x01{}", i));
    for (std::size_t i = 0; i < renamed.size(); ++i)
        before = replaced(before, fmt::format("\x01{}", i), renamed[i]);
    text.context = replaced(before, kExampleValue, fiveDigits()) + "\n" + text.context;
    text.references = names;
    return text;
}

RulerText commonWordsText(std::size_t words, bool small, const std::vector<std::string>& vocabulary, Draws& draws)
{
    const auto shown = drawnWords(small ? 20 : 40, vocabulary, draws);
    const RulerText example = worded(kCommonWords, numberedList(shown, small ? 3 : 10, small ? 1 : 3, draws), "");
    std::string before = example.context + example.question + example.lead;
    for (std::size_t i = 0; i < kCommon; ++i)
        before += fmt::format(" {}. {}", i + 1, shown[i]);
    const auto asked = drawnWords(words, vocabulary, draws);
    RulerText text = worded(kCommonWords, numberedList(asked, small ? 6 : 30, small ? 1 : 3, draws), "");
    text.context = before + "\n" + text.context;
    text.references.assign(asked.begin(), asked.begin() + static_cast<std::ptrdiff_t>(std::min(kCommon, asked.size())));
    return text;
}

RulerText codedText(std::size_t words, std::size_t vocabulary, Draws& draws)
{
    constexpr std::size_t kWordLength = 6;
    std::set<std::string> different;
    while (different.size() < vocabulary)
        different.insert(letters(kWordLength, kSmallLetters, draws));
    std::vector<std::string> coded(different.begin(), different.end());
    draws.shuffle(coded);
    coded[0] = "...";
    const double zeta = std::numbers::pi * std::numbers::pi / 6;
    std::vector<std::string> list;
    for (std::size_t i = 0; i < coded.size(); ++i) {
        const auto rank = static_cast<double>(i + 1);
        list.insert(list.end(), static_cast<std::size_t>(static_cast<double>(words) / (rank * rank) / zeta), coded[i]);
    }
    draws.shuffle(list);
    RulerText text = worded(kFrequentWords, joined(list, " "), "");
    text.references.assign(coded.begin() + 1, coded.begin() + 4);
    return text;
}

} // namespace winnow::tasks
