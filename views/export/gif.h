// SPDX-License-Identifier: GPL-3.0-or-later
// Moving pictures as animated GIF, by giflib. Pure but for memory, any thread.
#pragma once

#include "core/base/result.h"

#include <QByteArray>
#include <QImage>

#include <memory>

namespace winnow::views {

/// Collects frames of one size and makes a file of them that plays without end. Of each frame only the rectangle that differs
/// from the frame before is stored, with up to 256 colors of its own.
class GifMaker {
public:
    /// `size` in pixels, 1 to 65,535 a side; `pause`: hundredths of a second between frames.
    GifMaker(QSize size, int pause);
    ~GifMaker();
    GifMaker(const GifMaker&) = delete;
    GifMaker& operator=(const GifMaker&) = delete;

    /// The image has the size of the first; it is taken as opaque. Errors: memory ran out.
    Result<void> add(const QImage& image);
    /// The file's bytes. Once, after the last frame.
    Result<QByteArray> finish();

private:
    struct File;
    std::unique_ptr<File> m_file;
};

} // namespace winnow::views
