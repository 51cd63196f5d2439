// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/views/paper/svg_reader.h"

#include <QRegularExpression>
#include <QXmlStreamReader>

#include <gtest/gtest.h>

#include <fstream>

namespace winnow::views {

namespace {

QList<double> numbersIn(const QString& text)
{
    static const QRegularExpression pattern(QStringLiteral("-?[0-9]+\\.?[0-9]*(e-?[0-9]+)?"));
    QList<double> numbers;
    for (auto match = pattern.globalMatch(text); match.hasNext();)
        numbers.append(match.next().captured().toDouble());
    return numbers;
}

} // namespace

std::string fileText(const std::filesystem::path& path)
{
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
}

Svg parse(const std::filesystem::path& path)
{
    Svg svg;
    const std::string bytes = fileText(path);
    QXmlStreamReader xml(QByteArray::fromStdString(bytes));
    QRectF clip;
    while (!xml.atEnd()) {
        const auto token = xml.readNext();
        if (token == QXmlStreamReader::EndElement && xml.name() == QLatin1String("g"))
            clip = {};
        if (token != QXmlStreamReader::StartElement)
            continue;
        const auto attributes = xml.attributes();
        const auto value = [&](const char* name) { return attributes.value(QLatin1String(name)).toString(); };
        if (xml.name() == QLatin1String("svg")) {
            const auto box = numbersIn(value("viewBox"));
            svg.page = QRectF(box[0], box[1], box[2], box[3]);
            svg.inches = QSizeF(numbersIn(value("width"))[0], numbersIn(value("height"))[0]);
        } else if (xml.name() == QLatin1String("g")) {
            const auto edges = numbersIn(value("data-clip"));
            clip = QRectF(QPointF(edges[0], edges[1]), QPointF(edges[2], edges[3]));
        } else if (xml.name() == QLatin1String("entry")) {
            svg.manifest[value("key")] = xml.readElementText();
        } else if (xml.name() == QLatin1String("path") || xml.name() == QLatin1String("image") ||
                   xml.name() == QLatin1String("text")) {
            Element element{.name = xml.name().toString(), .fill = value("fill"), .stroke = value("stroke"), .clip = clip};
            element.fontSize = value("font-size").toDouble();
            element.strokeWidth = value("stroke-width").toDouble();
            if (element.name == QLatin1String("path")) {
                const auto numbers = numbersIn(value("d"));
                for (qsizetype i = 0; i + 1 < numbers.size(); i += 2)
                    element.points.append({numbers[i], numbers[i + 1]});
            } else {
                const QPointF at(value("x").toDouble(), value("y").toDouble());
                element.points = {at, at + QPointF(value("width").toDouble(), value("height").toDouble())};
            }
            if (element.name == QLatin1String("text"))
                element.text = xml.readElementText();
            svg.elements.append(element);
        }
    }
    svg.valid = !xml.hasError();
    return svg;
}

void expectInside(const Svg& svg, const Element& element)
{
    const QRectF limit = (element.clip.isNull() ? svg.page : element.clip).adjusted(-0.001, -0.001, 0.001, 0.001);
    for (const QPointF& p : element.points)
        ASSERT_TRUE(limit.contains(p)) << element.name.toStdString() << " \"" << element.text.toStdString() << "\" at " << p.x()
                                       << ", " << p.y();
}

} // namespace winnow::views
