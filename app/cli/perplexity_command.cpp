// SPDX-License-Identifier: GPL-3.0-or-later
// winnow perplexity: model folder + text + policies → the loss by position, by a protocol that is named.
#include "app/cli/commands.h"
#include "app/cli/model_options.h"
#include "app/cli/perplexity_report.h"
#include "app/cli/policy_lines.h"
#include "app/cli/text_input.h"
#include "core/model/config/model_folder.h"

#include <CLI/CLI.hpp>

namespace winnow::cli {

namespace {

struct PerplexityLine {
    std::string model, text, positions, dtype = "float32", device = "auto";
    std::vector<std::string> outs;
    PolicyLines policies;
    int tokens = 0, window = 0, stride = 0, bucket = 256;
    bool noFull = false;
};

Result<void> measure(const PerplexityLine& line, Console& console)
{
    PerplexityOptions options{.window = line.window, .stride = line.stride, .full = !line.noFull};
    WINNOW_TRY(options.policies, specsOf(line.policies, console));
    for (PolicySpec& spec : options.policies) {
        WINNOW_TRY(spec, atPositions(spec, line.positions));
    }
    RecordOptions& text = options.text;
    text.model = line.model;
    WINNOW_TRY(text.text, readText(line.text, limitsFor(line.tokens), console.job()));
    text.textName = line.text == "-" ? "standard input" : std::filesystem::path(line.text).filename().string();
    text.maxTokens = line.tokens;
    text.dtype = dtypeNamed(line.dtype);
    text.device = line.device;
    RunHooks hooks;
    hooks.planned = [&](const RunPlan& plan) {
        for (const std::string& warning : plan.warnings)
            console.warn(warning);
        console.say(fmt::format("running {} tokens under {} {}{}, {}: {}", grouped(plan.tokens), options.policies.size(),
                                options.policies.size() == 1 ? "policy" : "policies", plan.full ? " beside the full cache" : "",
                                line.dtype, plan.memory));
    };
    WINNOW_TRY(const PerplexityResult result, measurePerplexity(options, hooks, console.job()));
    WINNOW_TRY(const std::filesystem::path place, resolveModel(line.model));
    const PerplexityReport report{
        .result = result,
        .protocol = protocolOf(options),
        .bucket = line.bucket,
        .facts = {
            {"model", modelName(place)}, {"text", text.textName}, {"text_hash", contentHash(text.text)}, {"dtype", line.dtype}}};
    for (const std::string& out : line.outs)
        WINNOW_TRY_VOID(writePerplexity(report, out));
    tellPerplexity(report, console);
    for (const std::string& out : line.outs)
        console.say(fmt::format("wrote {}", out));
    return {};
}

void addProtocol(CLI::App& command, PerplexityLine& line)
{
    CLI::Option* const window =
        command
            .add_option("--window", line.window,
                        "tokens of a window, whose cache begins empty; without it the cache is carried from begin to end")
            ->type_name("N")
            ->check(CLI::Range(2, 1 << 24));
    command
        .add_option("--stride", line.stride,
                    "tokens from the start of one window to the next; of a window only the new tokens are scored (the window)")
        ->type_name("N")
        ->check(CLI::Range(1, 1 << 24))
        ->needs(window);
    command
        .add_option(
            "--positions", line.positions,
            "rotary positions of what is kept: text (its own) or slot (its place in the cache); for policies whose line does "
            "not say it")
        ->type_name("text|slot")
        ->check(CLI::IsMember({"text", "slot"}));
    command.add_option("--bucket", line.bucket, "positions per row of the table by position")
        ->type_name("N")
        ->check(CLI::Range(1, 1 << 24))
        ->capture_default_str();
    command.add_option("--tokens", line.tokens, "at most so many tokens of the text (all unless said)")
        ->type_name("N")
        ->check(CLI::PositiveNumber);
    command.add_flag("--no-full", line.noFull, "leave out the full cache, and with it the loss that a policy adds");
}

} // namespace

void addPerplexity(CLI::App& app, Chosen& chosen)
{
    auto line = std::make_shared<PerplexityLine>();
    CLI::App* command = app.add_subcommand(
        "perplexity",
        "Loss and perplexity of a text under policies, by position: in one pass, or in windows as in papers (closed loop)");
    FileOptions& files = chosen.files;
    addModel(*command, files, line->model);
    files.reads(command->add_option("--text", line->text, "a UTF-8 text file, a book for example; - for standard input"))
        ->required()
        ->type_name("FILE|-");
    addPolicyLines(*command, files, line->policies, "run");
    addProtocol(*command, *line);
    files
        .writes(command->add_option("--out", line->outs, "P.csv, P.npz or P.json; may be given more than once"),
                {{"csv", WrittenKind::Numbers}, {"npz", WrittenKind::Numbers}, {"json", WrittenKind::Numbers}})
        ->type_name("FILE")
        ->expected(1)
        ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
    addTypeAndDevice(*command, line->dtype, line->device);
    command->callback([line, &chosen] {
        if (line->stride > line->window)
            throw CLI::ParseError(fmt::format("--stride {} is more than the --window of {} tokens, so that tokens between would "
                                              "never be judged",
                                              line->stride, line->window),
                                  CLI::ExitCodes::ValidationError);
        chosen.usageIsWrongLine = true;
        chosen.work = [line](Console& console) { return measure(*line, console); };
    });
}

} // namespace winnow::cli
