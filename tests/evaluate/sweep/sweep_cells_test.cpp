// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/evaluate/sweep/cell_log.h"
#include "core/evaluate/sweep/sweep_queue.h"

#include <gmock/gmock.h>

#include <fstream>
#include <set>

#include <unistd.h>

namespace winnow {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

SweepPlan planOf(const std::string& text)
{
    auto plan = parsePlan(text, "'plan.json'", "");
    EXPECT_TRUE(plan) << plan.error().message;
    return std::move(*plan);
}

PlanHashes hashesFor(const SweepPlan& plan, const std::string& salt = "")
{
    PlanHashes hashes;
    for (const PlanModel& model : plan.models)
        hashes.models.push_back("model of " + model.name + salt);
    for (const auto& file : filesOf(plan))
        hashes.files[file] = "bytes of " + file.filename().string() + salt;
    return hashes;
}

Result<std::vector<SweepCell>> cellsFrom(const std::string& text, const std::string& salt = "")
{
    const SweepPlan plan = planOf(text);
    return cellsOf(plan, hashesFor(plan, salt), "'plan.json'");
}

TEST(SweepCells, areEveryCombinationThatDiffers)
{
    const auto cells = cellsFrom(R"({"models": ["m"], "texts": ["b"], "tasks": ["facts"], "seeds": [1, 2],
                                     "policies": ["full", "random"], "budgets": [8, 16]})");
    ASSERT_TRUE(cells) << cells.error().message;
    std::vector<std::string> names;
    for (const SweepCell& cell : *cells)
        names.push_back(fmt::format("{} {} {} {}", cell.input, cell.policy.name, cell.policy.value("budget"), cell.seed));
    EXPECT_THAT(names, ElementsAre("0 full  1", "0 random 8 1", "0 random 16 1", "0 random 8 2", "0 random 16 2", "1 full  1",
                                   "1 random 8 1", "1 random 16 1", "1 full  2", "1 random 8 2", "1 random 16 2"))
        << "no seed changes the loss of a text under the full cache";
    EXPECT_EQ((*cells)[3].policy.value("seed"), "2");
    std::vector<std::size_t> groups;
    for (const SweepCell& cell : *cells)
        groups.push_back(cell.group);
    EXPECT_THAT(groups, ElementsAre(0, 0, 0, 0, 0, 1, 1, 1, 2, 2, 2)) << "other seeds draw other examples";
    std::set<std::string> hashes;
    for (const SweepCell& cell : *cells)
        hashes.insert(cell.hash);
    EXPECT_EQ(hashes.size(), cells->size());
}

TEST(SweepCells, areNamedByWhatTheyDependOn)
{
    const std::string text = R"({"models": ["m"], "texts": ["b"], "policies": ["h2o:budget=8"]})";
    const std::string hash = cellsFrom(text)->front().hash;
    const auto other = [&](const std::string& plan) { return cellsFrom(plan)->front().hash; };
    EXPECT_EQ(hash.size(), 16U);
    EXPECT_NE(cellsFrom(text, " changed")->front().hash, hash) << "the bytes of model and text";
    EXPECT_EQ(other(R"({"models": ["m"], "texts": [{"path": "b", "name": "novel"}], "policies": ["h2o:budget=8"]})"), hash)
        << "a name is none of it";
    EXPECT_EQ(other(R"({"models": ["m"], "texts": ["b"], "policies": ["h2o:budget=8,recent=4"], "device": "cpu"})"), hash)
        << "a default that is typed, and where it runs, are none of it";
    EXPECT_NE(other(R"({"models": ["m"], "texts": ["b"], "policies": ["h2o:budget=8,recent=3"]})"), hash);
    EXPECT_NE(other(R"({"models": ["m"], "texts": ["b"], "policies": ["h2o:budget=8"], "dtype": "bfloat16"})"), hash);
    EXPECT_NE(other(R"({"models": ["m"], "texts": [{"path": "b", "tokens": 9}], "policies": ["h2o:budget=8"]})"), hash);
    EXPECT_NE(other(R"({"models": ["m"], "texts": [{"path": "b", "positions": "slot"}], "policies": ["h2o:budget=8"]})"), hash);
    EXPECT_EQ(other(R"({"models": ["m"], "texts": ["b"], "policies": ["h2o:budget=8"], "seeds": [5]})"), hash)
        << "no seed counts";
}

TEST(SweepCells, ofOneNameAreRefused)
{
    for (const char* const twice : {R"("policies": ["h2o:budget=8", "h2o"], "budgets": [8])",
                                    R"("policies": ["h2o"], "budgets": [8, 8])", R"("policies": ["full"], "seeds": [1, 1])"}) {
        const auto cells = cellsFrom(fmt::format(R"({{"models": ["m"], "texts": ["b"], {}}})", twice));
        ASSERT_FALSE(cells) << twice;
        EXPECT_THAT(cells.error().message, HasSubstr("'plan.json': two cells have the name 'm / b / "));
    }
}

