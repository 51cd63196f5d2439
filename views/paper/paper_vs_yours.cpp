// SPDX-License-Identifier: GPL-3.0-or-later
// A sweep beside published tables, on paper: a row for each pair, and under it what differs.
#include "core/analysis/paper_tables.h"
#include "core/analysis/series_labels.h"
#include "views/paper/drawings.h"
#include "views/paper/page.h"

#include <algorithm>

namespace winnow::views {

namespace {

constexpr std::size_t kMostRows = 60; ///< of a picture; the numbers have them all

struct RowText {
    QString table, what, paper, yours;
    QStringList differs; ///< lines
};

QString numberText(double value) { return QString::number(value, 'g', value >= 1000 ? 5 : 4); }

/// `text` in lines no wider than `room`, broken between words.
QStringList wrapped(const QString& text, const QFontMetricsF& metrics, double room)
{
    QStringList lines;
    for (const QString& word : text.split(QLatin1Char(' '))) {
        if (!lines.isEmpty() && metrics.horizontalAdvance(lines.last() + QLatin1Char(' ') + word) <= room)
            lines.last() += QLatin1Char(' ') + word;
        else
            lines << word;
    }
    return lines;
}

QString differsText(const PaperBeside::Row& row)
{
    QStringList fields;
    for (const PaperBeside::Difference& one : row.differences)
        fields << QStringLiteral("%1 %2 / %3")
                      .arg(QString::fromStdString(one.field), QString::fromStdString(one.paper),
                           QString::fromStdString(one.yours));
    return fields.isEmpty() ? QStringLiteral("nothing that is told differs")
                            : QStringLiteral("≠ ") + fields.join(QStringLiteral("; "));
}

RowText textOf(const PaperBeside::Row& row, const std::string& policy, const QFontMetricsF& metrics, double room)
{
    QString yours = numberText(row.yours.value);
    if (row.yours.interval)
        yours += QStringLiteral(" (%1 to %2)").arg(numberText(row.yours.interval->low), numberText(row.yours.interval->high));
    return {QString::fromStdString(row.table), QString::fromStdString(row.paper.input + ", " + policy),
            numberText(row.paper.value), yours, wrapped(differsText(row), metrics, room)};
}

} // namespace

Result<void> drawPaperVsYours(const Figure& figure, const FigureOptions& options, const std::filesystem::path& out)
{
    const auto& beside = figure.numbers.as<PaperBeside>();
    const PlotStyle style = PlotStyle::onPaper();
    const QFontMetricsF metrics(style.tick);
    const double width = options.width * kUnitsPerInch, edge = style.px(8), indent = style.px(10), line = metrics.height();
    std::vector<std::string> policies;
    for (const PaperBeside::Row& row : beside.rows)
        policies.push_back(row.yours.policy);
    const auto labels = seriesLabels(policies);
    std::vector<RowText> rows;
    double lines = 1.5;
    for (const PaperBeside::Row& row : beside.rows) {
        if (rows.size() == kMostRows)
            break;
        rows.push_back(textOf(row, labels.at(row.yours.policy), metrics, width - 2 * edge - indent));
        lines += 1.4 + static_cast<double>(rows.back().differs.size());
    }
    if (rows.size() < beside.rows.size())
        lines += 1;
    FigurePage page(figure, options, (lines + 1) * line / kUnitsPerInch);
    page.layOut();
    const double inner = width - 2 * edge;
    const double columns[] = {edge, edge + 0.24 * inner, edge + 0.58 * inner, edge + 0.71 * inner};
    new PlotPainter(&page.plot, QStringLiteral("main"), nullptr, [&](QCPPainter* painter) {
        painter->setFont(page.style.tick);
        double y = line;
        const auto put = [&](int column, const QString& text) {
            const double room = (column < 3 ? columns[column + 1] : edge + inner) - columns[column] - page.style.px(4);
            painter->drawText(QPointF(columns[column], y), metrics.elidedText(text, Qt::ElideRight, room));
        };
        painter->setPen(page.style.theme.muted);
        put(0, QStringLiteral("table"));
        put(1, QStringLiteral("what"));
        put(2, QStringLiteral("paper"));
        put(3, QStringLiteral("yours"));
        painter->setPen(QPen(page.style.theme.line, page.style.axis));
        painter->drawLine(QLineF(edge, y + 0.35 * line, edge + inner, y + 0.35 * line));
        y += 0.5 * line;
        for (const RowText& row : rows) {
            y += 1.1 * line;
            painter->setPen(page.style.theme.ink);
            put(0, row.table);
            put(1, row.what);
            put(2, row.paper);
            put(3, row.yours);
            painter->setPen(page.style.theme.muted);
            for (const QString& differs : row.differs)
                painter->drawText(QPointF(edge + indent, y += line), differs);
            y += 0.3 * line;
        }
        if (rows.size() < beside.rows.size())
            painter->drawText(QPointF(edge, y + line),
                              QStringLiteral("and %1 more: see the csv").arg(beside.rows.size() - rows.size()));
    });
    return exportPlot(page.plot, page.options, out);
}

} // namespace winnow::views
