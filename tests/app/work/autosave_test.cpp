// SPDX-License-Identifier: GPL-3.0-or-later
// A window that was not closed in order leaves its session behind, and the next one offers it.
#include "app/window/band.h"
#include "app/work/autosave.h"
#include "tests/app/window/window_fixture.h"

#include <QDir>
#include <QProcess>
#include <QPushButton>
#include <QRegularExpression>
#include <QSettings>
#include <QTest>

#include <gmock/gmock.h>

using namespace winnow;
using namespace winnow::app;

namespace {

struct State {
    QTemporaryDir temporary;
    fs::path folder = fs::path(temporary.path().toStdString()) / "state" / "winnow";
    QStringList files() const { return QDir(QString::fromStdString(folder.string())).entryList(QDir::Files, QDir::Name); }
    /// A session that looks at step 41 of the short recording, as a Winnow that crashed leaves it.
    fs::path leave() const
    {
        Session session;
        session.trace = app::files().trace.toStdString();
        session.policies = {parsePolicySpec("tova:budget=32").value(), parsePolicySpec("h2o:budget=32").value()};
        session.prompt = 16;
        session.selection.step = 41;
        session.selection.focus = 1;
        const fs::path file = folder / "unsaved-1.winnow";
        fs::create_directories(folder);
        EXPECT_TRUE(writeSession(session, file));
        return file;
    }
};

void press(const QWidget& band, const QString& text)
{
    for (QPushButton* button : band.findChildren<QPushButton*>())
        if (button->text() == text)
            return button->click();
    FAIL() << "no button " << text.toStdString();
}

} // namespace

TEST(Autosave, keepsTheSessionWhileOneWorksAndNotLonger)
{
    const State state;
    MainWindow window;
    window.sessions()->keepIn(state.folder);
    EXPECT_FALSE(window.sessions()->offersSession());
    EXPECT_TRUE(state.files().isEmpty()) << "an empty window is no work";
    drop(window, {files().trace});
    ASSERT_TRUE(settle(window));
    ASSERT_TRUE(QTest::qWaitFor([&] { return !state.files().filter(QStringLiteral(".winnow")).isEmpty(); }, kPatience));
    window.selection()->setStep(41);
    window.sessions()->keepNow();
    const auto kept = [&]() -> std::optional<Session> {
        for (const QString& name : state.files())
            if (name.endsWith(QStringLiteral(".winnow")))
                if (auto session = readSession(state.folder / name.toStdString()))
                    return *session;
        return std::nullopt;
    };
    ASSERT_TRUE(QTest::qWaitFor([&] { return kept() && kept()->selection.step == 41; }, kPatience));
    EXPECT_EQ(kept()->trace, fs::path(files().trace.toStdString()));
    EXPECT_EQ(QFile::permissions(QString::fromStdString(state.folder.string())) & (QFile::ReadGroup | QFile::ReadOther),
              QFile::Permissions());
    window.closeData();
    EXPECT_TRUE(state.files().filter(QRegularExpression(QStringLiteral("winnow$"))).isEmpty())
        << "what was closed is not brought back";
    drop(window, {files().trace});
    ASSERT_TRUE(settle(window));
    ASSERT_TRUE(QTest::qWaitFor([&] { return kept().has_value(); }, kPatience));
    window.close();
    EXPECT_TRUE(state.files().isEmpty());
}

