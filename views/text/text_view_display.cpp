// SPDX-License-Identifier: GPL-3.0-or-later
#include "views/text/text_view_flow.h"

#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QTextBoundaryFinder>

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

namespace winnow::views {

namespace {

constexpr int kHardWrap = 50; ///< characters of a line from which on a lone newline is taken for a hard wrap
constexpr QChar kNoBreakSpace(0x00A0), kZeroWidthSpace(0x200B), kReturnSign(0x21B5), kTabSign(0x21E5);
constexpr QStringView kIsolate(u"\u2066\u200E"), kIsolateEnd(u"\u2069"); ///< around text from left to right

/// One UTF-8 character at the start of `bytes`: its length, or 0 if they form none.
int characterLength(std::string_view bytes, char32_t& code)
{
    const auto at = [&](std::size_t i) { return static_cast<unsigned char>(bytes[i]); };
    const unsigned char lead = at(0);
    if (lead < 0x80) {
        code = lead;
        return 1;
    }
    const int length = lead >= 0xF0 && lead < 0xF5 ? 4 : lead >= 0xE0 ? 3 : lead >= 0xC2 ? 2 : 0;
    if (length == 0 || lead >= 0xF5 || bytes.size() < static_cast<std::size_t>(length))
        return 0;
    code = lead & (0x7Fu >> length);
    for (int i = 1; i < length; ++i) {
        if ((at(static_cast<std::size_t>(i)) & 0xC0) != 0x80)
            return 0;
        code = code << 6 | (at(static_cast<std::size_t>(i)) & 0x3Fu);
    }
    const bool overlong = (length == 3 && code < 0x800) || (length == 4 && code < 0x10000);
    return overlong || code > 0x10FFFF || (code >= 0xD800 && code < 0xE000) ? 0 : length;
}

/// "bos", "eos", … as config.json numbers them, else "#17".
QString specialName(const QJsonObject& config, std::int32_t id)
{
    for (const auto& [key, name] :
         {std::pair{"bos_token_id", "bos"}, {"eos_token_id", "eos"}, {"pad_token_id", "pad"}, {"unk_token_id", "unk"}}) {
        const QJsonValue value = config.value(QLatin1String(key));
        if ((value.isDouble() && value.toInt() == id) || value.toArray().contains(QJsonValue(id)))
            return QLatin1String(name);
    }
    return QStringLiteral("#%1").arg(id);
}

class DisplayBuilder {
public:
    explicit DisplayBuilder(const TraceInfo& info) : m_info(info), m_bytes(info.text)
    {
        m_begin.assign(m_bytes.size() + 1, 0);
        m_end.assign(m_bytes.size() + 1, 0);
        m_edge.assign(m_bytes.size() + 1, false);
        for (const auto& [begin, end] : info.offsets)
            if (begin < end && end <= static_cast<std::int32_t>(m_bytes.size()))
                m_edge[static_cast<std::size_t>(begin)] = m_edge[static_cast<std::size_t>(end)] = true;
    }

    DisplayText build()
    {
        m_tokens.resize(m_info.tokens.size());
        std::size_t at = 0;
        while (at < m_bytes.size()) {
            emitChips(at);
            at = emitCharacter(at);
        }
        emitChips(m_bytes.size());
        endParagraph(false);
        for (std::size_t t = 0; t < m_tokens.size(); ++t)
            if (const auto [begin, end] = range(t); begin < end)
                m_tokens[t] = {m_begin[static_cast<std::size_t>(begin)], m_end[static_cast<std::size_t>(end - 1)]};
        makeBoxes();
        return std::move(m_out);
    }

private:
    std::array<std::int32_t, 2> range(std::size_t token) const
    {
        if (token >= m_info.offsets.size())
            return {0, 0};
        const auto [begin, end] = m_info.offsets[token];
        return begin >= 0 && end <= static_cast<std::int32_t>(m_bytes.size()) ? m_info.offsets[token]
                                                                              : std::array<std::int32_t, 2>{0, 0};
    }

    /// Special tokens that stand before byte `at`: they follow the last token with text.
    void emitChips(std::size_t at)
    {
        for (; m_nextToken < m_info.tokens.size(); ++m_nextToken) {
            const auto [begin, end] = range(m_nextToken);
            if (begin < end) {
                if (static_cast<std::size_t>(end) > at)
                    return;
                continue;
            }
            m_out.text += kIsolate; // with an edge of its own: else Hebrew around it takes the spaces to other places
            const int from = units();
            sign(QString(kNoBreakSpace) + specialName(m_config, m_info.tokens[m_nextToken]) + kNoBreakSpace);
            m_tokens[m_nextToken] = {from, units()};
            m_out.text += kIsolateEnd;
            m_out.text += kZeroWidthSpace;
        }
    }

