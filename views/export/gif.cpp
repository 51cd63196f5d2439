// SPDX-License-Identifier: GPL-3.0-or-later
#include "views/export/gif.h"

#include "core/base/check.h"

#include <gif_lib.h>

#include <algorithm>
#include <array>
#include <functional>
#include <optional>
#include <unordered_map>
#include <vector>

namespace winnow::views {

namespace {

constexpr int kMostColors = 256;
constexpr std::size_t kMostExact = 192, kFlatPart = 2000; ///< a color of more than 1 of 2,000 pixels is that of an area
constexpr int kColorBits = 8;                             ///< as GIF counts the colors of the display

struct CloseGif {
    void operator()(GifFileType* file) const
    {
        int error = 0;
        EGifCloseFile(file, &error);
    }
};
struct FreeMap {
    void operator()(ColorMapObject* map) const { GifFreeMapObject(map); }
};

int appendTo(GifFileType* file, const GifByteType* bytes, int count)
{
    static_cast<QByteArray*>(file->UserData)->append(reinterpret_cast<const char*>(bytes), count);
    return count;
}

Error outOfMemory() { return {ErrorCode::OutOfMemory, "memory ran out for the moving picture; choose a smaller --dpi"}; }

/// The smallest rectangle outside which both are alike; of equal images one pixel.
QRect changed(const QImage& before, const QImage& now)
{
    const auto rowDiffers = [&](int y) {
        return !std::equal(before.constScanLine(y), before.constScanLine(y) + now.width() * 4, now.constScanLine(y));
    };
    int top = 0, bottom = now.height() - 1;
    while (top < bottom && !rowDiffers(top))
        ++top;
    while (bottom > top && !rowDiffers(bottom))
        --bottom;
    int left = now.width() - 1, right = 0;
    for (int y = top; y <= bottom; ++y) {
        const auto* a = reinterpret_cast<const QRgb*>(before.constScanLine(y));
        const auto* b = reinterpret_cast<const QRgb*>(now.constScanLine(y));
        for (int x = 0; x < now.width(); ++x)
            if (a[x] != b[x]) {
                left = std::min(left, x);
                right = std::max(right, x);
            }
    }
    return left > right ? QRect(0, 0, 1, 1) : QRect(QPoint(left, top), QPoint(right, bottom));
}

/// Indices of colors, and the colors. Exact where there are no more than 256.
struct Indexed {
    std::vector<GifByteType> pixels;
    std::vector<GifColorType> colors;
};

GifColorType partsOf(QRgb color)
{
    return {static_cast<GifByteType>(qRed(color)), static_cast<GifByteType>(qGreen(color)),
            static_cast<GifByteType>(qBlue(color))};
}

/// Nothing where the image has more than 256 colors.
std::optional<Indexed> exactly(const QImage& image)
{
    Indexed result;
    std::unordered_map<QRgb, GifByteType> known;
    for (int y = 0; y < image.height(); ++y) {
        const auto* row = reinterpret_cast<const QRgb*>(image.constScanLine(y));
        for (int x = 0; x < image.width(); ++x) {
            const auto [at, isNew] = known.try_emplace(row[x], static_cast<GifByteType>(known.size()));
            if (isNew && known.size() > kMostColors)
                return std::nullopt;
            if (isNew)
                result.colors.push_back(partsOf(row[x]));
            result.pixels.push_back(at->second);
        }
    }
    return result;
}

/// The colors of an image's flat areas, the most frequent first, with their places in the list.
std::unordered_map<QRgb, GifByteType> flatColors(const QImage& image)
{
    std::unordered_map<QRgb, std::size_t> counts;
    for (int y = 0; y < image.height(); ++y) {
        const auto* row = reinterpret_cast<const QRgb*>(image.constScanLine(y));
        for (int x = 0; x < image.width(); ++x)
            ++counts[row[x]];
    }
    const std::size_t least = static_cast<std::size_t>(image.width()) * static_cast<std::size_t>(image.height()) / kFlatPart;
    std::vector<std::pair<std::size_t, QRgb>> order;
    for (const auto& [color, count] : counts)
        if (count > least)
            order.emplace_back(count, color);
    std::sort(order.begin(), order.end(), std::greater<>());
    std::unordered_map<QRgb, GifByteType> places;
    for (std::size_t i = 0; i < std::min(kMostExact, order.size()); ++i)
        places.emplace(order[i].second, static_cast<GifByteType>(i));
    return places;
}

/// For more than 256 colors: those of flat areas as they are, and of the others those that stand for them best, by giflib's
/// median cut, which tells but 32 steps of red, green and blue. No colors where memory ran out.
Indexed nearly(const QImage& image)
{
    const auto places = flatColors(image);
    Indexed result{std::vector<GifByteType>(static_cast<std::size_t>(image.width()) * static_cast<std::size_t>(image.height())),
                   std::vector<GifColorType>(kMostColors)};
    for (const auto& [color, place] : places)
        result.colors[place] = partsOf(color);
    std::vector<std::size_t> others; // pixels
    std::array<std::vector<GifByteType>, 3> parts;
    for (int y = 0; y < image.height(); ++y) {
        const auto* row = reinterpret_cast<const QRgb*>(image.constScanLine(y));
        for (int x = 0; x < image.width(); ++x) {
            const std::size_t pixel =
                static_cast<std::size_t>(y) * static_cast<std::size_t>(image.width()) + static_cast<std::size_t>(x);
            if (const auto found = places.find(row[x]); found != places.end()) {
                result.pixels[pixel] = found->second;
                continue;
            }
            others.push_back(pixel);
            const GifColorType color = partsOf(row[x]);
            parts[0].push_back(color.Red);
            parts[1].push_back(color.Green);
            parts[2].push_back(color.Blue);
        }
    }
    const int exact = static_cast<int>(places.size());
    int colors = kMostColors - exact;
    std::vector<GifByteType> indices(others.size());
    if (GifQuantizeBuffer(static_cast<unsigned>(others.size()), 1, &colors, parts[0].data(), parts[1].data(), parts[2].data(),
                          indices.data(), result.colors.data() + exact) == GIF_ERROR)
        result.colors.clear();
    for (std::size_t i = 0; i < others.size(); ++i)
        result.pixels[others[i]] = static_cast<GifByteType>(exact + indices[i]);
    return result;
}

} // namespace

struct GifMaker::File {
    QByteArray bytes;
    QSize size;
    int pause = 0;
    QImage last;
    std::unique_ptr<GifFileType, CloseGif> gif;
};

GifMaker::GifMaker(QSize size, int pause) : m_file(std::make_unique<File>())
{
    WINNOW_CHECK(size.width() > 0 && size.height() > 0 && size.width() < 65536 && size.height() < 65536, "{} × {} pixels",
                 size.width(), size.height());
    m_file->size = size;
    m_file->pause = pause;
    int error = 0;
    m_file->gif.reset(EGifOpen(&m_file->bytes, appendTo, &error));
    if (!m_file->gif)
        return;
    EGifSetGifVersion(m_file->gif.get(), true);
    if (EGifPutScreenDesc(m_file->gif.get(), size.width(), size.height(), kColorBits, 0, nullptr) == GIF_ERROR)
        m_file->gif.reset();
}

GifMaker::~GifMaker() = default;

Result<void> GifMaker::add(const QImage& image)
{
    WINNOW_CHECK(image.size() == m_file->size, "a frame of {} × {} pixels", image.width(), image.height());
    GifFileType* gif = m_file->gif.get();
    if (!gif)
        return fail(outOfMemory());
    const QImage now = image.convertToFormat(QImage::Format_RGB32);
    const bool first = m_file->last.isNull();
    if (first) { // played without end; by the comment checkOutput knows it again
        const GifByteType endless[] = {1, 0, 0};
        EGifPutExtensionLeader(gif, APPLICATION_EXT_FUNC_CODE);
        EGifPutExtensionBlock(gif, 11, "NETSCAPE2.0");
        EGifPutExtensionBlock(gif, sizeof(endless), endless);
        EGifPutExtensionTrailer(gif);
        EGifPutComment(gif, "Winnow");
    }
    const QRect area = first ? now.rect() : changed(m_file->last, now);
    const QImage part = now.copy(area);
    std::optional<Indexed> exact = exactly(part);
    Indexed cells = exact ? *std::move(exact) : nearly(part);
    if (cells.colors.empty())
        return fail(outOfMemory());
    int size = 2; // a power of two
    while (size < static_cast<int>(cells.colors.size()))
        size *= 2;
    cells.colors.resize(static_cast<std::size_t>(size));
    const std::unique_ptr<ColorMapObject, FreeMap> map(GifMakeMapObject(size, cells.colors.data()));
    GifByteType control[4];
    const GraphicsControlBlock block{DISPOSE_DO_NOT, false, m_file->pause, NO_TRANSPARENT_COLOR};
    const std::size_t length = EGifGCBToExtension(&block, control);
    if (!map || EGifPutExtension(gif, GRAPHICS_EXT_FUNC_CODE, static_cast<int>(length), control) == GIF_ERROR ||
        EGifPutImageDesc(gif, area.left(), area.top(), area.width(), area.height(), false, map.get()) == GIF_ERROR)
        return fail(outOfMemory());
    for (int y = 0; y < area.height(); ++y)
        if (EGifPutLine(gif, cells.pixels.data() + static_cast<std::ptrdiff_t>(y) * area.width(), area.width()) == GIF_ERROR)
            return fail(outOfMemory());
    m_file->last = now;
    return {};
}

Result<QByteArray> GifMaker::finish()
{
    int error = 0;
    if (!m_file->gif || EGifCloseFile(m_file->gif.release(), &error) == GIF_ERROR)
        return fail(outOfMemory());
    return std::move(m_file->bytes);
}

} // namespace winnow::views
