// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/model/session/tokenize_text.h"

#include <algorithm>

namespace winnow {

namespace {

/// The start of the text as tokens, at least so many as are asked for, and the next that could still change them; the whole of a
/// short text. Of a long one with few tokens to record, the rest is not looked at.
Result<Encoding> encodeStart(const RecordOptions& options, const Tokenizer& tokenizer)
{
    constexpr std::size_t kLeast = 64 * 1024, kBytesPerToken = 16, kMargin = 1024;
    const std::string_view text = options.text;
    const std::size_t wanted = options.maxTokens > 0 ? static_cast<std::size_t>(options.maxTokens) : text.size();
    for (std::size_t bytes = std::max(kLeast, wanted * kBytesPerToken);; bytes *= 2) {
        std::size_t end = std::min(bytes, text.size());
        while (end < text.size() && (static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80) // not within a character
            --end;
        WINNOW_TRY(Encoding encoding, tokenizer.encode(text.substr(0, end), options.marks));
        if (end == text.size() || encoding.ids.size() >= wanted + kMargin)
            return encoding;
    }
}

} // namespace

Result<void> tokenizeText(const RecordOptions& options, const Tokenizer& tokenizer, TraceInfo& info)
{
    const std::string name = options.textName.empty() ? "the text" : fmt::format("'{}'", options.textName);
    if (options.text.empty())
        return fail(ErrorCode::BadInput, "{} is empty; attention needs two tokens or more", name);
    auto encoding = encodeStart(options, tokenizer);
    if (!encoding)
        return fail(encoding.error().code, "{}: {}", name, encoding.error().message);
    const int added = options.marks ? tokenizer.addedByEncode() : 0;
    if (static_cast<int>(encoding->ids.size()) - added < 2)
        return fail(ErrorCode::BadInput, "{} is only {} token long; attention needs two or more", name,
                    static_cast<int>(encoding->ids.size()) - added);
    info.tokens = std::move(encoding->ids);
    info.offsets = std::move(encoding->offsets);
    info.text = options.text;
    if (options.maxTokens <= 0 || info.tokens.size() <= static_cast<std::size_t>(options.maxTokens))
        return {};
    info.tokens.resize(static_cast<std::size_t>(options.maxTokens));
    info.offsets.resize(info.tokens.size());
    std::int32_t end = 0;
    for (const auto& range : info.offsets)
        end = std::max(end, range[1]);
    info.text.resize(static_cast<std::size_t>(end));
    const auto empty =
        static_cast<int>(std::ranges::count_if(info.offsets, [](const auto& range) { return range[0] == range[1]; }));
    if (const int own = options.maxTokens - std::min(empty, added); own < 2)
        return fail(ErrorCode::BadInput,
                    "{}, cut to {}, keeps only {} of its own tokens; attention needs two or more, so ask for {} or more", name,
                    options.maxTokens, own, options.maxTokens + 2 - own);
    return {};
}

} // namespace winnow
