// SPDX-License-Identifier: GPL-3.0-or-later
// One walk through the whole window, as a person would take it, by keys and mouse: from the demo to a needle that a policy loses,
// into a file, through a crash and back.
#include "app/window/command_palette.h"
#include "app/window/guide_dialog.h"
#include "app/window/self_check.h"
#include "core/analysis/overlap.h"
#include "tests/app/window/window_fixture.h"
#include "views/chrome/lower_dock.h"
#include "views/chrome/palette.h"
#include "views/deck/deck.h"
#include "views/deck/deck_strips.h"
#include "views/maps/map_grid.h"
#include "views/maps/map_plot.h"
#include "views/state/lane_choice.h"
#include "views/token/fate_table.h"
#include "views/token/token_tab.h"
#include "views/wavelet/wavelet_tab.h"

#include <QLineEdit>
#include <QMouseEvent>
#include <QSettings>
#include <QTest>
#include <QTextBrowser>

using namespace winnow;
using namespace winnow::app;
using namespace winnow::views;

namespace {

/// The sample text with a needle, shorter: its beginning, which holds the needle, and the question at its end.
void writeNeedle(const QString& path)
{
    std::ifstream file(fs::path(WINNOW_RESOURCES) / "texts" / "needle.txt");
    const std::string all{std::istreambuf_iterator<char>(file), {}};
    std::ofstream(path.toStdString()) << all.substr(0, all.find("\n\n", 2000)) << "\n\n" << all.substr(all.rfind("Question:"));
}

Range tokensOfText(const TraceInfo& info, const std::string& words)
{
    const auto at = static_cast<std::int32_t>(info.text.find(words));
    const auto end = at + static_cast<std::int32_t>(words.size());
    Range range{-1, -1};
    for (int token = 0; token < static_cast<int>(info.tokens.size()); ++token)
        if (const auto& [first, last] = info.offsets[static_cast<std::size_t>(token)]; first < end && last > at) {
            range.begin = range.begin < 0 ? token : range.begin;
            range.end = token + 1;
        }
    return range;
}

class Tour : public testing::Test {
protected:
    Tour()
    {
        QSettings().remove(QStringLiteral("theme"));
        window.resize(1440, 900);
        window.show();
        window.sessions()->keepIn(state);
    }
    const SelectionState& now() const { return window.selection()->state(); }
    const ViewData& data() const { return window.workspace()->data(); }
    const PolicyReplay& policy(int number) const { return *data().replay->policies[static_cast<std::size_t>(number)]; }
    void key(int key, Qt::KeyboardModifiers modifiers = {})
    {
        QTest::keyClick(&window, static_cast<Qt::Key>(key), modifiers);
        QApplication::processEvents();
    }
    template <class Tab>
    Tab* tab()
    {
        views::waitForJobs();
        QApplication::processEvents();
        Tab* one = window.lowerDock()->findChild<Tab*>();
        one->finish();
        return one;
    }
    void drag(QWidget* on, const QPointF& from, const QPointF& to)
    {
        const auto send = [&](QEvent::Type type, const QPointF& at, Qt::MouseButton button, Qt::MouseButtons held) {
            QMouseEvent event(type, at, on->mapToGlobal(at), button, held, {});
            QApplication::sendEvent(on, &event);
        };
        send(QEvent::MouseButtonPress, from, Qt::LeftButton, Qt::LeftButton);
        send(QEvent::MouseMove, (from + to) / 2, Qt::NoButton, Qt::LeftButton);
        send(QEvent::MouseMove, to, Qt::NoButton, Qt::LeftButton);
        send(QEvent::MouseButtonRelease, to, Qt::LeftButton, Qt::NoButton);
        QApplication::processEvents();
    }
    void exportTo(const char* figure, const char* file, FigureOptions options = {})
    {
        const fs::path out = fs::path(folder.path().toStdString()) / file;
        QSignalSpy exported(window.exporter(), &Exporter::exported);
        window.exporter()->exportTo({figure, std::move(options)}, out);
        ASSERT_TRUE(exported.count() > 0 || exported.wait(kPatience)) << figure;
        EXPECT_GT(fs::file_size(out), 1000U) << file;
    }

