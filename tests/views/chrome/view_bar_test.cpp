// SPDX-License-Identifier: GPL-3.0-or-later
// The bar over the maps: its color key has words at every width of the window.
#include "tests/support/synthetic_replay.h"
#include "views/chrome/view_bar.h"
#include "views/chrome/view_bar_key.h"

#include <gtest/gtest.h>

#include <QCoreApplication>
#include <QToolButton>

namespace winnow::views {
namespace {

QString keyAt(int width, bool difference)
{
    Selection selection;
    ViewBar bar(&selection);
    ViewData data;
    data.replay = test::syntheticReplay({.tokens = 96, .budget = 16, .policies = 2});
    selection.setExtent(96, 2);
    bar.setData(data);
    bar.setReduction(9);
    selection.setDifference(difference);
    bar.resize(width, 34);
    bar.show();
    QCoreApplication::processEvents();
    return bar.findChild<ColorKey*>()->shownWords();
}

TEST(ViewBarTest, theKeySaysEverythingWhereThereIsRoom)
{
    EXPECT_EQ(keyAt(1400, false), QStringLiteral("not read, evicted, by rule, by choice, max of 9 tokens, open loop"));
    EXPECT_EQ(keyAt(1400, true),
              QStringLiteral("not read, neither, both, only here, only StreamingLLM, most contested of 9 tokens, open loop"));
}

TEST(ViewBarTest, aClickOnTheSegmentThatIsOnLeavesItOn)
{
    Selection selection;
    ViewBar bar(&selection);
    const auto button = [&](const QString& word) {
        for (auto* one : bar.findChildren<QToolButton*>())
            if (one->accessibleName() == word)
                return one;
        return static_cast<QToolButton*>(nullptr);
    };
    for (const char* word : {"Steps", "Token"}) {
        QToolButton* segment = button(QLatin1String(word));
        ASSERT_TRUE(segment && segment->isChecked()) << word;
        segment->click();
        EXPECT_TRUE(segment->isChecked()) << word;
    }
    button(QStringLiteral("Lanes"))->click();
    EXPECT_FALSE(button(QStringLiteral("Steps"))->isChecked());
    button(QStringLiteral("Lanes"))->click();
    EXPECT_TRUE(button(QStringLiteral("Lanes"))->isChecked());
    EXPECT_EQ(selection.state().rows, MapRows::Lanes);
}

TEST(ViewBarTest, theKeyTellsTheModelsOwnWindowWhereAChosenLaneHasOne)
{
    auto info = std::make_shared<TraceInfo>(*test::syntheticInfo({.tokens = 96, .layers = 2}));
    info->layerInfo[1].window = 24;
    Selection selection;
    ViewBar bar(&selection);
    ViewData data;
    data.info = info;
    data.replay = test::syntheticReplay({.tokens = 96, .layers = 2, .budget = 16, .policies = 2});
    selection.setExtent(96, 2);
    bar.setData(data);
    bar.resize(1400, 34);
    bar.show();
    const auto* key = bar.findChild<ColorKey*>();
    EXPECT_EQ(key->shownWords(), QStringLiteral("not read, evicted, by rule, by choice, model's window, open loop"));
    EXPECT_TRUE(key->toolTip().contains(QStringLiteral("sliding window dropped the token in every chosen lane")));
    selection.setLanes({{0, 0}, {0, 1}});
    EXPECT_EQ(key->shownWords(), QStringLiteral("not read, evicted, by rule, by choice, open loop"));
    EXPECT_FALSE(key->toolTip().contains(QStringLiteral("sliding")));
}

TEST(ViewBarTest, theKeyKeepsWordsWhereItIsNarrow)
{
    bool isShort = false;
    for (int width = 600; width <= 1400; width += 20) { // a window of 1180 leaves the bar 600
        EXPECT_EQ(keyAt(width, false).count(QLatin1String("evicted")), 1) << width;
        EXPECT_EQ(keyAt(width, false).count(QLatin1String("choice")), 1) << width;
        EXPECT_EQ(keyAt(width, true).count(QLatin1String("neither")), 1) << width;
        EXPECT_EQ(keyAt(width, true).count(QLatin1String("StreamingLLM")), 1) << width;
        isShort = isShort || keyAt(width, false) == QStringLiteral("unread, evicted, rule, choice");
    }
    EXPECT_TRUE(isShort) << "words get shorter before they go";
}

} // namespace
} // namespace winnow::views
