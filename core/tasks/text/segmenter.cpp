// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/tasks/text/segmenter.h"

#include "core/io/mapped_file.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <functional>

namespace winnow::tasks {

namespace fs = std::filesystem;

namespace {

constexpr double kNever = -3.14e100; // jieba's logarithm of 0
constexpr std::string_view kStateLetters = "BEMS";
enum State : std::size_t { Begin, End, Middle, Single };
/// From which states each one is reached; of equal chances the later letter wins.
constexpr std::array<std::array<State, 2>, 4> kBefore{{{End, Single}, {Begin, Middle}, {Begin, Middle}, {End, Single}}};

bool isHan(char32_t character) { return character >= 0x4E00 && character <= 0x9FD5; }
bool isAsciiDigit(char32_t character) { return character >= U'0' && character <= U'9'; }
bool isAsciiLetter(char32_t character)
{
    return (character >= U'a' && character <= U'z') || (character >= U'A' && character <= U'Z') || isAsciiDigit(character);
}
/// What jieba looks for words in.
bool isBlockCharacter(char32_t character)
{
    return isHan(character) || isAsciiLetter(character) || CharactersView(U"+#&._%-").find(character) != CharactersView::npos;
}

/// Reads the numbers of a Python file like P={'B': {'\u4e00': -3.65, …}, …} or P={'B': -0.26, …}: calls `use` with the outer name
/// ("" where there is none), the name and the number.
Result<void> readNumbers(std::string_view text, std::string_view file,
                         const std::function<void(const Characters& outer, const Characters& name, double value)>& use)
{
    Characters outer, name;
    int depth = 0;
    std::size_t at = text.find('{'), count = 0;
    while (at < text.size()) {
        const char character = text[at];
        if (character == '{' || character == '}') {
            depth += character == '{' ? 1 : -1;
            outer = depth > 1 ? name : Characters();
            ++at;
        } else if (character == '\'' || character == '"') {
            const std::size_t end = std::min(text.find(character, at + 1), text.size());
            const std::string_view word = text.substr(at + 1, end - at - 1);
            unsigned code = 0;
            name = word.starts_with("\\u") &&
                           std::from_chars(word.data() + 2, word.data() + word.size(), code, 16).ptr == word.data() + word.size()
                       ? Characters(1, static_cast<char32_t>(code))
                       : charactersOf(word);
            at = end + 1;
        } else if (character == '-' || (character >= '0' && character <= '9')) {
            double value = 0;
            const auto [end, error] = std::from_chars(text.data() + at, text.data() + text.size(), value);
            if (error != std::errc())
                break;
            use(outer, name, value);
            ++count;
            at = static_cast<std::size_t>(end - text.data());
        } else {
            ++at;
        }
    }
    if (depth != 0 || count == 0)
        return fail(ErrorCode::BadInput, "jieba's {} holds no table of numbers", file);
    return {};
}

std::size_t stateOf(const Characters& name)
{
    return name.size() == 1 ? std::min(kStateLetters.find(static_cast<char>(name[0])), kStateLetters.size())
                            : kStateLetters.size();
}

} // namespace

std::optional<fs::path> Segmenter::installed()
{
    const fs::path place = "/usr/lib/python3/dist-packages/jieba";
    std::error_code error;
    return fs::exists(place / "dict.txt", error) ? std::optional(place) : std::nullopt;
}

Result<std::shared_ptr<const Segmenter>> Segmenter::load(const fs::path& folder)
{
    WINNOW_TRY(const MappedFile dictionary, MappedFile::open(folder / "dict.txt"));
    WINNOW_TRY(const MappedFile start, MappedFile::open(folder / "finalseg/prob_start.py"));
    WINNOW_TRY(const MappedFile changes, MappedFile::open(folder / "finalseg/prob_trans.py"));
    WINNOW_TRY(const MappedFile emissions, MappedFile::open(folder / "finalseg/prob_emit.py"));
    return parse(dictionary.text(), start.text(), changes.text(), emissions.text());
}

Result<std::shared_ptr<const Segmenter>> Segmenter::parse(std::string_view dictionary, std::string_view start,
                                                          std::string_view changes, std::string_view emissions)
{
    const std::shared_ptr<Segmenter> made(new Segmenter);
    made->m_dictionary = charactersOf(dictionary);
    double total = 0;
    std::size_t number = 0;
    for (const CharactersView line : separatedBy(made->m_dictionary, U'\n')) {
        ++number;
        const auto fields = blankSeparated(line);
        if (fields.empty())
            continue;
        const std::string digits = fields.size() > 1 ? utf8Of(fields[1]) : std::string();
        std::int64_t frequency = 0;
        if (std::from_chars(digits.data(), digits.data() + digits.size(), frequency).ptr != digits.data() + digits.size() ||
            digits.empty() || frequency < 0)
            return fail(ErrorCode::BadInput, "jieba's dict.txt, line {}: expected a word and how often it comes", number);
        made->m_frequencies[fields[0]] = frequency;
        total += static_cast<double>(frequency);
        for (std::size_t length = 1; length < fields[0].size(); ++length)
            made->m_frequencies.try_emplace(fields[0].substr(0, length), 0);
    }
    if (total <= 0)
        return fail(ErrorCode::BadInput, "jieba's dict.txt holds no words");
    made->m_logTotal = std::log(total);
    made->m_start.fill(kNever);
    for (auto& row : made->m_changes)
        row.fill(kNever);
    WINNOW_TRY_VOID(readNumbers(start, "prob_start.py", [&](const Characters&, const Characters& name, double value) {
        if (const std::size_t state = stateOf(name); state < kStates)
            made->m_start[state] = value;
    }));
    WINNOW_TRY_VOID(readNumbers(changes, "prob_trans.py", [&](const Characters& outer, const Characters& name, double value) {
        if (const std::size_t from = stateOf(outer), to = stateOf(name); from < kStates && to < kStates)
            made->m_changes[from][to] = value;
    }));
    WINNOW_TRY_VOID(readNumbers(emissions, "prob_emit.py", [&](const Characters& outer, const Characters& name, double value) {
        if (const std::size_t state = stateOf(outer); state < kStates && name.size() == 1)
            made->m_emissions[state][name[0]] = value;
    }));
    return made;
}

std::vector<CharactersView> Segmenter::cut(CharactersView text) const
{
    Words words;
    for (std::size_t at = 0; at < text.size();) {
        const std::size_t begin = at;
        while (at < text.size() && isBlockCharacter(text[at]))
            ++at;
        if (at > begin) {
            cutBlock(text.substr(begin, at - begin), words);
        } else {
            at += text.substr(at, 2) == U"\r\n" ? 2 : 1;
            words.push_back(text.substr(begin, at - begin));
        }
    }
    return words;
}

std::int64_t Segmenter::frequencyOf(CharactersView word) const
{
    const auto found = m_frequencies.find(word);
    return found == m_frequencies.end() ? -1 : found->second;
}

/// The likeliest way through the words of the dictionary; what falls into single characters is cut by states.
void Segmenter::cutBlock(CharactersView block, Words& words) const
{
    std::vector<double> chance(block.size() + 1);
    std::vector<std::size_t> last(block.size());
    for (std::size_t k = block.size(); k-- > 0;) {
        bool any = false;
        const auto consider = [&](std::size_t end, std::int64_t frequency) {
            const double here =
                std::log(static_cast<double>(std::max<std::int64_t>(1, frequency))) - m_logTotal + chance[end + 1];
            if (!any || here >= chance[k]) {
                chance[k] = here;
                last[k] = end;
            }
            any = true;
        };
        for (std::size_t i = k; i < block.size(); ++i) {
            const std::int64_t frequency = frequencyOf(block.substr(k, i - k + 1));
            if (frequency < 0)
                break;
            if (frequency > 0)
                consider(i, frequency);
        }
        if (!any)
            consider(k, 0);
    }
    std::size_t open = 0; // of the single characters before `at`
    const auto flush = [&](std::size_t at) {
        const CharactersView letters = block.substr(open, at - open);
        if (letters.size() > 1 && frequencyOf(letters) <= 0)
            cutUnknown(letters, words);
        else
            for (std::size_t i = 0; i < letters.size(); ++i)
                words.push_back(letters.substr(i, 1));
    };
    for (std::size_t at = 0; at < block.size(); at = last[at] + 1)
        if (last[at] > at) {
            flush(at);
            words.push_back(block.substr(at, last[at] - at + 1));
            open = last[at] + 1;
        }
    flush(block.size());
}

/// Han characters by states; numbers and Latin words whole; what is left between them as it stands.
void Segmenter::cutUnknown(CharactersView letters, Words& words) const
{
    for (std::size_t at = 0; at < letters.size();) {
        const std::size_t begin = at;
        if (isHan(letters[at])) {
            while (at < letters.size() && isHan(letters[at]))
                ++at;
            cutByStates(letters.substr(begin, at - begin), words);
            continue;
        }
        if (isAsciiLetter(letters[at])) {
            while (at < letters.size() && isAsciiLetter(letters[at]))
                ++at;
            if (at + 1 < letters.size() && letters[at] == U'.' && isAsciiDigit(letters[at + 1]))
                for (++at; at < letters.size() && isAsciiDigit(letters[at]);)
                    ++at;
            if (at < letters.size() && letters[at] == U'%')
                ++at;
        } else {
            while (at < letters.size() && !isHan(letters[at]) && !isAsciiLetter(letters[at]))
                ++at;
        }
        words.push_back(letters.substr(begin, at - begin));
    }
}

/// Viterbi's path through begin, middle, end and single.
void Segmenter::cutByStates(CharactersView han, Words& words) const
{
    const auto emission = [&](std::size_t state, char32_t character) {
        const auto found = m_emissions[state].find(character);
        return found == m_emissions[state].end() ? kNever : found->second;
    };
    std::vector<std::array<State, kStates>> from(han.size());
    std::array<double, kStates> chance{};
    for (std::size_t state = 0; state < kStates; ++state)
        chance[state] = m_start[state] + emission(state, han[0]);
    for (std::size_t t = 1; t < han.size(); ++t) {
        std::array<double, kStates> next{};
        for (std::size_t state = 0; state < kStates; ++state) {
            const double here = emission(state, han[t]);
            const auto [one, other] = kBefore[state];
            const double first = chance[one] + m_changes[one][state] + here,
                         second = chance[other] + m_changes[other][state] + here;
            next[state] = std::max(first, second);
            from[t][state] = second >= first ? other : one;
        }
        chance = next;
    }
    std::vector<State> states(han.size());
    states.back() = chance[Single] >= chance[End] ? Single : End;
    for (std::size_t t = han.size() - 1; t > 0; --t)
        states[t - 1] = from[t][states[t]];
    std::size_t begin = 0, next = 0;
    for (std::size_t t = 0; t < han.size(); ++t)
        if (states[t] == Begin)
            begin = t;
        else if (states[t] != Middle) {
            const std::size_t first = states[t] == End ? begin : t;
            words.push_back(han.substr(first, t + 1 - first));
            next = t + 1;
        }
    if (next < han.size())
        words.push_back(han.substr(next));
}

} // namespace winnow::tasks
