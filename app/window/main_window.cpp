// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/window/main_window.h"

#include "app/window/actions.h"
#include "app/window/answerer.h"
#include "app/window/command_palette.h"
#include "app/window/dialog_fit.h"
#include "app/window/empty_card.h"
#include "app/window/export_command.h"
#include "app/window/hint_band.h"
#include "app/window/history.h"
#include "app/window/key_filter.h"
#include "app/window/mnemonics.h"
#include "app/window/needle_opener.h"
#include "app/window/notebook.h"
#include "app/window/paper_figures.h"
#include "app/window/place_tabs.h"
#include "app/window/run_starter.h"
#include "app/window/self_check.h"
#include "app/window/shared_step.h"
#include "app/window/status_sentence.h"
#include "views/chrome/context_bar.h"
#include "views/chrome/hover_card.h"
#include "views/chrome/lower_dock.h"
#include "views/chrome/view_bar.h"
#include "views/deck/deck.h"
#include "views/lanes/lane_grid.h"
#include "views/maps/map_grid.h"
#include "views/plot/over_words.h"
#include "views/policies/policy_list.h"
#include "views/state/job_pools.h"
#include "views/state/lane_choice.h"
#include "views/text/text_view.h"

#include <QApplication>
#include <QMenuBar>
#include <QSettings>

namespace winnow::app {

using namespace views;

MainWindow::MainWindow(QWidget* parent)
    : QMainWindow(parent), m_selection(new Selection(this)), m_workspace(new Workspace(this)), m_navigator(m_selection),
      m_lead(m_workspace, m_selection)
{
    setWindowTitle(QStringLiteral("Winnow"));
    setAcceptDrops(true);
    buildViews();
    buildHelpers();
    buildMenus();
    connectViews();
    connectWorkspace();
    connectHelpers();
    m_sharedStep = new SharedStep(m_places, m_workspace, m_selection); // after the views have taken the data
    restoreSettings();
    applyTheme();
    showRecent(m_opener->recent());
    showData();
    qApp->installEventFilter(m_keys = new KeyFilter(this));
    qApp->installEventFilter(new DialogFit(this));
    qApp->installEventFilter(new Mnemonics(this));
    const auto tellMemory = [this] {
        m_context->setMemory(memoryWords(), action(QStringLiteral("palette"))->shortcut().toString(QKeySequence::NativeText));
    };
    connect(&m_memoryTimer, &QTimer::timeout, this, tellMemory);
    m_memoryTimer.start(2000);
    tellMemory();
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
    m_hint = new HintBand(tr("Drag the ruler, click a token. D: what is lost, ?: all keys."));
    m_empty = new EmptyCard;
    m_places = new OpenPlaces(m_workspace);
    m_placeTabs = new PlaceTabs(m_places);
    m_arrangement = new Arrangement({.context = m_context,
                                     .policies = m_policies,
                                     .lanes = m_lanes,
                                     .viewBar = m_viewBar,
                                     .maps = m_maps,
                                     .lower = m_lower,
                                     .text = m_text,
                                     .deck = m_deck,
                                     .empty = m_empty,
                                     .bands = {m_offer, m_hint, m_messages, m_placeTabs}},
                                    this);
}

void MainWindow::buildHelpers()
{
    m_opener = new FileOpener(m_workspace, this);
    m_exporter = new Exporter(m_workspace, m_selection, m_messages, this);
    m_sessions = new SessionKeeper(m_workspace, {[this] { return session(); }, [this] { return m_exporter->inputFiles(); }},
                                   m_offer, this);
    m_selfCheck = new SelfCheck(m_workspace, this);
    connect(m_selfCheck, &SelfCheck::changed, m_context, &ContextBar::setCheck);
    m_runStarter = new RunStarter({m_workspace, m_selection, m_policies, m_messages}, this);
    m_answerer = new Answerer(m_workspace, m_selection, m_lower->answers(), [this] { return m_runStarter->models(); });
    m_needles = new NeedleOpener(m_workspace, m_selection, this);
    m_palette = new CommandPalette(this);
    m_notebook = new Notebook(m_selection, this);
    m_history = new History(
        m_selection, {[this] { return m_workspace->specs(); }, [this](const auto& specs) { m_workspace->setSpecs(specs); }},
        m_notebook->notes(), this);
    std::vector<ExportPanel> panels{
        {"maps",
         m_maps,
         [this] { return retentionRequest(m_workspace->data(), m_selection->state(), m_maps->scale(), m_maps->isMaximized()); },
         {}},
        {"text", m_text, [this] { return textRequest(m_workspace->data(), m_selection->state(), m_text->bars()); },
         [this] { return m_text->copyableText(); }},
        {"deck",
         m_deck,
         [this] { return keptRequest(m_workspace->data(), m_selection->state(), m_maps->scale(), m_notebook->notes()->all()); },
         {}},
        {"lanes", m_lanes, [this] { return m_lanes->currentFigure(); }, {}},
        {"", m_policies, [] { return std::nullopt; }, {}},
    };
    for (const LowerDock::Chart& chart : m_lower->charts())
        panels.push_back({chart.name, chart.tab, chart.figure, {}});
    // Its tab bar or the answers have the focus.
    panels.push_back({"", m_lower, [this] { return m_lower->currentFigure(); }, [this] { return m_lower->copyableText(); },
                      [this] { return answersLine(); }});
    m_exporter->setPanels(std::move(panels));
}

void MainWindow::buildMenus()
{
    QMap<QString, QMenu*> menus;
    for (const char* name : {"File", "Edit", "View", "Policies", "Analyze", "Help"})
        menus[QLatin1String(name)] = menuBar()->addMenu(QLatin1Char('&') + QLatin1String(name));
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
        if (action->objectName() == QStringLiteral("treekv-2"))
            addPaperFigures(menus[path]->addMenu(tr("Paper figures")), m_workspace, m_exporter, m_messages, this);
    }
}

