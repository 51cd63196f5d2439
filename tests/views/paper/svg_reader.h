// SPDX-License-Identifier: GPL-3.0-or-later
// Reads back what the SVG writer wrote: elements with their places, clips and words.
#pragma once

#include <QList>
#include <QMap>
#include <QPointF>
#include <QRectF>
#include <QString>

#include <filesystem>
#include <string>

namespace winnow::views {

struct Element {
    QString name, text, fill, stroke;
    QRectF clip;           ///< of its group; null = the page
    QList<QPointF> points; ///< in points
    double fontSize = 0, strokeWidth = 0;
};

struct Svg {
    QSizeF inches;
    QRectF page;
    QList<Element> elements;
    QMap<QString, QString> manifest;
    bool valid = false;
};

std::string fileText(const std::filesystem::path& path);
/// `valid` is false where the file is no XML.
Svg parse(const std::filesystem::path& path);
/// Fails where a point of the element lies outside its clip, or the page. Coordinates are written with three digits.
void expectInside(const Svg& svg, const Element& element);

} // namespace winnow::views
