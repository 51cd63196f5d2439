// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/io/json.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace winnow {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

std::string problem(std::string_view text, const JsonLimits& limits = {})
{
    const auto parsed = parseJson(text, "it", limits);
    return parsed ? "fine" : parsed.error().message;
}

TEST(Json, readsWhatNlohmannReads)
{
    for (const char* text :
         {"null", "[]", "{}", R"({"a":[1,-2,3.5,"\u00e9",true,null,{"b":[[]]}],"c":{}})", " [ 1 , 2 ] ", "18446744073709551615"})
        EXPECT_EQ(parseJson(text, "it").value(), nlohmann::json::parse(text)) << text;
}

TEST(Json, saysWhereItStopsBeingJson)
{
    EXPECT_THAT(problem("{"), StartsWith("it is not valid JSON: it ends too early"));
    EXPECT_THAT(problem("[1,]"), StartsWith("it is not valid JSON at column 4, after '"));
    EXPECT_THAT(problem("[1,\n \"\u00e9\", x]"), StartsWith("it is not valid JSON at line 2, column 7, after '"));
    EXPECT_THAT(problem("[1] x"), StartsWith("it is not valid JSON"));
    EXPECT_THAT(problem("// comment\n1"), StartsWith("it is not valid JSON"));
    EXPECT_THAT(problem("\"\xFF\""), StartsWith("it is not valid JSON"));
    EXPECT_THAT(problem(""), StartsWith("it is not valid JSON"));
    EXPECT_THAT(problem("\xEF\xBB\xBF{}"), StartsWith("it starts with a byte order mark"));
}

TEST(Json, stopsAtItsLimits)
{
    EXPECT_EQ(problem("[[[]]]", {.maxDepth = 2}), "it is nested deeper than 2 levels");
    EXPECT_EQ(problem("[[]]", {.maxDepth = 2}), "fine");
    EXPECT_EQ(problem("[1,2,3]", {.maxValues = 3}), "it holds more than 3 values");
    EXPECT_EQ(problem("[1,2]", {.maxValues = 3}), "fine");
    EXPECT_EQ(problem("[1,2]", {.maxBytes = 4}), "it is 5 bytes of JSON, more than the 4 that are read");
    EXPECT_THAT(problem(std::string(1'000'000, '[')), HasSubstr("nested deeper"));
}

TEST(Json, refusesAKeyTwiceUnlessToldOtherwise)
{
    EXPECT_EQ(problem(R"({"a":1,"b":{"a":2},"a":3})"), "it holds the key 'a' twice in one object");
    EXPECT_EQ(parseJson(R"({"a":1,"a":{"x":2}})", "it", {.refuseDuplicateKeys = false}).value(),
              nlohmann::json::parse(R"({"a":{"x":2}})"));
}

TEST(Json, namesAFileThatIsNotThere)
{
    const auto read = readJson("/nowhere/x.json");
    EXPECT_EQ(read.error().code, ErrorCode::NotFound);
    EXPECT_THAT(read.error().message, HasSubstr("'/nowhere/x.json' does not exist"));
}

} // namespace
} // namespace winnow