bool MainWindow::isChecking() const { return m_selfCheck->isRunning(); }

QAction* MainWindow::action(const QString& id) const { return findChild<QAction*>(id, Qt::FindDirectChildrenOnly); }

void MainWindow::connectViews()
{
    connect(m_maps, &MapGrid::colorScaleChanged, m_viewBar, &ViewBar::setColorScale);
    connect(m_maps, &MapGrid::colorScaleChanged, m_deck, &Deck::setColorScale);
    connect(m_maps, &MapGrid::reductionChanged, m_viewBar, &ViewBar::setReduction);
    connect(m_viewBar, &ViewBar::scaleChosen, m_maps, &MapGrid::setScale);
    connect(m_maps, &MapGrid::removalWanted, m_policies, &PolicyList::removePolicy);
    connect(m_maps, &MapGrid::changeWanted, this, [this](int policy) {
        m_navigator.focusPolicy(policy);
        m_arrangement->showLeft();
        m_policies->setFocus(Qt::OtherFocusReason);
    });
    connect(m_text, &TextView::hitsChanged, m_deck, &Deck::setSearchHits);
    connect(m_notebook->notes(), &Notes::changed, m_deck, [this] { m_deck->setNotes(m_notebook->notes()->all()); });
    connect(m_policies, &PolicyList::specsEdited, this, &MainWindow::editPolicies);
    connect(m_policies, &PolicyList::tuneWanted, this, &MainWindow::openTune);
    connect(m_deck, &Deck::stopRequested, this, &MainWindow::stopWork);
    // Another thing is under the pointer then; the card must not stand on what is gone.
    connect(m_lower, &QTabWidget::currentChanged, m_selection, [this] { m_selection->setHover({}, {}); });
    connect(m_arrangement, &Arrangement::moved, m_selection, [this] { m_selection->setHover({}, {}); });
    connect(m_context, &ContextBar::modelClicked, this, [this] { m_opener->openRecordDialog({}, {}); });
    connect(m_context, &ContextBar::policiesClicked, this, [this] { m_arrangement->toggleLeft(); });
    connect(m_context, &ContextBar::lanesClicked, this, [this] { m_arrangement->toggleLanes(); });
    connect(m_context, &ContextBar::tokenRangeClicked, m_maps, &MapGrid::fit);
    connect(m_context, &ContextBar::stepRangeClicked, m_maps, &MapGrid::fitSteps);
    connect(m_context, &ContextBar::textClicked, this, [this] { m_arrangement->showText(); });
    connect(m_context, &ContextBar::paletteClicked, this, [this] { m_palette->open(); });
    connect(m_context, &ContextBar::tokenClicked, m_text, [this] { m_text->setFocus(); });
    connect(m_selection, &Selection::changed, this, &MainWindow::showStatus);
    connect(m_empty, &EmptyCard::modelWanted, m_opener, &FileOpener::chooseModel);
    connect(m_empty, &EmptyCard::recordingWanted, m_opener, [this] { m_opener->chooseFiles(); });
    connect(m_empty, &EmptyCard::demoWanted, m_opener, &FileOpener::startDemo);
    connect(m_empty, &EmptyCard::fileWanted, m_opener, [this](const QString& path) { m_opener->openPaths({path}); });
    connect(m_hint, &Band::dismissed, this, [] { QSettings().setValue(QStringLiteral("hint-dismissed"), true); });
}

