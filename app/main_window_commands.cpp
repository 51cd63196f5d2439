// What the actions do to the selection, the panes and the picture. See main_window.h.
#include "app/actions.h"
#include "app/band.h"
#include "app/export_command.h"
#include "app/main_window.h"
#include "views/deck.h"
#include "views/figures.h"
#include "views/hover_card.h"
#include "views/lane_choice.h"
#include "views/lane_grid.h"
#include "views/lower_dock.h"
#include "views/map_grid.h"
#include "views/policy_list.h"
#include "views/text_view.h"

#include <QApplication>
#include <QClipboard>
#include <QDialog>
#include <QDockWidget>
#include <QFileDialog>
#include <QHeaderView>
#include <QInputDialog>
#include <QLabel>
#include <QTableWidget>
#include <QVBoxLayout>

#include <algorithm>
#include <set>

namespace winnow::app {

using namespace views;

// --- steps, policies, filters

void MainWindow::moveStep(int by)
{
    const qint64 step = static_cast<qint64>(m_selection->state().step) + by;
    m_selection->setStep(static_cast<int>(std::clamp<qint64>(step, 0, std::max(0, m_selection->tokenCount() - 1))));
}

void MainWindow::moveToEviction(int direction)
{
    const ViewData& data = m_workspace->data();
    const SelectionState& state = m_selection->state();
    if (!data.replay || !state.token || state.focus >= static_cast<int>(data.replay->policies.size()))
        return;
    const LaneChoice choice = lanesOf(data, state, state.focus);
    const std::vector<int> steps = leftAt(*data.replay->policies[static_cast<std::size_t>(state.focus)], choice.lanes, *state.token);
    if (direction > 0) {
        if (const auto next = std::upper_bound(steps.begin(), steps.end(), state.step); next != steps.end())
            m_selection->setStep(*next);
    } else if (const auto next = std::lower_bound(steps.begin(), steps.end(), state.step); next != steps.begin()) {
        m_selection->setStep(*std::prev(next));
    }
}

void MainWindow::focusPolicy(int policy)
{
    if (policy < static_cast<int>(m_workspace->specs().size()))
        m_selection->setFocus(policy);
}

void MainWindow::makeReference(int policy)
{
    if (policy < static_cast<int>(m_workspace->specs().size()))
        m_selection->setReference(policy);
}

void MainWindow::showAllPolicies()
{
    for (int policy = 0; policy < static_cast<int>(m_workspace->specs().size()); ++policy)
        m_selection->setHidden(policy, false);
}

void MainWindow::dropFilter()
{
    if (m_card->isPinned())
        m_card->togglePinned({});
    else if (m_maps->isMaximized())
        m_maps->setMaximized(false);
    else if (!m_selection->dropNewestFilter())
        m_text->closeSearch();
}

void MainWindow::markSpan()
{
    const SelectionState& state = m_selection->state();
    if (!state.tokenRange)
        return;
    std::vector<Span> spans = state.spans;
    spans.push_back({*state.tokenRange, tr("span %1").arg(spans.size() + 1)});
    m_selection->setSpans(std::move(spans));
}

void MainWindow::find()
{
    m_textDock->show();
    m_text->openSearch();
}

void MainWindow::pinCard() { m_card->togglePinned(m_maps->mapToGlobal(m_maps->rect().center())); }

void MainWindow::choosePrompt()
{
    const int tokens = m_selection->tokenCount();
    auto* dialog = new QInputDialog(this);
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    dialog->setInputMode(QInputDialog::IntInput);
    dialog->setWindowTitle(tr("Length of the prompt"));
    dialog->setLabelText(tr("The first tokens are processed with full attention; policies act from there on."));
    dialog->setIntRange(0, std::max(0, tokens));
    dialog->setIntValue(m_workspace->prompt());
    connect(dialog, &QInputDialog::intValueSelected, m_workspace, [this](int prompt) { m_workspace->setPrompt(prompt); });
    dialog->open();
}

// --- panes

QList<QWidget*> MainWindow::panes() const
{
    QList<QWidget*> all{m_policies, m_lanes, m_maps, m_lower, m_text, m_deck};
    all.removeIf([](QWidget* pane) { return !pane->isVisible(); });
    return all;
}

void MainWindow::nextPane(int direction)
{
    const QList<QWidget*> all = panes();
    if (all.isEmpty())
        return;
    QWidget* focus = QApplication::focusWidget();
    qsizetype at = -1;
    for (qsizetype i = 0; i < all.size(); ++i)
        if (focus && (all[i] == focus || all[i]->isAncestorOf(focus)))
            at = i;
    QWidget* next = all[(at + direction + all.size()) % all.size()];
    QWidget* target = next;
    if (target->focusPolicy() == Qt::NoFocus)
        for (QWidget* child : next->findChildren<QWidget*>())
            if (child->isVisible() && child->focusPolicy() != Qt::NoFocus) {
                target = child;
                break;
            }
    target->setFocus(Qt::TabFocusReason);
}

void MainWindow::toggleDock(bool left)
{
    QDockWidget* dock = left ? m_leftDock : m_textDock;
    dock->setVisible(!dock->isVisible());
}

void MainWindow::showLowerTab(int tab)
{
    m_lowerClosed = false;
    m_lower->setCurrentIndex(tab);
    placeSplitter();
}

void MainWindow::stopWork() { m_workspace->stop(); }

void MainWindow::showKeys()
{
    auto* dialog = new QDialog(this);
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    dialog->setWindowTitle(tr("Keys"));
    dialog->resize(520, 640);
    auto* box = new QVBoxLayout(dialog);
    auto* table = new QTableWidget(0, 2);
    table->setHorizontalHeaderLabels({tr("key"), tr("does")});
    table->horizontalHeader()->setStretchLastSection(true);
    table->verticalHeader()->hide();
    table->setEditTriggers(QAbstractItemView::NoEditTriggers);
    table->setSelectionBehavior(QAbstractItemView::SelectRows);
    table->setShowGrid(false);
    for (const ActionSpec& spec : actionTable()) {
        QStringList keys;
        for (const QKeySequence& key : shortcutsOf(spec))
            keys << key.toString(QKeySequence::NativeText);
        const int row = table->rowCount();
        table->insertRow(row);
        table->setItem(row, 0, new QTableWidgetItem(keys.join(QStringLiteral(", "))));
        auto* item = new QTableWidgetItem(QString::fromUtf8(spec.text));
        item->setToolTip(tr("Rebind it in the settings under keys/%1.").arg(QLatin1String(spec.id)));
        table->setItem(row, 1, item);
    }
    table->resizeColumnToContents(0);
    box->addWidget(table);
    dialog->open();
}

void MainWindow::showAbout()
{
    m_hint->show(Band::Kind::Hint,
                 tr("Winnow %1: which tokens a KV-cache eviction policy keeps, and what that costs. GPL-3.0-or-later. Press ? for the keys.")
                     .arg(QStringLiteral(WINNOW_VERSION)));
}

// --- pictures and commands

void MainWindow::copyPanel()
{
    QWidget* focus = QApplication::focusWidget();
    if (focus && (focus == m_text || m_text->isAncestorOf(focus))) {
        if (const QString words = m_text->copyableText(); !words.isEmpty())
            return QApplication::clipboard()->setText(words);
    }
    QWidget* panel = m_maps;
    for (QWidget* pane : panes())
        if (focus && (pane == focus || pane->isAncestorOf(focus)))
            panel = pane;
    QApplication::clipboard()->setPixmap(panel->grab());
}

FigureRequest MainWindow::panelFigure() const
{
    QWidget* focus = QApplication::focusWidget();
    if (focus && m_lower->isAncestorOf(focus))
        if (const auto figure = m_lower->currentFigure())
            return *figure;
    return retentionRequest(m_workspace->data(), m_selection->state());
}

void MainWindow::copyCommand() { QApplication::clipboard()->setText(commandLine()); }

QString MainWindow::commandLine() const
{
    return QString::fromStdString(commandText({.trace = m_workspace->sources().trace,
                                               .replay = m_workspace->sources().replay,
                                               .policies = m_workspace->specs(),
                                               .prompt = m_workspace->prompt(),
                                               .figure = panelFigure()}));
}

void MainWindow::exportPanel() { exportFigure(panelFigure()); }

void MainWindow::exportFigure(const FigureRequest& request)
{
    auto* dialog = new QFileDialog(this, tr("Export %1").arg(QString::fromStdString(request.name)), QString(),
                                   tr("Vector graphics (*.svg *.pdf);;Picture (*.png);;Numbers (*.csv *.npz)"));
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    dialog->setAcceptMode(QFileDialog::AcceptSave);
    dialog->setDefaultSuffix(QStringLiteral("svg"));
    dialog->selectFile(QString::fromStdString(request.name) + QStringLiteral(".svg"));
    connect(dialog, &QFileDialog::fileSelected, this, [this, request](const QString& path) { exportTo(request, path.toStdString()); });
    dialog->open();
}

void MainWindow::exportTo(const FigureRequest& request, const std::filesystem::path& out)
{
    FigureInputs inputs;
    if (const ViewData& data = m_workspace->data(); data.trace || data.replay) {
        if (data.trace)
            inputs.traces.push_back(data.trace);
        if (data.replay)
            inputs.replays.push_back(data.replay);
    }
    m_figureRequest = request;
    m_figureOut = out;
    m_figureJob.start([request, inputs](const JobContext& job) -> Result<std::shared_ptr<const Figure>> {
        WINNOW_TRY(Figure figure, makeFigure(request.name, inputs, request.options, job));
        return std::make_shared<const Figure>(std::move(figure));
    });
}

} // namespace winnow::app