    std::size_t emitCharacter(std::size_t at)
    {
        const int from = units();
        char32_t code = 0;
        std::size_t length = static_cast<std::size_t>(characterLength(m_bytes.substr(at), code));
        if (length == 0) {
            QStringList hex;
            do {
                hex << QStringLiteral("%1")
                           .arg(static_cast<unsigned char>(m_bytes[at + length]), 2, 16, QLatin1Char('0'))
                           .toUpper();
                ++length;
            } while (at + length < m_bytes.size() && !m_edge[at + length] &&
                     characterLength(m_bytes.substr(at + length), code) == 0);
            sign(QChar(0x2039) + hex.join(kNoBreakSpace) + QChar(0x203A));
            ++m_lineLength;
        } else if (code == '\r' && m_bytes.substr(at + 1, 1) == "\n") {
            ++length;
            newline(at + length);
        } else if (code == '\n' || code == 0x2028 || code == 0x2029) {
            newline(at + length);
        } else if (code == '\t') {
            sign(QString(kTabSign));
            plain(QStringLiteral(" "));
        } else if (code < 0x20 || code == 0x7F) {
            sign(QStringLiteral("\u2039%1\u203A").arg(static_cast<int>(code), 2, 16, QLatin1Char('0')).toUpper());
        } else {
            plain(QString::fromUcs4(&code, 1));
            ++m_lineLength;
        }
        for (std::size_t byte = at; byte < at + length; ++byte) {
            m_begin[byte] = from;
            m_end[byte] = units();
        }
        if (m_breakAfter) {
            endParagraph(m_newlines > 1);
            m_newlines = 0;
            m_breakAfter = false;
        }
        return at + length;
    }

    void newline(std::size_t next)
    {
        sign(QString(kReturnSign));
        const int length = std::exchange(m_lineLength, 0);
        const char following = next < m_bytes.size() ? m_bytes[next] : '\0';
        ++m_newlines;
        if (following == '\n' || following == '\r')
            return;
        const bool flows = m_newlines == 1 && length >= kHardWrap && following != ' ' && following != '\t' && following != '\0';
        if (flows) {
            plain(QStringLiteral(" "));
            m_newlines = 0;
        } else {
            searchable(QLatin1Char(' '));
            m_breakAfter = true;
        }
    }

    int units() const { return static_cast<int>(m_out.text.size()); }
    void sign(const QString& text)
    {
        m_out.signs.push_back({units(), units() + static_cast<int>(text.size())});
        m_out.text += text;
    }
    void plain(const QString& text)
    {
        for (const QChar c : text) {
            m_out.haystack += c;
            m_out.haystackAt.push_back(units());
            m_out.text += c;
        }
    }
    /// A character of the haystack that stands at the last unit shown.
    void searchable(QChar c)
    {
        m_out.haystack += c;
        m_out.haystackAt.push_back(std::max(0, units() - 1));
    }

    void endParagraph(bool blankLine)
    {
        if (units() > m_paragraphBegin) {
            m_out.paragraphs.push_back({m_paragraphBegin, units()});
            m_out.gapBefore.push_back(m_gap);
        }
        m_paragraphBegin = units();
        m_gap = blankLine;
    }

    void makeBoxes()
    {
        std::vector<bool> boundary(m_out.text.size() + 1, false);
        QTextBoundaryFinder finder(QTextBoundaryFinder::Grapheme, m_out.text);
        for (auto at = finder.position(); at >= 0; at = finder.toNextBoundary())
            boundary[static_cast<std::size_t>(at)] = true;
        m_out.boxOfToken.resize(m_tokens.size());
        for (std::size_t t = 0; t < m_tokens.size(); ++t) {
            const Extent extent = m_tokens[t];
            const auto [begin, end] = range(t);
            const bool joins =
                !m_out.boxes.empty() && begin < end && !m_out.boxes.back().special &&
                (extent.begin < m_out.boxes.back().extent.end || !boundary[static_cast<std::size_t>(extent.begin)]);
            if (joins) {
                TokenBox& box = m_out.boxes.back();
                box.extent.end = std::max(box.extent.end, extent.end);
                box.lastToken = static_cast<int>(t);
            } else {
                m_out.boxes.push_back({extent, static_cast<int>(t), static_cast<int>(t), begin >= end});
            }
            m_out.boxOfToken[t] = static_cast<int>(m_out.boxes.size()) - 1;
        }
    }

    const TraceInfo& m_info;
    std::string_view m_bytes;
    const QJsonObject m_config = QJsonDocument::fromJson(QByteArray::fromStdString(m_info.config)).object();
    DisplayText m_out;
    std::vector<int> m_begin, m_end; ///< per byte: the units of the character that it belongs to
    std::vector<bool> m_edge;        ///< per byte: a token begins or ends before it
    std::vector<Extent> m_tokens;
    std::size_t m_nextToken = 0;
    int m_lineLength = 0, m_newlines = 0, m_paragraphBegin = 0;
    bool m_breakAfter = false, m_gap = false;
};

} // namespace

DisplayText displayText(const TraceInfo& info) { return DisplayBuilder(info).build(); }

} // namespace winnow::views
