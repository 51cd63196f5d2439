// SPDX-License-Identifier: GPL-3.0-or-later
// The policy list: gestures on rows, edits that are announced, and those that are refused with the engine's sentence.
#include "tests/support/synthetic_replay.h"
#include "tests/support/temporary_folder.h"
#include "views/policies/policy_list.h"
#include "views/policies/policy_list_budget.h"
#include "views/policies/policy_list_row.h"

#include <QAction>
#include <QFileDialog>
#include <QLabel>
#include <QMenu>
#include <QPointer>
#include <QScrollArea>
#include <QScrollBar>
#include <QTest>

#include <gtest/gtest.h>

namespace winnow::views {
namespace {

using testing_support::TemporaryFolder;

class PolicyListTest : public testing::Test {
protected:
    PolicyListTest()
    {
        std::vector<PolicySpec> specs;
        for (const char* line : {"streaming:budget=128", "h2o:budget=128", "treekv:budget=128"})
            specs.push_back(parsePolicySpec(line).value());
        QObject::connect(&list, &PolicyList::specsEdited, &list, [this](const std::vector<PolicySpec>& edited) {
            announced.push_back(edited);
            answer(edited); // as the application does, at once
        });
        answer(specs);
        list.resize(236, 304);
        list.show();
        QCoreApplication::processEvents();
    }
    void answer(const std::vector<PolicySpec>& specs)
    {
        auto result = std::make_shared<ReplayResult>(
            *test::syntheticReplay({.tokens = 600, .layers = 2, .lanes = 2, .budget = 128, .policies = 0}));
        for (std::size_t i = 0; i < specs.size(); ++i) {
            auto policy = std::make_shared<PolicyReplay>(
                *test::syntheticPolicy(static_cast<int>(i), {.tokens = 600, .layers = 2, .lanes = 2, .budget = 128}));
            policy->spec = specs[i];
            result->policies.push_back(policy);
        }
        for (const std::size_t run : runs)
            result->policies.push_back(test::asRun(*result->policies[run], 2.5F));
        selection.setExtent(600, static_cast<int>(result->policies.size()));
        list.setData({test::syntheticInfo({.tokens = 600}), nullptr, result, 600});
    }
    /// Until the means are there, which are summed up in the background.
    static void settle()
    {
        for (int round = 0; round < 2; ++round) { // what changed meanwhile is asked for when the first have come
            waitForJobs();
            QCoreApplication::processEvents();
        }
    }
    PolicyRow* row(int policy) const
    {
        for (PolicyRow* one : list.findChildren<PolicyRow*>())
            if (!one->isHidden() && one->state().number == policy)
                return one;
        return nullptr;
    }
    std::vector<std::string> lastNames() const
    {
        std::vector<std::string> names;
        for (const PolicySpec& spec : announced.back())
            names.push_back(spec.name);
        return names;
    }

