// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/window/arrangement.h"

#include "views/chrome/context_bar.h"
#include "views/chrome/lower_dock.h"
#include "views/deck/deck.h"
#include "views/style/dock_style.h"

#include <QDockWidget>
#include <QMainWindow>
#include <QScreen>
#include <QSettings>
#include <QSplitter>
#include <QStackedWidget>
#include <QToolBar>
#include <QVBoxLayout>

#include <algorithm>

namespace winnow::app {

using namespace views;

namespace {

constexpr int kNarrow = 1180, kLow = 700;
constexpr int kLeftWidth = 236, kTextWidth = 344;

/// A window is narrow or low for the font it has: at twice the size it holds half as much.
bool isNarrow(int width) { return width < kNarrow * std::clamp(fontScale(), 1.0, 1.5); }
bool isLow(int height) { return height < kLow * std::clamp(fontScale(), 1.0, 1.5); }

int textWidth(bool narrow) { return static_cast<int>((narrow ? 280 : kTextWidth) * std::clamp(fontScale(), 1.0, 1.5)); }

QString settingsKey(bool narrow) { return narrow ? QStringLiteral("window/narrow") : QStringLiteral("window/wide"); }

/// The frame that the window system will draw, before it is known.
constexpr QMargins kUsualFrame(4, 32, 4, 4);

QDockWidget* makeDock(const QString& name, QWidget* content, int least, QMainWindow* window)
{
    auto* dock = new QDockWidget(window);
    dock->setObjectName(name);
    dock->setTitleBarWidget(new QWidget(dock));
    dock->setFeatures(QDockWidget::DockWidgetClosable);
    dock->setWidget(content);
    content->setMinimumWidth(least);
    return dock;
}

QToolBar* makeBar(const QString& name, QWidget* content, QMainWindow* window)
{
    auto* bar = new QToolBar(window);
    bar->setObjectName(name);
    bar->setMovable(false);
    bar->setFloatable(false);
    bar->setContextMenuPolicy(Qt::PreventContextMenu);
    bar->layout()->setContentsMargins(0, 0, 0, 0);
    bar->layout()->setSpacing(0);
    content->setSizePolicy(QSizePolicy::Expanding, content->sizePolicy().verticalPolicy());
    bar->addWidget(content);
    return bar;
}

QVBoxLayout* plainColumn(QWidget* widget)
{
    auto* box = new QVBoxLayout(widget);
    box->setContentsMargins(0, 0, 0, 0);
    box->setSpacing(0);
    return box;
}

} // namespace

QRect fitted(QRect wanted, const QRect& available, const QMargins& frame)
{
    const QRect room = available.marginsRemoved(frame);
    wanted.setSize(wanted.size().boundedTo(room.size()));
    wanted.moveLeft(std::clamp(wanted.left(), room.left(), room.right() - wanted.width() + 1));
    wanted.moveTop(std::clamp(wanted.top(), room.top(), room.bottom() - wanted.height() + 1));
    return wanted;
}

Arrangement::Arrangement(const WindowParts& parts, QMainWindow* window)
    : QObject(window), m_parts(parts), m_window(window), m_center(new QSplitter(Qt::Vertical)),
      m_left(new QSplitter(Qt::Vertical)), m_stack(new QStackedWidget)
{
    m_left->addWidget(parts.policies);
    m_left->addWidget(parts.lanes);
    m_left->setChildrenCollapsible(false);
    m_left->setSizes({332, 376});
    m_leftDock = makeDock(QStringLiteral("left"), m_left, scaled(200), window);
    m_textDock = makeDock(QStringLiteral("text"), parts.text, 280, window);
    window->addDockWidget(Qt::LeftDockWidgetArea, m_leftDock);
    window->addDockWidget(Qt::RightDockWidgetArea, m_textDock);

    auto* upper = new QWidget;
    auto* upperBox = plainColumn(upper);
    upperBox->addWidget(parts.viewBar);
    upperBox->addWidget(parts.maps, 1);
    m_center->addWidget(upper);
    m_center->addWidget(parts.lower);
    m_center->setChildrenCollapsible(false);
    m_center->setStretchFactor(0, 1);
    m_center->setStretchFactor(1, 0);
    m_center->setHandleWidth(5);

    m_stack->addWidget(parts.empty);
    m_stack->addWidget(m_center);
    auto* middle = new QWidget;
    auto* box = plainColumn(middle);
    for (QWidget* band : parts.bands)
        box->addWidget(band);
    box->addWidget(m_stack, 1);
    window->setCentralWidget(middle);

    m_topBar = makeBar(QStringLiteral("context"), parts.context, window);
    m_bottomBar = makeBar(QStringLiteral("deck"), parts.deck, window);
    window->addToolBar(Qt::TopToolBarArea, m_topBar);
    window->addToolBar(Qt::BottomToolBarArea, m_bottomBar);

    connect(parts.lower, &LowerDock::heightHintChanged, this, &Arrangement::placeLower);
    connect(parts.lower, &QTabWidget::tabBarClicked, this, &Arrangement::openLower);
    connect(m_center, &QSplitter::splitterMoved, this, [this] { m_parts.lower->rememberHeight(m_parts.lower->height()); });
    m_sizes = {readSizes(false), readSizes(true)};
}

void Arrangement::showEmpty(bool empty)
{
    m_stack->setCurrentWidget(empty ? m_parts.empty : m_center);
    if (empty == m_empty && m_topBar->isVisibleTo(m_window) == !empty)
        return;
    m_empty = empty;
    m_topBar->setVisible(!empty);
    m_bottomBar->setVisible(!empty);
    showDocks();
}

void Arrangement::showDocks()
{
    m_leftDock->setVisible(!m_empty && sizesNow().left);
    m_textDock->setVisible(!m_empty && sizesNow().text);
    emit moved();
}

void Arrangement::placeLower()
{
    m_parts.lower->setMinimumHeight(m_parts.lower->closedHeight());
    const int least = m_parts.lower->minimumHeight(), wanted = sizesNow().lowerClosed ? least : m_parts.lower->heightHint();
    const int height = m_center->height() - m_center->handleWidth();
    m_center->setSizes({std::max(160, height - wanted), std::min(wanted, std::max(least, height - 160))});
}

void Arrangement::openLower()
{
    sizesNow().lowerClosed = false;
    placeLower();
}

void Arrangement::arrange()
{
    const bool narrow = isNarrow(m_window->width());
    m_parts.deck->setCompact(isLow(m_window->height()));
    m_parts.context->setPoliciesShown(narrow);
    if (narrow != m_narrow || !m_arranged) {
        if (m_arranged)
            keepSizes();
        m_narrow = narrow;
        m_arranged = true;
        applySizes();
    }
    placeLower();
}

/// Of the width that the window had until now.
void Arrangement::keepSizes()
{
    Sizes& sizes = sizesNow();
    if (m_leftDock->isVisible())
        sizes.leftWidth = m_leftDock->width();
    if (m_textDock->isVisible())
        sizes.textWidth = m_textDock->width();
    sizes.lower = m_parts.lower->heights();
}

void Arrangement::applySizes()
{
    const Sizes& sizes = sizesNow();
    showDocks();
    m_window->resizeDocks(
        {m_leftDock, m_textDock},
        {sizes.leftWidth > 0 ? sizes.leftWidth : scaled(kLeftWidth), sizes.textWidth > 0 ? sizes.textWidth : textWidth(m_narrow)},
        Qt::Horizontal);
    m_parts.lower->setHeights(sizes.lower);
}

void Arrangement::reset()
{
    sizesNow() = {};
    sizesNow().left = !m_narrow;
    applySizes();
    m_left->setSizes({332, 376});
    placeLower();
}

void Arrangement::toggleLeft()
{
    sizesNow().left = !sizesNow().left;
    showDocks();
}

void Arrangement::toggleText()
{
    sizesNow().text = !sizesNow().text;
    showDocks();
}

void Arrangement::showLeft()
{
    sizesNow().left = true;
    showDocks();
}

void Arrangement::showText()
{
    sizesNow().text = true;
    showDocks();
}

bool Arrangement::isLeftShown() const { return m_leftDock->isVisible(); }
bool Arrangement::isTextShown() const { return m_textDock->isVisible(); }

// --- settings and sessions

/// [left shown, text shown, lower dock closed, left width, text width, a height for every lower tab]
Arrangement::Sizes Arrangement::readSizes(bool narrow)
{
    const QVariantList kept = QSettings().value(settingsKey(narrow)).toList();
    Sizes sizes;
    sizes.left = !narrow;
    sizes.lowerClosed = narrow;
    constexpr qsizetype kBefore = 5, kEarlyTabs = 4; // before there were Drift and Answers
    const auto tabs = static_cast<qsizetype>(sizes.lower.size());
    if (kept.size() != kBefore + tabs && kept.size() != kBefore + kEarlyTabs)
        return sizes;
    sizes = {kept[0].toBool(), kept[1].toBool(), kept[2].toBool(), kept[3].toInt(), kept[4].toInt(), {}};
    for (qsizetype i = 0; i < kept.size() - kBefore; ++i)
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
        settings.setValue(settingsKey(narrow), kept);
    }
}

