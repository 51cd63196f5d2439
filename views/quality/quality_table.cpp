// SPDX-License-Identifier: GPL-3.0-or-later
#include "views/quality/quality_table.h"

#include "core/analysis/quality_table.h"
#include "views/plot/number_words.h"
#include "views/style/theme.h"

#include <QHeaderView>

#include <cmath>

namespace winnow::views {

namespace {

/// "Mass", "KL": the metric's word at the head of a column, in the letters of its axis where it stands there.
QString headOf(const Metric& metric)
{
    QString name = QString::fromUtf8(metric.name);
    const QString axis = QString::fromUtf8(metric.axis);
    if (const qsizetype at = axis.indexOf(name, 0, Qt::CaseInsensitive); at >= 0)
        name = axis.mid(at, name.size());
    return name.left(1).toUpper() + name.mid(1);
}

} // namespace

QString decimalWords(double value, int digits)
{
    return std::isnan(value) ? QStringLiteral("—") : QString::number(value, 'f', digits);
}

QString metricWords(const Metric& metric, double value) { return decimalWords(value, metric.whole ? 1 : 3); }

void fillQualityTable(QTableWidget& table, const std::vector<QualityCurves>& metrics, const ReplayResult& replay,
                      const SelectionState& state)
{
    QStringList heads{QObject::tr("Policy")};
    for (const Metric& metric : metricCatalog())
        heads << headOf(metric);
    const Metric& first = metricCatalog().front();
    heads << QObject::tr("Worst step") << QObject::tr("Worst %1").arg(QString::fromUtf8(first.name)) << QObject::tr("Logical")
          << QObject::tr("Physical");
    const QualityTable quality = qualityTable(metrics, replay, state.step);
    const bool gpu = quality.hasDevices;
    if (gpu)
        heads << QObject::tr("Ran on");
    heads << QObject::tr("Policy line");
    table.setColumnCount(static_cast<int>(heads.size()));
    table.setHorizontalHeaderLabels(heads);
    for (const int words :
         {0, static_cast<int>(heads.size()) - 1}) // the head of a line that is wider than the table is seen, too
        table.horizontalHeaderItem(words)->setTextAlignment(Qt::AlignVCenter | Qt::AlignLeft);
    for (std::size_t i = 0; i < metricCatalog().size(); ++i)
        table.horizontalHeaderItem(static_cast<int>(i) + 1)->setToolTip(QString::fromUtf8(metricCatalog()[i].summary));
    table.setRowCount(static_cast<int>(quality.rows.size()));
    const QString none = QStringLiteral("—");
    for (std::size_t number = 0; number < quality.rows.size(); ++number) {
        const QualityTable::Row& row = quality.rows[number];
        QStringList texts{QStringLiteral("%1  %2").arg(row.policy + 1).arg(QString::fromStdString(row.label))};
        for (std::size_t i = 0; i < row.means.size(); ++i)
            texts << metricWords(metricCatalog()[i], row.means[i]);
        texts << (row.worstStep < 0 ? none : grouped(row.worstStep)) << metricWords(first, row.worst)
              << (row.bytes ? bytesWords(row.bytes->logical) : none) << (row.bytes ? bytesWords(row.bytes->physical) : none);
        if (gpu)
            texts << (row.ranOn.device.empty() ? none : QString::fromStdString(row.ranOn.device));
        texts << QString::fromStdString(row.spec);
        for (int column = 0; column < texts.size(); ++column) {
            auto* item = new QTableWidgetItem(texts[column]);
            const int words = gpu ? 2 : 1; // columns at the right
            const bool isNumber = column > 0 && column + words < texts.size();
            if (gpu && column + words == texts.size() && !row.ranOn.why.empty())
                item->setToolTip(QObject::tr("Not on the GPU: %1").arg(QString::fromStdString(row.ranOn.why)));
            item->setTextAlignment(Qt::AlignVCenter | (isNumber ? Qt::AlignRight : Qt::AlignLeft));
            if (row.policy == state.focus) {
                QFont font = table.font();
                font.setBold(true);
                item->setFont(font);
            }
            table.setItem(static_cast<int>(number), column, item);
        }
    }
    table.resizeColumnsToContents();
    table.horizontalHeader()->setStretchLastSection(true);
}

} // namespace winnow::views
