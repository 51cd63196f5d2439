// SPDX-License-Identifier: GPL-3.0-or-later
// Recording, stopping, going on and giving up, without a window.
#include "app/work/workspace.h"
#include "tests/app/window/window_fixture.h"

#include <QTest>

#include <gmock/gmock.h>

using namespace winnow;
using namespace winnow::app;

namespace {

RecordOptions longRecording(const fs::path& out = {}, int tokens = 0)
{
    RecordOptions options;
    options.model = demoFolder().toStdString();
    for (int i = 0; i < 4000; ++i)
        options.text += i % 7 == 0 ? "stone " : "the bird ";
    options.textName = "birds.txt";
    options.chunk = 16;
    options.out = out;
    options.maxTokens = tokens;
    return options;
}

bool settle(Workspace& workspace)
{
    QSignalSpy settled(&workspace, &Workspace::settled);
    return settled.wait(kPatience);
}

/// Opens the short recording and waits for its replays.
void openShort(Workspace& workspace)
{
    workspace.openTrace(files().trace.toStdString());
    ASSERT_TRUE(settle(workspace));
}

/// Stops once some tokens are recorded.
void stopOnTheWay(Workspace& workspace)
{
    QSignalSpy stopped(&workspace, &Workspace::stopped);
    ASSERT_TRUE(QTest::qWaitFor([&] { return workspace.data().tokensRecorded > 0; }, kPatience));
    workspace.stop();
    ASSERT_TRUE(!stopped.isEmpty() || stopped.wait(kPatience));
}

std::vector<std::string> names(const std::vector<PolicySpec>& specs)
{
    std::vector<std::string> all;
    for (const PolicySpec& spec : specs)
        all.push_back(spec.name);
    return all;
}

} // namespace

TEST(Workspace, showsPicturesOfAReplayThatIsOnItsWay)
{
    Workspace workspace;
    int parts = 0;
    QObject::connect(&workspace, &Workspace::dataChanged, [&] {
        if (const auto& replay = workspace.data().replay)
            for (const auto& policy : replay->policies)
                parts += policy->stepsDone > 0 && policy->stepsDone < policy->tokens;
    });
    workspace.record(longRecording({}, 1200));
    ASSERT_TRUE(settle(workspace));
    EXPECT_GE(parts, 1) << "maps fill while the replay runs";
}

TEST(Workspace, goesOnWithReplaysThatWereStopped)
{
    Workspace workspace;
    openShort(workspace);
    const auto before = workspace.data().replay;
    std::vector<PolicySpec> specs = workspace.specs();
    specs[1] = specs[1].with("budget", "48").value();
    QSignalSpy stopped(&workspace, &Workspace::stopped);
    workspace.setSpecs(specs);
    workspace.stop();
    ASSERT_TRUE(settle(workspace));
    if (!stopped.isEmpty()) { // a short replay may have come to its end all the same
        EXPECT_EQ(workspace.policyStates()[1].tag, QStringLiteral("stopped"));
    }
    workspace.resume();
    ASSERT_TRUE(!workspace.isWorking() || settle(workspace));
    const auto after = workspace.data().replay;
    EXPECT_EQ(after->policies[1]->budget, 48);
    EXPECT_EQ(after->policies[1]->stepsDone, after->policies[1]->tokens);
    EXPECT_EQ(after->policies[0], before->policies[0]) << "what was there is not replayed again";
    EXPECT_EQ(workspace.policyStates()[1], PolicyState());
}

TEST(Workspace, givesUpReplaysThatWereStopped)
{
    Workspace workspace;
    workspace.record(longRecording({}, 1200));
    ASSERT_TRUE(settle(workspace));
    std::vector<PolicySpec> specs = workspace.specs();
    for (PolicySpec& spec : specs)
        if (!spec.value("budget").empty())
            spec = spec.with("budget", "48").value();
    QSignalSpy stopped(&workspace, &Workspace::stopped);
    workspace.setSpecs(specs); // not the replay behind a recording, which has followed it and may be at its end
    workspace.stop();
    ASSERT_TRUE(!stopped.isEmpty() || stopped.wait(kPatience)) << "a long replay can be stopped";
    std::vector<PolicySpec> done;
    for (std::size_t i = 0; i < specs.size(); ++i)
        if (workspace.policyStates()[i].tag != QStringLiteral("stopped"))
            done.push_back(specs[i]);
    ASSERT_LT(done.size(), specs.size());
    workspace.discardUnfinished();
    EXPECT_EQ(names(workspace.specs()), names(done));
    EXPECT_FALSE(workspace.isWorking());
}