void MainWindow::connectWorkspace()
{
    connect(m_workspace, &Workspace::dataChanged, this, &MainWindow::showData);
    connect(m_workspace, &Workspace::statesChanged, this, &MainWindow::showStates);
    connect(m_workspace, &Workspace::jobChanged, m_deck, &Deck::setJob);
    connect(m_workspace, &Workspace::jobChanged, this, &MainWindow::showEmptyOrData);
    connect(m_workspace, &Workspace::settled, this, &MainWindow::followLead);
    connect(m_opener, &FileOpener::settled, this, &MainWindow::ready);
    connect(m_workspace, &Workspace::failed, this, &MainWindow::refuse);
    connect(m_workspace, &Workspace::warned, this, &MainWindow::warn);
    connect(m_workspace, &Workspace::stopped, this, [this](const QString& sentence) {
        m_messages->show(
            Band::Kind::Warning, sentence,
            {{tr("Resume"), [this] { m_workspace->resume(); }}, {tr("Remove"), [this] { m_workspace->discardUnfinished(); }}});
    });
}

void MainWindow::connectHelpers()
{
    connect(&JobFailures::instance(), &JobFailures::failed, this,
            [this](const QString& sentence) { m_messages->show(Band::Kind::Error, sentence); });
    connect(m_opener, &FileOpener::beginning, this, &MainWindow::begin);
    connect(m_opener, &FileOpener::sessionChosen, this, [this](const QString& path) { m_sessions->open(path.toStdString()); });
    connect(m_opener, &FileOpener::refused, this, &MainWindow::refuse);
    connect(m_opener, &FileOpener::remarked, this, &MainWindow::warn);
    connect(m_opener, &FileOpener::asked, this, &MainWindow::ready);
    connect(m_opener, &FileOpener::answersChosen, m_needles, &NeedleOpener::open);
    connect(m_placeTabs, &PlaceTabs::refused, this, &MainWindow::warn);
    connect(m_placeTabs, &PlaceTabs::closeWanted, this, [this](int place) {
        if (m_places->goTo(place))
            askAndCloseData();
    });
    connect(m_needles, &NeedleOpener::opened, this, &MainWindow::ready);
    connect(m_needles, &NeedleOpener::refused, this, &MainWindow::refuse);
    connect(m_needles, &NeedleOpener::roomWanted, m_places, &OpenPlaces::makeRoom);
    connect(m_needles, &NeedleOpener::beginning, this, &MainWindow::begin);
    connect(m_needles, &NeedleOpener::trialShown, this, [this] {
        showLowerTab(1);
        m_messages->show(Band::Kind::Hint, tr("The needle of this trial is marked, and the tab Token tells what became of it."),
                         {{tr("Back to the answers"), [this] { m_needles->showDialog(); }}});
    });
    connect(m_opener, &FileOpener::roomWanted, m_places, &OpenPlaces::makeRoom);
    connect(m_opener, &FileOpener::besideWanted, m_places, &OpenPlaces::openBeside);
    connect(m_opener, &FileOpener::recentChanged, this, &MainWindow::showRecent);
    connect(m_opener, &FileOpener::demoStarted, this, [this] {
        if (!QSettings().value(QStringLiteral("hint-dismissed"), false).toBool())
            m_hint->show(Band::Kind::Hint,
                         tr("Drag the ruler to move through the text. Click a token to follow it. Press D to see what "
                            "a policy loses, and ? for all keys."));
    });
    const auto tell = [this](const QString& text, double fraction) {
        if (!m_workspace->isWorking())
            m_deck->setJob(text, fraction);
    };
    connect(m_exporter, &Exporter::progressed, this, tell);
    connect(m_answerer, &Answerer::progressed, this, tell);
    connect(m_needles, &NeedleOpener::progressed, this, tell);
    connect(m_exporter, &Exporter::exported, this, &MainWindow::exported);
    connect(m_exporter, &Exporter::replayEnded, this, &MainWindow::endSaving);
    connect(m_sessions, &SessionKeeper::beginning, this, &MainWindow::begin);
    connect(m_sessions, &SessionKeeper::opening, this, &MainWindow::takeSession);
    connect(m_sessions, &SessionKeeper::named, m_opener, &FileOpener::addRecent);
    connect(m_sessions, &SessionKeeper::refused, this, &MainWindow::refuse);
    connect(m_sessions, &SessionKeeper::gone, this, [this](const QString& sentence, const QString& model, const QString& text) {
        m_messages->show(
            Band::Kind::Error, sentence,
            {{tr("Find…"), [this] { m_sessions->findRecording(); }},
             {tr("Record…"), [this, model, text] { m_opener->openRecordDialog(model.toStdString(), text.toStdString()); }}});
        emit refused(sentence);
    });
    connect(m_sessions, &SessionKeeper::saved, this, [this](const QString& path) {
        m_messages->show(Band::Kind::Hint, tr("Saved %1").arg(path));
        emit exported(path);
        endSaving(true);
    });
    connect(m_sessions, &SessionKeeper::notSaved, this, [this](const QString& sentence) {
        if (!sentence.isEmpty())
            m_messages->show(Band::Kind::Error, sentence);
        endSaving(false);
    });
}

