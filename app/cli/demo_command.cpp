// SPDX-License-Identifier: GPL-3.0-or-later
// winnow demo: what the window shows at its first start, without a display: the demo model recorded over a sample text, six
// policies replayed, figures and tables written to a folder.
#include "app/cli/commands.h"
#include "app/cli/demo.h"
#include "app/cli/resources.h"
#include "core/model/session/record.h"
#include "core/replay/replay.h"
#include "core/replay/replay_file.h"

#include <CLI/CLI.hpp>

namespace winnow::cli {

namespace fs = std::filesystem;

namespace {

/// A csv of these would be larger than the trace.
std::vector<std::string> kindsOf(std::string_view figure, const FigureDoor& door)
{
    std::vector<std::string> kinds{figure == "attention" || figure == "retention" || figure == "coherence" ? ".npz" : ".csv"};
    if (door.draw)
        kinds.insert(kinds.end(), {".svg", ".pdf", ".png"});
    return kinds;
}

/// The demo runs no policy for real and asks no questions.
std::vector<const FigureKind*> demoFigures()
{
    std::vector<const FigureKind*> figures;
    for (const FigureKind& figure : figureCatalog())
        if (figure.needs != FigureNeeds::Runs && !isOfResults(figure.needs))
            figures.push_back(&figure);
    return figures;
}

/// A sentence for the first file of the demo that would take the place of somebody's.
Result<void> checkAll(const fs::path& folder, const FigureDoor& door)
{
    for (const auto& [name, kind] : {std::pair("trace.h5", WrittenKind::Trace), std::pair("replay.h5", WrittenKind::Replay),
                                     std::pair("replay.npz", WrittenKind::Replay), std::pair("replay.csv", WrittenKind::Numbers)})
        WINNOW_TRY_VOID(checkOutput(folder / name, {}, kind));
    for (const FigureKind* figure : demoFigures())
        for (const std::string& kind : kindsOf(figure->name, door))
            WINNOW_TRY_VOID(checkOutput(folder / (std::string(figure->name) + kind), {},
                                        kind == ".csv" || kind == ".npz" ? WrittenKind::Numbers : WrittenKind::Picture));
    return {};
}

Result<void> drawAll(const FigureInputs& inputs, const fs::path& folder, const FigureDoor& door, Console& console)
{
    const auto catalog = demoFigures();
    for (std::size_t i = 0; i < catalog.size(); ++i) {
        const std::string name(catalog[i]->name);
        FigureOptions options;
        if (name == "attention") {
            options.layer = raw(inputs.traces.front()->info().layers.back());
            options.head = 0;
        }
        const double begin = 0.7 + 0.3 * static_cast<double>(i) / static_cast<double>(catalog.size());
        WINNOW_TRY(const Figure figure, makeFigure(*catalog[i], inputs, options, console.job(begin, begin)));
        for (const std::string& kind : kindsOf(name, door)) {
            WINNOW_TRY_VOID(saveFigure(door, figure, options, folder / (name + kind)));
            WINNOW_TRY_VOID(console.job().check("the demo"));
        }
    }
    return {};
}

Result<void> demo(const fs::path& folder, const FigureDoor& door, Console& console)
{
    std::error_code error;
    fs::create_directories(folder, error);
    if (error)
        return fail(ErrorCode::Io, "the folder '{}' cannot be made ({}); choose another with --out", folder.string(),
                    error.message());
    WINNOW_TRY_VOID(checkAll(folder, door));
    WINNOW_TRY(RecordOptions recording, demoRecording(folder / "trace.h5"));
    WINNOW_TRY_VOID(record(recording, {}, console.job(0, 0.4)));
    FigureInputs inputs;
    WINNOW_TRY(const std::shared_ptr<const Trace> trace, Trace::open(recording.out));
    inputs.traces.push_back(trace);

    WINNOW_TRY(const std::vector<PolicySpec> specs, demoPolicies());
    ReplayOptions options;
    options.prompt = demoPrompt(trace->tokenCount());
    WINNOW_TRY(const std::shared_ptr<const ReplayResult> replayed, replay(*trace, specs, options, console.job(0.4, 0.7)));
    inputs.replays.push_back(replayed);
    for (const char* name : {"replay.h5", "replay.npz", "replay.csv"})
        WINNOW_TRY_VOID(writeReplay(*replayed, folder / name));
    WINNOW_TRY_VOID(drawAll(inputs, folder, door, console));
    summarize(*replayed, console);
    console.say(
        fmt::format("wrote the trace, the replay, its tables and {} figures to {}", demoFigures().size(), folder.string()));
    return {};
}

} // namespace

void addDemo(CLI::App& app, Chosen& chosen)
{
    auto out = std::make_shared<std::string>("winnow-out");
    CLI::App* command =
        app.add_subcommand("demo", "Record the demo model, replay six policies, write figures and tables to a folder");
    command->add_option("--out", *out, "the folder to write to")->type_name("DIR")->capture_default_str();
    command->callback(
        [out, &chosen] { chosen.work = [out, door = chosen.door](Console& console) { return demo(*out, door, console); }; });
}

} // namespace winnow::cli
