// SPDX-License-Identifier: GPL-3.0-or-later
// Lifetimes that someone else computed, dropped on the window: a policy `given` beside the others.
#include "app/cli/file_kind.h"
#include "app/window/file_opener.h"
#include "core/io/npz.h"
#include "tests/app/window/window_fixture.h"

namespace winnow::app {
namespace {

/// The lifetimes of the first policy of the short replay, as a file with a comma in its name.
QString writtenLifetimes(const QTemporaryDir& folder, const PolicyReplay& policy)
{
    const QString path = folder.filePath(QStringLiteral("mine, the first.npz"));
    NpzWriter npz(path.toStdString());
    npz.add("evict_step", std::span(policy.evictStep),
            {static_cast<std::size_t>(policy.layers), static_cast<std::size_t>(policy.lanes),
             static_cast<std::size_t>(policy.tokens)});
    EXPECT_TRUE(npz.finish());
    return path;
}

TEST(GivenDrop, addsThePolicyToTheOpenRecording)
{
    const QTemporaryDir folder;
    const auto replay = readReplay(files().replay.toStdString());
    ASSERT_TRUE(replay);
    const PolicyReplay& first = *(*replay)->policies.front();
    const QString path = writtenLifetimes(folder, first);
    EXPECT_EQ(fileKind(path.toStdString()).value(), FileKind::Lifetimes);
    EXPECT_EQ(fileKind(files().replay.toStdString()).value(), FileKind::Replay);

    MainWindow window;
    drop(window, {files().trace});
    ASSERT_TRUE(settle(window));
    const std::size_t before = window.workspace()->specs().size();
    drop(window, {path});
    ASSERT_TRUE(settle(window));
    const auto& specs = window.workspace()->specs();
    ASSERT_EQ(specs.size(), before + 1);
    EXPECT_EQ(specs.back().name, "given");
    EXPECT_EQ(specs.back().value("file"), path.toStdString());
    EXPECT_EQ(window.workspace()->data().replay->policies.back()->evictStep, first.evictStep);
}

TEST(GivenDrop, withoutARecordingIsRefusedWithASentence)
{
    const QTemporaryDir folder;
    const auto replay = readReplay(files().replay.toStdString());
    ASSERT_TRUE(replay);
    MainWindow window;
    QSignalSpy refused(window.opener(), &FileOpener::refused);
    drop(window, {writtenLifetimes(folder, *(*replay)->policies.front())});
    ASSERT_TRUE(refused.wait(kPatience));
    EXPECT_TRUE(refused.front().front().toString().contains(QStringLiteral("no recording is open")))
        << refused.front().front().toString().toStdString();
    EXPECT_TRUE(window.workspace()->isEmpty());
}

} // namespace
} // namespace winnow::app
