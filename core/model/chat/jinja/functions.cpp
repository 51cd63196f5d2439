// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/model/chat/jinja/print.h"
#include "core/model/chat/jinja/routines.h"
#include "core/model/chat/jinja/runtime.h"
#include "core/model/chat/jinja/text.h"

#include <locale.h>

#include <array>
#include <ctime>

namespace winnow::jinja {

namespace {

Value range(Runtime& run, const Value&, Arguments& arguments)
{
    const Bound bound(arguments, "range", {"", "", ""}, 1);
    const bool one = arguments.positional.size() == 1;
    return makeRange(run.budget, one ? 0 : bound.whole(0, 0), bound.whole(one ? 0 : 1, 0), bound.whole(2, 1));
}

/// dict(pairs or a dict, name=value, …), and what namespace takes too.
std::vector<std::pair<Value, Value>> entriesOf(Runtime& run, Arguments& arguments, std::string_view function)
{
    if (arguments.positional.size() > 1)
        stop("{} takes one value besides its named ones, not {}", function, arguments.positional.size());
    std::vector<std::pair<Value, Value>> entries;
    for (const Value& given : arguments.positional) {
        if (given.is(Kind::Mapping)) {
            entries = given.mapping().entries;
            run.budget.make(entries.size() * 2 * sizeof(Value));
            continue;
        }
        for (const Value& pair : itemsOf(run.budget, given)) {
            auto both = itemsOf(run.budget, pair);
            if (both.size() != 2)
                stop("{} needs pairs of a key and a value", function);
            entries.emplace_back(std::move(both[0]), std::move(both[1]));
        }
    }
    for (auto& [name, value] : arguments.named)
        entries.emplace_back(run.text(name), std::move(value));
    return entries;
}

Value dict(Runtime& run, const Value&, Arguments& arguments)
{
    return makeMapping(run.budget, entriesOf(run, arguments, "dict"));
}

Value makeSpace(Runtime& run, const Value&, Arguments& arguments)
{
    const Value entries = makeMapping(run.budget, entriesOf(run, arguments, "namespace"));
    std::vector<std::pair<std::string, Value>> attributes;
    for (const auto& [key, value] : entries.mapping().entries) {
        const std::string& name = textOf(key, "the name of an attribute of a namespace");
        if (name.starts_with('_'))
            stop("a namespace takes no attribute that starts with '_', as '{}' does", name);
        attributes.emplace_back(name, value);
    }
    return run.makeNamespace(std::move(attributes));
}

Value raise(Runtime& run, const Value&, Arguments& arguments)
{
    const Bound bound(arguments, "raise_exception", {"message"}, 1);
    stop("the template refuses this conversation: {}", printed(run.budget, bound[0]).substr(0, 2000));
}

/// The date of the caller's clock, with English names whatever the program's locale is.
Value formatNow(Runtime& run, const Value&, Arguments& arguments)
{
    const Bound bound(arguments, "strftime_now", {"format"}, 1);
    static const locale_t plain = newlocale(LC_ALL_MASK, "C", nullptr);
    // A date without a zone has neither its name nor its offset, and this one no parts of a second.
    std::string format;
    const std::string& given = bound.text(0);
    if (given.size() > 1000)
        stop("the format of strftime_now has more than 1000 bytes");
    for (std::size_t i = 0; i < given.size(); ++i) {
        if (given[i] != '%' || i + 1 == given.size()) {
            format += given[i];
            continue;
        }
        const char c = given[++i];
        if (c == 'f')
            format += "000000";
        else if (c != 'z' && c != 'Z')
            (format += '%') += c;
    }
    std::array<char, 16384> room{};
    const std::size_t written = strftime_l(room.data(), room.size(), format.c_str(), &run.now(), plain);
    return run.text(std::string(room.data(), written));
}

/// joiner(): the first call of what it gives writes nothing, the later ones write the separator.
Value joinNext(Runtime& run, const Value& self, Arguments& arguments)
{
    const Bound bound(arguments, "a joiner", {});
    const Callable& joiner = self.callable();
    return std::exchange(joiner.called, true) ? run.text(joiner.name) : run.text("");
}

Value makeJoiner(Runtime& run, const Value&, Arguments& arguments)
{
    const Bound bound(arguments, "joiner", {"sep"});
    run.budget.make(200);
    auto joiner = std::make_shared<Callable>();
    joiner->name = bound.has(0) ? bound.text(0) : ", ";
    joiner->routine = joinNext;
    return {Kind::Callable, std::move(joiner)};
}

constexpr std::array<std::pair<std::string_view, Routine>, 6> kFunctions{{{"dict", dict},
                                                                          {"joiner", makeJoiner},
                                                                          {"namespace", makeSpace},
                                                                          {"raise_exception", raise},
                                                                          {"range", range},
                                                                          {"strftime_now", formatNow}}};

} // namespace

RoutineTable functions() { return kFunctions; }

} // namespace winnow::jinja
