// SPDX-License-Identifier: GPL-3.0-or-later
// winnow info: what a model, text, trace, replay, session or file of lifetimes holds.
#include "app/cli/commands.h"
#include "app/cli/file_kind.h"
#include "app/cli/model_facts.h"
#include "app/cli/session_file.h"
#include "core/analysis/run_costs.h"
#include "core/base/printable.h"
#include "core/io/disk.h"
#include "core/io/mapped_file.h"
#include "core/io/npz.h"
#include "core/model/config/model_folder.h"
#include "core/policy/policy_spec.h"
#include "core/replay/replay_file.h"
#include "core/replay/stored_slots.h"
#include "core/trace/trace.h"

#include <CLI/CLI.hpp>

#include <algorithm>
#include <cmath>

namespace winnow::cli {

namespace fs = std::filesystem;

namespace {

/// A name or value that comes from a file may be of any length.
void line(Console& console, std::string_view name, std::string_view value)
{
    constexpr std::size_t kLongName = 100, kLongValue = 2000;
    console.say(fmt::format("  {:<18} {}", shortPrintable(name, kLongName), shortPrintable(value, kLongValue)));
}

std::string layerList(const std::vector<Layer>& layers)
{
    if (layers.empty())
        return "none";
    const int first = raw(layers.front()), last = raw(layers.back());
    const bool gaps = last - first + 1 != static_cast<int>(layers.size());
    return fmt::format("{} ({} to {}{})", layers.size(), first, last, gaps ? ", some missing" : "");
}

Result<void> tellModel(const fs::path& path, int tokens, Console& console)
{
    WINNOW_TRY(const std::vector<ModelFact> facts, modelFacts(path, tokens));
    for (const auto& [name, value] : facts)
        line(console, name, value);
    return {};
}

Result<void> tellText(const fs::path& path, Console& console)
{
    WINNOW_TRY(const MappedFile file, MappedFile::open(path));
    const std::string_view text = file.text();
    line(console, "bytes", grouped(static_cast<std::int64_t>(text.size())));
    line(console, "lines", grouped(std::count(text.begin(), text.end(), '\n')));
    return {};
}

Result<void> tellTrace(const fs::path& path, Console& console)
{
    WINNOW_TRY(const std::shared_ptr<const Trace> trace, Trace::open(path));
    const TraceInfo& info = trace->info();
    std::error_code error;
    line(console, "tokens", grouped(trace->tokenCount()));
    line(console, "prompt", grouped(info.prompt));
    line(console, "layers", layerList(info.layers));
    if (!info.layerInfo.empty())
        line(console, "heads", headsText(info.layerInfo));
    double sum = 0;
    int count = 0;
    for (const float logprob : info.logprob)
        if (!std::isnan(logprob)) {
            sum += static_cast<double>(logprob);
            ++count;
        }
    if (count > 0)
        line(console, "loss", fmt::format("{:.4f} nats a token, perplexity {:.2f}", -sum / count, std::exp(-sum / count)));
    line(console, "size", sizeText(fs::file_size(path, error)));
    line(console, "complete", info.complete ? "yes" : "no: the recording was cut short");
    for (const auto& [key, value] : info.manifest)
        line(console, key, value);
    return {};
}

/// What a run found out; nothing of a replay.
void tellLosses(const ReplayResult& result, Console& console)
{
    const int first = firstJudged(result);
    const auto tell = [&](const std::string& what, const std::vector<float>& logprob) {
        if (const auto loss = meanLoss(logprob, first))
            line(console, what,
                 fmt::format("{:.4f} nats a token from token {} on, perplexity {:.2f}", *loss, first, *perplexityOf(loss)));
    };
    tell("loss full", result.logprob);
    for (std::size_t p = 0; p < result.policies.size(); ++p)
        tell(fmt::format("loss {}", p), result.policies[p]->run.logprob);
}

Result<void> tellReplay(const fs::path& path, Console& console)
{
    WINNOW_TRY(const std::shared_ptr<const ReplayResult> result, readReplay(path));
    line(console, "loop", result->closedLoop() ? "closed" : "open");
    line(console, "tokens", grouped(static_cast<std::int64_t>(result->tokenIds.size())));
    line(console, "prompt", grouped(result->prompt));
    line(console, "layers", layerList(result->layers));
    for (std::size_t p = 0; p < result->policies.size(); ++p) {
        line(console, fmt::format("policy {}", p), result->policies[p]->spec.canonical());
        if (const auto stored = storedSlots(*result, *result->policies[p]))
            line(console, "", storedText(*stored));
    }
    tellLosses(*result, console);
    for (const auto& [key, value] : result->manifest)
        if (key != "loop")
            line(console, key, value);
    return {};
}

Result<void> tellSession(const fs::path& path, Console& console)
{
    WINNOW_TRY(const MappedFile bytes, MappedFile::open(path));
    WINNOW_TRY(const SessionFile session, parseSessionFile(bytes.text(), fmt::format("session '{}'", path.string())));
    const auto told = [&](std::string_view name, const std::string& value) {
        if (!value.empty())
            line(console, name, value);
    };
    told("model", session.modelName.empty() ? session.model.absolute : session.modelName);
    told("text", session.textName.empty() ? session.text.absolute : session.textName);
    told("recording", session.trace.absolute);
    told("replay", session.replay.absolute);
    for (const PolicySpec& policy : session.policies)
        line(console, "policy", policy.canonical());
    line(console, "prompt", grouped(session.prompt));
    line(console, "step", grouped(session.selection.step));
    return {};
}

Result<void> tellLifetimes(const fs::path& path, Console& console)
{
    WINNOW_TRY(const NpzFile file, readNpz(path));
    for (const char* name : {"evict_step", "kept.0"})
        if (file.has(name)) {
            WINNOW_TRY(const std::vector<std::size_t> shape, file.shape(name));
            line(console, name, fmt::format("[{}]", fmt::join(shape, ", ")));
        }
    line(console, "policy", parsePolicySpec("given")->with("file", path.string())->canonical());
    return {};
}

Result<void> tell(const fs::path& path, int tokens, Console& console)
{
    WINNOW_TRY(const FileKind kind, fileKind(path));
    if (kind == FileKind::Folder)
        WINNOW_TRY_VOID(resolveModel(path)); // says what is missing
    console.say(fmt::format("{}: {}", shortPrintable(path.string()), kindName(kind)));
    switch (kind) {
    case FileKind::Model:
        return tellModel(path, tokens, console);
    case FileKind::Text:
        return tellText(path, console);
    case FileKind::Trace:
        return tellTrace(path, console);
    case FileKind::Replay:
        return tellReplay(path, console);
    case FileKind::Session:
        return tellSession(path, console);
    case FileKind::Lifetimes:
        return tellLifetimes(path, console);
    case FileKind::Folder:
        break;
    }
    return {};
}

} // namespace

void addInfo(CLI::App& app, Chosen& chosen)
{
    auto path = std::make_shared<std::string>();
    auto tokens = std::make_shared<int>(2048);
    CLI::App* command = app.add_subcommand("info", "Tell what a model, text, trace, replay or session holds");
    command->add_option("file", *path, "a file, or a model's folder")->required()->type_name("FILE");
    command->add_option("--tokens", *tokens, "for a model: the tokens of the text for which trace size and memory are estimated")
        ->type_name("N")
        ->check(CLI::Range(1, 1 << 24))
        ->capture_default_str();
    command->callback(
        [path, tokens, &chosen] { chosen.work = [path, tokens](Console& console) { return tell(*path, *tokens, console); }; });
}

} // namespace winnow::cli
