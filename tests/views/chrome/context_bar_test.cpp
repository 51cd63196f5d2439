// SPDX-License-Identifier: GPL-3.0-or-later
// The chips: what they say, that × removes the filter, and that none lies on another.
#include "tests/support/large_font.h"
#include "tests/support/synthetic_replay.h"
#include "views/chrome/context_bar.h"
#include "views/style/chip.h"

#include <QApplication>
#include <QHelpEvent>
#include <QLabel>
#include <QSignalSpy>
#include <QTest>

#include <gtest/gtest.h>

#include <optional>
#include <set>

namespace winnow::views {
namespace {

class ContextBarTest : public testing::Test {
protected:
    ContextBarTest()
    {
        const test::SyntheticOptions options{.tokens = 2000, .layers = 6, .lanes = 4, .budget = 32, .policies = 1};
        selection.setExtent(2000, 1);
        bar.setData({test::syntheticInfo(options), nullptr, test::syntheticReplay(options), 2000});
        bar.setNames(QStringLiteral("Gemma 3 270M"), QStringLiteral("A novel with a title that is long"));
        bar.setMemory(QStringLiteral("CPU 1.2 GB"));
        bar.resize(1440, 34);
        bar.show();
    }
    QStringList chips() const
    {
        QStringList texts;
        for (const Chip* chip : bar.findChildren<Chip*>())
            if (!chip->isHidden())
                texts << chip->text();
        return texts;
    }
    Chip* chip(const QString& text) const
    {
        for (Chip* one : bar.findChildren<Chip*>())
            if (one->text() == text)
                return one;
        return nullptr;
    }

