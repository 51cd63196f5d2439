// SPDX-License-Identifier: GPL-3.0-or-later
// winnow check: whether the rows of a trace belong together, layer by layer.
#include "app/cli/commands.h"
#include "app/cli/trace_input.h"
#include "core/trace/trace_check.h"

#include <CLI/CLI.hpp>

namespace winnow::cli {

namespace {

struct CheckLine {
    std::string trace;
    std::optional<int> steps;
};

Result<void> checkFile(const CheckLine& line, Console& console)
{
    WINNOW_TRY_VOID(expectTrace(line.trace, "winnow check"));
    WINNOW_TRY(const std::shared_ptr<const Trace> trace, Trace::openUnchecked(line.trace));
    const TraceCheckOptions options{.steps = line.steps.value_or(usualCheckSteps(trace->info()))};
    WINNOW_TRY(const std::vector<LayerCheck> checks, checkTrace(*trace, options, console.job()));
    for (const LayerCheck& check : checks)
        console.say(fmt::format("{} layer {}: {}", check.sound ? "green" : "red  ", raw(check.layer), check.sentence));
    if (const TraceVerdict verdict = verdictOf(checks, line.trace); !verdict.sound)
        return fail(ErrorCode::BadInput, "{}", verdict.sentence);
    return {};
}

} // namespace

void addCheck(CLI::App& app, Chosen& chosen)
{
    auto line = std::make_shared<CheckLine>();
    CLI::App* command = app.add_subcommand(
        "check", "Rebuild the attention of a trace and compare it, layer by layer, with the output that was recorded");
    chosen.files.reads(command->add_option("trace", line->trace, "a trace (.h5)"))->required()->type_name("T.h5");
    command
        ->add_option("--steps", line->steps,
                     "number of steps to check, spread over the text; 0: all (all if that takes about a minute, else 512)")
        ->type_name("N")
        ->check(CLI::NonNegativeNumber);
    command->footer(
        "Prints one sentence for each layer, green if it is sound and red if not. The exit code is 1 if a layer is red.");
    command->callback([line, &chosen] { chosen.work = [line](Console& console) { return checkFile(*line, console); }; });
}

} // namespace winnow::cli
