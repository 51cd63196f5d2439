// A piece of text on its way through a tokenizer: as the normalizer left it, and which bytes of the original each byte stands
// for.
#pragma once

#include "core/model/text_pattern.h"

#include <string>
#include <string_view>
#include <vector>

namespace winnow {

/// Borrows the original until something changes it.
class NormalizedText {
public:
    /// `original` stands at byte `base` of the whole text; both are valid UTF-8.
    NormalizedText(std::string_view original, std::size_t base) : m_view(original), m_base(base) {}
    NormalizedText(const NormalizedText&) = delete;
    NormalizedText& operator=(const NormalizedText&) = delete;

    std::string_view text() const { return m_view; }

    /// The bytes of the whole text that [begin, end) of `text()` stands for, whole characters always: from the start of the
    /// first byte's character to the end of the last byte's. Not empty: begin < end.
    TextRange origin(std::size_t begin, std::size_t end) const;

    /// Puts `text` in place of all, with the origin of each of its bytes as ranges of the whole text.
    void replace(std::string text, std::vector<TextRange> origins);

private:
    std::string_view m_view;
    std::size_t m_base;
    std::string m_own;
    std::vector<TextRange> m_origins; // per byte; empty: text() is the original
};

/// Canonical composition (NFC). Origins as Hugging Face's tokenizers gives them: what was composed from several characters stands
/// for the first of them.
void composeCanonically(NormalizedText& text);

} // namespace winnow
