// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/evaluate/sweep/sweep_plan.h"

#include <gmock/gmock.h>

namespace winnow {
namespace {

using testing::HasSubstr;

Result<SweepPlan> parse(const std::string& text) { return parsePlan(text, "'plan.json'", "/plans"); }

std::string wrong(const std::string& text)
{
    const auto plan = parse(text);
    return plan ? "nothing is wrong" : plan.error().message;
}

/// A whole plan but for these members.
std::string with(const std::string& members)
{
    return R"({"models": ["demo"], "texts": ["book.txt"], "policies": ["full"], )" + members + "}";
}

TEST(SweepPlan, takesShortAndLongForms)
{
    const auto plan = parse(R"({
        "models": ["../models/demo/", {"name": "half", "path": "/m/x.gguf", "dtype": "bfloat16"}],
        "texts": ["a/book.txt", {"name": "strided", "path": "a/book.txt", "tokens": 400, "window": 100, "stride": 50,
                                 "positions": "slot"}],
        "tasks": ["needle", {"name": "long", "task": "vt", "length": 2048, "samples": 3, "profile": "ruler"},
                  {"data": "qasper.jsonl", "cut_to": 3500, "compress": "context"}],
        "policies": ["full", "h2o", "window:budget=9"], "budgets": [64, "25%"], "seeds": [1, 2],
        "device": "cpu", "chunk": 32, "chat": true})");
    ASSERT_TRUE(plan) << plan.error().message;
    ASSERT_EQ(plan->models.size(), 2U);
    EXPECT_EQ(plan->models[0].name, "demo");
    EXPECT_EQ(plan->models[0].path, "/plans/../models/demo/");
    EXPECT_EQ(plan->models[1].path, "/m/x.gguf") << "a whole path stays";
    EXPECT_EQ(plan->models[1].dtype, Dtype::BFloat16);
    ASSERT_EQ(plan->inputs(), 5U);
    EXPECT_EQ(plan->inputName(0), "book.txt");
    EXPECT_EQ(plan->texts[1].stride, 50);
    EXPECT_EQ(plan->inputName(2), "needle");
    EXPECT_EQ(plan->task(3).length, 2048);
    EXPECT_EQ(plan->inputName(4), "qasper");
    std::vector<std::string> lines;
    for (const PolicySpec& spec : plan->policies)
        lines.push_back(spec.name + " " + std::string(spec.value("budget")));
    EXPECT_THAT(lines, testing::ElementsAre("full ", "h2o 64", "h2o 25%", "window 9"));
    EXPECT_THAT(plan->seeds, testing::ElementsAre(1, 2));
    EXPECT_EQ(plan->chunk, 32);
    EXPECT_TRUE(plan->chat);
}

TEST(SweepPlan, namesAMisspelledMemberAndTheNearest)
{
    EXPECT_EQ(wrong(with(R"("bugdets": [64])")), "'plan.json': there is no member 'bugdets', did you mean 'budgets'?");
    EXPECT_EQ(wrong(R"({"models": [{"pth": "x"}], "texts": ["b"], "policies": ["full"]})"),
              "'plan.json', models[0]: there is no member 'pth', did you mean 'path'?");
    EXPECT_THAT(wrong(R"({"models": ["m"], "texts": ["a", {"path": "b", "strid": 3}], "policies": ["full"]})"),
                HasSubstr("texts[1]: there is no member 'strid', did you mean 'stride'?"));
    EXPECT_THAT(wrong(with(R"("tasks": [{"task": "needle", "lenght": 3}])")), HasSubstr("did you mean 'length'?"));
    EXPECT_THAT(wrong(with(R"("tasks": ["nedle"])")), HasSubstr("tasks[0]: there is no task 'nedle', did you mean 'needle'?"));
}

TEST(SweepPlan, refusesPoliciesThatCannotBeRead)
{
    EXPECT_THAT(wrong(R"({"models": ["m"], "texts": ["b"], "policies": ["full", "h20"]})"),
                testing::AllOf(HasSubstr("'plan.json', policies[1]: "), HasSubstr("h2o")));
    EXPECT_THAT(wrong(R"({"models": ["m"], "texts": ["b"], "policies": ["h2o:recnt=3"]})"), HasSubstr("recent"));
    EXPECT_THAT(wrong(R"({"models": ["m"], "texts": ["b"], "policies": [3]})"), HasSubstr("policies[0] is a whole number, and"));
    EXPECT_THAT(wrong(R"({"models": ["m"], "texts": ["b"], "policies": ["h2o"], "budgets": ["many"]})"),
                HasSubstr("policies[0] under 'plan.json', budgets[0]: "));
    EXPECT_THAT(wrong(with(R"("budgets": [0])")), HasSubstr("budgets[0] is 0, and it is a number of tokens from 1 on"));
    EXPECT_THAT(wrong(with(R"("budgets": [64])")), HasSubstr("no policy takes the budgets"));
}

TEST(SweepPlan, refusesOtherTypesAndWhatIsMissing)
{
    EXPECT_THAT(wrong("[1]"), HasSubstr("'plan.json' is a list, and a plan is an object"));
    EXPECT_THAT(wrong("{"), HasSubstr("plan.json"));
    EXPECT_THAT(wrong(R"({"texts": ["b"], "policies": ["full"]})"), HasSubstr("has no member 'models'"));
    EXPECT_THAT(wrong(R"({"models": ["m"], "policies": ["full"]})"), HasSubstr("neither a member 'texts' nor 'tasks'"));
    EXPECT_THAT(wrong(R"({"models": [], "texts": ["b"], "policies": ["full"]})"),
                HasSubstr("models is an empty list, and it is a list of one or more"));
    EXPECT_THAT(wrong(R"({"models": [""], "texts": ["b"], "policies": ["full"]})"),
                HasSubstr("path is \"\", and it is text of at least one letter"));
    EXPECT_THAT(wrong(R"({"models": "m", "texts": ["b"], "policies": ["full"]})"),
                HasSubstr("'plan.json', models is \"m\", and it is a list"));
    EXPECT_THAT(wrong(R"({"models": [7], "texts": ["b"], "policies": ["full"]})"), HasSubstr("models[0] is a whole number"));
    EXPECT_THAT(wrong(R"({"models": ["m"], "texts": [{"path": "b", "tokens": "all"}], "policies": ["full"]})"),
                HasSubstr("texts[0], tokens is \"all\", and it is a whole number from 2"));
    EXPECT_THAT(wrong(R"({"models": ["m"], "texts": [{"path": "b", "window": 4, "stride": 5}], "policies": ["full"]})"),
                HasSubstr("stride is 5, and the window has 4 tokens"));
    EXPECT_THAT(wrong(with(R"("seeds": [1.5])")), HasSubstr("seeds[0] is 1.5"));
    EXPECT_THAT(wrong(with(R"("dtype": "float8")")), HasSubstr("dtype is 'float8', and it is one of float32, bfloat16, float16"));
    EXPECT_THAT(wrong(with(R"("tasks": ["hotpotqa"])")), HasSubstr("give their file in the member 'data'"));
    EXPECT_THAT(wrong(with(R"("tasks": [{"data": "d.jsonl", "length": 100}])")), HasSubstr("leave one out"));
    EXPECT_THAT(wrong(with(R"("chat": 1)")), HasSubstr("chat is 1, and it is true or false"));
    EXPECT_THAT(wrong(with(R"("chat": true, "chat": true)")), HasSubstr("chat"));
}

TEST(SweepPlan, refusesTwoOfOneName)
{
    EXPECT_THAT(wrong(R"({"models": ["a/m", "b/m"], "texts": ["b"], "policies": ["full"]})"),
                HasSubstr("two models have the name 'm', so that two cells would have one name"));
    EXPECT_THAT(wrong(with(R"("tasks": [{"task": "needle", "name": "book.txt"}])")),
                HasSubstr("two texts or tasks have the name 'book.txt'"));
}

} // namespace
} // namespace winnow
