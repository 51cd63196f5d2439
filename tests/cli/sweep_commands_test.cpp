// SPDX-License-Identifier: GPL-3.0-or-later
// winnow sweep, as a user meets it: one process, several, and the ranks of an MPI job.
#include "tests/cli/program.h"

#include "core/io/cell_result.h"
#include "core/io/hdf5.h"

#include <fmt/format.h>
#include <gmock/gmock.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <fstream>
#include <map>
#include <optional>
#include <thread>

#include <unistd.h>

using namespace winnow::test;
using testing::AllOf;
using testing::HasSubstr;
using testing::Not;
namespace fs = std::filesystem;

namespace {

class SweepCommand : public testing::Test {
protected:
    SweepCommand() { writeText(m_folder / "prose.txt", prose(150)); }

    std::string at(const std::string& name) const { return (m_folder / name).string(); }
    /// A plan of the demo model with these members besides.
    std::string plan(const std::string& members, const std::string& name = "plan.json") const
    {
        writeText(m_folder / name, fmt::format(R"({{"models": ["{}"], "device": "cpu", {}}})", demoFolder(), members));
        return at(name);
    }
    std::vector<winnow::CellResult> results(const std::string& name = "plan.jsonl") const
    {
        auto cells = winnow::parseCells(readFile(m_folder / name), name);
        EXPECT_TRUE(cells) << cells.error().message;
        return cells ? std::move(*cells) : std::vector<winnow::CellResult>();
    }
    /// By cell, without what differs from run to run.
    std::map<std::string, std::string> numbers(const std::string& name) const
    {
        std::map<std::string, std::string> lines;
        for (winnow::CellResult cell : results(name)) {
            cell.seconds.reset();
            cell.milliseconds.reset();
            lines[cell.cell] = cellLine(cell);
        }
        return lines;
    }
    /// Of the numbers of two files the first that is not in both; "" = they are the same.
    std::string firstDifference(const std::string& one, const std::string& other) const
    {
        const auto a = numbers(one), b = numbers(other);
        for (const auto& [cell, line] : a)
            if (const auto found = b.find(cell); found == b.end() || found->second != line)
                return fmt::format("{}: {}{}: {}", one, line, other, found == b.end() ? "nothing" : found->second);
        return a.size() == b.size() ? "" : fmt::format("{} has {} cells, {} has {}", one, a.size(), other, b.size());
    }
    static void expectWrong(const Outcome& run, int code, const std::string& why)
    {
        EXPECT_EQ(run.code, code) << run.err;
        EXPECT_THAT(run.err, HasSubstr(why));
        EXPECT_LE(std::ranges::count(run.err, '\n'), 1) << run.err;
    }

    ScratchFolder m_folder;
};

const std::string kText = R"("texts": [{"path": "prose.txt", "tokens": 60}], )";
const std::string kSmall = kText + R"("tasks": [{"task": "facts", "length": 200, "samples": 2}],
    "policies": ["full", "window"], "budgets": [16, 32], "seeds": [1])";

/// The number that follows `label` in the only line of `out` that begins with `begin`.
double numberAfter(const std::string& out, const std::string& begin, int column)
{
    const std::size_t line = out.find("\n" + begin);
    if (line == std::string::npos)
        return std::nan("");
    std::istringstream words(out.substr(line + 1, out.find('\n', line + 1) - line - 1));
    std::string word;
    for (int i = 0; i <= column; ++i)
        words >> word;
    return std::atof(word.c_str());
}

/// Processes that measure cells of the plan.
std::vector<pid_t> workersOf(const std::string& plan)
{
    std::vector<pid_t> found;
    for (const auto& entry : fs::directory_iterator("/proc")) {
        const std::string name = entry.path().filename().string();
        if (name.find_first_not_of("0123456789") != std::string::npos)
            continue;
        std::ifstream line(entry.path() / "cmdline"), variables(entry.path() / "environ");
        const std::string words{std::istreambuf_iterator<char>(line), {}}, set{std::istreambuf_iterator<char>(variables), {}};
        if (words.find(plan) != std::string::npos && set.find("WINNOW_SWEEP_WORKER=1") != std::string::npos)
            found.push_back(std::atoi(name.c_str()));
    }
    return found;
}

