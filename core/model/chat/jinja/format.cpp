// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/model/chat/jinja/format.h"

#include "core/model/chat/jinja/format_spec.h"
#include "core/model/chat/jinja/operators.h"
#include "core/model/chat/jinja/print.h"
#include "core/model/chat/jinja/runtime.h"
#include "core/model/chat/jinja/text.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <optional>

namespace winnow::jinja {

namespace {

std::string formatted(Runtime& run, const Value& value, std::string_view text)
{
    const Spec spec = specOf(text);
    if (value.is(Kind::Integer) || (value.is(Kind::Boolean) && spec.type != 0))
        return wholeFormatted(value.whole(), spec);
    if (value.is(Kind::Float))
        return floatFormatted(value.number(), spec);
    if (!value.isText() && !value.is(Kind::Boolean) && !text.empty())
        stop("a value of type {} has no format '{}'", typeName(value), text);
    return textFormatted(printed(run.budget, value), spec);
}

/// One "%" field behind its sign.
class PercentField {
public:
    PercentField(Runtime& run, std::string_view text, std::size_t& at) : m_run(run), m_text(text), m_at(at) {}

    template <class Next>
    std::string write(const Value& values, Next next)
    {
        std::optional<Value> named;
        if (take('(')) {
            const std::size_t end = m_text.find(')', m_at);
            if (end == std::string_view::npos || !values.is(Kind::Mapping))
                stop("a format with names needs a dict");
            const Value* found = values.mapping().find(m_text.substr(m_at, end - m_at));
            if (found == nullptr)
                stop("the format's '{}' is not in its dict", m_text.substr(m_at, end - m_at));
            named = *found;
            m_at = end + 1;
        }
        Spec spec;
        bool zero = false;
        for (; m_at < m_text.size() && std::string_view("-+ #0").find(m_text[m_at]) != std::string_view::npos; ++m_at) {
            const char flag = m_text[m_at];
            zero = zero || flag == '0';
            spec.alternate = spec.alternate || flag == '#';
            spec.align = flag == '-' ? '<' : spec.align;
            spec.sign = flag == '+' || (flag == ' ' && spec.sign != '+') ? flag : spec.sign;
        }
        spec.width =
            take('*') ? std::min(wholeOf(next(), "the width of a format"), kMaxWidth) : numberAt(m_text, m_at, kMaxWidth);
        if (take('.'))
            spec.precision = take('*') ? std::clamp<std::int64_t>(wholeOf(next(), "the precision of a format"), 0, kMaxPrecision)
                                       : numberAt(m_text, m_at, kMaxPrecision);
        while (take('l') || take('h') || take('L'))
            ;
        if (m_at >= m_text.size())
            stop("the format ends behind a %");
        spec.type = m_text[m_at++];
        if (spec.type == '%')
            return "%";
        return value(named ? *named : next(), spec, zero && spec.align != '<');
    }

private:
    bool take(char c)
    {
        const bool there = m_at < m_text.size() && m_text[m_at] == c;
        m_at += there ? 1 : 0;
        return there;
    }

    std::string value(const Value& value, Spec spec, bool zero)
    {
        const char type = spec.type;
        if (type == 's' || type == 'r' || type == 'a') {
            spec.type = 's';
            spec.align = spec.align == 0 ? '>' : spec.align;
            return textFormatted(type == 's' ? printed(m_run.budget, value) : represented(m_run.budget, value), spec);
        }
        if (type == 'c' && value.isText()) {
            spec.type = 's';
            spec.align = spec.align == 0 ? '>' : spec.align;
            if (value.text().characters != 1)
                stop("%c needs one character");
            return textFormatted(value.bytes(), spec);
        }
        if (!value.isNumber())
            stop("%{} needs a number, not {}", type, typeName(value));
        if (zero) {
            spec.fill = "0";
            spec.align = '=';
        }
        spec.align = spec.align == 0 ? '>' : spec.align;
        if (std::string_view("diuxXoc").find(type) == std::string_view::npos)
            return floatFormatted(value.number(), spec);
        if (value.is(Kind::Float) && (type == 'x' || type == 'X' || type == 'o' || type == 'c'))
            stop("%{} needs a whole number", type);
        if (!value.isWhole() && !(std::fabs(value.number()) < 9.2e18))
            stop("%{} needs a number of at most 63 bits", type);
        spec.type = type == 'i' || type == 'u' ? 'd' : type;
        const std::int64_t whole = value.isWhole() ? value.whole() : static_cast<std::int64_t>(value.number());
        const std::int64_t digits = spec.precision.value_or(0);
        spec.precision.reset();
        if (digits == 0)
            return wholeFormatted(whole, spec);
        Spec inner; // at least so many digits, inside the width
        inner.type = spec.type;
        inner.sign = spec.sign;
        inner.fill = "0";
        inner.align = '=';
        inner.width = digits + (whole < 0 || spec.sign != '-' ? 1 : 0);
        return padded(wholeFormatted(whole, inner), spec, '>');
    }

