// SPDX-License-Identifier: GPL-3.0-or-later
// The language of chat templates, construct by construct; fixtures/chat/make_constructs.py wrote what transformers makes of each.
#include "core/model/chat/jinja/program.h"

#include "core/io/ordered_json.h"
#include "tests/model/fixture_files.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <iomanip>
#include <sstream>

namespace winnow {
namespace {

using Json = nlohmann::ordered_json;
using testing::HasSubstr;

/// The text, or the error's sentence.
std::string rendered(const std::string& source, const jinja::Limits& limits = {}, const Json& variables = Json::object())
{
    const auto program = jinja::Program::read(source, "t");
    if (!program)
        return program.error().message;
    const auto text = program->render(variables, std::tm{}, limits);
    return text ? *text : text.error().message;
}

TEST(Jinja, doesWithEachConstructWhatTransformersDoes)
{
    const std::filesystem::path path = std::filesystem::path(WINNOW_FIXTURES) / "chat/constructs.json";
    const Json fixture = parseOrderedJson(readText(path), path.string()).value();
    std::tm now{};
    std::istringstream(fixture["now"].get<std::string>()) >> std::get_time(&now, "%Y-%m-%dT%H:%M:%S");
    now.tm_isdst = -1;
    std::mktime(&now); // finds the day of the week
    for (const Json& each : fixture["cases"]) {
        const auto program = jinja::Program::read(each["source"].get<std::string>(), "t");
        const Result<std::string> text =
            program ? program->render(fixture["variables"], now) : Result<std::string>(fail(program.error()));
        EXPECT_EQ(text ? Json(*text) : Json(), each["text"]) << each["group"] << ": " << each["source"] << "\n"
                                                             << (text ? "" : text.error().message);
        if (!text) {
            EXPECT_THAT(text.error().message, testing::StartsWith("t, line ")) << each["source"];
        }
    }
    EXPECT_GT(fixture["cases"].size(), 400U);
}

TEST(Jinja, stopsATemplateThatTakesTooMuch)
{
    const jinja::Limits small{.steps = 100'000, .bytes = 1 << 20, .output = 1 << 16};
    const auto expect = [&](const std::string& source, const char* sentence) {
        EXPECT_THAT(rendered(source, small), HasSubstr(sentence)) << source;
    };
    EXPECT_THAT(rendered("{% for a in range(999) %}{% for b in range(999) %}{% endfor %}{% endfor %}", {.steps = 10'000}),
                HasSubstr("more than 10000 steps"));
    expect("{% set ns = namespace(x='a') %}{% for a in range(99) %}{% set ns.x = ns.x + ns.x %}{% endfor %}",
           "more than 1048576 bytes");
    expect("{{ 'a' * 9999999 }}", "more than 1048576 bytes");
    expect("{{ [1] * 9999999 }}", "more than 1048576 bytes");
    expect("{{ 'aaaaaaaa'.replace('a', 'b' * 200000) }}", "more than 1048576 bytes");
    expect("{% set x = [[[[[[[[[[[[1]]]]]]]]]]]] | tojson(indent=99999) %}", "more than 1048576 bytes");
    expect("{% for a in range(99) %}{{ 'a' * 1000 }}{% endfor %}", "writes more than 65536 bytes");
    expect("{% set ns = namespace(x=[]) %}{% for a in range(999) %}{% set ns.x = [ns.x, ns.x] %}{% endfor %}",
           "values are nested deeper");
    expect("{% set ns = namespace(x=[1]) %}{% for a in range(99) %}{% set ns.x = [ns.x, ns.x] %}{% endfor %}{{ ns.x }}", "steps");
    expect("{% set ns = namespace(x=[1]) %}{% for a in range(99) %}{% set ns.x = [ns.x, ns.x] %}{% endfor %}{{ ns.x == [ns.x[0], "
           "ns.x[0][:]] }}{{ ns.x | tojson }}",
           "steps");
    expect("{% macro f() %}{{ f() }}{% endmacro %}{{ f() }}", "nested deeper than 1000 levels while it runs");
    expect("{{ '{:>99999999}'.format(1) }}", "a format asks for more than");
    expect("{{ 9223372036854775807 + 1 }}", "larger than 63 bits");
    expect("{{ 99999999999999999999 }}", "larger than 63 bits");
    expect("{{ 10 ** 99 }}", "larger than 63 bits");
}

TEST(Jinja, refusesToEscapeByItself)
{
    EXPECT_EQ(rendered("{% autoescape false %}{{ '<' }}{% endautoescape %}"), "<");
    EXPECT_EQ(rendered("{% if no %}{% autoescape true %}{{ '<' }}{% endautoescape %}{% endif %}ok"), "ok");
    for (const char* source : {"{% autoescape true %}{{ '<' }}{% endautoescape %}", "{% autoescape 1 %}{% endautoescape %}"})
        EXPECT_THAT(rendered(source), HasSubstr("t, line 1, column 4: 'autoescape' is switched on")) << source;
}

TEST(Jinja, readsNothingThatIsNestedTooDeep)
{
    const auto nested = [](const std::string& open, int times, const std::string& middle, const std::string& close) {
        std::string text;
        for (int i = 0; i < times; ++i)
            text += open;
        text += middle;
        for (int i = 0; i < times; ++i)
            text += close;
        return text;
    };
    for (const std::string& source :
         {"{{ " + nested("(", 100'000, "1", ")") + " }}", "{{ " + nested("not ", 100'000, "1", "") + " }}",
          "{{ " + nested("-", 100'000, "1", "") + " }}", "{{ 1" + nested(" + 1", 100'000, "", "") + " }}",
          "{{ x" + nested(".x", 100'000, "", "") + " }}", "{{ x" + nested("|abs", 100'000, "", "") + " }}",
          nested("{% if 1 %}", 100'000, "", "{% endif %}"), "{{ " + nested("f(a=", 100'000, "1", ")") + " }}",
          "{{ " + nested("{1:", 100'000, "1", "}") + " }}", "{{ 1" + nested(" if 1 else 1", 100'000, "", "") + " }}"})
        EXPECT_THAT(rendered(source), testing::AnyOf(HasSubstr("nested deeper than"), HasSubstr("parts inside each other")))
            << source.substr(0, 20);
}

TEST(Jinja, takesTimeInProportionToItsInput)
{
    const auto start = std::chrono::steady_clock::now();
    std::string ifs;
    for (int i = 0; i < 20'000; ++i)
        ifs += "{% if a %}{% set b" + std::to_string(i) + " = 1 %}{% endif %}";
    EXPECT_EQ(rendered(ifs), "");
    const std::string text(1 << 20, 'a');
    const Json variables{{"text", text}, {"half", text.substr(0, text.size() / 2) + "b"}};
    EXPECT_EQ(rendered("{{ text.find(half) }} {{ half in text }} {{ text.count(half) }} {{ text.split(half) | length }}", {},
                       variables),
              "-1 False 0 1");
    EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(20));
}

TEST(Jinja, freesNamespacesThatHoldThemselves) // LeakSanitizer looks at this one
{
    EXPECT_EQ(
        rendered("{% set ns = namespace() %}{% set ns.me = [ns] %}{% macro f() %}{% macro g() %}{{ f }}{% endmacro %}{{ g() }}"
                 "{% set ns.f = g %}{% endmacro %}{{ f() }}{% for x in [1] %}{{ loop.changed(loop) }}{% set ns.l = loop %}{% "
                 "endfor %}"),
        "<Macro 'f'>True");
}

} // namespace
} // namespace winnow
