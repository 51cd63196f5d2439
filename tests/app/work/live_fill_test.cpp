// SPDX-License-Identifier: GPL-3.0-or-later
// Maps fill while the recording runs: what is shown then is what the finished replay has.
#include "app/work/workspace.h"
#include "tests/app/window/window_fixture.h"

#include <QTest>

using namespace winnow;
using namespace winnow::app;

namespace {

RecordOptions birds()
{
    RecordOptions options;
    options.model = demoFolder().toStdString();
    for (int i = 0; i < 600; ++i)
        options.text += i % 7 == 0 ? "stone " : i % 11 == 0 ? "under the old tree " : "the bird ";
    options.textName = "birds.txt";
    options.chunk = 32;
    options.maxTokens = 900;
    return options;
}

/// Whether the lifetimes of all steps that `part` has are those of `whole`.
bool agree(const PolicyReplay& part, const PolicyReplay& whole)
{
    for (std::size_t cell = 0; cell < whole.evictStep.size(); ++cell) {
        const std::int32_t left = whole.evictStep[cell];
        if (part.evictStep[cell] != (left >= 0 && left < part.stepsDone ? left : -1))
            return false;
    }
    return true;
}

} // namespace

TEST(LiveFill, showsStepsWhileTheRecordingRunsAndTheyStay)
{
    Workspace workspace;
    workspace.setSpecs({parsePolicySpec("tova:budget=64").value(), parsePolicySpec("streaming:budget=64").value(),
                        parsePolicySpec("h2o:budget=64").value()});
    workspace.setPrompt(96);
    std::vector<std::shared_ptr<const PolicyReplay>> parts;
    int mostWhileRecording = 0;
    QObject::connect(&workspace, &Workspace::dataChanged, [&] {
        if (!workspace.isRecording() || !workspace.data().replay || workspace.data().replay->policies.empty())
            return;
        const auto& one = workspace.data().replay->policies.front();
        if (parts.empty() || parts.back() != one)
            parts.push_back(one);
        mostWhileRecording = std::max(mostWhileRecording, one->stepsDone);
        EXPECT_LE(one->stepsDone, std::max(1, workspace.data().tokensRecorded)) << "no step is ahead of the text";
    });
    workspace.record(birds());
    QSignalSpy settled(&workspace, &Workspace::settled);
    ASSERT_TRUE(settled.wait(kPatience));
    EXPECT_GE(mostWhileRecording, 95) << "all is kept up to the prompt's end";
    const PolicyReplay& whole = *workspace.data().replay->policies.front();
    ASSERT_EQ(whole.stepsDone, whole.tokens);
    for (const auto& part : parts)
        EXPECT_TRUE(agree(*part, whole)) << part->stepsDone;
    EXPECT_NEAR(whole.mass[whole.index(0, 0, 80)], 1, 1e-5) << "as was shown before it was computed";
}

TEST(LiveFill, isOffWithReducedMotion)
{
    Workspace workspace;
    workspace.setLiveFill(false);
    int most = 0;
    QObject::connect(&workspace, &Workspace::dataChanged, [&] {
        if (workspace.isRecording() && workspace.data().replay)
            for (const auto& policy : workspace.data().replay->policies)
                most = std::max(most, policy->stepsDone);
    });
    workspace.record(birds());
    QSignalSpy settled(&workspace, &Workspace::settled);
    ASSERT_TRUE(settled.wait(kPatience));
    EXPECT_EQ(most, 0);
    EXPECT_EQ(workspace.data().replay->policies.front()->stepsDone, workspace.data().trace->tokenCount());
}

TEST(LiveFill, editsWhileTheRecordingRunsAreFollowed)
{
    Workspace workspace;
    workspace.setSpecs({parsePolicySpec("tova:budget=64").value()});
    workspace.record(birds());
    ASSERT_TRUE(QTest::qWaitFor([&] { return workspace.data().tokensRecorded > 100; }, kPatience));
    workspace.setSpecs({parsePolicySpec("tova:budget=32").value(), parsePolicySpec("streaming:budget=32").value()});
    QSignalSpy settled(&workspace, &Workspace::settled);
    ASSERT_TRUE(!workspace.isWorking() || settled.wait(kPatience));
    const auto& policies = workspace.data().replay->policies;
    ASSERT_EQ(policies.size(), 2U);
    for (const auto& policy : policies) {
        EXPECT_EQ(policy->budget, 32);
        EXPECT_EQ(policy->stepsDone, policy->tokens);
    }
}

TEST(LiveFill, aRecordingThatIsGivenUpLeavesNothingWaiting)
{
    auto workspace = std::make_unique<Workspace>();
    workspace->record(birds());
    ASSERT_TRUE(QTest::qWaitFor([&] { return workspace->data().tokensRecorded > 100; }, kPatience));
    workspace->stop(); // held: the replay waits for rows
    ASSERT_TRUE(QTest::qWaitFor([&] { return workspace->isPaused() || !workspace->isRecording(); }, kPatience));
    workspace.reset();
    views::waitForJobs();
}
