// SPDX-License-Identifier: GPL-3.0-or-later
#include "views/export/figure_export.h"

#include "core/io/atomic_file.h"
#include "core/io/output_file.h"
#include "views/export/figure_export_svg.h"

#include <qcustomplot.h>

#include <QBuffer>
#include <QGuiApplication>
#include <QImage>
#include <QPageLayout>
#include <QPdfWriter>

#include <cmath>
#include <utility>

namespace winnow::views {

namespace {
thread_local DrawingRedirect* redirect = nullptr;
}

DrawingRedirect::DrawingRedirect(QPainter* painter) : m_painter(painter), m_before(std::exchange(redirect, this)) {}

DrawingRedirect::~DrawingRedirect() { redirect = m_before; }

struct RedirectedDrawing {
    static void paint(const std::function<void(QCPPainter&)>& paint, QSizeF inches)
    {
        DrawingRedirect* here = std::exchange(redirect, nullptr);
        if (here->m_painter) {
            here->m_painter->save();
            paint(static_cast<QCPPainter&>(*here->m_painter));
            here->m_painter->restore();
        }
        here->m_inches = inches;
        redirect = here;
    }
};

namespace {

using Paint = std::function<void(QCPPainter&)>;

QSize unitsOf(const ExportOptions& options)
{
    return {qRound(options.inches.width() * kUnitsPerInch), qRound(options.inches.height() * kUnitsPerInch)};
}

void run(QPaintDevice& device, double scale, const ExportOptions& options, const Paint& paint)
{
    QCPPainter painter(&device);
    painter.scale(scale, scale);
    painter.fillRect(QRect(QPoint(0, 0), unitsOf(options)), Qt::white);
    painter.setMode(QCPPainter::pmVectorized);
    painter.setMode(QCPPainter::pmNonCosmetic);
    paint(painter);
}

Result<void> writeSvg(const Paint& paint, const ExportOptions& options, const std::filesystem::path& out)
{
    SvgDevice device(options.inches, options.title, options.manifest);
    run(device, 1, options, paint);
    const QByteArray svg = device.svg();
    return writeFileAtomically(out, {svg.constData(), static_cast<std::size_t>(svg.size())});
}

Result<void> writePng(const Paint& paint, const ExportOptions& options, const std::filesystem::path& out)
{
    const QSizeF pixels = options.inches * options.dpi;
    if (!(pixels.width() >= 1 && pixels.height() >= 1 && pixels.width() * pixels.height() <= 4e8))
        return fail(ErrorCode::Usage,
                    "a picture of {:.2f} by {:.2f} inches at {} dots per inch would have {:.0f} by {:.0f} pixels; choose "
                    "a smaller --width or --dpi",
                    options.inches.width(), options.inches.height(), options.dpi, pixels.width(), pixels.height());
    QImage image(QSize(qRound(pixels.width()), qRound(pixels.height())), QImage::Format_RGB32);
    if (image.isNull())
        return fail(ErrorCode::OutOfMemory, "memory ran out for a picture of {:.0f} by {:.0f} pixels; choose a smaller --dpi",
                    pixels.width(), pixels.height());
    // 720 dots per inch while painting, so that fonts in pixels keep their size; the density for readers is set afterwards.
    image.setDotsPerMeterX(qRound(kUnitsPerInch / 0.0254));
    image.setDotsPerMeterY(qRound(kUnitsPerInch / 0.0254));
    image.fill(Qt::white);
    run(image, options.dpi / kUnitsPerInch, options, paint);
    image.setDotsPerMeterX(qRound(options.dpi / 0.0254));
    image.setDotsPerMeterY(qRound(options.dpi / 0.0254));
    image.setText(QStringLiteral("Software"), QStringLiteral("Winnow")); // by which checkOutput knows it again
    if (!options.title.isEmpty())
        image.setText(QStringLiteral("Title"), options.title);
    for (const auto& [key, value] : options.manifest)
        image.setText(QString::fromStdString(key), QString::fromStdString(value));
    QByteArray png;
    QBuffer buffer(&png);
    buffer.open(QIODevice::WriteOnly);
    if (!image.save(&buffer, "PNG"))
        return fail(ErrorCode::OutOfMemory, "memory ran out for a picture of {:.0f} by {:.0f} pixels; choose a smaller --dpi",
                    pixels.width(), pixels.height());
    return writeFileAtomically(out, {png.constData(), static_cast<std::size_t>(png.size())});
}

Result<void> writePdf(const Paint& paint, const ExportOptions& options, const std::filesystem::path& out)
{
    QByteArray pdf;
    {
        QBuffer buffer(&pdf);
        buffer.open(QIODevice::WriteOnly);
        QPdfWriter writer(&buffer);
        writer.setResolution(qRound(kUnitsPerInch));
        writer.setPageSize(QPageSize(options.inches, QPageSize::Inch, QString(), QPageSize::ExactMatch));
        writer.setPageMargins(QMarginsF());
        writer.setTitle(options.title);
        QString manifest;
        for (const auto& [key, value] : options.manifest)
            manifest += QStringLiteral("%1: %2\n").arg(QString::fromStdString(key), QString::fromStdString(value));
        writer.setCreator(QStringLiteral("Winnow\n") + manifest);
        writer.addFileAttachment(QStringLiteral("manifest.txt"), manifest.toUtf8(), QStringLiteral("text/plain"));
        run(writer, 1, options, paint);
    }
    return writeFileAtomically(out, {pdf.constData(), static_cast<std::size_t>(pdf.size())});
}

Result<void> write(const Paint& paint, ExportOptions options, const std::filesystem::path& out)
{
    options.inches = QSizeF(unitsOf(options)) / kUnitsPerInch; // whole units, so that the page and what fills it agree
    if (redirect) {
        RedirectedDrawing::paint(paint, options.inches);
        return {};
    }
    const std::string extension = extensionOf(out);
    if (extension == "svg")
        return writeSvg(paint, options, out);
    if (extension == "pdf")
        return writePdf(paint, options, out);
    if (extension == "png")
        return writePng(paint, options, out);
    return fail(ErrorCode::Usage, "'{}' does not end in .svg, .pdf or .png, so it is not clear what to draw", out.string());
}

} // namespace

Result<void> exportDrawing(const std::function<void(QPainter&)>& paint, const ExportOptions& options,
                           const std::filesystem::path& out)
{
    return write([&](QCPPainter& painter) { paint(painter); }, options, out);
}

Result<void> exportPlot(QCustomPlot& plot, const ExportOptions& options, const std::filesystem::path& out)
{
    const QSize size = unitsOf(options);
    plot.resize(size);
    return write([&](QCPPainter& painter) { plot.toPainter(&painter, size.width(), size.height()); }, options, out);
}

} // namespace winnow::views
