// SPDX-License-Identifier: GPL-3.0-or-later
// What the settings and a session remember of the arrangement. See arrangement.h.
#include "app/window/arrangement.h"

#include "views/chrome/lower_dock.h"

#include <QDockWidget>
#include <QMainWindow>
#include <QScreen>
#include <QSettings>
#include <QSplitter>

#include <algorithm>

namespace winnow::app {

namespace {

QString settingsKey(bool narrow) { return narrow ? QStringLiteral("window/narrow") : QStringLiteral("window/wide"); }

/// The frame that the window system will draw, before it is known.
constexpr QMargins kUsualFrame(4, 32, 4, 4);

} // namespace

/// [left shown, text shown, lower dock closed, left width, text width, heights of the lower tabs, that of the text there]
Arrangement::Sizes Arrangement::readSizes(bool narrow)
{
    const QVariantList kept = QSettings().value(settingsKey(narrow)).toList();
    Sizes sizes;
    sizes.left = !narrow;
    sizes.lowerClosed = narrow;
    constexpr qsizetype kBefore = 5, kEarlyTabs = 4; // before there were Drift and Answers
    const auto allTabs = static_cast<qsizetype>(sizes.lower.size());
    const qsizetype tabs = kept.size() == kBefore + kEarlyTabs + 1 ? kEarlyTabs : allTabs;
    if (kept.size() != kBefore + tabs + 1)
        return sizes;
    sizes = {kept[0].toBool(), kept[1].toBool(), kept[2].toBool(), kept[3].toInt(), kept[4].toInt(), {}, kept.back().toInt()};
    for (qsizetype i = 0; i < tabs; ++i)
        sizes.lower[static_cast<std::size_t>(i)] = kept[kBefore + i].toInt();
    return sizes;
}

void Arrangement::restore()
{
    if (!m_window->restoreGeometry(QSettings().value(QStringLiteral("window/geometry")).toByteArray()))
        m_window->resize(1440, 900);
    fitToScreen();
    arrange();
}

void Arrangement::fitToScreen()
{
    const QScreen* screen = m_window->screen();
    if (!screen)
        return;
    const QRect frame = m_window->frameGeometry(), inside = m_window->geometry();
    const QMargins known(inside.left() - frame.left(), inside.top() - frame.top(), frame.right() - inside.right(),
                         frame.bottom() - inside.bottom());
    const QMargins margins = known.isNull() ? kUsualFrame : known;
    const QRect available = screen->availableGeometry();
    m_window->setMinimumSize(QSize(900, 600).boundedTo(available.marginsRemoved(margins).size()));
    if (!m_window->isMaximized() && !m_window->isFullScreen())
        m_window->setGeometry(fitted(inside, available, margins));
}

void Arrangement::fixSize(QSize size)
{
    m_sizeFixed = true;
    m_window->resize(size);
}

void Arrangement::save()
{
    keepSizes();
    QSettings settings;
    settings.setValue(QStringLiteral("window/geometry"), m_window->saveGeometry());
    for (const bool narrow : {false, true}) {
        const Sizes& sizes = m_sizes[narrow ? 1 : 0];
        QVariantList kept{sizes.left, sizes.text, sizes.lowerClosed, sizes.leftWidth, sizes.textWidth};
        for (const int height : sizes.lower)
            kept.append(height);
        kept.append(sizes.lowerText);
        settings.setValue(settingsKey(narrow), kept);
    }
}

SessionWindow Arrangement::sizes() const
{
    const QSize size = m_window->normalGeometry().isValid() ? m_window->normalGeometry().size() : m_window->size();
    SessionWindow sizes{.width = size.width(),
                        .height = size.height(),
                        .maximized = m_window->isMaximized(),
                        .leftShown = m_sizes[0].left,
                        .textShown = m_sizes[0].text,
                        .leftWidth = m_leftDock->width(),
                        .textWidth = m_textDock->width(),
                        .lowerHeights = m_parts.lower->heights(),
                        .lowerTab = m_parts.lower->currentTab()};
    const QList<int> center = m_center->sizes(), left = m_left->sizes();
    std::copy_n(left.begin(), std::min<qsizetype>(left.size(), 2), sizes.leftSplitter.begin());
    std::copy_n(center.begin(), std::min<qsizetype>(center.size(), 2), sizes.splitter.begin());
    return sizes;
}

void Arrangement::take(const SessionWindow& sizes)
{
    const QSize size(sizes.width, sizes.height);
    if (!m_sizeFixed && !size.isEmpty() && !m_window->isMaximized()) {
        m_window->resize(size);
        fitToScreen();
    }
    if (sizes.maximized && !m_sizeFixed)
        m_window->setWindowState(m_window->windowState() | Qt::WindowMaximized);
    if (sizes.leftWidth > 0 && sizes.textWidth > 0)
        m_window->resizeDocks({m_leftDock, m_textDock}, {sizes.leftWidth, sizes.textWidth}, Qt::Horizontal);
    if (std::any_of(sizes.lowerHeights.begin(), sizes.lowerHeights.end(), [](int height) { return height > 0; }))
        m_parts.lower->setHeights(sizes.lowerHeights);
    m_parts.lower->showTab(sizes.lowerTab);
}

void Arrangement::takeShown(const SessionWindow& sizes)
{
    if (const auto& [maps, lower] = sizes.splitter; maps > 0 || lower > 0)
        m_center->setSizes({maps, lower});
    if (const auto& [policies, lanes] = sizes.leftSplitter; policies > 0 && lanes > 0)
        m_left->setSizes({policies, lanes});
    m_sizes[0].left = sizes.leftShown;
    m_sizes[0].text = sizes.textShown;
    showDocks();
}

} // namespace winnow::app
