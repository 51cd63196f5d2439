// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/model/chat/jinja/format.h"
#include "core/model/chat/jinja/json_text.h"
#include "core/model/chat/jinja/print.h"
#include "core/model/chat/jinja/routines.h"
#include "core/model/chat/jinja/runtime.h"
#include "core/model/chat/jinja/text.h"
#include "core/model/tokenizer/byte_level.h"

#include <algorithm>
#include <array>
#include <optional>

namespace winnow::jinja {

namespace {

/// The text of any value, with the mark of a text that is safe for HTML.
struct Soft {
    std::string bytes;
    bool markup = false;
};

Soft softText(Runtime& run, const Value& value) { return {printed(run.budget, value), value.isText() && value.text().markup}; }

/// A filter that takes nothing but a text and changes its letters.
template <std::string (*Change)(std::string_view)>
Value changed(Runtime& run, const Value& self, Arguments& arguments)
{
    const Bound bound(arguments, "a filter of letters", {});
    const Soft text = softText(run, self);
    return run.text(Change(text.bytes), text.markup);
}

/// Words start behind blanks, dashes and opening brackets.
std::string wordsCapitalized(std::string_view text)
{
    std::string out;
    bool inWord = false;
    for (std::size_t at = 0; at < text.size();) {
        const CodePoint point = codePointAt(text, at);
        const std::string_view character = text.substr(at, point.bytes);
        const bool separates =
            isBlank(point.value) || (point.value < 0x80 && std::string_view("-({[<").find(character) != std::string::npos);
        out += inWord ? lowerCase(character) : upperCase(character);
        inWord = !separates;
        at += point.bytes;
    }
    return out;
}

Value center(Runtime& run, const Value& self, Arguments& arguments)
{
    const Bound bound(arguments, "center", {"width"});
    Arguments width;
    width.positional = {bound.has(0) ? bound[0] : Value(std::int64_t{80})};
    const Soft text = softText(run, self);
    const Value value = run.text(text.bytes, text.markup);
    return findMethod(value, "center")(run, value, width);
}

Value escape(Runtime& run, const Value& self, Arguments& arguments)
{
    const Bound bound(arguments, "escape", {});
    const Soft text = softText(run, self);
    return run.text(text.markup ? text.bytes : escapedHtml(text.bytes), true);
}

Value forceEscape(Runtime& run, const Value& self, Arguments& arguments)
{
    const Bound bound(arguments, "forceescape", {});
    return run.text(escapedHtml(printed(run.budget, self)), true);
}

Value format(Runtime& run, const Value& self, Arguments& arguments)
{
    if (!arguments.positional.empty() && !arguments.named.empty())
        stop("the filter 'format' takes values by place or by name, not both");
    const Soft text = softText(run, self);
    const Value value = run.text(text.bytes, text.markup);
    if (arguments.named.empty())
        return percentFormatted(run, value, makeSequence(run.budget, std::move(arguments.positional), SequenceType::Tuple));
    std::vector<std::pair<Value, Value>> entries;
    for (auto& [name, each] : arguments.named)
        entries.emplace_back(run.text(name), std::move(each));
    return percentFormatted(run, value, makeMapping(run.budget, std::move(entries)));
}

std::string blanks(std::int64_t count)
{
    if (count > 100'000)
        stop("an indentation of {} blanks is too wide", count);
    return std::string(static_cast<std::size_t>(std::max<std::int64_t>(count, 0)), ' ');
}

Value indent(Runtime& run, const Value& self, Arguments& arguments)
{
    const Bound bound(arguments, "indent", {"width", "first", "blank"});
    const std::string by = bound[0].isText() ? bound.text(0) : blanks(bound.whole(0, 4));
    const std::string& text = textOf(self, "what is indented") + "\n";
    const auto lines = linesOf(text, false);
    run.budget.make(by.size() * lines.size());
    std::string out = bound.truth(1, false) ? by : "";
    for (std::size_t i = 0; i < lines.size(); ++i) {
        if (i > 0)
            (out += '\n') += lines[i].empty() && !bound.truth(2, false) ? "" : by;
        out += lines[i];
    }
    return run.text(std::move(out), self.text().markup);
}

Value replace(Runtime& run, const Value& self, Arguments& arguments)
{
    const Bound bound(arguments, "replace", {"old", "new", "count"}, 2);
    const std::string text = printed(run.budget, self), old = printed(run.budget, bound[0]), by = printed(run.budget, bound[1]);
    const std::int64_t most = bound.has(2) ? bound.whole(2, -1) : -1;
    const std::size_t places = by.size() > old.size() ? countText(text, old) : 0;
    run.budget.make(places * by.size());
    return run.text(replaced(text, old, by, most));
}

Value safe(Runtime& run, const Value& self, Arguments& arguments)
{
    const Bound bound(arguments, "safe", {});
    return run.text(printed(run.budget, self), true);
}

Value string(Runtime& run, const Value& self, Arguments& arguments)
{
    const Bound bound(arguments, "string", {});
    return self.isText() ? self : run.text(printed(run.budget, self));
}

Value stripTags(Runtime& run, const Value& self, Arguments& arguments)
{
    const Bound bound(arguments, "striptags", {});
    const std::string text = printed(run.budget, self);
    std::string kept;
    std::size_t done = 0;
    for (std::size_t at = 0; (at = text.find('<', done)) != std::string::npos;) {
        const bool comment = text.compare(at, 4, "<!--") == 0;
        const std::size_t end = comment ? findText(text, "-->", at + 4) : text.find('>', at);
        if (end == std::string::npos)
            break;
        kept += text.substr(done, at - done);
        done = end + (comment ? 3 : 1);
    }
    kept += text.substr(done);
    std::string out;
    bool gap = false;
    for (const std::string_view character : charactersOf(kept)) {
        if (isBlank(codePointAt(character, 0).value)) {
            gap = true;
            continue;
        }
        out += gap && !out.empty() ? " " : "";
        out += character;
        gap = false;
    }
    static constexpr std::array<std::pair<std::string_view, std::string_view>, 6> kEntities{
        {{"&lt;", "<"}, {"&gt;", ">"}, {"&#39;", "'"}, {"&#34;", "\""}, {"&quot;", "\""}, {"&amp;", "&"}}};
    for (const auto& [entity, meaning] : kEntities)
        out = replaced(out, entity, meaning, -1);
    return run.text(std::move(out));
}

Value trim(Runtime& run, const Value& self, Arguments& arguments)
{
    const Bound bound(arguments, "trim", {"chars"});
    const Soft text = softText(run, self);
    const auto characters = bound.has(0) ? std::optional<std::string_view>(bound.text(0)) : std::nullopt;
    return run.text(std::string(stripped(text.bytes, true, true, characters)), text.markup);
}

Value truncate(Runtime& run, const Value& self, Arguments& arguments)
{
    const Bound bound(arguments, "truncate", {"length", "killwords", "end", "leeway"});
    const std::int64_t length = bound.whole(0, 255), leeway = bound.has(3) ? bound.whole(3, 5) : 5;
    const std::string end = bound.has(2) ? bound.text(2) : "...";
    const std::string& text = textOf(self, "what is truncated");
    const auto ends = static_cast<std::int64_t>(countCharacters(end));
    if (length < ends || leeway < 0)
        stop("truncate cannot cut to {} characters", length);
    if (static_cast<std::int64_t>(self.text().characters) <= length + leeway)
        return self;
    std::string cut = text.substr(0, byteOfCharacter(text, static_cast<std::size_t>(length - ends)));
    if (const std::size_t blank = cut.rfind(' '); blank != std::string::npos && !bound.truth(1, false))
        cut.resize(blank);
    return run.text(cut + end);
}

std::string urlText(std::string_view text, bool keepsSlash)
{
    std::string out;
    for (const char c : text) {
        const bool plain = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                           std::string_view("_.-~").find(c) != std::string_view::npos || (c == '/' && keepsSlash);
        out += plain ? std::string(1, c) : c == ' ' && !keepsSlash ? "+" : fmt::format("%{:02X}", static_cast<unsigned char>(c));
    }
    return out;
}

Value urlEncode(Runtime& run, const Value& self, Arguments& arguments)
{
    const Bound bound(arguments, "urlencode", {});
    if (self.isText() || !isIterable(self))
        return run.text(urlText(printed(run.budget, self), true));
    std::string out;
    const Value pairs = self.is(Kind::Mapping) ? findMethod(self, "items")(run, self, arguments) : self;
    for (const Value& pair : itemsOf(run.budget, pairs)) {
        const auto both = itemsOf(run.budget, pair);
        if (both.size() != 2)
            stop("urlencode needs pairs of a key and a value");
        out += out.empty() ? "" : "&";
        out += urlText(printed(run.budget, both[0]), false) + "=" + urlText(printed(run.budget, both[1]), false);
    }
    return run.text(std::move(out));
}

Value wordCount(Runtime& run, const Value& self, Arguments& arguments)
{
    const Bound bound(arguments, "wordcount", {});
    std::int64_t words = 0;
    bool inWord = false;
    const std::string text = printed(run.budget, self);
    for (const std::string_view character : charactersOf(text)) {
        const bool letter = character == "_" || isAll(character, Class::AlphaNumeric);
        words += letter && !inWord ? 1 : 0;
        inWord = letter;
    }
    return Value(words);
}

/// As transformers defines it for chat templates: nothing is escaped for HTML.
Value toJson(Runtime& run, const Value& self, Arguments& arguments)
{
    const Bound bound(arguments, "tojson", {"ensure_ascii", "indent", "separators", "sort_keys"});
    JsonStyle style{.ascii = bound.truth(0, false), .sorted = bound.truth(3, false), .lines = bound.has(1)};
    if (bound.has(1)) {
        style.indent = bound[1].isText() ? bound.text(1) : blanks(bound.whole(1, 0));
        style.betweenItems = ",";
    }
    if (bound.has(2)) {
        const auto separators = itemsOf(run.budget, bound[2]);
        if (separators.size() != 2)
            stop("tojson needs two separators");
        style.betweenItems = textOf(separators[0], "a separator of tojson");
        style.behindKey = textOf(separators[1], "a separator of tojson");
    }
    return run.text(jsonText(run.budget, self, style));
}

constexpr std::array<std::pair<std::string_view, Routine>, 19> kFilters{{
    {"capitalize", changed<capitalized>},
    {"center", center},
    {"e", escape},
    {"escape", escape},
    {"forceescape", forceEscape},
    {"format", format},
    {"indent", indent},
    {"lower", changed<lowerCase>},
    {"replace", replace},
    {"safe", safe},
    {"string", string},
    {"striptags", stripTags},
    {"title", changed<wordsCapitalized>},
    {"tojson", toJson},
    {"trim", trim},
    {"truncate", truncate},
    {"upper", changed<upperCase>},
    {"urlencode", urlEncode},
    {"wordcount", wordCount},
}};

} // namespace

RoutineTable textFilters() { return kFilters; }

} // namespace winnow::jinja