SessionWindow Arrangement::sizes() const
{
    const QSize size = m_window->normalGeometry().isValid() ? m_window->normalGeometry().size() : m_window->size();
    SessionWindow sizes{.width = size.width(),
                        .height = size.height(),
                        .maximized = m_window->isMaximized(),
                        .leftShown = !m_leftDock->isHidden(),
                        .textShown = !m_textDock->isHidden(),
                        .leftWidth = m_leftDock->width(),
                        .textWidth = m_textDock->width(),
                        .lowerHeights = m_parts.lower->heights(),
                        .lowerTab = std::max(0, m_parts.lower->currentIndex())};
    const QList<int> center = m_center->sizes();
    std::copy_n(center.begin(), std::min<qsizetype>(center.size(), 2), sizes.splitter.begin());
    return sizes;
}

void Arrangement::take(const SessionWindow& sizes)
{
    const QSize size(sizes.width, sizes.height);
    if (!size.isEmpty() && !m_window->isMaximized()) {
        m_window->resize(size);
        fitToScreen();
    }
    if (sizes.maximized)
        m_window->setWindowState(m_window->windowState() | Qt::WindowMaximized);
    if (sizes.leftWidth > 0 && sizes.textWidth > 0)
        m_window->resizeDocks({m_leftDock, m_textDock}, {sizes.leftWidth, sizes.textWidth}, Qt::Horizontal);
    if (std::any_of(sizes.lowerHeights.begin(), sizes.lowerHeights.end(), [](int height) { return height > 0; }))
        m_parts.lower->setHeights(sizes.lowerHeights);
    m_parts.lower->setCurrentIndex(sizes.lowerTab);
}

void Arrangement::takeShown(const SessionWindow& sizes)
{
    if (const auto& [maps, lower] = sizes.splitter; maps > 0 || lower > 0)
        m_center->setSizes({maps, lower});
    sizesNow().left = sizes.leftShown && !m_narrow;
    sizesNow().text = sizes.textShown;
    showDocks();
}

} // namespace winnow::app
