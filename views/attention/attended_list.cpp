// SPDX-License-Identifier: GPL-3.0-or-later
#include "views/attention/attended_list.h"

#include "views/plot/number_words.h"
#include "views/state/lane_choice.h"

#include <QHeaderView>
#include <QVBoxLayout>

namespace winnow::views {

namespace {

enum Column { kToken, kText, kShare, kFate, kColumns };

QTableWidgetItem* cell(const QString& text, const QColor& color, bool toTheRight = false)
{
    auto* item = new QTableWidgetItem(text);
    item->setFlags(Qt::ItemIsEnabled | Qt::ItemIsSelectable);
    item->setForeground(color);
    item->setTextAlignment((toTheRight ? Qt::AlignRight : Qt::AlignLeft) | Qt::AlignVCenter);
    return item;
}

QString fateOf(const AttendedToken& token, int step)
{
    if (!token.lost)
        return AttendedList::tr("kept");
    return token.leftAt >= 0 && token.leftAt < step ? AttendedList::tr("left at %1").arg(grouped(token.leftAt))
                                                    : AttendedList::tr("not read");
}

} // namespace

AttendedList::AttendedList(QWidget* parent)
    : QWidget(parent), m_title(new QLabel(this)), m_table(new QTableWidget(0, kColumns, this))
{
    m_table->setHorizontalHeaderLabels({tr("Token"), tr("Text"), tr("Share"), tr("State")});
    m_table->setEditTriggers(QAbstractItemView::NoEditTriggers);
    m_table->setSelectionBehavior(QAbstractItemView::SelectRows);
    m_table->setSelectionMode(QAbstractItemView::SingleSelection);
    m_table->setWordWrap(false);
    m_table->setShowGrid(false);
    m_table->verticalHeader()->hide();
    m_table->horizontalHeader()->setDefaultAlignment(Qt::AlignLeft | Qt::AlignVCenter);
    m_table->horizontalHeader()->setHighlightSections(false);
    m_table->horizontalHeader()->setStretchLastSection(true);
    m_table->setAccessibleName(tr("Attended tokens of the step"));
    m_title->setMargin(4);
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(0);
    column->addWidget(m_title);
    column->addWidget(m_table, 1);
    setTheme(Theme::darkTheme());
    const auto choose = [this](int row, int) { emit tokenChosen(m_table->item(row, kToken)->data(Qt::UserRole).toInt()); };
    connect(m_table, &QTableWidget::cellClicked, this, choose);
    connect(m_table, &QTableWidget::cellActivated, this, choose); // Enter
}

void AttendedList::setTheme(const Theme& theme)
{
    m_theme = theme;
    m_title->setFont(uiFont(12));
    m_table->setFont(uiFont(12));
    m_table->horizontalHeader()->setFont(uiFont(12));
    m_table->verticalHeader()->setDefaultSectionSize(std::max(20, QFontMetrics(m_table->font()).height() + 4));
}

void AttendedList::clear()
{
    m_title->clear();
    m_table->setRowCount(0);
}

void AttendedList::show(const AttendedTokens& row, const QString& policy, const ViewData& data)
{
    m_title->setText(row.compared ? tr("Step %1: %2 has lost %3").arg(grouped(row.step), policy, percentWords(row.lost))
                                  : tr("Step %1, full cache").arg(grouped(row.step)));
    m_title->setToolTip(tr("The tokens that the query head attends to at this step, by their share of the full row"));
    m_table->setRowCount(static_cast<int>(row.tokens.size()));
    const QColor lost = QColor::fromRgb(m_theme.lost[m_theme.dark ? 110 : 90]);
    for (int i = 0; i < m_table->rowCount(); ++i) {
        const AttendedToken& token = row.tokens[static_cast<std::size_t>(i)];
        const QColor color = token.lost ? lost : m_theme.ink;
        auto* number = cell(grouped(token.token), color, true);
        number->setData(Qt::UserRole, token.token);
        m_table->setItem(i, kToken, number);
        m_table->setItem(i, kText, cell(tokenLabel(data, token.token, 16), color));
        m_table->setItem(i, kShare, cell(percentWords(double(token.share)), color, true));
        m_table->setItem(i, kFate, cell(row.compared ? fateOf(token, row.step) : QString(), color));
    }
    for (int column = 0; column < kFate; ++column) // the last one takes what is left
        m_table->resizeColumnToContents(column);
    m_table->scrollToTop();
    setAccessibleDescription(m_title->text());
}

} // namespace winnow::views
