// SPDX-License-Identifier: GPL-3.0-or-later
// winnow export: what a view of a saved session shows, as a picture or as numbers, without a window.
#include "app/cli/commands.h"
#include "app/cli/session_file.h"
#include "app/cli/shown_layers.h"
#include "core/io/mapped_file.h"
#include "core/replay/replay.h"
#include "core/replay/replay_file.h"

#include <CLI/CLI.hpp>

namespace winnow::cli {

namespace {

struct ExportLine {
    std::string session, view, out;
    std::optional<double> width, dpi;
};

namespace fs = std::filesystem;

/// Where the file is: beside the session as it was, else where it was.
fs::path placeOf(const SessionPath& path, const fs::path& session)
{
    std::error_code error;
    const fs::path beside = session.parent_path() / path.relative;
    return !path.relative.empty() && fs::exists(beside, error) ? beside : fs::path(path.absolute);
}

bool isThere(const fs::path& path)
{
    std::error_code error;
    return !path.empty() && fs::exists(path, error);
}

/// The figure of the view as the session tells it.
Result<FigureRequest> figureOf(const SessionFile& session, const ExportLine& line)
{
    const auto found = session.figures.find(line.view);
    if (found == session.figures.end()) {
        std::string views;
        for (const auto& [name, words] : session.figures)
            views += (views.empty() ? "" : ", ") + name;
        return views.empty()
                   ? fail(ErrorCode::NotFound,
                          "the session '{}' does not say what its views show; open it in the window and save it again",
                          line.session)
                   : fail(ErrorCode::NotFound, "the session '{}' has no view '{}'; it has {}", line.session, line.view, views);
    }
    auto request = figureOfArguments(found->second);
    if (!request)
        return fail(ErrorCode::BadInput, "session '{}': the figure of the view '{}' cannot be made: {}", line.session, line.view,
                    request.error().message);
    request->options.width = line.width.value_or(request->options.width);
    request->options.dpi = line.dpi.value_or(request->options.dpi);
    return request;
}

/// The replay of the session: the one stored with it where it holds these policies, else they are replayed.
Result<std::shared_ptr<const ReplayResult>> replayOf(const SessionFile& session, const fs::path& file,
                                                     const std::shared_ptr<const Trace>& trace, Console& console)
{
    if (const fs::path path = placeOf(session.replay, file); isThere(path)) {
        WINNOW_TRY(std::shared_ptr<const ReplayResult> stored, readReplay(path));
        const auto same = [](const PolicySpec& spec, const std::shared_ptr<const PolicyReplay>& policy) {
            return spec.canonical() == policy->spec.canonical();
        };
        const bool fits = stored->prompt == session.prompt && std::equal(session.policies.begin(), session.policies.end(),
                                                                         stored->policies.begin(), stored->policies.end(), same);
        if (fits || !trace)
            return stored;
    }
    if (!trace)
        return fail(ErrorCode::NotFound, "the recording of the session '{}' is not there any more, and neither is a replay",
                    file.string());
    console.say(fmt::format("replaying {} policies", session.policies.size()));
    return replay(*shownLayers(trace, nullptr).trace, session.policies, {.prompt = session.prompt}, console.job());
}

/// The runs in the model that the window shows beside the replays; null where the session has none of this prompt and text.
Result<std::shared_ptr<const ReplayResult>> runsOf(const SessionFile& session, const fs::path& file, const ReplayResult& replayed)
{
    const fs::path path = placeOf(session.runs, file);
    if (!isThere(path))
        return nullptr;
    WINNOW_TRY(std::shared_ptr<const ReplayResult> runs, readReplay(path));
    const bool fits = runs->prompt == replayed.prompt && runs->layers == replayed.layers && runs->tokenIds == replayed.tokenIds;
    return fits ? runs : nullptr;
}

Result<void> exportView(const ExportLine& line, const FigureDoor& door, Console& console)
{
    const fs::path file = fs::absolute(line.session);
    WINNOW_TRY(const MappedFile bytes, MappedFile::open(file));
    WINNOW_TRY(const SessionFile session, parseSessionFile(bytes.text(), fmt::format("session '{}'", line.session)));
    WINNOW_TRY(const FigureRequest request, figureOf(session, line));
    WINNOW_TRY(const FigureKind* kind, findFigure(request.name));
    const FigureNeeds needs = needsOf(*kind, request.options);
    std::shared_ptr<const Trace> trace;
    if (const fs::path path = placeOf(session.trace, file); isThere(path)) {
        WINNOW_TRY(trace, Trace::open(path));
    } else if (needs == FigureNeeds::Trace || needs == FigureNeeds::Both) {
        return fail(ErrorCode::NotFound, "the recording '{}' of this session is not there any more, and the view '{}' needs it",
                    path.string(), line.view);
    }
    FigureInputs inputs;
    if (trace)
        inputs.traces.push_back(trace);
    if (needs != FigureNeeds::Trace) {
        WINNOW_TRY(const std::shared_ptr<const ReplayResult> replayed, replayOf(session, file, trace, console));
        inputs.replays.push_back(replayed);
        WINNOW_TRY(const std::shared_ptr<const ReplayResult> runs, runsOf(session, file, *replayed));
        if (runs)
            inputs.replays.push_back(runs);
        else if (needs == FigureNeeds::Runs)
            return fail(ErrorCode::NotFound,
                        "the session '{}' has no runs of its policies any more, and the view '{}' needs them", line.session,
                        line.view);
    }
    WINNOW_TRY(const Figure figure, makeFigure(*kind, inputs, request.options, console.job()));
    WINNOW_TRY_VOID(saveFigure(door, figure, request.options, line.out));
    console.say(fmt::format("wrote {}", line.out));
    return {};
}

} // namespace

void addExport(CLI::App& app, Chosen& chosen)
{
    auto line = std::make_shared<ExportLine>();
    CLI::App* command = app.add_subcommand("export", "What a view of a saved session shows, as a picture or as numbers");
    chosen.files.reads(command->add_option("session", line->session, "a session, as the window saves it"))
        ->required()
        ->type_name("S.winnow");
    command->add_option("--view", line->view, "maps, deck, text, lanes, quality, token, attention, wavelet or drift")
        ->required()
        ->type_name("NAME");
    command
        ->add_option("--width", line->width, "inches: 3.25 is a column, 5.5 a text, 6.75 a page (as in the session unless said)")
        ->type_name("INCHES");
    command->add_option("--dpi", line->dpi, "dots per inch of a PNG, and of maps inside SVG and PDF")->type_name("N");
    chosen.files
        .writes(command->add_option("--out", line->out, "F.svg, F.pdf, F.png (pictures), F.csv or F.npz (numbers)"),
                {{"svg", WrittenKind::Picture},
                 {"pdf", WrittenKind::Picture},
                 {"png", WrittenKind::Picture},
                 {"csv", WrittenKind::Numbers},
                 {"npz", WrittenKind::Numbers}})
        ->required()
        ->type_name("FILE");
    command->callback([line, &chosen] {
        chosen.work = [line, door = chosen.door](Console& console) { return exportView(*line, door, console); };
    });
}

} // namespace winnow::cli
