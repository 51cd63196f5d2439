// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/model/chat/jinja/lexer.h"

#include "core/model/chat/jinja/budget.h"
#include "core/model/chat/jinja/text.h"
#include "core/model/tokenizer/byte_level.h"
#include "core/model/tokenizer/normalized_text.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>
#include <optional>

namespace winnow::jinja {

namespace {

using Type = Token::Type;

bool isDigit(char c) { return c >= '0' && c <= '9'; }

class Lexer {
public:
    explicit Lexer(std::string_view source) : m_source(source) {}

    std::vector<Token> run()
    {
        while (m_at < m_source.size())
            readData();
        m_tokens.push_back({Type::End, m_source.size(), {}});
        return std::move(m_tokens);
    }

private:
    bool follows(std::string_view text) const { return m_source.substr(m_at).starts_with(text); }

    void add(Type type, std::size_t at, std::string text = {}) { m_tokens.push_back({type, at, std::move(text)}); }

    std::size_t blanksEnd(std::size_t at) const
    {
        while (at < m_source.size()) {
            const CodePoint point = codePointAt(m_source, at);
            if (!isBlank(point.value))
                break;
            at += point.bytes;
        }
        return at;
    }

    /// Behind "%}" or "#}", which stands at `at`, when `sign` stands before it.
    std::size_t behindEnd(std::size_t at, char sign) const
    {
        at += 2;
        if (sign == '-')
            return blanksEnd(at);
        return sign != '+' && at < m_source.size() && m_source[at] == '\n' ? at + 1 : at;
    }

    /// The text up to a tag at `end` that opens with `sign` behind its two characters.
    void addData(std::size_t end, bool prints)
    {
        std::string_view text = m_source.substr(m_at, end - m_at);
        const char sign = end + 2 < m_source.size() ? m_source[end + 2] : ' ';
        if (sign == '-') {
            text = stripped(text, false, true);
        } else if (sign != '+' && !prints) { // what stands before a block in its line goes, if it is blank
            const std::size_t line = text.rfind('\n') + 1;
            const bool startsLine = line > 0 || m_at == 0 || m_source[m_at - 1] == '\n';
            if (startsLine && stripped(text.substr(line), true, false).empty())
                text = text.substr(0, line);
        }
        if (!text.empty())
            add(Type::Data, m_at, std::string(text));
    }

    void readData()
    {
        std::size_t tag = m_at;
        while ((tag = m_source.find('{', tag)) != std::string_view::npos && tag + 1 < m_source.size() &&
               m_source[tag + 1] != '{' && m_source[tag + 1] != '%' && m_source[tag + 1] != '#')
            ++tag;
        if (tag == std::string_view::npos || tag + 1 >= m_source.size()) {
            add(Type::Data, m_at, std::string(m_source.substr(m_at)));
            m_at = m_source.size();
            return;
        }
        const char kind = m_source[tag + 1];
        addData(tag, kind == '{');
        m_at = tag + 2;
        if (m_at < m_source.size() && (m_source[m_at] == '-' || m_source[m_at] == '+'))
            ++m_at;
        if (kind == '#')
            return skipComment(tag);
        if (kind == '%')
            if (const auto end = rawEnd(tag, "raw")) {
                m_at = *end;
                return readRaw(tag);
            }
        add(kind == '{' ? Type::PrintBegin : Type::BlockBegin, tag);
        readInside(kind);
    }

    void skipComment(std::size_t tag)
    {
        const std::size_t end = m_source.find("#}", m_at);
        if (end == std::string_view::npos)
            stopAt(tag, "the comment is never closed by '#}}'");
        m_at = behindEnd(end, end > m_at ? m_source[end - 1] : ' ');
    }

    /// Where the tag at `tag` ends if it is "raw" or "endraw" alone.
    std::optional<std::size_t> rawEnd(std::size_t tag, std::string_view word) const
    {
        std::size_t at = tag + 2;
        if (at < m_source.size() && (m_source[at] == '-' || m_source[at] == '+'))
            ++at;
        at = blanksEnd(at);
        if (!m_source.substr(at).starts_with(word))
            return std::nullopt;
        at = blanksEnd(at + word.size());
        const char sign = at < m_source.size() ? m_source[at] : ' ';
        const bool ends = word == "endraw";
        if (sign == '-' || (sign == '+' && ends))
            ++at;
        if (!m_source.substr(at).starts_with("%}"))
            return std::nullopt;
        return ends || sign == '-' ? behindEnd(at, sign) : at + 2;
    }

