// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/model/tokenizer/composed_tokenizer.h"

#include "core/model/tokenizer/byte_level.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <optional>

namespace winnow {
namespace {

constexpr std::size_t kMaxText = std::size_t{1} << 30;
constexpr std::size_t kMaxCachedWord = 64;

std::array<std::int32_t, 2> offsets(const TextRange& range)
{
    return {static_cast<std::int32_t>(range.begin), static_cast<std::int32_t>(range.end)};
}

/// `count` characters on (or back) from byte `at` of `text`.
std::size_t charactersOn(std::string_view text, std::size_t at, std::size_t count)
{
    for (; count > 0 && at < text.size(); --count)
        at += codePointAt(text, at).bytes;
    return at;
}

std::size_t charactersBack(std::string_view text, std::size_t at, std::size_t count)
{
    for (; count > 0 && at > 0; --count)
        do
            --at;
        while (at > 0 && isContinuation(text[at]));
    return at;
}

bool isSpaceSymbol(char32_t c) { return c == U'\u0120' || isWhiteSpace(c); } // U+0120 stands for a space

struct TextHash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const { return std::hash<std::string_view>{}(text); }
};

} // namespace

/// One call of encode: what it has so far, and the words it met before.
class ComposedTokenizer::Run {
public:
    Run(const ComposedTokenizer& tokenizer, std::string_view text) : m_tokenizer(tokenizer), m_text(text)
    {
        m_out.ids.reserve(text.size() / 3); // of prose; what is not written costs nothing
        m_out.offsets.reserve(text.size() / 3);
        m_words.reserve(text.size() / 32);
    }

    Result<void> all()
    {
        for (const AddedTokenFinder::Part& part : m_tokenizer.m_rawFinder.split(m_text)) {
            if (part.token != nullptr)
                push(part.token->id, part.range, m_text.substr(part.range.begin, part.range.end - part.range.begin));
            else
                WINNOW_TRY_VOID(between(part.range));
        }
        return {};
    }

    Encoding take() { return std::move(m_out); }

private:
    /// Text that holds none of the tokens that are found before normalization.
    Result<void> between(const TextRange& range)
    {
        NormalizedText text(m_text.substr(range.begin, range.end - range.begin), range.begin, range.end == m_text.size());
        WINNOW_TRY_VOID(m_tokenizer.m_parts.normalizer.apply(text));
        if (m_tokenizer.m_normalizedFinder.empty())
            return words(text);
        for (const AddedTokenFinder::Part& part : m_tokenizer.m_normalizedFinder.split(text.text())) {
            const std::string_view here = text.text().substr(part.range.begin, part.range.end - part.range.begin);
            if (part.token != nullptr) {
                push(part.token->id, text.origin(part.range.begin, part.range.end), here);
                continue;
            }
            NormalizedText piece(here, 0);
            std::vector<Origin> origins;
            for (std::size_t i = part.range.begin; i < part.range.end; ++i)
                origins.push_back(text.originOf(i));
            piece.replace(std::string(here), std::move(origins));
            WINNOW_TRY_VOID(words(piece));
        }
        return {};
    }

    Result<void> words(NormalizedText& text)
    {
        WINNOW_TRY(const std::vector<TextRange> ranges, m_tokenizer.m_parts.preTokenizer.split(text));
        const TokenModel& model = *m_tokenizer.m_parts.model;
        for (TextRange range : ranges)
            for (std::string_view rest = text.text().substr(range.begin, range.end - range.begin); !rest.empty();) {
                const std::string_view word = rest.substr(0, model.independentPrefix(rest));
                for (const TokenModel::Piece& piece : pieces(word))
                    push(piece.id, text.origin(range.begin + piece.begin, range.begin + piece.end), {});
                rest.remove_prefix(word.size());
                range.begin += word.size();
            }
        return {};
    }

    const std::vector<TokenModel::Piece>& pieces(std::string_view word)
    {
        const TokenModel& model = *m_tokenizer.m_parts.model;
        if (word.size() > kMaxCachedWord) {
            m_long.clear();
            model.encode(word, m_long);
            return m_long;
        }
        if (const auto known = m_words.find(word); known != m_words.end())
            return known->second;
        auto& fresh = m_words[std::string(word)];
        model.encode(word, fresh);
        return fresh;
    }

