// SPDX-License-Identifier: GPL-3.0-or-later
#include "views/chrome/view_bar.h"

#include "views/chrome/view_bar_key.h"

#include <QActionGroup>
#include <QHBoxLayout>
#include <QMenu>
#include <QToolButton>

#include <algorithm>

namespace winnow::views {

ViewBar::ViewBar(Selection*, QWidget* parent)
    : QWidget(parent), m_scaleButton(new QToolButton), m_scales(new QActionGroup(this)), m_key(new ColorKey)
{
    setAutoFillBackground(true);
    setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
    auto* row = new QHBoxLayout(this);
    row->setContentsMargins(8, 3, 12, 3);
    row->setSpacing(8);
    m_scaleButton->setAutoRaise(true);
    m_scaleButton->setPopupMode(QToolButton::InstantPopup);
    m_scaleButton->setToolButtonStyle(Qt::ToolButtonTextOnly);
    m_scaleButton->setAccessibleName(tr("Color scale"));
    m_scaleButton->setToolTip(tr("How color follows the share of lanes; one scale for all panels"));
    auto* menu = new QMenu(m_scaleButton);
    const std::pair<ScaleKind, QString> kinds[] = {{ScaleKind::Linear, tr("Linear")},
                                                   {ScaleKind::Log, tr("Log, from 1/64 to 1")},
                                                   {ScaleKind::Rank, tr("Rank among what is kept")},
                                                   {ScaleKind::Clipped, tr("Clipped at the 99th percentile")}};
    for (const auto& [kind, title] : kinds) {
        QAction* action = m_scales->addAction(menu->addAction(title));
        action->setCheckable(true);
        action->setData(static_cast<int>(kind));
    }
    m_scaleButton->setMenu(menu);
    row->addWidget(m_scaleButton);
    row->addWidget(m_key, 1);
    connect(m_scales, &QActionGroup::triggered, this, [this](const QAction* action) {
        const auto kind = static_cast<ScaleKind>(action->data().toInt());
        if (kind == m_scale)
            return;
        setScale(kind);
        emit scaleChosen(kind);
    });
    setScale(ScaleKind::Linear);
    setTheme(Theme::darkTheme());
}

void ViewBar::setData(const ViewData& data) { m_key->setVisible(data.replay != nullptr); }

void ViewBar::setTheme(const Theme& theme)
{
    setPalette(theme.palette());
    m_scaleButton->setFont(uiFont(13));
    m_key->setTheme(theme);
    setFixedHeight(std::max(34, static_cast<int>(QFontMetricsF(uiFont(13)).height()) + 14));
}

void ViewBar::setScale(ScaleKind scale)
{
    m_scale = scale;
    m_scaleButton->setText(tr("Scale %1").arg(scaleName(scale)));
    for (QAction* action : m_scales->actions())
        action->setChecked(action->data().toInt() == static_cast<int>(scale));
    m_key->setColorScale(ColorScale::make(scale)); // until the maps say what rank and clipping mean here
}

void ViewBar::setColorScale(const ColorScale& scale) { m_key->setColorScale(scale); }
void ViewBar::setReduction(int tokensPerPixel) { m_key->setReduction(tokensPerPixel); }

} // namespace winnow::views
