// SPDX-License-Identifier: GPL-3.0-or-later
// The reading side of composed_tokenizer.h: from tokenizer.json to the parts.
#include "core/model/tokenizer/composed_tokenizer.h"

#include "core/io/json.h"
#include "core/io/json_members.h"
#include "core/model/tokenizer/bpe.h"
#include "core/model/tokenizer/unigram.h"

#include <algorithm>

namespace winnow {
namespace {

using nlohmann::json;

/// The ids that a template's special token stands for.
Result<std::vector<std::int32_t>> templateIds(const json& specials, const json& name, const std::string& where)
{
    const json& special = name.is_string() ? member(specials, name.get_ref<const std::string&>().c_str()) : json();
    const json& ids = member(special, "ids");
    std::vector<std::int32_t> result;
    if (!ids.is_array())
        return fail(ErrorCode::BadInput, "{}: its post-processor uses a special token that it does not define", where);
    for (const json& id : ids) {
        if (!wholeNumber(id, kMaxTokenId))
            return fail(ErrorCode::BadInput, "{}: its post-processor has an id that is no whole number from 0 to {}", where,
                        kMaxTokenId);
        result.push_back(id.get<std::int32_t>());
    }
    return result;
}

} // namespace

Result<std::shared_ptr<const Tokenizer>> ComposedTokenizer::make(Parts parts)
{
    std::vector<AddedToken> added = std::move(parts.added);
    std::shared_ptr<ComposedTokenizer> result(new ComposedTokenizer(std::move(parts)));
    result->m_size = static_cast<int>(result->vocabulary().size());
    for (AddedToken& token : added)
        WINNOW_TRY_VOID(result->addToken(std::move(token)));
    return result;
}

Result<std::shared_ptr<const Tokenizer>> ComposedTokenizer::parse(const json& root, const std::string& where)
{
    const json& model = member(root, "model");
    // Files from before 2021 have no type; "merges" then tells a BPE.
    const std::string type = model.contains("type") ? typeOf(model) : model.contains("merges") ? "BPE" : "unknown";
    Parts parts;
    WINNOW_TRY(parts.preTokenizer, PreTokenizer::parse(member(root, "pre_tokenizer"), where));
    if (type == "BPE") {
        const Bpe::Unit unit = parts.preTokenizer.isByteLevel() ? Bpe::Unit::Byte : Bpe::Unit::Character;
        WINNOW_TRY(parts.model, Bpe::parse(model, unit, where));
    } else if (type == "Unigram" && !parts.preTokenizer.isByteLevel()) {
        WINNOW_TRY(parts.model, Unigram::parse(model, where));
    } else {
        return fail(ErrorCode::BadInput, "{}: the tokenizer kind '{}' is not supported; supported are: BPE, Unigram", where,
                    type.substr(0, 60));
    }
    WINNOW_TRY(parts.normalizer, Normalizer::parse(member(root, "normalizer"), where));
    WINNOW_TRY(parts.decoder, TokenDecoder::parse(member(root, "decoder"), where));
    std::shared_ptr<ComposedTokenizer> result(new ComposedTokenizer(std::move(parts)));
    result->m_size = static_cast<int>(result->vocabulary().size());
    WINNOW_TRY_VOID(result->readAddedTokens(root, where));
    WINNOW_TRY_VOID(result->readPostProcessor(member(root, "post_processor"), where));
    return result;
}

Result<void> ComposedTokenizer::addToken(AddedToken token)
{
    if (token.normalized) {
        NormalizedText normal(token.content, 0);
        WINNOW_TRY_VOID(m_parts.normalizer.apply(normal));
        token.text = normal.text();
        m_normalizedFinder.add(token, token.text);
    } else {
        token.text = token.content;
        m_rawFinder.add(token, token.content);
    }
    m_size = std::max(m_size, token.id + 1);
    m_added[token.id] = std::move(token);
    return {};
}

Result<void> ComposedTokenizer::readAddedTokens(const json& root, const std::string& where)
{
    const json& list = member(root, "added_tokens");
    if (list.is_null())
        return {};
    if (!list.is_array())
        return fail(ErrorCode::BadInput, "{}: 'added_tokens' is no list", where);
    for (const json& each : list) {
        const json& content = member(each, "content");
        const json& id = member(each, "id");
        if (!content.is_string() || !wholeNumber(id, kMaxTokenId))
            return fail(ErrorCode::BadInput, "{}: an added token lacks its text, or an id from 0 to {}", where, kMaxTokenId);
        AddedToken token;
        token.content = content.get<std::string>();
        token.id = vocabulary().id(token.content).value_or(id.get<std::int32_t>());
        token.singleWord = isTrue(each, "single_word");
        token.leftStrip = isTrue(each, "lstrip");
        token.rightStrip = isTrue(each, "rstrip");
        token.normalized = isTrue(each, "normalized");
        token.special = isTrue(each, "special");
        WINNOW_TRY_VOID(addToken(std::move(token)));
    }
    return {};
}

Result<void> ComposedTokenizer::readPostProcessor(const json& object, const std::string& where)
{
    if (object.is_null())
        return {};
    const std::string type = typeOf(object);
    if (type == "ByteLevel") {
        m_trim = member(object, "trim_offsets").is_null() || isTrue(object, "trim_offsets");
        m_trimKeepsFirstSpace = member(object, "add_prefix_space").is_null() || isTrue(object, "add_prefix_space");
        return {};
    }
    if (type == "TemplateProcessing")
        return readTemplate(object, where);
    if (type != "Sequence")
        return fail(ErrorCode::BadInput,
                    "{}: the post-processor '{}' is not supported; supported are: ByteLevel, TemplateProcessing, Sequence", where,
                    type);
    for (const json& each : member(object, "processors"))
        WINNOW_TRY_VOID(readPostProcessor(each, where));
    return {};
}

Result<void> ComposedTokenizer::readTemplate(const json& object, const std::string& where)
{
    const json& single = member(object, "single");
    std::vector<std::int32_t> before, after;
    bool seenText = false;
    if (!single.is_array())
        return fail(ErrorCode::BadInput, "{}: its post-processor has no list 'single'", where);
    for (const json& each : single) {
        if (const json& text = member(each, "Sequence"); !text.is_null()) {
            if (seenText || member(text, "id") != "A")
                return fail(ErrorCode::BadInput,
                            "{}: its post-processor puts more than one text together, which is not supported", where);
            seenText = true;
            continue;
        }
        WINNOW_TRY(const std::vector<std::int32_t> ids,
                   templateIds(member(object, "special_tokens"), member(member(each, "SpecialToken"), "id"), where));
        std::vector<std::int32_t>& side = seenText ? after : before;
        side.insert(side.end(), ids.begin(), ids.end());
    }
    if (!seenText)
        return fail(ErrorCode::BadInput, "{}: its post-processor leaves the text out", where);
    m_parts.before.insert(m_parts.before.begin(), before.begin(), before.end());
    m_parts.after.insert(m_parts.after.end(), after.begin(), after.end());
    return {};
}

} // namespace winnow
