// SPDX-License-Identifier: GPL-3.0-or-later
// winnow record: model folder + text → trace.
#include "app/cli/chat_option.h"
#include "app/cli/commands.h"
#include "app/cli/model_options.h"
#include "core/io/disk.h"
#include "core/model/config/model_folder.h"
#include "core/model/families/read_config.h"
#include "core/model/run/memory_need.h"
#include "core/model/session/record.h"

#include <CLI/CLI.hpp>

namespace winnow::cli {

namespace {

struct RecordLine {
    std::string model, text, out, dtype = "float32", device = "auto";
    int tokens = 0;
    ChatLine chat;
    std::optional<IndexRange> layers;
};

Result<void> recordTrace(const RecordLine& line, Console& console)
{
    RecordOptions options;
    options.model = line.model;
    // A chat may be one JSON list, so it is read whole.
    WINNOW_TRY(options.text, readText(line.text, limitsFor(line.chat.chat ? 0 : line.tokens), console.job()));
    WINNOW_TRY(const bool chats, writeChat(line.chat, line.model, options.text, console));
    options.marks = !chats;
    options.textName = line.text == "-" ? "standard input" : std::filesystem::path(line.text).filename().string();
    options.out = line.out;
    options.maxTokens = line.tokens;
    options.layers = line.layers;
    options.dtype = dtypeNamed(line.dtype);
    options.device = line.device;

    WINNOW_TRY(const std::filesystem::path place, resolveModel(line.model));
    WINNOW_TRY(const ModelConfig config, readModelConfig(place));
    RecordHooks hooks;
    hooks.planned = [&console, &config, &options](const RecordPlan& plan) {
        for (const std::string& warning : plan.warnings)
            console.warn(warning);
        console.say(fmt::format("recording {} tokens: {} to write, {} free; {}", grouped(plan.tokens), sizeText(plan.bytes),
                                sizeText(plan.freeBytes),
                                memoryText(memoryNeed(config, plan.tokens, options.dtype, options.chunk, plan.streamed))));
    };
    WINNOW_TRY(const RecordPlan plan, record(options, hooks, console.job()));
    console.say(fmt::format("wrote {}: {} tokens", line.out, grouped(plan.tokens)));
    return {};
}

} // namespace

Dtype dtypeNamed(const std::string& name)
{
    return name == "bfloat16" ? Dtype::BFloat16 : name == "float16" ? Dtype::Float16 : Dtype::Float32;
}

void addRecord(CLI::App& app, Chosen& chosen)
{
    auto line = std::make_shared<RecordLine>();
    CLI::App* command = app.add_subcommand("record", "Run a model over a text and record what attention did (a trace)");
    FileOptions& files = chosen.files;
    addModel(*command, files, line->model);
    files.reads(command->add_option("--text", line->text, "a UTF-8 text file, - for standard input"))
        ->required()
        ->type_name("FILE|-");
    files
        .writes(
            command->add_option("--out", line->out, "the trace to write (.h5); an older one is replaced only by a complete one"),
            {{"h5", WrittenKind::Trace}, {"hdf5", WrittenKind::Trace}})
        ->required()
        ->type_name("T.h5");
    command->add_option("--tokens", line->tokens, "at most so many tokens of the text (all unless said)")
        ->type_name("N")
        ->check(CLI::PositiveNumber);
    addChat(*command, line->chat);
    addRange(*command, "--layers", line->layers, "layers to store, first to last (all unless said)");
    addTypeAndDevice(*command, line->dtype, line->device);
    command->callback([line, &chosen] {
        chosen.usageIsWrongLine = true;
        chosen.work = [line](Console& console) { return recordTrace(*line, console); };
    });
}

} // namespace winnow::cli
