// SPDX-License-Identifier: GPL-3.0-or-later
#include "views/paper/animation.h"

#include "core/io/atomic_file.h"
#include "views/export/gif.h"
#include "views/paper/save_figure.h"

#include <QPainter>
#include <QTemporaryDir>

#include <algorithm>

namespace winnow::views {

namespace {

constexpr int kPause = 10; ///< hundredths of a second

QImage onPage(const QImage& frame, QSize size)
{
    QImage page(size, QImage::Format_RGB32);
    page.fill(Qt::white);
    QPainter(&page).drawImage(0, 0, frame);
    return page;
}

} // namespace

Result<void> saveAnimation(const std::vector<int>& steps, const std::function<Result<Figure>(int step)>& make,
                           const FigureOptions& options, const std::filesystem::path& out, const JobContext& job)
{
    const QTemporaryDir folder;
    if (!folder.isValid())
        return fail(ErrorCode::Io, "there is no room for the frames in '{}' ({}); make some, or set TMPDIR to another folder",
                    folder.path().toStdString(), folder.errorString().toStdString());
    const auto frameOf = [&](std::size_t i) {
        return std::filesystem::path(folder.path().toStdString()) / fmt::format("{}.png", i);
    };
    QSize size;
    for (std::size_t i = 0; i < steps.size(); ++i) {
        WINNOW_TRY_VOID(job.check("the moving picture"));
        WINNOW_TRY(const Figure figure, make(steps[i]));
        WINNOW_TRY_VOID(saveFigure(figure, options, frameOf(i)));
        size = size.expandedTo(QImage(QString::fromStdString(frameOf(i).string())).size());
    }
    constexpr int kMost = 4096; // pixels a side: players take no more
    if (size.isEmpty() || size.width() > kMost || size.height() > kMost)
        return fail(ErrorCode::Usage, "frames of {} by {} pixels are too large for a moving picture; choose a smaller --dpi",
                    size.width(), size.height());
    GifMaker gif(size, kPause);
    for (std::size_t i = 0; i < steps.size(); ++i) {
        WINNOW_TRY_VOID(job.check("the moving picture"));
        WINNOW_TRY_VOID(gif.add(onPage(QImage(QString::fromStdString(frameOf(i).string())), size)));
    }
    WINNOW_TRY(const QByteArray bytes, gif.finish());
    return writeFileAtomically(out, {bytes.constData(), static_cast<std::size_t>(bytes.size())});
}

} // namespace winnow::views
