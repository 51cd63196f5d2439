// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/window/band.h"

#include <QLabel>

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

} // namespace
} // namespace winnow::app
