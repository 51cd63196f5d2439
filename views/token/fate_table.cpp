// SPDX-License-Identifier: GPL-3.0-or-later
#include "views/token/fate_table.h"

#include "views/state/lane_choice.h"
#include "views/style/counted.h"

#include <QHeaderView>

#include <algorithm>
#include <cmath>
#include <limits>

namespace winnow::views {

namespace {

enum Column { kLane, kLeft, kAsked, kScore, kMargin, kRank, kOutranked, kColumns };
constexpr int kNumber = Qt::UserRole, kFate = Qt::UserRole + 1;

/// Sorted by a number, whatever it shows.
class NumberItem final : public QTableWidgetItem {
public:
    NumberItem(const QString& text, double number) : QTableWidgetItem(text)
    {
        setData(kNumber, number);
        setFlags(Qt::ItemIsEnabled | Qt::ItemIsSelectable);
    }
    bool operator<(const QTableWidgetItem& other) const override
    {
        return data(kNumber).toDouble() < other.data(kNumber).toDouble();
    }
};

QString number(double value, bool sign = false, int digits = 3)
{
    if (std::isnan(value))
        return QStringLiteral("—");
    const QString text = QString::number(std::abs(value), 'g', digits);
    return value < 0 ? QChar(0x2212) + text : sign ? QStringLiteral("+") + text : text;
}

double orLowest(double value) { return std::isnan(value) ? -std::numeric_limits<double>::infinity() : value; }

QString askedWords(const LaneFate& fate)
{
    if (fate.leftAt < 0 || std::isnan(fate.most))
        return QStringLiteral("—");
    return fate.mostAt < 0 ? FateTable::tr("never")
                           : FateTable::tr("%1 at %2").arg(number(fate.most, false, 2), grouped(fate.mostAt));
}

QString leftWords(const LaneFate& fate, int tokens)
{
    if (fate.leftAt < 0)
        return FateTable::tr("never");
    return fate.kept > 0 && tokens > 1 ? FateTable::tr("%1, %2 kept").arg(grouped(fate.leftAt)).arg(fate.kept)
                                       : grouped(fate.leftAt);
}

QString outrankedWords(const Verdict& verdict, const ViewData& data)
{
    if (verdict.outrankedBy < 0)
        return FateTable::tr("nobody stayed");
    return QStringLiteral("%1 “%2”").arg(grouped(verdict.outrankedBy), tokenLabel(data, verdict.outrankedBy));
}

} // namespace

FateTable::FateTable(QWidget* parent) : QTableWidget(0, kColumns, parent)
{
    setHorizontalHeaderLabels({tr("Lane"), tr("Left at"), tr("Asked for"), tr("Score"), tr("Margin"), tr("Rank"), tr("Lost to")});
    const QStringList help{tr("Layer and lane: KV head, or query head where the policy decides for each"),
                           tr("The step at whose end the last of the tokens left"),
                           tr("The most attention that the full cache paid to it at one step after it had left, and that step"),
                           tr("Its score when it left; higher is more worth keeping"),
                           tr("Its score minus the cut: the lowest that stayed among those that could have gone"),
                           tr("Its place among those that could have gone, 1 = most worth keeping"),
                           tr("Who stayed in its place: the neighbor it was compared with, or the one at the cut")};
    for (int column = 0; column < kColumns; ++column)
        horizontalHeaderItem(column)->setToolTip(help[column]);
    setEditTriggers(QAbstractItemView::NoEditTriggers);
    setSelectionBehavior(QAbstractItemView::SelectRows);
    setSelectionMode(QAbstractItemView::SingleSelection);
    setWordWrap(false);
    setShowGrid(false);
    setAlternatingRowColors(true);
    setHorizontalScrollMode(QAbstractItemView::ScrollPerPixel);
    verticalHeader()->hide();
    horizontalHeader()->setDefaultAlignment(Qt::AlignLeft | Qt::AlignVCenter);
    horizontalHeader()->setHighlightSections(false);
    horizontalHeader()->setStretchLastSection(true);
    horizontalHeader()->setSortIndicator(kLeft, Qt::DescendingOrder);
    setAccessibleName(tr("Lanes of the focused policy"));
    connect(horizontalHeader(), &QHeaderView::sortIndicatorChanged, this, &FateTable::fitColumns);
    const auto fateAt = [this](int row) -> const LaneFate& {
        return m_fates[static_cast<std::size_t>(item(row, kLane)->data(kFate).toInt())];
    };
    const auto choose = [this, fateAt](int row, int) {
        const LaneFate fate = fateAt(row); // a copy: the rows may be made anew
        emit laneChosen(fate.layer, fate.lane);
    };
    connect(this, &QTableWidget::cellClicked, this, choose);
    connect(this, &QTableWidget::cellActivated, this, choose); // Enter
    connect(this, &QTableWidget::cellDoubleClicked, this, [this, fateAt](int row, int) {
        if (const LaneFate fate = fateAt(row); fate.leftAt >= 0)
            emit stepChosen(fate.layer, fate.lane, fate.leftAt);
    });
}

void FateTable::setTheme(const Theme& theme)
{
    m_lost = QColor::fromRgb(theme.lost[theme.dark ? 110 : 90]);
    setFont(uiFont(12));
    horizontalHeader()->setFont(uiFont(12));
    verticalHeader()->setDefaultSectionSize(std::max(20, QFontMetrics(font()).height() + 4));
}

/// As wide as their words; the last one takes what is left.
void FateTable::fitColumns()
{
    constexpr int kArrow = 12, kBesideHead = 14, kBesideWords = 8; // the arrow of the order, and air
    const QFontMetrics metrics(font()), head(horizontalHeader()->font());
    horizontalHeader()->setStretchLastSection(false); // or it would keep the width that it had beside the older ones
    for (int column = 0; column < kColumns; ++column) {
        const int arrow = column == horizontalHeader()->sortIndicatorSection() ? kArrow : 0;
        int widest = head.horizontalAdvance(horizontalHeaderItem(column)->text()) + kBesideHead + arrow;
        for (int row = 0; row < rowCount(); ++row)
            widest = std::max(widest, metrics.horizontalAdvance(item(row, column)->text()) + kBesideWords);
        setColumnWidth(column, widest);
    }
    horizontalHeader()->setStretchLastSection(true);
}

void FateTable::clearRows()
{
    setRowCount(0);
    m_fates.clear();
}

void FateTable::show(const Autopsy& autopsy, const Autopsy::Line& line, const ViewData& data, bool asking)
{
    m_fates = line.fates;
    setSortingEnabled(false);
    setRowCount(static_cast<int>(m_fates.size()));
    const int tokens = autopsy.tokens.second - autopsy.tokens.first + 1;
    for (int row = 0; row < rowCount(); ++row) {
        const LaneFate& fate = m_fates[static_cast<std::size_t>(row)];
        const int layer = autopsy.layers[static_cast<std::size_t>(fate.layer)];
        auto* lane = new NumberItem(QStringLiteral("%1.%2").arg(layer).arg(fate.lane), fate.layer * 1e5 + fate.lane);
        lane->setData(kFate, row);
        setItem(row, kLane, lane);
        auto* left =
            new NumberItem(leftWords(fate, tokens), fate.leftAt < 0 ? std::numeric_limits<double>::infinity() : fate.leftAt);
        if (fate.byWindow) {
            left->setText(left->text() + tr(", window"));
            left->setToolTip(tr("The model's own sliding window dropped it here, as it does under every policy"));
        }
        setItem(row, kLeft, left);
        setItem(row, kScore, new NumberItem(number(double(fate.score)), orLowest(double(fate.score))));
        setItem(row, kMargin, new NumberItem(number(fate.margin(), true, 2), orLowest(fate.margin())));
        const auto& verdict = fate.verdict;
        const bool scored = !std::isnan(fate.score);
        const QString none = scored && asking ? QStringLiteral("…") : QStringLiteral("—");
        setItem(
            row, kRank,
            new NumberItem(verdict && verdict->rank > 0 ? QStringLiteral("%1/%2").arg(verdict->rank).arg(verdict->among) : none,
                           verdict ? verdict->rank : 0));
        auto* outranked = new NumberItem(verdict ? outrankedWords(*verdict, data) : none, verdict ? verdict->outrankedBy : -1);
        if (verdict)
            outranked->setToolTip(
                (verdict->inPair ? tr("Compared as neighbors: %1 against %2") : tr("The lowest that stayed: %1 against %2"))
                    .arg(number(verdict->outrankedScore), number(verdict->score)) +
                (verdict->agrees ? QString() : tr(". The replay let other tokens go in this lane; a near-tie fell otherwise")));
        setItem(row, kOutranked, outranked);
        auto* asked = new NumberItem(askedWords(fate), orLowest(fate.most));
        if (fate.mostAt >= 0) {
            asked->setForeground(m_lost);
            asked->setToolTip(
                tr("%1 in all over the %2 after it left").arg(number(fate.asked), counted(fate.askedSteps, tr("step"))));
        }
        setItem(row, kAsked, asked);
    }
    setSortingEnabled(true);
    fitColumns();
}

} // namespace winnow::views