/// What waited for it is done now; not if it was not saved.
void MainWindow::endSaving(bool saved)
{
    if (const auto after = std::exchange(m_afterSave, {}); saved && after)
        after();
}

// --- showing

void MainWindow::showData()
{
    const ViewData& data = m_workspace->data();
    if (leaves(m_shown, data))
        m_selection->leave(); // while all views still have the old data
    m_shown = data;
    const auto* tokens = tokensOf(data);
    m_navigator.setData(data);
    m_selection->setExtent(tokens ? static_cast<int>(tokens->size()) : 0, static_cast<int>(m_workspace->policyStates().size()));
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
    m_arrangement->showEmpty(empty);
    if (m_wasEmpty != empty) {
        m_wasEmpty = empty;
        for (QAction* action : actions())
            if (action->property("needsData").toBool())
                action->setEnabled(!empty);
        if (empty)
            m_hint->hide();
        else
            m_maps->setFocus(Qt::OtherFocusReason); // else the first button of the window has it, and takes Space
    }
    const auto& names = m_workspace->sources();
    setWindowTitle(empty || names.textName.isEmpty() ? QStringLiteral("Winnow")
                                                     : tr("%1 · %2 – Winnow").arg(names.textName, names.modelName));
}

void MainWindow::showStates()
{
    int policy = 0;
    for (const PolicyState& state : m_workspace->policyStates()) {
        m_maps->setPanelState(policy, {state.fraction, state.tag, state.problem});
        m_policies->setRowState(policy, state.tag, state.fraction);
        m_policies->setRowError(policy++, state.problem);
    }
}

void MainWindow::showStatus() { m_deck->setStatus(statusSentence(m_workspace->data(), m_selection->state())); }

void MainWindow::followLead()
{
    if (!m_sessions->isOpening())
        m_lead.follow();
}

/// Before something new is opened: the playhead leads again, focus and reference are chosen anew.
void MainWindow::begin()
{
    m_places->keepUnsaved(); // with what is selected in it
    m_sharedStep->empty();
    m_messages->hide();
    m_sessions->begin();
    m_lead.start();
    m_choosePolicies = true;
}

} // namespace winnow::app