TEST(Autosave, bringsBackWhatACrashLeft)
{
    QSettings().remove(QStringLiteral("recent"));
    const State state;
    const fs::path left = state.leave();
    MainWindow window;
    window.show();
    window.sessions()->keepIn(state.folder);
    EXPECT_TRUE(window.sessions()->offersSession());
    EXPECT_TRUE(window.offer()->isVisible());
    EXPECT_THAT(window.offer()->sentence().toStdString(), testing::HasSubstr("can be brought back"));
    press(*window.offer(), QStringLiteral("Bring back"));
    ASSERT_TRUE(settle(window));
    EXPECT_FALSE(window.offer()->isVisible());
    EXPECT_EQ(window.selection()->state().step, 41);
    EXPECT_EQ(window.selection()->state().focus, 1);
    EXPECT_EQ(window.workspace()->specs().size(), 2u);
    EXPECT_FALSE(QSettings().value(QStringLiteral("recent")).toStringList().contains(QString::fromStdString(left.string())));
    EXPECT_TRUE(fs::exists(left)) << "a second crash finds it again";
    window.selection()->setStep(43);
    window.sessions()->keepNow();
    EXPECT_TRUE(QTest::qWaitFor(
        [&] {
            const auto session = readSession(left);
            return session && session->selection.step == 43;
        },
        kPatience))
        << "it goes on in the same file";
    window.close();
    EXPECT_TRUE(state.files().isEmpty());
}

TEST(Autosave, discardsItOnDemandAndKeepsItOtherwise)
{
    const State state;
    const fs::path left = state.leave();
    {
        MainWindow window;
        window.sessions()->keepIn(state.folder);
        EXPECT_TRUE(window.sessions()->offersSession());
        window.close();
    }
    EXPECT_TRUE(fs::exists(left)) << "an offer that nobody answered stands";
    MainWindow window;
    window.sessions()->keepIn(state.folder);
    press(*window.offer(), QStringLiteral("Discard"));
    EXPECT_FALSE(window.sessions()->offersSession());
    EXPECT_TRUE(state.files().isEmpty());
}

TEST(Autosave, doesNotOfferTheSessionOfAWinnowThatRuns)
{
    const State state;
    const fs::path left = state.leave();
    const auto running = findLeftover(state.folder); // holds the lock
    ASSERT_TRUE(running);
    MainWindow window;
    window.sessions()->keepIn(state.folder);
    EXPECT_FALSE(window.sessions()->offersSession());
}

TEST(Autosave, offersTheSessionWhoseWinnowIsDead)
{
    const State state;
    const fs::path left = state.leave();
    QProcess gone;
    gone.start(QStringLiteral("true"), QStringList());
    const qint64 number = gone.waitForStarted() ? gone.processId() : 0;
    ASSERT_TRUE(gone.waitForFinished());
    QFile lock(QString::fromStdString(left.string()) + QStringLiteral(".lock"));
    ASSERT_TRUE(lock.open(QIODevice::WriteOnly));
    lock.write(QByteArray::number(number) + "\nwinnow\n" + QSysInfo::machineHostName().toUtf8() + "\n" +
               QSysInfo::machineUniqueId() + "\n" + QSysInfo::bootUniqueId() + "\n");
    lock.close();
    const auto found = findLeftover(state.folder);
    ASSERT_TRUE(found);
    EXPECT_EQ(found->file, left);
}

TEST(Autosave, saysWhatIsWrongWithADamagedOne)
{
    const State state;
    const fs::path left = state.leave();
    std::ofstream(left) << "{\"format\": 1}";
    MainWindow window;
    window.sessions()->keepIn(state.folder);
    window.sessions()->bringBack();
    EXPECT_THAT(window.messages()->sentence().toStdString(), testing::HasSubstr("winnow-session"));
    EXPECT_TRUE(window.workspace()->isEmpty());
    EXPECT_TRUE(fs::exists(left)) << "a person may still repair it";
}

TEST(Autosave, liesWhereTheSystemWantsIt)
{
    qputenv("XDG_STATE_HOME", "/some/where");
    EXPECT_EQ(stateFolder(), fs::path("/some/where/winnow"));
    qputenv("XDG_STATE_HOME", "not/absolute");
    EXPECT_TRUE(stateFolder().is_absolute());
    EXPECT_EQ(stateFolder().filename(), fs::path("state"));
    qunsetenv("XDG_STATE_HOME");
}
