// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/model/chat/jinja/print.h"

#include "core/model/chat/jinja/calls.h"
#include "core/model/chat/jinja/text.h"
#include "core/model/tokenizer/byte_level.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

namespace winnow::jinja {

namespace {

constexpr int kMaxDepth = 200;

/// A text as Python writes it in source.
void representText(const std::string& text, std::string& out)
{
    const bool doubles = text.find('\'') != std::string::npos && text.find('"') == std::string::npos;
    const char quote = doubles ? '"' : '\'';
    out += quote;
    for (std::size_t at = 0; at < text.size();) {
        const CodePoint point = codePointAt(text, at);
        const char32_t c = point.value;
        const auto code = static_cast<std::uint32_t>(c);
        if (c == static_cast<char32_t>(quote) || c == '\\')
            (out += '\\') += static_cast<char>(c);
        else if (c == '\n')
            out += "\\n";
        else if (c == '\r')
            out += "\\r";
        else if (c == '\t')
            out += "\\t";
        else if (isPrintable(c))
            out += text.substr(at, point.bytes);
        else
            out += c < 0x100     ? fmt::format("\\x{:02x}", code)
                   : c < 0x10000 ? fmt::format("\\u{:04x}", code)
                                 : fmt::format("\\U{:08x}", code);
        at += point.bytes;
    }
    out += quote;
}

class Representer {
public:
    Representer(Budget& budget, std::string& out) : m_budget(budget), m_out(out) {}

    void write(const Value& value)
    {
        m_budget.step();
        switch (value.kind()) {
        case Kind::Text:
            m_budget.make(value.bytes().size());
            if (value.text().markup)
                m_out += "Markup(";
            representText(value.bytes(), m_out);
            if (value.text().markup)
                m_out += ')';
            break;
        case Kind::Sequence:
            writeSequence(value.sequence());
            break;
        case Kind::Mapping:
            writeEntries(value.mapping().entries);
            break;
        case Kind::Namespace:
            m_out += "<Namespace ";
            writeAttributes(value.space());
            m_out += '>';
            break;
        case Kind::Undefined:
            m_out += "Undefined";
            break;
        case Kind::Loop:
            m_out += fmt::format("<LoopContext {}/{}>", value.loop().index + 1, value.loop().length());
            break;
        case Kind::Callable:
            m_out += value.callable().isMacro() ? fmt::format("<Macro '{}'>", value.callable().name)
                                                : fmt::format("<built-in method {}>", value.callable().name);
            break;
        default:
            print(m_budget, value, m_out);
        }
    }

private:
    void enter()
    {
        if (++m_depth > kMaxDepth)
            stop("a value with more than {} levels cannot be written", kMaxDepth);
    }

    void writeItems(const std::vector<Value>& items)
    {
        for (std::size_t i = 0; i < items.size(); ++i) {
            m_out += i > 0 ? ", " : "";
            write(items[i]);
        }
    }

    void writeSequence(const Sequence& sequence)
    {
        enter();
        const bool isTuple = sequence.isOf(SequenceType::Tuple);
        switch (sequence.type) {
        case SequenceType::Range:
            m_out += fmt::format("range({}, {}{})", sequence.start, sequence.end,
                                 sequence.step == 1 ? "" : fmt::format(", {}", sequence.step));
            break;
        case SequenceType::Generator:
            m_out += "<generator object>";
            break;
        case SequenceType::List:
        case SequenceType::Tuple:
            m_out += isTuple ? '(' : '[';
            writeItems(sequence.items);
            m_out += isTuple && sequence.items.size() == 1 ? "," : "";
            m_out += isTuple ? ')' : ']';
            break;
        default:
            m_out += sequence.isOf(SequenceType::Keys)     ? "dict_keys(["
                     : sequence.isOf(SequenceType::Values) ? "dict_values(["
                                                           : "dict_items([";
            writeItems(sequence.items);
            m_out += "])";
        }
        --m_depth;
    }

    void writeEntries(const std::vector<std::pair<Value, Value>>& entries)
    {
        enter();
        m_out += '{';
        for (std::size_t i = 0; i < entries.size(); ++i) {
            m_out += i > 0 ? ", " : "";
            write(entries[i].first);
            m_out += ": ";
            write(entries[i].second);
        }
        m_out += '}';
        --m_depth;
    }

    void writeAttributes(const Namespace& space)
    {
        enter();
        m_out += '{';
        for (std::size_t i = 0; i < space.attributes.size(); ++i) {
            m_out += i > 0 ? ", " : "";
            representText(space.attributes[i].first, m_out);
            m_out += ": ";
            write(space.attributes[i].second);
        }
        m_out += '}';
        --m_depth;
    }

    Budget& m_budget;
    std::string& m_out;
    int m_depth = 0;
};

} // namespace

std::string numberText(double number)
{
    if (std::isnan(number))
        return "nan";
    if (std::isinf(number))
        return number < 0 ? "-inf" : "inf";
    std::array<char, 40> room{};
    const auto end = std::to_chars(room.data(), room.data() + room.size(), number, std::chars_format::scientific);
    const std::string_view shortest(room.data(), static_cast<std::size_t>(end.ptr - room.data()));
    const std::size_t mark = shortest.find('e');
    int exponent = 0;
    std::from_chars(shortest.data() + mark + (shortest[mark + 1] == '+' ? 2 : 1), end.ptr, exponent);
    std::string digits(shortest.substr(0, mark));
    const std::string sign = std::signbit(number) ? "-" : "";
    std::erase_if(digits, [](char c) { return c == '.' || c == '-'; });
    if (exponent < -4 || exponent >= 16)
        return fmt::format("{}{}{}{}e{}{:02}", sign, digits[0], digits.size() > 1 ? "." : "", digits.substr(1),
                           exponent < 0 ? '-' : '+', std::abs(exponent));
    if (exponent < 0)
        return fmt::format("{}0.{}{}", sign, std::string(static_cast<std::size_t>(-exponent - 1), '0'), digits);
    const auto whole = static_cast<std::size_t>(exponent) + 1;
    if (digits.size() <= whole)
        return fmt::format("{}{}{}.0", sign, digits, std::string(whole - digits.size(), '0'));
    return fmt::format("{}{}.{}", sign, digits.substr(0, whole), digits.substr(whole));
}

void print(Budget& budget, const Value& value, std::string& out)
{
    switch (value.kind()) {
    case Kind::Missing:
    case Kind::Undefined:
        break;
    case Kind::None:
        out += "None";
        break;
    case Kind::Boolean:
        out += value.boolean() ? "True" : "False";
        break;
    case Kind::Integer:
        out += fmt::format("{}", value.whole());
        break;
    case Kind::Float:
        out += numberText(value.number());
        break;
    case Kind::Text:
        budget.read(value.bytes().size());
        out += value.bytes();
        break;
    default:
        Representer(budget, out).write(value);
    }
}

std::string printed(Budget& budget, const Value& value)
{
    std::string out;
    print(budget, value, out);
    return out;
}

std::string represented(Budget& budget, const Value& value)
{
    std::string out;
    Representer(budget, out).write(value);
    return out;
}

} // namespace winnow::jinja
