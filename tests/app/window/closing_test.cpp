// SPDX-License-Identifier: GPL-3.0-or-later
// Whatever is going on, the window, the session and the recording can be closed, and others opened in their place: every state
// meets every ending.
#include "tests/app/window/closing_steps.h"
#include "views/chrome/hover_card.h"
#include "views/chrome/lower_dock.h"
#include "views/deck/deck.h"
#include "views/deck/deck_strips.h"
#include "views/lanes/lane_grid.h"
#include "views/maps/map_grid.h"
#include "views/maps/map_plot.h"
#include "views/plot/chart_plot.h"
#include "views/policies/policy_list.h"
#include "views/policies/policy_list_budget.h"
#include "views/policies/policy_list_row.h"
#include "views/text/search_bar.h"
#include "views/text/text_view.h"

#include <QContextMenuEvent>
#include <QFileDialog>
#include <QMessageBox>
#include <QMouseEvent>
#include <QSpinBox>
#include <QTest>

using namespace winnow;
using namespace winnow::app;
using namespace winnow::views;

namespace {

void mouse(QWidget* target, QEvent::Type type, const QPointF& at, Qt::MouseButton button = Qt::LeftButton,
           Qt::KeyboardModifiers modifiers = {})
{
    const bool move = type == QEvent::MouseMove;
    QMouseEvent event(type, at, target->mapToGlobal(at), move ? Qt::NoButton : button,
                      type == QEvent::MouseButtonRelease ? Qt::MouseButtons() : Qt::MouseButtons(button), modifiers);
    QApplication::sendEvent(target, &event);
}

/// Presses and moves to the right and down, and holds on.
void hold(QWidget* target, const QPointF& from, Qt::MouseButton button = Qt::LeftButton, Qt::KeyboardModifiers modifiers = {})
{
    mouse(target, QEvent::MouseButtonPress, from, button, modifiers);
    mouse(target, QEvent::MouseMove, from + QPointF(15, 2), button, modifiers);
    mouse(target, QEvent::MouseMove, from + QPointF(40, 5), button, modifiers);
}

QPointF middle(const QWidget* of) { return QRectF(of->rect()).center(); }
QPointF inMap(MainWindow& window) { return QPointF(window.mapGrid()->plot()->panel(0).geometry.map.center()); }
DeckStrips* strips(MainWindow& window) { return window.deck()->findChild<DeckStrips*>(); }
HoverCard* card(MainWindow& window) { return window.findChild<HoverCard*>(); }
ChartPlot* chart(MainWindow& window) { return window.lowerDock()->currentWidget()->findChild<ChartPlot*>(); }
BudgetField* budgetField(MainWindow& window) { return window.policyList()->findChildren<BudgetField*>().at(1); }
PolicyRow* row(MainWindow& window) { return window.policyList()->findChildren<PolicyRow*>().at(1); }

void brushChart(MainWindow& window, int tab)
{
    window.showLowerTab(tab);
    views::waitForJobs();
    QApplication::processEvents();
    hold(chart(window), middle(chart(window)));
}

void hover(MainWindow& window) { window.selection()->setHover(30, 120, window.mapGrid()->mapToGlobal(QPoint(60, 60))); }

struct State {
    const char* name;
    void (*enter)(MainWindow&);
};
const State kStates[] = {
    {"nothing", [](MainWindow&) {}},
    {"aCardToCome", hover},
    {"aCard",
     [](MainWindow& w) {
         hover(w);
         ASSERT_TRUE(QTest::qWaitFor([&] { return card(w)->isVisible(); }));
     }},
    {"aCardOfTheText",
     [](MainWindow& w) {
         w.selection()->setHover(40, std::nullopt, w.textView()->mapToGlobal(QPoint(60, 60)));
         ASSERT_TRUE(QTest::qWaitFor([&] { return card(w)->isVisible(); }));
     }},
    {"aPinnedCard",
     [](MainWindow& w) {
         w.selection()->setToken(200);
         w.pinCard();
         ASSERT_TRUE(card(w)->isPinned());
     }},
    {"theKeysDialog", [](MainWindow& w) { w.showKeys(); }},
    {"theRecordDialog", [](MainWindow& w) { w.opener()->openRecordDialog({}, {}); }},
    {"thePromptDialog", [](MainWindow& w) { w.choosePrompt(); }},
    {"theExportDialog", [](MainWindow& w) { w.exporter()->exportPanel(); }},
    {"theSessionDialog", [](MainWindow& w) { w.sessions()->save(true); }},
    {"theReplayDialog", [](MainWindow& w) { w.exporter()->saveReplay(); }},
    {"theOpenDialog", [](MainWindow& w) { w.opener()->chooseFiles(); }},
    {"theModelMenu", [](MainWindow& w) { w.opener()->chooseModel(); }},
    {"thePolicyChooser", [](MainWindow& w) { w.policyList()->openAddMenu(); }},
    {"aPolicysMenu",
     [](MainWindow& w) {
         QContextMenuEvent event(QContextMenuEvent::Mouse, QPoint(20, 10), row(w)->mapToGlobal(QPoint(20, 10)));
         QApplication::sendEvent(row(w), &event);
     }},
    {"aPanesMenu",
     [](MainWindow& w) {
         QContextMenuEvent event(QContextMenuEvent::Mouse, inMap(w).toPoint(), w.mapGrid()->mapToGlobal(QPoint(90, 90)));
         QApplication::sendEvent(&w, &event);
     }},
    {"aRecording",
     [](MainWindow& w) {
         QSignalSpy changed(w.workspace(), &Workspace::dataChanged);
         record(w, 400);
         ASSERT_TRUE(changed.wait(kPatience));
     }},
    {"aStoppedRecording",
     [](MainWindow& w) {
         QSignalSpy changed(w.workspace(), &Workspace::dataChanged), stopped(w.workspace(), &Workspace::stopped);
         record(w, 3000);
         ASSERT_TRUE(changed.wait(kPatience));
         w.stopWork();
         ASSERT_TRUE(!stopped.isEmpty() || stopped.wait(kPatience));
     }},
    {"aReplay",
     [](MainWindow& w) {
         std::vector<PolicySpec> specs = w.workspace()->specs();
         for (PolicySpec& spec : specs)
             spec = spec.with("budget", "96").value_or(spec);
         w.workspace()->setSpecs(specs);
         ASSERT_TRUE(w.workspace()->isReplaying());
     }},
    {"anOpening", [](MainWindow& w) { w.opener()->openPaths({files().otherTrace}); }},
    {"anExport",
     [](MainWindow& w) {
         w.exporter()->exportTo({"retention", {}}, files().folder.filePath(QStringLiteral("closing.svg")).toStdString());
     }},
    {"aBrushOfTheMaps", [](MainWindow& w) { hold(w.mapGrid()->plot(), inMap(w)); }},
    {"aZoomOfTheMaps", [](MainWindow& w) { hold(w.mapGrid()->plot(), inMap(w), Qt::LeftButton, Qt::ShiftModifier); }},
    {"aPanOfTheMaps",
     [](MainWindow& w) {
         w.selection()->setZoom({20, 60, 20, 60});
         hold(w.mapGrid()->plot(), inMap(w), Qt::MiddleButton);
     }},
    {"aMaximizedMap",
     [](MainWindow& w) {
         w.selection()->setFocus(5);
         w.mapGrid()->setMaximized(true);
     }},
    {"aBrushOfTheDeck", [](MainWindow& w) { hold(strips(w), strips(w)->stripRect(2).center()); }},
    {"aScrub", [](MainWindow& w) { hold(strips(w), strips(w)->rulerRect().center()); }},
    {"aBrushOfTheText",
     [](MainWindow& w) { hold(w.textView()->viewport(), w.textView()->tokenRect(w.selection()->state().step).center()); }},
    {"aRubberBandOfTheLanes", [](MainWindow& w) { hold(w.laneGrid()->viewport(), QPointF(30, 6)); }},
    {"theSlopesOfTheLanes", [](MainWindow& w) { w.laneGrid()->setMeasure(kWaveletSlope); }},
    {"aBrushOfTheQuality", [](MainWindow& w) { brushChart(w, 0); }},
    {"aBrushOfTheAttention", [](MainWindow& w) { brushChart(w, 2); }},
    {"aBrushOfTheWavelet", [](MainWindow& w) { brushChart(w, 3); }},
    {"theTokenJob",
     [](MainWindow& w) {
         w.showLowerTab(1);
         w.selection()->setToken(20);
     }},
    {"theAttentionJob", [](MainWindow& w) { w.showLowerTab(2); }},
    {"theWaveletJob", [](MainWindow& w) { w.showLowerTab(3); }},
    {"theTable",
     [](MainWindow& w) {
         w.lowerDock()->toggleTable();
         w.selection()->setFocus(5);
         views::waitForJobs();
         QApplication::processEvents();
     }},
    {"aDraggedBudget", [](MainWindow& w) { hold(budgetField(w), QPointF(4, 4)); }},
    {"aTypedBudget",
     [](MainWindow& w) {
         budgetField(w)->setFocus(Qt::MouseFocusReason);
         QTest::keyClicks(budgetField(w), QStringLiteral("77"));
     }},
    {"aTypedParameter",
     [](MainWindow& w) {
         row(w)->setExpanded(true);
         auto* box = row(w)->findChild<QSpinBox*>();
         ASSERT_NE(box, nullptr);
         box->setFocus(Qt::MouseFocusReason);
         QTest::keyClicks(box, QStringLiteral("7"));
     }},
    {"play",
     [](MainWindow& w) {
         w.selection()->setStep(5);
         w.deck()->play();
         ASSERT_TRUE(w.deck()->isPlaying());
     }},
    {"aSearch",
     [](MainWindow& w) {
         w.find();
         QTest::keyClicks(w.textView()->findChild<SearchBar*>()->focusProxy(), QStringLiteral("river"));
     }},
    {"aDragOverTheWindow",
     [](MainWindow& w) {
         QMimeData data;
         data.setUrls({QUrl::fromLocalFile(files().otherTrace)});
         QDragEnterEvent enter(QPoint(300, 300), Qt::CopyAction, &data, Qt::LeftButton, Qt::NoModifier);
         QApplication::sendEvent(&w, &enter);
     }},
};

/// What is being recorded is asked about; here it may go.
void answer(MainWindow& window)
{
    if (const auto* box = window.findChild<QMessageBox*>(QStringLiteral("keep-recording")))
        box->button(QMessageBox::Discard)->click();
}

QString savedSession()
{
    static const QString file = [] {
        const QString path = files().folder.filePath(QStringLiteral("closing.winnow"));
        MainWindow window;
        open(window, {files().otherTrace});
        EXPECT_TRUE(writeSession(window.session(), path.toStdString()));
        return path;
    }();
    return file;
}

struct Ending {
    const char* name;
    void (*end)(MainWindow&);
    bool empties = false; ///< nothing is open afterwards
    bool replaces = true; ///< what was open is not open any more
};
const Ending kEndings[] = {
    {"theWindowIsClosed",
     [](MainWindow& w) {
         w.close();
         answer(w);
         EXPECT_FALSE(w.isVisible());
     },
     true},
    {"quitIsChosen",
     [](MainWindow& w) {
         w.action(QStringLiteral("quit"))->trigger();
         answer(w);
         EXPECT_FALSE(w.isVisible());
     },
     true},
    {"theRecordingIsClosed",
     [](MainWindow& w) {
         w.action(QStringLiteral("close"))->trigger();
         answer(w);
         EXPECT_TRUE(w.isVisible());
     },
     true},
    {"anotherRecordingIsOpened", [](MainWindow& w) { open(w, {files().otherTrace}); }},
    {"aReplayIsOpened", [](MainWindow& w) { open(w, {files().replay}); }},
    {"aSessionIsOpened", [](MainWindow& w) { open(w, {savedSession()}); }},
    {"aTextIsRecorded",
     [](MainWindow& w) {
         record(w, 60);
         ASSERT_TRUE(settle(w));
     }},
    {"aPolicyIsRemoved",
     [](MainWindow& w) {
         w.policyList()->removePolicy(5);
         w.selection()->setFocus(0);
     },
     false, false},
};

/// The hand that held something lets go, keys are pressed, everything is drawn, and what was begun arrives.
void goOn(MainWindow& window)
{
    QList<QWidget*> touched{window.mapGrid()->plot(), strips(window), window.textView()->viewport(),
                            window.laneGrid()->viewport()};
    for (QWidget* one : window.findChildren<ChartPlot*>())
        touched.append(one);
    for (QWidget* one : window.findChildren<BudgetField*>())
        touched.append(one);
    for (QWidget* one : touched) {
        mouse(one, QEvent::MouseMove, middle(one));
        mouse(one, QEvent::MouseButtonRelease, middle(one));
        mouse(one, QEvent::MouseMove, middle(one) + QPointF(3, 3));
    }
    for (const int key : {Qt::Key_Left, Qt::Key_M, Qt::Key_F3, Qt::Key_I, Qt::Key_Escape, Qt::Key_Escape})
        QTest::keyClick(&window, static_cast<Qt::Key>(key));
    window.selection()->setStep(7);
    window.selection()->setFocus(1);
    window.selection()->setZoom({});
    window.grab();
    views::waitForJobs();
    QTest::qWait(150); // longer than the card and the announced budget wait
    window.grab();
}

int openDialogs(const MainWindow& window)
{
    int count = 0;
    for (const QWidget* one : window.findChildren<QWidget*>())
        count += one->isWindow() && one->isVisible();
    return count;
}

class Closing : public testing::TestWithParam<State> {};

} // namespace