    Selection selection;
    PolicyList list{&selection};
    std::vector<std::vector<PolicySpec>> announced;
    std::vector<std::size_t> runs; ///< policies that were run, too
};

TEST_F(PolicyListTest, aRunHasARowOfItsOwnThatCannotBeEdited)
{
    std::vector<int> removed, wanted;
    QObject::connect(&list, &PolicyList::runRemovalWanted, &list, [&](int policy) { removed.push_back(policy); });
    QObject::connect(&list, &PolicyList::runWanted, &list, [&](int policy) { wanted.push_back(policy); });
    runs = {1};
    answer(list.specs());
    ASSERT_EQ(list.specs().size(), 3U);
    ASSERT_TRUE(row(3));
    settle();
    EXPECT_TRUE(row(3)->accessibleName().startsWith(QStringLiteral("4, H2O, run, 128 · loss 2.500, mean mass 0.")))
        << qPrintable(row(3)->accessibleName());
    EXPECT_TRUE(row(3)->budgetField()->isHidden());
    row(3)->setExpanded(true);
    EXPECT_FALSE(row(3)->isExpanded());
    QTest::mouseClick(row(3), Qt::LeftButton, {}, QPoint(120, 12));
    EXPECT_EQ(selection.state().focus, 3);
    list.scaleBudget(3, 0.5);
    list.movePolicy(3, 0);
    EXPECT_TRUE(announced.empty());

    emit row(3)->menuWanted(list.mapToGlobal(QPoint(10, 10)));
    bool again = false;
    for (QAction* action : list.findChild<QMenu*>()->actions())
        if (action->text() == QStringLiteral("Run it again")) {
            action->trigger();
            again = true;
        }
    EXPECT_TRUE(again);
    EXPECT_EQ(wanted, std::vector{3});

    selection.setHidden(3, true);
    list.duplicatePolicy(0); // the run moves behind the new policy, with the focus and its eye
    EXPECT_EQ(announced.back().size(), 4U);
    EXPECT_EQ(selection.state().focus, 4);
    EXPECT_FALSE(selection.isVisible(4));
    EXPECT_TRUE(selection.isVisible(3));
    list.removePolicy(4);
    EXPECT_EQ(removed, std::vector{4});
    EXPECT_EQ(announced.size(), 1U);
}

TEST_F(PolicyListTest, clickIsFocusAndAltClickIsReference)
{
    QTest::mouseClick(row(2), Qt::LeftButton, {}, QPoint(120, 12));
    EXPECT_EQ(selection.state().focus, 2);
    QTest::mouseClick(row(1), Qt::LeftButton, Qt::AltModifier, QPoint(120, 12));
    EXPECT_EQ(selection.state().reference, 1);
    settle();
    EXPECT_TRUE(row(2)->accessibleName().startsWith(QStringLiteral("3, TreeKV, 128 slots, mean mass 0.")));
    EXPECT_TRUE(row(2)->accessibleName().endsWith(QStringLiteral(", focus")));
}

TEST_F(PolicyListTest, bracketsHalveAndDoubleTheBudgetOfTheFocus)
{
    selection.setFocus(2);
    list.halveBudget();
    ASSERT_EQ(announced.size(), 1u);
    EXPECT_EQ(announced.back()[2].value("budget"), "64");
    EXPECT_EQ(announced.back()[0].value("budget"), "128");
    list.doubleBudget();
    list.doubleBudget();
    EXPECT_EQ(announced.back()[2].value("budget"), "256");
}

TEST_F(PolicyListTest, aTypedBudgetIsAnnouncedAndAWrongOneIsSaidInTheRow)
{
    BudgetField* field = row(1)->budgetField();
    field->setFocus();
    field->setText(QStringLiteral("25%"));
    QTest::keyClick(field, Qt::Key_Return);
    ASSERT_EQ(announced.size(), 1u);
    EXPECT_EQ(announced.back()[1].value("budget"), "25%");
    EXPECT_FALSE(field->hasFocus()) << "the next key is the window's";
    field->setFocus();
    field->setText(QStringLiteral("0"));
    QTest::keyClick(field, Qt::Key_Return);
    EXPECT_EQ(announced.size(), 1u) << "a budget of 0 is not replayed";
    EXPECT_TRUE(field->hasFocus()) << "it can be mended";
    EXPECT_FALSE(row(1)->state().error.isEmpty());
    EXPECT_FALSE(row(1)->findChild<QLabel*>()->isHidden());
    list.setRowError(1, {});
    EXPECT_FALSE(row(1)->state().error.isEmpty()) << "a replay that goes well does not take the sentence away";
    field->setText(QStringLiteral("64"));
    QTest::keyClick(field, Qt::Key_Return);
    EXPECT_EQ(announced.size(), 2u);
    EXPECT_TRUE(row(1)->state().error.isEmpty());
}

TEST_F(PolicyListTest, whatOneOpensOrAddsOrTypesWronglyIsBroughtIntoSight)
{
    list.resize(236, 160); // the last rows are below
    QCoreApplication::processEvents();
    const auto* sight = list.findChild<QScrollArea*>()->viewport();
    const auto top = [&](int policy) { return row(policy)->mapTo(sight, QPoint(0, 0)).y(); };
    const auto seen = [&](int policy) { return top(policy) >= 0 && top(policy) + 60 <= sight->height(); };
    ASSERT_FALSE(seen(2));
    row(2)->setFocus();
    QTest::keyClick(row(2), Qt::Key_Right);
    EXPECT_TRUE(QTest::qWaitFor([&] { return seen(2); }, 2000)) << "its parameters: " << top(2);
    QTest::keyClick(row(2), Qt::Key_Left);
    list.findChild<QScrollArea*>()->verticalScrollBar()->setValue(0);
    QCoreApplication::processEvents();
    ASSERT_FALSE(seen(2));
    row(2)->budgetField()->setFocus();
    row(2)->budgetField()->setText(QStringLiteral("x"));
    QTest::keyClick(row(2)->budgetField(), Qt::Key_Return);
    EXPECT_TRUE(QTest::qWaitFor([&] { return seen(2); }, 2000)) << "what is wrong with it";
}

TEST_F(PolicyListTest, aDraggedBudgetDoublesEvery48Pixels)
{
    BudgetField* field = row(0)->budgetField();
    QTest::mousePress(field, Qt::LeftButton, {}, QPoint(10, 8));
    QTest::mouseMove(field, QPoint(58, 8));
    QTest::mouseRelease(field, Qt::LeftButton, {}, QPoint(58, 8));
    ASSERT_FALSE(announced.empty());
    EXPECT_EQ(announced.back()[0].value("budget"), "256");
}

TEST_F(PolicyListTest, focusReferenceAndEyesFollowTheirPolicyThroughEveryReordering)
{
    selection.setFocus(2);
    selection.setReference(1);
    selection.setHidden(0, true);
    list.movePolicy(2, 0);
    EXPECT_EQ(lastNames(), (std::vector<std::string>{"treekv", "streaming", "h2o"}));
    EXPECT_EQ(selection.state().focus, 0);
    EXPECT_EQ(selection.state().reference, 2);
    EXPECT_FALSE(selection.isVisible(1));
    EXPECT_TRUE(selection.isVisible(0));
    list.removePolicy(1);
    EXPECT_EQ(lastNames(), (std::vector<std::string>{"treekv", "h2o"}));
    EXPECT_EQ(selection.state().focus, 0);
    EXPECT_EQ(selection.state().reference, 1);
    EXPECT_TRUE(selection.isVisible(0) && selection.isVisible(1));
    list.duplicatePolicy(0);
    EXPECT_EQ(lastNames(), (std::vector<std::string>{"treekv", "treekv", "h2o"}));
    EXPECT_EQ(selection.state().reference, 2);
    list.addPolicy(QStringLiteral("tova"));
    EXPECT_EQ(announced.back().back().name, "tova");
    EXPECT_EQ(announced.back().back().value("budget"), "128");
}

TEST_F(PolicyListTest, everyParameterOfTheCatalogHasAnEditorThatHelps)
{
    for (int policy = 0; policy < 3; ++policy) {
        row(policy)->setExpanded(true);
        const PolicyInfo* info = findPolicy(list.specs()[static_cast<std::size_t>(policy)].name);
        for (const ParameterSpec& parameter : info->parameters) {
            if (parameter.id == "budget")
                continue;
            const QString title = QString::fromUtf8(parameter.title);
            int editors = 0;
            for (const QWidget* widget : row(policy)->findChildren<QWidget*>())
                if (widget->accessibleName() == title && !widget->toolTip().isEmpty())
                    ++editors;
            EXPECT_EQ(editors, 1) << title.toStdString();
        }
    }
}

TEST_F(PolicyListTest, aFileThatAPolicyNeedsIsChosenBeforeItIsAddedAndInItsPanel)
{
    const TemporaryFolder folder;
    const auto table = [&](const char* name, int layers) { // of head scores, for models of four heads
        std::string text;
        for (int head = 0; head < 4 * layers; ++head)
            text += fmt::format("{}\"{}-{}\": [{}]", head > 0 ? ", " : "{", head / 4, head % 4, head);
        folder.write(name, text + "}");
        return QString::fromStdString((folder / name).string());
    };
    const auto choose = [&](const QString& path) {
        QPointer dialog = list.findChild<QFileDialog*>();
        ASSERT_TRUE(dialog);
        emit dialog->fileSelected(path);
        delete dialog;
    };
    list.setPrompt(100);
    list.addPolicy(QStringLiteral("headkv"));
    EXPECT_TRUE(announced.empty()) << "not before a file is chosen";
    choose(table("other.json", 3));
    EXPECT_TRUE(announced.empty());
    EXPECT_TRUE(row(0)->state().error.contains(QStringLiteral("it has 12 entries"))) << row(0)->state().error.toStdString();

    list.addPolicy(QStringLiteral("headkv"));
    const QString first = table("first.json", 2), second = table("second.json", 2);
    choose(first);
    ASSERT_EQ(announced.size(), 1u);
    EXPECT_EQ(announced.back().back().value("heads"), first.toStdString());

    row(3)->setExpanded(true);
    for (QAction* action : row(3)->findChildren<QAction*>())
        if (action->toolTip() == QStringLiteral("Choose a file"))
            action->trigger();
    choose(second);
    ASSERT_EQ(announced.size(), 2u);
    EXPECT_EQ(announced.back().back().value("heads"), second.toStdString());
}

TEST_F(PolicyListTest, meansAreSummedUpInTheBackgroundAndThoseOfOtherLanesAreThereAtOnce)
{
    selection.setStepRange(Range{200, 300});
    settle();
    const auto policy = test::syntheticPolicy(2, {.tokens = 600, .layers = 2, .lanes = 2, .budget = 128});
    const auto mean = [&](std::vector<int> lanes) { return meanMetric(*policy, Metric::Mass, lanes, {200, 300}); };
    ASSERT_TRUE(row(2)->state().mean);
    EXPECT_DOUBLE_EQ(*row(2)->state().mean, *mean({0, 1, 2, 3}));
    selection.setLanes({{1, 0}});
    EXPECT_DOUBLE_EQ(row(2)->state().mean.value_or(-1), *mean({2})) << "no event was handled meanwhile";
    ASSERT_NE(*mean({2}), *mean({0, 1, 2, 3}));

    list.scaleBudget(2, 0.5); // another replay: the number of this policy stands until its own comes
    EXPECT_TRUE(row(2)->state().mean);
    list.movePolicy(2, 0);
    EXPECT_FALSE(row(0)->state().mean) << "that of the policy which stood here";
    settle();
    EXPECT_DOUBLE_EQ(row(1)->state().mean.value_or(-1),
                     *meanMetric(*test::syntheticPolicy(1, {.tokens = 600, .layers = 2, .lanes = 2, .budget = 128}), Metric::Mass,
                                 std::vector{2}, {200, 300}));
}

TEST_F(PolicyListTest, rowStatesAndRangesAreShown)
{
    list.setRowState(1, QStringLiteral("updating"), 0.5);
    EXPECT_EQ(row(1)->state().state, "updating");
    EXPECT_FALSE(row(0)->state().inRange);
    selection.setStep(500);
    selection.setTokenRange(Range{10, 30});
    ASSERT_TRUE(row(0)->state().inRange);
    EXPECT_EQ(*row(0)->state().inRange, 0) << "StreamingLLM has lost tokens 10 to 29 by step 500";
    EXPECT_TRUE(row(0)->state().meanHelp.contains(QStringLiteral("steps 128 to 599")));
}

} // namespace
} // namespace winnow::views
