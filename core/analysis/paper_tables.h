// SPDX-License-Identifier: GPL-3.0-or-later
// Tables of published papers as data, and a sweep's results beside them. Pure, any thread, free of Torch and Qt.
#pragma once

#include "core/io/cell_result.h"

#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace winnow {

/// One number of a table, with all that it must be read with.
struct PaperCell {
    std::string input;          ///< what was read or asked: "pg19", "qasper", "needle"
    std::string measure;        ///< as a sweep names it: "perplexity", or a score of `winnow tasks`
    std::string policy, budget; ///< a policy's name; slots, "" where it has none
    double value = 0;
    std::map<std::string, std::string> protocol; ///< model, dtype, length, stride … by the names that a sweep's results have
};

struct PaperTable {
    std::string name, title, source, note, unit;
    bool lessIsBetter = false;
    std::vector<PaperCell> cells;
};

/// resources/papers/tables.json: an object with "tables", a list; of each "name", "title", "source", "note", "unit", "better"
/// ("less" or "more"), and "input", "measure" and "protocol", which hold for all "cells" that do not say their own. A cell has
/// "policy", "value" and, where there is one, "budget". `where` opens every error sentence.
Result<std::vector<PaperTable>> parsePaperTables(std::string_view text, std::string_view where);

/// A cell of a sweep beside the number of a paper that differs from it in the fewest fields.
struct PaperBeside {
    /// A field in which the two differ; "not said" where one of them does not tell it.
    struct Difference {
        std::string field, paper, yours;
    };
    struct Row {
        std::string table, unit;
        PaperCell paper;
        CellResult yours;
        std::vector<Difference> differences;
    };
    std::vector<Row> rows;            ///< by table, then in the order of the cells
    std::vector<std::string> refused; ///< a sentence for every table that has nothing to be set beside, with the reason
};

/// Only what measures the same text or task by the same measure, under a policy of the same name, is set beside; every other
/// field may differ, and is then marked.
PaperBeside besidePapers(std::span<const PaperTable> tables, std::span<const CellResult> cells);

} // namespace winnow
