// SPDX-License-Identifier: GPL-3.0-or-later
#define PCRE2_CODE_UNIT_WIDTH 8
#include "core/model/tokenizer/text_pattern.h"

#include "core/io/json_members.h"

#include <pcre2.h>

#include <algorithm>
#include <new>

namespace winnow {
namespace {

constexpr std::size_t kMaxPattern = 1 << 16;
constexpr std::uint32_t kMatchLimit = 10'000'000;

/// PCRE2's \s counts U+180E as space and differs from Unicode's White_Space, which Oniguruma uses; its \w lacks marks.
std::string translated(std::string_view pattern)
{
    constexpr std::string_view kWord = "\\p{Alphabetic}\\p{M}\\p{Nd}\\p{Pc}";
    std::string result;
    bool inClass = false;
    for (std::size_t i = 0; i < pattern.size(); ++i) {
        if (pattern[i] != '\\' || i + 1 == pattern.size()) {
            inClass = pattern[i] == '[' || (inClass && pattern[i] != ']');
            result += pattern[i];
            continue;
        }
        const char escaped = pattern[++i];
        if (escaped == 's')
            result += "\\p{White_Space}";
        else if (escaped == 'S')
            result += "\\P{White_Space}";
        else if (escaped == 'w')
            result += inClass ? std::string(kWord) : fmt::format("[{}]", kWord);
        else if (escaped == 'W' && !inClass)
            result += fmt::format("[^{}]", kWord);
        else
            (result += '\\') += escaped;
    }
    return result;
}

std::string pcreMessage(int code)
{
    PCRE2_UCHAR buffer[256] = {};
    pcre2_get_error_message(code, buffer, sizeof buffer);
    return reinterpret_cast<const char*>(buffer);
}

} // namespace

struct TextPattern::Compiled {
    pcre2_code* code = nullptr; // null for a literal
    std::string source;

    explicit Compiled(std::string text) : source(std::move(text)) {}
    Compiled(const Compiled&) = delete;
    Compiled& operator=(const Compiled&) = delete;
    ~Compiled() { pcre2_code_free(code); }

    int compile(std::uint32_t options, PCRE2_SIZE& where)
    {
        int problem = 0;
        code = pcre2_compile(reinterpret_cast<PCRE2_SPTR>(source.data()), source.size(), PCRE2_UTF | options, &problem, &where,
                             nullptr);
        if (code == nullptr)
            return problem;
        pcre2_jit_compile(code, PCRE2_JIT_COMPLETE); // without it, matching is slower and equal
        return 0;
    }
};

Result<TextPattern> TextPattern::compile(const std::string& pattern, const std::string& where)
{
    if (pattern.size() > kMaxPattern)
        return fail(ErrorCode::BadInput, "{}: a regular expression of {} bytes is more than any tokenizer has", where,
                    pattern.size());
    auto compiled = std::make_shared<Compiled>(translated(pattern));
    PCRE2_SIZE at = 0;
    if (const int problem = compiled->compile(PCRE2_UCP | PCRE2_MULTILINE | PCRE2_NEVER_BACKSLASH_C, at); problem != 0)
        return fail(ErrorCode::BadInput, "{}: the regular expression '{}' cannot be used: {} (at {})", where,
                    pattern.substr(0, 100), pcreMessage(problem), at);
    TextPattern result;
    result.m_compiled = std::move(compiled);
    return result;
}

Result<TextPattern> TextPattern::parse(const nlohmann::json& object, const std::string& user, const std::string& where)
{
    if (const nlohmann::json& regex = member(object, "Regex"); regex.is_string())
        return compile(regex.get<std::string>(), where);
    if (const std::string text = textOf(object, "String"); !text.empty() && text.size() <= kMaxPattern)
        return literal(text);
    return fail(ErrorCode::BadInput, "{}: a {} has neither a 'Regex' nor a 'String' as its pattern", where, user);
}

TextPattern TextPattern::literal(const std::string& text)
{
    TextPattern result;
    result.m_compiled = std::make_shared<Compiled>(text);
    return result;
}

Result<void> TextPattern::find(std::string_view text, std::vector<TextRange>& matches) const
{
    if (const std::string& sought = m_compiled->source; m_compiled->code == nullptr) {
        for (std::size_t at = text.find(sought); at != std::string_view::npos && !sought.empty();
             at = text.find(sought, at + sought.size()))
            matches.push_back({at, at + sought.size()});
        return {};
    }
    struct Scratch {
        pcre2_match_data* data;
        pcre2_match_context* context;
        ~Scratch()
        {
            pcre2_match_data_free(data);
            pcre2_match_context_free(context);
        }
    } scratch{pcre2_match_data_create_from_pattern(m_compiled->code, nullptr), pcre2_match_context_create(nullptr)};
    if (scratch.data == nullptr || scratch.context == nullptr)
        throw std::bad_alloc();
    pcre2_set_match_limit(scratch.context, kMatchLimit);

    std::size_t at = 0;
    while (at < text.size()) {
        const auto match = [&](std::uint32_t options) {
            return pcre2_match(m_compiled->code, reinterpret_cast<PCRE2_SPTR>(text.data()), text.size(), at,
                               PCRE2_NO_UTF_CHECK | options, scratch.data, scratch.context);
        };
        int found = match(0);
        if (found == PCRE2_ERROR_JIT_STACKLIMIT)
            found = match(PCRE2_NO_JIT); // slower, but its stack grows
        if (found == PCRE2_ERROR_NOMATCH)
            break;
        if (found < 0)
            return fail(ErrorCode::BadInput, "the tokenizer's regular expression gave up at byte {} of the text: {}", at,
                        pcreMessage(found));
        const PCRE2_SIZE* range = pcre2_get_ovector_pointer(scratch.data);
        if (range[1] > range[0] && range[0] >= at) {
            matches.push_back({range[0], range[1]});
            at = range[1];
        } else { // an empty match splits nothing; go on behind the next character
            at = std::max(at, static_cast<std::size_t>(range[1])) + 1;
            while (at < text.size() && (static_cast<unsigned char>(text[at]) & 0xC0) == 0x80)
                ++at;
        }
    }
    return {};
}

} // namespace winnow
