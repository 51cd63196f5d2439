// SPDX-License-Identifier: GPL-3.0-or-later
// The commands of `winnow`, one source file each. A command adds itself to the parser with its options and says what to do
// once they are read; command_line.cpp runs it and turns its Result into an exit code.
#pragma once

#include "app/cli/console.h"
#include "app/cli/file_options.h"
#include "core/analysis/figures/figure_catalog.h"
#include "core/base/result.h"
#include "core/model/session/record.h"

#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <utility>

namespace CLI {
class App;
class Option;
} // namespace CLI

namespace winnow::cli {

/// Functions that draw figures. They need Qt, so the window's part of the program provides them; empty in a build without the
/// window.
struct FigureDoor {
    /// Draws `figure` into `out`: svg, pdf or png by its extension. Main thread.
    std::function<Result<void>(const Figure& figure, const FigureOptions& options, const std::filesystem::path& out)> draw;
    /// Draws the figures that `make` gives for each of `steps` into `out`, a moving picture (.gif). Main thread.
    std::function<Result<void>(const std::vector<int>& steps, const std::function<Result<Figure>(int step)>& make,
                               const FigureOptions& options, const std::filesystem::path& out, const JobContext& job)>
        animate;
};

using Work = std::function<Result<void>(Console&)>;

/// Filled while parsing: the work of the command that was named, and the files of its line.
struct Chosen {
    Work work;
    FigureDoor door;
    FileOptions files;
    bool usageIsWrongLine = false; ///< an error with the code Usage ends as a wrong command line does
};

void addRecord(CLI::App& app, Chosen& chosen);
void addCheck(CLI::App& app, Chosen& chosen);
void addReplay(CLI::App& app, Chosen& chosen);
void addRun(CLI::App& app, Chosen& chosen);
void addAsk(CLI::App& app, Chosen& chosen);
void addPerplexity(CLI::App& app, Chosen& chosen);
void addSweep(CLI::App& app, Chosen& chosen);
void addCompare(CLI::App& app, Chosen& chosen);
void addTune(CLI::App& app, Chosen& chosen);
void addExplain(CLI::App& app, Chosen& chosen);
void addPolicies(CLI::App& app, Chosen& chosen);
void addWavelet(CLI::App& app, Chosen& chosen);
void addAttention(CLI::App& app, Chosen& chosen);
void addFigure(CLI::App& app, Chosen& chosen);
void addExport(CLI::App& app, Chosen& chosen);
void addGenerate(CLI::App& app, Chosen& chosen);
void addTokenize(CLI::App& app, Chosen& chosen);
void addScore(CLI::App& app, Chosen& chosen);
void addTasks(CLI::App& app, Chosen& chosen);
void addReport(CLI::App& app, Chosen& chosen);
void addInfo(CLI::App& app, Chosen& chosen);
void addDemo(CLI::App& app, Chosen& chosen);

/// One of float32, bfloat16, float16; the parser lets nothing else through.
Dtype dtypeNamed(const std::string& name);

/// A table on standard output: per policy the means over lanes and steps, and the bytes after the last step.
void summarize(const ReplayResult& result, Console& console);

using IndexRange = std::pair<int, int>; ///< first and last, inclusive

/// Writes a figure: its numbers (csv, npz) or, through the door, its picture (svg, pdf, png).
Result<void> saveFigure(const FigureDoor& door, const Figure& figure, const FigureOptions& options,
                        const std::filesystem::path& out);

/// An option that takes "a-b" or one number, both inclusive; anything else is a wrong command line.
CLI::Option* addRange(CLI::App& command, const std::string& name, std::optional<IndexRange>& range, const std::string& help);

} // namespace winnow::cli