    Selection selection;
    ContextBar bar{&selection};
};

TEST_F(ContextBarTest, namesTheKeysOfThePaletteWhichAClickOpens)
{
    const auto* label = bar.findChild<QLabel*>(QString(), Qt::FindDirectChildrenOnly);
    EXPECT_FALSE(label->text().contains(QStringLiteral("Ctrl")));
    bar.setMemory(QStringLiteral("CPU 1.2 GB"), QStringLiteral("Ctrl+K"));
    EXPECT_TRUE(label->text().contains(QStringLiteral("Ctrl+K")));
    QSignalSpy opened(&bar, &ContextBar::paletteClicked);
    QTest::mouseClick(const_cast<QLabel*>(label), Qt::LeftButton, {}, QPoint(label->width() - 6, label->height() / 2));
    EXPECT_EQ(opened.count(), 1);
}

TEST_F(ContextBarTest, saysWhichLoopItIs)
{
    EXPECT_TRUE(chips().contains(QStringLiteral("open loop")));
    const test::SyntheticOptions options{.tokens = 2000, .layers = 6, .lanes = 4, .budget = 32, .policies = 1};
    ReplayResult run = *test::syntheticReplay(options);
    run.manifest["loop"] = "closed";
    bar.setData({test::syntheticInfo(options), nullptr, std::make_shared<const ReplayResult>(run), 2000});
    EXPECT_TRUE(chips().contains(QStringLiteral("closed loop")));
    EXPECT_FALSE(chips().contains(QStringLiteral("open loop")));
    bar.setData({nullptr, nullptr, std::make_shared<const ReplayResult>(run), 0});
    EXPECT_TRUE(chips().contains(QStringLiteral("closed loop"))) << "without its recording, too";
}

TEST_F(ContextBarTest, differenceNamesItsReferenceAndTheCrossEndsIt)
{
    const test::SyntheticOptions options{.tokens = 2000, .layers = 6, .lanes = 4, .budget = 32, .policies = 3};
    selection.setExtent(2000, 3);
    bar.setData({test::syntheticInfo(options), nullptr, test::syntheticReplay(options), 2000});
    selection.setFocus(2);
    selection.setReference(1);
    selection.setDifference(true);
    Chip* one = chip(QStringLiteral("Difference from H2O"));
    ASSERT_NE(one, nullptr) << qPrintable(chips().join(QStringLiteral(", ")));
    QHelpEvent help(QEvent::ToolTip, {}, {});
    QApplication::sendEvent(one, &help);
    EXPECT_TRUE(one->toolTip().contains(QStringLiteral("TOVA against H2O"))) << qPrintable(one->toolTip());
    emit one->clicked();
    EXPECT_EQ(selection.state().focus, 1);
    EXPECT_EQ(selection.state().reference, 2);
    emit chip(QStringLiteral("Difference from TOVA"))->closeClicked();
    EXPECT_FALSE(selection.state().difference);
    EXPECT_EQ(chip(QStringLiteral("Difference from TOVA"))->isHidden(), true);
}

TEST_F(ContextBarTest, everyFilterIsAChipAndItsCrossRemovesIt)
{
    EXPECT_EQ(chips(),
              (QStringList{"Gemma 3 270M", "A novel with a title that is long · 2,000 tokens", "Lanes: all 24", "open loop"}));
    selection.setTokenRange(Range{940, 1011});
    selection.setStepRange(Range{500, 1001});
    selection.setToken(961);
    selection.setLanes({{0, 1}, {2, 3}});
    EXPECT_TRUE(chips().contains("Tokens 940–1,010"));
    EXPECT_TRUE(chips().contains("Steps 500–1,000"));
    EXPECT_TRUE(chips().contains("Token 961"));
    EXPECT_TRUE(chips().contains("Lanes: 2 of 24"));
    for (const QString& text :
         {QStringLiteral("Tokens 940–1,010"), QStringLiteral("Steps 500–1,000"), QStringLiteral("Token 961")}) {
        Chip* one = chip(text);
        ASSERT_NE(one, nullptr);
        QTest::mouseClick(one, Qt::LeftButton, {}, QPoint(one->width() - 10, one->height() / 2));
    }
    QTest::keyClick(chip(QStringLiteral("Lanes: 2 of 24")), Qt::Key_Delete);
    EXPECT_EQ(selection.state().tokenRange, std::nullopt);
    EXPECT_EQ(selection.state().stepRange, std::nullopt);
    EXPECT_EQ(selection.state().token, std::nullopt);
    EXPECT_TRUE(selection.state().lanes.empty());
    EXPECT_EQ(chips().size(), 4);
}

TEST_F(ContextBarTest, chipsNeverOverlapAndFitDownTo900)
{
    selection.setTokenRange(Range{940, 1011});
    selection.setStepRange(Range{500, 1001});
    selection.setToken(961);
    for (int width = 900; width <= 1440; width += 45) {
        bar.resize(width, 34);
        int right = 0;
        for (const Chip* one : bar.findChildren<Chip*>()) {
            if (one->isHidden())
                continue;
            EXPECT_GE(one->x(), right) << width;
            right = one->geometry().right();
            EXPECT_LT(right, width);
        }
    }
}

TEST_F(ContextBarTest, whatIsAsUsualGivesWayFirstAtTwiceTheFont)
{
    const testing_support::LargeFont twice(2);
    bar.setPoliciesShown(true);
    bar.setCheck(QStringLiteral("checked: sound"), QStringLiteral("The rows belong together."), true);
    selection.setToken(961);
    bar.resize(900, 68);
    const Chip *loop = chip(QStringLiteral("open loop")), *check = chip(QStringLiteral("checked: sound"));
    EXPECT_TRUE(loop->isHidden());
    EXPECT_EQ(check->width(), check->dotWidth());
    const Chip* policies = chip(QStringLiteral("Policies: 1"));
    EXPECT_EQ(policies->width(), policies->sizeHint().width()) << "what one can open is said whole";
    for (const Chip* one : bar.findChildren<Chip*>()) {
        EXPECT_TRUE(one->isHidden() || one->geometry().right() < 900) << qPrintable(one->text());
    }
    bar.setCheck(QStringLiteral("checked: damaged"), QStringLiteral("Layer 3 is another's."), false);
    EXPECT_GT(check->width(), check->dotWidth()) << "red alone would say nothing to some";
    bar.resize(2400, 68);
    EXPECT_FALSE(loop->isHidden());
    EXPECT_EQ(check->width(), check->sizeHint().width());
}

TEST_F(ContextBarTest, nothingIsGreenBeforeTheVerdict)
{
    const auto colors = [&](std::optional<bool> sound) {
        bar.setCheck(QStringLiteral("checking"), QStringLiteral("The attention is rebuilt."), sound);
        const QImage picture = chip(QStringLiteral("checking"))->grab().toImage();
        std::set<QRgb> all;
        for (int y = 0; y < picture.height(); ++y)
            for (int x = 0; x < picture.width(); ++x)
                if (const QColor color = picture.pixelColor(x, y); color.hsvSaturationF() > 0.5F && color.valueF() > 0.4F)
                    all.insert(color.rgb());
        return all.size();
    };
    bar.resize(1400, 34);
    EXPECT_GT(colors(true), 0U);
    EXPECT_GT(colors(false), 0U);
    EXPECT_EQ(colors({}), 0U);
}

TEST_F(ContextBarTest, aClickOnAChipIsASignal)
{
    int clicks = 0;
    QObject::connect(&bar, &ContextBar::lanesClicked, &bar, [&] { ++clicks; });
    QTest::mouseClick(chip(QStringLiteral("Lanes: all 24")), Qt::LeftButton);
    EXPECT_EQ(clicks, 1);
}

TEST_F(ContextBarTest, markedSpansAreAChipThatTakesThemAway)
{
    selection.setSpans({{Range{40, 60}, QStringLiteral("needle")}});
    Chip* one = chip(QStringLiteral("Marked: needle"));
    ASSERT_NE(one, nullptr);
    QTest::mouseClick(one, Qt::LeftButton, {}, QPoint(10, one->height() / 2));
    EXPECT_EQ(selection.state().tokenRange, (Range{40, 60})) << "a click brushes it";
    selection.setSpans({{Range{40, 60}, QStringLiteral("needle")}, {Range{80, 90}, QStringLiteral("answer")}});
    EXPECT_TRUE(chips().contains(QStringLiteral("Marked: 2 spans")));
    one = chip(QStringLiteral("Marked: 2 spans"));
    QTest::mouseClick(one, Qt::LeftButton, {}, QPoint(one->width() - 8, one->height() / 2));
    EXPECT_TRUE(selection.state().spans.empty());
}

TEST_F(ContextBarTest, countsThePoliciesWhereTheirListHasNoRoom)
{
    EXPECT_FALSE(chips().contains(QStringLiteral("Policies: 1")));
    bar.setPoliciesShown(true);
    EXPECT_TRUE(chips().contains(QStringLiteral("Policies: 1")));
}

} // namespace
} // namespace winnow::views
