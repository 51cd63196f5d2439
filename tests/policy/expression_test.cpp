// SPDX-License-Identifier: GPL-3.0-or-later
// Scores written as expressions: what they are worth, and what is said of a wrong one.
#include "core/policy/expression.h"
#include "core/policy/policy_spec.h"
#include "tests/support/fuzz_policy_entries.h"
#include "tests/support/mutations.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <limits>

namespace winnow {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;

constexpr double kInfinity = std::numeric_limits<double>::infinity();

/// Of three slots: last = 1 2 4, age = 2 1 0, sum = 0 −1 9.
std::vector<double> valueOf(std::string_view text)
{
    const auto expression = Expression::parse(text);
    if (!expression) {
        ADD_FAILURE() << text << ": " << expression.error().message;
        return {};
    }
    const std::vector<double> last{1, 2, 4}, age{2, 1, 0}, sum{0, -1, 9};
    QuantityColumns columns{};
    columns[static_cast<std::size_t>(Quantity::Last)] = last.data();
    columns[static_cast<std::size_t>(Quantity::Age)] = age.data();
    columns[static_cast<std::size_t>(Quantity::Sum)] = sum.data();
    std::vector<double> scratch;
    const auto scores = expression->evaluate(columns, 3, scratch);
    return {scores.begin(), scores.end()};
}

std::string problem(std::string_view text)
{
    const auto expression = Expression::parse(text);
    return expression ? "" : expression.error().message;
}

TEST(Expression, isWorkedOutForEverySlot)
{
    EXPECT_THAT(valueOf("last"), ElementsAre(1, 2, 4));
    EXPECT_THAT(valueOf("last/(1+age)"), ElementsAre(1 / 3.0, 1, 4));
    EXPECT_THAT(valueOf("1 - -last*2^2"), ElementsAre(5, 9, 17));
    EXPECT_THAT(valueOf("2^3^2"), ElementsAre(512, 512, 512));
    EXPECT_THAT(valueOf("-age^2"), ElementsAre(-4, -1, 0));
    EXPECT_THAT(valueOf("age>=1 && !(last==2) ? 10 : last"), ElementsAre(10, 2, 4));
    EXPECT_THAT(valueOf("age<1||last<=1"), ElementsAre(1, 0, 1));
    EXPECT_THAT(valueOf("age!=1 ? age>1 ? 5 : 6 : 7"), ElementsAre(5, 7, 6));
    EXPECT_THAT(valueOf("min(last,2)+max(age,1)"), ElementsAre(3, 3, 3));
    EXPECT_THAT(valueOf("abs(sum)+sqrt(last^2)+floor(1.7)+sign(sum)"), ElementsAre(2, 3, 15));
    EXPECT_THAT(valueOf("log(exp(1))+log2(8)+sin(0)+cos(0)+tanh(0)"), ElementsAre(5, 5, 5));
}

TEST(Expression, seesTheNeighborsOfASlotAndAtTheEndsTheSlotItself)
{
    EXPECT_THAT(valueOf("left(last)"), ElementsAre(1, 1, 2));
    EXPECT_THAT(valueOf("right(last)"), ElementsAre(2, 4, 4));
    EXPECT_THAT(valueOf("left(left(last+0))"), ElementsAre(1, 1, 1));
    EXPECT_THAT(valueOf("right(right(last*1))"), ElementsAre(4, 4, 4));
    EXPECT_THAT(valueOf("max(left(last), right(last)) - last"), ElementsAre(1, 2, 0));
}

TEST(Expression, countsWhatIsNoNumberAsLowest)
{
    EXPECT_THAT(valueOf("sum/sum"), ElementsAre(-kInfinity, 1, 1));
    EXPECT_THAT(valueOf("log(sum)"), ElementsAre(-kInfinity, -kInfinity, std::log(9)));
    EXPECT_THAT(valueOf("1/sum"), ElementsAre(kInfinity, -1, 1 / 9.0));
}

TEST(Expression, namesTheColumnAndTheNearestRightName)
{
    EXPECT_EQ(problem("1 + mena/age"), "column 5: 'mena' is no quantity or function; did you mean 'mean'?");
    EXPECT_EQ(problem("key_nrom"), "column 1: 'key_nrom' is no quantity or function; did you mean 'key_norm'?");
    EXPECT_EQ(problem("2*lft(last)"), "column 3: 'lft' is no quantity or function; did you mean 'left'?");
    EXPECT_THAT(problem("mean/(1+age"), HasSubstr("a parenthesis is not closed"));
    EXPECT_THAT(problem("mean/"), HasSubstr("column 6: something is missing at the end"));
    EXPECT_THAT(problem("mean age"), HasSubstr("column 6: 'age' may not stand here"));
    EXPECT_THAT(problem("max(mean)"), HasSubstr("too few arguments"));
    EXPECT_THAT(problem("left(mean,age)"), HasSubstr("too many arguments"));
    EXPECT_THAT(problem("age ? mean"), HasSubstr("'?' has no ':'"));
    EXPECT_THAT(problem("mean,age"), AllOf(HasSubstr("2 values"), HasSubstr("expected one")));
    EXPECT_EQ(problem("(mean,age)"), "column 6: a comma stands between values that no function takes");
    EXPECT_EQ(problem("min(mean,(age,3))"), "column 14: a comma stands between values that no function takes");
    EXPECT_EQ(problem("(mean,age)+min(1,2)"), "column 6: a comma stands between values that no function takes");
    EXPECT_THAT(problem("mean=age"), HasSubstr("'==' compares"));
    EXPECT_THAT(problem("mean;age"), HasSubstr("column 5: ';' is no part of an expression"));
    EXPECT_THAT(problem("mean\n"), HasSubstr("column 5: this character"));
    EXPECT_THAT(problem(" "), HasSubstr("it is empty"));
    EXPECT_THAT(problem("pi"), HasSubstr("no quantity or function"));
    EXPECT_THAT(problem("sum(last)"), HasSubstr("column 4: '(' may not stand here")); // a quantity here
}

TEST(Expression, namesTheColumnOfEveryFault)
{
    EXPECT_EQ(problem("mean=3"), "column 5: '=' sets a quantity, which is not possible; '==' compares");
    EXPECT_THAT(problem("mean === 3"), HasSubstr("column 8: '='"));
    EXPECT_EQ(problem("mean ? 1"), "column 6: '?' has no ':'");
    EXPECT_EQ(problem("(age?1:2)*(mean ? 1)"), "column 17: '?' has no ':'");
    EXPECT_EQ(problem("mean?age?1:2"), "column 5: '?' has no ':'");
    EXPECT_EQ(problem("mean : 1"), "column 6: ':' has no '?'");
    EXPECT_EQ(problem("mean ? 1 : 2 : 3"), "column 14: ':' has no '?'");
    EXPECT_THAT(problem("max(mean,age),age"), HasSubstr("column 14: it has 2 values"));
    EXPECT_EQ(problem("mean & age"), "column 6: '&' is not understood");
    EXPECT_EQ(problem("mean *  / age"), "column 9: '/' may not stand here");
}

TEST(Expression, saysThatAFunctionTakesAValueAndThatSignsStandApart)
{
    EXPECT_EQ(problem("left"), "column 1: 'left' takes a value in parentheses, such as left(mean)");
    EXPECT_EQ(problem("2*abs+1"), "column 3: 'abs' takes a value in parentheses, such as abs(mean)");
    for (const char* one : {"left", "right", "abs", "sqrt", "exp", "log", "log2", "sin", "cos", "tanh", "floor", "sign"}) {
        EXPECT_EQ(problem(one), fmt::format("column 1: '{0}' takes a value in parentheses, such as {0}(mean)", one));
        EXPECT_EQ(problem(fmt::format("{}(mean)", one)), "");
    }
    EXPECT_EQ(problem("min"), "column 1: 'min' takes two values in parentheses, such as min(mean,last)");
    EXPECT_EQ(problem("--mean"), "column 2: '-' may not follow the sign '-'; put parentheses between them, such as -(-mean)");
    EXPECT_EQ(problem("!!mean"), "column 2: '!' may not follow the sign '!'; put parentheses between them, such as !(!mean)");
    EXPECT_THAT(problem("2*! -mean"), AllOf(HasSubstr("column 5: '-' may not follow the sign '!'"), HasSubstr("!(-mean)")));
    EXPECT_EQ(problem("-(-mean)+!(!mean)"), "");
}

TEST(Expression, isBounded)
{
    EXPECT_THAT(problem(std::string(1001, '1')), HasSubstr("1001 characters; at most 1000"));
    const auto nested = [](int depth) {
        std::string text;
        for (int i = 0; i < depth; ++i)
            text += "(age+";
        return text + "1" + std::string(static_cast<std::size_t>(depth), ')');
    };
    EXPECT_EQ(problem(nested(31)), "");
    EXPECT_THAT(problem(nested(32)), HasSubstr("nested too deeply"));
    EXPECT_EQ(problem(std::string(400, '(') + "age" + std::string(400, ')')), ""); // parentheses alone need nothing
}

TEST(Expression, saysWhichQuantitiesItUses)
{
    const auto expression = Expression::parse("left(max)*max(age,2)");
    ASSERT_TRUE(expression);
    for (std::size_t i = 0; i < kQuantities; ++i) {
        const auto quantity = static_cast<Quantity>(i);
        EXPECT_EQ(expression->uses(quantity), quantity == Quantity::Max || quantity == Quantity::Age);
    }
}

TEST(Expression, standsInAPolicyLineAndComesBackFromIt)
{
    const auto plain = parsePolicySpec("expr:score=mean/(1+age/512),budget=64");
    ASSERT_TRUE(plain) << plain.error().message;
    EXPECT_THAT(plain->canonical(), HasSubstr("expr:budget=64,score=mean/(1+age/512),select=lowest"));
    EXPECT_EQ(parsePolicySpec("expr:score=\"mean/(1+age/512)\",budget=64")->canonical(), plain->canonical());

    const auto quoted = parsePolicySpec("expr:score=\"max(mean,left(last))==1?2:3\",budget=64,recent=2");
    ASSERT_TRUE(quoted) << quoted.error().message;
    EXPECT_EQ(quoted->value("score"), "max(mean,left(last))==1?2:3");
    EXPECT_THAT(quoted->canonical(), HasSubstr("score=\"max(mean,left(last))==1?2:3\",select"));
    EXPECT_EQ(parsePolicySpec(quoted->canonical())->canonical(), quoted->canonical());
    EXPECT_EQ(quoted->with("budget", "32")->value("score"), quoted->value("score"));
    EXPECT_EQ(plain->with("score", "min(age,3)")->value("score"), "min(age,3)");
    EXPECT_EQ(plain->with("score", "\"min(age,3)\"")->value("score"), "min(age,3)");

    const auto then = parsePolicySpec("snapkv:budget=64,then=expr{score=\"min(age,3)\",recent=4}");
    ASSERT_TRUE(then) << then.error().message;
    EXPECT_EQ(then->choice("then").value("score"), "min(age,3)");
    EXPECT_EQ(then->choice("then").value("recent"), "4");
    EXPECT_EQ(parsePolicySpec(then->canonical())->canonical(), then->canonical());
    EXPECT_EQ(then->with("window", "8")->choice("then").value("score"), "min(age,3)");
}

TEST(Expression, filesWithCommasStandInQuotesToo)
{
    const auto given = parsePolicySpec("given:file=\"a,b {1}.npz\"");
    ASSERT_TRUE(given) << given.error().message;
    EXPECT_EQ(given->value("file"), "a,b {1}.npz");
    EXPECT_EQ(given->canonical(), "given:file=\"a,b {1}.npz\",positions=keep");
    EXPECT_EQ(parsePolicySpec("given:file=x.npz")->with("file", "/a,b.npz")->value("file"), "/a,b.npz");
}

TEST(Expression, wrongOnesInAPolicyLineAreOneSentence)
{
    const auto refusal = [](std::string_view line) {
        const auto spec = parsePolicySpec(line);
        return spec ? "" : spec.error().message;
    };
    EXPECT_EQ(refusal("expr:score=\"menn\""),
              "policy 'expr': score=menn is not understood: column 1: 'menn' is no quantity or function; did you mean 'mean'?");
    EXPECT_THAT(refusal("expr:score=max(mean,age),budget=3"),
                AllOf(HasSubstr("score=max(mean"), HasSubstr("one with a comma stands in double quotes")));
    EXPECT_THAT(refusal("expr:score=\"mean"), HasSubstr("lacks its closing quote"));
    EXPECT_THAT(refusal("expr:score=\"mean\"x,budget=3"), HasSubstr("lacks its closing quote"));
    EXPECT_THAT(refusal("expr:score="), HasSubstr("it is empty"));
    EXPECT_EQ(refusal("given:file=a\"b.npz"), "");
    EXPECT_THAT(refusal("given:file=a}b\"c.npz"), HasSubstr("holds a double quote beside a comma or a brace"));
    EXPECT_THAT(refusal("snapkv:then=expr{score=menn}"), AllOf(HasSubstr("then=expr"), HasSubstr("did you mean 'mean'")));
}

TEST(PolicyLines, thatAreTooLongAreNotRepeatedWhole)
{
    const std::string much(120'000, '1');
    for (const std::string& line :
         {"expr:score=" + much, "expr:score=\"" + much, "h2o:budget=x" + much, "h2o:" + much, "h2o:" + much + "=1",
          "full:" + much + "=1", "expr:select=" + much, much, "snapkv:then=expr{" + much, "tova:recent=" + much}) {
        const auto spec = parsePolicySpec(line);
        ASSERT_FALSE(spec) << line.substr(0, 20);
        EXPECT_LT(spec.error().message.size(), 1000U) << line.substr(0, 20);
    }
    EXPECT_THAT(parsePolicySpec("expr:score=" + much).error().message,
                HasSubstr("it has 120000 characters; at most 1000 are read"));
}

TEST(Expression, tellsItsLimits)
{
    const PolicyInfo* const info = findPolicy("expr");
    ASSERT_NE(info, nullptr);
    const auto score = std::find_if(info->parameters.begin(), info->parameters.end(),
                                    [](const ParameterSpec& parameter) { return parameter.id == "score"; });
    ASSERT_NE(score, info->parameters.end());
    EXPECT_THAT(std::string(score->help), AllOf(HasSubstr("At most 1000 characters"), HasSubstr("most 32 intermediate values")));
}

TEST(MutatedLines, neverBreakTheReaderOfExpressions)
{
    examine({"mean/(1+age/512)", "max(left(last), right(key_norm)^2) - -1e-3", "age<4&&!head?log(mean):sign(layer-layers/2)",
             "a?b:c?1:2,3", "((((((((((sum))))))))))"},
            fuzzExpression);
}

TEST(MutatedLines, neverBreakTheReaderOfPolicies)
{
    examine({"expr:score=\"max(mean,left(last))/(1+age/512)\",budget=128", "given:file=\"a,b.npz\"",
             "snapkv:budget=64,then=expr{score=\"min(age,3)\",recent=4}", "adakv:base=expected{vnorm=no,epsilon=0.01},floor=0"},
            fuzzPolicySpec);
}

} // namespace
} // namespace winnow
