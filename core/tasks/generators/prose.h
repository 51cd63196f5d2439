// SPDX-License-Identifier: GPL-3.0-or-later
// Prose cut by tokens, and places in it where a sentence may be put. Pure.
#pragma once

#include "core/tasks/generators/example.h"

namespace winnow::tasks {

/// A text and where its tokens end.
class Prose {
public:
    /// Repeats `text`, parted by blank lines, until it has `tokens` tokens. Errors: a text without tokens; those of `ends`.
    static Result<Prose> make(std::string text, std::size_t tokens, const TokenEnds& ends);

    std::size_t tokens() const { return m_ends.size(); }
    /// `count` tokens from token `begin` on, without blanks at both ends.
    std::string cut(std::size_t begin, std::size_t count) const;

private:
    std::string m_text;
    std::vector<std::size_t> m_ends;
};

/// Where in `text` a sentence may be put near the share `place` (0 to 1) of its bytes: behind the end of a paragraph or a
/// sentence before it, else at the next blank before it; 0 for the begin, and the whole length for 1.
std::size_t sentencePlace(std::string_view text, double place);

/// `sentence` put into `text` at sentencePlace(), with blanks or blank lines as what stands there has.
std::string withSentence(std::string_view text, double place, std::string_view sentence);

} // namespace winnow::tasks