/// The parent of a process: the rank of a worker.
pid_t parentOf(pid_t process)
{
    std::ifstream facts(fmt::format("/proc/{}/stat", process));
    std::string number, name, state, parent;
    facts >> number >> name >> state >> parent;
    return std::atoi(parent.c_str());
}

/// Once `results` has a line, kills one of the workers, or the rank of this number.
void killOne(const std::string& plan, const std::string& results, std::optional<int> rank = std::nullopt)
{
    for (int patience = 0; patience < 15000; ++patience) {
        std::error_code error;
        if (fs::exists(results, error) && fs::file_size(results, error) > 0)
            for (const pid_t worker : workersOf(plan)) {
                const pid_t parent = parentOf(worker);
                std::ifstream variables(fmt::format("/proc/{}/environ", parent));
                const std::string set{std::istreambuf_iterator<char>(variables), {}};
                if (rank && set.find(fmt::format("OMPI_COMM_WORLD_RANK={}", *rank)) == std::string::npos)
                    continue;
                ::kill(rank ? parent : worker, SIGKILL);
                return;
            }
        std::this_thread::sleep_for(std::chrono::milliseconds(20));
    }
}

std::vector<std::string> mpirun(int ranks)
{
    for (const char* const path : {"/usr/bin/mpirun", "/usr/local/bin/mpirun"})
        if (fs::exists(path)) {
            std::vector<std::string> words{path};
            if (geteuid() == 0)
                words.emplace_back("--allow-run-as-root");
            words.insert(words.end(), {"--oversubscribe", "-n", std::to_string(ranks)});
            return words;
        }
    return {};
}

bool hasMpi() { return !mpirun(1).empty() && fs::exists(fs::path(WINNOW_PROGRAM).parent_path() / "winnow-mpi.so"); }

} // namespace

TEST_F(SweepCommand, measuresEveryCellAndEndsWithATable)
{
    const Outcome run = program({"sweep", plan(kSmall), "--table", at("t.csv")});
    ASSERT_EQ(run.code, 0) << run.err;
    EXPECT_EQ(run.err, "");
    EXPECT_THAT(run.out, HasSubstr("closed loop: 6 cells of 1 model, 1 text, 1 task, 3 policies at their budgets and 1 seed\n"));
    EXPECT_THAT(run.out, HasSubstr("going by 32 tokens of the first model"));
    EXPECT_THAT(run.out, AllOf(HasSubstr("6/6 demo / "), HasSubstr("window 16"), HasSubstr("6 results are in ")));
    const auto cells = results();
    ASSERT_EQ(cells.size(), 6U);
    EXPECT_EQ(cells[0].measure, "perplexity");
    EXPECT_EQ(cells[0].n, 59);
    EXPECT_EQ(cells[1].protocol.at("positions"), "text");
    EXPECT_NEAR(*cells[0].added, 0, 1e-6) << "the full cache adds nothing to itself";
    EXPECT_GT(*cells[1].cacheBytes, 0);
    EXPECT_EQ(cells[3].input, "facts");
    EXPECT_EQ(cells[3].protocol.at("profile"), "winnow");
    EXPECT_EQ(cells[3].n, 2);
    EXPECT_GT(*cells[3].milliseconds, 0);
    EXPECT_THAT(readFile(m_folder / "t.csv"), AllOf(HasSubstr("# loop: closed"), HasSubstr("cell,model,input,policy,budget,"),
                                                    HasSubstr("protocol_positions")));
    const Outcome again = program({"sweep", at("plan.json"), "--table", at("t.h5")}); // nothing is measured again
    ASSERT_EQ(again.code, 0) << again.err;
    const auto table = winnow::Hdf5File::open(m_folder / "t.h5");
    ASSERT_TRUE(table) << table.error().message;
    EXPECT_EQ(table->readStrings("policy")->at(1), cells[1].policy);
    EXPECT_EQ(table->readArray<double>("value")->values[1], cells[1].value);
    EXPECT_EQ(table->stringAttribute("/", "loop").value(), "closed");

    // The commands of one cell give its numbers.
    const Outcome alone = program({"perplexity", "--model", demoFolder(), "--text", at("prose.txt"), "--tokens", "60", "--device",
                                   "cpu", "--policy", "window:budget=16"});
    ASSERT_EQ(alone.code, 0) << alone.err;
    EXPECT_NEAR(*cells[1].loss, numberAfter(alone.out, "  1 window", 4), 5.1e-5) << alone.out;
    const Outcome asked = program({"ask", "--model", demoFolder(), "--device", "cpu", "--task", "facts", "--length", "200",
                                   "--samples", "2", "--seed", "1", "--policy", "window:budget=16", "--out", at("a.jsonl")});
    ASSERT_EQ(asked.code, 0) << asked.err;
    const Outcome score = program({"score", at("a.jsonl"), "--profile", "winnow", "--out", at("s.csv")});
    ASSERT_EQ(score.code, 0) << score.err;
    EXPECT_THAT(readFile(m_folder / "s.csv"), HasSubstr(fmt::format("{:g}", cells[4].value)));
}