/// Every state is closed with its window, and with a third of the other endings, which are spread over the states. All of them
/// with WINNOW_CLOSING=all, which takes minutes.
TEST_P(Closing, endsWell)
{
    const State& state = GetParam();
    const bool all = qEnvironmentVariable("WINNOW_CLOSING") == QStringLiteral("all");
    for (std::size_t i = 0; i < std::size(kEndings); ++i) {
        const Ending& ending = kEndings[i];
        if (!all && i > 0 && i % 3 != std::string_view(state.name).size() % 3)
            continue;
        SCOPED_TRACE(ending.name);
        MainWindow window;
        window.resize(1440, 900);
        window.show();
        open(window, {files().trace, files().replay});
        state.enter(window);
        ending.end(window);
        if (ending.replaces) {
            EXPECT_TRUE(card(window)->isHidden());
            EXPECT_FALSE(window.deck()->isPlaying());
            EXPECT_TRUE(window.textView()->findChild<SearchBar*>()->isHidden());
            EXPECT_FALSE(window.selection()->hoverToken());
        }
        if (ending.empties) {
            EXPECT_EQ(openDialogs(window), 0);
            EXPECT_TRUE(window.workspace()->isEmpty());
        }
        goOn(window);
        if (ending.empties) {
            EXPECT_TRUE(window.workspace()->isEmpty()) << "nothing that was begun before comes back";
            EXPECT_EQ(window.selection()->tokenCount(), 0);
        }
    }
}

TEST_P(Closing, survivesADestructionWithoutAClose)
{
    auto window = std::make_unique<MainWindow>();
    window->resize(1440, 900);
    window->show();
    open(*window, {files().trace, files().replay});
    GetParam().enter(*window);
    window.reset();
    QApplication::processEvents();
    views::waitForJobs();
    QApplication::processEvents();
}

INSTANTIATE_TEST_SUITE_P(With, Closing, testing::ValuesIn(kStates),
                         [](const auto& info) { return std::string(info.param.name); });
