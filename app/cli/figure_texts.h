// SPDX-License-Identifier: GPL-3.0-or-later
// Recordings of many texts for one figure, made one at a time and thrown away: `winnow figure treekv-2 --texts FILE.jsonl`.
#pragma once

#include "app/cli/console.h"
#include "core/analysis/figures/figure.h"
#include "core/model/session/record.h"

#include <filesystem>
#include <string>
#include <vector>

namespace winnow::cli {

struct TextsOptions {
    std::string texts; ///< JSON lines: {"text": "…"} or "…"; - for standard input
    std::string model; ///< empty = the demo model
    int tokens = 512;  ///< of each text; shorter texts are left out, with one warning that counts them
    Dtype dtype = Dtype::Float32;
    std::string device = "auto";
};

/// The texts of a file of JSON lines, in order; empty lines are passed over. Errors name the line.
Result<std::vector<std::string>> parseTexts(std::string_view lines, std::string_view where);

/// The series records text after text into a folder of its own among the system's temporary files; a recording is removed as soon
/// as it is opened, the folder with the series. `console` outlives it.
Result<TraceSeries> recordTexts(const TextsOptions& options, Console& console);

} // namespace winnow::cli
