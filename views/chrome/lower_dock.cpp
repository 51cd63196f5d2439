// SPDX-License-Identifier: GPL-3.0-or-later
#include "views/chrome/lower_dock.h"

#include "views/answers/answers_tab.h"
#include "views/attention/attention_tab.h"
#include "views/chrome/control_values.h"
#include "views/quality/drift_tab.h"
#include "views/quality/quality_tab.h"
#include "views/style/dock_style.h"
#include "views/token/token_tab.h"
#include "views/wavelet/wavelet_tab.h"

#include <QTabBar>

#include <utility>

namespace winnow::views {

namespace {

constexpr int kLowHeight = 212, kHighHeight = 390;

TabHeights firstHeights()
{
    const int low = scaled(kLowHeight), high = scaled(kHighHeight);
    return {low, low, high, high, low, high};
}

} // namespace

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
    connect(this, &QTabWidget::currentChanged, this, [this] {
        if (const int tab = currentIndex() - (m_text ? 1 : 0); tab >= 0)
            m_tab = tab;
        emit heightHintChanged(heightHint());
    });
}

void LowerDock::setTextTab(QWidget* text)
{
    if (text == m_text)
        return;
    QWidget* before = std::exchange(m_text, nullptr);
    {
        const QSignalBlocker quiet(this); // the chart that was looked at stays the current one
        if (before)
            removeTab(indexOf(before));
        m_text = text;
        if (text)
            insertTab(0, text, tr("Text"));
        showTab(m_tab);
    }
    if (before)
        emit textReleased(before);
}

void LowerDock::showText()
{
    if (m_text)
        setCurrentWidget(m_text);
}

void LowerDock::showTab(int tab) { setCurrentIndex(tab + (m_text ? 1 : 0)); }

int LowerDock::currentTab() const { return m_tab; }

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

int LowerDock::heightHint() const { return showsText() ? m_textHeight : m_heights[static_cast<std::size_t>(m_tab)]; }

bool LowerDock::hasFirstHeight() const
{
    return heightHint() == (showsText() ? scaled(kLowHeight) : firstHeights()[static_cast<std::size_t>(m_tab)]);
}

void LowerDock::rememberHeight(int height)
{
    if (height > 0)
        (showsText() ? m_textHeight : m_heights[static_cast<std::size_t>(m_tab)]) = height;
}

void LowerDock::setHeights(const TabHeights& heights)
{
    const TabHeights usual = firstHeights();
    for (std::size_t tab = 0; tab < heights.size(); ++tab)
        m_heights[tab] = heights[tab] > 0 ? heights[tab] : usual[tab];
    emit heightHintChanged(heightHint());
}

void LowerDock::setTextHeight(int height)
{
    m_textHeight = height > 0 ? height : scaled(kLowHeight);
    emit heightHintChanged(heightHint());
}

void LowerDock::resetHeights()
{
    setHeights({});
    setTextHeight(0);
}

int LowerDock::closedHeight() const { return tabBar()->sizeHint().height(); }

std::vector<LowerDock::Chart> LowerDock::charts() const
{
    return {{"quality", m_quality, [this] { return m_quality->currentFigure(); }},
            {"token", m_token, [this] { return m_token->currentFigure(); }},
            {"attention", m_attention, [this] { return m_attention->currentFigure(); }},
            {"wavelet", m_wavelet, [this] { return m_wavelet->currentFigure(); }},
            {"drift", m_drift, [this] { return m_drift->currentFigure(); }}};
}

std::map<std::string, std::map<std::string, std::string>> LowerDock::controls() const
{
    std::map<std::string, std::map<std::string, std::string>> all;
    for (const Chart& chart : charts())
        all[chart.name] = controlValues(*chart.tab);
    return all;
}

void LowerDock::takeControls(const std::map<std::string, std::map<std::string, std::string>>& controls)
{
    for (const Chart& chart : charts())
        if (const auto found = controls.find(chart.name); found != controls.end())
            takeControlValues(*chart.tab, found->second);
}

std::optional<FigureRequest> LowerDock::currentFigure() const
{
    for (const Chart& chart : charts())
        if (chart.tab == currentWidget())
            return chart.figure();
    return std::nullopt; // the text, and the answers
}

QString LowerDock::copyableText() const { return currentWidget() == m_answers ? m_answers->copyableText() : QString(); }

bool LowerDock::showsTable() const { return m_quality->showsTable(); }

void LowerDock::toggleTable()
{
    setCurrentWidget(m_quality);
    m_quality->toggleTable();
}

} // namespace winnow::views
