// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/model_facts.h"

#include "app/cli/chat_option.h"
#include "app/cli/console.h"
#include "core/io/disk.h"
#include "core/io/gguf.h"
#include "core/io/json.h"
#include "core/model/config/gguf_config.h"
#include "core/model/config/model_folder.h"
#include "core/model/config/refused_models.h"
#include "core/model/families/family.h"
#include "core/model/families/read_config.h"
#include "core/model/run/memory_need.h"
#include "core/model/run/unread_tensors.h"
#include "core/model/session/record.h"

#include <algorithm>
#include <functional>
#include <map>
#include <tuple>

namespace winnow {

namespace fs = std::filesystem;

namespace {

using Facts = std::vector<ModelFact>;

void addShared(const ModelConfig& config, Facts& facts)
{
    const auto taking = std::ranges::count_if(config.perLayer, [](const LayerConfig& layer) { return layer.keysOf >= 0; });
    if (taking > 0)
        facts.push_back(
            {"shared keys", fmt::format("{} of {} layers use the keys and values of earlier ones; each is recorded, and "
                                        "evicted from, as if it held them itself",
                                        taking, config.layers)});
}

std::string rotaryText(const RotaryConfig& rotary, int headDim)
{
    std::string text = fmt::format("{}, base {}", rotaryScalingName(rotary.scaling), rotary.theta);
    if (rotary.factor != 1)
        text += fmt::format(", × {:.4g}", rotary.factor);
    if (rotary.originalPositions > 0)
        text += fmt::format(", trained on {}", grouped(static_cast<std::int64_t>(rotary.originalPositions)));
    if (rotary.scaling == RotaryScaling::Proportional)
        text += fmt::format(", {} of {} pairs turn", rotary.turned, rotary.dims / 2);
    else if (rotary.dims != headDim)
        text += fmt::format(", {} of {} numbers of a head", rotary.dims, headDim);
    return text;
}

void addRotary(const ModelConfig& config, Facts& facts)
{
    if (config.rotaries.empty())
        facts.push_back({"rotary", "none: positions are learned"});
    for (std::size_t i = 0; i < config.rotaries.size(); ++i) {
        const auto turned =
            std::ranges::count_if(config.perLayer, [&](const LayerConfig& layer) { return layer.rotary == static_cast<int>(i); });
        if (turned == 0)
            continue;
        const bool all = turned == config.layers;
        const auto first = std::ranges::find(config.perLayer, static_cast<int>(i), &LayerConfig::rotary);
        facts.push_back({"rotary", rotaryText(config.rotaries[i], first->headDim) +
                                       (all ? "" : fmt::format(" (in {} of {} layers)", turned, config.layers))});
    }
}

void addWindows(const ModelConfig& config, Facts& facts)
{
    const auto slides = [](const LayerConfig& layer) { return layer.window > 0; };
    const auto sliding = std::ranges::count_if(config.perLayer, slides);
    if (sliding > 0)
        facts.push_back({"sliding window",
                         fmt::format("{} tokens, in {} of {} layers",
                                     grouped(std::ranges::find_if(config.perLayer, slides)->window), sliding, config.layers)});
    if (config.softcap > 0)
        facts.push_back({"softcap", fmt::format("{} on attention logits", config.softcap)});
}

std::string ggufTokenizerText(const GgufTable& table)
{
    const auto* kind = table.get<std::string_view>("tokenizer.ggml.model");
    const auto* tokens = table.get<std::vector<std::string_view>>("tokenizer.ggml.tokens");
    if (kind == nullptr || tokens == nullptr)
        return "none (the file holds none)";
    return fmt::format("{}, {} tokens (in the file)",
                       *kind == "llama"  ? "SentencePiece"
                       : *kind == "gpt2" ? "BPE"
                                         : std::string(kind->substr(0, 40)),
                       grouped(static_cast<std::int64_t>(tokens->size())));
}

/// What tokenizer.json says that it is.
std::string tokenizerText(const fs::path& folder)
{
    std::error_code error;
    const auto file = readJson(folder / "tokenizer.json");
    if (!file)
        return fs::exists(folder / "tokenizer.model", error) ? "SentencePiece (tokenizer.model)"
                                                             : "none (no tokenizer.json here)";
    const nlohmann::json model = file->is_object() ? file->value("model", nlohmann::json::object()) : nlohmann::json::object();
    const std::string kind =
        model.is_object() && model.contains("type") && model["type"].is_string() ? model["type"].get<std::string>() : "BPE";
    const std::size_t size = model.is_object() && model.contains("vocab") ? model["vocab"].size() : 0;
    return fmt::format("{}, {} tokens (tokenizer.json)", kind, grouped(static_cast<std::int64_t>(size)));
}

Result<void> addFiles(const fs::path& place, const ModelConfig& config, Facts& facts)
{
    std::uint64_t bytes = 0;
    std::error_code error;
    if (const auto files = modelFiles(place))
        for (const fs::path& file : *files)
            bytes += fs::file_size(file, error);
    if (isGguf(place)) {
        WINNOW_TRY(const auto file, GgufFile::open(place));
        facts.push_back({"weights", fmt::format("{}, {} (GGUF)", sizeText(bytes), ggufKinds(file->table()))});
        facts.push_back({"tokenizer", ggufTokenizerText(file->table())});
        return {};
    }
    const std::string dtype = config.storedDtype.empty() ? "" : ", " + config.storedDtype;
    facts.push_back({"weights", bytes == 0 ? "none (no .safetensors here)" : sizeText(bytes) + dtype});
    facts.push_back({"tokenizer", tokenizerText(place)});
    return {};
}

} // namespace

std::string headsText(std::span<const LayerInfo> layers)
{
    std::map<std::tuple<int, int, int>, int> kinds;
    for (const LayerInfo& layer : layers)
        ++kinds[{layer.queryHeads, layer.keyHeads, layer.headDim}];
    std::vector<std::pair<std::tuple<int, int, int>, int>> order(kinds.begin(), kinds.end());
    std::ranges::stable_sort(order, std::greater(), &std::pair<std::tuple<int, int, int>, int>::second);
    std::string text;
    for (const auto& [sizes, count] : order) {
        const auto [queryHeads, keyHeads, headDim] = sizes;
        text += fmt::format("{}{} query, {} KV, {} numbers each", text.empty() ? "" : "; ", queryHeads, keyHeads, headDim);
        if (order.size() > 1)
            text += fmt::format(" in {} of {} layers", count, layers.size());
    }
    return text;
}

Result<Facts> modelFacts(const fs::path& path, int tokens)
{
    WINNOW_TRY(const fs::path place, resolveModel(path));
    WINNOW_TRY(const ModelConfig config, readModelConfig(place));
    if (!isGguf(place))
        WINNOW_TRY_VOID(checkWeightFormat(place));
    std::vector<LayerInfo> shapes;
    for (const LayerConfig& layer : config.perLayer)
        shapes.push_back({.queryHeads = config.queryHeads, .keyHeads = layer.keyHeads, .headDim = layer.headDim});
    Facts facts{{"name", modelName(place)},
                {"family", fmt::format("{} ({})", config.family->title, config.modelType)},
                {"layers", grouped(config.layers)},
                {"heads", headsText(shapes)},
                {"hidden size", fmt::format("{}, {} inside", grouped(config.hidden), grouped(config.intermediate))},
                {"vocabulary", grouped(config.vocabulary)},
                {"context", fmt::format("{} tokens", grouped(config.maxPositions))}};
    addRotary(config, facts);
    addWindows(config, facts);
    addShared(config, facts);
    WINNOW_TRY_VOID(addFiles(place, config, facts));
    if (const auto unread = unreadTensors(place, config); unread && !unread->empty())
        facts.push_back({"not read", unreadWarning(*unread)});
    for (auto& [name, value] : cli::chatFacts(place))
        facts.push_back({name, std::move(value)});
    const auto bytesOf = [&](int each) { return sizeText(static_cast<std::uint64_t>(config.cacheBytesPerToken(each))); };
    facts.push_back({"KV cache", fmt::format("{} a token in float32, {} in 16 bits", bytesOf(4), bytesOf(2))});
    facts.push_back({"trace", fmt::format("{} for {} tokens in float32, {} in 16 bits",
                                          sizeText(traceBytesOf(config, tokens, Dtype::Float32)), grouped(tokens),
                                          sizeText(traceBytesOf(config, tokens, Dtype::Float16)))});
    facts.push_back({"to run", fmt::format("{} of memory on the CPU in float32, {} in bfloat16",
                                           sizeText(memoryNeed(config, tokens, Dtype::Float32).total()),
                                           sizeText(memoryNeed(config, tokens, Dtype::BFloat16).total()))});
    return facts;
}

} // namespace winnow
