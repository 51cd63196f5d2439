// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/model/chat/jinja/format.h"
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

Value like(Runtime& run, const Value& self, std::string bytes) { return run.text(std::move(bytes), self.text().markup); }

Value listLike(Runtime& run, const Value& self, const std::vector<std::string_view>& pieces,
               SequenceType type = SequenceType::List)
{
    std::vector<Value> items;
    run.budget.make(pieces.size() * sizeof(Value));
    for (const std::string_view piece : pieces)
        items.push_back(like(run, self, std::string(piece)));
    return makeSequence(run.budget, std::move(items), type);
}

/// An argument that is put into the text: escaped where the text is safe for HTML.
std::string put(const Value& self, const Value& argument)
{
    const std::string& bytes = textOf(argument, "an argument of a text's method");
    return self.text().markup && !argument.text().markup ? escapedHtml(bytes) : bytes;
}

template <std::string (*Change)(std::string_view)>
Value changes(Runtime& run, const Value& self, Arguments& arguments)
{
    const Bound bound(arguments, "a method of letters", {});
    return like(run, self, Change(self.bytes()));
}

template <Class Which>
Value asks(Runtime&, const Value& self, Arguments& arguments)
{
    const Bound bound(arguments, "a question about letters", {});
    return Value(isAll(self.bytes(), Which));
}

template <bool Left, bool Right>
Value strip(Runtime& run, const Value& self, Arguments& arguments)
{
    const Bound bound(arguments, "strip", {""});
    const auto characters = bound.has(0) ? std::optional<std::string_view>(bound.text(0)) : std::nullopt;
    const std::string_view rest = stripped(self.bytes(), Left, Right, characters);
    return rest.size() == self.bytes().size() ? self : like(run, self, std::string(rest));
}

std::vector<std::string_view> splitAtBlanks(std::string_view text, std::int64_t most)
{
    std::vector<std::string_view> pieces;
    for (text = stripped(text, true, false); !text.empty(); text = stripped(text, true, false)) {
        if (most >= 0 && static_cast<std::int64_t>(pieces.size()) == most) {
            pieces.push_back(text);
            break;
        }
        std::size_t end = 0;
        while (end < text.size() && !isBlank(codePointAt(text, end).value))
            end += codePointAt(text, end).bytes;
        pieces.push_back(text.substr(0, end));
        text.remove_prefix(end);
    }
    return pieces;
}

std::vector<std::string_view> splitAtBlanksFromBehind(std::string_view text, std::int64_t most)
{
    std::vector<std::string_view> pieces;
    for (text = stripped(text, false, true); !text.empty(); text = stripped(text, false, true)) {
        if (most >= 0 && static_cast<std::int64_t>(pieces.size()) == most) {
            pieces.push_back(text);
            break;
        }
        const auto characters = charactersOf(text);
        std::size_t begin = text.size();
        for (auto at = characters.rbegin(); at != characters.rend() && !isBlank(codePointAt(*at, 0).value); ++at)
            begin -= at->size();
        pieces.push_back(text.substr(begin));
        text = text.substr(0, begin);
        if (most < 0) { // the direction makes no difference any more
            auto rest = splitAtBlanks(text, -1);
            pieces.insert(pieces.end(), rest.rbegin(), rest.rend());
            break;
        }
    }
    std::ranges::reverse(pieces);
    return pieces;
}

template <bool FromBehind>
Value split(Runtime& run, const Value& self, Arguments& arguments)
{
    const Bound bound(arguments, "split", {"sep", "maxsplit"});
    const std::int64_t most = bound.whole(1, -1);
    const std::string_view text = self.bytes();
    if (!bound.has(0)) {
        run.budget.read(text.size() *
                        (FromBehind && most > 0 ? static_cast<std::size_t>(std::min<std::int64_t>(most, 1 << 20)) : 1));
        return listLike(run, self, FromBehind ? splitAtBlanksFromBehind(text, most) : splitAtBlanks(text, most));
    }
    const std::string_view separator = bound.text(0);
    if (separator.empty())
        stop("split needs a separator that is not empty");
    std::vector<std::string_view> pieces;
    if (!FromBehind || most < 0) {
        std::size_t begin = 0;
        while (most < 0 || static_cast<std::int64_t>(pieces.size()) < most) {
            const std::size_t at = findText(text, separator, begin);
            if (at == std::string_view::npos)
                break;
            pieces.push_back(text.substr(begin, at - begin));
            begin = at + separator.size();
        }
        pieces.push_back(text.substr(begin));
        return listLike(run, self, pieces);
    }
    std::size_t end = text.size();
    while (static_cast<std::int64_t>(pieces.size()) < most && end >= separator.size()) {
        const std::size_t at = text.rfind(separator, end - separator.size());
        if (at == std::string_view::npos)
            break;
        run.budget.read(end - at);
        pieces.push_back(text.substr(at + separator.size(), end - at - separator.size()));
        end = at;
    }
    pieces.push_back(text.substr(0, end));
    std::ranges::reverse(pieces);
    return listLike(run, self, pieces);
}