    const QTemporaryDir folder;
    const fs::path state = fs::path(folder.path().toStdString()) / "state";
    MainWindow window;
};

TEST_F(Tour, fromTheDemoToALostNeedleAndBackAfterACrash)
{
    // The demo's model and policies over a text with a needle: TreeKV in focus, H2O the reference.
    const QString text = folder.filePath(QStringLiteral("needle.txt"));
    writeNeedle(text);
    drop(window, {demoFolder(), text});
    ASSERT_TRUE(settle(window));
    ASSERT_TRUE(data().replay && data().trace);
    const int tokens = data().trace->tokenCount(), last = tokens - 1;
    const Range needle = tokensOfText(*data().info, "lantern 417");
    ASSERT_GT(needle.size(), 0);
    EXPECT_EQ(policy(now().focus).spec.name, "treekv");
    EXPECT_EQ(policy(now().reference).spec.name, "h2o");

    // Play, from the start.
    key(Qt::Key_Home);
    EXPECT_EQ(now().step, 0);
    key(Qt::Key_Space);
    EXPECT_TRUE(window.deck()->isPlaying());
    EXPECT_TRUE(QTest::qWaitFor([&] { return now().step > 3; }, kPatience));
    key(Qt::Key_Space);
    EXPECT_FALSE(window.deck()->isPlaying());

    // Scrub: the ruler leads to the step under the pointer, and every map knows its picture there.
    auto* strips = window.deck()->findChild<DeckStrips*>();
    const double ruler = strips->rulerRect().center().y();
    drag(strips, {strips->xOf(needle.begin + 0.5), ruler}, {strips->xOf(last - 99.5), ruler});
    EXPECT_NEAR(now().step, last - 100, 2);
    window.mapGrid()->finishPlanes();
    ASSERT_EQ(window.mapGrid()->plot()->panelCount(), 6);

    // Brush the needle over a strip, and mark it.
    const double strip = strips->stripRect(0).center().y();
    drag(strips, {strips->xOf(needle.begin) - 3, strip}, {strips->xOf(needle.end) + 3, strip});
    ASSERT_TRUE(now().tokenRange);
    EXPECT_LE(now().tokenRange->begin, needle.begin);
    EXPECT_GE(now().tokenRange->end, needle.end);
    key(Qt::Key_M);
    ASSERT_EQ(now().spans.size(), 1U);
    EXPECT_EQ(now().spans.front().tokens, *now().tokenRange);

    // Difference from the reference, and the next step where the two part.
    key(Qt::Key_D);
    EXPECT_TRUE(now().difference);
    window.selection()->setStep(last / 2 + 10);
    const LanePairs pairs = pairsOf(data(), now(), now().focus, now().reference);
    const auto next = nextDivergence(policy(now().focus), policy(now().reference), pairs, now().step, 1);
    ASSERT_TRUE(next);
    key(Qt::Key_N);
    EXPECT_EQ(now().step, *next);
    EXPECT_FALSE(divergingTokens(policy(now().focus), policy(now().reference), pairs, now().step, 0, now().step + 1).empty());
    key(Qt::Key_D);

    // The autopsy of the needle: a policy and lane has lost it, and the table says when.
    key(Qt::Key_F4, Qt::ControlModifier);
    auto* autopsy = tab<TokenTab>();
    ASSERT_TRUE(autopsy->tokens());
    ASSERT_TRUE(autopsy->shown());
    EXPECT_GT(autopsy->table()->rowCount(), 0);

    // Wavelets over the brush.
    key(Qt::Key_F3, Qt::ControlModifier);
    EXPECT_TRUE(tab<WaveletTab>()->shown());
    window.selection()->setTokenRange(Range{needle.begin - 8, needle.end + 8});
    EXPECT_TRUE(tab<WaveletTab>()->shown());

    // The palette leads to a token, undo back to none.
    const auto before = now().token;
    key(Qt::Key_K, Qt::ControlModifier);
    QLineEdit* field = window.palette()->palette()->field();
    ASSERT_TRUE(field->isVisible());
    QTest::keyClicks(field, QStringLiteral("token 100"));
    QTest::keyClick(field, Qt::Key_Return);
    QApplication::processEvents();
    EXPECT_EQ(now().token, 100);
    key(Qt::Key_Z, Qt::ControlModifier);
    EXPECT_EQ(now().token, before);

    // Every kind of panel as a figure, and one as its numbers.
    exportTo("retention", "maps.pdf");
    exportTo("retention", "maps.csv");
    exportTo("kept", "deck.svg", {.steps = {now().step}});
    exportTo("text", "text.svg", {.steps = {now().step}});
    exportTo("lanes", "lanes.png");

    // Saved: the recording, which lay in a temporary folder, stands beside the session.
    const fs::path file = fs::path(folder.path().toStdString()) / "tour.winnow";
    QSignalSpy saved(window.sessions(), &SessionKeeper::saved);
    window.sessions()->saveTo(file);
    ASSERT_TRUE(saved.count() > 0 || saved.wait(kPatience));
    EXPECT_FALSE(window.workspace()->isTemporary(window.workspace()->sources().trace));

    // A crash: what another Winnow finds is the file that was kept meanwhile, and no lock.
    key(Qt::Key_End);
    const SelectionState left = now();
    window.sessions()->keepNow();
    const fs::path crashed = fs::path(folder.path().toStdString()) / "crashed";
    fs::create_directories(crashed);
    ASSERT_TRUE(QTest::qWaitFor(
        [&] {
            for (const auto& entry : fs::directory_iterator(state))
                if (entry.path().extension() == ".winnow")
                    if (const auto session = readSession(entry.path()); session && session->selection == left) {
                        fs::copy_file(entry.path(), crashed / "unsaved-1.winnow", fs::copy_options::overwrite_existing);
                        return true;
                    }
            return false;
        },
        kPatience));
    window.close();

    // And back.
    MainWindow again;
    again.resize(1440, 900);
    again.show();
    again.sessions()->keepIn(crashed);
    ASSERT_TRUE(again.sessions()->offersSession());
    again.sessions()->bringBack();
    ASSERT_TRUE(settle(again));
    const SelectionState& back = again.selection()->state();
    EXPECT_EQ(back.step, left.step);
    EXPECT_EQ(back.spans, left.spans);
    EXPECT_EQ(back.tokenRange, left.tokenRange);
    EXPECT_EQ(back.focus, left.focus);
    ASSERT_TRUE(again.workspace()->data().replay);
    EXPECT_EQ(again.workspace()->data().replay->policies.size(), 6U);
    again.close();
}

TEST(SelfCheck, tellsOfARecordingThatItsRowsBelongTogether)
{
    MainWindow window;
    window.show();
    QStringList told;
    const auto* check = window.findChild<SelfCheck*>();
    ASSERT_TRUE(check);
    QObject::connect(check, &SelfCheck::changed, &window, [&](const QString& words) { told << words; });
    drop(window, {files().trace});
    ASSERT_TRUE(settle(window));
    ASSERT_TRUE(QTest::qWaitFor([&] { return told.contains(QStringLiteral("checked: sound")); }, kPatience));
    window.closeData();
    EXPECT_TRUE(told.back().isEmpty()) << "nothing is open";
}

TEST(Guide, opensFromHelpAndNamesEveryTask)
{
    MainWindow window;
    window.show();
    window.action(QStringLiteral("guide"))->trigger();
    auto* guide = window.findChild<GuideDialog*>();
    ASSERT_TRUE(guide && guide->isVisible());
    EXPECT_EQ(guide->text()->toMarkdown().count(QStringLiteral("## ")), 11);
    guide->close();
}

} // namespace
