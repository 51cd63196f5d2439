// SPDX-License-Identifier: GPL-3.0-or-later
#include "views/policies/policy_list_budget.h"

#include "views/style/counted.h"
#include "views/style/dock_style.h"

#include <QKeyEvent>
#include <QMouseEvent>
#include <QPainter>

#include <algorithm>
#include <cmath>

namespace winnow::views {

namespace {

constexpr int kDragStarts = 4;
constexpr double kPixelsPerDoubling = 48;

} // namespace

Budget scaledBudget(const Budget& budget, double factor)
{
    Budget changed = budget;
    changed.amount =
        std::max(1.0, budget.percent ? std::round(budget.amount * factor * 10) / 10 : std::round(budget.amount * factor));
    if (changed.percent)
        changed.amount = std::min(100.0, changed.amount);
    return changed;
}

QString budgetText(const Budget& budget)
{
    return QString::number(budget.amount, 'g', 9) + (budget.percent ? QStringLiteral("%") : QString());
}

namespace {

/// What is typed, as a spec writes it: "1,024 slots" is "1024".
QString withoutUnit(QString typed)
{
    for (const QString& unit : {BudgetField::tr("slots"), BudgetField::tr("slot"), QStringLiteral(" "), QStringLiteral(",")})
        typed.remove(unit);
    return typed.trimmed();
}

} // namespace

BudgetField::BudgetField(QWidget* parent) : QLineEdit(parent)
{
    setFrame(false);
    setFont(uiFont(12));
    setAccessibleName(tr("Budget"));
    setToolTip(tr("Budget per lane: type slots or per cent, or drag sideways. [ halves and ] doubles the focused one."));
    setTextMargins(0, 0, 0, 0);
    setFocusPolicy(Qt::NoFocus); // a press may begin a drag: the release and F2 give it the focus
    connect(this, &QLineEdit::returnPressed, this, [this] {
        commit();
        if (withoutUnit(text()) == budgetText(m_budget)) // else it was refused, and can be mended
            parentWidget()->setFocus();                  // the next key is the window's again
    });
}

void BudgetField::setTheme(const Theme& theme)
{
    m_theme = theme;
    QPalette palette = theme.palette();
    palette.setColor(QPalette::Base, Qt::transparent);
    palette.setColor(QPalette::Text, m_editing ? theme.ink : theme.muted);
    setPalette(palette);
}

void BudgetField::setBudget(const Budget& budget)
{
    m_budget = budget;
    if (!m_editing)
        showBudget();
}

void BudgetField::showBudget()
{
    setText(m_budget.percent ? QStringLiteral("%1 %").arg(m_budget.amount) : counted(std::lround(m_budget.amount), tr("slot")));
    setCursorPosition(0);
}

void BudgetField::drop()
{
    if (std::exchange(m_dragging, false))
        m_budget = m_dragFrom;
    m_pressed.reset();
    if (m_editing)
        setText(budgetText(m_budget));
    else
        showBudget();
}

void BudgetField::commit()
{
    if (!m_editing)
        return;
    if (const QString typed = withoutUnit(text()); typed != budgetText(m_budget))
        emit edited(typed, false);
}

void BudgetField::mousePressEvent(QMouseEvent* event)
{
    if (m_editing || event->button() != Qt::LeftButton) {
        QLineEdit::mousePressEvent(event);
        return;
    }
    m_pressed = event->pos();
    m_dragFrom = m_budget;
}

void BudgetField::mouseMoveEvent(QMouseEvent* event)
{
    if (m_editing) {
        QLineEdit::mouseMoveEvent(event);
        return;
    }
    setCursor(Qt::SplitHCursor);
    if (!m_pressed)
        return;
    const int moved = event->pos().x() - m_pressed->x();
    m_dragging = m_dragging || std::abs(moved) >= kDragStarts;
    const Budget wanted = scaledBudget(m_dragFrom, std::exp2(moved / kPixelsPerDoubling));
    if (!m_dragging || wanted == m_budget)
        return;
    m_budget = wanted;
    showBudget();
    emit edited(budgetText(wanted), true);
}

void BudgetField::mouseReleaseEvent(QMouseEvent* event)
{
    if (m_editing || !m_pressed) {
        QLineEdit::mouseReleaseEvent(event);
        return;
    }
    m_pressed.reset();
    if (std::exchange(m_dragging, false))
        emit edited(budgetText(m_budget), false);
    else
        setFocus(Qt::MouseFocusReason);
}

void BudgetField::focusInEvent(QFocusEvent* event)
{
    m_editing = true;
    setTheme(m_theme);
    setText(budgetText(m_budget));
    setCursor(Qt::IBeamCursor);
    QLineEdit::focusInEvent(event);
    selectAll();
}

void BudgetField::focusOutEvent(QFocusEvent* event)
{
    QLineEdit::focusOutEvent(event);
    if (event->reason() == Qt::PopupFocusReason || event->reason() == Qt::ActiveWindowFocusReason)
        return;
    commit();
    m_editing = false;
    setTheme(m_theme);
    setCursor(Qt::SplitHCursor);
    showBudget();
}

bool BudgetField::event(QEvent* event)
{
    if (event->type() == QEvent::ShortcutOverride && m_editing) {
        const int key = static_cast<QKeyEvent*>(event)->key();
        if (key == Qt::Key_Escape || key == Qt::Key_Return || key == Qt::Key_Up || key == Qt::Key_Down) {
            event->accept();
            return true;
        }
    }
    return QLineEdit::event(event);
}

void BudgetField::keyPressEvent(QKeyEvent* event)
{
    if (event->key() == Qt::Key_Escape) {
        setText(budgetText(m_budget));
        parentWidget()->setFocus();
    } else if (event->key() == Qt::Key_Up || event->key() == Qt::Key_Down) {
        emit edited(budgetText(scaledBudget(m_budget, event->key() == Qt::Key_Up ? 2 : 0.5)), false);
        setText(budgetText(m_budget));
        selectAll();
    } else {
        QLineEdit::keyPressEvent(event);
    }
}

void BudgetField::paintEvent(QPaintEvent* event)
{
    {
        QPainter painter(this);
        painter.fillRect(rect().adjusted(1, 3, -1, -2), m_theme.page);
    }
    QLineEdit::paintEvent(event);
    QPainter painter(this);
    if (m_editing)
        drawFocusRing(painter, rect(), m_theme);
    else { // a field: one can type in it, and drag
        painter.setPen(underMouse() ? m_theme.muted : m_theme.line);
        painter.drawRoundedRect(QRectF(rect()).adjusted(0.5, 2.5, -0.5, -1.5), 3, 3);
    }
}

} // namespace winnow::views