TEST_F(SweepCommand, goesOnWhereItWasStoppedAndTakesWhatThePlanGained)
{
    ASSERT_EQ(program({"sweep", plan(kSmall)}).code, 0);
    fs::copy(m_folder / "plan.jsonl", m_folder / "whole.jsonl");
    const std::string text = readFile(m_folder / "plan.jsonl");
    const std::size_t second = text.find('\n', text.find('\n') + 1) + 1;
    writeText(m_folder / "plan.jsonl", text.substr(0, second + 40)); // two results, and what a killed sweep left of the third
    const Outcome again = program({"sweep", at("plan.json")});
    ASSERT_EQ(again.code, 0) << again.err;
    EXPECT_THAT(again.out, AllOf(HasSubstr("2 are in '"), HasSubstr("going by the cells that are done"), HasSubstr("4/4")));
    EXPECT_EQ(firstDifference("plan.jsonl", "whole.jsonl"), "");
    EXPECT_EQ(readFile(m_folder / "plan.jsonl").substr(0, second), text.substr(0, second));
    const std::string whole = readFile(m_folder / "plan.jsonl");
    writeText(m_folder / "plan.jsonl", whole.substr(0, whole.size() - 1)); // a result is whole without the end of its line
    const Outcome nothing = program({"sweep", at("plan.json")});
    EXPECT_EQ(readFile(m_folder / "plan.jsonl"), whole);
    EXPECT_EQ(nothing.code, 0);
    EXPECT_THAT(nothing.out, AllOf(HasSubstr("6 are in '"), Not(HasSubstr("about "))));
    std::string more = kSmall;
    more.replace(more.find("[16, 32]"), 8, "[16, 32, 48]");
    EXPECT_THAT(program({"sweep", plan(more)}).out, HasSubstr("8 cells"));
    EXPECT_EQ(results().size(), 8U);
}

TEST_F(SweepCommand, saysWhatIsWrongBeforeTheFirstCell)
{
    const auto sweep = [&](const std::string& members) { return program({"sweep", plan(members)}); };
    expectWrong(sweep(kText + R"("polices": ["full"])"), 1, "there is no member 'polices', did you mean 'policies'?");
    expectWrong(sweep(kText + R"("policies": ["snapkv:budget=16"])"), 1, "demo / prose.txt: ");
    expectWrong(sweep(kText + R"("policies": ["future:budget=16"])"), 1, "only a recording can tell");
    expectWrong(sweep(kText + R"("policies": ["window:budget=600"])"), 1, "a budget of 600 is more than");
    expectWrong(sweep(kText + R"("policies": ["window", "window:budget=16"], "budgets": [16])"), 1, "two cells have the name");
    expectWrong(sweep(R"("texts": ["prose.txt", "novel.txt"], "policies": ["full"])"), 1, "novel.txt'");
    expectWrong(sweep(R"("tasks": [{"data": "none.jsonl"}], "policies": ["full"])"), 1, "none.jsonl'");
    expectWrong(sweep(R"("tasks": [{"task": "facts", "profile": "winow"}], "policies": ["full"])"), 1, "did you mean 'winnow'?");
    expectWrong(program({"sweep", at("no.json")}), 1, "no.json");
    expectWrong(program({"sweep", m_folder.path().string()}), 1, "is a folder; winnow sweep takes a plan");
    expectWrong(program({"sweep", demoTrace().string()}), 1, "is a trace; winnow sweep takes a plan");
    EXPECT_FALSE(fs::exists(m_folder / "plan.jsonl")) << "nothing is written where nothing is measured";
    writeText(m_folder / "plan.json", R"({"models": ["nowhere"], "texts": ["prose.txt"], "policies": ["full"]})");
    expectWrong(program({"sweep", at("plan.json")}), 1, "nowhere");
    EXPECT_EQ(program({"sweep", plan(kSmall), "--out", at("x.json")}).code, 2);
    EXPECT_EQ(program({"sweep"}).code, 2);
    expectWrong(program({"sweep", "-"}), 2, "a plan is a file");
}

