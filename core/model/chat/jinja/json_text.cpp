// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/model/chat/jinja/json_text.h"

#include "core/model/chat/jinja/print.h"
#include "core/model/tokenizer/byte_level.h"

#include <algorithm>
#include <cmath>

namespace winnow::jinja {

namespace {

constexpr int kMaxDepth = 200;

class JsonWriter {
public:
    JsonWriter(Budget& budget, const JsonStyle& style) : m_budget(budget), m_style(style) {}

    std::string take() { return std::move(m_out); }

    void write(const Value& value)
    {
        m_budget.step();
        switch (value.kind()) {
        case Kind::None:
            m_out += "null";
            return;
        case Kind::Boolean:
            m_out += value.boolean() ? "true" : "false";
            return;
        case Kind::Integer:
            m_out += fmt::format("{}", value.whole());
            return;
        case Kind::Float:
            m_out += floatText(value.number());
            return;
        case Kind::Text:
            writeText(value.bytes());
            return;
        case Kind::Mapping:
            writeMapping(value.mapping());
            return;
        case Kind::Sequence:
            if (value.sequence().isOf(SequenceType::List) || value.sequence().isOf(SequenceType::Tuple)) {
                writeSequence(value.sequence());
                return;
            }
            break;
        default:
            break;
        }
        stop("a value of type {} cannot be written as JSON{}", typeName(value),
             value.is(Kind::Undefined) ? ": " + value.why() : "");
    }

private:
    static std::string floatText(double number)
    {
        return std::isnan(number) ? "NaN" : std::isinf(number) ? (number < 0 ? "-Infinity" : "Infinity") : numberText(number);
    }

    void startLine()
    {
        if (!m_style.lines)
            return;
        m_budget.make(m_style.indent.size() * static_cast<std::size_t>(m_depth));
        m_out += '\n';
        for (int i = 0; i < m_depth; ++i)
            m_out += m_style.indent;
    }

    void startItem(bool first)
    {
        m_budget.make(m_style.betweenItems.size() + m_style.behindKey.size());
        if (!first)
            m_out += m_style.betweenItems;
        startLine();
    }

    void close(char bracket)
    {
        --m_depth;
        startLine();
        m_out += bracket;
    }

    void writeSequence(const Sequence& sequence)
    {
        if (sequence.items.empty()) {
            m_out += "[]";
            return;
        }
        m_out += '[';
        ++m_depth;
        for (std::size_t i = 0; i < sequence.items.size(); ++i) {
            startItem(i == 0);
            write(sequence.items[i]);
        }
        close(']');
    }

    std::string keyText(const Value& key)
    {
        switch (key.kind()) {
        case Kind::Text:
            return key.bytes();
        case Kind::Boolean:
            return key.boolean() ? "true" : "false";
        case Kind::None:
            return "null";
        case Kind::Integer:
            return fmt::format("{}", key.whole());
        case Kind::Float:
            return floatText(key.number());
        default:
            stop("a key of type {} cannot be written as JSON", typeName(key));
        }
    }

    void writeMapping(const Mapping& mapping)
    {
        if (mapping.entries.empty()) {
            m_out += "{}";
            return;
        }
        std::vector<const std::pair<Value, Value>*> entries;
        for (const auto& entry : mapping.entries)
            entries.push_back(&entry);
        if (m_style.sorted)
            std::ranges::stable_sort(entries, [&](const auto* a, const auto* b) { return isLess(m_budget, a->first, b->first); });
        m_out += '{';
        ++m_depth;
        for (std::size_t i = 0; i < entries.size(); ++i) {
            startItem(i == 0);
            writeText(keyText(entries[i]->first));
            m_out += m_style.behindKey;
            write(entries[i]->second);
        }
        close('}');
    }

    void writeText(const std::string& text)
    {
        m_budget.make(text.size());
        m_out += '"';
        for (std::size_t at = 0; at < text.size();) {
            const auto byte = static_cast<unsigned char>(text[at]);
            if (byte >= 0x80 && m_style.ascii) {
                const CodePoint point = codePointAt(text, at);
                const auto code = static_cast<std::uint32_t>(point.value);
                m_out += code < 0x10000 ? fmt::format("\\u{:04x}", code)
                                        : fmt::format("\\u{:04x}\\u{:04x}", 0xD7C0 + (code >> 10), 0xDC00 + (code & 0x3FF));
                at += point.bytes;
                continue;
            }
            static constexpr std::string_view kEscaped = "\"\\\n\r\t\f\b", kLetters = "\"\\nrtfb";
            if (const auto known = kEscaped.find(text[at]); known != std::string_view::npos)
                (m_out += '\\') += kLetters[known];
            else if (byte < 0x20 || (byte == 0x7F && m_style.ascii))
                m_out += fmt::format("\\u{:04x}", byte);
            else
                m_out += text[at];
            ++at;
        }
        m_out += '"';
    }

    Budget& m_budget;
    const JsonStyle& m_style;
    std::string m_out;
    int m_depth = 0;
};

} // namespace

std::string jsonText(Budget& budget, const Value& value, const JsonStyle& style)
{
    JsonWriter writer(budget, style);
    writer.write(value);
    return writer.take();
}

} // namespace winnow::jinja
