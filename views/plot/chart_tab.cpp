// SPDX-License-Identifier: GPL-3.0-or-later
#include "views/plot/chart_tab.h"

#include "views/style/dock_style.h"
#include "views/style/focus_ring.h"

#include <QScrollArea>
#include <QVBoxLayout>

namespace winnow::views {

ChartTab::ChartTab(Selection* selection, const QString& name, QWidget* parent, ChartPlot* plot)
    : QWidget(parent), m_selection(selection), m_theme(Theme::darkTheme()), m_plot(plot ? plot : new ChartPlot(selection, this)),
      m_bar(new QHBoxLayout), m_note(new ElidedLabel(this)), m_band(new PanelBand(this))
{
    m_plot->setParent(this);
    setFocusProxy(m_plot);
    if (!plot) // others draw a ring of their own
        new FocusRing(m_plot, m_plot);
    m_plot->setAccessibleName(tr("%1, chart").arg(name));
    setAccessibleName(name);
    m_bar->setContentsMargins(12, 2, 12, 0);
    m_bar->setSpacing(8);
}

void ChartTab::layOut(QWidget* body, QSize least)
{
    const auto fit = [body, least](bool empty) {
        body->setMinimumSize(empty ? QSize(0, 0) : QSize(scaled(least.width()), scaled(least.height())));
    };
    fit(false);
    m_plot->setEmptied(fit);
    auto* scroll = new QScrollArea(this);
    scroll->setFrameShape(QFrame::NoFrame);
    scroll->setWidgetResizable(true);
    scroll->setFocusPolicy(Qt::NoFocus);
    scroll->setWidget(body);
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(0);
    column->addLayout(m_bar);
    column->addWidget(m_band);
    column->addWidget(scroll, 1);
}

QComboBox* ChartTab::addBox(const QString& name, const QStringList& entries)
{
    auto* box = new QComboBox(this);
    box->setSizeAdjustPolicy(QComboBox::AdjustToContents);
    box->setAccessibleName(name);
    box->setToolTip(name);
    box->addItems(entries);
    m_bar->addWidget(box);
    return box;
}

void ChartTab::styleBar(const Theme& theme)
{
    m_theme = theme;
    m_plot->setTheme(theme);
    m_band->setTheme(theme);
    QPalette muted = m_note->palette();
    muted.setColor(QPalette::WindowText, theme.muted);
    m_note->setPalette(muted);
    m_note->setFont(uiFont(12));
}

void ChartTab::say(const QString& sentence)
{
    m_note->setText(sentence);
    setAccessibleDescription(sentence);
    m_plot->setAccessibleDescription(sentence.isEmpty() ? tr("Nothing is shown") : sentence);
}

void ChartTab::showWhatIsThere(const QString& needs, const QString& meanwhile)
{
    m_isThere = m_data.trace && m_data.trace->layerCount() > 0 && m_data.trace->tokenCount() > 0;
    m_plot->setTokenCount(m_isThere ? m_data.trace->tokenCount() : 0);
    m_plot->setEmptyText(m_isThere     ? meanwhile
                         : m_data.info ? needs
                                       : tr("Nothing is open yet: open a model, a recording or the demo"));
}

void ChartTab::ask()
{
    m_stale = true;
    if (!m_isThere || !isVisible())
        return;
    m_stale = false;
    m_plot->setUpdating(hasPicture());
    start();
}

void ChartTab::showEvent(QShowEvent* event)
{
    QWidget::showEvent(event);
    if (m_stale)
        ask();
}

bool ChartTab::endUpdate(const Error* error)
{
    m_plot->setUpdating(false);
    if (!error) {
        m_band->tell({});
        return true;
    }
    if (error->code != ErrorCode::Cancelled) {
        std::vector<PanelBand::Choice> choices = remedies(*error);
        choices.insert(choices.begin(), {tr("Try again"), [this] { ask(); }});
        m_band->tell(QString::fromStdString(error->message), choices);
    }
    return false;
}

} // namespace winnow::views
