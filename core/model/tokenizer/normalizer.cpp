// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/model/tokenizer/normalizer.h"

#include "core/io/json_members.h"
#include "core/model/tokenizer/byte_level.h"
#include "core/model/tokenizer/charsmap.h"
#include "core/model/tokenizer/unicode_form.h"

#include <utf8proc.h>

#include <algorithm>

namespace winnow {
namespace {

using nlohmann::json;

constexpr std::string_view kSpace = "\xE2\x96\x81"; // "▁"

std::vector<char32_t> characters(std::string_view text)
{
    std::vector<char32_t> result;
    for (std::size_t at = 0; at < text.size();) {
        const CodePoint c = codePointAt(text, at);
        result.push_back(c.value);
        at += c.bytes;
    }
    return result;
}

/// What replaces a match stands for its last character.
Result<void> replaceMatches(NormalizedText& text, const TextPattern& pattern, const std::string& content)
{
    const std::string_view before = text.text();
    std::vector<TextRange> matches;
    WINNOW_TRY_VOID(pattern.find(before, matches));
    if (matches.empty())
        return {};
    Rewriting rewriting(text);
    for (const TextRange& match : matches) {
        rewriting.keep(match.begin);
        rewriting.put(content, text.originOf(match.end - 1));
        rewriting.skip(match.end);
    }
    rewriting.keep(before.size());
    rewriting.finish();
    return {};
}

/// What is put in front stands for the first character.
void prepend(NormalizedText& text, const std::string& content)
{
    if (text.text().empty() || content.empty())
        return;
    Rewriting rewriting(text);
    rewriting.put(content, text.originOf(0));
    rewriting.keep(text.text().size());
    rewriting.finish();
}

void lowercase(NormalizedText& text)
{
    std::vector<TextChange> changes;
    for (const char32_t c : characters(text.text())) {
        if (c == 0x130) { // the only one whose lower case, in no language's rules, is two characters
            changes.insert(changes.end(), {{U'i', 0}, {0x307, 1}});
            continue;
        }
        changes.push_back({static_cast<char32_t>(utf8proc_tolower(static_cast<utf8proc_int32_t>(c))), 0});
    }
    text.transform(changes);
}

void strip(NormalizedText& text, bool left, bool right)
{
    const std::vector<char32_t> all = characters(text.text());
    const auto leading = left ? std::ranges::find_if_not(all, isWhiteSpace) - all.begin() : 0;
    const auto trailing = right ? std::find_if_not(all.rbegin(), all.rend(), isWhiteSpace) - all.rbegin() : 0;
    std::vector<TextChange> changes;
    for (auto at = leading; at < static_cast<std::ptrdiff_t>(all.size()) - trailing; ++at)
        changes.push_back({all[static_cast<std::size_t>(at)], 0});
    text.transform(changes, static_cast<std::size_t>(leading));
}

/// As tokenizers 0.23 maps a part of the text: its first characters change in place, further ones are inserted, missing removed.
void pushMapped(std::vector<TextChange>& changes, std::string_view part, std::string_view mapped)
{
    const auto before = static_cast<std::ptrdiff_t>(characters(part).size());
    const std::vector<char32_t> after = characters(mapped);
    for (std::size_t i = 0; i < after.size(); ++i)
        changes.push_back({after[i], static_cast<std::ptrdiff_t>(i) >= before ? 1 : 0});
    if (const auto gone = before - static_cast<std::ptrdiff_t>(after.size()); gone > 0 && !changes.empty())
        changes.back().change -= static_cast<int>(gone);
}

/// As tokenizers has it: a short grapheme as a whole, by the shortest entry it begins with; otherwise character by character.
void mapGraphemes(NormalizedText& text, const Charsmap& map)
{
    const std::string_view all = text.text();
    std::vector<TextChange> changes;
    changes.reserve(all.size());
    bool changed = false;
    const auto map1 = [&](std::string_view part) {
        const auto match = map.shortest(part);
        if (match)
            pushMapped(changes, part, match->text);
        changed = changed || match;
        return match.has_value();
    };
    for (std::size_t begin = 0; begin < all.size();) {
        std::size_t end = begin;
        utf8proc_int32_t state = 0;
        for (CodePoint c = codePointAt(all, begin);;) {
            end += c.bytes;
            if (end >= all.size())
                break;
            const CodePoint next = codePointAt(all, end);
            if (c.value < 0x80 && next.value < 0x80 && c.value != '\r')
                break;
            if (utf8proc_grapheme_break_stateful(static_cast<utf8proc_int32_t>(c.value),
                                                 static_cast<utf8proc_int32_t>(next.value), &state))
                break;
            c = next;
        }
        if (end - begin >= 6 || !map1(all.substr(begin, end - begin)))
            for (std::size_t at = begin; at < end;) {
                const CodePoint c = codePointAt(all, at);
                if (c.bytes == end - begin || !map1(all.substr(at, c.bytes))) // a grapheme of one character was asked for above
                    changes.push_back({c.value, 0});
                at += c.bytes;
            }
        begin = end;
    }
    if (changed)
        text.transform(changes);
}

} // namespace

Result<Normalizer> Normalizer::parse(const json& object, const std::string& where)
{
    Normalizer result;
    if (!object.is_null())
        WINNOW_TRY_VOID(result.add(object, where));
    return result;
}

Result<void> Normalizer::add(const json& object, const std::string& where)
{
    const auto push = [&](auto step) -> Result<void> {
        m_steps.push_back([step = std::move(step)](NormalizedText& text) -> Result<void> {
            step(text);
            return {};
        });
        return {};
    };
    const std::string type = typeOf(object);
    if (type == "Sequence") {
        for (const json& each : member(object, "normalizers"))
            WINNOW_TRY_VOID(add(each, where));
        return {};
    }
    if (type == "NFC")
        return push([](NormalizedText& text) { compose(text, UnicodeForm::Nfc); });
    if (type == "NFKC")
        return push([](NormalizedText& text) { compose(text, UnicodeForm::Nfkc); });
    if (type == "Lowercase")
        return push(lowercase);
    if (type == "Replace")
        return addReplace(object, where);
    if (type == "Prepend") {
        const json& content = member(object, "prepend");
        if (!content.is_string())
            return fail(ErrorCode::BadInput, "{}: a normalizer Prepend has no text 'prepend'", where);
        return push([content = content.get<std::string>()](NormalizedText& text) { prepend(text, content); });
    }
    if (type == "Strip")
        return push([left = isTrue(object, "strip_left"), right = isTrue(object, "strip_right")](NormalizedText& text) {
            strip(text, left, right);
        });
    if (type == "Precompiled") {
        const json& coded = member(object, "precompiled_charsmap");
        const auto bytes = coded.is_string() ? bytesOfBase64(coded.get_ref<const std::string&>()) : std::nullopt;
        if (!bytes)
            return fail(ErrorCode::BadInput, "{}: its 'precompiled_charsmap' is no Base64", where);
        WINNOW_TRY(Charsmap map, Charsmap::parse(*bytes, where));
        return push([map = std::make_shared<const Charsmap>(std::move(map))](NormalizedText& text) { mapGraphemes(text, *map); });
    }
    return fail(ErrorCode::BadInput,
                "{}: the normalizer '{}' is not supported; supported are: NFC, NFKC, Lowercase, Strip, Prepend, Replace, "
                "Precompiled, Sequence",
                where, type);
}

Result<void> Normalizer::addReplace(const json& object, const std::string& where)
{
    const json& content = member(object, "content");
    if (!content.is_string())
        return fail(ErrorCode::BadInput, "{}: a normalizer Replace has no text 'content'", where);
    WINNOW_TRY(TextPattern pattern, TextPattern::parse(member(object, "pattern"), "normalizer Replace", where));
    m_steps.push_back([pattern = std::move(pattern), content = content.get<std::string>()](NormalizedText& text) {
        return replaceMatches(text, pattern, content);
    });
    return {};
}

Result<void> Normalizer::apply(NormalizedText& text) const
{
    for (const Step& step : m_steps)
        WINNOW_TRY_VOID(step(text));
    return {};
}

Normalizer Normalizer::sentencePiece(std::shared_ptr<const Charsmap> charsmap, bool trims, bool prepends)
{
    Normalizer result;
    result.m_steps.push_back([=](NormalizedText& text) -> Result<void> {
        const std::string_view before = text.text();
        std::string after;
        std::vector<Origin> origins;
        bool afterSpace = trims && text.opensText();
        const auto push = [&](std::string_view mapped, Origin from) {
            for (const char byte : mapped) {
                if (byte == ' ' && afterSpace && trims)
                    continue;
                afterSpace = byte == ' ';
                after += afterSpace ? kSpace : std::string_view(&byte, 1);
                origins.resize(after.size(), from);
            }
        };
        for (std::size_t at = 0; at < before.size();) {
            const auto match = charsmap ? charsmap->longest(before.substr(at)) : std::nullopt;
            const std::size_t length = match ? match->length : codePointAt(before, at).bytes;
            push(match ? match->text : before.substr(at, length), {text.originOf(at).begin, text.originOf(at + length - 1).end});
            at += length;
        }
        while (trims && text.closesText() && after.ends_with(kSpace))
            after.resize(after.size() - kSpace.size());
        origins.resize(after.size());
        if (prepends && text.opensText() && !after.empty()) {
            after.insert(0, kSpace);
            origins.insert(origins.begin(), kSpace.size(), origins.front());
        }
        text.replace(std::move(after), std::move(origins));
        return {};
    });
    return result;
}

} // namespace winnow
