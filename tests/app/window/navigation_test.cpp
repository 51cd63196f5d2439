// SPDX-License-Identifier: GPL-3.0-or-later
// Going from eviction to eviction and from pane to pane, and saving a replay.
#include "app/window/band.h"
#include "core/analysis/kept_share.h"
#include "tests/app/window/window_fixture.h"
#include "views/chrome/lower_dock.h"
#include "views/deck/deck.h"
#include "views/lanes/lane_grid.h"
#include "views/maps/map_grid.h"
#include "views/policies/policy_list.h"
#include "views/text/text_view.h"

#include <QFileDialog>
#include <QTest>

#include <gmock/gmock.h>

#include <array>
#include <set>

using namespace winnow;
using namespace winnow::app;

namespace {

void openReplay(MainWindow& window) { ASSERT_TRUE(showsFiles(window)); }

/// The path is typed and the dialog accepted.
void answer(QFileDialog* dialog, const QString& path)
{
    ASSERT_NE(dialog, nullptr);
    dialog->selectFile(path);
    static_cast<QDialog*>(dialog)->accept();
}

} // namespace

TEST(Navigation, goesToTheStepsAtWhichTheTokenLeftALane)
{
    MainWindow window;
    openReplay(window);
    views::Selection& selection = *window.selection();
    selection.setFocus(static_cast<int>(window.workspace()->specs().size()) - 1);
    const PolicyReplay& policy = *window.workspace()->data().replay->policies.back();
    std::vector<int> lanes(static_cast<std::size_t>(policy.layers) * policy.lanes);
    for (std::size_t lane = 0; lane < lanes.size(); ++lane)
        lanes[lane] = static_cast<int>(lane);
    int token = 0;
    while (token < policy.tokens && leftAt(policy, lanes, token).size() < 3)
        ++token;
    ASSERT_LT(token, policy.tokens) << "a token that left three lanes";
    const std::vector<int> steps = leftAt(policy, lanes, token);
    const std::set<int> distinct(steps.begin(), steps.end());

    selection.setToken(token);
    selection.setStep(token);
    std::vector<int> visited;
    for (std::size_t i = 0; i <= distinct.size(); ++i) {
        window.navigator()->moveToEviction(1);
        visited.push_back(selection.state().step);
    }
    std::vector<int> expected(distinct.begin(), distinct.end());
    expected.push_back(expected.back()); // behind the last one it stays
    EXPECT_EQ(visited, expected);
    visited.clear();
    for (std::size_t i = 0; i < distinct.size(); ++i) {
        window.navigator()->moveToEviction(-1);
        visited.push_back(selection.state().step);
    }
    expected.assign(distinct.rbegin(), distinct.rend());
    expected.erase(expected.begin());
    expected.push_back(*distinct.begin()); // before the first one it stays
    EXPECT_EQ(visited, expected);

    selection.setLanes({{0, 0}}); // of the chosen lanes only
    const std::vector<int> first = leftAt(policy, std::array{0}, token);
    selection.setStep(token);
    window.navigator()->moveToEviction(1);
    EXPECT_EQ(selection.state().step, first.empty() ? token : first.front());
    selection.setToken({});
    const int before = selection.state().step;
    window.navigator()->moveToEviction(-1);
    EXPECT_EQ(selection.state().step, before) << "without a token there is nowhere to go";
}