Value splitLines(Runtime& run, const Value& self, Arguments& arguments)
{
    const Bound bound(arguments, "splitlines", {"keepends"});
    return listLike(run, self, linesOf(self.bytes(), bound.truth(0, false)));
}

template <bool FromBehind>
Value partition(Runtime& run, const Value& self, Arguments& arguments)
{
    const Bound bound(arguments, "partition", {""}, 1);
    const std::string_view text = self.bytes(), separator = bound.text(0);
    if (separator.empty())
        stop("partition needs a separator that is not empty");
    const std::size_t at = FromBehind ? text.rfind(separator) : findText(text, separator);
    if (at != std::string_view::npos)
        return listLike(run, self, {text.substr(0, at), separator, text.substr(at + separator.size())}, SequenceType::Tuple);
    return FromBehind ? listLike(run, self, {"", "", text}, SequenceType::Tuple)
                      : listLike(run, self, {text, "", ""}, SequenceType::Tuple);
}

/// The part of the text between two places, as Python's optional start and end say.
struct Part {
    std::string_view text;
    std::int64_t begins = 0; ///< in characters
    bool exists = true;      ///< no: the start lies behind the end
};

Part partOf(const Value& self, const Bound& bound)
{
    const auto size = static_cast<std::int64_t>(self.text().characters);
    const auto place = [&](std::size_t i, std::int64_t otherwise) {
        const std::int64_t at = bound.has(i) ? bound.whole(i, 0) : otherwise;
        return at < 0 ? std::max<std::int64_t>(std::max(at, -size) + size, 0) : at;
    };
    const std::int64_t begin = place(1, 0), end = std::min(place(2, size), size);
    if (begin > end)
        return {"", begin, false};
    const std::string_view text = self.bytes();
    const std::size_t from = byteOfCharacter(text, static_cast<std::size_t>(begin));
    return {text.substr(from, byteOfCharacter(text, static_cast<std::size_t>(end)) - from), begin};
}

template <bool AtEnd>
Value startsWith(Runtime& run, const Value& self, Arguments& arguments)
{
    const Bound bound(arguments, AtEnd ? "endswith" : "startswith", {"", "", ""}, 1);
    const Part part = partOf(self, bound);
    const auto fits = [&](const Value& wanted) {
        const std::string& bytes = textOf(wanted, "an argument of startswith or endswith");
        return part.exists && (AtEnd ? part.text.ends_with(bytes) : part.text.starts_with(bytes));
    };
    if (!bound[0].is(Kind::Sequence) || !bound[0].sequence().isOf(SequenceType::Tuple))
        return Value(fits(bound[0]));
    return Value(std::ranges::any_of(itemsOf(run.budget, bound[0]), fits));
}

std::int64_t placeIn(const Value& self, const Bound& bound, bool fromBehind)
{
    const Part part = partOf(self, bound);
    const std::string_view wanted = bound.text(0);
    const std::size_t at = !part.exists ? std::string_view::npos
                           : fromBehind ? part.text.rfind(wanted)
                                        : findText(part.text, wanted);
    return at == std::string_view::npos ? -1 : part.begins + static_cast<std::int64_t>(countCharacters(part.text.substr(0, at)));
}

template <bool FromBehind, bool Must>
Value find(Runtime&, const Value& self, Arguments& arguments)
{
    const Bound bound(arguments, "find", {"", "", ""}, 1);
    const std::int64_t at = placeIn(self, bound, FromBehind);
    if (Must && at < 0)
        stop("the text does not hold '{}'", bound.text(0).substr(0, 100));
    return Value(at);
}

Value count(Runtime&, const Value& self, Arguments& arguments)
{
    const Bound bound(arguments, "count", {"", "", ""}, 1);
    const Part part = partOf(self, bound);
    return Value(part.exists ? static_cast<std::int64_t>(countText(part.text, bound.text(0))) : std::int64_t{0});
}

Value replace(Runtime& run, const Value& self, Arguments& arguments)
{
    const Bound bound(arguments, "replace", {"", "", "count"}, 2);
    const std::string by = put(self, bound[1]);
    const std::string_view old = bound.text(0);
    run.budget.make(by.size() > old.size() ? countText(self.bytes(), old) * by.size() : 0);
    return like(run, self, replaced(self.bytes(), old, by, bound.whole(2, -1)));
}

Value join(Runtime& run, const Value& self, Arguments& arguments)
{
    const Bound bound(arguments, "join", {""}, 1);
    std::string out;
    bool first = true;
    for (const Value& item : itemsOf(run.budget, bound[0])) {
        const std::string piece = put(self, item);
        run.budget.make(piece.size() + self.bytes().size());
        (out += first ? "" : self.bytes()) += piece;
        first = false;
    }
    return like(run, self, std::move(out));
}

template <bool FromEnd>
Value remove(Runtime& run, const Value& self, Arguments& arguments)
{
    const Bound bound(arguments, FromEnd ? "removesuffix" : "removeprefix", {""}, 1);
    const std::string &text = self.bytes(), &part = bound.text(0);
    if (FromEnd ? !text.ends_with(part) : !text.starts_with(part))
        return self;
    return like(run, self, FromEnd ? text.substr(0, text.size() - part.size()) : text.substr(part.size()));
}

