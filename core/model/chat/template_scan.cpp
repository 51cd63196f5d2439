#include "core/model/chat/template_scan.h"

#include <algorithm>

namespace winnow {

namespace {

constexpr std::string_view kBlank = " \t\n\r\v\f";

} // namespace

std::string_view trimmedText(std::string_view text)
{
    const std::size_t begin = text.find_first_not_of(kBlank);
    return begin == std::string_view::npos ? std::string_view() : text.substr(begin, text.find_last_not_of(kBlank) - begin + 1);
}

std::string compactTemplate(std::string_view source)
{
    std::string result;
    for (const char c : source)
        if (c == '"')
            result += '\'';
        else if (kBlank.find(c) == std::string_view::npos)
            result += c;
    return result;
}

std::string withEscapedLineEnds(std::string_view source)
{
    std::string result;
    std::size_t at = 0;
    const TemplateScan scan(source);
    for (const auto& literal : scan.literals()) {
        result += source.substr(at, literal.at - at);
        const char quote = source[literal.at - 1];
        for (at = literal.at; at < source.size() && source[at] != quote; ++at) {
            if (source[at] == '\n') {
                result += "\\n";
                continue;
            }
            result += source[at];
            if (source[at] == '\\' && at + 1 < source.size())
                result += source[++at];
        }
    }
    return result += source.substr(std::min(at, source.size()));
}

std::string unescapedText(std::string_view quoted)
{
    std::string result;
    for (std::size_t i = 0; i < quoted.size(); ++i) {
        if (quoted[i] != '\\' || i + 1 == quoted.size()) {
            result += quoted[i];
            continue;
        }
        const char c = quoted[++i];
        result += c == 'n' ? '\n' : c == 't' ? '\t' : c == 'r' ? '\r' : c;
    }
    return result;
}

TemplateScan::TemplateScan(std::string_view source) : m_source(source)
{
    for (std::size_t at = 0; (at = source.find('{', at)) != std::string_view::npos && at + 1 < source.size();) {
        const char kind = source[at + 1];
        if (kind == '#') {
            at = std::min(source.find("#}", at), source.size());
            continue;
        }
        if (kind != '{' && kind != '%') {
            ++at;
            continue;
        }
        const std::string_view end = kind == '{' ? "}}" : "%}";
        const std::size_t begin = at += 2;
        while (at < source.size() && !source.substr(at).starts_with(end)) {
            const char quote = source[at++];
            if (quote != '\'' && quote != '"')
                continue;
            const std::size_t from = at;
            while (at < source.size() && source[at] != quote)
                at += source[at] == '\\' ? 2 : 1;
            at = std::min(at, source.size());
            m_literals.push_back({from, unescapedText(source.substr(from, at - from))});
            at = std::min(at + 1, source.size());
        }
        if (kind == '%')
            continue;
        std::string_view inside = source.substr(begin, at - begin);
        if (inside.starts_with('-'))
            inside.remove_prefix(1);
        if (inside.ends_with('-'))
            inside.remove_suffix(1);
        m_prints.push_back(trimmedText(inside));
    }
}

std::string TemplateScan::literalBehind(std::size_t place, std::string_view start, std::string otherwise) const
{
    for (const Literal& each : m_literals)
        if (place != std::string_view::npos && each.at > place && each.text.starts_with(start))
            return each.text;
    return otherwise;
}

std::string TemplateScan::given(std::string_view variable) const
{
    for (const Literal& each : m_literals) {
        std::string_view before = m_source.substr(0, each.at - 1);
        before = before.substr(before.size() - std::min<std::size_t>(before.size(), 200));
        before = trimmedText(before);
        if (before.ends_with('=') && trimmedText(before.substr(0, before.size() - 1)).ends_with(variable) && !each.text.empty())
            return each.text;
    }
    return {};
}

} // namespace winnow
