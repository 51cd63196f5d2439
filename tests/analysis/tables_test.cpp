// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/analysis/tables.h"

#include "core/io/hdf5.h"
#include "core/io/npz.h"
#include "core/io/output_file.h"
#include "tests/support/synthetic_trace.h"

#include <gmock/gmock.h>

#include <cmath>
#include <fstream>

namespace winnow {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing_support::TemporaryFolder;

NpzFile npzOf(const Tables& tables, const TemporaryFolder& folder)
{
    EXPECT_TRUE(writeTables(tables, {{"model", "tiny"}}, folder / "t.npz"));
    auto file = readNpz(folder / "t.npz");
    EXPECT_TRUE(file);
    return std::move(*file);
}

TEST(Tables, areRowsOfACsvAndArraysOfAnNpz)
{
    Tables tables;
    tables.fact("metric", "mass");
    tables.tables.push_back({.axes = {{2}, {3}},
                             .columns = {{"policy", {0}, std::vector<std::string>{"full", "h2o:budget=2,recent=1"}},
                                         {onlyCsv("step"), {1}, counted(0, 3)},
                                         {"mean", {0, 1}, std::vector<double>{1, 0.5, std::nan(""), 1, 0.25, 1.0 / 3}}}});
    EXPECT_EQ(csvText(tables, {{"model", "tiny"}}), "# model: tiny\n"
                                                    "# metric: mass\n"
                                                    "policy,step,mean\n"
                                                    "full,0,1\n"
                                                    "full,1,0.5\n"
                                                    "full,2,\n"
                                                    "\"h2o:budget=2,recent=1\",0,1\n"
                                                    "\"h2o:budget=2,recent=1\",1,0.25\n"
                                                    "\"h2o:budget=2,recent=1\",2,0.333333333\n");
    const TemporaryFolder folder;
    const NpzFile npz = npzOf(tables, folder);
    EXPECT_THAT(npz.names(), testing::UnorderedElementsAre("manifest", "mean", "metric", "policy"));
    EXPECT_THAT(npz.shape("mean").value(), ElementsAre(2, 3));
    EXPECT_EQ(npz.numbers<double>("mean")->at(5), 1.0 / 3);
    EXPECT_THAT(npz.shape("metric").value(), ElementsAre());
    EXPECT_THAT(npz.strings("manifest").value(), ElementsAre("{\"model\":\"tiny\"}"));
}

TEST(Tables, areDatasetsOfAnHdf5FileByTheNamesOfTheNpz)
{
    Tables tables;
    tables.fact("metric", "mass");
    tables.fact("steps", 7);
    tables.tables.push_back({.axes = {{2}, {3}},
                             .columns = {{"policy", {0}, std::vector<std::string>{"full", "tëst"}},
                                         {onlyCsv("step"), {1}, counted(0, 3)},
                                         {"mean", {0, 1}, std::vector<double>{1, 0.5, std::nan(""), 1, 0.25, 1.0 / 3}}}});
    const TemporaryFolder folder;
    ASSERT_TRUE(writeTables(tables, {{"model", "tiny"}}, folder / "t.H5"));
    const auto file = Hdf5File::open(folder / "t.H5");
    ASSERT_TRUE(file) << file.error().message;
    EXPECT_THAT(file->children("/").value(), ElementsAre("mean", "metric", "policy", "steps"));
    EXPECT_THAT(file->readStrings("policy").value(), ElementsAre("full", "tëst"));
    EXPECT_THAT(file->readStrings("metric").value(), ElementsAre("mass"));
    EXPECT_THAT(file->readArray<double>("mean")->shape, ElementsAre(2, 3));
    EXPECT_EQ(file->readArray<double>("mean")->values[5], 1.0 / 3);
    EXPECT_THAT(file->readArray<std::int32_t>("steps")->values, ElementsAre(7));
    EXPECT_EQ(file->stringAttribute("/", "model").value(), "tiny");
    EXPECT_EQ(writtenKind(folder / "t.H5"), WrittenKind::Numbers) << "the next table may take its place";
}

TEST(Tables, ofNoRowsAreWrittenInEveryFormat)
{
    Tables tables;
    tables.tables.push_back(
        {.axes = {{0}}, .columns = {{"policy", {0}, std::vector<std::string>{}}, {"mean", {0}, std::vector<double>{}}}});
    const TemporaryFolder folder;
    for (const char* const name : {"t.csv", "t.npz", "t.h5"}) {
        const auto written = writeTables(tables, {}, folder / name);
        EXPECT_TRUE(written) << name << ": " << written.error().message;
    }
}

TEST(Tables, leaveACellOfTheCsvEmptyWhereANumberIsNotFinite)
{
    const double infinite = std::numeric_limits<double>::infinity();
    Tables tables;
    tables.tables.push_back({.axes = {{3}},
                             .columns = {{"x", {0}, std::vector<double>{infinite, std::nan(""), 2}},
                                         {"y", {0}, std::vector<float>{1, -HUGE_VALF, 3}}}});
    EXPECT_EQ(csvText(tables, {}), "x,y\n,1\n,\n2,3\n");
    const TemporaryFolder folder;
    EXPECT_EQ(npzOf(tables, folder).numbers<double>("x")->front(), infinite);
}

TEST(Tables, layAnAxisAcrossTheColumnsOfTheCsv)
{
    Tables tables; // stored by level, written by position
    tables.tables.push_back({.axes = {{3}, {2, {"1", "2"}}},
                             .columns = {{onlyCsv("position"), {0}, counted(5, 3)},
                                         {{"level{}", "bands"}, {1, 0}, std::vector<float>{1, 2, 3, 10, 20, 30}}}});
    EXPECT_EQ(csvText(tables, {}), "position,level1,level2\n5,1,10\n6,2,20\n7,3,30\n");
    const TemporaryFolder folder;
    const NpzFile npz = npzOf(tables, folder);
    EXPECT_THAT(npz.shape("bands").value(), ElementsAre(2, 3));
    EXPECT_FALSE(npz.has("position"));
}

TEST(Tables, ofTheSameColumnsFollowEachOtherAndOthersBeginAnew)
{
    Tables tables;
    for (const int lanes : {1, 2}) {
        const auto count = static_cast<std::size_t>(lanes);
        tables.tables.push_back({.axes = {{count}},
                                 .columns = {{onlyCsv("policy"), {}, Values::one(fmt::format("p{}", lanes))},
                                             {{"lane", fmt::format("lane.{}", lanes)}, {0}, counted(0, count)}}});
    }
    tables.tables.push_back({.axes = {{0}}, .columns = {{"unit", {0}, std::vector<std::int32_t>{}}}});
    EXPECT_EQ(csvText(tables, {}), "policy,lane\np1,0\np2,0\np2,1\n\nunit\n");
    const TemporaryFolder folder;
    EXPECT_THAT(npzOf(tables, folder).numbers<std::int32_t>("lane.2").value(), ElementsAre(0, 1));
}

TEST(Tables, keepTheManifestAndFactsOnOneLineEach)
{
    Tables tables;
    tables.manifest = {{"loop", "open"}};
    tables.row({"steps", "steps"}, std::vector<std::int32_t>{3, 9});
    tables.fact(onlyNpz("unit"), 16.0);
    const TemporaryFolder folder;
    ASSERT_TRUE(writeTables(tables, {{"caption", "two\nlines"}}, folder / "T.CSV"));
    std::ifstream file(folder / "T.CSV");
    EXPECT_EQ(std::string(std::istreambuf_iterator<char>(file), {}), "# caption: two lines\n# loop: open\n# steps: 3 9\n");
    EXPECT_THAT(writeTables(tables, {}, folder / "t.txt").error().message, HasSubstr(".csv or .npz"));
}

TEST(Tables, areAddedToAnNpzUnderAPrefix)
{
    Tables inner, outer;
    inner.fact("step", 7);
    inner.tables.push_back(
        {.axes = {{2}}, .columns = {{"signal", {0}, std::vector<double>{1, 2}}, {onlyCsv("position"), {0}, counted(0, 2)}}});
    addToNpz(outer, inner, "first_");
    EXPECT_EQ(csvText(outer, {}), "");
    const TemporaryFolder folder;
    EXPECT_THAT(npzOf(outer, folder).names(), testing::UnorderedElementsAre("first_signal", "first_step", "manifest"));
}

} // namespace
} // namespace winnow
