// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/window/hint_band.h"
#include "tests/support/large_font.h"

#include <QFontMetrics>
#include <QLabel>
#include <QPushButton>

#include <gtest/gtest.h>

namespace winnow::app {
namespace {

TEST(Band, cutsWhatWasCopiedAndNeverWhatWentWrong)
{
    Band band;
    const QString sentence = QStringLiteral("'/data/%1' is damaged; record it again").arg(QString(300, QLatin1Char('a')));
    const auto shown = [&] { return band.findChild<QLabel*>()->text().remove(QChar(0x200B)); };
    band.show(Band::Kind::Error, sentence);
    EXPECT_EQ(shown(), sentence);
    band.show(Band::Kind::Hint, sentence);
    EXPECT_LT(shown().size(), sentence.size());
    EXPECT_EQ(band.sentence(), sentence) << "the whole is in the tool tip";
}

TEST(Band, itsButtonsHoldTheirWordsAtTwiceTheFont)
{
    const testing_support::LargeFont twice(2);
    Band band;
    band.show(Band::Kind::Warning, QStringLiteral("Something can be brought back."), {{QStringLiteral("Bring back"), [] {}}});
    auto* button = band.findChild<QPushButton*>();
    EXPECT_GE(button->height(), QFontMetrics(views::uiFont(13)).height());
    EXPECT_EQ(button->focusPolicy(), Qt::TabFocus) << "a click leaves the keys where they were";
}

TEST(HintBand, isBriefWhereTheSentenceHasNoRoomInOneLine)
{
    const QString sentence = QStringLiteral("Drag the ruler to move through the text, and click a token to follow it."),
                  brief = QStringLiteral("Drag the ruler.");
    HintBand band(brief);
    const auto shown = [&] { return band.findChild<QLabel*>()->text(); };
    band.resize(1200, 36);
    band.show(Band::Kind::Hint, sentence);
    EXPECT_EQ(shown(), sentence);
    band.resize(260, 36);
    EXPECT_EQ(shown(), brief);
    EXPECT_EQ(band.sentence(), sentence) << "the whole is in the tool tip";
    band.resize(1200, 36);
    EXPECT_EQ(shown(), sentence);
}

} // namespace
} // namespace winnow::app
