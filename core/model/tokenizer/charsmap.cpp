// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/model/tokenizer/charsmap.h"

#include "core/model/tokenizer/byte_level.h"

#include <algorithm>
#include <cstring>

namespace winnow {

Result<Charsmap> Charsmap::parse(std::string_view bytes, const std::string& where)
{
    std::uint32_t size = 0;
    if (bytes.size() >= sizeof size)
        std::memcpy(&size, bytes.data(), sizeof size);
    if (bytes.size() < sizeof size || size % 4 != 0 || size > bytes.size() - sizeof size)
        return fail(ErrorCode::BadInput, "{}: its 'precompiled_charsmap' of {} bytes announces a table of {}", where,
                    bytes.size(), size);
    Charsmap result;
    result.m_units.resize(size / 4);
    if (size > 0)
        std::memcpy(result.m_units.data(), bytes.data() + sizeof size, size);
    result.m_texts = bytes.substr(sizeof size + size);
    if (const auto at = firstInvalidUtf8(result.m_texts))
        return fail(ErrorCode::BadInput, "{}: the texts of its 'precompiled_charsmap' are not UTF-8 (byte {})", where, *at);
    return result;
}

std::optional<Charsmap::Match> Charsmap::find(std::string_view text, bool longest) const
{
    const auto offset = [](std::uint32_t unit) -> std::size_t { return (unit >> 10) << ((unit & 1u << 9) >> 6); };
    std::optional<Match> best;
    std::size_t node = offset(unit(0));
    for (std::size_t at = 0; at < text.size() && text[at] != 0; ++at) {
        const auto byte = static_cast<unsigned char>(text[at]);
        node ^= byte;
        const std::uint32_t here = unit(node);
        if ((here & (1u << 31 | 0xFF)) != byte)
            break;
        node ^= offset(here);
        if ((here >> 8 & 1) == 0)
            continue;
        const std::size_t begin = unit(node) & ~(1u << 31);
        // A damaged table may point anywhere, but only whole characters are taken.
        if (begin >= m_texts.size() || isContinuation(m_texts[begin]) || (at + 1 < text.size() && isContinuation(text[at + 1])))
            continue;
        const std::string_view rest = std::string_view(m_texts).substr(begin);
        best = Match{at + 1, rest.substr(0, rest.find('\0'))};
        if (!longest)
            break;
    }
    return best;
}

std::optional<std::string> bytesOfBase64(std::string_view text)
{
    constexpr std::string_view kDigits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    while (text.ends_with('='))
        text.remove_suffix(1);
    std::string bytes;
    std::uint32_t bits = 0;
    int count = 0;
    for (const char digit : text) {
        const auto value = kDigits.find(digit);
        if (value == std::string_view::npos)
            return std::nullopt;
        bits = bits << 6 | static_cast<std::uint32_t>(value);
        count += 6;
        if (count >= 8) {
            count -= 8;
            bytes += static_cast<char>(bits >> count & 0xFF);
        }
    }
    return bytes;
}

} // namespace winnow
