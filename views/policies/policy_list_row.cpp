// SPDX-License-Identifier: GPL-3.0-or-later
#include "views/policies/policy_list_row.h"

#include "views/policies/policy_list_budget.h"
#include "views/policies/policy_list_parameters.h"
#include "views/style/counted.h"
#include "views/style/dock_style.h"

#include <QLabel>
#include <QPainter>
#include <QVBoxLayout>

#include <algorithm>
#include <cmath>

namespace winnow::views {

namespace {

constexpr int kHead = 40, kNameAt = 50;

QString massWords(const std::optional<double>& mass) { return mass ? QString::number(*mass, 'f', 3) : QStringLiteral("\u2014"); }

QString titleOf(const PolicySpec& spec)
{
    const PolicyInfo* info = findPolicy(spec.name);
    return info ? QString::fromUtf8(info->title) : QString::fromStdString(spec.name);
}

QString titleOf(const PolicyRowState& state)
{
    return state.run.isEmpty() ? titleOf(state.spec) : PolicyRow::tr("%1, run").arg(titleOf(state.spec));
}

} // namespace

PolicyRow::PolicyRow(QWidget* parent)
    : QWidget(parent), m_budget(new BudgetField(this)), m_eye(new IconButton(Icon::Eye, tr("Hide"), this)),
      m_error(new QLabel(this)), m_layout(new QVBoxLayout(this))
{
    setFocusPolicy(Qt::StrongFocus);
    setAttribute(Qt::WA_Hover);
    setMouseTracking(true);
    m_layout->setContentsMargins(0, scaled(kHead), 0, 0);
    m_layout->setSpacing(0);
    m_error->setFont(uiFont(11));
    m_error->setWordWrap(true);
    m_error->setContentsMargins(scaled(kNameAt), 0, scaled(12), scaled(6));
    m_error->hide();
    m_layout->addWidget(m_error);
    connect(m_budget, &BudgetField::edited, this,
            [this](const QString& value, bool dragging) { emit edited(QStringLiteral("budget"), value, dragging); });
    connect(m_eye, &IconButton::clicked, this, [this] { emit hiddenWanted(!m_state.hidden); });
}

int PolicyRow::numberWidth() { return QFontMetrics(uiFont(12)).horizontalAdvance(QStringLiteral("0.000")) + scaled(6); }
int PolicyRow::eyeWidth() { return scaled(32); }
int PolicyRow::headHeight() const { return scaled(kHead); }

void PolicyRow::setTheme(const Theme& theme)
{
    m_theme = theme;
    m_budget->setTheme(theme);
    m_eye->setTheme(theme);
    QPalette palette = theme.palette();
    palette.setColor(QPalette::WindowText, theme.ink);
    m_error->setPalette(palette);
    if (m_panel)
        m_panel->setTheme(theme);
    update();
}

void PolicyRow::setState(const PolicyRowState& state)
{
    const bool otherPolicy = state.spec.name != m_state.spec.name;
    m_state = state;
    const bool hasBudget = state.run.isEmpty() && !state.spec.value("budget").empty();
    m_budget->setVisible(hasBudget);
    if (hasBudget)
        m_budget->setBudget(state.spec.budget());
    m_eye->setIcon(state.hidden ? Icon::EyeOff : Icon::Eye);
    m_eye->setToolTip(state.hidden ? tr("Show") : tr("Hide"));
    m_eye->setAccessibleName(state.hidden ? tr("Show %1").arg(titleOf(state)) : tr("Hide %1").arg(titleOf(state)));
    const bool wrong = !state.error.isEmpty() && m_error->text() != state.error;
    m_error->setText(state.error);
    m_error->setVisible(!state.error.isEmpty());
    if (wrong)
        emit grown();
    if (!state.run.isEmpty())
        setExpanded(false);
    if (m_panel && otherPolicy) {
        setExpanded(false);
        setExpanded(true);
    } else if (m_panel) {
        m_panel->setSpec(state.spec);
    }
    QString name = tr("%1, %2").arg(state.number + 1).arg(titleOf(state));
    if (hasBudget)
        name += tr(", %1").arg(state.spec.budget().percent ? budgetText(state.spec.budget())
                                                           : counted(std::lround(state.spec.budget().amount), tr("slot")));
    if (!state.run.isEmpty())
        name += tr(", %1").arg(state.run);
    name += tr(", mean mass %1").arg(massWords(state.mean));
    name += (state.focus ? tr(", focus") : QString()) + (state.reference ? tr(", reference") : QString()) +
            (state.hidden ? tr(", hidden") : QString());
    setAccessibleName(name);
    setAccessibleDescription(state.error.isEmpty() ? tr("Mass at the step %1").arg(massWords(state.now)) : state.error);
    update();
}

void PolicyRow::setExpanded(bool on)
{
    if (on == isExpanded() || (on && !m_state.run.isEmpty())) // a run has nothing to edit
        return;
    if (!on) {
        m_layout->removeWidget(m_panel);
        m_panel->hide();
        m_panel->deleteLater();
        m_panel = nullptr;
    } else if (const PolicyInfo* info = findPolicy(m_state.spec.name)) {
        m_panel = new ParameterPanel(*info, this);
        m_panel->setTheme(m_theme);
        m_panel->setSpec(m_state.spec);
        m_layout->addWidget(m_panel);
        connect(m_panel, &ParameterPanel::edited, this,
                [this](const QString& key, const QString& value) { emit edited(key, value, false); });
        connect(m_panel, &ParameterPanel::defaultsWanted, this, &PolicyRow::defaultsWanted);
    }
    updateGeometry();
    update();
}

bool PolicyRow::overExpander(const QPoint& position) const
{
    return position.x() < scaled(kNameAt) - 4 && position.y() < headHeight();
}

void PolicyRow::resizeEvent(QResizeEvent*)
{
    const int columns = numberWidth() * (m_state.ranged ? 2 : 1);
    const int wanted = QFontMetrics(m_budget->font()).horizontalAdvance(QStringLiteral("8,888 slots")) + scaled(8);
    const int room = width() - scaled(kNameAt) - eyeWidth() - columns - scaled(4);
    m_budget->setGeometry(scaled(kNameAt) - 3, scaled(19), std::min(wanted, room), scaled(19));
    const QSize eye = m_eye->sizeHint();
    m_eye->setGeometry(width() - eye.width() - scaled(4), (headHeight() - eye.height()) / 2, eye.width(), eye.height());
}

void PolicyRow::paintEvent(QPaintEvent*)
{
    QPainter painter(this);
    const QRect head(0, 0, width(), headHeight());
    painter.fillRect(rect(), m_state.focus ? raisedOf(m_theme) : m_theme.panel);
    if (!m_state.focus && underMouse()) {
        QColor wash = raisedOf(m_theme);
        wash.setAlphaF(0.5F);
        painter.fillRect(head, wash);
    }
    // The edges: blue is the focus, orange the reference; one policy may be both.
    if (m_state.focus)
        painter.fillRect(QRect(0, 0, 4, m_state.reference ? height() / 2 : height()), accentOf(m_theme));
    if (m_state.reference)
        painter.fillRect(QRect(0, m_state.focus ? height() / 2 : 0, 4, height()), referenceAccentOf(m_theme));

    const QColor ink = m_state.hidden ? QColor::fromRgb(mixOkLab(m_theme.muted.rgb(), m_theme.panel.rgb(), 0.35)) : m_theme.ink;
    const QColor muted = m_state.hidden ? ink : m_theme.muted;
    const int line = scaled(18), top = scaled(3), second = scaled(20), name = scaled(kNameAt);
    const int right = width() - eyeWidth(), column = numberWidth(), mass = right - column, range = mass - column;
    drawText(painter, QRect(scaled(10), top, scaled(16), line), uiFont(11), muted, QString::number(m_state.number + 1));
    painter.setPen(m_theme.penOf(m_state.ink, 3));
    if (m_state.hidden)
        painter.setOpacity(0.45);
    painter.drawLine(QPointF(scaled(26), top + line / 2.0), QPointF(scaled(26 + 18), top + line / 2.0));
    painter.setOpacity(1);
    const bool lit = underMouse() || hasFocus() || isExpanded();
    if (m_state.run.isEmpty())
        drawIcon(painter, QRectF(scaled(26) + 3, second + 2, scaled(13), line - 3), isExpanded() ? Icon::Down : Icon::Right,
                 lit ? m_theme.ink : m_theme.muted);
    drawText(painter, QRect(name, top, mass - name - 4, line), uiFont(13, m_state.focus), ink, titleOf(m_state));
    drawText(painter, QRect(mass, top, column, line), uiFont(13), m_state.stale ? muted : ink, massWords(m_state.mean),
             Qt::AlignRight);
    const bool busy = !m_state.state.isEmpty();
    if (!m_state.run.isEmpty() && !busy)
        drawText(painter, QRect(name, second, (m_state.ranged ? range : mass) - name, line), uiFont(12), muted, m_state.run);
    else if (m_state.spec.value("budget").empty())
        drawText(painter, QRect(name, second, range - name, line), uiFont(12), muted, tr("everything"));
    const int from = m_budget->isHidden() ? name : m_budget->geometry().right() + 2;
    if (m_state.ranged && !busy) {
        const QString share =
            m_state.inRange ? QStringLiteral("%1 %").arg(std::lround(100 * *m_state.inRange)) : QStringLiteral("\u2014");
        drawText(painter, QRect(range, second, column - 2, line), uiFont(12), m_state.stale ? muted : ink, share, Qt::AlignRight);
    }
    drawText(painter, QRect(busy ? from : mass, second, busy ? right - from : column, line), uiFont(12), muted,
             busy ? m_state.state : massWords(m_state.now), Qt::AlignRight);
    if (m_state.fraction >= 0) {
        painter.fillRect(QRect(0, headHeight() - 2, width(), 2), m_theme.line);
        painter.fillRect(QRect(0, headHeight() - 2, static_cast<int>(std::lround(std::min(1.0, m_state.fraction) * width())), 2),
                         accentOf(m_theme));
    }
    if (hasFocus())
        drawFocusRing(painter, head, m_theme);
}

} // namespace winnow::views