TEST_F(SweepCommand, refusesResultsOfAnotherPlan)
{
    ASSERT_EQ(program({"sweep", plan(kText + R"("policies": ["full"])")}).code, 0);
    const std::string before = readFile(m_folder / "plan.jsonl");
    expectWrong(program({"sweep", plan(kText + R"("policies": ["window:budget=8"])")}), 1,
                "holds results of another plan: cell ");
    writeText(m_folder / "prose.txt", "Other words. " + prose(150));
    expectWrong(program({"sweep", plan(kText + R"("policies": ["full"])")}), 1, "or what it was measured with has changed");
    EXPECT_EQ(readFile(m_folder / "plan.jsonl"), before) << "nothing that was measured is lost";
    writeText(m_folder / "plan.jsonl", "my notes\n");
    expectWrong(program({"sweep", at("plan.json")}), 1, "holds no results of a sweep");
    expectWrong(program({"sweep", at("plan.json"), "--out", at("plan.jsonl")}), 1, "not a file of a sweep of Winnow's");
}

TEST_F(SweepCommand, givesTheSameTableWithSeveralWorkers)
{
    ASSERT_EQ(program({"sweep", plan(kSmall), "--out", at("one.jsonl")}, {.environment = {{"OMP_NUM_THREADS", "1"}}}).code, 0);
    const Outcome run = program({"sweep", at("plan.json"), "--workers", "3"}, {.environment = {{"OMP_NUM_THREADS", "1"}}});
    ASSERT_EQ(run.code, 0) << run.err;
    EXPECT_THAT(run.out, HasSubstr("; 3 workers"));
    EXPECT_EQ(firstDifference("plan.jsonl", "one.jsonl"), "");
    EXPECT_TRUE(workersOf(at("plan.json")).empty()) << "no process stays behind";
}

TEST_F(SweepCommand, losesOnlyTheCellWhoseWorkerIsKilled)
{
    plan(kText + R"("policies": ["random"], "budgets": [8, 12, 16, 20, 24, 28, 32, 36], "seeds": [1, 2, 3])");
    std::thread killer([&] { killOne(at("plan.json"), at("plan.jsonl")); });
    const Outcome run = program({"sweep", at("plan.json"), "--workers", "8"});
    killer.join();
    EXPECT_EQ(run.code, 1) << run.out;
    EXPECT_THAT(run.err, AllOf(HasSubstr("failed: the process that measured it was ended by signal 9"),
                               HasSubstr("1 of 24 cells failed"), HasSubstr("the same line tries them again")));
    EXPECT_EQ(results().size(), 23U);
    EXPECT_THAT(program({"sweep", at("plan.json")}).out, HasSubstr("23 are in '"));
    EXPECT_EQ(results().size(), 24U);
}

TEST_F(SweepCommand, stopsAtOnceAndKeepsWhatIsDone)
{
    plan(kText + R"("policies": ["random"], "budgets": [8, 12, 16, 20, 24, 28, 32, 36], "seeds": [1, 2, 3])");
    const Outcome run =
        program({"sweep", at("plan.json")}, {.interruptAfterMs = 1, .interruptWhen = "/24 demo", .signal = SIGINT});
    EXPECT_EQ(run.code, 130) << run.err;
    EXPECT_THAT(results().size(), AllOf(testing::Ge(1U), testing::Lt(24U)));
    EXPECT_TRUE(workersOf(at("plan.json")).empty());
}

