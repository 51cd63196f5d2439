// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/model/tokenizer/token_decoder.h"

#include "core/io/json.h"
#include "core/io/json_members.h"
#include "core/model/tokenizer/byte_level.h"
#include "core/model/tokenizer/vocabulary.h"

namespace winnow {
namespace {

using nlohmann::json;
using Tokens = std::vector<std::string>;

constexpr std::string_view kSpace = "\xE2\x96\x81"; // "▁"

void fuse(Tokens& tokens)
{
    std::string all;
    for (const std::string& token : tokens)
        all += token;
    tokens.assign(1, std::move(all));
}

void replaceMatches(std::string& token, const TextPattern& pattern, const std::string& content)
{
    std::vector<TextRange> matches;
    if (firstInvalidUtf8(token) || !pattern.find(token, matches) || matches.empty())
        return; // bytes stay as they are
    std::string after;
    std::size_t reached = 0;
    for (const TextRange& match : matches) {
        (after += token.substr(reached, match.begin - reached)) += content;
        reached = match.end;
    }
    token = after + token.substr(reached);
}

void strip(std::string& token, const std::string& content, std::uint64_t start, std::uint64_t stop)
{
    for (; start > 0 && token.starts_with(content); --start)
        token.erase(0, content.size());
    for (; stop > 0 && token.ends_with(content); --stop)
        token.resize(token.size() - content.size());
}

} // namespace

Result<TokenDecoder> TokenDecoder::parse(const json& object, const std::string& where)
{
    TokenDecoder result;
    if (!object.is_null())
        WINNOW_TRY_VOID(result.add(object, where));
    return result;
}

Result<void> TokenDecoder::add(const json& object, const std::string& where)
{
    const auto each = [&](auto change) -> Result<void> {
        m_steps.push_back([change = std::move(change)](Tokens& tokens) {
            for (std::string& token : tokens)
                change(token);
        });
        return {};
    };
    const std::string type = typeOf(object);
    if (type == "Sequence") {
        for (const json& step : member(object, "decoders"))
            WINNOW_TRY_VOID(add(step, where));
        return {};
    }
    if (type == "Fuse") {
        m_steps.push_back(fuse);
        return {};
    }
    if (type == "ByteLevel")
        return each([](std::string& token) {
            if (!firstInvalidUtf8(token))
                token = bytesOfSymbols(token).value_or(token);
        });
    if (type == "ByteFallback")
        return each([](std::string& token) {
            if (const auto byte = byteOfFallback(token))
                token.assign(1, static_cast<char>(*byte));
        });
    if (type == "Replace" && member(object, "content").is_string()) {
        WINNOW_TRY(TextPattern pattern, TextPattern::parse(member(object, "pattern"), "decoder Replace", where));
        return each([pattern = std::move(pattern), content = textOf(object, "content")](std::string& token) {
            replaceMatches(token, pattern, content);
        });
    }
    if (type == "Strip") {
        const std::string content = textOf(object, "content");
        const auto start = wholeNumber(member(object, "start"), 1 << 20), stop = wholeNumber(member(object, "stop"), 1 << 20);
        if (content.empty() || !start || !stop)
            return fail(ErrorCode::BadInput, "{}: a decoder Strip lacks 'content', 'start' or 'stop'", where);
        return each([=](std::string& token) { strip(token, content, *start, *stop); });
    }
    if (type == "Metaspace") {
        const std::string space = object.contains("replacement") ? textOf(object, "replacement") : std::string(kSpace);
        if (space.empty())
            return fail(ErrorCode::BadInput, "{}: a decoder Metaspace has no text 'replacement'", where);
        const bool prefixed = object.contains("prepend_scheme") ? textOf(object, "prepend_scheme") != "never"
                                                                : member(object, "add_prefix_space") != false;
        m_steps.push_back([pattern = TextPattern::literal(space), prefixed](Tokens& tokens) {
            for (std::size_t i = 0; i < tokens.size(); ++i)
                replaceMatches(tokens[i], pattern, i == 0 && prefixed ? "" : " ");
        });
        return {};
    }
    return fail(ErrorCode::BadInput,
                "{}: the decoder '{}' is not supported; supported are: ByteLevel, ByteFallback, Fuse, Metaspace, Replace, Strip, "
                "Sequence",
                where, type);
}

std::string TokenDecoder::text(std::vector<std::string> tokens) const
{
    for (const Step& step : m_steps)
        step(tokens);
    fuse(tokens);
    return std::move(tokens.front());
}

} // namespace winnow
