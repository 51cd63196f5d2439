// SPDX-License-Identifier: GPL-3.0-or-later
// A piece of text on its way through a tokenizer: as the normalizer left it, and which bytes of the original each byte stands
// for.
#pragma once

#include "core/model/tokenizer/text_pattern.h"

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace winnow {

/// A character of a changed text, as Hugging Face's tokenizers counts them: `change` 0 replaces one character of the text before,
/// 1 is inserted behind what came so far, −n replaces one and removes the n that follow.
struct TextChange {
    char32_t value = 0;
    int change = 0;
};

/// Bytes of the whole text, which has less than 4 GiB; a changed text keeps one for each of its bytes, so they are small.
struct Origin {
    std::uint32_t begin = 0, end = 0;
};

/// Borrows the original until something changes it.
class NormalizedText {
public:
    /// `original` stands at byte `base` of the whole text; both are valid UTF-8. `closes`: nothing follows it there.
    NormalizedText(std::string_view original, std::size_t base, bool closes = true)
        : m_view(original), m_base(base), m_closes(closes)
    {
    }
    NormalizedText(const NormalizedText&) = delete;
    NormalizedText& operator=(const NormalizedText&) = delete;

    std::string_view text() const { return m_view; }

    /// The bytes of the whole text that [begin, end) of `text()` stands for, whole characters always: from the start of the
    /// first byte's character to the end of the last byte's. Not empty: begin < end.
    TextRange origin(std::size_t begin, std::size_t end) const;

    /// The same for one byte.
    Origin originOf(std::size_t at) const;

    /// Puts `text` in place of all, with the origin of each of its bytes.
    void replace(std::string text, std::vector<Origin> origins);

    /// Puts `changes` in place of all, after removing the first `removed` characters. What is inserted stands for the original of
    /// the character before it.
    void transform(std::span<const TextChange> changes, std::size_t removed = 0);

    /// Where a piece of this text that is taken for itself starts in the whole text when nothing is left of it.
    std::size_t base() const { return m_base; }
    /// Whether this piece begins, or ends, the whole text; a token that is taken for itself may stand on either side.
    bool opensText() const { return m_base == 0; }
    bool closesText() const { return m_closes; }

private:
    std::string_view m_view;
    std::size_t m_base;
    bool m_closes;
    std::string m_own;
    std::vector<Origin> m_origins; // per byte; empty: text() is the original
};

/// Writes a text anew from its start to its end: what is neither kept nor put is left out.
class Rewriting {
public:
    /// `text` stays as it is until finish(), and there.
    explicit Rewriting(NormalizedText& text);
    /// What comes next, up to byte `end` of the text before.
    void keep(std::size_t end);
    void skip(std::size_t end) { m_reached = end; }
    void put(std::string_view text, Origin from);
    std::size_t size() const { return m_after.size(); } ///< bytes written
    void finish();

private:
    NormalizedText& m_text;
    std::size_t m_reached = 0;
    std::string m_after;
    std::vector<Origin> m_origins;
};

/// Appends a character in UTF-8.
void appendUtf8(std::string& text, char32_t character);

} // namespace winnow
