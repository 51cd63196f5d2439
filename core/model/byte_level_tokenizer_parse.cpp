// The reading side of byte_level_tokenizer.h: from tokenizer.json to the parts.
#include "core/model/byte_level_tokenizer.h"

#include "core/io/json.h"

namespace winnow {
namespace {

using nlohmann::json;

constexpr std::uint64_t kMaxId = (1 << 21) - 1;

const json& member(const json& object, const char* key)
{
    static const json none;
    return object.is_object() && object.contains(key) ? object[key] : none;
}

std::string typeOf(const json& object)
{
    const json& type = member(object, "type");
    return type.is_string() ? type.get<std::string>() : std::string();
}

bool isTrue(const json& object, const char* key) { return member(object, key) == true; }

/// The ids that a template's special token stands for.
Result<std::vector<std::int32_t>> templateIds(const json& specials, const json& name, const std::string& where)
{
    const json& special = name.is_string() ? member(specials, name.get_ref<const std::string&>().c_str()) : json();
    const json& ids = member(special, "ids");
    std::vector<std::int32_t> result;
    if (!ids.is_array())
        return fail(ErrorCode::BadInput, "{}: its post-processor uses a special token that it does not define", where);
    for (const json& id : ids) {
        if (!wholeNumber(id, kMaxId))
            return fail(ErrorCode::BadInput, "{}: its post-processor has an id that is no whole number from 0 to {}", where,
                        kMaxId);
        result.push_back(id.get<std::int32_t>());
    }
    return result;
}

} // namespace

Result<std::shared_ptr<const Tokenizer>> ByteLevelTokenizer::parse(const json& root, const std::string& where)
{
    WINNOW_TRY(Bpe bpe, Bpe::parse(member(root, "model"), where));
    std::shared_ptr<ByteLevelTokenizer> result(new ByteLevelTokenizer(std::move(bpe)));
    WINNOW_TRY_VOID(result->readNormalizer(member(root, "normalizer"), where));
    WINNOW_TRY(result->m_preTokenizer, PreTokenizer::parse(member(root, "pre_tokenizer"), where));
    WINNOW_TRY_VOID(result->readAddedTokens(root, where));
    WINNOW_TRY_VOID(result->readPostProcessor(member(root, "post_processor"), where));
    if (const json& decoder = member(root, "decoder"); !decoder.is_null() && typeOf(decoder) != "ByteLevel")
        return fail(ErrorCode::BadInput, "{}: the decoder '{}' is not supported; supported is: ByteLevel", where,
                    typeOf(decoder));
    return result;
}

Result<void> ByteLevelTokenizer::readNormalizer(const json& object, const std::string& where)
{
    if (object.is_null())
        return {};
    const std::string type = typeOf(object);
    if (type == "NFC") {
        m_compose = true;
        return {};
    }
    if (type != "Sequence")
        return fail(ErrorCode::BadInput, "{}: the normalizer '{}' is not supported; supported are: none, NFC", where, type);
    for (const json& each : member(object, "normalizers"))
        WINNOW_TRY_VOID(readNormalizer(each, where));
    return {};
}

Result<void> ByteLevelTokenizer::readAddedTokens(const json& root, const std::string& where)
{
    const json& list = member(root, "added_tokens");
    if (list.is_null())
        return {};
    if (!list.is_array())
        return fail(ErrorCode::BadInput, "{}: 'added_tokens' is no list", where);
    for (const json& each : list) {
        const json& content = member(each, "content");
        const json& id = member(each, "id");
        if (!content.is_string() || !wholeNumber(id, kMaxId))
            return fail(ErrorCode::BadInput, "{}: an added token lacks its text, or an id from 0 to {}", where, kMaxId);
        AddedToken token;
        token.content = content.get<std::string>();
        token.id = m_bpe.id(token.content).value_or(id.get<std::int32_t>());
        token.singleWord = isTrue(each, "single_word");
        token.leftStrip = isTrue(each, "lstrip");
        token.rightStrip = isTrue(each, "rstrip");
        token.normalized = isTrue(each, "normalized");
        token.special = isTrue(each, "special");
        if (token.normalized) {
            NormalizedText normal(token.content, 0);
            if (m_compose)
                composeCanonically(normal);
            m_normalizedFinder.add(token, std::string(normal.text()));
        } else {
            m_rawFinder.add(token, token.content);
        }
        m_added[token.id] = std::move(token);
    }
    return {};
}

Result<void> ByteLevelTokenizer::readPostProcessor(const json& object, const std::string& where)
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

Result<void> ByteLevelTokenizer::readTemplate(const json& object, const std::string& where)
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
    m_before.insert(m_before.begin(), before.begin(), before.end());
    m_after.insert(m_after.end(), after.begin(), after.end());
    return {};
}

} // namespace winnow