TEST_F(SweepCommand, spreadsOverRanksAndOutlivesAWorker)
{
    if (!hasMpi())
        GTEST_SKIP() << "no mpirun here, or Winnow was built without MPI";
    plan(kText + R"("policies": ["random"], "budgets": [8, 12, 16, 20, 24, 28, 32, 36], "seeds": [1, 2, 3])");
    ASSERT_EQ(program({"sweep", at("plan.json"), "--out", at("one.jsonl")}, {.environment = {{"OMP_NUM_THREADS", "1"}}}).code, 0);
    std::thread killer([&] { killOne(at("plan.json"), at("plan.jsonl")); });
    const Outcome run = program({"sweep", at("plan.json")}, {.environment = {{"OMP_NUM_THREADS", "1"}}, .launcher = mpirun(8)});
    killer.join();
    EXPECT_EQ(run.code, 1) << run.out << run.err;
    EXPECT_THAT(run.out, HasSubstr("; 8 workers"));
    EXPECT_THAT(run.err, HasSubstr("1 of 24 cells failed"));
    EXPECT_EQ(results().size(), 23U);
    const Outcome again = program({"sweep", at("plan.json")}, {.environment = {{"OMP_NUM_THREADS", "1"}}, .launcher = mpirun(4)});
    EXPECT_EQ(again.code, 0) << again.err;
    EXPECT_THAT(again.out, HasSubstr("23 are in '"));
    EXPECT_EQ(firstDifference("plan.jsonl", "one.jsonl"), "") << "1 process and 8 ranks give the same table";
}

TEST_F(SweepCommand, losesOnlyTheCellOfARankThatIsKilled)
{
    if (!hasMpi())
        GTEST_SKIP() << "no mpirun here, or Winnow was built without MPI";
    plan(kText + R"("policies": ["random"], "budgets": [8, 12, 16, 20, 24, 28, 32, 36], "seeds": [1, 2, 3])");
    const std::vector<std::pair<std::string, std::string>> oneThread{{"OMP_NUM_THREADS", "1"}};
    std::thread killer([&] { killOne(at("plan.json"), at("plan.jsonl"), 3); });
    const Outcome run = program({"sweep", at("plan.json")}, {.environment = oneThread, .launcher = mpirun(8)});
    killer.join();
    EXPECT_EQ(run.code, 1) << run.out << run.err;
    EXPECT_THAT(run.err, AllOf(HasSubstr("winnow: warning: cell demo / prose.txt / random:budget="),
                               HasSubstr("rank 3, of which nothing was heard for 15 seconds; the rest goes on"),
                               HasSubstr("1 of 24 cells failed")));
    EXPECT_EQ(results().size(), 23U);
    EXPECT_TRUE(workersOf(at("plan.json")).empty()) << "no process stays behind";
    const Outcome again = program({"sweep", at("plan.json")}, {.environment = oneThread, .launcher = mpirun(2)});
    EXPECT_EQ(again.code, 0) << again.err;
    EXPECT_THAT(again.out, AllOf(HasSubstr("23 are in '"), HasSubstr("1/1 demo")));
    EXPECT_EQ(results().size(), 24U);
}

TEST_F(SweepCommand, endsWhereTheRankThatHandsOutIsKilled)
{
    if (!hasMpi())
        GTEST_SKIP() << "no mpirun here, or Winnow was built without MPI";
    plan(kText + R"("policies": ["random"], "budgets": [8, 12, 16, 20, 24, 28, 32, 36], "seeds": [1, 2, 3])");
    std::thread killer([&] { killOne(at("plan.json"), at("plan.jsonl"), 0); });
    const Outcome run = program({"sweep", at("plan.json")}, {.launcher = mpirun(4)});
    killer.join();
    EXPECT_EQ(run.code, 1) << run.out << run.err;
    EXPECT_THAT(run.err, AllOf(HasSubstr("nothing was heard for 15 seconds of rank 0, which hands out the cells"),
                               HasSubstr("rank 0 of the sweep, which hands out the cells, ended without a word")));
    EXPECT_THAT(results().size(), AllOf(testing::Ge(1U), testing::Lt(24U)));
    EXPECT_TRUE(workersOf(at("plan.json")).empty()) << "no process stays behind";
}