    Runtime& m_run;
    std::string_view m_text;
    std::size_t& m_at;
};

class BraceFormatter {
public:
    BraceFormatter(Runtime& run, Arguments& arguments) : m_run(run), m_arguments(arguments) {}

    std::string write(std::string_view text, int depth)
    {
        if (depth > 2)
            stop("a format is nested too deep");
        std::string out;
        for (std::size_t at = 0; at < text.size();) {
            const char c = text[at++];
            const bool doubled = at < text.size() && text[at] == c;
            if (c != '{' && c != '}') {
                out += c;
            } else if (doubled) {
                out += c;
                ++at;
            } else if (c == '}') {
                stop("a '}}' of the format closes nothing");
            } else {
                const std::size_t end = closing(text, at);
                const std::string piece = field(text.substr(at, end - at), depth);
                m_run.budget.make(piece.size());
                out += piece;
                at = end + 1;
            }
        }
        return out;
    }

private:
    static std::size_t closing(std::string_view text, std::size_t at)
    {
        for (int open = 1; at < text.size(); ++at) {
            open += text[at] == '{' ? 1 : text[at] == '}' ? -1 : 0;
            if (open == 0)
                return at;
        }
        stop("a '{{' of the format is never closed");
    }

    std::string field(std::string_view text, int depth)
    {
        const std::size_t colon = text.find(':');
        std::string_view name = text.substr(0, colon);
        const std::size_t bang = name.find('!');
        const std::string_view conversion = bang == std::string_view::npos ? "" : name.substr(bang + 1);
        Value value = valueOf(name.substr(0, bang));
        if (conversion == "r" || conversion == "a")
            value = m_run.text(represented(m_run.budget, value));
        else if (conversion == "s")
            value = m_run.text(printed(m_run.budget, value));
        else if (!conversion.empty())
            stop("'!{}' is no conversion of a format", conversion);
        return formatted(m_run, value, colon == std::string_view::npos ? "" : write(text.substr(colon + 1), depth + 1));
    }

    Value valueOf(std::string_view path)
    {
        std::size_t at = std::min(path.find_first_of(".["), path.size());
        const std::string_view first = path.substr(0, at);
        Value value;
        const bool counted = first.find_first_not_of("0123456789") == std::string_view::npos;
        if (counted) {
            std::size_t read = 0;
            const auto place = first.empty() ? m_next++ : static_cast<std::size_t>(numberAt(first, read, kMaxWidth));
            if (place >= m_arguments.positional.size())
                stop("the format asks for value {}, and {} are given", place, m_arguments.positional.size());
            value = m_arguments.positional[place];
        } else {
            const auto given =
                std::ranges::find(m_arguments.named, first, [](const auto& each) { return std::string_view(each.first); });
            if (given == m_arguments.named.end())
                stop("the format asks for '{}', which is not given", first);
            value = given->second;
        }
        while (at < path.size()) {
            const bool isItem = path[at++] == '[';
            const std::size_t end = std::min(isItem ? path.find(']', at) : path.find_first_of(".[", at), path.size());
            const std::string key(path.substr(at, end - at));
            std::int64_t number = 0;
            const auto read = std::from_chars(key.data(), key.data() + key.size(), number);
            const bool isNumber = !key.empty() && read.ec == std::errc() && read.ptr == key.data() + key.size();
            if (!isItem)
                value = attributeOf(m_run, value, key);
            else
                value = itemOf(m_run, value, isNumber ? Value(number) : m_run.text(key));
            at = end + (isItem ? 1 : 0);
        }
        return value;
    }

    Runtime& m_run;
    Arguments& m_arguments;
    std::size_t m_next = 0;
};

} // namespace

Value percentFormatted(Runtime& run, const Value& format, const Value& values)
{
    const std::string& text = format.bytes();
    const bool isTuple = values.is(Kind::Sequence) && values.sequence().isOf(SequenceType::Tuple);
    std::size_t used = 0;
    const auto next = [&]() -> Value {
        if (isTuple && used < values.sequence().items.size())
            return values.sequence().items[used++];
        if (isTuple || used++ > 0)
            stop("the format has more fields than values");
        return values;
    };
    std::string out;
    for (std::size_t at = 0; at < text.size();) {
        const std::size_t field = std::min(text.find('%', at), text.size());
        out += text.substr(at, field - at);
        at = field + 1;
        if (field < text.size()) {
            const std::string piece = PercentField(run, text, at).write(values, next);
            run.budget.make(piece.size());
            out += format.text().markup ? escapedHtml(piece) : piece;
        }
    }
    if (isTuple ? used < values.sequence().items.size() : used == 0 && !values.is(Kind::Mapping))
        stop("the format has fewer fields than values");
    return run.text(std::move(out), format.text().markup);
}

Value braceFormatted(Runtime& run, const Value& format, Arguments& arguments)
{
    return run.text(BraceFormatter(run, arguments).write(format.bytes(), 0));
}

} // namespace winnow::jinja
