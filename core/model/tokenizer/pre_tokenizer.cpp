// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/model/tokenizer/pre_tokenizer.h"

#include "core/io/json_members.h"
#include "core/model/tokenizer/byte_level.h"

#include <algorithm>
#include <array>

namespace winnow {
namespace {

using nlohmann::json;

// GPT-2's, see "encoder.py" of openai/gpt-2.
constexpr const char* kByteLevelPattern = R"('s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+)";

// Words as the Rust library regex sees them: letters, marks, digits, connectors, joiners.
constexpr const char* kWhitespacePattern =
    R"([\p{Alphabetic}\p{M}\p{Nd}\p{Pc}\x{200C}\x{200D}]+|[^\p{Alphabetic}\p{M}\p{Nd}\p{Pc}\x{200C}\x{200D}\s]+)";

// Punctuation of ASCII, and of Unicode 8, as the reference has it (found by asking tokenizers 0.23.3 for each code point of
// Unicode 14).
constexpr const char* kPunctuationPattern =
    R"((?![\x{61D}\x{9FD}\x{A76}\x{C77}\x{C84}\x{1B7D}\x{1B7E}\x{2E43}-\x{2E4F}\x{2E52}-\x{2E5D}\x{10EAD}\x{10F55}-\x{10F59})"
    R"(\x{10F86}-\x{10F89}\x{1144B}-\x{1144F}\x{1145A}-\x{1145D}\x{11660}-\x{1166C}\x{116B9}\x{1183B})"
    R"(\x{11944}-\x{11946}\x{119E2})"
    R"(\x{11A3F}-\x{11A46}\x{11A9A}-\x{11AA2}\x{11C41}-\x{11C45}\x{11C70}\x{11C71}\x{11EF7}\x{11EF8}\x{11FFF}\x{12FF1}\x{12FF2})"
    R"(\x{16E97}-\x{16E9A}\x{16FE2}\x{1E95E}\x{1E95F}])[\p{P}\x{166D}\x{111C9}$+<=>^`|~])";

struct Part {
    TextRange range;
    bool match = false;
};

/// `text` as matches and what lies between them.
Result<std::vector<Part>> parts(std::string_view text, const TextPattern& pattern, bool invert)
{
    std::vector<TextRange> matches;
    WINNOW_TRY_VOID(pattern.find(text, matches));
    std::vector<Part> result;
    std::size_t reached = 0;
    for (const TextRange& match : matches) {
        if (match.begin > reached)
            result.push_back({{reached, match.begin}, invert});
        result.push_back({match, !invert});
        reached = match.end;
    }
    if (reached < text.size())
        result.push_back({{reached, text.size()}, invert});
    return result;
}

/// `bytes` as `pattern` cuts the stand-ins that a vocabulary writes for them.
Result<std::vector<Part>> partsOfSymbols(std::string_view bytes, const TextPattern& pattern, bool invert)
{
    std::string symbols;
    std::vector<std::size_t> begins; // of each byte's stand-in
    for (const char byte : bytes) {
        begins.push_back(symbols.size());
        symbols += byteSymbol(static_cast<std::uint8_t>(byte));
    }
    begins.push_back(symbols.size());
    WINNOW_TRY(std::vector<Part> result, parts(symbols, pattern, invert));
    const auto byteAt = [&](std::size_t at) {
        return static_cast<std::size_t>(std::ranges::lower_bound(begins, at) - begins.begin());
    };
    for (Part& part : result)
        part.range = {byteAt(part.range.begin), byteAt(part.range.end)};
    return result;
}

/// Joins each match to the part before it (`parts` in order) or after it (in reverse order).
std::vector<Part> mergedWithNeighbor(const std::vector<Part>& parts)
{
    std::vector<Part> result;
    bool previous = false;
    for (const Part& part : parts) {
        if (part.match && !previous && !result.empty()) {
            TextRange& grown = result.back().range;
            grown = {std::min(grown.begin, part.range.begin), std::max(grown.end, part.range.end)};
        } else {
            result.push_back(part);
        }
        previous = part.match;
    }
    return result;
}

std::vector<Part> contiguous(const std::vector<Part>& parts)
{
    std::vector<Part> result;
    for (const Part& part : parts) {
        if (!result.empty() && result.back().match == part.match)
            result.back().range.end = part.range.end;
        else
            result.push_back(part);
    }
    return result;
}

Result<bool> flag(const json& object, const char* key, bool absent, const std::string& where)
{
    if (!object.contains(key) || object[key].is_null())
        return absent;
    if (!object[key].is_boolean())
        return fail(ErrorCode::BadInput, "{}: '{}' is neither true nor false", where, key);
    return object[key].get<bool>();
}

} // namespace

Result<PreTokenizer> PreTokenizer::parse(const json& object, const std::string& where)
{
    PreTokenizer result;
    if (!object.is_null())
        WINNOW_TRY_VOID(result.add(object, where));
    return result;
}

Result<void> PreTokenizer::add(const json& object, const std::string& where)
{
    const std::string type = typeOf(object);
    if (type == "Sequence") {
        if (!object.contains("pretokenizers") || !object["pretokenizers"].is_array())
            return fail(ErrorCode::BadInput, "{}: a pre-tokenizer Sequence has no list 'pretokenizers'", where);
        for (const json& each : object["pretokenizers"])
            WINNOW_TRY_VOID(add(each, where));
        return {};
    }
    if (m_byteLevel && (type == "ByteLevel" || type == "Metaspace"))
        return fail(ErrorCode::BadInput, "{}: the pre-tokenizer '{}' comes after ByteLevel, which is not supported", where, type);
    if (type == "ByteLevel")
        return addByteLevel(object, where);
    if (type == "Split")
        return addSplit(object, where);
    if (type == "Metaspace")
        return addMetaspace(object, where);
    const auto splitBy = [&](const char* pattern, Behavior behavior, bool invert) -> Result<void> {
        Step& step = m_steps.emplace_back();
        WINNOW_TRY(step.pattern, TextPattern::compile(pattern, where));
        step.behavior = behavior;
        step.invert = invert;
        step.seesBytes = m_byteLevel;
        return {};
    };
    if (type == "Digits") {
        WINNOW_TRY(const bool individual, flag(object, "individual_digits", false, where));
        return splitBy("\\p{N}", individual ? Behavior::Isolated : Behavior::Contiguous, false);
    }
    if (type == "Whitespace")
        return splitBy(kWhitespacePattern, Behavior::Removed, true);
    if (type == "WhitespaceSplit")
        return splitBy("\\s", Behavior::Removed, false);
    if (type == "Punctuation") {
        const auto behavior = behaviorOf(object.contains("behavior") ? object["behavior"] : json("Isolated"));
        if (!behavior)
            return fail(ErrorCode::BadInput, "{}: a pre-tokenizer Punctuation has no known 'behavior'", where);
        return splitBy(kPunctuationPattern, *behavior, false);
    }
    return fail(ErrorCode::BadInput,
                "{}: the pre-tokenizer '{}' is not supported; supported are: ByteLevel, Split, Digits, Metaspace, Whitespace, "
                "WhitespaceSplit, Punctuation, Sequence",
                where, type);
}

Result<void> PreTokenizer::addByteLevel(const json& object, const std::string& where)
{
    WINNOW_TRY(const bool space, flag(object, "add_prefix_space", true, where));
    WINNOW_TRY(const bool regex, flag(object, "use_regex", true, where));
    Step step;
    step.prefix = space ? Prefix::Always : Prefix::Never;
    step.splits = regex;
    if (regex) {
        WINNOW_TRY(step.pattern, TextPattern::compile(kByteLevelPattern, where));
    }
    m_steps.push_back(std::move(step));
    m_byteLevel = true;
    return {};
}

Result<void> PreTokenizer::addMetaspace(const json& object, const std::string& where)
{
    Step step;
    step.space = object.contains("replacement") ? textOf(object, "replacement") : "\xE2\x96\x81";
    if (step.space.empty() || step.space.size() != codePointAt(step.space, 0).bytes)
        return fail(ErrorCode::BadInput, "{}: a pre-tokenizer Metaspace's 'replacement' is no character", where);
    const std::string scheme = textOf(object, "prepend_scheme");
    WINNOW_TRY(const bool adds, flag(object, "add_prefix_space", true, where)); // files from before 2024
    step.prefix = scheme == "first"                                ? Prefix::First
                  : scheme == "never" || (scheme.empty() && !adds) ? Prefix::Never
                                                                   : Prefix::Always;
    WINNOW_TRY(step.splits, flag(object, "split", true, where));
    step.pattern = TextPattern::literal(step.space);
    step.behavior = Behavior::MergedWithNext;
    m_steps.push_back(std::move(step));
    return {};
}

Result<void> PreTokenizer::addSplit(const json& object, const std::string& where)
{
    Step step;
    WINNOW_TRY(step.pattern, TextPattern::parse(member(object, "pattern"), "pre-tokenizer Split", where));
    const auto behavior = behaviorOf(member(object, "behavior"));
    if (!behavior)
        return fail(ErrorCode::BadInput, "{}: a pre-tokenizer Split has no known 'behavior'", where);
    step.behavior = *behavior;
    WINNOW_TRY(step.invert, flag(object, "invert", false, where));
    step.seesBytes = m_byteLevel;
    m_steps.push_back(std::move(step));
    return {};
}

std::optional<PreTokenizer::Behavior> PreTokenizer::behaviorOf(const json& name)
{
    constexpr std::array<std::pair<const char*, Behavior>, 5> kBehaviors{{{"Removed", Behavior::Removed},
                                                                          {"Isolated", Behavior::Isolated},
                                                                          {"MergedWithPrevious", Behavior::MergedWithPrevious},
                                                                          {"MergedWithNext", Behavior::MergedWithNext},
                                                                          {"Contiguous", Behavior::Contiguous}}};
    const auto known = std::ranges::find_if(kBehaviors, [&](const auto& each) { return name == each.first; });
    return known == kBehaviors.end() ? std::nullopt : std::optional(known->second);
}

/// What is put in front of a word stands for its first character.
void PreTokenizer::rewrite(const Step& step, NormalizedText& text, std::vector<TextRange>& words)
{
    const std::string_view before = text.text();
    const auto lacksPrefix = [&](const TextRange& word) {
        if (step.prefix == Prefix::Never || (step.prefix == Prefix::First && text.originOf(word.begin).begin != 0))
            return false;
        const std::string_view here = before.substr(word.begin, word.end - word.begin);
        return !here.starts_with(step.space) && !here.starts_with(' '); // a space becomes the prefix itself
    };
    if (std::ranges::none_of(words, lacksPrefix) && (step.space == " " || before.find(' ') == std::string_view::npos))
        return;
    Rewriting rewriting(text);
    for (TextRange& word : words) {
        const std::size_t begin = rewriting.size();
        rewriting.skip(word.begin);
        if (lacksPrefix(word))
            rewriting.put(step.space, text.originOf(word.begin));
        for (std::size_t at; (at = before.substr(0, word.end).find(' ', word.begin)) != std::string_view::npos;
             word.begin = at + 1) {
            rewriting.keep(at);
            rewriting.put(step.space, text.originOf(at));
            rewriting.skip(at + 1);
        }
        rewriting.keep(word.end);
        word = {begin, rewriting.size()};
    }
    rewriting.finish();
}

Result<void> PreTokenizer::cut(const Step& step, std::string_view text, std::vector<TextRange>& words)
{
    std::vector<TextRange> finer;
    for (const TextRange& word : words) {
        const std::string_view here = text.substr(word.begin, word.end - word.begin);
        WINNOW_TRY(std::vector<Part> pieces,
                   step.seesBytes ? partsOfSymbols(here, step.pattern, step.invert) : parts(here, step.pattern, step.invert));
        switch (step.behavior) {
        case Behavior::Isolated:
            break;
        case Behavior::Removed:
            std::erase_if(pieces, [](const Part& part) { return part.match; });
            break;
        case Behavior::Contiguous:
            pieces = contiguous(pieces);
            break;
        case Behavior::MergedWithPrevious:
            pieces = mergedWithNeighbor(pieces);
            break;
        case Behavior::MergedWithNext:
            std::ranges::reverse(pieces);
            pieces = mergedWithNeighbor(pieces);
            std::ranges::reverse(pieces);
            break;
        }
        for (const Part& piece : pieces)
            finer.push_back({word.begin + piece.range.begin, word.begin + piece.range.end});
    }
    words = std::move(finer);
    return {};
}

Result<std::vector<TextRange>> PreTokenizer::split(NormalizedText& text) const
{
    std::vector<TextRange> words;
    if (!text.text().empty())
        words.push_back({0, text.text().size()});
    for (const Step& step : m_steps) {
        if (step.prefix != Prefix::Never || step.space != " ")
            rewrite(step, text, words);
        if (step.splits)
            WINNOW_TRY_VOID(cut(step, text.text(), words));
    }
    return words;
}

} // namespace winnow
