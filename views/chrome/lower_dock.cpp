// SPDX-License-Identifier: GPL-3.0-or-later
#include "views/chrome/lower_dock.h"

#include "views/answers/answers_tab.h"
#include "views/attention/attention_tab.h"
#include "views/quality/drift_tab.h"
#include "views/quality/quality_tab.h"
#include "views/style/dock_style.h"
#include "views/token/token_tab.h"
#include "views/wavelet/wavelet_tab.h"

#include <QTabBar>

#include <algorithm>

namespace winnow::views {

LowerDock::LowerDock(Selection* selection, QWidget* parent)
    : QTabWidget(parent), m_quality(new QualityTab(selection)), m_token(new TokenTab(selection)),
      m_attention(new AttentionTab(selection)), m_wavelet(new WaveletTab(selection)), m_drift(new DriftTab(selection)),
      m_answers(new AnswersTab(selection))
{
    setDocumentMode(true);
    setAccessibleName(tr("Charts"));
    resetHeights();
    addTab(m_quality, tr("Quality"));
    addTab(m_token, tr("Token"));
    addTab(m_attention, tr("Attention"));
    addTab(m_wavelet, tr("Wavelet"));
    addTab(m_drift, tr("Drift"));
    addTab(m_answers, tr("Answers"));
    connect(this, &QTabWidget::currentChanged, this, [this] { emit heightHintChanged(heightHint()); });
}

void LowerDock::setData(const ViewData& data)
{
    m_quality->setData(data);
    m_token->setData(data);
    m_attention->setData(data);
    m_wavelet->setData(data);
    m_drift->setData(data);
    m_answers->setData(data);
}

void LowerDock::setTheme(const Theme& theme)
{
    m_quality->setTheme(theme);
    m_token->setTheme(theme);
    m_attention->setTheme(theme);
    m_wavelet->setTheme(theme);
    m_drift->setTheme(theme);
    m_answers->setTheme(theme);
}

int LowerDock::heightHint() const { return m_heights[static_cast<std::size_t>(std::max(0, currentIndex()))]; }

void LowerDock::rememberHeight(int height)
{
    if (height > 0)
        m_heights[static_cast<std::size_t>(std::max(0, currentIndex()))] = height;
}

void LowerDock::setHeights(const TabHeights& heights)
{
    const TabHeights usual{scaled(212), scaled(212), scaled(390), scaled(390), scaled(212), scaled(390)};
    for (std::size_t tab = 0; tab < heights.size(); ++tab)
        m_heights[tab] = heights[tab] > 0 ? heights[tab] : usual[tab];
    emit heightHintChanged(heightHint());
}

void LowerDock::resetHeights() { setHeights({}); }

int LowerDock::closedHeight() const { return tabBar()->sizeHint().height(); }

std::optional<FigureRequest> LowerDock::currentFigure() const
{
    return currentWidget() == m_quality     ? m_quality->currentFigure()
           : currentWidget() == m_token     ? m_token->currentFigure()
           : currentWidget() == m_attention ? m_attention->currentFigure()
           : currentWidget() == m_wavelet   ? m_wavelet->currentFigure()
           : currentWidget() == m_drift     ? m_drift->currentFigure()
                                            : std::nullopt;
}

QString LowerDock::copyableText() const { return currentWidget() == m_answers ? m_answers->copyableText() : QString(); }

bool LowerDock::showsTable() const { return m_quality->showsTable(); }

void LowerDock::toggleTable()
{
    setCurrentWidget(m_quality);
    m_quality->toggleTable();
}

} // namespace winnow::views
