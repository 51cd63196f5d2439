// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/figure_files.h"

#include "app/cli/answer_files.h"
#include "app/cli/file_kind.h"
#include "app/cli/resources.h"
#include "app/cli/trace_input.h"
#include "core/io/mapped_file.h"
#include "core/io/output_file.h"
#include "core/replay/replay_file.h"

#include <algorithm>

namespace winnow::cli {

namespace {

/// What a figure is made from, and how it is made.
std::string_view madeFrom(FigureNeeds needs)
{
    switch (needs) {
    case FigureNeeds::Trace:
        return "traces (winnow record)";
    case FigureNeeds::Replay:
        return "replays (winnow replay) or runs (winnow run)";
    case FigureNeeds::Both:
        return "a replay (winnow replay) and its trace (winnow record)";
    case FigureNeeds::Runs:
        return "replays (winnow replay) and runs (winnow run)";
    case FigureNeeds::Answers:
        return "answers (winnow ask)";
    case FigureNeeds::Cells:
        return "results of sweeps (winnow sweep)";
    }
    return {};
}

/// Of a file that is something else.
tl::unexpected<Error> otherFile(const FigureKind& figure, const std::string& path, FileKind kind)
{
    return fail(ErrorCode::BadInput, "'{}' is a {}; the figure '{}' is made from {}{}", path, kindName(kind), figure.name,
                madeFrom(figure.needs), figure.cells ? fmt::format(", or from {}", madeFrom(FigureNeeds::Cells)) : "");
}

Result<FigureInputs> openRecordings(const FigureKind& figure, const std::vector<std::string>& paths, Console& console)
{
    FigureInputs inputs;
    for (const std::string& path : paths) {
        WINNOW_TRY(const FileKind kind, fileKind(path));
        if (kind == FileKind::Trace) {
            WINNOW_TRY(std::shared_ptr<const Trace> trace, openTrace(path, console));
            inputs.traces.push_back(std::move(trace));
        } else if (kind == FileKind::Replay) {
            WINNOW_TRY(std::shared_ptr<const ReplayResult> replay, readReplay(path));
            inputs.replays.push_back(std::move(replay));
            inputs.replayNames.push_back(path);
        } else {
            return otherFile(figure, path, kind);
        }
    }
    return inputs;
}

/// By the first line of a file. Other programs may have written it again, with blanks or in another order.
bool holdsCells(std::string_view text)
{
    const std::string_view line = text.substr(0, text.find('\n'));
    return line.starts_with('{') && line.find("\"winnow_sweep\"") != std::string_view::npos;
}

bool isSweep(const std::string& path)
{
    const auto file = MappedFile::open(path);
    return file && holdsCells(file->text());
}

/// The results of all files of sweeps.
Result<std::vector<CellResult>> readCells(const std::vector<std::string>& paths)
{
    std::vector<CellResult> all;
    for (const std::string& path : paths) {
        WINNOW_TRY(const MappedFile file, MappedFile::open(path));
        if (!holdsCells(file.text()))
            return fail(ErrorCode::BadInput, "'{}' holds no results of a sweep; winnow sweep writes them", path);
        WINNOW_TRY(std::vector<CellResult> cells, parseCells(file.text(), fmt::format("'{}'", path)));
        if (cells.empty())
            return fail(ErrorCode::BadInput,
                        "'{}' holds no result that is whole, its only line was cut off; go on with winnow sweep", path);
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
        for (const std::string& path : paths)
            if (const auto found = fileKind(path); found && *found != FileKind::Text)
                return otherFile(kind, path, *found);
        WINNOW_TRY(inputs.grids, readScoreGrids(paths, console));
        return inputs;
    }
    if (kind.needs != FigureNeeds::Cells && !(kind.cells && std::ranges::any_of(paths, isSweep)))
        return openRecordings(kind, paths, console);
    WINNOW_TRY(inputs.cells, readCells(paths));
    WINNOW_TRY(inputs.papers, readPapers());
    return inputs;
}

} // namespace winnow::cli
