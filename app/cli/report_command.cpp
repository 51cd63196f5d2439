// SPDX-License-Identifier: GPL-3.0-or-later
// winnow report: a replay or run as one page of HTML to share.
#include "app/cli/commands.h"
#include "app/cli/file_kind.h"
#include "app/cli/report_page.h"
#include "app/cli/resources.h"
#include "app/cli/session_file.h"
#include "app/cli/trace_input.h"
#include "core/analysis/report/report.h"
#include "core/io/atomic_file.h"
#include "core/io/disk.h"
#include "core/io/mapped_file.h"
#include "core/replay/replay_file.h"

#include <CLI/CLI.hpp>

#include <algorithm>

namespace winnow::cli {

namespace fs = std::filesystem;

namespace {

struct ReportLine {
    std::vector<std::string> inputs;
    std::string out, title;
    std::vector<int> policies;
    std::optional<int> step;
};

struct ReportInputs {
    fs::path replay, trace;
    ReportOptions options;
};

Result<std::string> fileText(const fs::path& path)
{
    WINNOW_TRY(const MappedFile file, MappedFile::open(path));
    return std::string(file.text());
}

/// Of a session its files, and what was looked at in it.
Result<ReportInputs> inputsOfSession(const fs::path& path)
{
    WINNOW_TRY(const std::string text, fileText(path));
    const std::string where = fmt::format("session '{}'", path.string());
    WINNOW_TRY(const SessionFile session, parseSessionFile(text, where));
    ReportInputs inputs{.replay = pathIn(session.replay, path), .trace = pathIn(session.trace, path)};
    for (const auto& [file, what] : {std::pair(&inputs.trace, "recording"), std::pair(&inputs.replay, "replay")})
        if (file->empty())
            return fail(ErrorCode::NotFound, "{} has no {} in a file; save it from the window first, or give R.h5 and T.h5",
                        where, what);
    const SessionSelection& look = session.selection;
    int focus = 0, reference = 0;
    for (int policy = 0; policy < static_cast<int>(session.policies.size()); ++policy) {
        if (static_cast<std::size_t>(policy) < look.hidden.size() && look.hidden[static_cast<std::size_t>(policy)])
            continue;
        const int place = static_cast<int>(inputs.options.policies.size());
        focus = policy == look.focus ? place : focus;
        reference = policy == look.reference ? place : reference;
        inputs.options.policies.push_back(policy);
    }
    inputs.options.focus = focus;
    inputs.options.reference = reference;
    inputs.options.difference = look.difference;
    inputs.options.step = look.step;
    inputs.options.token = look.token;
    for (const SessionSpan& span : look.spans)
        inputs.options.marks.push_back({span.tokens.begin, span.tokens.end, span.name});
    return inputs;
}

/// A session, or a replay and its recording in any order.
Result<ReportInputs> inputsOf(const ReportLine& line)
{
    ReportInputs inputs;
    for (const std::string& typed : line.inputs) {
        WINNOW_TRY(const FileKind kind, fileKind(typed));
        if (kind == FileKind::Session && line.inputs.size() == 1)
            return inputsOfSession(typed);
        fs::path* const place = kind == FileKind::Replay ? &inputs.replay : kind == FileKind::Trace ? &inputs.trace : nullptr;
        if (!place || !place->empty())
            return fail(ErrorCode::Usage, "'{}' is a {}; give one replay and its recording, or one session alone", typed,
                        kindName(kind));
        *place = typed;
    }
    if (inputs.replay.empty() || inputs.trace.empty())
        return fail(ErrorCode::Usage, "the {} is missing: give a replay and the recording that was replayed, R.h5 T.h5",
                    inputs.replay.empty() ? "replay" : "recording");
    return inputs;
}

Result<void> writeReport(const ReportLine& line, Console& console)
{
    WINNOW_TRY(ReportInputs inputs, inputsOf(line));
    WINNOW_TRY_VOID(checkOutput(line.out, std::vector{inputs.replay, inputs.trace}, WrittenKind::Report));
    WINNOW_TRY(const ReportTemplate files, reportTemplate());
    WINNOW_TRY(const std::shared_ptr<const Trace> trace, openTrace(inputs.trace, console));
    WINNOW_TRY(const std::shared_ptr<const ReplayResult> replay, readReplay(inputs.replay));
    if (!line.policies.empty()) {
        inputs.options.policies.clear();
        for (const int number : line.policies)
            inputs.options.policies.push_back(number - 1);
        inputs.options.focus = 0;
        inputs.options.reference.reset();
    }
    inputs.options.title = line.title;
    if (line.step)
        inputs.options.step = line.step;
    if (const int tokens = static_cast<int>(replay->tokenIds.size()); line.step.value_or(0) >= std::max(1, tokens))
        return fail(ErrorCode::Usage, "step {} does not exist: this replay has the steps 0 to {}", *line.step, tokens - 1);
    if (trace->info().tokens != replay->tokenIds)
        return fail(ErrorCode::BadInput,
                    "'{}', of {} tokens, is not the recording of '{}', of {}; give the recording that was replayed",
                    inputs.trace.string(), trace->tokenCount(), inputs.replay.string(), replay->tokenIds.size());
    WINNOW_TRY(const std::string page, reportPage(*replay, trace->info(), inputs.options, files, console.job()));
    WINNOW_TRY_VOID(writeFileAtomically(line.out, page));
    console.say(
        fmt::format("wrote {}, {}: one page that needs nothing else; open it in a browser", line.out, sizeText(page.size())));
    return {};
}

} // namespace

Result<ReportTemplate> reportTemplate()
{
    const fs::path folder = resourcesFolder() / "report";
    ReportTemplate files;
    WINNOW_TRY(files.page, fileText(folder / "page.html"));
    WINNOW_TRY(files.style, fileText(folder / "page.css"));
    for (const char* part : {"numbers.js", "colors.js", "maps.js", "words.js", "page.js"}) { // each builds on those before
        WINNOW_TRY(const std::string script, fileText(folder / part));
        files.script += script;
    }
    return files;
}

void addReport(CLI::App& app, Chosen& chosen)
{
    auto line = std::make_shared<ReportLine>();
    CLI::App* command =
        app.add_subcommand("report", "A replay or run as one page of HTML to share: maps, deck, text, numbers, manifest");
    chosen.files
        .reads(command->add_option("inputs", line->inputs, "a replay or run and its recording, or a session of the window"))
        ->required()
        ->expected(1, 2)
        ->type_name("R.h5 T.h5|S.winnow");
    command->add_option("--policies", line->policies, "only these policies of the replay, counted from 1 (all unless said)")
        ->type_name("N,…")
        ->delimiter(',')
        ->check(CLI::PositiveNumber);
    command->add_option("--step", line->step, "the step that the page opens at (the last unless said)")
        ->type_name("T")
        ->check(CLI::NonNegativeNumber);
    command->add_option("--title", line->title, "the title of the page (the model and the text's first words unless said)")
        ->type_name("TEXT");
    chosen.files.writes(command->add_option("--out", line->out, "the page"), {{"html", WrittenKind::Report}})
        ->required()
        ->type_name("F.html");
    command->callback([line, &chosen] {
        chosen.usageIsWrongLine = true;
        chosen.work = [line](Console& console) { return writeReport(*line, console); };
    });
}

} // namespace winnow::cli