    /// `value`: what stands there, for an added token; an entry of the vocabulary is asked for its own.
    void push(std::int32_t id, TextRange range, std::string_view value)
    {
        if (m_tokenizer.m_trim)
            range = trimmed(range, value.empty() ? std::string_view(m_tokenizer.vocabulary().token(id)) : value);
        m_out.ids.push_back(id);
        m_out.offsets.push_back(offsets(range));
    }

    /// ByteLevel's `trim_offsets`: without the white space that the token's text begins and ends with.
    TextRange trimmed(TextRange range, std::string_view value) const
    {
        std::size_t leading = 0, trailing = 0, at = 0, end = value.size();
        for (; at < end && isSpaceSymbol(codePointAt(value, at).value); ++leading)
            at += codePointAt(value, at).bytes;
        for (; end > at; ++trailing) {
            const std::size_t last = charactersBack(value, end, 1);
            if (!isSpaceSymbol(codePointAt(value, last).value))
                break;
            end = last;
        }
        if (at == value.size())
            trailing = leading; // nothing but space
        if ((m_out.ids.empty() || range.begin == 0) && m_tokenizer.m_trimKeepsFirstSpace && leading == 1)
            leading = 0;
        range.begin = std::min(charactersOn(m_text, range.begin, leading), range.end);
        range.end = std::max(charactersBack(m_text, range.end, trailing), range.begin);
        return range;
    }

    const ComposedTokenizer& m_tokenizer;
    std::string_view m_text;
    Encoding m_out;
    std::unordered_map<std::string, std::vector<TokenModel::Piece>, TextHash, std::equal_to<>> m_words;
    std::vector<TokenModel::Piece> m_long;
};

Result<Encoding> ComposedTokenizer::encode(std::string_view text, bool addSpecial) const
{
    if (text.size() > kMaxText)
        return fail(ErrorCode::BadInput, "the text has {} bytes, more than the {} that can be tokenized", text.size(), kMaxText);
    if (const auto at = firstInvalidUtf8(text))
        return fail(ErrorCode::BadInput, "the text is not UTF-8: byte {} (0x{:02X}) does not belong there; convert it first", *at,
                    static_cast<unsigned char>(text[*at]));
    Run run(*this, text);
    WINNOW_TRY_VOID(run.all());
    Encoding encoding = run.take();
    if (addSpecial) {
        encoding.ids.insert(encoding.ids.begin(), m_parts.before.begin(), m_parts.before.end());
        encoding.offsets.insert(encoding.offsets.begin(), m_parts.before.size(), {0, 0});
        encoding.ids.insert(encoding.ids.end(), m_parts.after.begin(), m_parts.after.end());
        encoding.offsets.insert(encoding.offsets.end(), m_parts.after.size(), {0, 0});
    }
    return encoding;
}

std::string ComposedTokenizer::decode(std::span<const std::int32_t> ids, bool skipSpecial) const
{
    std::vector<std::string> tokens;
    tokens.reserve(ids.size());
    for (const std::int32_t id : ids) {
        const auto added = m_added.find(id);
        if (added == m_added.end())
            tokens.push_back(vocabulary().token(id));
        else if (!skipSpecial || !added->second.special)
            tokens.push_back(added->second.text);
    }
    return m_parts.decoder.text(std::move(tokens));
}

const std::string& ComposedTokenizer::token(std::int32_t id) const
{
    const auto added = m_added.find(id);
    return added != m_added.end() ? added->second.content : vocabulary().token(id);
}

std::optional<std::int32_t> ComposedTokenizer::id(std::string_view token) const
{
    for (const auto& [id, added] : m_added)
        if (added.content == token)
            return id;
    return vocabulary().id(token);
}

bool ComposedTokenizer::isSpecial(std::int32_t id) const
{
    const auto added = m_added.find(id);
    return added != m_added.end() && added->second.special;
}

} // namespace winnow
