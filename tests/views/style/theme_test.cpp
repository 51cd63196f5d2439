// SPDX-License-Identifier: GPL-3.0-or-later
// The claims of the color table, computed again from the colors that the program uses. Color blindness is simulated with the
// matrices of Machado, Oliveira and Fernandes (2009) at severity 1, in linear RGB.
#include "views/style/theme.h"

#include <QFontDatabase>
#include <QImage>
#include <QPainter>

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <vector>

namespace winnow::views {
namespace {

using Matrix = std::array<std::array<double, 3>, 3>;
constexpr Matrix kPlain{{{1, 0, 0}, {0, 1, 0}, {0, 0, 1}}};
constexpr Matrix kProtan{{{0.152286, 1.052583, -0.204868}, {0.114503, 0.786281, 0.099216}, {-0.003882, -0.048116, 1.051998}}};
constexpr Matrix kDeutan{{{0.367322, 0.860646, -0.227968}, {0.280085, 0.672501, 0.047413}, {-0.011820, 0.042940, 0.968881}}};
constexpr Matrix kTritan{{{1.255528, -0.076749, -0.178779}, {-0.078411, 0.930809, 0.147602}, {0.004733, 0.691367, 0.303900}}};

std::array<double, 3> linear(QRgb color)
{
    const auto one = [](int channel) {
        const double c = channel / 255.0;
        return c <= 0.04045 ? c / 12.92 : std::pow((c + 0.055) / 1.055, 2.4);
    };
    return {one(qRed(color)), one(qGreen(color)), one(qBlue(color))};
}

QRgb seen(QRgb color, const Matrix& eye)
{
    const auto c = linear(color);
    std::array<int, 3> out{};
    for (std::size_t i = 0; i < 3; ++i) {
        const double x = std::clamp(eye[i][0] * c[0] + eye[i][1] * c[1] + eye[i][2] * c[2], 0.0, 1.0);
        out[i] = static_cast<int>(std::lround(255 * (x <= 0.0031308 ? 12.92 * x : 1.055 * std::pow(x, 1 / 2.4) - 0.055)));
    }
    return qRgb(out[0], out[1], out[2]);
}

double distance(QRgb first, QRgb second, const Matrix& eye)
{
    const OkLab a = toOkLab(seen(first, eye)), b = toOkLab(seen(second, eye));
    return 100 * std::hypot(a.L - b.L, a.a - b.a, a.b - b.b);
}

double smallestOfAllPairs(const std::vector<QRgb>& colors, const Matrix& eye)
{
    double smallest = 1000;
    for (std::size_t i = 0; i < colors.size(); ++i)
        for (std::size_t j = 0; j < i; ++j)
            smallest = std::min(smallest, distance(colors[i], colors[j], eye));
    return smallest;
}

/// Between neighboring stops of the table, which stand a quarter of the ramp apart.
double smallestStep(const std::array<QRgb, 127>& ramp, const Matrix& eye)
{
    const std::array<int, 5> stops{0, 31, 63, 95, 126};
    double smallest = 1000;
    for (std::size_t i = 1; i < stops.size(); ++i)
        smallest = std::min(
            smallest, distance(ramp[static_cast<std::size_t>(stops[i - 1])], ramp[static_cast<std::size_t>(stops[i])], eye));
    return smallest;
}

double contrast(QRgb first, QRgb second)
{
    const auto luminance = [](QRgb color) {
        const auto c = linear(color);
        return 0.2126 * c[0] + 0.7152 * c[1] + 0.0722 * c[2];
    };
    const double a = luminance(first), b = luminance(second);
    return (std::max(a, b) + 0.05) / (std::min(a, b) + 0.05);
}

constexpr double kReadable = 5.15; ///< the table says 5.2 : 1, with one decimal

class BothThemes : public testing::TestWithParam<bool> {
protected:
    const Theme& theme = GetParam() ? Theme::darkTheme() : Theme::lightTheme();
};

TEST_P(BothThemes, differenceColorsStayApartUnderEveryColorBlindness)
{
    for (const Matrix* eye : {&kPlain, &kProtan, &kDeutan, &kTritan})
        EXPECT_GE(smallestOfAllPairs({theme.differenceThis, theme.differenceReference, theme.differenceBoth, theme.none}, *eye),
                  14);
}

TEST_P(BothThemes, policyColorsStayApartUnderEveryColorBlindness)
{
    std::vector<QRgb> colors;
    for (const QColor& color : theme.policies)
        colors.push_back(color.rgb());
    for (const Matrix* eye : {&kPlain, &kProtan, &kDeutan, &kTritan})
        EXPECT_GE(smallestOfAllPairs(colors, *eye), 12);
}

TEST_P(BothThemes, rampStepsAreSeenUnderEveryColorBlindness)
{
    for (const Matrix* eye : {&kPlain, &kProtan, &kDeutan, &kTritan}) {
        EXPECT_GE(smallestStep(theme.choice, *eye), 12);
        EXPECT_GE(smallestStep(theme.lost, *eye), 12);
    }
    EXPECT_GE(smallestStep(theme.rule, kPlain), 8);
}

TEST_P(BothThemes, rampsHaveEvenLightnessSteps)
{
    for (const auto* ramp : {&theme.choice, &theme.rule, &theme.lost}) {
        const double whole = toOkLab(ramp->back()).L - toOkLab(ramp->front()).L;
        for (int stop = 1; stop < 4; ++stop) {
            const double part = toOkLab((*ramp)[static_cast<std::size_t>(std::lround(31.5 * stop))]).L - toOkLab(ramp->front()).L;
            EXPECT_NEAR(part / whole, stop / 4.0, 0.03) << "stop " << stop;
        }
    }
}

TEST_P(BothThemes, textStaysReadableOnEveryBackgroundItMayHave)
{
    const QRgb ink = theme.ink.rgb();
    for (const QRgb background : theme.text)
        EXPECT_GE(contrast(ink, background), kReadable);
    for (const QColor& background : {theme.textRule, theme.textReferenceOnly, theme.page, theme.panel})
        EXPECT_GE(contrast(ink, background.rgb()), kReadable) << background.name().toStdString();
    for (const QColor& background : {theme.page, theme.panel})
        EXPECT_GE(contrast(theme.muted.rgb(), background.rgb()), kReadable);
}

TEST_P(BothThemes, theThreeGroundsDiffer)
{
    EXPECT_NE(theme.page.rgb(), theme.none);
    EXPECT_EQ(theme.choice.front(), theme.none);
    EXPECT_EQ(theme.rule.front(), theme.none);
    EXPECT_GE(distance(theme.page.rgb(), theme.none, kPlain), 5);
    EXPECT_GE(distance(theme.choice.back(), theme.rule.back(), kPlain), 12);
}

TEST_P(BothThemes, sevenToTwelveAreTheSameColorsDashed)
{
    EXPECT_EQ(theme.policyColor(7), theme.policyColor(1));
    EXPECT_EQ(theme.policyPen(1, 1.5).style(), Qt::SolidLine);
    EXPECT_EQ(theme.policyPen(7, 1.5).style(), Qt::CustomDashLine);
}

INSTANTIATE_TEST_SUITE_P(Theme, BothThemes, testing::Bool(), [](const auto& info) { return info.param ? "dark" : "light"; });

TEST(OkLab, goesThereAndBackForEveryGrayAndSomeColors)
{
    for (int i = 0; i < 256; ++i)
        for (const QRgb color : {qRgb(i, i, i), qRgb(i, 255 - i, 128), qRgb(0, i, 255)})
            EXPECT_EQ(fromOkLab(toOkLab(color)), color);
}

TEST(Fonts, drawEveryEmojiInColorAndDigitsAsDigits)
{
    if (!QFontDatabase::hasFamily(QStringLiteral("Noto Sans")) || !QFontDatabase::hasFamily(QStringLiteral("Noto Color Emoji")))
        GTEST_SKIP() << "./run installs both";
    const auto isColored = [](const QString& text) {
        QImage image(60, 40, QImage::Format_RGB32);
        image.fill(Qt::white);
        QPainter painter(&image);
        painter.setFont(uiFont(20));
        painter.setPen(Qt::black);
        painter.drawText(QPoint(4, 28), text);
        painter.end();
        for (int y = 0; y < image.height(); ++y)
            for (int x = 0; x < image.width(); ++x)
                if (QColor(image.pixel(x, y)).hsvSaturation() > 60)
                    return true;
        return false;
    };
    for (const char32_t emoji : {U'\U0001F389', U'\U0001F600', U'\U0001F44D', U'\U0001F408'})
        EXPECT_TRUE(isColored(QString::fromUcs4(&emoji, 1))) << std::hex << static_cast<unsigned>(emoji);
    EXPECT_FALSE(isColored(QStringLiteral("0123")));
}

TEST(Numbers, areGroupedByThousands)
{
    EXPECT_EQ(grouped(0), QStringLiteral("0"));
    EXPECT_EQ(grouped(1404), QStringLiteral("1,404"));
    EXPECT_EQ(grouped(1234567), QStringLiteral("1,234,567"));
}

} // namespace
} // namespace winnow::views
