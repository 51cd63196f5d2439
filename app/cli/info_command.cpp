// winnow info: what a model, text, trace, replay or session holds.
#include "app/cli/commands.h"
#include "app/cli/file_kind.h"
#include "core/io/disk.h"
#include "core/io/json.h"
#include "core/replay/replay_file.h"
#include "core/trace/trace.h"

#include <CLI/CLI.hpp>

#include <cmath>

namespace winnow::cli {

namespace fs = std::filesystem;

namespace {

void line(Console& console, std::string_view name, std::string_view value) { console.say(fmt::format("  {:<18} {}", name, value)); }

std::string layerList(const std::vector<Layer>& layers)
{
    if (layers.empty())
        return "none";
    const int first = raw(layers.front()), last = raw(layers.back());
    const bool gaps = last - first + 1 != static_cast<int>(layers.size());
    return fmt::format("{} ({} to {}{})", layers.size(), first, last, gaps ? ", some missing" : "");
}

Result<void> tellModel(const fs::path& path, Console& console)
{
    const fs::path folder = modelFolder(path);
    WINNOW_TRY(const nlohmann::json config, readJson(folder / "config.json"));
    if (!config.is_object())
        return fail(ErrorCode::BadInput, "'{}' holds no JSON object; a model's config.json is one", (folder / "config.json").string());
    for (const char* key : {"model_type", "num_hidden_layers", "hidden_size", "num_attention_heads", "num_key_value_heads", "head_dim",
                            "intermediate_size", "vocab_size", "max_position_embeddings", "torch_dtype", "dtype"})
        if (const auto found = config.find(key); found != config.end())
            line(console, key, found->is_string() ? found->get<std::string>() : found->dump());
    std::uint64_t bytes = 0;
    std::error_code error;
    for (const auto& entry : fs::directory_iterator(folder, error))
        if (entry.path().extension() == ".safetensors")
            bytes += entry.file_size(error);
    line(console, "weights", bytes == 0 ? "none (no .safetensors here)" : sizeText(bytes));
    line(console, "tokenizer", fs::exists(folder / "tokenizer.json", error) ? "tokenizer.json" : "none (no tokenizer.json here)");
    return {};
}

Result<void> tellText(const fs::path& path, Console& console)
{
    WINNOW_TRY(const std::string text, readText(path.string()));
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
    if (!info.layerInfo.empty()) {
        const LayerInfo& first = info.layerInfo.front();
        line(console, "heads", fmt::format("{} query, {} KV, {} numbers each", first.queryHeads, first.keyHeads, first.headDim));
    }
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

Result<void> tellReplay(const fs::path& path, Console& console)
{
    WINNOW_TRY(const std::shared_ptr<const ReplayResult> result, readReplay(path));
    line(console, "loop", "open");
    line(console, "tokens", grouped(static_cast<std::int64_t>(result->tokenIds.size())));
    line(console, "prompt", grouped(result->prompt));
    line(console, "layers", layerList(result->layers));
    for (std::size_t p = 0; p < result->policies.size(); ++p)
        line(console, fmt::format("policy {}", p), result->policies[p]->spec.canonical());
    for (const auto& [key, value] : result->manifest)
        line(console, key, value);
    return {};
}

Result<void> tellSession(const fs::path& path, Console& console)
{
    WINNOW_TRY(const nlohmann::json session, readJson(path));
    if (!session.is_object() || session.value("format", "") != "winnow-session")
        return fail(ErrorCode::BadInput, "'{}' is no Winnow session: it has no \"format\": \"winnow-session\"", path.string());
    for (const auto& [key, value] : session.items()) {
        if (value.is_string())
            line(console, key, value.get<std::string>());
        else if (value.is_number())
            line(console, key, value.dump());
        else if (key == "policies" && value.is_array())
            for (const auto& policy : value)
                line(console, "policy", policy.is_string() ? policy.get<std::string>() : policy.dump());
    }
    return {};
}

Result<void> tell(const fs::path& path, Console& console)
{
    WINNOW_TRY(const FileKind kind, fileKind(path));
    console.say(fmt::format("{}: {}", path.string(), kindName(kind)));
    switch (kind) {
    case FileKind::Model: return tellModel(path, console);
    case FileKind::Text: return tellText(path, console);
    case FileKind::Trace: return tellTrace(path, console);
    case FileKind::Replay: return tellReplay(path, console);
    case FileKind::Session: return tellSession(path, console);
    }
    return {};
}

} // namespace

void addInfo(CLI::App& app, Chosen& chosen)
{
    auto path = std::make_shared<std::string>();
    CLI::App* command = app.add_subcommand("info", "Tell what a model, text, trace, replay or session holds");
    command->add_option("file", *path, "a file, or a model's folder")->required()->type_name("FILE");
    command->callback([path, &chosen] { chosen.work = [path](Console& console) { return tell(*path, console); }; });
}

} // namespace winnow::cli