TEST(Workspace, holdsARecordingWhereItStandsAndGoesOnFromThere)
{
    Workspace workspace;
    workspace.record(longRecording({}, 600));
    stopOnTheWay(workspace);
    EXPECT_TRUE(workspace.isPaused());
    EXPECT_FALSE(workspace.isWorking());
    EXPECT_FALSE(workspace.isEmpty());
    const int held = workspace.data().tokensRecorded;
    ASSERT_GT(held, 0);
    ASSERT_LT(held, 600);
    EXPECT_EQ(workspace.leadingStep(), held - 1) << "the step is not beyond what was read";
    ASSERT_TRUE(workspace.data().replay) << "maps have their axes while the text is read";
    EXPECT_EQ(workspace.data().replay->policies.size(), workspace.specs().size());
    for (const auto& policy : workspace.data().replay->policies) {
        EXPECT_EQ(policy->tokens, 600);
        EXPECT_LE(policy->stepsDone, held) << "and are hatched beyond what was read";
    }
    const auto stake = workspace.atStake();
    ASSERT_TRUE(stake);
    EXPECT_TRUE(stake->running) << "closing asks about it";
    QTest::qWait(100);
    EXPECT_EQ(workspace.data().tokensRecorded, held) << "nothing is read while it is held";

    int least = 600;
    QObject::connect(&workspace, &Workspace::dataChanged, [&] {
        if (workspace.data().info)
            least = std::min(least, workspace.data().tokensRecorded);
    });
    workspace.resume();
    EXPECT_TRUE(workspace.isRecording());
    ASSERT_TRUE(settle(workspace));
    EXPECT_GT(least, held - 1) << "it began at token 0 again";
    ASSERT_TRUE(workspace.data().trace);
    EXPECT_EQ(workspace.data().trace->tokenCount(), 600);
}

TEST(Workspace, stoppedTwiceGivesTheRecordingUp)
{
    Workspace workspace;
    workspace.record(longRecording());
    stopOnTheWay(workspace);
    QSignalSpy stopped(&workspace, &Workspace::stopped);
    workspace.stop();
    ASSERT_TRUE(stopped.wait(kPatience));
    EXPECT_FALSE(workspace.isPaused());
    EXPECT_FALSE(workspace.atStake());
    workspace.discardUnfinished();
    EXPECT_TRUE(workspace.isEmpty());
}

TEST(Workspace, goesOnWithARecordingThatWasStopped)
{
    const QTemporaryDir folder;
    Workspace workspace;
    const RecordOptions options = longRecording(folder.filePath(QStringLiteral("T.h5")).toStdString(), 600);
    workspace.record(options);
    stopOnTheWay(workspace);
    EXPECT_FALSE(fs::exists(options.out));
    workspace.resume();
    EXPECT_TRUE(workspace.isRecording());
    ASSERT_TRUE(settle(workspace));
    ASSERT_TRUE(workspace.data().trace);
    EXPECT_EQ(workspace.data().trace->tokenCount(), 600);
    EXPECT_EQ(workspace.sources().trace, options.out);
    EXPECT_EQ(workspace.data().replay->policies.size(), workspace.specs().size());
}