TEST_F(SweepCommand, endsWhereARankIsKilledThatTheOthersWaitForInTheEnd)
{
    if (!hasMpi())
        GTEST_SKIP() << "no mpirun here, or Winnow was built without MPI";
    plan(kText + R"("policies": ["random"], "budgets": [8, 12, 16, 20])");
    const Outcome run = program({"sweep", at("plan.json")}, {.environment = {{"OMP_NUM_THREADS", "1"},
                                                                             {"OMPI_MCA_orte_enable_recovery", "1"},
                                                                             {"LD_PRELOAD", WINNOW_FAULTS},
                                                                             {"WINNOW_KILL_BARRIER", "2"}},
                                                             .launcher = mpirun(3)});
    EXPECT_EQ(run.code, 0) << run.out << run.err; // mpirun's, which is always 0 where it lets the others live
    EXPECT_THAT(run.out, HasSubstr("4 results are in"));
    EXPECT_EQ(results().size(), 4U);
}

TEST_F(SweepCommand, tellsRanksWhatIsWrongOnce)
{
    if (!hasMpi())
        GTEST_SKIP() << "no mpirun here, or Winnow was built without MPI";
    plan(kText + R"("polices": ["full"])");
    const Outcome run = program({"sweep", at("plan.json")}, {.launcher = mpirun(3)});
    EXPECT_EQ(run.code, 1);
    const std::string why = "did you mean 'policies'?";
    const std::size_t first = run.err.find(why);
    ASSERT_NE(first, std::string::npos) << run.err;
    EXPECT_EQ(run.err.find(why, first + 1), std::string::npos) << run.err;
}

TEST_F(SweepCommand, becomesAFigureAndStandsBesidePapers)
{
    ASSERT_EQ(program({"sweep", plan(R"("texts": [{"path": "prose.txt", "tokens": 60, "name": "pg19"}],
        "policies": ["full", "streaming"], "budgets": [16, 32])")})
                  .code,
              0);
    const Outcome planes = program({"figure", "sweep", at("plan.jsonl"), "--out", at("f.csv")});
    EXPECT_EQ(planes.code, 0) << planes.err;
    EXPECT_THAT(planes.out, HasSubstr("closed loop, demo; rings: "));
    EXPECT_THAT(readFile(m_folder / "f.csv"),
                AllOf(HasSubstr("# loop: closed"), HasSubstr("demo,pg19,perplexity,\"streaming:budget=16")));
    const Outcome beside = program({"figure", "paper-vs-yours", at("plan.jsonl"), "--out", at("g.csv")});
    EXPECT_EQ(beside.code, 0) << beside.err;
    EXPECT_THAT(readFile(m_folder / "g.csv"), AllOf(HasSubstr("treekv-1,pg19,"), HasSubstr("model: Llama-2-7B / demo"),
                                                    HasSubstr("# refused: treekv-2 is about openwebtext2")));
    expectWrong(program({"figure", "paper-vs-yours", at("plan.jsonl"), "--paper", "treekv-3", "--out", at("h.csv")}), 1,
                "another text or task");
    expectWrong(program({"figure", "paper-vs-yours", at("plan.jsonl"), "--paper", "treekv", "--out", at("h.csv")}), 2,
                "the nearest is 'treekv-1'");
    expectWrong(program({"figure", "paper-vs-yours", at("prose.txt"), "--out", at("h.csv")}), 1, "holds no results of a sweep");
    expectWrong(program({"figure", "sweep", at("plan.jsonl"), "--metric", "error", "--out", at("h.csv")}), 2, "are for replays");
    EXPECT_THAT(program({"figure", "--papers"}).out, HasSubstr("    winnow figure treekv-2 T.h5 --out F.svg\n"));
}

TEST_F(SweepCommand, saysThatItWasBuiltWithoutMpi)
{
    const std::string alone = at("winnow"); // a program that has no module beside it
    fs::copy_file(WINNOW_PROGRAM, alone);
    const Outcome run =
        program({"sweep", plan(kSmall)}, {.environment = {{"OMPI_COMM_WORLD_SIZE", "4"}},
                                          .launcher = {"/bin/sh", "-c", "shift; exec " + alone + " \"$@\"", "sh"}});
    expectWrong(run, 1, "this is one of 4 ranks of an MPI job, and this Winnow was built without MPI");
}
