#include "core/model/pre_tokenizer.h"

#include <nlohmann/json.hpp>

#include <algorithm>

namespace winnow {
namespace {

using nlohmann::json;

// GPT-2's, see "encoder.py" of openai/gpt-2.
constexpr const char* kByteLevelPattern = R"('s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+)";

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

std::string typeOf(const json& object)
{
    return object.is_object() && object.contains("type") && object["type"].is_string() ? object["type"].get<std::string>()
                                                                                       : std::string();
}

/// In front of every word that does not start with one; the new space stands for the word's first character.
void addSpaces(NormalizedText& text, std::vector<TextRange>& words)
{
    const std::string_view before = text.text();
    std::string after;
    std::vector<TextRange> origins;
    for (TextRange& word : words) {
        const std::size_t begin = after.size();
        if (before[word.begin] != ' ') {
            after += ' ';
            origins.push_back(text.origin(word.begin, word.begin + 1));
        }
        for (std::size_t i = word.begin; i < word.end; ++i)
            origins.push_back(text.origin(i, i + 1));
        after += before.substr(word.begin, word.end - word.begin);
        word = {begin, after.size()};
    }
    text.replace(std::move(after), std::move(origins));
}

} // namespace

Result<PreTokenizer> PreTokenizer::parse(const json& object, const std::string& where)
{
    PreTokenizer result;
    if (!object.is_null())
        WINNOW_TRY_VOID(result.add(object, where));
    if (!result.m_byteLevel)
        return fail(ErrorCode::BadInput,
                    "{} has no 'ByteLevel' pre-tokenizer, so it is of another kind (SentencePiece style?); only byte-level BPE "
                    "(GPT-2, Llama 3, "
                    "Qwen) is supported so far",
                    where);
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
    if (m_byteLevel)
        return fail(ErrorCode::BadInput, "{}: the pre-tokenizer '{}' comes after ByteLevel, which is not supported", where, type);
    if (type == "ByteLevel")
        return addByteLevel(object, where);
    if (type == "Split")
        return addSplit(object, where);
    if (type == "Digits") {
        WINNOW_TRY(const bool individual, flag(object, "individual_digits", false, where));
        Step& step = m_steps.emplace_back();
        WINNOW_TRY(step.pattern, TextPattern::compile("\\p{N}", where));
        step.behavior = individual ? Behavior::Isolated : Behavior::Contiguous;
        return {};
    }
    return fail(ErrorCode::BadInput,
                "{}: the pre-tokenizer '{}' is not supported; supported are: ByteLevel, Split, Digits, Sequence", where, type);
}

Result<void> PreTokenizer::addByteLevel(const json& object, const std::string& where)
{
    WINNOW_TRY(const bool space, flag(object, "add_prefix_space", true, where));
    WINNOW_TRY(const bool regex, flag(object, "use_regex", true, where));
    if (space)
        m_steps.emplace_back().addsSpace = true;
    if (regex) {
        WINNOW_TRY(m_steps.emplace_back().pattern, TextPattern::compile(kByteLevelPattern, where));
    }
    m_byteLevel = true;
    return {};
}

Result<void> PreTokenizer::addSplit(const json& object, const std::string& where)
{
    Step step;
    const json& pattern = object.contains("pattern") ? object["pattern"] : object;
    if (pattern.is_object() && pattern.contains("Regex") && pattern["Regex"].is_string()) {
        WINNOW_TRY(step.pattern, TextPattern::compile(pattern["Regex"].get<std::string>(), where));
    } else if (pattern.is_object() && pattern.contains("String") && pattern["String"].is_string() && pattern["String"] != "") {
        step.pattern = TextPattern::literal(pattern["String"].get<std::string>());
    } else {
        return fail(ErrorCode::BadInput, "{}: a Split pre-tokenizer has neither a 'Regex' nor a 'String' as its pattern", where);
    }
    constexpr std::array<std::pair<const char*, Behavior>, 5> kBehaviors{{{"Removed", Behavior::Removed},
                                                                          {"Isolated", Behavior::Isolated},
                                                                          {"MergedWithPrevious", Behavior::MergedWithPrevious},
                                                                          {"MergedWithNext", Behavior::MergedWithNext},
                                                                          {"Contiguous", Behavior::Contiguous}}};
    const json behavior = object.value("behavior", json());
    const auto known =
        std::find_if(kBehaviors.begin(), kBehaviors.end(), [&](const auto& each) { return behavior == each.first; });
    if (known == kBehaviors.end())
        return fail(ErrorCode::BadInput, "{}: a Split pre-tokenizer has no known 'behavior'", where);
    step.behavior = known->second;
    WINNOW_TRY(step.invert, flag(object, "invert", false, where));
    m_steps.push_back(std::move(step));
    return {};
}

Result<std::vector<TextRange>> PreTokenizer::split(NormalizedText& text) const
{
    std::vector<TextRange> words;
    if (!text.text().empty())
        words.push_back({0, text.text().size()});
    for (const Step& step : m_steps) {
        if (step.addsSpace) {
            addSpaces(text, words);
            continue;
        }
        std::vector<TextRange> finer;
        for (const TextRange& word : words) {
            WINNOW_TRY(std::vector<Part> pieces,
                       parts(text.text().substr(word.begin, word.end - word.begin), step.pattern, step.invert));
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
    }
    return words;
}

} // namespace winnow
