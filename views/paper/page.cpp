// SPDX-License-Identifier: GPL-3.0-or-later
#include "views/paper/page.h"

#include <algorithm>
#include <cmath>
#include <span>

namespace winnow::views {

FigurePage::FigurePage(const Figure& figure, const FigureOptions& chosen, double height)
{
    caption =
        QString::fromStdString(figure.title + ": " + figure.caption + ".").replace(QStringLiteral(".."), QStringLiteral("."));
    style.theme.inks = figure.inks;
    options.inches = QSizeF(chosen.width, height);
    options.dpi = chosen.dpi;
    options.title = QString::fromStdString(figure.title);
    options.manifest = figure.manifest;
    plot.plotLayout()->clear();
    plot.setBackground(QBrush(Qt::white));
    plot.setNoAntialiasingOnDrag(false);
    plot.plotLayout()->setRowSpacing(0);
    plot.plotLayout()->setColumnSpacing(0);
    reserveCaption();
}

QCPAxisRect* FigurePage::addRect(int row, int column, const Margins& margins)
{
    auto* rect = new QCPAxisRect(&plot, true);
    plot.plotLayout()->addElement(row, column, rect);
    applyStyle(rect, style, margins);
    return rect;
}

void FigurePage::layOut()
{
    views::layOut(plot,
                  QRect(0, 0, qRound(options.inches.width() * kUnitsPerInch), qRound(options.inches.height() * kUnitsPerInch)));
}

void FigurePage::letters(std::vector<QCPAxisRect*> rects)
{
    new PlotPainter(&plot, QStringLiteral("main"), nullptr, [this, rects](QCPPainter* painter) {
        for (std::size_t i = 0; i < rects.size(); ++i)
            drawLetter(painter, rects[i], style, static_cast<int>(i));
    });
}

void FigurePage::reserveCaption()
{
    const QFontMetricsF metrics(style.tick);
    const double width = options.inches.width() * kUnitsPerInch - style.px(16);
    const double height = metrics.boundingRect(QRectF(0, 0, width, 1e6), Qt::TextWordWrap, caption).height();
    plot.plotLayout()->setMargins(QMargins(0, 0, 0, qCeil(height) + style.px(8)));
    options.inches.rheight() += (height + style.px(8)) / kUnitsPerInch;
    new PlotPainter(&plot, QStringLiteral("main"), nullptr, [this, width, height](QCPPainter* painter) {
        painter->setFont(style.tick);
        painter->setPen(style.theme.muted);
        const QRectF place(style.px(8), options.inches.height() * kUnitsPerInch - height - style.px(4), width, height);
        painter->drawText(place, Qt::TextWordWrap | Qt::AlignLeft | Qt::AlignTop, caption);
    });
}

void drawMapKey(QCPPainter* painter, const PlotStyle& style, double left, double top, double width, bool difference)
{
    const QFontMetricsF metrics(style.tick);
    const double size = style.px(9), base = top + size / 2 + metrics.capHeight() / 2;
    painter->setFont(style.tick);
    QStringList names{QStringLiteral("not read yet"), QStringLiteral("evicted"), QStringLiteral("kept by rule"),
                      QStringLiteral("kept by choice, few to all lanes")};
    if (difference)
        names = {names[0], QStringLiteral("stored by neither"), QStringLiteral("both"), QStringLiteral("this policy only"),
                 QStringLiteral("reference only")};
    const double swatches = difference ? 5 * (size + style.px(20)) : 2 * size + style.px(2 * 36 + 4 * 20);
    const bool roomy = left + swatches + metrics.horizontalAdvance(names.join(QString())) < width;
    const auto word = [&](const QString& text) {
        painter->setPen(style.theme.ink);
        painter->drawText(QPointF(left + style.px(4), base), text);
        left += metrics.horizontalAdvance(text) + style.px(16);
    };
    const auto ramp = [&](std::span<const QRgb> colors, double length) {
        QImage image(static_cast<int>(colors.size()), 1, QImage::Format_RGB32);
        std::copy(colors.begin(), colors.end(), reinterpret_cast<QRgb*>(image.scanLine(0)));
        drawCells(painter, QRectF(left, top, length, size), image, true);
        left += length;
    };
    painter->setPen(QPen(style.theme.muted, style.axis));
    painter->drawRect(QRectF(left, top, size, size));
    left += size;
    word(roomy ? names[0] : QStringLiteral("not read"));
    if (difference) {
        const std::pair<QRgb, QString> words[] = {
            {style.theme.none, roomy ? names[1] : QStringLiteral("neither")},
            {style.theme.differenceBoth, names[2]},
            {style.theme.differenceThis, roomy ? names[3] : QStringLiteral("this only")},
            {style.theme.differenceReference, roomy ? names[4] : QStringLiteral("reference")}};
        for (const auto& [color, name] : words) {
            ramp(std::span(&color, 1), size);
            word(name);
        }
        return;
    }
    ramp(std::span(style.theme.choice).first(1), size);
    word(names[1]);
    ramp(std::span(style.theme.rule).subspan(1), style.px(36));
    word(roomy ? names[2] : QStringLiteral("by rule"));
    ramp(std::span(style.theme.choice).subspan(1), style.px(36));
    word(roomy ? names[3] : QStringLiteral("by choice"));
}

std::string scaleCaption(const std::string& scale) { return scale == "linear" ? std::string() : "; " + scale + " scale"; }

std::pair<double, double> drawnSteps(const FigureOptions& options)
{
    const IntRange steps = options.stepRange.value_or(IntRange{0, 0});
    return {steps.first, steps.second};
}

int focusOf(const FigureOptions& options, int otherwise) { return options.focus ? *options.focus - 1 : otherwise; }

double columnsOf(const FigureOptions& options) { return options.width * kUnitsPerInch / kPaperScale; }

void nameCells(QCPAxis* axis, const std::vector<QString>& names, bool reversed)
{
    auto ticker = QSharedPointer<QCPAxisTickerText>::create();
    for (std::size_t i = 0; i < names.size(); ++i)
        ticker->addTick(double(i) + 0.5, names[i]);
    axis->setTicker(ticker);
    axis->setTickLength(0);
    axis->setRange(0, double(names.size()));
    axis->setRangeReversed(reversed);
}

} // namespace winnow::views
