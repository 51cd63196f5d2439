// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/window/main_window.h"

#include "app/window/actions.h"
#include "app/window/band.h"
#include "app/window/empty_card.h"
#include "views/chrome/context_bar.h"
#include "views/chrome/hover_card.h"
#include "views/chrome/lower_dock.h"
#include "views/chrome/view_bar.h"
#include "views/deck/deck.h"
#include "views/lanes/lane_grid.h"
#include "views/maps/map_grid.h"
#include "views/policies/policy_list.h"
#include "views/state/lane_choice.h"
#include "views/style/dock_style.h"
#include "views/text/text_view.h"

#include <QApplication>
#include <QDockWidget>
#include <QFile>
#include <QMenuBar>
#include <QSettings>
#include <QSplitter>
#include <QStackedWidget>
#include <QToolBar>
#include <QVBoxLayout>

#include <unistd.h>

namespace winnow::app {

using namespace views;

namespace {

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

/// Resident memory of this process, "1.2 GB".
QString memoryWords()
{
    QFile file(QStringLiteral("/proc/self/statm"));
    if (!file.open(QIODevice::ReadOnly))
        return {};
    const double bytes = file.readAll().split(' ').value(1).toDouble() * static_cast<double>(sysconf(_SC_PAGESIZE));
    return bytes < 1e9 ? QObject::tr("CPU %1 MB").arg(bytes / 1e6, 0, 'f', 0)
                       : QObject::tr("CPU %1 GB").arg(bytes / 1e9, 0, 'f', 1);
}

} // namespace

MainWindow::MainWindow(QWidget* parent)
    : QMainWindow(parent), m_selection(new Selection(this)), m_workspace(new Workspace(this)),
      m_sortJob([this](Result<SortedFiles> files) { openSorted(files); }),
      m_figureJob([this](Result<std::shared_ptr<const Figure>> figure) { finishExport(figure); },
                  [this](const QString& stage, double fraction) {
                      if (!m_workspace->isWorking())
                          m_deck->setJob(tr("Exporting: %1").arg(stage), fraction);
                  }),
      m_saveJob([this](Result<Saved> saved) {
          const auto after = std::exchange(m_afterSave, {});
          if (!saved) {
              m_messages->show(Band::Kind::Error, QString::fromStdString(saved.error().message));
          } else {
              if (!saved->from.empty() && m_workspace->sources().trace == saved->from)
                  m_workspace->moveTrace(saved->to);
              tellSaved(saved->file);
          }
          if (saved && after)
              after();
      })
{
    setWindowTitle(QStringLiteral("Winnow"));
    setAcceptDrops(true);
    setMinimumSize(900, 600);
    buildViews();
    buildLayout();
    buildMenus();
    connectViews();
    connectWorkspace();
    restoreSettings();
    applyTheme();
    showRecent();
    showData();
    qApp->installEventFilter(this);
    connect(&m_memoryTimer, &QTimer::timeout, this, [this] { m_context->setMemory(memoryWords()); });
    m_memoryTimer.start(2000);
    m_context->setMemory(memoryWords());
}

/// All is whole while the views hide: what they still say then (a field that loses the focus) meets nothing half gone.
MainWindow::~MainWindow()
{
    m_selection->leave();
    closeDialogs();
    hide();
}

void MainWindow::buildViews()
{
    m_context = new ContextBar(m_selection);
    m_policies = new PolicyList(m_selection);
    m_lanes = new LaneGrid(m_selection);
    m_viewBar = new ViewBar(m_selection);
    m_maps = new MapGrid(m_selection);
    m_lower = new LowerDock(m_selection);
    m_text = new TextView(m_selection);
    m_deck = new Deck(m_selection);
    m_card = new HoverCard(m_selection, this);
    m_offer = new Band;
    m_messages = new Band;
    m_hint = new Band;
    m_empty = new EmptyCard;
}

void MainWindow::buildLayout()
{
    m_left = new QSplitter(Qt::Vertical);
    m_left->addWidget(m_policies);
    m_left->addWidget(m_lanes);
    m_left->setChildrenCollapsible(false);
    m_left->setSizes({332, 376});
    m_leftDock = makeDock(QStringLiteral("left"), m_left, scaled(200), this);
    m_textDock = makeDock(QStringLiteral("text"), m_text, 280, this);
    addDockWidget(Qt::LeftDockWidgetArea, m_leftDock);
    addDockWidget(Qt::RightDockWidgetArea, m_textDock);

    auto* upper = new QWidget;
    auto* upperBox = new QVBoxLayout(upper);
    upperBox->setContentsMargins(0, 0, 0, 0);
    upperBox->setSpacing(0);
    upperBox->addWidget(m_viewBar);
    upperBox->addWidget(m_maps, 1);
    m_center = new QSplitter(Qt::Vertical);
    m_center->addWidget(upper);
    m_center->addWidget(m_lower);
    m_center->setChildrenCollapsible(false);
    m_center->setStretchFactor(0, 1);
    m_center->setStretchFactor(1, 0);
    m_center->setHandleWidth(5);

    m_stack = new QStackedWidget;
    m_stack->addWidget(m_empty);
    m_stack->addWidget(m_center);
    auto* middle = new QWidget;
    auto* box = new QVBoxLayout(middle);
    box->setContentsMargins(0, 0, 0, 0);
    box->setSpacing(0);
    box->addWidget(m_offer);
    box->addWidget(m_hint);
    box->addWidget(m_messages);
    box->addWidget(m_stack, 1);
    setCentralWidget(middle);

    m_topBar = makeBar(QStringLiteral("context"), m_context, this);
    m_bottomBar = makeBar(QStringLiteral("deck"), m_deck, this);
    addToolBar(Qt::TopToolBarArea, m_topBar);
    addToolBar(Qt::BottomToolBarArea, m_bottomBar);
}

void MainWindow::buildMenus()
{
    QMap<QString, QMenu*> menus;
    for (const char* name : {"File", "Edit", "View", "Policies", "Analyze", "Help"})
        menus[QLatin1String(name)] = menuBar()->addMenu(QLatin1String(name));
    for (const ActionSpec& spec : actionTable()) {
        auto* action = new QAction(QString::fromUtf8(spec.text), this);
        action->setObjectName(QLatin1String(spec.id));
        action->setShortcuts(shortcutsOf(spec));
        action->setProperty("needsData", spec.needsData);
        connect(action, &QAction::triggered, this, [this, spec] { spec.run(*this, spec.argument); });
        addAction(action); // shortcuts work wherever the focus is
        const QString path = QLatin1String(spec.menu);
        if (path.isEmpty())
            continue;
        if (!menus.contains(path))
            menus[path] = menus[path.section(QLatin1Char('/'), 0, 0)]->addMenu(path.section(QLatin1Char('/'), 1));
        if (spec.separatorBefore)
            menus[path]->addSeparator();
        if (spec.isOn) {
            action->setCheckable(true);
            connect(menus[path], &QMenu::aboutToShow, action,
                    [this, action, spec] { action->setChecked(spec.isOn(*this, spec.argument)); });
        }
        menus[path]->addAction(action);
        if (action->objectName() == QStringLiteral("demo"))
            m_recentMenu = menus[path]->addMenu(tr("Recent"));
    }
}

QAction* MainWindow::action(const QString& id) const { return findChild<QAction*>(id, Qt::FindDirectChildrenOnly); }

void MainWindow::connectViews()
{
    connect(m_maps, &MapGrid::colorScaleChanged, m_viewBar, &ViewBar::setColorScale);
    connect(m_maps, &MapGrid::colorScaleChanged, m_deck, &Deck::setColorScale);
    connect(m_maps, &MapGrid::reductionChanged, m_viewBar, &ViewBar::setReduction);
    connect(m_viewBar, &ViewBar::scaleChosen, m_maps, &MapGrid::setScale);
    connect(m_maps, &MapGrid::removalWanted, m_policies, &PolicyList::removePolicy);
    connect(m_maps, &MapGrid::changeWanted, this, [this](int policy) {
        focusPolicy(policy);
        m_leftDock->show();
        m_policies->setFocus(Qt::OtherFocusReason);
    });
    connect(m_text, &TextView::hitsChanged, m_deck, &Deck::setSearchHits);
    connect(m_policies, &PolicyList::specsEdited, m_workspace, &Workspace::setSpecs);
    connect(m_deck, &Deck::stopRequested, this, &MainWindow::stopWork);
    connect(m_lower, &LowerDock::heightHintChanged, this, [this] { placeSplitter(); });
    connect(m_lower, &QTabWidget::tabBarClicked, this, [this] {
        m_lowerClosed = false;
        placeSplitter();
    });
    connect(m_center, &QSplitter::splitterMoved, this, [this] { m_lower->rememberHeight(m_lower->height()); });
    connect(m_context, &ContextBar::modelClicked, this, [this] { openRecordDialog({}, {}); });
    connect(m_context, &ContextBar::policiesClicked, this, [this] { toggleDock(true); });
    connect(m_context, &ContextBar::lanesClicked, this, [this] { toggleDock(true); });
    connect(m_context, &ContextBar::tokenRangeClicked, m_maps, &MapGrid::fit);
    connect(m_context, &ContextBar::stepRangeClicked, m_maps, &MapGrid::fitSteps);
    connect(m_context, &ContextBar::textClicked, this, [this] { m_textDock->show(); });
    connect(m_context, &ContextBar::tokenClicked, m_text, [this] { m_text->setFocus(); });
    connect(m_selection, &Selection::changed, this, &MainWindow::showStatus);
    connect(m_empty, &EmptyCard::modelWanted, this, &MainWindow::chooseModel);
    connect(m_empty, &EmptyCard::recordingWanted, this, &MainWindow::chooseFiles);
    connect(m_empty, &EmptyCard::demoWanted, this, &MainWindow::startDemo);
    connect(m_empty, &EmptyCard::fileWanted, this, [this](const QString& path) { openPaths({path}); });
    connect(m_hint, &Band::dismissed, this, [] { QSettings().setValue(QStringLiteral("hint-dismissed"), true); });
}

void MainWindow::connectWorkspace()
{
    connect(m_workspace, &Workspace::dataChanged, this, &MainWindow::showData);
    connect(m_workspace, &Workspace::statesChanged, this, &MainWindow::showStates);
    connect(m_workspace, &Workspace::jobChanged, m_deck, &Deck::setJob);
    connect(m_workspace, &Workspace::jobChanged, this, &MainWindow::showEmptyOrData);
    connect(m_workspace, &Workspace::settled, this, &MainWindow::followLead);
    connect(m_workspace, &Workspace::settled, this, &MainWindow::ready);
    connect(m_workspace, &Workspace::failed, this, [this](const QString& sentence) {
        refuse(sentence, {tr("Open…"), [this] { chooseFiles(); }});
    });
    connect(m_workspace, &Workspace::warned, this,
            [this](const QString& sentence) { m_messages->show(Band::Kind::Warning, sentence); });
    connect(m_workspace, &Workspace::stopped, this, [this](const QString& sentence) {
        m_messages->show(
            Band::Kind::Warning, sentence,
            {{tr("Resume"), [this] { m_workspace->resume(); }}, {tr("Remove"), [this] { m_workspace->discardUnfinished(); }}});
    });
}

// --- showing

void MainWindow::showData()
{
    const ViewData& data = m_workspace->data();
    if (leaves(m_shown, data))
        m_selection->leave(); // while all views still have the old data
    m_shown = data;
    const auto* tokens = tokensOf(data);
    m_selection->setExtent(tokens ? static_cast<int>(tokens->size()) : 0, static_cast<int>(m_workspace->specs().size()));
    m_selection->setLanes(lanesThere(data, m_selection->state().lanes));
    m_policies->setPrompt(m_workspace->prompt());
    if (m_policies->specs() != m_workspace->specs())
        m_policies->setSpecs(m_workspace->specs());
    m_policies->setData(data);
    m_context->setData(data);
    m_lanes->setData(data);
    m_viewBar->setData(data);
    m_maps->setData(data);
    m_lower->setData(data);
    m_text->setData(data);
    m_deck->setData(data);
    m_card->setData(data);
    m_context->setNames(m_workspace->sources().modelName, m_workspace->sources().textName);
    m_maps->setEmptyText(m_workspace->isRecording() ? tr("The maps follow when the text has been read.")
                                                    : tr("No policy is shown."));
    if (m_workspace->data().info || m_workspace->data().replay)
        choosePolicies();
    applySession();
    followLead();
    showEmptyOrData();
    showStatus();
}

void MainWindow::showEmptyOrData()
{
    const bool empty = m_workspace->isEmpty();
    m_stack->setCurrentWidget(empty ? static_cast<QWidget*>(m_empty) : m_center);
    if (empty != m_wasEmpty || !m_topBar->isVisibleTo(this) != empty) {
        m_wasEmpty = empty;
        m_topBar->setVisible(!empty);
        m_bottomBar->setVisible(!empty);
        m_textDock->setVisible(!empty);
        m_leftDock->setVisible(!empty && !m_narrow);
        for (QAction* action : actions())
            if (action->property("needsData").toBool())
                action->setEnabled(!empty);
        if (empty)
            m_hint->hide();
    }
    const auto& names = m_workspace->sources();
    setWindowTitle(empty || names.textName.isEmpty() ? QStringLiteral("Winnow")
                                                     : tr("%1 · %2 – Winnow").arg(names.textName, names.modelName));
}

void MainWindow::showStates()
{
    const auto& states = m_workspace->policyStates();
    for (std::size_t i = 0; i < states.size(); ++i) {
        const int policy = static_cast<int>(i);
        m_maps->setPanelState(policy, {states[i].fraction, states[i].tag, states[i].problem});
        m_policies->setRowState(policy, states[i].tag, states[i].fraction);
        m_policies->setRowError(policy, states[i].problem);
    }
}

void MainWindow::showStatus()
{
    const ViewData& data = m_workspace->data();
    const SelectionState& state = m_selection->state();
    if (!state.token || !data.replay) {
        m_deck->setStatus({});
        return;
    }
    QString sentence = tr("token %1 “%2”").arg(grouped(*state.token), tokenLabel(data, *state.token, 16));
    for (const CardLine& line : cardLines(data, state, *state.token, state.step))
        if (line.policy == state.focus || line.policy == state.reference)
            sentence += QStringLiteral(" · %1: %2").arg(line.name, line.fate);
    m_deck->setStatus(sentence);
}

/// While something is recorded or replayed for the first time the playhead leads, unless the user has moved it.
void MainWindow::followLead()
{
    if (m_selection->state().step != m_followed || m_openingSession)
        return;
    m_followed = std::clamp(m_workspace->leadingStep(), 0, std::max(0, m_selection->tokenCount() - 1));
    m_selection->setStep(m_followed);
}

void MainWindow::begin()
{
    m_messages->hide();
    m_sessionFile.clear();
    m_openingSession.reset();
    m_followed = 0;
    m_choosePolicies = true;
    m_selection->setState({});
}

/// TreeKV and H2O, where they are among the policies.
void MainWindow::choosePolicies()
{
    const auto& specs = m_workspace->specs();
    if (!m_choosePolicies || m_workspace->isEmpty() || specs.empty())
        return;
    const auto numberOf = [&](std::string_view name) {
        const auto found = std::find_if(specs.begin(), specs.end(), [&](const PolicySpec& spec) { return spec.name == name; });
        return found == specs.end() ? 0 : static_cast<int>(found - specs.begin());
    };
    m_selection->setFocus(numberOf("treekv"));
    m_selection->setReference(numberOf("h2o"));
    m_choosePolicies = false;
}

} // namespace winnow::app
