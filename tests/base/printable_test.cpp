// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/printable.h"

#include <gmock/gmock.h>

namespace winnow {
namespace {

using testing::HasSubstr;
using testing::Not;

TEST(Printable, writesOutWhatMovesATerminalAndKeepsTheRest)
{
    EXPECT_EQ(printable("T.h5"), "T.h5");
    EXPECT_EQ(printable("\x1b[31mred\x1b]0;title\x07"), "\\x1b[31mred\\x1b]0;title\\x07");
    EXPECT_EQ(printable("a\nb\tc\rd\x7f"), "a\\nb\\tc\\rd\\x7f");
    EXPECT_EQ(printable("a\nb\tc\rd", "\n\t"), "a\nb\tc\\rd");
    EXPECT_EQ(printable(std::string_view("a\0b", 3)), "a\\x00b");
    EXPECT_EQ(printable("\xC2\x9B"
                        "31m"),
              "\\u{9b}31m")
        << "a control sequence in one character";
    EXPECT_EQ(printable("file\xE2\x80\xAE"
                        "gpj.exe"),
              "file\\u{202e}gpj.exe");
    for (const char* text : {"Füße", "日本語", "العربية", "🙂👩‍🔬", "a\xCC\x81", "−±·…"})
        EXPECT_EQ(printable(text), text);
    EXPECT_EQ(printable("caf\xE9!"), "caf\xEF\xBF\xBD!");
    EXPECT_EQ(printable("\xED\xA0\x80|\xF5\x80\x80\x80|\xC0\xAF|\xE2\x82"),
              "\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD|\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD|"
              "\xEF\xBF\xBD\xEF\xBF\xBD|\xEF\xBF\xBD\xEF\xBF\xBD");
}

TEST(Printable, cutsALongTextInItsMiddle)
{
    const std::string text = "begin " + std::string(5000, 'x') + " end";
    const std::string cut = shortPrintable(text, 300);
    EXPECT_LT(cut.size(), 320U);
    EXPECT_TRUE(cut.starts_with("begin ") && cut.ends_with("x end")) << cut;
    EXPECT_THAT(cut, HasSubstr(" […] "));
    std::string wide;
    for (int i = 0; i < 1000; ++i)
        wide += "語";
    for (std::size_t most = 90; most < 96; ++most)
        EXPECT_THAT(shortPrintable(wide, most), Not(HasSubstr("\xEF\xBF\xBD"))) << "no character is cut";
    EXPECT_EQ(shortPrintable("short", 300), "short");
}

} // namespace
} // namespace winnow
