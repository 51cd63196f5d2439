// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/work/needle_trial.h"

#include "app/cli/resources.h"
#include "app/cli/task_examples.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

using namespace winnow;
using namespace winnow::app;
using testing::HasSubstr;

namespace {

/// Facts at two lengths and three depths, as `winnow ask` makes them.
const std::vector<tasks::Example>& examples()
{
    static const auto made =
        cli::makeExamples("facts", {.lengths = {192, 256}, .samples = 2, .depths = 3}, demoModel().value(), {});
    return made.value();
}

tasks::Answer answerTo(const tasks::Example& example)
{
    tasks::Answer answer;
    answer.task = example.task;
    answer.id = std::to_string(example.index);
    answer.series = "tova:budget=64";
    answer.prediction = " no idea";
    answer.references = example.references;
    answer.depth = example.depth;
    answer.contextLength = static_cast<std::int64_t>(example.room);
    answer.seed = static_cast<std::int64_t>(example.seed);
    return answer;
}

} // namespace

TEST(NeedleTrial, makesEveryPromptAgain)
{
    ASSERT_EQ(examples().size(), 12U);
    for (const tasks::Example& example : examples()) {
        const auto trial = needleTrial(answerTo(example), demoModel().value(), {});
        ASSERT_TRUE(trial) << trial.error().message;
        EXPECT_EQ(trial->text, example.prompt() + " no idea") << example.index;
        const std::string needle = trial->text.substr(trial->needle.first, trial->needle.second - trial->needle.first);
        EXPECT_THAT(needle, HasSubstr(example.references.front()));
        EXPECT_LT(needle.size(), 200U);
    }
}

TEST(NeedleTrial, saysWhyAPromptCannotBeMadeAgain)
{
    const auto refusal = [](auto change) {
        tasks::Answer answer = answerTo(examples()[7]);
        change(answer);
        const auto trial = needleTrial(answer, demoModel().value(), {});
        return trial ? std::string("made") : trial.error().message;
    };
    EXPECT_THAT(refusal([](tasks::Answer& answer) { answer.references = {"another"}; }), HasSubstr("'another'"));
    EXPECT_THAT(refusal([](tasks::Answer& answer) { answer.promptTokens = 7; }), HasSubstr("not 7"));
    EXPECT_THAT(refusal([](tasks::Answer& answer) { answer.task = "hotpotqa"; }), HasSubstr("not hidden in prose"));
    EXPECT_THAT(refusal([](tasks::Answer& answer) { answer.seed.reset(); }), HasSubstr("does not say its seed"));
    EXPECT_THAT(refusal([](tasks::Answer& answer) { answer.cut = "middle"; }), HasSubstr("was cut (middle)"));
    EXPECT_THAT(refusal([](tasks::Answer& answer) { answer.id = "x"; }), HasSubstr("no number"));
}

TEST(SentenceAround, endsAtDotsAndLines)
{
    const std::string text = "One. The word is blue. Two.\nThree";
    const std::size_t at = text.find("blue");
    EXPECT_EQ(sentenceAround(text, at, at + 4), (std::pair<std::size_t, std::size_t>(5, 22)));
    EXPECT_EQ(sentenceAround(text, text.size() - 2, text.size() - 1), (std::pair<std::size_t, std::size_t>(28, 33)));
}
