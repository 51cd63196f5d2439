// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/window/arrangement.h"

#include "app/window/drop_panel.h"
#include "views/chrome/context_bar.h"
#include "views/chrome/lower_dock.h"
#include "views/deck/deck.h"
#include "views/maps/map_grid.h"
#include "views/style/dock_style.h"

#include <QDockWidget>
#include <QEvent>
#include <QMainWindow>
#include <QSplitter>
#include <QStackedWidget>
#include <QToolBar>
#include <QVBoxLayout>

#include <algorithm>
#include <functional>
#include <utility>

namespace winnow::app {

using namespace views;

namespace {

constexpr int kNarrow = 1180, kLow = 700;
constexpr int kLeftWidth = 236, kTextWidth = 344, kLeastText = 280;

/// A window is narrow or low for the font it has: at twice the size it holds half as much.
bool isNarrow(int width) { return width < kNarrow * std::clamp(fontScale(), 1.0, 1.5); }
bool isLow(int height) { return height < kLow * std::clamp(fontScale(), 1.0, 1.5); }

int textWidth(bool narrow) { return static_cast<int>((narrow ? 280 : kTextWidth) * std::clamp(fontScale(), 1.0, 1.5)); }

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

/// Maps and lower dock share what there is: the center gets its height after it is shown, and another with every band.
class ResizeWatch : public QObject {
public:
    ResizeWatch(std::function<void()> act, QObject* parent) : QObject(parent), m_act(std::move(act)) {}
    bool eventFilter(QObject*, QEvent* event) override
    {
        if (event->type() == QEvent::Resize)
            m_act();
        return false;
    }

private:
    std::function<void()> m_act;
};

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
      m_left(new QSplitter(Qt::Vertical)), m_stack(new QStackedWidget), m_drop(new DropPanel(window)),
      m_noText(new QWidget(window))
{
    m_noText->setMinimumSize(1, 1); // a dock takes what has no size for one below nothing
    m_left->addWidget(parts.policies);
    m_left->addWidget(parts.lanes);
    m_left->setChildrenCollapsible(false);
    m_left->setSizes({332, 376});
    m_leftDock = makeDock(QStringLiteral("left"), m_left, scaled(200), window);
    m_textDock = makeDock(QStringLiteral("text"), parts.text, kLeastText, window);
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
    connect(parts.maps, &MapGrid::leastHeightChanged, this, &Arrangement::placeLower);
    connect(parts.lower, &LowerDock::textReleased, m_textDock, &QDockWidget::setWidget);
    connect(parts.lower, &QTabWidget::tabBarClicked, this, &Arrangement::tabClicked);
    connect(m_drop, &DropPanel::released, this, &Arrangement::takeBack);
    connect(m_center, &QSplitter::splitterMoved, this, [this] { m_parts.lower->rememberHeight(m_parts.lower->height()); });
    m_center->installEventFilter(new ResizeWatch([this] { placeLower(); }, this));
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
    m_leftDock->setVisible(!m_empty && !m_narrow && sizesNow().left);
    m_textDock->setVisible(!m_empty && !m_narrow && sizesNow().text);
    if (m_empty || !m_narrow)
        m_drop->close();
    emit moved();
}

/// In its dock, or in the lower one.
void Arrangement::placeText()
{
    m_parts.lower->setTextTab(m_narrow ? m_parts.text : nullptr);
    if (m_narrow)
        m_textDock->setWidget(m_noText);
    m_parts.text->setMinimumWidth(m_narrow ? 0 : kLeastText);
}

/// Narrow: the tab that is open closes by the same click.
void Arrangement::tabClicked(int index)
{
    if (m_narrow && !sizesNow().lowerClosed && index == m_parts.lower->currentIndex()) {
        sizesNow().lowerClosed = true;
        placeLower();
    } else if (index >= 0) {
        openLower();
    }
}

void Arrangement::drop(QWidget* pane, QWidget* chip)
{
    if (m_drop->content() == pane)
        m_drop->close();
    else
        m_drop->drop(pane, chip);
    emit moved();
}

void Arrangement::takeBack(QWidget* pane) { m_left->insertWidget(pane == m_parts.policies ? 0 : 1, pane); }

bool Arrangement::closeDrop()
{
    if (!m_drop->content())
        return false;
    m_drop->close();
    return true;
}

void Arrangement::placeLower()
{
    m_parts.lower->setMinimumHeight(m_parts.lower->closedHeight());
    const int least = m_parts.lower->minimumHeight(), wanted = sizesNow().lowerClosed ? least : m_parts.lower->heightHint();
    const int height = m_center->height() - m_center->handleWidth();
    int maps = std::min(160, height / 3);
    if (!m_narrow && m_parts.lower->hasFirstHeight()) // it gives a part of it, so that no map has to be scrolled to
        maps = std::max(maps, std::min(m_parts.viewBar->height() + m_parts.maps->leastHeight(), height - wanted * 3 / 4));
    // Where both have no room the open tab has all of it; a click on it brings the maps back.
    const bool covers = m_narrow && !sizesNow().lowerClosed && height - wanted < scaled(120);
    m_center->setCollapsible(0, covers);
    if (covers)
        return m_center->setSizes({0, height});
    m_center->setSizes({std::max(maps, height - wanted), std::min(wanted, std::max(least, height - maps))});
}

void Arrangement::openLower()
{
    sizesNow().lowerClosed = false;
    placeLower();
}

void Arrangement::showLowerTab(int tab)
{
    m_parts.lower->showTab(tab);
    openLower();
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
    sizes.lowerText = m_parts.lower->textHeight();
}

void Arrangement::applySizes()
{
    const Sizes& sizes = sizesNow();
    placeText();
    showDocks();
    m_window->resizeDocks(
        {m_leftDock, m_textDock},
        {sizes.leftWidth > 0 ? sizes.leftWidth : scaled(kLeftWidth), sizes.textWidth > 0 ? sizes.textWidth : textWidth(m_narrow)},
        Qt::Horizontal);
    m_parts.lower->setHeights(sizes.lower);
    m_parts.lower->setTextHeight(sizes.lowerText);
}

void Arrangement::reset()
{
    sizesNow() = {};
    sizesNow().left = !m_narrow;
    sizesNow().lowerClosed = m_narrow;
    applySizes();
    m_left->setSizes({332, 376});
    placeLower();
}

void Arrangement::toggleLeft()
{
    if (m_narrow)
        return drop(m_parts.policies, m_parts.context->policiesChip());
    sizesNow().left = !sizesNow().left;
    showDocks();
}

void Arrangement::toggleLanes()
{
    if (m_narrow)
        return drop(m_parts.lanes, m_parts.context->lanesChip());
    toggleLeft();
}

void Arrangement::toggleText()
{
    if (!m_narrow) {
        sizesNow().text = !sizesNow().text;
        return showDocks();
    }
    if (!isTextShown())
        return showText();
    sizesNow().lowerClosed = true;
    placeLower();
}

void Arrangement::showLeft()
{
    if (m_narrow && m_drop->content() == m_parts.policies)
        return;
    if (m_narrow)
        return drop(m_parts.policies, m_parts.context->policiesChip());
    sizesNow().left = true;
    showDocks();
}

void Arrangement::showText()
{
    if (m_narrow) {
        m_parts.lower->showText();
        return openLower();
    }
    sizesNow().text = true;
    showDocks();
}

bool Arrangement::isLeftShown() const { return m_leftDock->isVisible() || m_drop->content() == m_parts.policies; }
bool Arrangement::isTextShown() const
{
    return m_textDock->isVisible() || (m_parts.lower->showsText() && !sizesNow().lowerClosed);
}

} // namespace winnow::app