TEST(Navigation, visitsEveryPaneOnceAndTheOtherWayRound)
{
    MainWindow window;
    openReplay(window);
    window.activateWindow();
    const QList<QWidget*> panes{window.policyList(), window.laneGrid(), window.mapGrid(),
                                window.lowerDock(),  window.textView(), window.deck()};
    const auto paneOfFocus = [&panes]() -> int {
        const QWidget* focus = QApplication::focusWidget();
        for (int i = 0; i < panes.size(); ++i)
            if (focus && (panes[i] == focus || panes[i]->isAncestorOf(focus)))
                return i;
        return -1;
    };
    window.mapGrid()->setFocus();
    ASSERT_TRUE(QTest::qWaitFor([&] { return paneOfFocus() == 2; }));
    std::vector<int> forward, backward;
    for (int i = 0; i < 6; ++i) {
        window.nextPane(1);
        forward.push_back(paneOfFocus());
    }
    EXPECT_EQ(forward, (std::vector{3, 4, 5, 0, 1, 2}));
    for (int i = 0; i < 6; ++i) {
        window.nextPane(-1);
        backward.push_back(paneOfFocus());
    }
    EXPECT_EQ(backward, (std::vector{1, 0, 5, 4, 3, 2}));
    bool resumed = false;
    window.messages()->show(Band::Kind::Warning, QStringLiteral("Stopped at step 12"),
                            {{QStringLiteral("Resume"), [&] { resumed = true; }}, {QStringLiteral("Remove"), [] {}}});
    window.deck()->setFocus();
    window.nextPane(1);
    QTest::keyClick(QApplication::focusWidget(), Qt::Key_Space);
    EXPECT_TRUE(resumed) << "what a band asks can be answered by keys";
    window.arrangement()->toggleLeft(); // policies and lanes are hidden: they are passed over
    window.deck()->setFocus();
    window.nextPane(1);
    EXPECT_EQ(paneOfFocus(), 2);
}

TEST(Navigation, reachesWhatIsAskedWhereNothingIsOpen)
{
    MainWindow window;
    window.show();
    ASSERT_TRUE(activate(window));
    window.messages()->show(Band::Kind::Warning, QStringLiteral("A session can be brought back"),
                            {{QStringLiteral("Bring back"), [] {}}});
    EXPECT_TRUE(window.action(QStringLiteral("next-pane"))->isEnabled());
    int inBand = 0;
    for (int i = 0; i < 2; ++i) {
        window.nextPane(1);
        inBand += window.messages()->isAncestorOf(QApplication::focusWidget());
    }
    EXPECT_EQ(inBand, 1) << "and the card of the empty window has the other turn";
    EXPECT_TRUE(window.testAttribute(Qt::WA_KeyboardFocusChange)) << "the button shows that it has the focus";
}

TEST(Navigation, savesTheReplayThatIsShown)
{
    const QTemporaryDir folder;
    MainWindow window;
    openReplay(window);
    for (const char* name : {"saved.npz", "saved.h5"}) {
        const QString out = folder.filePath(QLatin1String(name));
        QSignalSpy saved(&window, &MainWindow::exported);
        window.exporter()->saveReplay();
        answer(window.findChild<QFileDialog*>(), out);
        ASSERT_TRUE(saved.wait(kPatience)) << window.messages()->sentence().toStdString();
        EXPECT_EQ(saved.front().front().toString(), out);
        const auto read = readReplay(out.toStdString());
        ASSERT_TRUE(read) << read.error().message;
        const ReplayResult& shown = *window.workspace()->data().replay;
        ASSERT_EQ((*read)->policies.size(), shown.policies.size());
        for (std::size_t p = 0; p < shown.policies.size(); ++p) {
            EXPECT_EQ((*read)->policies[p]->evictStep, shown.policies[p]->evictStep);
            EXPECT_EQ((*read)->policies[p]->spec.canonical(), shown.policies[p]->spec.canonical());
        }
        QCoreApplication::sendPostedEvents(nullptr, QEvent::DeferredDelete);
    }
}

TEST(Navigation, saysThatThereIsNoReplayToSave)
{
    const QTemporaryDir folder;
    MainWindow window;
    window.show();
    window.exporter()->saveReplay();
    answer(window.findChild<QFileDialog*>(), folder.filePath(QStringLiteral("none.h5")));
    ASSERT_TRUE(QTest::qWaitFor([&] { return window.messages()->isVisible(); }, kPatience));
    EXPECT_THAT(window.messages()->sentence().toStdString(), testing::HasSubstr("there is no replay to save yet"));
    EXPECT_FALSE(fs::exists(folder.filePath(QStringLiteral("none.h5")).toStdString()));
}
