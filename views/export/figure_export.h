// SPDX-License-Identifier: GPL-3.0-or-later
// Writes a drawing as SVG, PDF or PNG, in points and inches as papers want it. The SVG is written by a paint engine of our own:
// text stays <text>, polylines are clipped and images cropped before they are written (QSvgGenerator of Qt 6.4 ignores
// clipping), so no coordinate lies outside the rectangle that was clipped to.
#pragma once

#include "core/base/result.h"

#include <QSizeF>
#include <QString>

#include <filesystem>
#include <functional>
#include <map>
#include <string>

class QCustomPlot;
class QPainter;

namespace winnow::views {

/// The painter's unit is 1/720 inch: ten units are a point. Fonts are set in pixels, so 8 pt is setPixelSize(80).
inline constexpr double kUnitsPerPoint = 10;
inline constexpr double kUnitsPerInch = 720;

inline constexpr double kColumnWidth = 3.25, kTextWidth = 5.5, kPageWidth = 6.75; ///< inches

struct ExportOptions {
    QSizeF inches{kTextWidth, 3};
    double dpi = 600; ///< of a PNG
    QString title;
    std::map<std::string, std::string> manifest; ///< goes into the file: SVG <metadata>, PNG text, PDF title and keywords
};

/// While an object of this class lives, exportDrawing and exportPlot of its thread write no file. They paint with `painter`, from
/// its origin on, for drawings that share a page; without a painter they only set inches().
class DrawingRedirect {
public:
    /// `painter`: null, or a QCPPainter in the unit above.
    explicit DrawingRedirect(QPainter* painter);
    ~DrawingRedirect();
    DrawingRedirect(const DrawingRedirect&) = delete;
    DrawingRedirect& operator=(const DrawingRedirect&) = delete;

    QSizeF inches() const { return m_inches; } ///< of the drawing that was painted last

private:
    friend struct RedirectedDrawing;
    QPainter* m_painter;
    QSizeF m_inches;
    DrawingRedirect* m_before;
};

/// Calls `paint` once with a painter on a white page of `inches`. The extension of `out` decides between svg, pdf and png.
/// The file is written under another name and renamed, so that no half file is left. GUI thread.
Result<void> exportDrawing(const std::function<void(QPainter&)>& paint, const ExportOptions& options,
                           const std::filesystem::path& out);

/// The same for a plot whose fonts, pens and margins were set in the painter's unit (see views/paper/page.cpp).
Result<void> exportPlot(QCustomPlot& plot, const ExportOptions& options, const std::filesystem::path& out);

} // namespace winnow::views
