// SPDX-License-Identifier: GPL-3.0-or-later
// Results of a sweep that nobody measured, and a table of a paper that nobody wrote.
#pragma once

#include "core/analysis/paper_tables.h"

#include <cmath>

namespace winnow::testing_support {

/// A cell that measured the perplexity of the text "pg19".
inline CellResult sweepCell(const std::string& policy, const std::string& budget, double value, double bytes, double milliseconds)
{
    return {.cell = policy + budget,
            .model = "demo",
            .input = "pg19",
            .policy = budget.empty() ? policy : policy + ":budget=" + budget,
            .budget = budget,
            .measure = "perplexity",
            .seed = 1,
            .lessIsBetter = true,
            .value = value,
            .interval = Interval{value * 0.9, value * 1.2},
            .n = 99,
            .cacheBytes = bytes,
            .milliseconds = milliseconds,
            .protocol = {{"length", "4096"}, {"loop", "closed"}, {"dtype", "float32"}}};
}

inline std::vector<CellResult> sweepResults()
{
    return {sweepCell("full", "", 10, 9000, 3),  sweepCell("window", "64", 40, 1000, 2), sweepCell("window", "128", 30, 2000, 2),
            sweepCell("h2o", "64", 15, 1000, 4), sweepCell("h2o", "128", 12, 2000, 5),   sweepCell("treekv", "25%", 11, 2500, 4)};
}

inline std::vector<PaperTable> paperTables()
{
    const std::map<std::string, std::string> protocol{{"model", "Llama-2-7B"}, {"dtype", "float32"}, {"length", "4096"}};
    PaperTable table{
        .name = "paper-1", .title = "Paper, Table 1", .source = "A paper", .unit = "perplexity", .lessIsBetter = true};
    table.cells = {{"pg19", "perplexity", "h2o", "128", 7.06, protocol},
                   {"pg19", "perplexity", "h2o", "1024", 7.01, protocol},
                   {"pg19", "perplexity", "full", "", 6.84, protocol}};
    return {table};
}

} // namespace winnow::testing_support
