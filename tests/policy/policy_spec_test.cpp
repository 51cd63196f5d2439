// SPDX-License-Identifier: GPL-3.0-or-later
// Policy lines: what they mean, how they are written out, and what is said of a wrong one.
#include "core/policy/recipe.h"

#include <gmock/gmock.h>

namespace winnow {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

std::string canonical(std::string_view line)
{
    const auto spec = parsePolicySpec(line);
    return spec ? spec->canonical() : spec.error().message;
}

std::string refusal(std::string_view line, int tokens = 100, int prompt = 0)
{
    const auto spec = parsePolicySpec(line);
    if (!spec)
        return spec.error().message;
    const auto checked = checkSpec(*spec, tokens, prompt);
    return checked ? "" : checked.error().message;
}

TEST(PolicySpec, writesEveryDefaultOut)
{
    EXPECT_EQ(canonical("full"), "full");
    EXPECT_EQ(canonical("h2o"), "h2o:budget=128,recent=64,positions=keep,group=mean,granularity=kv");
    EXPECT_EQ(canonical("h2o:budget=1000000000"), // what is derived stays within its own bounds, so that the line is read back
              "h2o:budget=1000000000,recent=1000000,positions=keep,group=mean,granularity=kv");
    EXPECT_EQ(canonical(canonical("snapkv:budget=1000000000,then=treekv")), canonical("snapkv:budget=1000000000,then=treekv"));
    EXPECT_EQ(canonical("treekv:budget=128"),
              "treekv:budget=128,sinks=4,recent=60,next=unit,keep=score,block=0,positions=reassign,group=mean,granularity=kv");
    EXPECT_EQ(canonical("treekv:budget=6"),
              "treekv:budget=6,sinks=4,recent=0,next=unit,keep=score,block=0,positions=reassign,group=mean,granularity=kv");
    EXPECT_EQ(
        canonical("snapkv"),
        "snapkv:budget=128,window=32,kernel=7,pool=max,reduce=before,scores=float32,positions=keep,group=mean,granularity=query,"
        "then=none");
    EXPECT_EQ(canonical("streaming:sinks=2"), "streaming:budget=128,sinks=2,positions=reassign,group=mean");
}

TEST(PolicySpec, aBaseTakesItsOwnParametersInBraces)
{
    const std::string expected = "expected{future=512,sinks=4,covariance=yes,vnorm=no,epsilon=0.01}";
    const auto spec = parsePolicySpec("adakv:base=expected{vnorm=no,epsilon=0.01},floor=0");
    ASSERT_TRUE(spec) << spec.error().message;
    EXPECT_EQ(spec->value("base"), expected);
    EXPECT_EQ(spec->choice("base").name, "expected");
    EXPECT_EQ(spec->choice("base").real("epsilon"), .01);
    EXPECT_EQ(parsePolicySpec(spec->canonical())->canonical(), spec->canonical());
    EXPECT_EQ(spec->with("floor", "0.5")->value("base"), expected);
    EXPECT_EQ(parsePolicySpec("chunkkv:base=cur")->value("base"), "cur{sinks=4,leverage=product,local=16}");
    EXPECT_EQ(parsePolicySpec("chunkkv:base=knorm")->value("base"), "knorm");
    EXPECT_EQ(parsePolicySpec("mix-prompt:score=expected{}")->choice("score").whole("sinks"), 4);
}

TEST(PolicySpec, refusesWhatIsWrongInBraces)
{
    EXPECT_THAT(refusal("adakv:base=expectd{vnorm=no}"), HasSubstr("did you mean base=expected"));
    EXPECT_THAT(refusal("adakv:base=expected{vnrom=no}"), AllOf(HasSubstr("base=expected"), HasSubstr("did you mean 'vnorm'")));
    EXPECT_THAT(refusal("adakv:base=expected{epsilon=-1}"), AllOf(HasSubstr("epsilon=-1"), HasSubstr("from 0 to")));
    EXPECT_THAT(refusal("adakv:base=expected{vnorm=no"), HasSubstr("lacks its closing brace"));
    EXPECT_THAT(refusal("adakv:base=expected{vnorm=no}x"), HasSubstr("closing brace"));
    EXPECT_THAT(refusal("adakv:base=expected{vnorm=no,vnorm=no}"), HasSubstr("given twice"));
    EXPECT_THAT(refusal("adakv:base=knorm{sinks=4}"), HasSubstr("takes no parameters"));
    EXPECT_THAT(refusal("snapkv:pool=max{kernel=3}"), HasSubstr("not one of max, avg"));
    EXPECT_THAT(refusal("chunkkv:budget=19,chunk=20", 60, 40),
                AllOf(HasSubstr("budget of 19"), HasSubstr("chunk of 20"), HasSubstr("from 1 to 19")));
}

TEST(PolicySpec, aBudgetInPerCentIsKnownWithTheText)
{
    const auto spec = parsePolicySpec("h2o:budget=25%");
    ASSERT_TRUE(spec);
    EXPECT_EQ(spec->budget().slotCount(1003), 250);
    EXPECT_EQ(spec->value("recent"), "");
    EXPECT_EQ(resolved(*spec, 1003).canonical(), "h2o:budget=25%,recent=125,positions=keep,group=mean,granularity=kv");
}

TEST(PolicySpec, derivesFromTheBudgetWhatIsNotTyped)
{
    EXPECT_EQ(parsePolicySpec("h2o:budget=9")->value("recent"), "4");
    EXPECT_EQ(parsePolicySpec("cam-decode:budget=9")->value("recent"), "4");
    EXPECT_EQ(parsePolicySpec("treekv:budget=21,sinks=3")->value("recent"), "7");
    EXPECT_EQ(parsePolicySpec("wavelet:budget=21,sinks=3")->value("recent"), "7");
    EXPECT_EQ(parsePolicySpec("wavelet:budget=4,sinks=3")->value("recent"), "0");
    EXPECT_EQ(parsePolicySpec("keyformer:budget=19")->value("recent"), "5");
    EXPECT_EQ(parsePolicySpec("duoattention:budget=11,heads=h.json")->value("sinks"), "3");
    EXPECT_EQ(parsePolicySpec("zeromerge:budget=39")->value("tail"), "3");
    EXPECT_EQ(parsePolicySpec("zeromerge:budget=9")->value("tail"), "2");
}

TEST(PolicySpec, editingTheBudgetDerivesWhatWasNotTyped)
{
    const auto derived = parsePolicySpec("h2o:budget=100")->with("budget", "60");
    EXPECT_EQ(derived->value("recent"), "30");
    const auto typed = parsePolicySpec("h2o:budget=100,recent=7")->with("budget", "60");
    EXPECT_EQ(typed->value("recent"), "7");
}

TEST(PolicySpec, namesTheNearestRightWord)
{
    EXPECT_THAT(refusal("treekw"), HasSubstr("did you mean 'treekv'"));
    EXPECT_THAT(refusal("kvzip"), HasSubstr("second pass"));
    EXPECT_THAT(refusal("h2o:bugdet=12"), HasSubstr("did you mean 'budget'"));
    EXPECT_THAT(refusal("treekv:next=unti"), HasSubstr("did you mean next=unit"));
    EXPECT_THAT(refusal("full:budget=3"), HasSubstr("takes no parameters"));
}

TEST(PolicySpec, saysWhatALineMeantThatIsWrittenAsASentence)
{
    for (const auto& [written, meant] : std::vector<std::pair<const char*, const char*>>{
             {"snapkv:budget=9,window=4 then h2o", "snapkv:budget=9,window=4,then=h2o"},
             {"snapkv:budget=9,window=4, then = h2o", "snapkv:budget=9,window=4,then=h2o"},
             {"snapkv then h2o{recent=3}", "snapkv:then=h2o{recent=3}"},
             {"snapkv:budget=9,window=4+h2o", "snapkv:budget=9,window=4,then=h2o"},
             {"snapkv:budget=9 -> h2o", "snapkv:budget=9,then=h2o"},
             {"snapkv:budget=9,followed by h2o", "snapkv:budget=9,then=h2o"},
             {"h2o budget=9; recent=3", "h2o:budget=9,recent=3"},
             {" h2o : budget = 25% ", "h2o:budget=25%"},
             {"h2o,budget=9", "h2o:budget=9"},
         })
        EXPECT_THAT(refusal(written), HasSubstr(fmt::format("cannot be read; did you mean '{}'?", meant))) << written;
    EXPECT_THAT(refusal("snapkv then nothing"), HasSubstr("there is no policy 'snapkv then nothing'"));
    EXPECT_THAT(refusal("expr:budget=9,score=\"mean + + last\""), Not(HasSubstr("did you mean 'expr")));
}

TEST(PolicySpec, refusesWhatMakesNoSense)
{
    EXPECT_THAT(refusal("h2o:budget=0"), HasSubstr("a budget of 0 keeps nothing"));
    EXPECT_THAT(refusal("h2o:budget=-4"), HasSubstr("expected a number of tokens"));
    EXPECT_THAT(refusal("h2o:budget=1.5"), HasSubstr("expected a number of tokens"));
    EXPECT_THAT(refusal("h2o:budget=120%"), HasSubstr("share of the text"));
    EXPECT_THAT(refusal("h2o:budget,recent=3"), HasSubstr("policy 'h2o': 'budget' is not key=value"));
    EXPECT_THAT(refusal("h2o:budget=1,budget=2"), HasSubstr("given twice"));
    EXPECT_THAT(refusal("snapkv:kernel=4"), HasSubstr("even"));
    EXPECT_THAT(refusal("mix:budget=8,heads="), HasSubstr("heads= is not understood; expected the name of a file"));
    EXPECT_THAT(refusal("streaming:sinks=two"), HasSubstr("whole number from 0"));
    EXPECT_THAT(refusal("treekv:budget=8,sinks=5,recent=4"),
                HasSubstr("cannot hold sinks=5 and recent=4; raise the budget to 9 or more, or lower sinks or recent"));
    EXPECT_THAT(refusal("treekv:budget=8,sinks=9"),
                HasSubstr("cannot hold sinks=9; raise the budget to 9 or more, or lower sinks"));
    EXPECT_THAT(refusal("rkv:budget=8,window=9"),
                HasSubstr("cannot hold window=9; raise the budget to 9 or more, or lower window"));
    EXPECT_THAT(refusal("zeromerge:budget=8,tail=9"), HasSubstr("cannot hold tail=9"));
    EXPECT_THAT(refusal("snapkv:budget=16"), HasSubstr("observation window of 32"));
    EXPECT_THAT(refusal("snapkv:budget=64"), HasSubstr("--prompt"));
    EXPECT_EQ(refusal("snapkv:budget=64", 100, 50), "");
    EXPECT_THAT(refusal("tova:budget=0.5%"), HasSubstr("keeps nothing")); // half a token of 100
}

TEST(PolicySpec, saysInOneSentenceWhatContradictsItself)
{
    // Parameter, value and what is allowed, before any work.
    EXPECT_THAT(refusal("snapkv:budget=16", 100, 50),
                AllOf(HasSubstr("budget of 16"), HasSubstr("window of 32"), HasSubstr("to 16 or less")));
    EXPECT_THAT(refusal("nacl:budget=30,window=32,sinks=3", 100, 50),
                HasSubstr("cannot hold an observation window of 32 beside 3 sinks and 0 recent tokens; raise the budget to 35 or "
                          "more, or lower window to 27 or less"));
    EXPECT_THAT(refusal("mix-prompt:budget=30,window=40,sinks=2,recent=3", 100, 50),
                HasSubstr(" beside 2 sinks and 3 recent tokens; "));
    EXPECT_THAT(refusal("nacl:budget=3,window=1,sinks=3", 100, 50), HasSubstr("lower window to 1 or less"));
    EXPECT_EQ(refusal("nacl:budget=35,window=32,sinks=3", 100, 50), "");
    EXPECT_THAT(refusal("snapkv:budget=31", 100, 50), HasSubstr("observation window of 32; raise the budget to 32 or more"));
    EXPECT_THAT(refusal("zeromerge:budget=8,tail=4,dense=5"),
                HasSubstr("cannot hold 5 merged slots beside 4 that may not leave"));
    EXPECT_EQ(refusal("zeromerge:budget=9,tail=4,dense=5"), "");
    EXPECT_THAT(refusal("h2o:budget=8,recent=9"),
                AllOf(HasSubstr("budget of 8"), HasSubstr("recent=9"), HasSubstr("to 9 or more")));
    EXPECT_THAT(refusal("snapkv:kernel=6"), AllOf(HasSubstr("kernel=6"), HasSubstr("odd number from 1 to 1001")));
    EXPECT_THAT(refusal("ada-snapkv:floor=1.2"), AllOf(HasSubstr("floor=1.2"), HasSubstr("a number from 0 to 1")));
    EXPECT_THAT(refusal("dynamickv:ratio=0.5"), AllOf(HasSubstr("ratio=0.5"), HasSubstr("from 1 to")));
    EXPECT_THAT(refusal("criticalkv:first=-0.1"), AllOf(HasSubstr("first=-0.1"), HasSubstr("from 0 to 1")));
    EXPECT_THAT(refusal("h2o:budget=101%"), AllOf(HasSubstr("budget=101%"), HasSubstr("share of the text")));
    EXPECT_THAT(refusal("lacache:span=4,overlap=4"), AllOf(HasSubstr("overlap=4"), HasSubstr("from 0 to 3")));
    EXPECT_THAT(refusal("treekv:budget=32,block=64"), AllOf(HasSubstr("block=64"), HasSubstr("from 0 to 28")));
    EXPECT_THAT(refusal("wavelet:finest=4,coarsest=2"), AllOf(HasSubstr("finest=4"), HasSubstr("from 1 to 2")));
    EXPECT_THAT(refusal("zeromerge:budget=8,tail=4,dense=5"), AllOf(HasSubstr("budget of 8"), HasSubstr("5 merged slots")));
    EXPECT_THAT(refusal("zeromerge:positions=reassign"), HasSubstr("not one of keep"));
    EXPECT_THAT(refusal("headkv", 200, 100), HasSubstr("heads=FILE"));
    EXPECT_THAT(refusal("mix:budgets=heads", 200, 100), HasSubstr("heads=FILE"));
    for (const char* ends : {"duoattention:heads=h.json,share=0", "duoattention:heads=h.json,share=1"})
        EXPECT_EQ(refusal(ends, 200, 150), "") << "no head streams, or all do";
    for (const char* line : {"snapkv:budget=16", "lacache:span=4,overlap=4", "h2o:budget=8,recent=9"})
        EXPECT_EQ(refusal(line, 100, 50).find('\n'), std::string::npos) << line;
}

TEST(Catalog, describesEveryPolicyAndParameter)
{
    EXPECT_EQ(policyCatalog().size(), 50u);
    for (const PolicyInfo& info : policyCatalog()) {
        EXPECT_FALSE(info.title.empty() || info.summary.empty()) << info.name;
        EXPECT_EQ(info.reference.empty() && info.name != "treekv" && info.name != "future" && info.name != "topk" &&
                      info.name != "wavelet",
                  info.deviations.empty())
            << info.name; // whoever is held to code says how it differs
        for (const ParameterSpec& parameter : info.parameters) {
            EXPECT_FALSE(parameter.help.empty() || parameter.title.empty()) << info.name << " " << parameter.id;
            if (parameter.kind == ParameterKind::Choice) {
                EXPECT_THAT(parameter.choices, testing::Contains(parameter.initial)) << info.name << " " << parameter.id;
            }
        }
        EXPECT_TRUE(parsePolicySpec(info.name)) << info.name;
    }
}

} // namespace
} // namespace winnow
