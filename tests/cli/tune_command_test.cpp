// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/cli/program.h"

#include <gmock/gmock.h>

using namespace winnow::test;
using testing::HasSubstr;
using testing::Not;

namespace {

/// Two recordings of 60 tokens in a folder of their own.
class TuneCommand : public testing::Test {
protected:
    void SetUp() override
    {
        writeText(m_folder / "prose.txt", prose(160));
        for (const char* name : {"A.h5", "B.h5"}) {
            const Outcome run = program({"record", "--model", demoFolder(), "--text", (m_folder / "prose.txt").string(),
                                         "--tokens", name[0] == 'A' ? "60" : "90", "--device", "cpu", "--out", at(name)});
            ASSERT_EQ(run.code, 0) << run.err;
        }
    }
    std::string at(const std::string& name) const { return (m_folder / name).string(); }
    Outcome tuned(const std::vector<std::string>& more) const
    {
        std::vector<std::string> line{"tune",     at("A.h5"), at("B.h5"), "--policy", "streaming",
                                      "--budget", "16",       "--device", "cpu"};
        line.insert(line.end(), more.begin(), more.end());
        return program(line);
    }

    ScratchFolder m_folder;
};

} // namespace

TEST_F(TuneCommand, tellsTheBestSettingItsCurveAndItsGainOnATextThatWasHeldOut)
{
    const Outcome run = tuned({"--over", "sinks=0-4,positions=keep/reassign", "--out", at("tuned.csv")});
    EXPECT_EQ(run.code, 0) << run.err;
    EXPECT_THAT(run.err, HasSubstr("A.h5', which is searched, is of the same text: the gain flatters the setting"));
    EXPECT_THAT(run.out, HasSubstr("open loop: 1 searched, 1 held out"));
    EXPECT_THAT(run.out, HasSubstr("10 settings tried of 10"));
    EXPECT_THAT(run.out, HasSubstr("\nsinks "));
    EXPECT_THAT(run.out, HasSubstr("\nheld out error"));
    EXPECT_THAT(run.out, HasSubstr("(1 text, 74 steps)")) << "90 tokens behind a budget of 16";
    const std::string csv = readFile(m_folder / "tuned.csv");
    EXPECT_THAT(csv, HasSubstr("policy,sinks,positions,value,slots\n"));
    EXPECT_THAT(csv, HasSubstr("# held_out_gain: "));
}

TEST_F(TuneCommand, searchesOverTheLayersWithCommasBetween)
{
    const auto value = [&](const std::string& layers) {
        const std::string out = at("tuned.csv");
        const Outcome run = tuned({"--over", "sinks=0/4", "--hold-out", "0", "--layers", layers, "--out", out});
        EXPECT_EQ(run.code, 0) << run.err;
        return readFile(out);
    };
    EXPECT_NE(value("0,2"), value("0-2"));
    EXPECT_NE(value("0,2"), value("0"));
    EXPECT_THAT(tuned({"--over", "sinks=0/4", "--layers", "0,99"}).err, HasSubstr("does not hold layer 99"));
}

TEST_F(TuneCommand, searchesTheLossOfTheModelItself)
{
    const Outcome run = tuned({"--over", "sinks=0/4", "--metric", "loss", "--model", demoFolder(), "--hold-out", "0"});
    EXPECT_EQ(run.code, 0) << run.err;
    EXPECT_THAT(run.out, HasSubstr("by loss, closed loop: 2 searched, 0 held out"));
    EXPECT_THAT(run.out, HasSubstr("best     streaming:budget=16,sinks="));
    EXPECT_THAT(run.out, Not(HasSubstr("\nheld out")));
}

TEST_F(TuneCommand, refusesWhatMakesNoSearch)
{
    const auto expectSays = [&](const std::vector<std::string>& more, const char* says) {
        const Outcome run = tuned(more);
        EXPECT_EQ(run.code, 2) << run.err;
        EXPECT_THAT(run.err, HasSubstr(says));
        EXPECT_EQ(std::count(run.err.begin(), run.err.end(), '\n'), 1) << run.err;
    };
    expectSays({"--over", "sink"}, "did you mean 'sinks'");
    expectSays({"--over", "sinks,sinks=0-4"}, "twice");
    expectSays({"--over", "sinks", "--hold-out", "2"}, "none of the 2 traces to search; hold out at most 1");
    expectSays({"--over", "sinks", "--metric", "slots"}, "mass, error, regret, loss, kl");
    expectSays({"--over", "sinks", "--metric", "loss"}, "--model");
    expectSays({"--over", "sinks", "--budget", "many"}, "--budget");
}
