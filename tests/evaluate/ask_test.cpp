// SPDX-License-Identifier: GPL-3.0-or-later
// Examples of tasks put to the demo model.
#include "core/evaluate/ask.h"

#include "core/evaluate/asked_text.h"
#include "core/tasks/generators/example.h"

#include <gmock/gmock.h>

namespace winnow {
namespace {

using tasks::AskedExample;
using testing::ElementsAre;
using testing::HasSubstr;

std::filesystem::path demo() { return std::filesystem::path(WINNOW_RESOURCES) / "models/demo"; }

const Tokenizer& demoTokenizer()
{
    static const auto tokenizer = Tokenizer::load(demo()).value();
    return *tokenizer;
}

std::string text(int sentences)
{
    std::string all;
    for (int i = 0; i < sentences; ++i)
        all += fmt::format("The boat number {} came home before the night. ", i);
    return all;
}

/// A question about `context`, as a profile asks it.
AskedExample example(std::string context, std::string_view profile = "winnow", std::string task = "facts", int turn = 0)
{
    tasks::Example made{.task = std::move(task),
                        .index = 3,
                        .turn = turn,
                        .context = std::move(context),
                        .question = turn == 0 ? "\n\nWhich boat came first?" : "\n\nWhich boat came last?",
                        .lead = " Number",
                        .references = {"0"}};
    auto set = tasks::askExamples(tasks::exampleLine(made), {}, *tasks::findProfile(profile));
    EXPECT_EQ(set.examples.size(), 1U);
    return set.examples.front();
}

AskedText asked(const AskedExample& one, AskedTextOptions options) { return askedText(one, options).value(); }

TEST(AskedText, isThePromptOrContextAndQuestion)
{
    const AskedExample one = example("The boat number 0 came home.");
    const ChatTemplate none;
    const AskedText whole = asked(one, {.tokenizer = demoTokenizer(), .chat = none});
    EXPECT_EQ(whole.prompt, demoTokenizer().encode(one.prompt())->ids);
    EXPECT_TRUE(whole.question.empty());
    EXPECT_EQ(whole.cut, "none");
    const AskedText parted = asked(one, {.tokenizer = demoTokenizer(), .chat = none, .behind = true});
    EXPECT_EQ(parted.prompt, demoTokenizer().encode(one.context)->ids);
    EXPECT_EQ(parted.question, demoTokenizer().encode(one.question + one.lead, false)->ids) << "no mark of a beginning within";
}

TEST(AskedText, losesItsMiddleOrTheEndOfItsContextWhereItIsTooLong)
{
    const ChatTemplate none;
    AskedExample one = example(text(40));
    one.rule.cut = tasks::Cut::Middle;
    const auto all = demoTokenizer().encode(one.prompt())->ids;
    ASSERT_GT(all.size(), 101U);
    const AskedText middle = asked(one, {.tokenizer = demoTokenizer(), .chat = none, .most = 101});
    EXPECT_EQ(middle.cut, "middle");
    const std::string joined =
        demoTokenizer().decode(std::span(all).first(50), true) + demoTokenizer().decode(std::span(all).last(50), true);
    EXPECT_EQ(middle.prompt, demoTokenizer().encode(joined)->ids) << "both halves are decoded and tokenized again";

    one.rule.cut = tasks::Cut::EndOfContext;
    const AskedText end = asked(one, {.tokenizer = demoTokenizer(), .chat = none, .behind = true, .most = 101});
    EXPECT_EQ(end.cut, "end");
    EXPECT_EQ(end.prompt.size() + end.question.size(), 101U);
    EXPECT_TRUE(std::equal(end.prompt.begin(), end.prompt.end(), all.begin())) << "the begin stays";

    one.rule.cut = tasks::Cut::None;
    const auto refused = askedText(one, {.tokenizer = demoTokenizer(), .chat = none, .most = 101});
    ASSERT_FALSE(refused);
    EXPECT_THAT(refused.error().message, HasSubstr("example 3 of facts has a prompt of"));
    EXPECT_THAT(refused.error().message, HasSubstr("101 may be there"));
}

TEST(AskedText, standsInTheChatTemplateWithTheQuestionBehindItsContext)
{
    const ChatTemplate chat{
        .source = "[{{ messages[0].role }}] {{ messages[0].content }} [end]{% if add_generation_prompt %} [says]{% endif %}"};
    const AskedExample one = example("The boats.");
    const AskedText whole = asked(one, {.tokenizer = demoTokenizer(), .chat = chat, .chats = true});
    EXPECT_EQ(demoTokenizer().decode(whole.prompt), "[user] The boats.\n\nWhich boat came first? [end] [says] Number")
        << "what the answer begins with comes behind the mark that opens it";
    const AskedText parted = asked(one, {.tokenizer = demoTokenizer(), .chat = chat, .chats = true, .behind = true});
    EXPECT_EQ(demoTokenizer().decode(parted.prompt), "[user] The boats.");
    EXPECT_EQ(demoTokenizer().decode(parted.question), "\n\nWhich boat came first? [end] [says] Number");
}

TEST(AskSession, answersAsGenerationDoesUnderFull)
{
    const AskedExample one = example(text(20));
    auto session = AskSession::open({.model = demo(), .device = "cpu"});
    ASSERT_TRUE(session) << session.error().message;
    EXPECT_FALSE(session->hasChatTemplate());
    const AskedTurns turns = session->prepare(std::span(&one, 1)).value();
    const std::vector<PolicySpec> specs{parsePolicySpec("full").value(), parsePolicySpec("streaming:budget=25%").value()};
    std::vector<std::string> warnings;
    ASSERT_TRUE(session->check(std::span(&turns, 1), specs, warnings));
    ASSERT_TRUE(session->load({}));
    const auto given = session->ask(turns, specs, {});
    ASSERT_TRUE(given) << given.error().message;
    const tasks::Answer& full = (*given)[0][0].answer;
    const Generated plain =
        generate({.model = demo(), .prompt = one.prompt(), .tokens = one.rule.newTokens, .device = "cpu"}, {}, {}).value();
    EXPECT_EQ(full.prediction, plain.answer);
    EXPECT_EQ(full.series, "full");
    EXPECT_EQ(full.promptTokens, plain.promptTokens);
    EXPECT_EQ(full.newTokens, static_cast<std::int64_t>(plain.ids.size()));
    EXPECT_EQ(full.queryAware, true);
    EXPECT_EQ(full.chatTemplate, false);
    EXPECT_EQ(full.model, "demo");
    EXPECT_EQ(full.asked, "winnow");
    const tasks::Answer& less = (*given)[1][0].answer;
    EXPECT_EQ(less.storedSlots, std::floor(plain.promptTokens * 0.25)) << "a share of the prompt";
    EXPECT_THAT(less.series, HasSubstr("budget=25%"));
    EXPECT_LT(*less.cacheBytes, *full.cacheBytes);
}

TEST(AskSession, showsPoliciesOnlyTheFirstQuestionOfAPrompt)
{
    const std::vector<AskedExample> two{example(text(9)), example(text(9), "winnow", "facts", 1)};
    EXPECT_TRUE(sameContext(two[0], two[1]));
    EXPECT_FALSE(sameContext(two[0], two[0]));
    const auto aware = AskSession::open({.model = demo(), .device = "cpu"})->prepare(two).value();
    EXPECT_TRUE(aware.turns[0].question.empty());
    EXPECT_EQ(aware.turns[0].answer.queryAware, true);
    EXPECT_EQ(demoTokenizer().decode(aware.turns[1].question), "\n\nWhich boat came last? Number");
    EXPECT_EQ(aware.turns[1].answer.queryAware, false);
    const auto behind = AskSession::open({.model = demo(), .device = "cpu", .question = tasks::QuestionPlace::BehindContext})
                            ->prepare(two)
                            .value();
    EXPECT_EQ(behind.turns[0].answer.queryAware, false);
    EXPECT_EQ(demoTokenizer().decode(behind.turns[0].question), "\n\nWhich boat came first? Number");
    EXPECT_EQ(behind.prompt, demoTokenizer().encode(two[0].context)->ids);
}

TEST(AskSession, refusesBeforeTheModelIsLoaded)
{
    const AskedExample one = example(text(3));
    auto session = AskSession::open({.model = demo(), .device = "cpu"});
    const AskedTurns turns = session->prepare(std::span(&one, 1)).value();
    std::vector<std::string> warnings;
    const std::vector<PolicySpec> oracle{parsePolicySpec("future:budget=8").value()};
    const auto refused = session->check(std::span(&turns, 1), oracle, warnings);
    ASSERT_FALSE(refused);
    EXPECT_THAT(refused.error().message, HasSubstr("example 3 of facts"));
    EXPECT_THAT(refused.error().message, HasSubstr("only a recording can tell"));
}

TEST(AskSession, saysUnderWhichBudgetNothingIsEvicted)
{
    const AskedExample one = example(text(3));
    auto session = AskSession::open({.model = demo(), .device = "cpu"});
    const AskedTurns turns = session->prepare(std::span(&one, 1)).value();
    std::vector<std::string> warnings;
    const std::vector<PolicySpec> specs{parsePolicySpec("window:budget=8").value(), parsePolicySpec("h2o:budget=900").value(),
                                        parsePolicySpec("full").value()};
    ASSERT_TRUE(session->check(std::span(&turns, 1), specs, warnings));
    ASSERT_EQ(warnings.size(), 1U);
    EXPECT_THAT(warnings[0], HasSubstr("policy 'h2o': a budget of 900 is more than prompt and answer of any question have"));
}

TEST(AskSession, needsMemoryForTheBudgetAndNotForAFullCache)
{
    const AskedExample one = example(text(150));
    const std::vector<PolicySpec> small{parsePolicySpec("window:budget=8").value()}, full{parsePolicySpec("full").value()};
    const auto checked = [&](std::uint64_t memory, const std::vector<PolicySpec>& specs) {
        auto session = AskSession::open({.model = demo(), .device = "cpu", .memory = memory});
        const AskedTurns turns = session->prepare(std::span(&one, 1)).value();
        std::vector<std::string> warnings;
        return session->check(std::span(&turns, 1), specs, warnings);
    };
    std::uint64_t least = 1 << 20, enough = std::uint64_t{1} << 30; // under the budget
    while (enough - least > 1024)
        (checked((least + enough) / 2, small) ? enough : least) = (least + enough) / 2;
    EXPECT_TRUE(checked(enough, small));
    const auto whole = checked(enough, full);
    ASSERT_FALSE(whole);
    EXPECT_EQ(whole.error().code, ErrorCode::OutOfMemory);
    EXPECT_THAT(whole.error().message, HasSubstr("give smaller budgets"));
}

} // namespace
} // namespace winnow
