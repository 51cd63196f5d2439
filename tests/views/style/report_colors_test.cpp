// SPDX-License-Identifier: GPL-3.0-or-later
// The style sheet of reports names the window's colors.
#include "views/style/theme.h"

#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <sstream>

namespace winnow::views {
namespace {

/// The colors of `--name:` in the block of the style sheet that begins with `block`.
std::vector<QRgb> colorsOf(const std::string& style, const std::string& block, const std::string& name)
{
    const std::size_t begin = style.find("--" + name + ":", style.find(block));
    std::istringstream words(style.substr(begin, style.find(';', begin) - begin));
    std::string word;
    words >> word; // the name
    std::vector<QRgb> colors;
    while (words >> word)
        colors.push_back(QColor(QString::fromStdString(word)).rgb());
    return colors;
}

class ReportColors : public ::testing::TestWithParam<const Theme*> {};

TEST_P(ReportColors, areThoseOfTheWindow)
{
    std::ifstream file(WINNOW_RESOURCES "/report/page.css");
    const std::string style{std::istreambuf_iterator<char>(file), {}};
    const Theme& theme = *GetParam();
    const auto of = [&](const char* name) {
        return colorsOf(style, theme.dark ? ":root[data-theme=\"dark\"]" : ":root {", name);
    };
    const auto stops = [](const std::array<QRgb, 127>& ramp, int count) { // evenly spaced
        std::vector<QRgb> colors;
        for (int i = 0; i < count; ++i)
            colors.push_back(ramp[static_cast<std::size_t>(126 * i / (count - 1))]);
        return colors;
    };
    using Colors = std::vector<QRgb>;
    EXPECT_EQ(of("page"), Colors{theme.page.rgb()});
    EXPECT_EQ(of("panel"), Colors{theme.panel.rgb()});
    EXPECT_EQ(of("line"), Colors{theme.line.rgb()});
    EXPECT_EQ(of("ink"), Colors{theme.ink.rgb()});
    EXPECT_EQ(of("muted"), Colors{theme.muted.rgb()});
    EXPECT_EQ(of("text-rule"), Colors{theme.textRule.rgb()});
    EXPECT_EQ(of("text-reference"), Colors{theme.textReferenceOnly.rgb()});
    EXPECT_EQ(of("difference"), (Colors{theme.differenceThis, theme.differenceReference, theme.differenceBoth, theme.none}));
    Colors policies;
    for (const QColor& color : theme.policies)
        policies.push_back(color.rgb());
    EXPECT_EQ(of("policies"), policies);
    EXPECT_EQ(of("text"), stops(theme.text, 4));
    // 126 is no multiple of 4: of five stops the first, the middle and the last are colors of the ramp.
    for (const auto& [name, ramp] : {std::pair("choice", &theme.choice), std::pair("rule", &theme.rule)}) {
        const Colors colors = of(name);
        ASSERT_EQ(colors.size(), 5) << name;
        EXPECT_EQ(Colors({colors[0], colors[2], colors[4]}), stops(*ramp, 3)) << name;
        EXPECT_EQ(mixOkLab(colors[0], colors[1], 124.0 / 126), (*ramp)[31]) << name;
        EXPECT_EQ(mixOkLab(colors[2], colors[3], 124.0 / 126), (*ramp)[94]) << name;
    }
}

INSTANTIATE_TEST_SUITE_P(Themes, ReportColors, ::testing::Values(&Theme::darkTheme(), &Theme::lightTheme()));

} // namespace
} // namespace winnow::views
