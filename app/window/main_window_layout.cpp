// Theme, sizes, what the settings remember, and which keys belong to the focused widget. See main_window.h.
#include "app/window/band.h"
#include "app/window/empty_card.h"
#include "app/window/main_window.h"
#include "views/chrome/context_bar.h"
#include "views/deck/deck.h"
#include "views/style/dock_style.h"
#include "views/chrome/hover_card.h"
#include "views/lanes/lane_grid.h"
#include "views/chrome/lower_dock.h"
#include "views/maps/map_grid.h"
#include "views/policies/policy_list.h"
#include "views/text/text_view.h"
#include "views/chrome/view_bar.h"

#include <QAbstractButton>
#include <QAbstractSpinBox>
#include <QApplication>
#include <QCloseEvent>
#include <QDockWidget>
#include <QKeyEvent>
#include <QLineEdit>
#include <QSettings>
#include <QSplitter>
#include <QTabBar>

namespace winnow::app {

using namespace views;

namespace {

constexpr int kNarrow = 1180, kLow = 700;
constexpr int kLeftWidth = 236, kTextWidth = 344;

/// A window is narrow or low for the font it has: at twice the size it holds half as much.
bool isNarrow(int width) { return width < kNarrow * std::clamp(fontScale(), 1.0, 1.5); }
bool isLow(int height) { return height < kLow * std::clamp(fontScale(), 1.0, 1.5); }
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

void MainWindow::saveSettings() const
{
    QSettings settings;
    settings.setValue(QStringLiteral("window/geometry"), saveGeometry());
    if (!m_workspace->isEmpty())
        settings.setValue(isNarrow(width()) ? QStringLiteral("window/narrow") : QStringLiteral("window/wide"), saveState());
}

void MainWindow::closeEvent(QCloseEvent* event)
{
    saveSettings();
    m_workspace->close();
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
    const bool acts = key->key() == Qt::Key_Space || key->key() == Qt::Key_Return || key->key() == Qt::Key_Enter;
    const bool moves = key->key() >= Qt::Key_Home && key->key() <= Qt::Key_PageDown;
    const bool isField = qobject_cast<QLineEdit*>(widget) || qobject_cast<QAbstractSpinBox*>(widget);
    const bool isList = qobject_cast<QTabBar*>(widget) || qobject_cast<LaneGrid*>(widget);
    if ((isField && key->key() != Qt::Key_Escape) || (qobject_cast<QAbstractButton*>(widget) && acts) || (isList && moves) ||
        (widget == m_text && acts && key->key() != Qt::Key_Space)) {
        event->accept();
        return true;
    }
    return false;
}

} // namespace winnow::app