    void readRaw(std::size_t tag)
    {
        for (std::size_t end = m_at; (end = m_source.find("{%", end)) != std::string_view::npos; ++end)
            if (const auto behind = rawEnd(end, "endraw")) {
                addData(end, false);
                m_at = *behind;
                return;
            }
        stopAt(tag, "'raw' is never closed by 'endraw'");
    }

    void readInside(char kind)
    {
        std::string open; // the brackets that wait for their other half
        const std::string_view end = kind == '{' ? "}}" : "%}";
        for (;;) {
            m_at = blanksEnd(m_at);
            if (m_at >= m_source.size())
                return;
            if (open.empty()) {
                const char sign = m_source[m_at];
                const bool isSigned = (sign == '-' || (sign == '+' && kind == '%')) && m_source.substr(m_at + 1).starts_with(end);
                if (isSigned || follows(end)) {
                    const std::size_t at = m_at + (isSigned ? 1 : 0);
                    add(kind == '{' ? Type::PrintEnd : Type::BlockEnd, m_at);
                    m_at = kind == '%' || isSigned ? behindEnd(at, sign) : at + 2;
                    return;
                }
            }
            readToken(open);
        }
    }

    void readToken(std::string& open)
    {
        const char c = m_source[m_at];
        const CodePoint point = codePointAt(m_source, m_at);
        if (isDigit(c))
            readNumber();
        else if (c == '\'' || c == '"')
            readString(c);
        else if (startsIdentifier(point.value))
            readName();
        else
            readOperator(open);
    }

    void readName()
    {
        const std::size_t begin = m_at;
        while (m_at < m_source.size()) {
            const CodePoint point = codePointAt(m_source, m_at);
            if (!continuesIdentifier(point.value))
                break;
            m_at += point.bytes;
        }
        add(Type::Name, begin, std::string(m_source.substr(begin, m_at - begin)));
    }

    /// Behind digits, with "_" between them.
    std::size_t digitsEnd(std::size_t at, int base = 10) const
    {
        const auto fits = [&](std::size_t i) {
            if (i >= m_source.size())
                return false;
            const auto c = static_cast<unsigned char>(m_source[i]);
            return base == 16 ? std::isxdigit(c) != 0 : c >= '0' && c < '0' + base;
        };
        while (fits(at) || (at < m_source.size() && m_source[at] == '_' && fits(at + 1)))
            ++at;
        return at;
    }

    std::string without_(std::size_t begin, std::size_t end) const
    {
        std::string digits(m_source.substr(begin, end - begin));
        std::erase(digits, '_');
        return digits;
    }

    bool readFloat(std::size_t begin)
    {
        if (begin > 0 && m_source[begin - 1] == '.')
            return false;
        const auto at = [&](std::size_t i) { return i < m_source.size() ? m_source[i] : ' '; };
        std::size_t end = digitsEnd(begin);
        bool isFloat = false;
        if (at(end) == '.' && isDigit(at(end + 1))) {
            end = digitsEnd(end + 1);
            isFloat = true;
        }
        if (at(end) == 'e' || at(end) == 'E') {
            const std::size_t digits = end + (at(end + 1) == '+' || at(end + 1) == '-' ? 2 : 1);
            if (isDigit(at(digits))) {
                end = digitsEnd(digits);
                isFloat = true;
            }
        }
        if (!isFloat)
            return false;
        const std::string digits = without_(begin, end);
        Token token{Type::Float, begin, digits};
        if (std::from_chars(digits.data(), digits.data() + digits.size(), token.number).ec != std::errc())
            stopAt(begin, "the number {} is outside what a double holds", digits);
        m_tokens.push_back(std::move(token));
        m_at = end;
        return true;
    }

    void readNumber()
    {
        const std::size_t begin = m_at;
        if (readFloat(begin))
            return;
        std::size_t digits = begin;
        int base = 10;
        if (m_source[begin] == '0' && begin + 1 < m_source.size()) {
            const char mark = static_cast<char>(m_source[begin + 1] | 0x20);
            base = mark == 'x' ? 16 : mark == 'o' ? 8 : mark == 'b' ? 2 : 10;
            const std::size_t first =
                begin + 2 + (base != 10 && begin + 2 < m_source.size() && m_source[begin + 2] == '_' ? 1 : 0);
            if (base != 10 && digitsEnd(first, base) > first)
                digits = first;
            else
                base = 10;
        }
        m_at = digitsEnd(digits, base);
        if (base == 10 && m_source[begin] == '0') // only zeros follow a zero
            m_at = std::min(m_at, m_source.find_first_not_of("0_", begin));
        const std::string text = without_(digits, m_at);
        Token token{Type::Integer, begin, text};
        if (std::from_chars(text.data(), text.data() + text.size(), token.whole, base).ec != std::errc())
            stopAt(begin, "the number {} is larger than 63 bits", text);
        m_tokens.push_back(std::move(token));
    }

