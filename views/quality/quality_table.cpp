// SPDX-License-Identifier: GPL-3.0-or-later
#include "views/quality/quality_table.h"

#include "core/replay/ran_on.h"
#include "views/plot/number_words.h"
#include "views/style/theme.h"

#include <QHeaderView>

#include <cmath>

namespace winnow::views {

namespace {

/// The step where a curve is worst, NaN entries passed over; −1 if there is none.
int worstStep(const QualityCurves::Line& line, Better better, StepSpan range)
{
    int worst = -1;
    for (int step = range.begin; step < range.end; ++step) {
        const double value = line.mean[static_cast<std::size_t>(step)];
        if (std::isnan(value))
            continue;
        const double best = worst < 0 ? value : line.mean[static_cast<std::size_t>(worst)];
        if (worst < 0 || (better == Better::Higher ? value < best : value > best))
            worst = step;
    }
    return worst;
}

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
    const bool gpu = !ranOnText(replay).empty();
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
    const QualityCurves& curves = metrics.front();
    table.setRowCount(static_cast<int>(curves.lines.size()));
    const Step step{state.step};
    for (std::size_t row = 0; row < curves.lines.size(); ++row) {
        const QualityCurves::Line& line = curves.lines[row];
        const int number = line.policy;
        const PolicyReplay& policy = *replay.policies[static_cast<std::size_t>(number)];
        const int worst = worstStep(line, first.better, curves.range);
        const bool there = raw(step) < policy.stepsDone;
        const CacheBytes bytes = there ? cacheBytes(replay, policy, step) : CacheBytes{};
        QStringList texts{QStringLiteral("%1  %2").arg(number + 1).arg(QString::fromStdString(line.label))};
        for (std::size_t i = 0; i < metrics.size(); ++i) {
            const auto& lines = metrics[i].lines;
            texts << metricWords(metricCatalog()[i], row < lines.size() ? lines[row].average : std::nan(""));
        }
        texts << (worst < 0 ? QStringLiteral("—") : grouped(worst))
              << (worst < 0 ? QStringLiteral("—") : metricWords(first, line.mean[static_cast<std::size_t>(worst)]))
              << (there ? bytesWords(bytes.logical) : QStringLiteral("—"))
              << (there ? bytesWords(bytes.physical) : QStringLiteral("—"));
        const RanOn place = ranOn(replay, policy);
        if (gpu)
            texts << (policy.isRun() ? QStringLiteral("—") : QString::fromStdString(place.device));
        texts << QString::fromStdString(line.spec);
        for (int column = 0; column < texts.size(); ++column) {
            auto* item = new QTableWidgetItem(texts[column]);
            const int words = gpu ? 2 : 1; // columns at the right
            const bool isNumber = column > 0 && column + words < texts.size();
            if (gpu && column + words == texts.size() && !policy.isRun() && !place.why.empty())
                item->setToolTip(QObject::tr("Not on the GPU: %1").arg(QString::fromStdString(place.why)));
            item->setTextAlignment(Qt::AlignVCenter | (isNumber ? Qt::AlignRight : Qt::AlignLeft));
            if (number == state.focus) {
                QFont font = table.font();
                font.setBold(true);
                item->setFont(font);
            }
            table.setItem(static_cast<int>(row), column, item);
        }
    }
    table.resizeColumnsToContents();
    table.horizontalHeader()->setStretchLastSection(true);
}

} // namespace winnow::views
