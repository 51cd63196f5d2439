// SPDX-License-Identifier: GPL-3.0-or-later
#include "views/export/gif.h"

#include "core/io/output_file.h"
#include "tests/support/temporary_folder.h"

#include <gtest/gtest.h>

#include <QBuffer>
#include <QImageReader>

#include <fstream>

namespace winnow::views {
namespace {

std::vector<QImage> framesOf(QByteArray bytes)
{
    QBuffer buffer(&bytes);
    buffer.open(QIODevice::ReadOnly);
    QImageReader reader(&buffer, "gif");
    std::vector<QImage> frames;
    while (reader.canRead())
        frames.push_back(reader.read().convertToFormat(QImage::Format_RGB32));
    return frames;
}

QImage plain(QRgb color)
{
    QImage image(20, 10, QImage::Format_RGB32);
    image.fill(color);
    return image;
}

TEST(GifMaker, givesBackFramesOfFewColorsAsTheyWere)
{
    const QImage first = plain(0xff102030);
    QImage second = first;
    second.setPixel(3, 4, 0xffff0000);
    second.setPixel(17, 8, 0xff00ff00);
    GifMaker gif(first.size(), 10);
    for (const QImage& frame : {first, second, second, first})
        ASSERT_TRUE(gif.add(frame));
    const auto bytes = gif.finish();
    ASSERT_TRUE(bytes);
    const std::vector<QImage> frames = framesOf(*bytes);
    ASSERT_EQ(frames.size(), 4u);
    EXPECT_EQ(frames[0], first);
    EXPECT_EQ(frames[1], second);
    EXPECT_EQ(frames[2], second);
    EXPECT_EQ(frames[3], first);
}

TEST(GifMaker, storesOnlyWhatChanged)
{
    QImage image(400, 400, QImage::Format_RGB32);
    for (int y = 0; y < 400; ++y)
        for (int x = 0; x < 400; ++x)
            image.setPixel(x, y, qRgb((x * 7919 + y * 104729) % 199, 0, 0));
    const auto sizeOf = [&](int frames) {
        GifMaker gif(image.size(), 10);
        for (int i = 0; i < frames; ++i) {
            image.setPixel(5, 5, i % 2 == 0 ? 0xff000000 : 0xffc60000);
            EXPECT_TRUE(gif.add(image));
        }
        return gif.finish()->size();
    };
    EXPECT_LT(sizeOf(11), sizeOf(1) * 1.05);
}

TEST(GifMaker, comesNearToImagesOfManyColors)
{
    QImage image(64, 64, QImage::Format_RGB32);
    for (int y = 0; y < 64; ++y)
        for (int x = 0; x < 64; ++x)
            image.setPixel(x, y, qRgb(4 * x, 4 * y, 128));
    GifMaker gif(image.size(), 10);
    ASSERT_TRUE(gif.add(image));
    const std::vector<QImage> frames = framesOf(*gif.finish());
    ASSERT_EQ(frames.size(), 1u);
    int worst = 0;
    for (int y = 0; y < 64; ++y)
        for (int x = 0; x < 64; ++x)
            worst =
                std::max({worst, std::abs(qRed(frames[0].pixel(x, y)) - 4 * x), std::abs(qGreen(frames[0].pixel(x, y)) - 4 * y)});
    EXPECT_LE(worst, 32); // 256 colors for 64 × 64: boxes of 4 × 4 of them, 16 apart
}

/// As in a chart: areas of light grays, and text in many colors of few pixels each.
TEST(GifMaker, keepsTheColorsOfAreas)
{
    QImage image(200, 100, QImage::Format_RGB32);
    for (int y = 0; y < 100; ++y)
        for (int x = 0; x < 200; ++x)
            image.setPixel(x, y, y < 20 ? qRgb(x, 5 * y, 255 - x) : qRgb(200 + x / 20, 201 + x / 20, 205 + x / 20));
    GifMaker gif(image.size(), 10);
    ASSERT_TRUE(gif.add(image));
    const std::vector<QImage> frames = framesOf(*gif.finish());
    ASSERT_EQ(frames.size(), 1u);
    EXPECT_EQ(frames[0].copy(0, 20, 200, 80), image.copy(0, 20, 200, 80));
}

TEST(GifMaker, isKnownAsAPictureOfOurs)
{
    GifMaker gif(QSize(20, 10), 10);
    ASSERT_TRUE(gif.add(plain(0xff102030)));
    const auto bytes = gif.finish();
    const testing_support::TemporaryFolder folder;
    const std::filesystem::path path = folder.path() / "a.gif";
    std::ofstream(path, std::ios::binary).write(bytes->constData(), bytes->size());
    EXPECT_EQ(writtenKind(path), WrittenKind::Picture);
    std::ofstream(path, std::ios::binary) << "GIF89a of somebody else";
    EXPECT_EQ(writtenKind(path), std::nullopt);
}

} // namespace
} // namespace winnow::views