    void readString(char quote)
    {
        const std::size_t begin = m_at++;
        std::string text;
        for (;;) {
            const std::size_t stopAtByte = m_source.find_first_of(quote == '\'' ? "'\\" : "\"\\", m_at);
            if (stopAtByte == std::string_view::npos || (m_source[stopAtByte] == '\\' && stopAtByte + 1 >= m_source.size()))
                stopAt(begin, "the text is never closed by {}", quote);
            text += m_source.substr(m_at, stopAtByte - m_at);
            m_at = stopAtByte + 1;
            if (m_source[stopAtByte] == quote)
                break;
            readEscape(begin, text);
        }
        add(Type::String, begin, std::move(text));
    }

    void readEscape(std::size_t begin, std::string& text)
    {
        static constexpr std::string_view kEscapes = "abfnrtv\\'\"", kMeanings = "\a\b\f\n\r\t\v\\'\"";
        const char c = m_source[m_at++];
        if (c == '\n')
            return;
        if (const auto known = kEscapes.find(c); known != std::string_view::npos) {
            text += kMeanings[known];
            return;
        }
        const int digits = c == 'x' ? 2 : c == 'u' ? 4 : c == 'U' ? 8 : 0;
        char32_t code = 0;
        if (digits > 0) {
            const char* from = m_source.data() + m_at;
            const auto room = std::min<std::size_t>(static_cast<std::size_t>(digits), m_source.size() - m_at);
            std::uint32_t value = 0;
            const auto read = std::from_chars(from, from + room, value, 16);
            if (read.ptr != from + digits)
                stopAt(begin, "the text holds '\\{}' without {} hexadecimal digits", c, digits);
            code = value;
            m_at += static_cast<std::size_t>(digits);
        } else if (c >= '0' && c <= '7') {
            code = static_cast<char32_t>(c - '0');
            for (int i = 0; i < 2 && m_at < m_source.size() && m_source[m_at] >= '0' && m_source[m_at] <= '7'; ++i)
                code = code * 8 + static_cast<char32_t>(m_source[m_at++] - '0');
        } else if (c == 'N') {
            stopAt(begin, "the text names a character ('\\N'), which is not supported; write it itself");
        } else {
            (text += '\\') += c;
            return;
        }
        if (code > 0x10FFFF || (code >= 0xD800 && code <= 0xDFFF))
            stopAt(begin, "the text holds U+{:04X}, which is no character", static_cast<std::uint32_t>(code));
        appendUtf8(text, code);
    }

    void readOperator(std::string& open)
    {
        static constexpr std::array<std::string_view, 26> kOperators{"//", "**", "==", "!=", ">=", "<=", "+", "-", "/",
                                                                     "*",  "%",  "~",  "[",  "]",  "(",  ")", "{", "}",
                                                                     ">",  "<",  "=",  ".",  ":",  "|",  ",", ";"};
        for (const std::string_view each : kOperators)
            if (follows(each)) {
                const char c = each[0];
                if (c == '(' || c == '[' || c == '{')
                    open += c == '(' ? ')' : c == '[' ? ']' : '}';
                if (c == ')' || c == ']' || c == '}') {
                    if (open.empty() || open.back() != c)
                        stopAt(m_at, "'{}' closes nothing here{}", c,
                               open.empty() ? "" : fmt::format(", '{}' is expected", open.back()));
                    open.pop_back();
                }
                add(Type::Operator, m_at, std::string(each));
                m_at += each.size();
                return;
            }
        stopAt(m_at, "'{}' cannot stand in a tag", m_source.substr(m_at, codePointAt(m_source, m_at).bytes));
    }

    std::string_view m_source;
    std::size_t m_at = 0;
    std::vector<Token> m_tokens;
};

} // namespace

std::string withPlainLineEnds(std::string_view source)
{
    std::string result;
    result.reserve(source.size());
    for (std::size_t i = 0; i < source.size(); ++i) {
        if (source[i] != '\r')
            result += source[i];
        else if (i + 1 == source.size() || source[i + 1] != '\n')
            result += '\n';
    }
    if (result.ends_with('\n'))
        result.pop_back();
    return result;
}

std::vector<Token> tokenize(std::string_view source) { return Lexer(source).run(); }

std::string described(const Token& token)
{
    switch (token.type) {
    case Type::End:
        return "the end of the template";
    case Type::PrintEnd:
        return "'}}'";
    case Type::BlockEnd:
        return "'%}'";
    case Type::String:
        return "a text";
    default:
        return fmt::format("'{}'", token.text);
    }
}

} // namespace winnow::jinja
