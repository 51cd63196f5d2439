// SPDX-License-Identifier: GPL-3.0-or-later
// Runs (closed loop) beside replays, without a window.
#include "app/work/policy_runs.h"
#include "app/work/recorded_model.h"
#include "core/analysis/drift.h"
#include "tests/app/window/window_fixture.h"

#include <gmock/gmock.h>

using namespace winnow;
using namespace winnow::app;
using testing::HasSubstr;

namespace {

bool settle(Workspace& workspace)
{
    QSignalSpy settled(&workspace, &Workspace::settled);
    return settled.wait(kPatience);
}

/// The short recording under two policies.
void openShort(Workspace& workspace)
{
    workspace.setSpecs({parsePolicySpec("tova:budget=32").value(), parsePolicySpec("streaming:budget=32").value()});
    workspace.openTrace(files().trace.toStdString());
    ASSERT_TRUE(settle(workspace));
}

void runTova(Workspace& workspace)
{
    workspace.run({workspace.specs()[0]}, {});
    ASSERT_TRUE(workspace.isWorking());
    ASSERT_TRUE(settle(workspace));
}

const std::vector<std::shared_ptr<const PolicyReplay>>& policies(const Workspace& workspace)
{
    return workspace.data().replay->policies;
}

} // namespace

TEST(PolicyRuns, standBehindTheReplaysOfTheSameTokens)
{
    Workspace workspace;
    openShort(workspace);
    std::vector<std::string> failed;
    QObject::connect(&workspace, &Workspace::failed, [&](const QString& sentence) { failed.push_back(sentence.toStdString()); });
    runTova(workspace);
    EXPECT_THAT(failed, testing::IsEmpty());
    ASSERT_EQ(policies(workspace).size(), 3U);
    EXPECT_EQ(workspace.specs().size(), 2U) << "a run is not one of the policies that are replayed";
    const PolicyReplay& run = *policies(workspace)[2];
    EXPECT_TRUE(run.isRun());
    EXPECT_EQ(run.spec.canonical(), workspace.specs()[0].canonical());
    EXPECT_EQ(run.stepsDone, run.tokens);
    EXPECT_TRUE(workspace.data().replay->bothLoops());
    EXPECT_EQ(workspace.data().replay->tokenIds, workspace.data().info->tokens);
    EXPECT_EQ(workspace.policyStates().size(), 3U);
    EXPECT_EQ(driftWithin(*workspace.data().replay).size(), 1U);
    ASSERT_TRUE(workspace.atStake());
    EXPECT_TRUE(workspace.atStake()->runs) << "closing asks about them";
    workspace.runs()->setFile("runs.h5");
    EXPECT_FALSE(workspace.atStake());

    workspace.setPrompt(40); // a run of another prompt cannot stand beside
    ASSERT_TRUE(settle(workspace));
    EXPECT_EQ(policies(workspace).size(), 2U);
    workspace.setPrompt(std::nullopt);
    ASSERT_TRUE(settle(workspace));
    EXPECT_EQ(policies(workspace).size(), 3U) << "but it is still there";

    runTova(workspace);
    EXPECT_EQ(policies(workspace).size(), 3U) << "the new run takes the place of the old one";
    workspace.runs()->remove(*policies(workspace)[2]);
    EXPECT_EQ(policies(workspace).size(), 2U);
}

TEST(PolicyRuns, areShownWhileTheyGoOnAndLeaveNothingWhenStopped)
{
    Workspace workspace;
    openShort(workspace);
    QString warned;
    QObject::connect(&workspace, &Workspace::warned, [&](const QString& sentence) { warned = sentence; });
    QObject::connect(workspace.runs(), &PolicyRuns::changed, &workspace, [&] {
        if (policies(workspace).size() == 3 && policies(workspace)[2]->stepsDone < policies(workspace)[2]->tokens) {
            EXPECT_EQ(workspace.policyStates()[2].tag, QStringLiteral("running"));
            workspace.stop();
        }
    });
    runTova(workspace);
    if (!warned.isEmpty()) { // a short run may have come to its end all the same
        EXPECT_THAT(warned.toStdString(), HasSubstr("stopped"));
        EXPECT_EQ(policies(workspace).size(), 2U);
    }
}

TEST(PolicyRuns, askForAModelThatIsNotThere)
{
    Workspace workspace;
    openShort(workspace);
    auto other = std::make_shared<TraceInfo>(*workspace.data().info);
    other->manifest["model"] = "Someone/Else";
    other->manifest["model_hash"] = "0000000000000000";
    PolicyRuns runs;
    QString wanted;
    QObject::connect(&runs, &PolicyRuns::modelWanted, [&](const QString& sentence) { wanted = sentence; });
    QSignalSpy ended(&runs, &PolicyRuns::ended);
    runs.start({.recording = other, .policies = {workspace.specs()[0]}, .prompt = 0, .models = {"/nowhere"}});
    ASSERT_TRUE(ended.wait(kPatience));
    EXPECT_THAT(wanted.toStdString(), HasSubstr("the model 'Someone/Else' that this text was recorded from was not found"));
    EXPECT_EQ(runs.finished(0), nullptr);

    other->manifest.erase("model_hash"); // as of other programs: then the name decides
    EXPECT_FALSE(recordedModel(other->manifest, modelPlaces({})));
    other->manifest["model"] = "demo";
    EXPECT_TRUE(recordedModel(other->manifest, modelPlaces({})));
}

TEST(PolicyRuns, comeBackFromAFileThatHoldsBoth)
{
    const QTemporaryDir folder;
    const fs::path both = folder.filePath(QStringLiteral("both.h5")).toStdString(),
                   alone = folder.filePath(QStringLiteral("alone.npz")).toStdString();
    std::vector<float> loss;
    {
        Workspace workspace;
        openShort(workspace);
        runTova(workspace);
        loss = policies(workspace)[2]->run.logprob;
        ASSERT_TRUE(writeReplay(*workspace.data().replay, both));
        ASSERT_TRUE(writeReplay(*workspace.runs()->finished(workspace.prompt()), alone));
    }
    for (const fs::path& file : {both, alone}) { // the replay of a run alone is made again
        Workspace workspace;
        workspace.openTrace(files().trace.toStdString(), {file});
        ASSERT_TRUE(settle(workspace));
        EXPECT_EQ(workspace.specs().size(), file == both ? 2U : 1U);
        ASSERT_EQ(policies(workspace).size(), workspace.specs().size() + 1);
        EXPECT_FALSE(policies(workspace).front()->isRun());
        EXPECT_EQ(policies(workspace).back()->run.logprob[50], loss[50]);
        EXPECT_EQ(workspace.runs()->file(), file);
        EXPECT_EQ(driftWithin(*workspace.data().replay).size(), 1U);
    }
}
