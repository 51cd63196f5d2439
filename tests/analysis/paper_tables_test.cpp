// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/analysis/paper_tables.h"

#include "core/analysis/figures/figure_catalog.h"
#include "core/io/mapped_file.h"
#include "tests/support/sweep_results.h"

#include <gmock/gmock.h>

#include <algorithm>

namespace winnow {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing_support::paperTables;
using testing_support::sweepCell;
using testing_support::sweepResults;

std::vector<PaperTable> published()
{
    const auto file = MappedFile::open(std::string(WINNOW_RESOURCES) + "/papers/tables.json");
    EXPECT_TRUE(file);
    auto tables = parsePaperTables(file->text(), "'tables.json'");
    EXPECT_TRUE(tables) << tables.error().message;
    return std::move(*tables);
}

const PaperTable& tableNamed(const std::vector<PaperTable>& tables, const std::string& name)
{
    return *std::ranges::find(tables, name, &PaperTable::name);
}

std::string fieldsOf(const PaperBeside::Row& row)
{
    std::string text;
    for (const PaperBeside::Difference& one : row.differences)
        text += fmt::format("{} {}/{};", one.field, one.paper, one.yours);
    return text;
}

TEST(PaperTables, ofTheProgramAreWholeAndTellTheirProtocol)
{
    const auto tables = published();
    std::vector<std::string> names;
    for (const PaperTable& table : tables) {
        names.push_back(table.name);
        for (const PaperCell& cell : table.cells)
            EXPECT_EQ(cell.budget.empty(), cell.policy == "full") << table.name;
    }
    EXPECT_THAT(names, ElementsAre("treekv-1", "treekv-2", "treekv-3", "streamingllm-1", "streamingllm-2", "streamingllm-3",
                                   "streamingllm-5", "streamingllm-6", "pyramidkv-longbench", "pyramidkv-trec", "pyramidkv-15",
                                   "dynamickv-longbench", "dynamickv-needle"));
    // The means of TreeKV's third table, as the paper prints them.
    const PaperTable& third = tableNamed(tables, "treekv-3");
    EXPECT_EQ(third.cells.size(), 7U * 16);
    const auto meanOf = [&](const std::string& policy, const std::string& budget) {
        double sum = 0;
        int count = 0;
        for (const PaperCell& cell : third.cells)
            if (cell.policy == policy && cell.budget == budget) {
                sum += cell.value;
                ++count;
            }
        EXPECT_EQ(count, 16) << policy << budget;
        return sum / count;
    };
    EXPECT_NEAR(meanOf("h2o", "2048"), 30.23, 0.006);
    EXPECT_NEAR(meanOf("snapkv", "2048"), 31.50, 0.006);
    EXPECT_NEAR(meanOf("treekv", "2048"), 31.70, 0.006);
    EXPECT_NEAR(meanOf("h2o", "8192"), 32.79, 0.006);
    EXPECT_NEAR(meanOf("snapkv", "8192"), 32.04, 0.006);
    EXPECT_NEAR(meanOf("treekv", "8192"), 32.80, 0.006);
    const PaperTable& first = tableNamed(tables, "treekv-1");
    EXPECT_EQ(first.cells.size(), 13U);
    EXPECT_EQ(first.cells.back().value, 6.91);
    EXPECT_EQ(first.cells.back().protocol.at("length"), "16384");
    EXPECT_EQ(first.cells.back().protocol.at("positions"), "slot");
}

TEST(PaperTables, refuseWhatTheyCannotRead)
{
    const auto wrong = [](const std::string& text) { return parsePaperTables(text, "'t.json'").error().message; };
    const std::string head = R"({"format": "winnow-papers", "tables": [)";
    EXPECT_THAT(wrong("{}"), HasSubstr("'t.json' holds no tables of papers"));
    EXPECT_THAT(wrong(head + "{}]}"), HasSubstr("'t.json', tables[0] has no text in its member 'name'"));
    const std::string table = R"({"name": "a", "title": "A", "source": "S", "unit": "u", "input": "x", "measure": "m")";
    EXPECT_THAT(wrong(head + table + "}]}"), HasSubstr("tables[0] has no cells"));
    EXPECT_THAT(wrong(head + table + R"(, "cells": [{"policy": "nobody", "value": 1}]}]})"), HasSubstr("cells[0] lacks one of"));
    const std::string whole = table + R"(, "cells": [{"policy": "full", "value": 1}]})";
    EXPECT_THAT(wrong(head + whole + ", " + whole + "]}"), HasSubstr("two tables of the name 'a'"));
}

TEST(BesidePapers, takesTheNearestCellAndMarksEveryFieldThatDiffers)
{
    const auto beside = besidePapers(paperTables(), sweepResults());
    std::vector<std::string> rows;
    for (const PaperBeside::Row& row : beside.rows)
        rows.push_back(fmt::format("{} {} {} | {}", row.yours.policy, row.paper.budget, row.paper.value, fieldsOf(row)));
    EXPECT_THAT(rows, ElementsAre("full  6.84 | model Llama-2-7B/demo;",
                                  "h2o:budget=64 128 7.06 | budget 128/64;model Llama-2-7B/demo;",
                                  "h2o:budget=128 128 7.06 | model Llama-2-7B/demo;"));
    EXPECT_THAT(beside.refused, IsEmpty());
}

TEST(BesidePapers, marksWhatOneOfBothDoesNotTell)
{
    auto tables = paperTables();
    tables[0].cells[0].protocol["samples"] = "100 books";
    tables[0].cells[0].protocol.erase("dtype");
    tables[0].cells.resize(1);
    const auto beside = besidePapers(tables, std::vector<CellResult>{sweepCell("h2o", "128", 9, 1, 1)});
    ASSERT_EQ(beside.rows.size(), 1U);
    EXPECT_EQ(fieldsOf(beside.rows[0]), "dtype not said/float32;model Llama-2-7B/demo;samples 100 books/not said;");
}

TEST(BesidePapers, refusesWhatCannotBeCompared)
{
    auto cells = sweepResults();
    const auto why = [&](const std::string& table) {
        const auto tables = published();
        const auto beside = besidePapers(std::span(&tableNamed(tables, table), 1), cells);
        EXPECT_THAT(beside.rows, IsEmpty());
        return beside.refused.empty() ? std::string() : beside.refused.front();
    };
    EXPECT_EQ(why("treekv-2"),
              "treekv-2 is about openwebtext2, and the sweep about pg19: another text or task. Where one of these is "
              "the same, give it that name in the plan");
    for (CellResult& cell : cells) {
        cell.input = "needle";
        cell.measure = "exact";
    }
    EXPECT_EQ(why("dynamickv-needle"), "dynamickv-needle measures kvcf-recall (in per cent), and the sweep exact: other numbers, "
                                       "which do not stand beside each other");
    cells = {sweepCell("random", "64", 1, 1, 1)};
    EXPECT_THAT(why("treekv-1"),
                HasSubstr("treekv-1 has full, h2o, streaming, tova, treekv, and the sweep none of these policies"));
}

TEST(PaperVsYours, isAFigureWithTheReasonsOfWhatIsRefused)
{
    const auto figure = makeFigure("paper-vs-yours", {.cells = sweepResults(), .papers = published()}, {}, {});
    ASSERT_TRUE(figure) << figure.error().message;
    const std::string csv = csvText(figure->numbers.tables(), figure->manifest);
    EXPECT_THAT(csv, testing::AllOf(HasSubstr("# refused: treekv-2 is about"),
                                    HasSubstr("table,input,measure,unit,model,policy,"), HasSubstr("model: Llama-2-7B / demo")));
    const FigureInputs inputs{.cells = sweepResults(), .papers = published()};
    EXPECT_THAT(makeFigure("paper-vs-yours", inputs, {.paper = "treekv-9"}, {}).error().message,
                HasSubstr("the nearest is 'treekv-1'"));
    EXPECT_THAT(makeFigure("paper-vs-yours", inputs, {.paper = "treekv-2"}, {}).error().message,
                HasSubstr("nothing of the sweep can be set beside a paper: treekv-2 is about"));
    EXPECT_THAT(makeFigure("paper-vs-yours", {}, {}, {}).error().message, HasSubstr("needs results of a sweep"));
}

} // namespace
} // namespace winnow
