// SPDX-License-Identifier: GPL-3.0-or-later
// winnow generate: model folder + prompt → answer, and the trace of both.
#include "app/cli/chat_option.h"
#include "app/cli/commands.h"
#include "app/cli/model_options.h"
#include "app/cli/number_checks.h"
#include "app/cli/policy_lines.h"
#include "app/cli/trace_input.h"
#include "core/analysis/tables.h"
#include "core/evaluate/generate_under.h"
#include "core/model/session/generate.h"
#include "core/trace/trace.h"

#include <CLI/CLI.hpp>

namespace winnow::cli {

namespace {

struct GenerateLine {
    std::string model, prompt, text, trace, out, kept, dtype = "float32", device = "auto";
    int tokens = 128;
    std::optional<int> until;
    Sampling sampling;
    ChatLine chat;
    std::optional<IndexRange> layers;
    PolicyLines policies;
};

/// A row for every token that a lane holds in the end.
Tables keptTables(const TextAnswers& said)
{
    std::vector<std::int32_t> policies, layers, lanes, tokens;
    std::vector<std::string> specs, texts;
    for (std::size_t p = 0; p < said.answers.size(); ++p) {
        const TextAnswer& answer = said.answers[p];
        specs.push_back(answer.spec.canonical());
        texts.push_back(answer.text);
        for (std::size_t layer = 0; layer < answer.kept.size(); ++layer)
            for (std::size_t lane = 0; lane < answer.kept[layer].size(); ++lane)
                for (const std::int32_t token : answer.kept[layer][lane]) {
                    policies.push_back(static_cast<std::int32_t>(p));
                    layers.push_back(static_cast<std::int32_t>(layer));
                    lanes.push_back(static_cast<std::int32_t>(lane));
                    tokens.push_back(token);
                }
    }
    Tables tables;
    tables.row("policies", std::move(specs));
    tables.row("answers", std::move(texts));
    tables.fact("prompt", said.promptTokens);
    Table table{.axes = {{tokens.size()}}, .columns = {}};
    table.columns.push_back({"policy", {0}, std::move(policies)});
    table.columns.push_back({"layer", {0}, std::move(layers)});
    table.columns.push_back({"lane", {0}, std::move(lanes)});
    table.columns.push_back({"token", {0}, std::move(tokens)});
    tables.tables.push_back(std::move(table));
    return tables;
}

/// One answer a policy, and where it leaves the first.
Result<void> sayAnswers(const GenerateLine& line, const GenerateOptions& options, const std::vector<PolicySpec>& specs,
                        std::span<const std::int32_t> given, Console& console)
{
    RunHooks hooks;
    hooks.planned = [&](const RunPlan& plan) {
        for (const std::string& warning : plan.warnings)
            console.warn(warning);
    };
    WINNOW_TRY(const TextAnswers said, generateUnder(options, specs, console.job(), given, hooks));
    console.say(fmt::format("closed loop: {} {} of prompt, read with full attention; then at most {} under every policy",
                            grouped(said.promptTokens), said.promptTokens == 1 ? "token" : "tokens", grouped(options.tokens)));
    for (const TextAnswer& answer : said.answers) {
        console.say(fmt::format("\n{}  ({} {}, {:.1f} slots a lane in the end)", answer.spec.canonical(), answer.ids.size(),
                                answer.ids.size() == 1 ? "token" : "tokens", answer.stored));
        if (answer.difference) {
            console.sayText(fmt::format("{} >>> {}", answer.difference->same, answer.difference->own));
            console.say(fmt::format(">>> differs from the first answer from token {} on", answer.difference->token + 1));
        } else {
            console.sayText(answer.text);
        }
    }
    if (!line.kept.empty()) {
        WINNOW_TRY_VOID(writeTables(keptTables(said), {{"loop", "closed"}, {"model", line.model}}, line.kept));
        console.say(fmt::format("wrote {}", line.kept));
    }
    return {};
}

/// The tokens of the recording up to --until.
Result<std::vector<std::int32_t>> recordedTokens(const GenerateLine& line, Console& console)
{
    WINNOW_TRY_VOID(expectTrace(line.trace, "winnow generate --trace"));
    WINNOW_TRY(const auto trace, openTrace(line.trace, console));
    const std::vector<std::int32_t>& tokens = trace->info().tokens;
    const int last = line.until.value_or(trace->tokenCount() - 1);
    if (last >= trace->tokenCount())
        return fail(ErrorCode::BadInput, "--until is {}, and '{}' has the tokens 0 to {}", last, line.trace,
                    trace->tokenCount() - 1);
    return std::vector<std::int32_t>(tokens.begin(), tokens.begin() + last + 1);
}

Result<void> generateAnswer(const GenerateLine& line, Console& console)
{
    GenerateOptions options{.model = line.model,
                            .prompt = line.prompt,
                            .promptName = "prompt",
                            .tokens = line.tokens,
                            .sampling = line.sampling,
                            .dtype = dtypeNamed(line.dtype),
                            .device = line.device,
                            .out = line.out,
                            .layers = line.layers};
    if (!line.text.empty()) {
        WINNOW_TRY(options.prompt, readText(line.text, {}, console.job()));
        options.promptName = line.text == "-" ? "standard input" : std::filesystem::path(line.text).filename().string();
    }
    std::vector<std::int32_t> given;
    if (!line.trace.empty()) {
        WINNOW_TRY(given, recordedTokens(line, console));
    }
    WINNOW_TRY(const bool chats, writeChat(line.chat, line.model, options.prompt, console));
    options.marks = !chats;
    if (!line.policies.policies.empty()) {
        WINNOW_TRY(const std::vector<PolicySpec> specs, specsOf(line.policies, console));
        return sayAnswers(line, options, specs, given, console);
    }
    RecordPlan plan;
    RecordHooks hooks;
    hooks.planned = [&plan, &console](const RecordPlan& announced) {
        plan = announced;
        for (const std::string& warning : plan.warnings)
            console.warn(warning);
    };
    WINNOW_TRY(const Generated generated, generate(options, hooks, console.job()));
    for (const std::string& warning : generated.warnings)
        console.warn(warning);
    console.sayText(generated.answer);
    if (!line.out.empty())
        console.say(fmt::format("wrote {}: {} tokens, the first {} of them the prompt", line.out, grouped(plan.tokens),
                                grouped(generated.promptTokens)));
    return {};
}

} // namespace

void addGenerate(CLI::App& app, Chosen& chosen)
{
    auto line = std::make_shared<GenerateLine>();
    CLI::App* command = app.add_subcommand("generate", "Let a model continue a prompt, and record both");
    FileOptions& files = chosen.files;
    addModel(*command, files, line->model);
    CLI::Option_group* prompt = command->add_option_group("prompt");
    prompt->add_option("--prompt", line->prompt, "the prompt itself")->type_name("TEXT");
    files.reads(prompt->add_option("--text", line->text, "a UTF-8 file that holds the prompt, - for standard input"))
        ->type_name("FILE|-");
    CLI::Option* const trace =
        files.reads(prompt->add_option("--trace", line->trace, "a recording, whose tokens are the prompt as they are"));
    trace->type_name("T.h5");
    prompt->require_option(1);
    command->add_option("--until", line->until, "with --trace: the last token of the prompt (the recording's last unless said)")
        ->type_name("N")
        ->check(CLI::NonNegativeNumber)
        ->needs(trace);
    addChat(*command, line->chat);
    command->add_option("--tokens", line->tokens, "at most so many tokens of answer")
        ->type_name("N")
        ->check(CLI::Range(1, 1 << 24))
        ->capture_default_str();
    command
        ->add_option("--temperature", line->sampling.temperature, "0: always the likeliest token; 1: as likely as the model says")
        ->type_name("T")
        ->check(CLI::Range(0.0, 100.0))
        ->check(realNumber)
        ->capture_default_str();
    CLI::Option* const topP =
        command->add_option("--top-p", line->sampling.topP, "draw from the likeliest tokens that together have this probability");
    topP->type_name("P")->check(CLI::Range(0.0, 1.0))->check(realNumber)->capture_default_str();
    CLI::Option* const seed =
        command->add_option("--seed", line->sampling.seed, "seed of the random draws: the same seed gives the same answer");
    seed->type_name("N")->check(wholeFromZero)->capture_default_str();
    CLI::Option* const out = files.writes(command->add_option("--out", line->out, "record prompt and answer to this trace (.h5)"),
                                          {{"h5", WrittenKind::Trace}, {"hdf5", WrittenKind::Trace}});
    out->type_name("T.h5");
    addPolicyLines(*command, files, line->policies, "answer under")->required(false);
    CLI::Option* const kept =
        files.writes(command->add_option("--kept", line->kept,
                                         "with --policy: the tokens of prompt and answer that each lane holds in the end "
                                         "(.csv, .npz)"),
                     {{"csv", WrittenKind::Numbers}, {"npz", WrittenKind::Numbers}});
    kept->type_name("K.csv");
    addRange(*command, "--layers", line->layers, "layers to store, first to last (all unless said)")->needs(out);
    addTypeAndDevice(*command, line->dtype, line->device);
    command->callback([line, &chosen, topP, seed] {
        for (const CLI::Option* draws : {topP, seed})
            if (line->sampling.temperature == 0 && draws->count() > 0)
                throw CLI::ParseError(
                    fmt::format("{} is about draws, and at --temperature 0 nothing is drawn; give a --temperature "
                                "above 0, or leave {} out",
                                draws->get_name(), draws->get_name()),
                    CLI::ExitCodes::ValidationError);
        if (line->policies.policies.empty() && !line->trace.empty())
            throw CLI::ParseError(
                "--trace gives tokens that are answered under policies; add --policy (full: nothing is evicted)",
                CLI::ExitCodes::ValidationError);
        if (line->policies.policies.empty() && !line->kept.empty())
            throw CLI::ParseError("--kept tells what policies hold; add --policy (full: nothing is evicted)",
                                  CLI::ExitCodes::ValidationError);
        if (!line->policies.policies.empty() && !line->out.empty())
            throw CLI::ParseError("--out records one answer of the full cache, and --policy asks for others; leave one out",
                                  CLI::ExitCodes::ValidationError);
        chosen.usageIsWrongLine = true;
        chosen.work = [line](Console& console) { return generateAnswer(*line, console); };
    });
}

} // namespace winnow::cli
