// SPDX-License-Identifier: GPL-3.0-or-later
// What one cell of a sweep gave: the record that `winnow sweep` appends, a line of JSON each.
//
// The line is one object. Members, those that are text unless something else is said:
//
//   winnow_sweep   1, the version of this layout (number)
//   cell           the job's name: the hash of everything that its numbers depend on (core/evaluate/sweep/sweep_cells.h)
//   model, input, policy, seed (number)   the cell's place in the plan; input names a text or a task of the plan
//   budget         as the policy's line has it: "128", "25%"; absent where the policy has none
//   measure        "perplexity", or the score as `winnow tasks` names it
//   better         "less" or "more"
//   value, low, high   the measure and its 95 % interval (numbers; null where there is none)
//   n              judged tokens, or answers (number)
//   loss, added, added_low, added_high   of texts: nats a token, and what is added to the full cache's (numbers)
//   stored_slots   slots stored per lane: of texts mean over steps, of tasks mean behind the answers (number)
//   cache_bytes    bytes of keys and values of all lanes: of texts at most, of tasks mean behind the answers (number)
//   milliseconds   of texts a step, of tasks a token of the answers (number)
//   seconds        that the cell took, its share of what it shared with others included (number)
//   protocol       an object, texts: what else a number must be read with, by names that are the same in published tables
//   version        of Winnow
//
// Absent members stand for what is not known. Lines are appended whole; a last line without its line end is one that a killed
// sweep did not finish, and does not count.
#pragma once

#include "core/base/bootstrap.h"
#include "core/base/result.h"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace winnow {

struct CellResult {
    std::string cell, model, input, policy, budget, measure, version;
    std::int64_t seed = 0;
    bool lessIsBetter = false;
    double value = 0;
    std::optional<Interval> interval;
    std::int64_t n = 0;
    std::optional<double> loss, added;
    std::optional<Interval> addedInterval;
    std::optional<double> storedSlots, cacheBytes, milliseconds, seconds;
    std::map<std::string, std::string> protocol;
};

inline constexpr std::string_view kCellBegins = "{\"winnow_sweep\":1,";

/// The result as its line, with the line end.
std::string cellLine(const CellResult& result);
/// One line; the error is the rest of a sentence that begins with the line.
Result<CellResult> parseCell(std::string_view line);

/// All whole lines of a sweep's file. Empty lines and a last one without its end are passed over. The first bad one is an error,
/// with `where` and its number.
Result<std::vector<CellResult>> parseCells(std::string_view text, std::string_view where);

} // namespace winnow
