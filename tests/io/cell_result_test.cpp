// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/io/cell_result.h"

#include <gmock/gmock.h>

#include <cmath>

namespace winnow {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

CellResult result()
{
    return {.cell = "0123456789abcdef",
            .model = "demo",
            .input = "book.txt",
            .policy = "h2o:budget=64,recent=32",
            .budget = "64",
            .measure = "perplexity",
            .version = "0.1.0",
            .seed = 7,
            .lessIsBetter = true,
            .value = 12.5,
            .interval = Interval{12, 13},
            .n = 99,
            .loss = 2.5,
            .added = -0.25,
            .addedInterval = Interval{-0.5, 0.125},
            .storedSlots = 60.5,
            .cacheBytes = 4096,
            .milliseconds = 1.5,
            .seconds = 3,
            .protocol = {{"length", "1024"}, {"positions", "slot"}}};
}

TEST(CellResults, comeBackFromTheirLine)
{
    const std::string line = cellLine(result());
    EXPECT_THAT(line, StartsWith(std::string(kCellBegins)));
    ASSERT_EQ(line.back(), '\n');
    const auto back = parseCell(std::string_view(line).substr(0, line.size() - 1));
    ASSERT_TRUE(back) << back.error().message;
    EXPECT_EQ(cellLine(*back), line);
    EXPECT_EQ(back->addedInterval->low, -0.5);
    EXPECT_EQ(back->protocol.at("positions"), "slot");
    EXPECT_TRUE(back->lessIsBetter);
    EXPECT_EQ(back->seed, 7);
}

TEST(CellResults, areRefusedWhereANumberIsSomethingElse)
{
    const std::string line = cellLine(result());
    const auto with = [&](const std::string& old, const std::string& next) {
        std::string changed = line;
        return changed.replace(changed.find(old), old.size(), next);
    };
    EXPECT_THAT(parseCell(with("12.5", "\"12.5\"")).error().message, HasSubstr("has no number in its member 'value'"));
    EXPECT_THAT(parseCell(with("\"value\"", "\"worth\"")).error().message, HasSubstr("has no number in its member 'value'"));
    EXPECT_THAT(parseCell(with("60.5", "[60.5]")).error().message, HasSubstr("has no number in its member 'stored_slots'"));
    EXPECT_TRUE(std::isnan(parseCell(with("12.5", "null"))->value)) << "a measure that has no number";
}

TEST(CellResults, leaveOutWhatIsNotKnown)
{
    CellResult bare = result();
    bare.value = std::nan("");
    bare.interval.reset();
    bare.added.reset();
    bare.addedInterval.reset();
    bare.milliseconds.reset();
    const std::string line = cellLine(bare);
    EXPECT_THAT(line, HasSubstr("\"value\":null,\"low\":null"));
    EXPECT_THAT(line, testing::Not(HasSubstr("milliseconds")));
    const auto back = parseCell(line);
    ASSERT_TRUE(back) << back.error().message;
    EXPECT_TRUE(std::isnan(back->value));
    EXPECT_FALSE(back->interval || back->added || back->milliseconds);
}

TEST(CellResults, ofAFileAreItsWholeLines)
{
    const std::string line = cellLine(result());
    const auto two = parseCells(line + "\n" + line + line.substr(0, 30), "'s.jsonl'");
    ASSERT_TRUE(two) << two.error().message;
    EXPECT_EQ(two->size(), 2U) << "an empty line and an unfinished last one do not count";
    const auto bad = parseCells(line + "{\"winnow_sweep\":1,\"cell\":\"a\"}\n", "'s.jsonl'");
    ASSERT_FALSE(bad);
    EXPECT_EQ(bad.error().message, "'s.jsonl', line 2 has no text in its member 'model'");
    const auto unended = parseCells(line + line.substr(0, line.size() - 1), "'s.jsonl'");
    ASSERT_TRUE(unended) << unended.error().message;
    EXPECT_EQ(unended->size(), 2U) << "a whole last line counts, also where an editor took its end";
    EXPECT_THAT(parseCell("{\"winnow\":1}").error().message, HasSubstr("is no result of a sweep"));
    EXPECT_THAT(parseCell("{\"winnow_sweep\":1,\"cell\":").error().message, HasSubstr("no JSON object"));
    EXPECT_THAT(parseCell("{\"winnow_sweep\":2}").error().message, HasSubstr("is of version 2, and this Winnow reads version 1"));
}

TEST(CellResults, areReadAsOtherProgramsWriteThem)
{
    std::string line = cellLine(result());
    line.replace(0, std::string("{\"winnow_sweep\":1,").size(), "{ ");
    line.replace(line.rfind('}'), 2, ", \"winnow_sweep\" : 1 }\r\n");
    const auto cells = parseCells(line, "'s.jsonl'");
    ASSERT_TRUE(cells) << cells.error().message;
    EXPECT_EQ(cellLine(cells->at(0)), cellLine(result()));
}

} // namespace
} // namespace winnow