TEST(SweepCells, runTogetherWithThoseOfTheirGroup)
{
    const auto cells = cellsFrom(R"({"models": ["m"], "texts": ["a", "b"], "policies": ["h2o"], "budgets": [1, 2, 3]})");
    ASSERT_EQ(cells->size(), 6U);
    const std::vector<std::size_t> all{0, 1, 2, 3, 4, 5};
    EXPECT_THAT(unitsOf(*cells, all, 2), ElementsAre(ElementsAre(0, 1), ElementsAre(2), ElementsAre(3, 4), ElementsAre(5)));
    EXPECT_THAT(unitsOf(*cells, {1, 2, 4}, 8), ElementsAre(ElementsAre(1, 2), ElementsAre(4)));
    EXPECT_EQ(cellsTogether(100, 1), kMostTogether);
    EXPECT_EQ(cellsTogether(24, 4), 3U);
    EXPECT_EQ(cellsTogether(5, 8), 1U);
}

TEST(SweepQueue, losesOnlyTheCellThatIsToBlame)
{
    const auto cells = cellsFrom(R"({"models": ["m"], "texts": ["a"], "policies": ["h2o"], "budgets": [1, 2, 3, 4]})");
    SweepQueue queue(*cells, {0, 1, 2, 3}, 1);
    EXPECT_THAT(queue.take(0), ElementsAre(0, 1));
    queue.failed(0, "killed");
    EXPECT_THAT(queue.failures(), IsEmpty()) << "each is tried alone";
    EXPECT_THAT(queue.take(0), ElementsAre(0));
    queue.done(0);
    EXPECT_THAT(queue.take(0), ElementsAre(1));
    queue.failed(0, "killed");
    EXPECT_THAT(queue.failures(), ElementsAre(testing::Pair(1, "killed")));
    EXPECT_FALSE(queue.isOver());
    EXPECT_THAT(queue.take(0), ElementsAre(2, 3)) << "the rest goes on";
    EXPECT_TRUE(queue.isBusy());
    queue.done(0);
    EXPECT_TRUE(queue.isOver());
    EXPECT_EQ(queue.doneCount(), 3U);
}

TEST(SweepQueue, leavesAWorkerItsModel)
{
    const auto cells = cellsFrom(R"({"models": ["m", "n"], "texts": ["a"], "policies": ["h2o"], "budgets": [1, 2]})");
    SweepQueue queue(*cells, {0, 1, 2, 3}, 2);
    EXPECT_THAT(queue.take(0), ElementsAre(0));
    EXPECT_THAT(queue.take(1), ElementsAre(1));
    queue.done(1);
    EXPECT_THAT(queue.take(1), ElementsAre(2)) << "none of its model is left";
    queue.done(0);
    EXPECT_THAT(queue.take(0), ElementsAre(3));
    queue.done(0);
    EXPECT_THAT(queue.take(0), IsEmpty());
    EXPECT_FALSE(queue.isOver()) << "the other is at work";
}

class CellLogFile : public testing::Test {
protected:
    void SetUp() override
    {
        auto cells = cellsFrom(R"({"models": ["m"], "texts": ["a"], "policies": ["h2o"], "budgets": [1, 2]})");
        ASSERT_TRUE(cells);
        m_cells = std::move(*cells);
    }
    void TearDown() override { std::filesystem::remove(m_path); }
    CellResult resultOf(std::size_t cell) const
    {
        return {.cell = m_cells[cell].hash, .model = "m", .input = "a", .policy = "h2o", .measure = "perplexity", .value = 2};
    }

    std::vector<SweepCell> m_cells;
    std::filesystem::path m_path = std::filesystem::temp_directory_path() / fmt::format("winnow-cells-{}.jsonl", ::getpid());
};

TEST_F(CellLogFile, goesOnBehindALineThatWasNotFinished)
{
    {
        auto log = CellLog::open(m_path, m_cells);
        ASSERT_TRUE(log) << log.error().message;
        ASSERT_TRUE(log->append(1, resultOf(1)));
        EXPECT_THAT(CellLog::open(m_path, m_cells).error().message, HasSubstr("is being written by another process"));
    }
    std::ofstream(m_path, std::ios::app) << "{\"winnow_sweep\":1,\"cell\":\"12";
    {
        auto log = CellLog::open(m_path, m_cells);
        ASSERT_TRUE(log) << log.error().message;
        EXPECT_FALSE(log->holds(0));
        EXPECT_TRUE(log->holds(1));
        ASSERT_TRUE(log->append(0, resultOf(0)));
    }
    const auto log = CellLog::open(m_path, m_cells);
    EXPECT_TRUE(log && log->holds(0) && log->holds(1));
}

TEST_F(CellLogFile, refusesResultsOfAnotherPlanAndOtherFiles)
{
    ASSERT_TRUE(CellLog::open(m_path, m_cells)->append(0, resultOf(0)));
    const std::span<const SweepCell> second(m_cells.data() + 1, 1);
    EXPECT_THAT(
        CellLog::open(m_path, second).error().message,
        testing::AllOf(HasSubstr("holds results of another plan: cell " + m_cells[0].hash), HasSubstr("choose another name")));
    std::ofstream(m_path) << "my notes\n";
    EXPECT_THAT(CellLog::open(m_path, m_cells).error().message, HasSubstr("holds no results of a sweep of Winnow's"));
    std::ofstream(m_path) << "{\"winnow_sweep\":1,\"cell\":3}\n";
    EXPECT_THAT(CellLog::open(m_path, m_cells).error().message, HasSubstr("line 1 has no text in its member 'cell'"));
    EXPECT_EQ(std::filesystem::file_size(m_path), 28U) << "nothing was taken from it";
}

} // namespace
} // namespace winnow
