// SPDX-License-Identifier: GPL-3.0-or-later
// winnow run: model folder + text + policies → what each policy keeps in the model's own cache, and what that costs.
#include "app/cli/chat_option.h"
#include "app/cli/commands.h"
#include "app/cli/model_options.h"
#include "app/cli/policy_lines.h"
#include "app/cli/run_summary.h"
#include "app/cli/text_input.h"
#include "app/cli/trace_input.h"
#include "core/evaluate/run.h"
#include "core/replay/replay_file.h"

#include <CLI/CLI.hpp>

namespace winnow::cli {

namespace {

struct RunLine {
    std::string model, text, trace, dtype = "float32", device = "auto";
    std::vector<std::string> outs;
    PolicyLines policies;
    ChatLine chat;
    int prompt = 0, tokens = 0, generate = 0, chunk = kUsualChunk;
    bool noFull = false, typedDtype = false;
};

/// The tokens of a recording as they are.
Result<void> takeTrace(const RunLine& line, RunOptions& options, Console& console)
{
    WINNOW_TRY_VOID(expectTrace(line.trace, "winnow run --trace"));
    WINNOW_TRY(const auto trace, openTrace(line.trace, console));
    RunOptions given = runOf(trace->info());
    if (line.typedDtype)
        given.text.dtype = dtypeNamed(line.dtype);
    options.text = std::move(given.text);
    options.given = std::move(given.given);
    options.given->manifest["trace"] = trace->path().filename().string();
    options.modelHash = std::move(given.modelHash);
    return {};
}

Result<void> takeText(const RunLine& line, RecordOptions& text, Console& console)
{
    WINNOW_TRY(text.text, readText(line.text, limitsFor(line.chat.chat ? 0 : line.tokens), console.job()));
    WINNOW_TRY(const bool chats, writeChat(line.chat, line.model, text.text, console));
    text.marks = !chats;
    text.textName = line.text == "-" ? "standard input" : std::filesystem::path(line.text).filename().string();
    text.maxTokens = line.tokens;
    text.dtype = dtypeNamed(line.dtype);
    return {};
}

Result<void> runPolicies(const RunLine& line, Console& console)
{
    RunOptions options{.prompt = line.prompt, .generate = line.generate, .full = !line.noFull};
    WINNOW_TRY(options.policies, specsOf(line.policies, console));
    WINNOW_TRY_VOID(line.trace.empty() ? takeText(line, options.text, console) : takeTrace(line, options, console));
    options.text.model = line.model;
    options.text.device = line.device;
    options.text.chunk = line.chunk;
    RunHooks hooks;
    hooks.planned = [&](const RunPlan& plan) {
        for (const std::string& warning : plan.warnings)
            console.warn(warning);
        console.say(fmt::format("running {} tokens{} under {} {}{}: {}", grouped(plan.tokens),
                                options.generate > 0 ? fmt::format(", the last {} of which the full cache first generates,",
                                                                   grouped(options.generate))
                                                     : "",
                                options.policies.size(), options.policies.size() == 1 ? "policy" : "policies",
                                plan.full ? " beside the full cache" : "", plan.memory));
    };
    std::vector<CacheMeasure> measures;
    hooks.measured = [&](std::span<const CacheMeasure> found) { measures.assign(found.begin(), found.end()); };
    WINNOW_TRY(const std::shared_ptr<const ReplayResult> result, runText(options, hooks, console.job()));
    for (const std::string& out : line.outs)
        WINNOW_TRY_VOID(writeReplay(*result, out));
    summarizeRun(*result, console);
    tellCaches(*result, measures, console);
    for (const std::string& out : line.outs)
        console.say(fmt::format("wrote {}", out));
    return {};
}

} // namespace

void addRun(CLI::App& app, Chosen& chosen)
{
    auto line = std::make_shared<RunLine>();
    CLI::App* command = app.add_subcommand("run", "Run a model over a text while policies evict from its cache (closed loop)");
    FileOptions& files = chosen.files;
    addModel(*command, files, line->model);
    CLI::Option_group* const given = command->add_option_group("what is run");
    CLI::Option* const text = files.reads(given->add_option("--text", line->text, "a UTF-8 text file, - for standard input"));
    text->type_name("FILE|-");
    files
        .reads(given->add_option("--trace", line->trace,
                                 "a recording, whose tokens run as they are, in the number type that it says"))
        ->type_name("T.h5");
    given->require_option(1);
    addPolicyLines(*command, files, line->policies, "run");
    command->add_option("--prompt", line->prompt, "read the first N tokens with full attention")
        ->type_name("N")
        ->check(CLI::NonNegativeNumber)
        ->capture_default_str();
    command
        ->add_option("--generate", line->generate,
                     "after the text, run over N tokens more that the model generates under its full cache, the likeliest each "
                     "time; without --prompt the whole text is the prompt")
        ->type_name("N")
        ->check(CLI::Range(2, 1 << 20))
        ->needs(text);
    command->add_option("--tokens", line->tokens, "at most so many tokens of the text (all unless said)")
        ->type_name("N")
        ->check(CLI::PositiveNumber)
        ->needs(text);
    addChat(*command, line->chat);
    command->get_option("--chat")->needs(text);
    command->add_option("--chunk", line->chunk, "tokens of the prompt that run together; 1: token by token")
        ->type_name("N")
        ->check(CLI::Range(1, 1 << 20))
        ->capture_default_str();
    command->add_flag(
        "--no-full", line->noFull,
        "leave out the full cache, which takes memory and time; without it there is no mass, error, KL and agreement");
    files
        .writes(command->add_option("--out", line->outs,
                                    "R.h5, R.npz (everything) or R.csv (means over lanes); may be given more than once"),
                {{"h5", WrittenKind::Replay}, {"npz", WrittenKind::Replay}, {"csv", WrittenKind::Numbers}})
        ->required()
        ->type_name("FILE")
        ->expected(1)
        ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
    addTypeAndDevice(*command, line->dtype, line->device);
    command->callback([line, command, &chosen] {
        chosen.usageIsWrongLine = true;
        line->typedDtype = command->get_option("--dtype")->count() > 0;
        chosen.work = [line](Console& console) { return runPolicies(*line, console); };
    });
}

} // namespace winnow::cli
