// Reading a chat template (Jinja) without running it: its quoted texts and what it prints.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace winnow {

/// Borrows the source. Linear in it, for any text.
class TemplateScan {
public:
    explicit TemplateScan(std::string_view source);

    struct Literal {
        std::size_t at = 0; ///< where its text starts in the source
        std::string text;   ///< unescaped
    };
    /// Quoted texts inside "{{ }}" and "{% %}", in order.
    const std::vector<Literal>& literals() const { return m_literals; }
    /// What stands inside "{{ }}", without blanks and dashes at its ends.
    const std::vector<std::string_view>& prints() const { return m_prints; }

    /// The first quoted text behind `place` that begins with `start`, or else `otherwise`; that too for npos.
    std::string literalBehind(std::size_t place, std::string_view start, std::string otherwise) const;
    /// The first text that the template gives a variable, if it is not empty: "" when it gives none.
    std::string given(std::string_view variable) const;

private:
    std::string_view m_source;
    std::vector<Literal> m_literals;
    std::vector<std::string_view> m_prints;
};

/// Without white space at its ends.
std::string_view trimmedText(std::string_view text);

/// With one kind of quotes and no blanks, so that spelling makes no difference.
std::string compactTemplate(std::string_view source);

/// The same template with "\n" for the line ends inside its quoted texts, which mean the same: JSON files often hold these as they are.
std::string withEscapedLineEnds(std::string_view source);

/// What stands between quotes, with "\n" and the like as the characters that they mean.
std::string unescapedText(std::string_view quoted);

} // namespace winnow
