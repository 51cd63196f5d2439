// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/figure_files.h"

#include "app/cli/answer_files.h"
#include "app/cli/file_kind.h"
#include "app/cli/resources.h"
#include "core/io/mapped_file.h"
#include "core/io/output_file.h"
#include "core/replay/replay_file.h"

#include <algorithm>

namespace winnow::cli {

namespace {

Result<FigureInputs> openRecordings(const std::vector<std::string>& paths, Console& console)
{
    FigureInputs inputs;
    for (const std::string& path : paths) {
        WINNOW_TRY(const FileKind kind, fileKind(path));
        if (kind == FileKind::Trace) {
            WINNOW_TRY(std::shared_ptr<const Trace> trace, Trace::open(path));
            if (!trace->info().complete)
                console.warn(fmt::format("'{}' was cut short while recording; its first {} tokens are used", path,
                                         grouped(trace->tokenCount())));
            inputs.traces.push_back(std::move(trace));
        } else if (kind == FileKind::Replay) {
            WINNOW_TRY(std::shared_ptr<const ReplayResult> replay, readReplay(path));
            inputs.replays.push_back(std::move(replay));
        } else {
            return fail(ErrorCode::BadInput,
                        "'{}' is a {}; a figure is made from traces (winnow record) or replays (winnow replay)", path,
                        kindName(kind));
        }
    }
    return inputs;
}

bool isSweep(const std::string& path) { return writtenKind(path) == WrittenKind::Cells; }

/// The results of all files of sweeps.
Result<std::vector<CellResult>> readCells(const std::vector<std::string>& paths)
{
    std::vector<CellResult> all;
    for (const std::string& path : paths) {
        WINNOW_TRY(const MappedFile file, MappedFile::open(path));
        if (!isSweep(path))
            return fail(ErrorCode::BadInput, "'{}' holds no results of a sweep; winnow sweep writes them", path);
        WINNOW_TRY(std::vector<CellResult> cells, parseCells(file.text(), fmt::format("'{}'", path)));
        std::ranges::move(cells, std::back_inserter(all));
    }
    return all;
}

/// The published tables that come with the program.
Result<std::vector<PaperTable>> readPapers()
{
    const std::filesystem::path path = resourcesFolder() / "papers" / "tables.json";
    WINNOW_TRY(const MappedFile file, MappedFile::open(path));
    return parsePaperTables(file.text(), fmt::format("'{}'", path.string()));
}

} // namespace

Result<FigureInputs> openFigureInputs(const FigureKind& kind, const std::vector<std::string>& paths, Console& console)
{
    FigureInputs inputs;
    if (kind.needs == FigureNeeds::Answers) {
        WINNOW_TRY(inputs.grids, readScoreGrids(paths, console));
        return inputs;
    }
    if (kind.needs != FigureNeeds::Cells && !(kind.cells && std::ranges::any_of(paths, isSweep)))
        return openRecordings(paths, console);
    WINNOW_TRY(inputs.cells, readCells(paths));
    WINNOW_TRY(inputs.papers, readPapers());
    return inputs;
}

} // namespace winnow::cli