TEST(Workspace, givingUpARecordingBringsBackWhatWasOpenBefore)
{
    Workspace workspace;
    openShort(workspace);
    const auto before = workspace.data();
    for (const bool again : {false, true}) { // a second stop after going on must not take the first half for what was open
        workspace.record(longRecording());
        stopOnTheWay(workspace);
        EXPECT_FALSE(workspace.data().trace);
        if (again) {
            workspace.resume();
            stopOnTheWay(workspace);
        }
        workspace.discardUnfinished();
        EXPECT_EQ(workspace.data().trace, before.trace);
        EXPECT_EQ(workspace.data().replay, before.replay);
        EXPECT_EQ(workspace.sources().trace, fs::path(files().trace.toStdString()));
    }
}

TEST(Workspace, saysHowMuchThereIsOfARecordingThatWasCutShort)
{
    const QTemporaryDir folder;
    const fs::path out = folder.filePath(QStringLiteral("T.h5")).toStdString(),
                   cut = folder.filePath(QStringLiteral("cut.h5")).toStdString();
    Workspace recording;
    recording.record(longRecording(out));
    stopOnTheWay(recording); // nothing is written while the file is copied
    const int tokens = recording.data().tokensRecorded;
    std::error_code error;
    fs::copy_file(out.string() + ".part", cut, error); // what a kill would leave
    ASSERT_FALSE(error) << error.message();
    recording.close();

    Workspace workspace;
    QSignalSpy warned(&workspace, &Workspace::warned);
    workspace.openTrace(cut);
    ASSERT_TRUE(settle(workspace));
    ASSERT_TRUE(workspace.data().trace);
    EXPECT_EQ(workspace.data().trace->tokenCount(), tokens);
    EXPECT_FALSE(workspace.data().trace->info().complete);
    ASSERT_EQ(warned.size(), 1);
    EXPECT_EQ(warned.front().front().toString(),
              QStringLiteral("'cut.h5' was cut short while recording; its first %1 tokens are shown")
                  .arg(workspace.data().trace->tokenCount()));
    EXPECT_EQ(workspace.data().replay->policies.front()->tokens, workspace.data().trace->tokenCount());
}

TEST(Workspace, nothingOfAClosedRecordingIsToldAnyMore)
{
    Workspace workspace;
    workspace.record(longRecording());
    ASSERT_TRUE(QTest::qWaitFor([&] { return workspace.data().info != nullptr; }, kPatience));
    workspace.close();
    int told = 0;
    for (const auto signal : {&Workspace::dataChanged, &Workspace::statesChanged, &Workspace::settled})
        QObject::connect(&workspace, signal, [&told] { ++told; });
    QObject::connect(&workspace, &Workspace::jobChanged, [&told] { ++told; });
    QObject::connect(&workspace, &Workspace::stopped, [&told] { ++told; });
    views::waitForJobs();
    QTest::qWait(50);
    EXPECT_EQ(told, 0);
    EXPECT_TRUE(workspace.isEmpty());
}

TEST(Workspace, replaysKnowWhatTheyKeepByRuleAndWhatASlotWeighs)
{
    Workspace workspace;
    workspace.setSpecs({parsePolicySpec("streaming:budget=24,sinks=4").value(), parsePolicySpec("h2o:budget=24,recent=8").value(),
                        parsePolicySpec("full").value()});
    RecordOptions options = longRecording({}, 64);
    options.dtype = Dtype::BFloat16;
    workspace.record(options);
    ASSERT_TRUE(settle(workspace));
    const ReplayResult& replay = *workspace.data().replay;
    EXPECT_EQ(replay.policies[0]->byRule.sinks, 4);
    EXPECT_TRUE(replay.policies[0]->byRule(3, 60) && !replay.policies[0]->byRule(4, 60))
        << "sinks stay by rule, what follows does not";
    EXPECT_EQ(replay.policies[1]->byRule, (KeptByRule{.recent = 8}));
    EXPECT_TRUE(replay.policies[2]->byRule.everything);
    EXPECT_EQ(replay.policies[0]->choosesFrom, 31) << "the first eviction is at the end of the prompt's last step";
    const LayerInfo& layer = workspace.data().info->layerInfo.front();
    EXPECT_EQ(replay.slotBytes.front(), 2 * 2 * layer.headDim) << "a key and a value of 16-bit numbers";
}