/// `left` of the missing characters go before the text.
Value filled(Runtime& run, const Value& self, std::int64_t width, std::string_view fill, bool before, bool behind)
{
    const auto size = static_cast<std::int64_t>(self.text().characters);
    if (width <= size)
        return self;
    const std::int64_t gap = width - size;
    const std::int64_t left = before && behind ? gap / 2 + (gap & width & 1) : before ? gap : 0;
    run.budget.make(static_cast<std::size_t>(gap) * fill.size());
    std::string out;
    for (std::int64_t i = 0; i < left; ++i)
        out += fill;
    out += self.bytes();
    for (std::int64_t i = left; i < gap; ++i)
        out += fill;
    return like(run, self, std::move(out));
}

template <bool Before, bool Behind>
Value fill(Runtime& run, const Value& self, Arguments& arguments)
{
    const Bound bound(arguments, "a method that fills up", {"", ""}, 1);
    const std::string by = bound.has(1) ? put(self, bound[1]) : " ";
    if (countCharacters(by) != 1)
        stop("a text is filled up with one character, not '{}'", by.substr(0, 100));
    return filled(run, self, bound.whole(0, 0), by, Before, Behind);
}

Value zeroFill(Runtime& run, const Value& self, Arguments& arguments)
{
    const Bound bound(arguments, "zfill", {""}, 1);
    const std::string& text = self.bytes();
    const bool isSigned = text.starts_with('-') || text.starts_with('+');
    const Value digits = like(run, self, text.substr(isSigned ? 1 : 0));
    const Value zeros = filled(run, digits, bound.whole(0, 0) - (isSigned ? 1 : 0), "0", true, false);
    return isSigned ? like(run, self, text[0] + zeros.bytes()) : zeros;
}

Value expandTabs(Runtime& run, const Value& self, Arguments& arguments)
{
    const Bound bound(arguments, "expandtabs", {"tabsize"});
    const std::int64_t size = std::clamp<std::int64_t>(bound.whole(0, 8), 0, 10'000);
    std::string out;
    std::int64_t column = 0;
    for (const std::string_view character : charactersOf(self.bytes())) {
        if (character != "\t") {
            column = character == "\n" || character == "\r" ? 0 : column + 1;
            out += character;
        } else if (size > 0) {
            const std::int64_t gap = size - column % size;
            run.budget.make(static_cast<std::size_t>(gap));
            out.append(static_cast<std::size_t>(gap), ' ');
            column += gap;
        }
    }
    return like(run, self, std::move(out));
}

Value formatMap(Runtime& run, const Value& self, Arguments& arguments)
{
    const Bound bound(arguments, "format_map", {""}, 1);
    if (!bound[0].is(Kind::Mapping))
        stop("format_map needs a dict, not {}", typeName(bound[0]));
    Arguments values;
    for (const auto& [key, value] : bound[0].mapping().entries)
        if (key.isText())
            values.named.emplace_back(key.bytes(), value);
    return braceFormatted(run, self, values);
}

constexpr std::array<std::pair<std::string_view, Routine>, 44> kMethods{{
    {"capitalize", changes<capitalized>},
    {"casefold", changes<lowerCase>},
    {"center", fill<true, true>},
    {"count", count},
    {"endswith", startsWith<true>},
    {"expandtabs", expandTabs},
    {"find", find<false, false>},
    {"format", braceFormatted},
    {"format_map", formatMap},
    {"index", find<false, true>},
    {"isalnum", asks<Class::AlphaNumeric>},
    {"isalpha", asks<Class::Alphabetic>},
    {"isascii", asks<Class::Ascii>},
    {"isdecimal", asks<Class::Decimal>},
    {"isdigit", asks<Class::Digit>},
    {"isidentifier", asks<Class::Identifier>},
    {"islower", asks<Class::Lower>},
    {"isnumeric", asks<Class::Numeric>},
    {"isprintable", asks<Class::Printable>},
    {"isspace", asks<Class::Blank>},
    {"istitle", asks<Class::Title>},
    {"isupper", asks<Class::Upper>},
    {"join", join},
    {"ljust", fill<false, true>},
    {"lower", changes<lowerCase>},
    {"lstrip", strip<true, false>},
    {"partition", partition<false>},
    {"removeprefix", remove<false>},
    {"removesuffix", remove<true>},
    {"replace", replace},
    {"rfind", find<true, false>},
    {"rindex", find<true, true>},
    {"rjust", fill<true, false>},
    {"rpartition", partition<true>},
    {"rsplit", split<true>},
    {"rstrip", strip<false, true>},
    {"split", split<false>},
    {"splitlines", splitLines},
    {"startswith", startsWith<false>},
    {"strip", strip<true, true>},
    {"swapcase", changes<swappedCase>},
    {"title", changes<titleCase>},
    {"upper", changes<upperCase>},
    {"zfill", zeroFill},
}};

} // namespace

RoutineTable textMethods() { return kMethods; }

} // namespace winnow::jinja
