// SPDX-License-Identifier: GPL-3.0-or-later
// Theme, sizes, what the settings remember, and which keys belong to the focused widget. See main_window.h.
#include "app/window/band.h"
#include "app/window/empty_card.h"
#include "app/window/main_window.h"
#include "views/chrome/context_bar.h"
#include "views/chrome/hover_card.h"
#include "views/chrome/lower_dock.h"
#include "views/chrome/view_bar.h"
#include "views/deck/deck.h"
#include "views/lanes/lane_grid.h"
#include "views/maps/map_grid.h"
#include "views/policies/policy_list.h"
#include "views/style/dock_style.h"
#include "views/text/text_view.h"

#include <QAbstractButton>
#include <QAbstractItemView>
#include <QAbstractSpinBox>
#include <QApplication>
#include <QCloseEvent>
#include <QComboBox>
#include <QDockWidget>
#include <QKeyEvent>
#include <QKeySequenceEdit>
#include <QLineEdit>
#include <QScreen>
#include <QSettings>
#include <QSplitter>
#include <QTabBar>

#include <algorithm>

namespace winnow::app {

using namespace views;

namespace {

constexpr int kNarrow = 1180, kLow = 700;
constexpr int kLeftWidth = 236, kTextWidth = 344;

/// A window is narrow or low for the font it has: at twice the size it holds half as much.
bool isNarrow(int width) { return width < kNarrow * std::clamp(fontScale(), 1.0, 1.5); }
bool isLow(int height) { return height < kLow * std::clamp(fontScale(), 1.0, 1.5); }
/// Whether the focused widget does something with the key itself, or takes it for a letter that is typed.
bool usesKey(const QWidget& widget, const QKeyEvent& key)
{
    const bool acts = key.key() == Qt::Key_Return || key.key() == Qt::Key_Enter || key.key() == Qt::Key_Space;
    const bool moves = key.key() >= Qt::Key_Home && key.key() <= Qt::Key_PageDown; // and the arrows between them
    const bool types = !key.text().isEmpty() && key.text().front().isPrint();
    const bool erases = key.key() == Qt::Key_Backspace || key.key() == Qt::Key_Delete;
    if (qobject_cast<const QLineEdit*>(&widget) || qobject_cast<const QAbstractSpinBox*>(&widget) ||
        qobject_cast<const QKeySequenceEdit*>(&widget))
        return types || acts || moves || erases;
    if (qobject_cast<const QComboBox*>(&widget) || qobject_cast<const QAbstractItemView*>(&widget)) // letters look for an entry
        return types || acts || moves;
    if (qobject_cast<const QAbstractButton*>(&widget))
        return acts;
    return moves && (qobject_cast<const QTabBar*>(&widget) || qobject_cast<const LaneGrid*>(&widget));
}

int textWidth(bool narrow) { return static_cast<int>((narrow ? 280 : kTextWidth) * std::clamp(fontScale(), 1.0, 1.5)); }

} // namespace

void MainWindow::chooseTheme(ThemeChoice choice)
{
    m_themeChoice = choice;
    QSettings().setValue(QStringLiteral("theme"), static_cast<int>(choice));
    applyTheme();
}

void MainWindow::setReducedMotion(bool on)
{
    QSettings().setValue(QStringLiteral("reduced-motion"), on);
    m_workspace->setLiveFill(!on);
}

bool MainWindow::reducedMotion() const { return QSettings().value(QStringLiteral("reduced-motion"), false).toBool(); }

void MainWindow::applyTheme()
{
    static const bool systemIsDark = QGuiApplication::palette().color(QPalette::Window).lightness() < 128;
    const bool dark = m_themeChoice == ThemeChoice::Dark || (m_themeChoice == ThemeChoice::System && systemIsDark);
    const Theme& theme = dark ? Theme::darkTheme() : Theme::lightTheme();
    QApplication::setPalette(theme.palette());
    m_context->setTheme(theme);
    m_policies->setTheme(theme);
    m_lanes->setTheme(theme);
    m_viewBar->setTheme(theme);
    m_maps->setTheme(theme);
    m_lower->setTheme(theme);
    m_text->setTheme(theme);
    m_deck->setTheme(theme);
    m_card->setTheme(theme);
    m_offer->setTheme(theme);
    m_messages->setTheme(theme);
    m_hint->setTheme(theme);
    m_empty->setTheme(theme);
}

void MainWindow::placeSplitter()
{
    m_lower->setMinimumHeight(m_lower->closedHeight());
    const int wanted = m_lowerClosed ? m_lower->minimumHeight() : m_lower->heightHint();
    const int height = m_center->height() - m_center->handleWidth();
    m_center->setSizes({std::max(160, height - wanted), std::min(wanted, std::max(m_lower->minimumHeight(), height - 160))});
}

void MainWindow::arrangeForWidth()
{
    const bool narrow = isNarrow(width());
    m_deck->setCompact(isLow(height()));
    m_context->setPoliciesShown(narrow);
    if (narrow != m_narrow) {
        m_narrow = narrow;
        m_lowerClosed = narrow && isLow(height());
        m_leftDock->setVisible(!narrow && !m_workspace->isEmpty());
        resizeDocks({m_textDock}, {textWidth(narrow)}, Qt::Horizontal);
    }
    placeSplitter();
}

void MainWindow::resetSizes()
{
    m_leftDock->setVisible(!m_narrow);
    m_textDock->show();
    resizeDocks({m_leftDock, m_textDock}, {scaled(kLeftWidth), textWidth(m_narrow)}, Qt::Horizontal);
    m_lower->resetHeights();
    m_left->setSizes({332, 376});
    placeSplitter();
}

void MainWindow::resizeEvent(QResizeEvent* event)
{
    QMainWindow::resizeEvent(event);
    arrangeForWidth();
}

void MainWindow::restoreSettings()
{
    const QSettings settings;
    m_workspace->setLiveFill(!reducedMotion());
    m_themeChoice = static_cast<ThemeChoice>(std::clamp(settings.value(QStringLiteral("theme"), 0).toInt(), 0, 2));
    if (!restoreGeometry(settings.value(QStringLiteral("window/geometry")).toByteArray()))
        resize(1440, 900);
    const QString widthClass = isNarrow(width()) ? QStringLiteral("window/narrow") : QStringLiteral("window/wide");
    if (!restoreState(settings.value(widthClass).toByteArray()))
        resetSizes();
}

SessionWindow MainWindow::windowSizes() const
{
    const QSize size = normalGeometry().isValid() ? normalGeometry().size() : this->size();
    SessionWindow sizes{.width = size.width(),
                        .height = size.height(),
                        .maximized = isMaximized(),
                        .leftShown = !m_leftDock->isHidden(),
                        .textShown = !m_textDock->isHidden(),
                        .leftWidth = m_leftDock->width(),
                        .textWidth = m_textDock->width(),
                        .lowerHeights = m_lower->heights(),
                        .lowerTab = std::max(0, m_lower->currentIndex())};
    const QList<int> center = m_center->sizes();
    std::copy_n(center.begin(), std::min<qsizetype>(center.size(), 2), sizes.splitter.begin());
    return sizes;
}

/// Whether the docks are shown, and how high the maps are, follows once there is something to show.
void MainWindow::takeWindowSizes(const SessionWindow& sizes)
{
    const QSize size(sizes.width, sizes.height);
    if (const QScreen* where = screen();
        where && !size.isEmpty() && size == size.boundedTo(where->availableSize()) && !isMaximized())
        resize(size);
    if (sizes.maximized)
        setWindowState(windowState() | Qt::WindowMaximized);
    if (sizes.leftWidth > 0 && sizes.textWidth > 0)
        resizeDocks({m_leftDock, m_textDock}, {sizes.leftWidth, sizes.textWidth}, Qt::Horizontal);
    if (std::all_of(sizes.lowerHeights.begin(), sizes.lowerHeights.end(), [](int height) { return height > 0; }))
        m_lower->setHeights(sizes.lowerHeights);
    m_lower->setCurrentIndex(sizes.lowerTab);
}

void MainWindow::saveSettings() const
{
    QSettings settings;
    settings.setValue(QStringLiteral("window/geometry"), saveGeometry());
    if (!m_workspace->isEmpty())
        settings.setValue(isNarrow(width()) ? QStringLiteral("window/narrow") : QStringLiteral("window/wide"), saveState());
}

void MainWindow::closeEvent(QCloseEvent* event)
{
    if (!m_saveJob.isRunning() && asksToKeep([this] { close(); })) {
        event->ignore();
        return;
    }
    if (m_saveJob.isRunning()) { // what is being saved may be read from the temporary folder, which goes with the window
        m_afterSave = [this] { close(); };
        m_messages->show(Band::Kind::Hint, tr("The session is being saved; the window closes then."));
        event->ignore();
        return;
    }
    saveSettings();
    closeData();
    m_autosave.reset();
    QMainWindow::closeEvent(event);
}

/// Keys that a focused field, button or list uses itself are not taken by the window's shortcuts.
bool MainWindow::eventFilter(QObject* watched, QEvent* event)
{
    if (event->type() != QEvent::ShortcutOverride || !watched->isWidgetType())
        return QMainWindow::eventFilter(watched, event);
    auto* key = static_cast<QKeyEvent*>(event);
    auto* widget = static_cast<QWidget*>(watched);
    if (key->modifiers() & (Qt::ControlModifier | Qt::AltModifier | Qt::MetaModifier))
        return false;
    if (usesKey(*widget, *key)) {
        event->accept();
        return true;
    }
    return false;
}

} // namespace winnow::app
