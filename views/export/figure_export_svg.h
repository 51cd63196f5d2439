// SPDX-License-Identifier: GPL-3.0-or-later
// A paint device that writes SVG 1.1. Everything is clipped while it is written: lines and polygons are cut, images cropped and
// texts outside left out, so no coordinate lies beyond the clip rectangle that the painter had set. Text stays <text>.
#pragma once

#include <QPaintDevice>
#include <QSizeF>
#include <QString>

#include <map>
#include <memory>
#include <string>

namespace winnow::views {

class SvgEngine;

/// Painter's unit: 1/720 inch; the file counts in points (1/72 inch). Clips must be rectangles.
class SvgDevice : public QPaintDevice {
public:
    SvgDevice(QSizeF inches, QString title, std::map<std::string, std::string> manifest);
    ~SvgDevice() override;

    /// The whole file, UTF-8; after the painter has ended.
    QByteArray svg() const;

    QPaintEngine* paintEngine() const override;

protected:
    int metric(PaintDeviceMetric metric) const override;

private:
    QSizeF m_inches;
    QString m_title;
    std::map<std::string, std::string> m_manifest;
    std::unique_ptr<SvgEngine> m_engine;
};

} // namespace winnow::views
